"""The table of counties and schools side by side: limits for their size, shrunken means, no ranks."""

from manyi_outputs.appendix.footnotes import Footnotes
from manyi_outputs.appendix.records import Tables, grouped, records
from manyi_outputs.appendix.satisfaction import value_kind
from manyi_outputs.appendix.table import Cell, Column, Row, Table, section_row
from manyi_outputs.context import Context, plain
from manyi_outputs.wording import Kind

_NUMBERS = ("value", "low_95", "high_95", "low_998", "high_998")


def counties(tables: Tables, context: Context) -> list[Table]:
    """Return a table a role and index: counties first, then schools, in the order of their names."""
    words, made = context.words, []
    for (role, index), rows in grouped(records(tables, "unit_comparison"), "role", "index"):
        notes = Footnotes(context)
        body: list[Row] = []
        for (level,), members in grouped(rows, "level"):
            body.append(section_row(words.term("unit_level", level)))
            for row in sorted(members, key=lambda row: plain(row["unit"])):
                kind, reason = value_kind(str(row["definition"])), row.get("reason")
                place = words.term("funnel", str(row["place"])) if isinstance(row.get("place"), str) else ""
                cells = [notes.cell(row.get("n"), Kind.count, reason)]
                cells += [notes.cell(row.get(name), kind, reason) for name in _NUMBERS]
                cells += [notes.cell(row.get(name), kind, reason) for name in ("shrunken", "low", "high")]
                cells.append(notes.cell(row.get("reliability"), Kind.bounded, reason))
                cells.append(Cell(place))
                body.append(Row((Cell(plain(row["unit"])), *cells)))
        narrow, wide = words("heading.funnel_95"), words("heading.funnel_998")
        interval = words("heading.confidence", level=context.level)
        columns = (
            Column(words("heading.compared_unit"), width=18, words=True),
            Column(words("heading.n"), width=7),
            Column(words("heading.value"), width=8),
            Column(words("heading.low"), narrow, width=8),
            Column(words("heading.high"), narrow, width=8),
            Column(words("heading.low"), wide, width=8),
            Column(words("heading.high"), wide, width=8),
            Column(words("heading.shrunken_mean"), width=10),
            Column(words("heading.low"), interval, width=8),
            Column(words("heading.high"), interval, width=8),
            Column(words("heading.kept_share"), width=8),
            Column(words("heading.place"), width=16, words=True),
        )
        title = words("title.unit_comparison", role=context.role(role), index=context.index(role, index))
        general = (words("note.unit_comparison", level=context.level),)
        key = f"units-{role}-{index}"
        made.append(Table(key, "satisfaction", title, columns, tuple(body), general, notes.specific))
    return made
