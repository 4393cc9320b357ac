"""Tables of reliability: every scale of every role, and by group."""

from manyi_outputs.appendix.footnotes import Footnotes
from manyi_outputs.appendix.missing import missing_rule
from manyi_outputs.appendix.records import Record, Tables, grouped, records
from manyi_outputs.appendix.table import Cell, Column, Row, Table, section_row
from manyi_outputs.context import Context
from manyi_outputs.wording import Kind

_STATISTICS = {
    "k": Kind.count,
    "n": Kind.count,
    "missing": Kind.count,
    "alpha": Kind.bounded,
    "alpha_low": Kind.bounded,
    "alpha_high": Kind.bounded,
    "omega_total": Kind.bounded,
    "alpha_standardized": Kind.bounded,
    "mean_r": Kind.bounded,
}


def reliability(tables: Tables, context: Context) -> list[Table]:
    """Return the reliability of the scales, then by group where groups were planned."""
    rows = records(tables, "reliability")
    overall = [row for row in rows if str(row.get("group", "all")) == "all"]
    by_group = [row for row in rows if str(row.get("group", "all")) != "all"]
    return [*_overall(overall, context), *_groups(by_group, context)]


def _columns(context: Context, names: list[str]) -> tuple[Column, ...]:
    words = context.words
    interval = words("heading.confidence", level=context.level)
    limits = {"alpha_low": "heading.low", "alpha_high": "heading.high"}
    return tuple(
        Column(words(limits[name]), interval, width=9)
        if name in limits
        else Column(words(f"heading.{name}"), width=9)
        for name in names
    )


def _cells(row: Record, names: list[str], notes: Footnotes) -> tuple[Cell, ...]:
    return tuple(notes.cell(row.get(name), _STATISTICS[name], row.get("reason")) for name in names)


def _overall(rows: list[Record], context: Context) -> list[Table]:
    if not rows:
        return []
    words, notes = context.words, Footnotes(context)
    shown = [name for name in _STATISTICS if any(name in row for row in rows)]
    body: list[Row] = []
    for (role,), members in grouped(rows, "role"):
        body.append(section_row(context.role(role)))
        for row in members:
            whole = str(row["scale"]) == "all"
            name = notes.label(context.scale(role, str(row["scale"])), row, *shown)
            body.append(Row((name, *_cells(row, shown, notes)), rule=whole and len(members) > 1))
    columns = (Column(words("heading.scale"), width=24, words=True), *_columns(context, shown))
    general = (words("note.reliability", rule=missing_rule(rows, context)), words("note.empty"))
    title = words("title.reliability")
    return [Table("reliability", "reliability", title, columns, tuple(body), general, notes.specific)]


def _groups(rows: list[Record], context: Context) -> list[Table]:
    if not rows:
        return []
    words, notes = context.words, Footnotes(context)
    shown = [name for name in ("k", "n", "missing", "alpha", "alpha_low", "alpha_high", "omega_total")]
    body: list[Row] = []
    for (role, group), members in grouped(rows, "role", "group"):
        name, _, level = group.partition("=")
        heading = words("numbers.colon").join(
            (context.role(role), context.group(role, name), context.group_level(role, name, level))
        )
        body.append(section_row(heading))
        body += [
            Row(
                (notes.label(context.scale(role, str(row["scale"])), row, *shown), *_cells(row, shown, notes))
            )
            for row in members
        ]
    columns = (Column(words("heading.scale"), width=24, words=True), *_columns(context, shown))
    general = (words("note.reliability_groups"),)
    title = words("title.reliability_groups")
    return [Table("reliability_groups", "reliability", title, columns, tuple(body), general, notes.specific)]
