"""Tables of mixed and ordinal models with missing answers imputed, beside those of complete rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from manyi_outputs.appendix.footnotes import Footnotes, said
from manyi_outputs.appendix.multilevel import model_name, term_title
from manyi_outputs.appendix.records import Record, Tables, given, grouped, records
from manyi_outputs.appendix.regression import probability_note
from manyi_outputs.appendix.table import Cell, Column, Row, Table, section_row
from manyi_outputs.context import Context
from manyi_outputs.wording import Kind
from manyi_outputs.wording.numerals import stars

_POOLED = {"estimate": Kind.coefficient, "se": Kind.coefficient, "p": Kind.p, "fmi": Kind.bounded}
_SHARES = {
    "var_school": ("heading.variance_school", Kind.coefficient),
    "var_residual": ("heading.variance_residual", Kind.coefficient),
    "icc": ("heading.icc", Kind.bounded),
    "r2_marginal": ("heading.r2_marginal", Kind.bounded),
    "r2_conditional": ("heading.r2_conditional", Kind.bounded),
}


@dataclass(frozen=True, slots=True)
class _Pair:
    """One model: coefficients by term of complete rows and pooled, numbers below them; or why it has none."""

    heading: str
    complete: Mapping[str, Record]
    pooled: Mapping[str, Record]
    shares: Sequence[tuple[str, Kind, object, object]]
    reason: object


def imputed_models(tables: Tables, context: Context) -> list[Table]:
    """Return a table of the mixed models of every imputed regression, and one of every ordered answer."""
    return [*_mixed(tables, context), *_ordinal(tables, context)]


def _mixed(tables: Tables, context: Context) -> list[Table]:
    made = []
    for (role, outcome), models in grouped(records(tables, "multilevel_imputed_models"), "role", "outcome"):
        known = {str(row["model"]): row for row in _of(tables, "multilevel_models", role, outcome)}
        pairs = []
        for row in models:
            name, before = str(row["model"]), known.get(str(row["model"]), {})
            shares = [
                (context.words(label), kind, before.get(key), row.get(key))
                for key, (label, kind) in _SHARES.items()
            ]
            complete = _by_term(_of(tables, "multilevel", role, outcome), "model", name)
            pooled = _by_term(_of(tables, "multilevel_imputed", role, outcome), "model", name)
            pairs.append(_Pair(model_name(context, name), complete, pooled, shares, row.get("reason")))

        def titled(term: str, role: str = role) -> str:
            return term_title(context, role, term)

        title = context.words(
            "title.imputed_multilevel", role=context.role(role), outcome=context.index(role, outcome)
        )
        key = f"imputed-multilevel-{role}-{outcome}"
        made.append(_table(key, title, pairs, titled, models, "note.imputed_multilevel", context))
    return made


def _ordinal(tables: Tables, context: Context) -> list[Table]:
    made = []
    for (role, outcome), rows in grouped(records(tables, "ordinal_imputed"), "role", "outcome"):
        pairs = []
        for (answer, link), own in grouped(rows, "answer", "link"):
            least = own[0].get("at_least")
            heading = context.words(
                f"term.ordinal_{answer}",
                link=context.words.term("link", str(link)),
                least=context.answer(role, outcome, least) if given(least) else "",
            )
            complete = {
                str(row["term"]): row
                for row in _of(tables, "ordinal", role, outcome)
                if (row["answer"], row["link"]) == (answer, link)
            }
            pooled = {str(row["term"]): row for row in own if given(row.get("estimate"))}
            reason = next(filter(None, (said(row.get("reason")) for row in own)), "")
            pairs.append(_Pair(heading, complete, pooled, (), reason))

        def titled(term: str, role: str = role, outcome: str = outcome) -> str:
            return context.threshold(role, outcome, term)

        title = context.words(
            "title.imputed_ordinal", role=context.role(role), outcome=context.text(role, outcome)
        )
        key = f"imputed-ordinal-{role}-{outcome}"
        made.append(_table(key, title, pairs, titled, rows, "note.imputed_ordinal", context))
    return made


def _of(tables: Tables, name: str, role: str, outcome: str) -> list[Record]:
    return [
        row for row in records(tables, name) if str(row["role"]) == role and str(row["outcome"]) == outcome
    ]


def _by_term(rows: Sequence[Record], column: str, value: str) -> dict[str, Record]:
    return {str(row["term"]): row for row in rows if str(row[column]) == value}


def _table(
    key: str,
    title: str,
    pairs: Sequence[_Pair],
    titled: Callable[[str], str],
    models: Sequence[Record],
    note: str,
    context: Context,
) -> Table:
    """Return the models below each other: a row a term, complete rows left, pooled numbers right."""
    words, notes = context.words, Footnotes(context)
    body: list[Row] = []
    for pair in pairs:
        body.append(section_row(pair.heading))
        if not pair.pooled:
            first = notes.cell(None, Kind.coefficient, pair.reason)
            body.append(Row((Cell(words("term.none_computed")), first, *[Cell("")] * len(_POOLED))))
            continue
        for term, row in pair.pooled.items():
            before = pair.complete.get(term, {})
            cells = [notes.cell(before.get("estimate"), Kind.coefficient, mark=_mark(before))]
            for name, kind in _POOLED.items():
                cells.append(notes.cell(row.get(name), kind, mark=_mark(row) if name == "estimate" else ""))
            body.append(Row((Cell(titled(term)), *cells)))
        for at, (label, kind, before_value, after) in enumerate(pair.shares):
            numbers = (notes.cell(before_value, kind), notes.cell(after, kind))
            body.append(Row((Cell(label), *numbers, *[Cell("")] * (len(_POOLED) - 1)), rule=at == 0))
    columns = (
        Column(words("heading.term"), width=34, words=True),
        Column(words("heading.b_complete"), width=12, room="***"),
        Column(words("heading.b_imputed"), width=12, room="***"),
        *(Column(words(f"heading.{name}"), width=9) for name in ("se", "p", "fmi")),
    )
    counts = {name: context.numerals.text(Kind.count, models[0][name]) for name in ("m", "n")}
    general = (words(note, **counts),)
    return Table(
        key,
        "regression",
        title,
        columns,
        tuple(body),
        general,
        notes.specific,
        probability_note(context),
    )


def _mark(row: Record) -> str:
    return "*" * stars(row["p"]) if given(row.get("p")) else ""
