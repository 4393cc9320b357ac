"""Tables of reliability: every scale of every role, and by group."""

from manyi_outputs.appendix.footnotes import Footnotes, said
from manyi_outputs.appendix.missing import missing_rule
from manyi_outputs.appendix.records import Record, Tables, given, grouped, records
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
    "alpha_standardized": Kind.bounded,
    "omega_total": Kind.bounded,
    "omega_h": Kind.bounded,
    "alpha_ordinal": Kind.bounded,
    "spearman_brown": Kind.bounded,
    "composite_reliability": Kind.bounded,
    "ave": Kind.bounded,
    "mean_r": Kind.bounded,
}
#: Where a coefficient's own reason stands in the joined row.
_REASONS = {
    "omega_h": "reason_h",
    "alpha_ordinal": "reason_ordinal",
    "spearman_brown": "reason_halves",
    "composite_reliability": "reason_convergent",
    "ave": "reason_convergent",
}
#: Those of the factor model, which the whole and the groups do not have.
_OF_MODEL = ("composite_reliability", "ave")
#: Splits and what is shown of them.
_HALVES = (("odd-even", "r_halves"), ("odd-even", "spearman_brown"), ("first-second", "spearman_brown"))
_BOUNDS = ("lambda_1", "lambda_2", "lambda_3", "lambda_4", "lambda_5", "lambda_6")


def reliability(tables: Tables, context: Context) -> list[Table]:
    """Return the reliability of the scales, split halves and bounds, then by group where planned."""
    rows = _joined(tables)
    overall = [row for row in rows if str(row.get("group", "all")) == "all"]
    by_group = [row for row in rows if str(row.get("group", "all")) != "all"]
    return [*_overall(overall, context), *_bounds(tables, context), *_groups(by_group, context)]


def _joined(tables: Tables) -> list[Record]:
    """Return the rows of ``reliability`` with the coefficients of the tables beside it, and their reasons."""
    omega = _by_unit(records(tables, "omega"))
    ordinal = _by_unit(records(tables, "ordinal_reliability"))
    halves = _by_unit([row for row in records(tables, "split_half") if row.get("split") != "first-second"])
    fitted = _by_unit(
        [
            dict(row) | {"composite_reliability": row.get("cr")}
            for row in records(tables, "convergent")
            if str(row.get("model")) == "correlated"
        ]
    )
    joined = []
    for row in records(tables, "reliability"):
        unit = _unit(row)
        found = dict(row)
        if unit in fitted:
            found |= {name: fitted[unit].get(name) for name in _OF_MODEL}
            found["reason_convergent"] = fitted[unit].get("reason")
        remarks = []
        for other, name, reason in (
            (omega, "omega_h", "reason_h"),
            (ordinal, "alpha_ordinal", "reason"),
            (halves, "spearman_brown", "reason"),
        ):
            if unit in other:
                found[name] = other[unit].get(name)
                found[_REASONS[name]] = other[unit].get(reason)
                remarks.append(said(other[unit].get("remark")))
        found["remark"] = "; ".join(dict.fromkeys(remark for remark in remarks if remark))
        joined.append(found)
    return joined


def _by_unit(rows: list[Record]) -> dict[tuple[str, str, str], Record]:
    return {_unit(row): row for row in rows}


def _unit(row: Record) -> tuple[str, str, str]:
    return str(row["role"]), str(row.get("group", "all")), str(row["scale"])


def _named(text: str, row: Record, shown: list[str], notes: Footnotes) -> Cell:
    """Return a scale's name, with a letter where its results come with a remark."""
    remark = said(row.get("remark"))
    if remark:
        return Cell(text, note=notes.letter(remark, empty=False))
    return notes.label(text, row, *(name for name in shown if name not in _REASONS))


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
    return tuple(
        notes.cell(row.get(name), _STATISTICS[name], row.get(_REASONS.get(name, "reason"))) for name in names
    )


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
            name = _named(context.scale(role, str(row["scale"])), row, shown, notes)
            body.append(Row((name, *_cells(row, shown, notes)), rule=whole and len(members) > 1))
    columns = (Column(words("heading.scale"), width=24, words=True), *_columns(context, shown))
    general = [words("note.reliability", rule=missing_rule(rows, context))]
    if (set(_REASONS) - set(_OF_MODEL)) & set(shown):
        general.append(words("note.reliability_more"))
    if set(_OF_MODEL) & set(shown):
        general.append(words("note.reliability_model"))
    general.append(words("note.empty"))
    title = words("title.reliability")
    return [Table("reliability", "reliability", title, columns, tuple(body), tuple(general), notes.specific)]


def _bounds(tables: Tables, context: Context) -> list[Table]:
    """Return the two splits in halves and Guttman's bounds of every scale."""
    halves = [row for row in records(tables, "split_half") if str(row["group"]) == "all"]
    bounds = [row for row in records(tables, "guttman") if str(row["group"]) == "all"]
    if not halves or not bounds:
        return []
    words, notes = context.words, Footnotes(context)
    lambdas = {(*_unit(row), str(row["coefficient"])): row for row in bounds}
    lost = {_unit(row): row for row in bounds if not given(row["coefficient"])}
    body: list[Row] = []
    for (role,), of_role in grouped(halves, "role"):
        body.append(section_row(context.role(role)))
        for (scale,), members in grouped(of_role, "scale"):
            split = {str(row["split"]): row for row in members}
            cells = [Cell(context.scale(role, scale))]
            for name, column in _HALVES:
                row = split.get(name, {})
                cells.append(notes.cell(row.get(column), Kind.bounded, row.get("reason")))
            for name in _BOUNDS:
                unit = (role, "all", scale)
                row = lambdas.get((*unit, name), lost.get(unit, {}))
                cells.append(notes.cell(row.get("value"), Kind.bounded, row.get("reason")))
            body.append(Row(tuple(cells), rule=scale == "all"))
    odd_even = words("heading.odd_even")
    columns = (
        Column(words("heading.scale"), width=24, words=True),
        Column(words("heading.r_halves"), odd_even, width=9),
        Column(words("heading.spearman_brown"), odd_even, width=9),
        Column(words("heading.spearman_brown"), words("heading.first_second"), width=9),
        *(Column(words(f"heading.{name}"), words("heading.guttman"), width=9) for name in _BOUNDS),
    )
    general = (words("note.bounds"), words("note.empty"))
    title = words("title.bounds")
    return [Table("reliability_bounds", "reliability", title, columns, tuple(body), general, notes.specific)]


def _groups(rows: list[Record], context: Context) -> list[Table]:
    if not rows:
        return []
    words, notes = context.words, Footnotes(context)
    left_out = {"alpha_standardized", "omega_h", "spearman_brown"}
    wanted = [name for name in _STATISTICS if name not in left_out]
    shown = [name for name in wanted if any(given(row.get(name)) for row in rows)]
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
