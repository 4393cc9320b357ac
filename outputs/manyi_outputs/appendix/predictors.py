"""Tables on a regression's predictors: errors side by side, shares of R², near dependencies, school means."""

from collections.abc import Iterator

from manyi_outputs.appendix.footnotes import Footnotes, said
from manyi_outputs.appendix.multilevel import term_title
from manyi_outputs.appendix.records import Record, Tables, given, grouped, records
from manyi_outputs.appendix.regression import Blocks, probability_note, regressions
from manyi_outputs.appendix.table import Cell, Column, Row, Table, section_row
from manyi_outputs.context import Context, plain
from manyi_outputs.wording import Kind
from manyi_outputs.wording.numerals import stars

_ERRORS = {"se": Kind.coefficient, "t": Kind.statistic, "df": Kind.mean, "p": Kind.p}
_SHARES = {
    "share": Kind.bounded,
    "percent": Kind.index,
    "alone": Kind.bounded,
    "last": Kind.bounded,
    "beta": Kind.coefficient,
    "rank": Kind.count,
}
_MEANS = {
    "estimate": Kind.coefficient,
    "se": Kind.coefficient,
    "t": Kind.statistic,
    "p": Kind.p,
    "low": Kind.coefficient,
    "high": Kind.coefficient,
}


def predictors(tables: Tables, context: Context) -> list[Table]:
    """Return the tables on predictors that the results can fill."""
    made = [table for blocks in regressions(tables, context) for table in _errors(blocks, context)]
    made += _importance(tables, context)
    made += _collinearity(tables, context)
    return [*made, *_school_means(tables, context)]


def _errors(blocks: Blocks, context: Context) -> Iterator[Table]:
    """Yield the model of total effects with both kinds of clustered errors."""
    if not blocks.other_errors:
        return
    words, notes = context.words, Footnotes(context)
    model = blocks.model_of("total") or blocks.names[-1]
    rows = [row for row in blocks.coefficients if plain(row["model"]) == model]
    others = {str(row["term"]): row for row in blocks.other_errors if plain(row["model"]) == model}
    if not others:
        return
    kinds = (
        next(str(row["se_type"]) for row in rows if row.get("se_type")),
        str(next(iter(others.values()))["se_type"]),
    )
    body = []
    for row in rows:
        line = [
            Cell(context.term(blocks.role, str(row["term"]))),
            notes.cell(row.get("b"), Kind.coefficient, row.get("reason")),
        ]
        for one in (row, others.get(str(row["term"]), {})):
            for name, kind in _ERRORS.items():
                mark = "*" * stars(one["p"]) if name == "p" and given(one.get("p")) else ""
                line.append(notes.cell(one.get(name), kind, mark=mark))
        body.append(Row(tuple(line)))
    columns = [Column(words("heading.term"), width=30, words=True), Column(words("heading.b"), width=11)]
    for kind_name in kinds:
        columns += [
            Column(
                words(f"heading.{name}"),
                kind_name,
                width=9,
                room="***" if name == "p" else "",
            )
            for name in _ERRORS
        ]
    yield Table(
        key=f"errors-{blocks.role}-{blocks.outcome}",
        section="regression",
        title=words(
            "title.errors",
            role=context.role(blocks.role),
            outcome=context.index(blocks.role, blocks.outcome),
            model=model,
        ),
        columns=tuple(columns),
        rows=tuple(body),
        notes=(words("note.errors"),),
        specific=notes.specific,
        probability=probability_note(context),
    )


def _importance(tables: Tables, context: Context) -> list[Table]:
    rows = records(tables, "importance")
    if not rows:
        return []
    words, notes = context.words, Footnotes(context)
    body: list[Row] = []
    for (role, outcome, among), members in grouped(rows, "role", "outcome", "among"):
        heading = words(
            "term.importance_of",
            role=context.role(role),
            outcome=context.index(role, outcome),
            among=words.term("importance_among", among),
        )
        body.append(section_row(heading))
        for row in members:
            name = str(row["term"])
            title = context.block(name) if among == "blocks" else context.term(role, name)
            cells = (notes.cell(row.get(key), kind, row.get("reason")) for key, kind in _SHARES.items())
            body.append(Row((Cell(title), *cells)))
    columns = (
        Column(words("heading.term"), width=34, words=True),
        *(Column(words(f"heading.importance_{name}"), width=10) for name in _SHARES),
    )
    general = (words("note.importance_shares"), words("note.importance_mediators"))
    return [
        Table(
            "importance-shares",
            "regression",
            words("title.importance_shares"),
            columns,
            tuple(body),
            general,
            notes.specific,
        )
    ]


def _collinearity(tables: Tables, context: Context) -> list[Table]:
    """Return the predictors of the models of total effects; advice as letters."""
    rows = records(tables, "collinearity")
    if not rows:
        return []
    words, notes = context.words, Footnotes(context)
    body: list[Row] = []
    for (role, outcome), members in grouped(rows, "role", "outcome"):
        model = plain(members[0]["model"])
        own = [row for row in members if plain(row["model"]) == model]
        heading = words(
            "term.model_of", role=context.role(role), outcome=context.index(role, outcome), model=model
        )
        body.append(section_row(heading))
        for row in own:
            title = context.term(role, str(row["term"])) if given(row.get("term")) else ""
            why = {"reason": said(row.get("advice"))}
            numbers = (
                notes.cell(row.get(name), kind, row.get("reason"))
                for name, kind in (("vif", Kind.mean), ("tolerance", Kind.bounded))
            )
            schools = row.get("vif_schools")
            among = notes.cell(schools, Kind.mean) if given(schools) else Cell("")
            body.append(Row((notes.label(title, why), *numbers, among)))
        if given(own[0].get("condition_index")):
            index = notes.cell(own[0]["condition_index"], Kind.mean)
            body.append(Row((Cell(words("term.condition_index")), index, Cell(""), Cell(""))))
    columns = (
        Column(words("heading.term"), width=34, words=True),
        *(Column(words(f"heading.{name}"), width=12) for name in ("vif", "tolerance", "vif_schools")),
    )
    return [
        Table(
            "collinearity",
            "regression",
            words("title.collinearity"),
            columns,
            tuple(body),
            (words("note.collinearity"),),
            notes.specific,
        )
    ]


def _school_means(tables: Tables, context: Context) -> list[Table]:
    """Return the regressions among schools, every school counting the same."""
    rows = [row for row in records(tables, "school_means") if row.get("weights") == "equal"]
    if not rows:
        return []
    words, notes = context.words, Footnotes(context)
    body: list[Row] = []
    for (role, outcome), members in grouped(rows, "role", "outcome"):
        body.append(section_row(_schools_heading(role, outcome, members[0], context)))
        for row in members:
            title = term_title(context, role, str(row["term"])) if given(row.get("term")) else ""
            cells = []
            for name, kind in _MEANS.items():
                mark = "*" * stars(row["p"]) if name == "estimate" and given(row.get("p")) else ""
                # The correction's reason does not concern these numbers.
                reason = "" if given(row.get("estimate")) else row.get("reason")
                cells.append(notes.cell(row.get(name), kind, reason, mark=mark))
            body.append(Row((Cell(title), *cells)))
    limits = words("heading.confidence", level=context.level)
    columns = (
        Column(words("heading.term"), width=34, words=True),
        Column(words("heading.b"), width=11, room="***"),
        *(Column(words(f"heading.{name}"), width=9) for name in ("se", "t", "p")),
        Column(words("heading.low"), limits, width=10),
        Column(words("heading.high"), limits, width=10),
    )
    return [
        Table(
            "school-means",
            "regression",
            words("title.school_means"),
            columns,
            tuple(body),
            (words("note.school_means"),),
            notes.specific,
            probability_note(context),
        )
    ]


def _schools_heading(role: str, outcome: str, row: Record, context: Context) -> str:
    words, numerals = context.words, context.numerals
    named = {"role": context.role(role), "outcome": context.index(role, outcome)}
    if not given(row.get("schools")):
        return words("term.school_means_of", **named)
    return words(
        "term.school_means_facts",
        schools=int(row["schools"]),
        r2=numerals.text(Kind.bounded, float(row["r2"])),
        reliability=numerals.text(Kind.bounded, float(row["outcome_reliability"])),
        **named,
    )
