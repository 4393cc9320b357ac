"""Figures of the factor structure: scree with parallel analysis, and loadings."""

from typing import TYPE_CHECKING

import numpy as np

from manyi_outputs.appendix.records import Record, number
from manyi_outputs.appendix.validity import factor_title
from manyi_outputs.context import Context
from manyi_outputs.figures.canvas import (
    BLUE,
    GREY,
    INK,
    VERMILION,
    WIDTH,
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

_ROW = 0.25
#: From here on the shade of a cell is too dark for black figures.
_DARK = 0.55
_MOST_RANKS = 15


def scree(rows: list[Record], context: Context) -> "Figure":
    """Draw the eigenvalues of one role against the 95th percentile of random data.

    Parameters
    ----------
    rows : list of records
        Table `eigenvalues` of the role; the first 15 ranks are drawn.
    context : Context
        Language.
    """
    words = context.words
    with style():
        figure, (axes,) = canvas(3.4)
        for name, color, marker in (("component", BLUE, "o"), ("factor", VERMILION, "s")):
            for column, dashed in ((name, False), (f"{name}_95", True)):
                points = [(float(row["number"]), number(row.get(column))) for row in rows[:_MOST_RANKS]]
                drawn = [(x, y) for x, y in points if y is not None]
                if not drawn:
                    continue
                axes.plot(
                    *zip(*drawn, strict=True),
                    color=color,
                    linestyle="--" if dashed else "-",
                    linewidth=0.9 if dashed else 1.4,
                    marker="" if dashed else marker,
                    markersize=4,
                    label=drawable(words(f"figure.scree_{column}")),
                )
        axes.axhline(0, color=GREY, linewidth=0.5)
        axes.set_xticks(range(1, min(len(rows), _MOST_RANKS) + 1))
        label_below(axes, drawable(words("figure.scree_x")))
        axes.set_ylabel(drawable(words("figure.scree_y")))
        axes.legend(loc="upper right")
    return figure


def loadings(rows: list[Record], context: Context, role: str) -> "Figure":
    """Draw one role's pattern matrix in shades, with the loadings at or above the cut as numbers.

    Parameters
    ----------
    rows : list of records
        Table `loadings` of the role.
    context : Context
        Questionnaires and language.
    role : str
    """
    items = list(dict.fromkeys(str(row["item"]) for row in rows))
    factors = list(dict.fromkeys(str(row["factor"]) for row in rows))
    values = np.full((len(items), len(factors)), np.nan)
    for row in rows:
        value = number(row.get("pattern"))
        if value is not None:
            values[items.index(str(row["item"])), factors.index(str(row["factor"]))] = value
    with style():
        figure, (axes,) = canvas(0.6 + _ROW * len(items))
        image = axes.imshow(values, cmap="PuOr", vmin=-1, vmax=1, aspect="auto")
        axes.set_xticks(range(len(factors)), [drawable(factor_title(context, factor)) for factor in factors])
        labels = [wrapped(f"{item}  {context.text(role, item)}", 46, lines=1) for item in items]
        name_rows(axes, labels)
        axes.tick_params(length=0, top=True, labeltop=True, bottom=False, labelbottom=False)
        axes.spines[:].set_visible(False)
        for (line, position), value in np.ndenumerate(values):
            if np.isnan(value) or abs(value) < context.cut:
                continue
            axes.text(
                position,
                line,
                _two(float(value), context),
                ha="center",
                va="center",
                fontsize=8,
                color="white" if abs(value) > _DARK else INK,
                in_layout=False,
            )
        bar = figure.colorbar(image, ax=axes, fraction=0.025 * WIDTH / 7.2, pad=0.015)
        bar.set_label(drawable(context.words("figure.loadings_bar")))
        bar.outline.set_visible(False)
    return figure


def _two(value: float, context: Context) -> str:
    """Return a loading with two decimals, as there is room for."""
    shown = context.numerals.text(Kind.mean, value)
    return shown if context.numerals.leading_zero else shown.replace("0.", ".", 1)
