"""Tables of measurement invariance: steps by group and across roles, and latent means where they compare."""

from manyi_outputs.appendix.confirmatory import factor_name
from manyi_outputs.appendix.footnotes import Footnotes, said
from manyi_outputs.appendix.records import Record, Tables, given, grouped, number, records, true
from manyi_outputs.appendix.table import Cell, Column, Row, Table, section_row
from manyi_outputs.context import Context
from manyi_outputs.wording import Kind

#: Groups of this column are the roles themselves.
BY_ROLE = "role"
_SHOWN = {
    "n": Kind.count,
    "chi2": Kind.statistic,
    "df": Kind.df,
    "cfi": Kind.bounded,
    "rmsea": Kind.bounded,
    "srmr": Kind.bounded,
    "delta_chi2": Kind.statistic,
    "delta_df": Kind.df,
    "p": Kind.p,
    "delta_cfi": Kind.bounded,
    "delta_rmsea": Kind.bounded,
}


def invariance(tables: Tables, context: Context) -> list[Table]:
    """Return the steps of invariance, then the latent means of groups that may be compared."""
    return [*_steps(tables, context), *_means(tables, context)]


def compared_by(context: Context, row: Record) -> str:
    """Return what is compared: role, scale where it is one, and the column of groups."""
    role, scale = str(row["role"]), str(row["scale"])
    parts = [context.role(role)]
    if scale != "all":
        parts.append(factor_name(context, role, scale))
    by = str(row["by"])
    parts.append(context.words("term.by_role") if by == BY_ROLE else context.group(role, by))
    return (
        context.words("numbers.colon").join(parts[:1])
        + context.words("numbers.colon")
        + (context.words("numbers.list").join(parts[1:]))
    )


def group_name(context: Context, row: Record) -> str:
    """Return the title of a group: of a role, or of a level of a column."""
    role, by, group = str(row["role"]), str(row["by"]), str(row["group"]).removesuffix(".0")
    return context.role(group) if by == BY_ROLE else context.group_level(role, by, group)


def _steps(tables: Tables, context: Context) -> list[Table]:
    rows = records(tables, "invariance")
    if not rows:
        return []
    words, notes = context.words, Footnotes(context)
    body: list[Row] = []
    for _, members in grouped(rows, "role", "scale", "by"):
        body.append(section_row(compared_by(context, members[0])))
        for row in members:
            held = true(row.get("held"))
            cells = [
                Cell(
                    words.term("invariance", str(row["step"]).replace(" ", "_")),
                    note=_letters(context, row, notes),
                )
            ]
            # What a first step has no difference from is no shortfall; what is not computed has its reason.
            cells += [notes.cell(row.get(name), kind, row.get("reason")) for name, kind in _SHOWN.items()]
            shown = (
                ""
                if held is None or not given(row.get("delta_cfi"))
                else words("term.yes" if held else "term.no")
            )
            body.append(Row((*cells, Cell(shown))))
    columns = (
        Column(words("heading.invariance_step"), width=18, words=True),
        *(Column(words(f"heading.{name}"), width=10) for name in _SHOWN),
        Column(words("heading.held"), width=8),
    )
    general = (words("note.invariance"), words("note.empty"))
    title = words("title.invariance")
    return [Table("invariance", "validity", title, columns, tuple(body), general, notes.specific)]


def _letters(context: Context, row: Record, notes: Footnotes) -> str:
    """Return the letters of what was released, who was left out and what is improper in a step."""
    told = []
    released, left_out, remark = (said(row.get(name)) for name in ("released", "left_out", "remark"))
    if released:
        listed = released.replace("; ", ", ")
        told.append(f"invariance-released: parameters={listed}")
    if left_out:
        titles = (group_name(context, {**row, "group": group}) for group in left_out.split(", "))
        names = context.words("numbers.list").join(titles)
        told.append(f"invariance-left-out: groups={names}")
    if remark:
        told.append(remark)
    return ",".join(notes.letter(one, empty=False) for one in told)


def _means(tables: Tables, context: Context) -> list[Table]:
    rows = [row for row in records(tables, "latent_means") if given(row.get("mean"))]
    if not rows:
        return []
    words, notes = context.words, Footnotes(context)
    body: list[Row] = []
    for _, members in grouped(rows, "role", "scale", "by"):
        body.append(section_row(compared_by(context, members[0])))
        groups = list(dict.fromkeys(str(row["group"]) for row in members))
        for (factor,), of_factor in grouped(members, "factor"):
            for row in of_factor:
                if str(row["group"]) == groups[0]:
                    continue
                pair = words(
                    "term.less",
                    a=group_name(context, row),
                    b=group_name(context, {**row, "group": groups[0]}),
                )
                name = factor_name(context, str(row["role"]), factor)
                body.append(
                    Row(
                        (
                            Cell(name),
                            Cell(pair),
                            Cell(number(row["mean"]), Kind.coefficient),
                            Cell(number(row["se"]), Kind.coefficient),
                            Cell(number(row["z"]), Kind.statistic),
                            Cell(number(row["p"]), Kind.p),
                        )
                    )
                )
    columns = (
        Column(words("heading.scale"), width=24, words=True),
        Column(words("heading.group"), width=24, words=True),
        Column(words("heading.latent_difference"), width=12),
        Column(words("heading.se"), width=9),
        Column(words("heading.z"), width=9),
        Column(words("heading.p"), width=9),
    )
    title, general = words("title.latent_means"), (words("note.latent_means"),)
    return [Table("latent_means", "validity", title, columns, tuple(body), general, notes.specific)]
