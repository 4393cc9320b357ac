"""Tables of satisfaction by school: how schools spread, and each with what can be said of its rank."""

import numpy as np

from manyi_outputs.appendix.footnotes import Footnotes
from manyi_outputs.appendix.provenance import calculated
from manyi_outputs.appendix.records import Record, Tables, given, grouped, number, records
from manyi_outputs.appendix.satisfaction import headline_rows, value_kind
from manyi_outputs.appendix.table import Cell, Column, Row, Table, section_row
from manyi_outputs.context import Context, plain
from manyi_outputs.wording import Kind

#: Tables of more schools stand in the file of the table only.
MOST_SCHOOLS = 300


def school_levels(tables: Tables, context: Context) -> list[Table]:
    """Return the spread of schools, and of each role the schools by their first index."""
    rows = headline_rows(records(tables, "school_satisfaction"))
    if not rows:
        return []
    names = {
        plain(row["school"]): str(row["school_name"])
        for row in records(tables, "school_indicators")
        if given(row.get("school_name"))
    }
    made = [_spread(rows, context)]
    for (role,), of_role in grouped(rows, "role"):
        _, members = next(grouped(of_role, "index"))
        if len(members) <= MOST_SCHOOLS and any(given(row.get("value")) for row in members):
            made.append(_schools(role, members, names, context))
    return made


def _definition_note(rows: list[Record], context: Context) -> str:
    definition = context.words.term("definition", str(rows[0]["definition"]))
    return context.words("note.satisfaction", definitions=definition)


def _spread(rows: list[Record], context: Context) -> Table:
    """Return a row an index: schools shown and hidden, quartiles, reliability, schools unlike everybody."""
    words, notes = context.words, Footnotes(context)
    body: list[Row] = []
    for (role,), of_role in grouped(rows, "role"):
        body.append(section_row(context.role(role)))
        for (index,), members in grouped(of_role, "index"):
            body.append(Row((Cell(context.index(role, index)), *_spread_cells(members, notes))))
    columns = (
        Column(words("heading.index"), width=40, words=True),
        Column(words("heading.schools_shown"), width=9),
        Column(words("heading.schools_hidden"), width=9),
        *(Column(words(f"heading.{name}"), width=9) for name in ("lowest", "p25", "p50", "p75", "highest")),
        Column(words("heading.reliability"), width=10),
        Column(words("heading.above_all"), width=9),
        Column(words("heading.below_all"), width=9),
    )
    general = (_definition_note(rows, context), words("note.school_spread", level=context.level))
    title = words("title.school_spread")
    return Table("school_spread", "satisfaction", title, columns, tuple(body), general, notes.specific)


def _spread_cells(members: list[Record], notes: Footnotes) -> list[Cell]:
    shown = [row for row in members if given(row.get("value"))]
    named = [row for row in members if str(row.get("school") or "")]
    cells = [
        Cell(calculated(len(shown), "count(value)", members, "value"), Kind.count),
        Cell(calculated(len(named) - len(shown), "count(no value)", members, "value"), Kind.count),
    ]
    if not shown:
        reason = members[0].get("reason")
        return [*cells, *(notes.cell(None, Kind.index, reason) for _ in range(8))]
    kind = value_kind(str(shown[0]["definition"]))
    probabilities = (0.0, 0.25, 0.5, 0.75, 1.0)
    quartiles = np.quantile([float(row["value"]) for row in shown], probabilities)
    cells += [
        Cell(calculated(float(value), f"quantile(value, {probability:g})", shown, "value"), kind)
        for probability, value in zip(probabilities, quartiles, strict=True)
    ]
    known = [value for row in shown if (value := number(row.get("reliability"))) is not None]
    middle = (
        calculated(float(np.median(known)), "median(reliability)", shown, "reliability") if known else None
    )
    cells.append(Cell(middle, Kind.bounded))
    for side in ("above", "below"):
        count = sum(row.get("against_all") == side for row in shown)
        cells.append(
            Cell(calculated(count, f"count(against_all = {side})", shown, "against_all"), Kind.count)
        )
    return cells


def _schools(role: str, members: list[Record], names: dict[str, str], context: Context) -> Table:
    words, notes = context.words, Footnotes(context)
    kind = value_kind(str(members[0]["definition"]))
    body = []
    for row in sorted(members, key=_place):
        code, reason = plain(row["school"]), row.get("reason")
        cells = [Cell(code), Cell(names.get(code, "")), notes.cell(row.get("n"), Kind.count, reason)]
        cells += [notes.cell(row.get(name), kind, reason) for name in ("value", "low", "high")]
        cells.append(notes.cell(row.get("reliability"), Kind.bounded, reason))
        cells.append(notes.cell(row.get("shrunken"), kind, reason))
        cells += [notes.cell(row.get(name), Kind.count, reason) for name in ("rank", "rank_low", "rank_high")]
        against = str(row["against_all"]) if given(row.get("against_all")) else ""
        cells.append(Cell(words.term("against_all", against) if against else None))
        body.append(Row(tuple(cells)))
    ranks = words("heading.rank_limits", level=context.level)
    limits = words("heading.confidence", level=context.level)
    columns = (
        Column(words("heading.school"), width=14, words=True),
        Column(words("heading.school_name"), width=24, words=True),
        Column(words("heading.n"), width=6),
        Column(words("heading.index_value"), width=8),
        Column(words("heading.low"), limits, width=8),
        Column(words("heading.high"), limits, width=8),
        Column(words("heading.reliability"), width=8),
        Column(words("heading.shrunken"), width=9),
        Column(words("heading.rank"), width=7),
        Column(words("heading.low"), ranks, width=8),
        Column(words("heading.high"), ranks, width=8),
        Column(words("heading.against_all"), width=14),
    )
    index = context.index(role, str(members[0]["index"]))
    title = words("title.school_levels", role=context.role(role), index=index)
    general = (_definition_note(members, context), words("note.school_levels", level=context.level))
    key = f"school_levels-{role}"
    return Table(key, "satisfaction", title, columns, tuple(body), general, notes.specific)


def _place(row: Record) -> tuple[float, str]:
    rank = number(row.get("rank"))
    return (float("inf") if rank is None else rank, plain(row["school"]))
