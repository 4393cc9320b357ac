"""Importance beside performance: the grid of four quadrants with the intervals of every attribute."""

from typing import TYPE_CHECKING

import numpy as np

from manyi_outputs.appendix.gaps import QUADRANTS
from manyi_outputs.appendix.records import Record, Tables, grouped, number, records, true
from manyi_outputs.context import Context
from manyi_outputs.figures.colours import BLUE, GREY, INK, VERMILION
from manyi_outputs.figures.drawing import Drawing, Shown, foot, later, undrawn
from manyi_outputs.figures.glyphs import fitted, width
from manyi_outputs.figures.panel import AXIS, Panel, span
from manyi_outputs.figures.placing import placed
from manyi_outputs.figures.rows import column
from manyi_outputs.figures.sheet import ACROSS, FAINT, MARGIN, SMALL, Mark, Sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DOWN, _LEFT, _NAME = 330.0, 48.0, 120.0
_SURE, _UNSURE = Mark("o", BLUE, 5.5), Mark("D", VERMILION, 5, filled=False)
#: Quadrant -> corner: to the right, above.
_CORNERS = {
    "keep_up": (1, 1),
    "concentrate_here": (0, 1),
    "low_priority": (0, 0),
    "possible_overkill": (1, 0),
}


def importance_figures(tables: Tables, context: Context) -> list[Shown]:
    """Return a grid for every role and measure of importance."""
    words, found = context.words, list[Shown]()
    rows = records(tables, "importance_performance")
    for (role, measure, outcome), members in grouped(rows, "role", "measure", "outcome"):
        title = words(
            "title.importance", role=context.role(role), measure=words.term("importance_measure", measure)
        )
        suffix = "" if measure == "stated" else f"-{members[0].get('outcome')}"
        key = f"importance-{role}-{measure}{suffix}"
        known = [row for row in members if _drawn(row)]
        if not known:
            found += undrawn(key, "satisfaction", title, key, members, context)
            continue
        alt = _told(role, known, title, context)
        draw = later(importance, role, measure, outcome, known, context)
        found.append(Drawing(key, "satisfaction", title, key, draw, alt, ("importance_performance",)))
    return found


def _drawn(row: Record) -> bool:
    names = ("importance", "performance", "importance_cross", "performance_cross")
    return all(number(row.get(name)) is not None for name in names)


def _told(role: str, rows: list[Record], title: str, context: Context) -> str:
    words, parts = context.words, []
    for quadrant in QUADRANTS:
        names = [
            context.index(role, str(row["attribute"])) for row in rows if str(row["quadrant"]) == quadrant
        ]
        if names:
            listed = words("numbers.list").join(names)
            parts.append(f"{words.term('quadrant', quadrant)}{words('numbers.colon')}{listed}")
    return f"{title}{words('numbers.colon')}{words('numbers.clause').join(parts)}{words('numbers.stop')}"


def importance(role: str, measure: str, outcome: str, rows: list[Record], context: Context) -> "Figure":
    """Draw one grid: performance to the right, importance upwards, crossed at what the table crosses at.

    Parameters
    ----------
    role, measure, outcome : str
    rows : list of records
        Table `importance_performance` of one role and measure.
    context : Context
    """
    words, first = context.words, rows[0]
    n = number(first.get("n"))
    said = words("figure.n", n=f"{n:.0f}") if n is not None else ""
    sheet = Sheet(
        _DOWN,
        foot(
            context, ("importance_performance",), said, words("figure.importance_note", level=context.level)
        ),
    )
    x, x_low, x_high = (column(rows, f"performance{part}") for part in ("", "_low", "_high"))
    y, y_low, y_high = (column(rows, f"importance{part}") for part in ("", "_low", "_high"))
    cross = float(first["performance_cross"]), float(first["importance_cross"])
    top = sheet.key(
        [(_SURE, words("figure.importance_sure")), (_UNSURE, words("figure.importance_unsure"))],
        _LEFT,
        MARGIN,
    )
    across, up = span(x, x_low, x_high, [cross[0]], room=0.1), span(y, y_low, y_high, [cross[1]], room=0.12)
    panel = Panel(sheet, _LEFT, top + 6, ACROSS - MARGIN, _DOWN - AXIS - 2, *across, *up)
    panel.x_axis(words("figure.importance_x"), grid=False)
    panel.y_axis(_y_title(role, measure, outcome, context), grid=False)
    panel.upright(cross[0], color=INK, wide=0.8, dashes="--")
    panel.level(cross[1], color=INK, wide=0.8, dashes="--")
    sure = np.array([true(row.get("certain")) is True for row in rows])
    for mark, chosen, name in ((_SURE, sure, "certain"), (_UNSURE, ~sure, "uncertain")):
        if not chosen.any():
            continue
        strokes = [
            np.array(ends)
            for at in np.nonzero(chosen)[0]
            for ends in (
                ((x_low[at], y[at]), (x_high[at], y[at])), ((x[at], y_low[at]), (x[at], y_high[at]))
            )
            if np.isfinite(ends).all()
        ]  # fmt: skip
        if strokes:
            sheet.strokes(strokes, GREY, wide=0.8, name=f"{name}-intervals", transform=panel.transform)
        sheet.marks(x[chosen], y[chosen], mark, name=name, transform=panel.transform)
    _name(sheet, panel, role, rows, x, y, _corners(sheet, panel, context), context)
    return sheet.figure


def _y_title(role: str, measure: str, outcome: str, context: Context) -> str:
    words = context.words
    if measure == "stated":
        return words("figure.importance_y")
    named = words.term("importance_measure", measure)
    return fitted(named, _DOWN - 90, 8.5, 1)


def _corners(sheet: Sheet, panel: Panel, context: Context) -> list[tuple[float, float, float, float]]:
    """Write the names of the quadrants into the corners, and return where they stand."""
    taken = []
    for quadrant, (right, above) in _CORNERS.items():
        text = context.words.term("quadrant", quadrant)
        x = panel.right - 4 if right else panel.left + 4
        y = panel.top + 7 if above else panel.bottom - 7
        sheet.text(x, y, text, size=SMALL, color=FAINT, bold=True, along="end" if right else "start")
        long = width(text, SMALL, True)
        left = x - long if right else x
        taken.append((left - 2, y - 5, left + long + 2, y + 5))
    return taken


def _name(
    sheet: Sheet,
    panel: Panel,
    role: str,
    rows: list[Record],
    x: np.ndarray,
    y: np.ndarray,
    taken: list[tuple[float, float, float, float]],
    context: Context,
) -> None:
    points = [(panel.x(float(one)), panel.y(float(other))) for one, other in zip(x, y, strict=True)]
    names = [fitted(context.index(role, str(row["attribute"])), _NAME, SMALL, 1) for row in rows]
    field = (panel.left + 2, panel.top + 2, panel.right, panel.bottom - 2)
    for label in placed(points, names, SMALL, field, taken, lines=_lines(panel, rows, points)):
        if label.leader:
            sheet.strokes([label.leader], FAINT, wide=0.5, order=2.5)
        sheet.text(label.x, label.y, label.text, size=SMALL, along=label.along)


def _lines(
    panel: Panel, rows: list[Record], points: list[tuple[float, float]]
) -> list[tuple[float, float, float, float]]:
    """Return where intervals and dividing lines run: a name over one of them is hard to read."""
    taken = []
    for row, (x, y) in zip(rows, points, strict=True):
        ends = {
            name: value
            for part in ("importance", "performance")
            for side in ("low", "high")
            if (value := number(row.get(name := f"{part}_{side}"))) is not None
        }
        if "performance_low" in ends and "performance_high" in ends:
            taken.append(
                (panel.x(ends["performance_low"]), y - 0.5, panel.x(ends["performance_high"]), y + 0.5)
            )
        if "importance_low" in ends and "importance_high" in ends:
            taken.append(
                (x - 0.5, panel.y(ends["importance_high"]), x + 0.5, panel.y(ends["importance_low"]))
            )
    x, y = panel.x(float(rows[0]["performance_cross"])), panel.y(float(rows[0]["importance_cross"]))
    return [*taken, (x, panel.top, x, panel.bottom), (panel.left, y, panel.right, y)]
