"""Table of the indices of careless answering: how they are distributed and where the rules cut them."""

from manyi_outputs.appendix.footnotes import Footnotes
from manyi_outputs.appendix.records import Record, Tables, grouped, records
from manyi_outputs.appendix.table import Cell, Column, Row, Table, section_row
from manyi_outputs.context import Context
from manyi_outputs.wording import Kind

_PERCENTILES = ("p01", "p05", "p50", "p95", "p99")
#: Indices that count or share: how their numbers are written. The others have two decimals.
_KINDS = {"invalid": Kind.share, "missing": Kind.share, "reverse_pairs": Kind.share}


def careless(tables: Tables, context: Context) -> list[Table]:
    """Return one table over all roles; none where the study has no such indices."""
    rows = records(tables, "careless_indices")
    if not rows:
        return []
    words, notes = context.words, Footnotes(context)
    body: list[Row] = []
    for (role,), members in grouped(rows, "role"):
        body.append(section_row(context.role(role)))
        body += [_row(row, context, notes) for row in members]
    columns = (
        Column(words("heading.careless_index"), width=30, words=True),
        Column(words("heading.n"), width=8),
        *(Column(words(f"heading.{name}"), words("heading.percentiles"), width=9) for name in _PERCENTILES),
        Column(words("heading.cut_low"), words("heading.cut"), width=9),
        Column(words("heading.cut_high"), words("heading.cut"), width=9),
        Column(words("heading.flagged_by"), width=8),
    )
    general = (words("note.careless"), words("note.empty"))
    return [
        Table("careless", "sample", words("title.careless"), columns, tuple(body), general, notes.specific)
    ]


def _row(row: Record, context: Context, notes: Footnotes) -> Row:
    name = str(row["index"])
    kind, reason = _KINDS.get(name, Kind.mean), row.get("reason")
    return Row(
        (
            Cell(context.words(f"careless.{name}")),
            notes.cell(row["n"], Kind.count),
            *(notes.cell(row.get(percentile), kind, reason) for percentile in _PERCENTILES),
            notes.cell(row.get("cut_low"), kind),
            notes.cell(row.get("cut_high"), kind),
            notes.cell(row.get("flagged"), Kind.count),
        )
    )
