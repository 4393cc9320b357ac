"""Tables of two roles compared on the items they share: over all schools, and school by school."""

from manyi_outputs.appendix.confirmatory import factor_name
from manyi_outputs.appendix.footnotes import Footnotes
from manyi_outputs.appendix.records import Record, Tables, given, grouped, records
from manyi_outputs.appendix.table import Cell, Column, Row, Table
from manyi_outputs.context import Context
from manyi_outputs.wording import Kind

_AGREEMENT = {
    "schools": Kind.count,
    "mean": Kind.mean,
    "low": Kind.mean,
    "high": Kind.mean,
    "p": Kind.p,
    "sd": Kind.mean,
    "lower_limit": Kind.mean,
    "upper_limit": Kind.mean,
    "r": Kind.bounded,
    "r_low": Kind.bounded,
    "r_high": Kind.bounded,
}


def roles_compared(tables: Tables, context: Context) -> list[Table]:
    """Return how two roles agree over schools, then each school where they may be compared."""
    return [*_agreement(tables, context), *_by_school(tables, context)]


def pair_title(context: Context, row: Record) -> str:
    """Return ``parents − teachers``."""
    titles = {"a": context.role(str(row["role_a"])), "b": context.role(str(row["role_b"]))}
    return context.words("term.less", **titles)


def _agreement(tables: Tables, context: Context) -> list[Table]:
    rows = records(tables, "role_agreement")
    if not rows:
        return []
    words, notes = context.words, Footnotes(context)
    body = [
        Row(
            (
                Cell(pair_title(context, row)),
                Cell(factor_name(context, str(row["role"]), str(row["scale"]))),
                Cell(str(row["items"])),
                Cell(words.term("invariance", str(row["invariance"]))),
                *(notes.cell(row.get(name), kind, row.get("reason")) for name, kind in _AGREEMENT.items()),
            )
        )
        for row in rows
    ]
    interval = words("heading.confidence", level=context.level)
    agreement, related = words("heading.agreement_limits"), words("heading.school_means_r")
    layout = {
        "low": ("heading.low", interval),
        "high": ("heading.high", interval),
        "lower_limit": ("heading.low", agreement),
        "upper_limit": ("heading.high", agreement),
        "r": ("heading.r", related),
        "r_low": ("heading.low", related),
        "r_high": ("heading.high", related),
        "mean": ("heading.mean_difference", ""),
    }
    columns = (
        Column(words("heading.role"), width=16, words=True),
        Column(words("heading.scale"), width=16, words=True),
        Column(words("heading.common_items"), width=18, words=True),
        Column(words("heading.invariance_level"), width=14, words=True),
        *(
            Column(words(layout[name][0]), layout[name][1], width=9)
            if name in layout
            else Column(words(f"heading.{name}"), width=9)
            for name in _AGREEMENT
        ),
    )
    title, general = words("title.role_agreement"), (words("note.role_agreement"),)
    return [Table("role_agreement", "satisfaction", title, columns, tuple(body), general, notes.specific)]


def _by_school(tables: Tables, context: Context) -> list[Table]:
    words, made = context.words, []
    for _, rows in grouped(records(tables, "role_comparison"), "role", "scale"):
        shown = [row for row in rows if given(row.get("difference"))]
        if not shown:
            continue
        first = shown[0]
        a, b = context.role(str(first["role_a"])), context.role(str(first["role_b"]))
        body = [
            Row(
                (
                    Cell(str(row["school"])),
                    Cell(row["n_a"], Kind.count),
                    Cell(row["mean_a"], Kind.mean),
                    Cell(row["n_b"], Kind.count),
                    Cell(row["mean_b"], Kind.mean),
                    Cell(row["difference"], Kind.mean),
                    Cell(row["low"], Kind.mean),
                    Cell(row["high"], Kind.mean),
                    Cell(row["p_adjusted"], Kind.p),
                )
            )
            for row in shown
        ]
        interval = words("heading.confidence", level=context.level)
        columns = (
            Column(words("heading.school"), width=14, words=True),
            Column(words("heading.n"), a, width=8),
            Column(words("heading.mean"), a, width=8),
            Column(words("heading.n"), b, width=8),
            Column(words("heading.mean"), b, width=8),
            Column(words("heading.mean_difference"), width=10),
            Column(words("heading.low"), interval, width=9),
            Column(words("heading.high"), interval, width=9),
            Column(words("heading.p_adjusted"), width=11),
        )
        scale = factor_name(context, str(first["role"]), str(first["scale"]))
        title = words("title.role_comparison", a=a, b=b, scale=scale)
        hidden = len(rows) - len(shown)
        general = [words("note.role_comparison", items=str(first["items"]))]
        if hidden:
            general.append(words("note.role_schools_hidden", hidden=hidden))
        key = f"role_comparison-{first['role']}-{first['scale']}"
        made.append(Table(key, "satisfaction", title, columns, tuple(body), tuple(general)))
    return made
