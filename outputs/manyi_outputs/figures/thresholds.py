"""Every school's indicators against the thresholds of the standard: one dot a school, none named."""

from typing import TYPE_CHECKING

import numpy as np

from manyi_outputs.appendix.records import Record, Tables, grouped, number, records, true
from manyi_outputs.context import Context
from manyi_outputs.figures.colours import BLUE, INK, VERMILION
from manyi_outputs.figures.drawing import Drawing, Shown, foot, later, undrawn
from manyi_outputs.figures.panel import AXIS, Panel
from manyi_outputs.figures.rows import edges, fitted_labels, name_rows
from manyi_outputs.figures.sheet import ACROSS, MARGIN, PAGE, SIZE, SMALL, Mark, Sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ROW, _HEADING = 27.0, 17.0
_COUNT = 46.0
#: Shares of a threshold beyond this stand at the edge: what counts is how near they are to 1.
MOST = 2.5
#: Dots nearer than this to each other, in shares of the threshold, stand above and below one another.
_NEAR = 0.035
_MET, _UNMET = Mark("o", BLUE, 3.6), Mark("D", VERMILION, 3.8, filled=False)
_MET_FAR = Mark(">", BLUE, 3.8)


def threshold_figures(tables: Tables, context: Context) -> list[Shown]:
    """Return the figure of all schools and indicators that have thresholds."""
    rows = records(tables, "school_indicators")
    title = context.words("figure.thresholds")
    known = [row for row in rows if number(row.get("share")) is not None and true(row.get("met")) is not None]
    if not known:
        limited = [row for row in rows if number(row.get("threshold")) is not None]
        return undrawn("thresholds", "schools", title, "schools", limited, context)
    met = sum(true(row.get("met")) is True for row in known)
    worst = min(
        grouped(known, "stage", "indicator"),
        key=lambda one: np.mean([true(row["met"]) is True for row in one[1]]),
    )
    alt = context.words(
        "figure.thresholds_told",
        title=title,
        met=met,
        k=len(known),
        worst=f"{context.stage(worst[0][0])} {context.indicator(worst[0][1])}",
        worst_met=sum(true(row["met"]) is True for row in worst[1]),
        worst_k=len(worst[1]),
    )
    draw = later(thresholds, known, len(rows) - len(known), context)
    return [Drawing("thresholds", "schools", title, "schools", draw, alt, ("school_indicators",))]


def thresholds(rows: list[Record], others: int, context: Context) -> "Figure":
    """Draw every school's share of each threshold, by stage.

    Parameters
    ----------
    rows : list of records
        Table `school_indicators`, those with a share and a verdict.
    others : int
        Values without: missing, or of schools that are not evaluated.
    context : Context
    """
    words = context.words
    stages = list(grouped(rows, "stage"))
    names = list(dict.fromkeys(str(row["indicator"]) for row in rows))
    labels = dict(zip(names, fitted_labels([context.indicator(name) for name in names], SMALL), strict=True))
    left, right = edges(list(labels.values()), SMALL), ACROSS - MARGIN - _COUNT
    top = MARGIN + 20
    lines = sum(len({str(row["indicator"]) for row in members}) for _, members in stages)
    row = min(_ROW, (PAGE - 80 - len(stages) * _HEADING) / lines)
    bottom = top + len(stages) * _HEADING + lines * row
    more = words("figure.thresholds_others", k=others) if others else ""
    sheet = Sheet(
        bottom + AXIS + 2, foot(context, ("school_indicators",), words("figure.thresholds_note"), more)
    )
    sheet.key(
        [
            (_MET, words("figure.thresholds_passed")),
            (_UNMET, words("figure.thresholds_failed")),
            (_MET_FAR, words("figure.thresholds_far", most=f"{MOST:g}")),
        ],
        left, MARGIN,
    )  # fmt: skip
    panel = Panel(sheet, left, top, right, bottom, 0, MOST + 0.08, bottom, top)
    at = [0.0, 0.5, 1.0, 1.5, 2.0, 2.5]
    panel.x_axis(words("figure.thresholds_x"), at, [f"{one:.1f}" for one in at])
    panel.upright(1.0, color=INK, wide=1.0)
    y = top
    for (stage,), members in stages:
        sheet.text(MARGIN, y + _HEADING / 2 + 2, context.stage(stage), size=SIZE, bold=True)
        y += _HEADING
        for (indicator,), cells in grouped(members, "indicator"):
            _dots(sheet, panel, cells, y + row / 2, row / 2 - 3, f"{stage}-{indicator}", context)
            name_rows(sheet, [labels[indicator]], [y + row / 2], left, SMALL)
            y += row
    return sheet.figure


def _dots(
    sheet: Sheet, panel: Panel, rows: list[Record], middle: float, half: float, name: str, context: Context
) -> None:
    shares = np.array([float(row["share"]) for row in rows])
    met = np.array([true(row["met"]) is True for row in rows])
    shown = np.clip(shares, 0, MOST)
    y = middle + stacked(shown) * half
    far = shares > MOST
    for mark, chosen, what in (
        (_MET, met & ~far, "met"),
        (_UNMET, ~met, "unmet"),
        (_MET_FAR, met & far, "far"),
    ):
        if chosen.any():
            sheet.marks(shown[chosen], y[chosen], mark, name=f"{name}-{what}", transform=panel.transform)
    text = context.words("figure.thresholds_met", met=int(met.sum()), k=len(rows))
    sheet.text(ACROSS - MARGIN, middle, text, size=SMALL, along="end")


def stacked(values: np.ndarray) -> np.ndarray:
    """Return for each value how far it stands above or below its line, from −1 to 1: near values apart.

    Examples
    --------
    >>> stacked(np.array([0.5, 1.0, 1.01]))
    array([0.  , 0.  , 0.25])
    """
    places = np.zeros(len(values))
    order = np.argsort(values, kind="stable")
    cells = (values / _NEAR).round().astype(int)
    seen: dict[int, int] = {}
    for at in order:
        nth = seen.get(int(cells[at]), 0)
        seen[int(cells[at])] = nth + 1
        places[at] = (nth + 1) // 2 * (1 if nth % 2 else -1)
    most = np.abs(places).max(initial=0.0)
    placed: np.ndarray = places / max(most, 4.0) + 0.0
    return placed
