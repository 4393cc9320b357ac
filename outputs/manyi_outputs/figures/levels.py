"""Figures of levels: satisfaction with confidence intervals, variation between schools against its limit."""

from typing import TYPE_CHECKING

import numpy as np

from manyi_outputs.appendix.records import Record, grouped, number, true
from manyi_outputs.context import Context
from manyi_outputs.figures.canvas import (
    BLUE,
    GREY,
    INK,
    VERMILION,
    canvas,
    drawable,
    label_below,
    name_rows,
    style,
    wrapped,
)
from manyi_outputs.wording import Kind

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ROW = 0.33
_HEADING = 0.7
_NEAR = 85


def satisfaction(rows: list[Record], context: Context, labels: list[tuple[str, str]]) -> "Figure":
    """Draw one index for several roles or groups as bars from 0 to 100 with confidence intervals.

    Parameters
    ----------
    rows : list of records
        Rows of table `satisfaction` with one definition.
    context : Context
        Language.
    labels : list of (str, str)
        Heading and label of each row; rows under the same heading stand together.
    """
    words = context.words
    definition = words.term("definition_short", str(rows[0]["definition"]))
    positions: list[float] = []
    headings: list[tuple[float, str]] = []
    at = 0.0
    for line, (heading, _) in enumerate(labels):
        if heading and (line == 0 or labels[line - 1][0] != heading):
            at += _HEADING * (line > 0)
            headings.append((at, heading))
            at += _HEADING
        positions.append(at)
        at += 1
    with style():
        figure, (axes,) = canvas(0.75 + _ROW * at)
        places = np.array(positions)
        values, low, high = (_column(rows, name) for name in ("value", "low", "high"))
        there = ~np.isnan(values)
        axes.barh(places[there], values[there], height=0.62, color=BLUE, alpha=0.35, linewidth=0)
        axes.plot(*_spans(low, high, places), color=INK, linewidth=1.2)
        axes.plot(values, places, "o", color=BLUE, markersize=4)
        for position, value, edge in zip(positions, values, np.fmax(values, high), strict=True):
            if np.isnan(value):
                axes.text(1, position, "—", va="center", color=GREY, in_layout=False)
                continue
            shown = context.numerals.text(Kind.index, float(value))
            # Only what stands near the right edge can ask for room beyond it.
            axes.text(edge + 1.2, position, shown, va="center", fontsize=8.5, in_layout=bool(edge > _NEAR))
        name_rows(axes, [wrapped(label, 44) for _, label in labels], positions)
        for position, heading in headings:
            axes.annotate(
                drawable(heading),
                (0, position),
                xycoords=("axes fraction", "data"),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                fontweight="bold",
                in_layout=False,
            )
        axes.set_ylim(at - 0.4, -0.6)
        axes.set_xlim(0, 100)
        label_below(
            axes, drawable(words("figure.satisfaction_x", definition=definition, level=context.level))
        )
    return figure


def county_cv(rows: list[Record], context: Context) -> "Figure":
    """Draw the coefficients of variation of every stage against their limit.

    Parameters
    ----------
    rows : list of records
        Table `county_cv`.
    context : Context
        Titles and language.
    """
    words = context.words
    stages = list(grouped([row for row in rows if number(row.get("cv")) is not None], "stage"))
    indicators = list(dict.fromkeys(str(row["indicator"]) for _, members in stages for row in members))
    with style():
        figure, panels = canvas(1.1 + 0.36 * len(indicators), len(stages), share=True)
        for axes, ((stage,), members) in zip(panels, stages, strict=True):
            lines = np.array([indicators.index(str(row["indicator"])) for row in members])
            values = _column(members, "cv")
            above = np.array([true(row.get("met")) is False for row in members])
            for marked, color, marker in ((~above, BLUE, "o"), (above, VERMILION, "D")):
                if not marked.any():
                    continue
                stems = _spans(np.zeros(marked.sum()), values[marked], lines[marked])
                axes.plot(*stems, color=color, linewidth=1.6, alpha=0.5)
                axes.plot(values[marked], lines[marked], marker, color=color, markersize=5.5)
            for line, value in zip(lines, values, strict=True):
                shown = context.numerals.text(Kind.coefficient, float(value))
                axes.annotate(
                    shown,
                    (value, line),
                    (6, 0),
                    textcoords="offset points",
                    va="center",
                    fontsize=8,
                    zorder=5,
                    in_layout=bool(value == values.max()),
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
                )
            limits = {limit for row in members if (limit := number(row.get("limit"))) is not None}
            for limit in limits:
                axes.axvline(limit, color=INK, linewidth=0.9, linestyle="--", zorder=1)
                text = f"{words('figure.county_cv_limit')} {context.numerals.text(Kind.mean, limit)}"
                axes.annotate(
                    drawable(text),
                    (limit, 0),
                    (3, 2),
                    xycoords=("data", "axes fraction"),
                    textcoords="offset points",
                    fontsize=8,
                )
            most = max([*values, *limits])
            axes.set_xlim(0, most * 1.22)
            axes.set_title(drawable(context.stage(stage)), fontsize=9.5, loc="left")
            axes.yaxis.set_visible(False)
        name_rows(panels[0], [wrapped(context.indicator(name), 30) for name in indicators])
        panels[0].set_ylim(len(indicators) - 0.2, -0.6)
        _key(figure, context)
        figure.supxlabel(drawable(words("figure.county_cv_x")), fontsize=9)
    return figure


def _column(rows: list[Record], name: str) -> np.ndarray:
    """Return the numbers of one column, a missing one as NaN."""
    numbers = (number(row.get(name)) for row in rows)
    return np.array([np.nan if value is None else value for value in numbers])


def _spans(starts: np.ndarray, ends: np.ndarray, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return x and y of level strokes, one a place, as one broken line."""
    gap = np.full(len(places), np.nan)
    return np.column_stack([starts, ends, gap]).ravel(), np.column_stack([places, places, gap]).ravel()


def _key(figure: "Figure", context: Context) -> None:
    """Say what the two marks mean."""
    from matplotlib.lines import Line2D

    words = context.words
    kinds = {"figure.county_cv_met": (BLUE, "o"), "figure.county_cv_unmet": (VERMILION, "D")}
    marks = [
        Line2D([], [], color=color, marker=marker, linestyle="", label=drawable(words(key)))
        for key, (color, marker) in kinds.items()
    ]
    figure.legend(handles=marks, loc="upper right", ncols=2)
