"""Figure of what school indicators do to an outcome: total and direct effects with confidence intervals."""

from typing import TYPE_CHECKING

import numpy as np

from manyi_outputs.appendix.records import Record, number
from manyi_outputs.appendix.regression import Blocks
from manyi_outputs.context import Context
from manyi_outputs.figures.canvas import (
    BLUE,
    GREY,
    VERMILION,
    canvas,
    drawable,
    label_below,
    name_rows,
    style,
    wrapped,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ROW = 0.42
_APART = 0.16


def coefficients(blocks: Blocks, context: Context) -> "Figure":
    """Draw every school indicator's total effect and, where there is one, its direct effect.

    Indicators have units of their own (yuan, square metres, teachers), so that coefficients are drawn per
    standard deviation: limits are scaled by β / B, as the coefficient itself is. Where a row has no β, all
    are drawn as B.

    Parameters
    ----------
    blocks : Blocks
        One regression with school indicators.
    context : Context
        Titles and language.
    """
    words = context.words
    series = [("total", BLUE, "o", True), ("direct", VERMILION, "D", False)]
    found = {effect: blocks.of_effect(effect) for effect, *_ in series}
    terms = list(dict.fromkeys(str(row["term"]) for row in found["total"] or found["direct"]))
    standardized = all(_ratio(row) is not None for rows in found.values() for row in rows if _drawn(row))
    with style():
        figure, (axes,) = canvas(1.0 + _ROW * len(terms))
        axes.axvline(0, color=GREY, linewidth=0.8)
        for effect, color, marker, filled in series:
            points = [row for row in found[effect] if _drawn(row) and str(row["term"]) in terms]
            if not points:
                continue
            apart = -_APART if effect == "total" else _APART
            lines = [terms.index(str(row["term"])) + apart for row in points]
            scales = [(_ratio(row) or 1.0) if standardized else 1.0 for row in points]
            middle, low, high = (
                np.array([float(row[name]) for row in points]) * scales for name in ("b", "low", "high")
            )
            axes.errorbar(
                middle,
                lines,
                xerr=np.abs([middle - low, high - middle]),
                fmt=marker,
                color=color,
                markerfacecolor=color if filled else "white",
                markersize=5.5 if filled else 4.5,
                elinewidth=1.4 if filled else 1.0,
                capsize=0,
                label=drawable(words(f"figure.coefficients_{effect}")),
            )
        name_rows(axes, [wrapped(context.term(blocks.role, term), 36) for term in terms])
        axes.set_ylim(len(terms) - 0.5, -0.5)
        axes.spines["left"].set_visible(False)
        label = "figure.coefficients_beta_x" if standardized else "figure.coefficients_x"
        label_below(axes, drawable(words(label, level=context.level)))
        figure.legend(loc="upper right", ncols=2)
    return figure


def _drawn(row: Record) -> bool:
    return all(number(row.get(name)) is not None for name in ("b", "low", "high"))


def _ratio(row: Record) -> float | None:
    """Return β / B, the standard deviation of the indicator over that of the outcome."""
    b, beta = number(row.get("b")), number(row.get("beta"))
    return beta / b if b and beta is not None else None
