"""Tables of missing answers: how many and whether at random, and regressions with them imputed."""

from collections.abc import Sequence

from manyi_outputs.appendix.footnotes import Footnotes
from manyi_outputs.appendix.records import Record, Tables, given, grouped, records
from manyi_outputs.appendix.regression import Blocks, main_errors, probability_note, regressions
from manyi_outputs.appendix.table import Cell, Column, Row, Table, section_row
from manyi_outputs.context import Context, plain
from manyi_outputs.wording import Kind
from manyi_outputs.wording.numerals import stars

_TEST = {
    "n": Kind.count,
    "complete": Kind.share,
    "patterns": Kind.count,
    "chi2": Kind.statistic,
    "df": Kind.df,
    "p": Kind.p,
}
_POOLED = {"b": Kind.coefficient, "se": Kind.coefficient, "p": Kind.p, "fmi": Kind.bounded}


def missing(tables: Tables, context: Context) -> list[Table]:
    """Return how complete the answers to each scale are, and Little's test; nothing without the table."""
    rows = records(tables, "mcar")
    if not rows:
        return []
    complete = {
        (str(row["role"]), str(row["set"])): row["share"]
        for row in records(tables, "missing_patterns")
        if row["k_missing"] == 0
    }
    words, notes = context.words, Footnotes(context)
    body: list[Row] = []
    for (role,), members in grouped(rows, "role"):
        body.append(section_row(context.role(role)))
        for row in members:
            shown = {**row, "complete": complete.get((role, str(row["set"])), 0.0)}
            cells = (notes.cell(shown.get(name), kind, row.get("reason")) for name, kind in _TEST.items())
            body.append(Row((Cell(context.scale(role, str(row["set"]))), *cells)))
    columns = (
        Column(words("heading.scale"), width=24, words=True),
        *(
            Column(words(f"heading.{name}" if name != "n" else "heading.answered_rows"), width=11)
            for name in _TEST
        ),
    )
    title, general = words("title.missing"), (words("note.missing"), words("note.empty"))
    return [Table("missing", "items", title, columns, tuple(body), general, notes.specific)]


def missing_rule(rows: Sequence[Record], context: Context) -> str:
    """Return in words which rows statistics rest on where answers are missing; listwise if nothing tells."""
    rule = next((str(row["missing_rule"]) for row in rows if given(row.get("missing_rule"))), "listwise")
    return context.words(f"term.rows_{rule}")


def imputed(tables: Tables, context: Context) -> list[Table]:
    """Return one table a regression that was also made with missing answers imputed."""
    # The errors planned second stand in the result table only.
    terms = {
        key: main_errors(rows)[0]
        for key, rows in grouped(records(tables, "regression_imputed"), "role", "outcome")
    }
    models = {
        key: rows for key, rows in grouped(records(tables, "regression_imputed_models"), "role", "outcome")
    }
    return [
        _imputed(blocks, terms[blocks.role, blocks.outcome], models[blocks.role, blocks.outcome], context)
        for blocks in regressions(tables, context)
        if (blocks.role, blocks.outcome) in terms
    ]


def _imputed(blocks: Blocks, terms: list[Record], models: list[Record], context: Context) -> Table:
    words, notes = context.words, Footnotes(context)
    names = list(dict.fromkeys(name for name in (blocks.model_of("total"), blocks.names[-1]) if name))
    complete = {(plain(row["model"]), str(row["term"])): row for row in blocks.coefficients}
    pooled = {(plain(row["model"]), str(row["term"])): row for row in terms}
    last = [row for row in terms if plain(row["model"]) == names[-1]]
    body: list[Row] = []
    for (block,), members in grouped(last, "block"):
        if block:
            body.append(section_row(context.block(block)))
        for row in members:
            line = [Cell(context.term(blocks.role, str(row["term"])))]
            for name in names:
                key = (name, str(row["term"]))
                line += _pair(complete.get(key), pooled.get(key), notes)
            body.append(Row(tuple(line)))
    columns = [Column(words("heading.term"), width=30, words=True)]
    for name in names:
        spanner = words("heading.model", model=name)
        columns.append(Column(words("heading.b_complete"), spanner, width=11, room="***"))
        columns += [
            Column(
                words("heading.b_imputed" if key == "b" else f"heading.{key}"),
                spanner,
                width=11 if key == "b" else 8,
                room="***" if key == "b" else "",
            )
            for key in _POOLED
        ]
    first = models[0]
    numbers = {name: context.numerals.text(Kind.count, first[name]) for name in ("m", "n", "rows_imputed")}
    used = next((row["n"] for row in blocks.models if given(row.get("n"))), None)
    numbers["complete"] = context.numerals.text(Kind.count, used) if used is not None else "–"
    return Table(
        key=f"imputed-{blocks.role}-{blocks.outcome}",
        section="regression",
        title=words(
            "title.imputed",
            role=context.role(blocks.role),
            outcome=context.index(blocks.role, blocks.outcome),
        ),
        columns=tuple(columns),
        rows=tuple(body),
        notes=(words("note.imputed", **numbers),),
        specific=notes.specific,
        probability=probability_note(context),
    )


def _pair(complete: Record | None, pooled: Record | None, notes: Footnotes) -> list[Cell]:
    """Return a term's coefficient from complete rows, and its pooled numbers."""
    if complete is None and pooled is None:
        return [Cell("")] * (1 + len(_POOLED))
    before = complete or {}
    cells = [notes.cell(before.get("b"), Kind.coefficient, before.get("reason"), mark=_mark(before))]
    after = pooled or {}
    for key, kind in _POOLED.items():
        mark = _mark(after) if key == "b" else ""
        cells.append(notes.cell(after.get(key), kind, after.get("reason") if key == "b" else "", mark=mark))
    return cells


def _mark(row: Record) -> str:
    return "*" * stars(row["p"]) if given(row.get("p")) else ""
