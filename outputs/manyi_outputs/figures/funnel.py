"""The funnel plot: counties or schools against the limits for their precision, none ranked."""

from typing import TYPE_CHECKING

import numpy as np

from manyi_outputs.appendix.records import Record, Tables, grouped, number, records
from manyi_outputs.context import Context, plain
from manyi_outputs.figures.colours import BLUE, GREY, INK, VERMILION
from manyi_outputs.figures.drawing import Drawing, Shown, foot, later, undrawn
from manyi_outputs.figures.glyphs import fitted
from manyi_outputs.figures.panel import AXIS, Panel, span
from manyi_outputs.figures.placing import placed
from manyi_outputs.figures.rows import column
from manyi_outputs.figures.sheet import ACROSS, FAINT, MARGIN, SMALL, Mark, Sheet
from manyi_outputs.wording import Kind

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Up to so many units each has its name; of more only those beyond the wider limits.
_NAMED = 12
_POINTS = 200
_NAME = 90.0
_DOWN, _LEFT = 260.0, 46.0


def funnel_figures(tables: Tables, context: Context) -> list[Shown]:
    """Return a funnel plot of the counties, and one of the schools, for the first index of each role."""
    words, found = context.words, list[Shown]()
    for (role,), of_role in grouped(records(tables, "unit_comparison"), "role"):
        index = str(of_role[0]["index"])
        same = [row for row in of_role if str(row["index"]) == index]
        for (level,), members in grouped(same, "level"):
            title = words(
                "figure.funnel",
                units=words.term("unit_level", level),
                role=context.role(role),
                index=context.index(role, index),
            )
            name, key = f"funnel-{level}-{role}", f"units-{role}-{index}"
            rows = [row for row in members if number(row.get("low_95")) is not None]
            if not rows:
                found += undrawn(name, "satisfaction", title, key, members, context)
                continue
            alt = _told(rows, title, context)
            draw = later(funnel, rows, context)
            found.append(Drawing(name, "satisfaction", title, key, draw, alt, ("unit_comparison",)))
    return found


def _told(rows: list[Record], title: str, context: Context) -> str:
    values = column(rows, "value")
    beyond = {
        name: sum(str(row["place"]) in places for row in rows)
        for name, places in {"95": ("beyond_95", "beyond_998"), "998": ("beyond_998",)}.items()
    }
    return context.words(
        "figure.funnel_told",
        title=title,
        k=len(rows),
        low=context.numerals.text(Kind.index, float(values.min())),
        high=context.numerals.text(Kind.index, float(values.max())),
        beyond=beyond["95"],
        far=beyond["998"],
    )


def funnel(rows: list[Record], context: Context) -> "Figure":
    """Draw values by precision with the limits of table `unit_comparison`.

    Parameters
    ----------
    rows : list of records
        Rows of one role, index and level that have limits.
    context : Context
        Language.
    """
    words = context.words
    value, se, target = (column(rows, name) for name in ("value", "se", "target"))
    precision = 1 / se
    beyond = np.array([str(row["place"]) == "beyond_998" for row in rows])
    # How many errors the limits lie apart is read off the table: what is drawn is what it says.
    cuts = {
        name: float(np.median((np.array([float(row[f"high_{name}"]) for row in rows]) - target) / se))
        for name in ("95", "998")
    }
    ends = precision.min() * 0.85, precision.max() * 1.1
    line = np.linspace(*ends, _POINTS)
    sheet = Sheet(_DOWN, foot(context, ("unit_comparison",), words("figure.units", k=len(rows))))
    signs = {False: Mark("o", BLUE), True: Mark("D", VERMILION)}
    dashes = {"95": "--", "998": "-"}
    top = sheet.key(
        [
            *((f"{dashes[name]} {GREY}", words(f"heading.funnel_{name}")) for name in cuts),
            (signs[True], words("figure.funnel_beyond")),
        ],
        _LEFT, MARGIN,
    )  # fmt: skip
    low, high = span(
        value,
        target + cuts["95"] / line.max(),
        target[0] + 1.1 * cuts["998"] / np.median(precision) * np.array([-1, 1]),
    )
    panel = Panel(
        sheet, _LEFT, top + 6, ACROSS - MARGIN, _DOWN - AXIS - 2, float(ends[0]), float(ends[1]), low, high
    )
    panel.x_axis(words("figure.funnel_x"))
    panel.y_axis(words.term("definition_short", str(rows[0]["definition"])))
    panel.level(float(target[0]), color=INK)
    drawn = [(panel.x(float(x)), panel.y(float(target[0]))) for x in line]
    for name, cut in cuts.items():
        for side in (1, -1):
            limit = target[0] + side * cut / line
            inside = (limit >= low) & (limit <= high)
            if inside.sum() > 1:
                curve = np.column_stack([line, limit])[inside]
                drawn += [(panel.x(float(x)), panel.y(float(y))) for x, y in curve]
                sheet.strokes([curve], GREY, wide=1, dashes=dashes[name], transform=panel.transform)
    for marked in (False, True):
        chosen = beyond == marked
        if chosen.any():
            name = "beyond" if marked else "within"
            sheet.marks(precision[chosen], value[chosen], signs[marked], name=name, transform=panel.transform)
    _name(sheet, panel, rows, precision, value, beyond, drawn)
    return sheet.figure


def _name(
    sheet: Sheet,
    panel: Panel,
    rows: list[Record],
    precision: np.ndarray,
    value: np.ndarray,
    beyond: np.ndarray,
    drawn: list[tuple[float, float]],
) -> None:
    """Write names beside points; those beyond the limits find their place first."""
    spots = [(panel.x(float(x)), panel.y(float(y))) for x, y in zip(precision, value, strict=True)]
    wanted = [at for at in np.argsort(~beyond, kind="stable") if len(rows) <= _NAMED or beyond[at]]
    names = [fitted(plain(rows[at]["unit"]), _NAME, SMALL, 1) for at in wanted]
    field = (panel.left + 2, panel.top, panel.right, panel.bottom - 2)
    # A name over a limit is hard to read.
    lines = [(x - 1.2, y - 0.6, x + 1.2, y + 0.6) for x, y in drawn]
    for label in placed([spots[at] for at in wanted], names, SMALL, field, others=spots, lines=lines):
        if label.leader:
            sheet.strokes([label.leader], FAINT, wide=0.5, order=2.5)
        sheet.text(label.x, label.y, label.text, size=SMALL, along=label.along)
