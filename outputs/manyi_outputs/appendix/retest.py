"""The table of test-retest reliability: scales of persons who answered twice."""

from manyi_outputs.appendix.footnotes import Footnotes
from manyi_outputs.appendix.records import Record, Tables, grouped, records
from manyi_outputs.appendix.table import Cell, Column, Row, Table, section_row
from manyi_outputs.context import Context
from manyi_outputs.wording import Kind

_SHOWN = {
    "n": Kind.count,
    "icc_agreement": Kind.bounded,
    "icc_agreement_low": Kind.bounded,
    "icc_agreement_high": Kind.bounded,
    "icc_consistency": Kind.bounded,
    "icc_consistency_low": Kind.bounded,
    "icc_consistency_high": Kind.bounded,
    "r": Kind.bounded,
    "sem": Kind.mean,
    "shift": Kind.mean,
}


def retest(tables: Tables, context: Context) -> list[Table]:
    """Return a table a role, scales first and then items."""
    return [_table(role, rows, context) for (role,), rows in grouped(records(tables, "retest"), "role")]


def _table(role: str, rows: list[Record], context: Context) -> Table:
    words, notes = context.words, Footnotes(context)
    body: list[Row] = []
    for (kind,), members in grouped(rows, "kind"):
        body.append(section_row(words("heading.scale" if kind == "scale" else "heading.text")))
        for row in members:
            cells = (notes.cell(row.get(name), how, row.get("reason")) for name, how in _SHOWN.items())
            body.append(Row((Cell(context.index(role, str(row["index"]))), *cells)))
    spans = (words("heading.icc_agreement"), words("heading.icc_consistency"))
    columns = (
        Column(words("heading.index"), width=36, words=True),
        Column(words("heading.n"), width=7),
        *(
            Column(words(f"heading.{name}"), span, width=8)
            for span in spans
            for name in ("value", "low", "high")
        ),
        Column(words("heading.retest_r"), width=8),
        Column(words("heading.sem"), width=8),
        Column(words("heading.shift"), width=9),
    )
    first = rows[0]
    counts = {
        name: int(first[name])
        for name in ("linked", "only_first", "only_second", "ambiguous", "without_code")
    }
    general = (words("note.retest", **counts), words("note.retest_icc", level=context.level))
    title = words("title.retest", role=context.role(role))
    return Table(f"retest-{role}", "reliability", title, columns, tuple(body), general, notes.specific)
