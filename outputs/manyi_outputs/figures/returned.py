"""Figure of the return: how many of each school's list answered, a panel a role, no school named."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from manyi_outputs.appendix.records import Record, Tables, given, grouped, number, records
from manyi_outputs.appendix.satisfaction import headline_rows
from manyi_outputs.context import Context, plain
from manyi_outputs.figures.colours import BLUE, INK
from manyi_outputs.figures.drawing import Drawing, Shown, foot, later, undrawn
from manyi_outputs.figures.glyphs import fitted
from manyi_outputs.figures.panel import AXIS, Panel
from manyi_outputs.figures.rows import level_strokes
from manyi_outputs.figures.sheet import ACROSS, MARGIN, SMALL, Mark, Sheet
from manyi_outputs.wording import Kind

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MINIMUM = re.compile(r"minimum=(\d+)")
_DOWN, _HEAD, _ABREAST, _BETWEEN = 200.0, 56.0, 3, 16.0
#: Of so many schools each has its stroke; more are a curve of dots.
_STROKES = 120


@dataclass(frozen=True, slots=True)
class Returned:
    """How many answered, school by school.

    Parameters
    ----------
    role : str
    shares : ndarray
        Usable answers over persons of the list, of each school shown, in ascending order; usable answers
        where there is no list.
    hidden : int
        Schools with fewer answers than may be shown one by one.
    listed : bool
        Whether `shares` are shares of a list.
    """

    role: str
    shares: np.ndarray
    hidden: int
    listed: bool


def return_figures(tables: Tables, context: Context) -> list[Shown]:
    """Return the figure of the return by school."""
    title = context.words("figure.return")
    found = returned(tables)
    shown = [one for one in found if len(one.shares)]
    if not shown:
        return undrawn("return", "sample", title, "return", records(tables, "school_satisfaction"), context)
    sources = ("weight_cells",) if any(one.listed for one in shown) else ()
    if not all(one.listed for one in shown):
        sources = (*sources, "school_satisfaction")
    totals = {str(row["role"]): row for row in records(tables, "return")}
    if totals:
        sources = (*sources, "return")
    draw = later(returns, shown, totals, sources, context)
    alt = _told(shown, title, context)
    return [Drawing("return", "sample", title, "return", draw, alt, sources)]


def returned(tables: Tables) -> list[Returned]:
    """Return the usable answers of every role by school, schools below the smallest cell counted only."""
    levels: dict[str, dict[str, Record]] = {}
    for row in headline_rows(records(tables, "school_satisfaction")):
        levels.setdefault(str(row["role"]), {}).setdefault(plain(row["school"]), row)
    lists: dict[str, dict[str, np.ndarray]] = {}
    for (role, school), rows in grouped(records(tables, "weight_cells"), "role", "school"):
        counts = np.array(
            [[number(row.get(name)) or 0.0 for name in ("respondents", "sampled")] for row in rows]
        )
        lists.setdefault(role, {})[school] = counts.sum(axis=0)
    least = _least(tables)
    found = []
    for role in dict.fromkeys([*levels, *lists]):
        if role in lists:
            cells = [one for one in lists[role].values() if one[1] > 0]
            shown = [answered / asked for answered, asked in cells if answered >= least]
            hidden = len(cells) - len(shown)
        else:
            known = [number(row.get("n")) for row in levels[role].values()]
            shown = [n for n in known if n is not None]
            hidden = len(known) - len(shown)
        found.append(Returned(role, np.sort(np.array(shown, dtype=float)), hidden, role in lists))
    return found


def _least(tables: Tables) -> int:
    """Return how many answers a school needs to be shown, as the table of schools says."""
    for row in records(tables, "school_satisfaction"):
        found = _MINIMUM.search(str(row.get("reason"))) if given(row.get("reason")) else None
        if found:
            return int(found[1])
    return 0


def _value(value: float, listed: bool, context: Context) -> str:
    return context.numerals.text(Kind.share if listed else Kind.count, value)


def _told(found: list[Returned], title: str, context: Context) -> str:
    words = context.words
    spelled = [
        words(
            "figure.return_role",
            role=context.role(one.role),
            k=len(one.shares),
            low=_value(float(one.shares[0]), one.listed, context),
            middle=_value(float(np.median(one.shares)), one.listed, context),
            high=_value(float(one.shares[-1]), one.listed, context),
        )
        for one in found
    ]
    return f"{title}{words('numbers.colon')}{words('numbers.clause').join(spelled)}{words('numbers.stop')}"


def returns(
    found: list[Returned], totals: dict[str, Record], sources: tuple[str, ...], context: Context
) -> "Figure":
    """Draw each role's schools in the order of their shares, with the median.

    Parameters
    ----------
    found : list of Returned
    totals : dict
        Role -> row of table `return`.
    sources : tuple of str
        Tables the numbers stand in.
    context : Context
    """
    words = context.words
    rows = -(-len(found) // _ABREAST)
    hidden = [
        words("figure.return_hidden", role=context.role(one.role), k=one.hidden)
        for one in found
        if one.hidden
    ]
    said = words("figure.return_note") if any(one.listed for one in found) else ""
    told = (words("numbers.list").join(hidden) + words("numbers.stop")) if hidden else ""
    sheet = Sheet(rows * (_DOWN + 8), foot(context, sources, said, told))
    across = (ACROSS - 2 * MARGIN + _BETWEEN) / min(len(found), _ABREAST)
    for at, one in enumerate(found):
        left, top = MARGIN + 4 + at % _ABREAST * across, at // _ABREAST * (_DOWN + 8)
        _panel(sheet, one, totals.get(one.role, {}), left, left + across - _BETWEEN - 4, top, context)
    return sheet.figure


def _panel(
    sheet: Sheet, one: Returned, total: Record, left: float, right: float, top: float, context: Context
) -> None:
    words, k = context.words, len(one.shares)
    most = float(one.shares.max()) * 1.08 or 1.0
    bottom = top + _DOWN - AXIS
    panel = Panel(sheet, left, top + _HEAD, right, bottom, 0, most, -0.5, k - 0.5)
    sheet.text(left, top + 8, fitted(context.role(one.role), right - left, 9, 1, True), size=9, bold=True)
    counted = {name: number(total.get(name)) for name in ("issued", "received", "valid")}
    spelled = [
        f"{words(f'heading.{name}')} {context.numerals.text(Kind.count, value)}"
        for name, value in counted.items()
        if value is not None
    ]
    counts = fitted(words("numbers.list").join(spelled), right - left, SMALL, 2)
    sheet.text(left, top + 16, counts, size=SMALL, upright="top")
    lines = np.arange(k)
    if k <= _STROKES:
        sheet.strokes(level_strokes(np.zeros(k), one.shares, lines), "#A6CBE3", transform=panel.transform)
    size = 3.6 if k <= _STROKES else 1.6
    sheet.marks(
        one.shares,
        lines,
        Mark("o", BLUE, size),
        name=f"return-{left:.0f}-{top:.0f}",
        transform=panel.transform,
    )
    middle = float(np.median(one.shares))
    panel.upright(middle, color=INK, dashes="--")
    median = f"{words('figure.median')} {_value(middle, one.listed, context)}"
    sheet.text((left + right) / 2, top + _HEAD - 8, median, size=SMALL, along="middle")
    places = [at for at in _ticks(most)]
    labels = [_tick(at, one.listed) for at in places]
    panel.x_axis(words("figure.return_x" if one.listed else "figure.return_count"), places, labels)


def _ticks(most: float) -> tuple[float, ...]:
    from manyi_outputs.figures.panel import ticks

    return ticks(0, most, 4)


def _tick(value: float, listed: bool) -> str:
    return f"{value * 100:.10g}%" if listed else f"{value:.10g}"
