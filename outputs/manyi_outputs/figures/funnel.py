"""The funnel plot: counties or schools against the limits for their precision, none ranked."""

from typing import TYPE_CHECKING

import numpy as np

from manyi_outputs.appendix.records import Record
from manyi_outputs.context import Context, plain
from manyi_outputs.figures.canvas import BLUE, GREY, INK, VERMILION, canvas, drawable, label_below, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Up to so many units each has its name; of more only those beyond the wider limits.
_NAMED = 12
_POINTS = 200


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
    value, se, target = (np.array([float(row[name]) for row in rows]) for name in ("value", "se", "target"))
    precision = 1 / se
    beyond = np.array([str(row["place"]) == "beyond_998" for row in rows])
    # How many errors the limits lie apart is read off the table: what is drawn is what it says.
    cuts = {
        name: float(np.median((np.array([float(row[f"high_{name}"]) for row in rows]) - target) / se))
        for name in ("95", "998")
    }
    ends = precision.min() * 0.85, precision.max() * 1.1
    line = np.linspace(*ends, _POINTS)
    with style():
        figure, (axes,) = canvas(3.6)
        axes.axhline(target[0], color=INK, linewidth=0.9)
        for name, dashes in (("95", "--"), ("998", "-")):
            half = cuts[name] / line
            label = drawable(words(f"heading.funnel_{name}"))
            axes.plot(line, target[0] + half, dashes, color=GREY, linewidth=1, label=label)
            axes.plot(line, target[0] - half, dashes, color=GREY, linewidth=1)
        for marked, color, marker in ((~beyond, BLUE, "o"), (beyond, VERMILION, "D")):
            axes.plot(precision[marked], value[marked], marker, color=color, markersize=5)
        for at, row in enumerate(rows):
            if len(rows) <= _NAMED or beyond[at]:
                axes.annotate(
                    drawable(plain(row["unit"])),
                    (precision[at], value[at]),
                    (5, 4),
                    textcoords="offset points",
                    fontsize=8,
                )
        axes.set_xlim(*ends)
        axes.set_ylabel(drawable(words.term("definition_short", str(rows[0]["definition"]))))
        figure.legend(loc="upper right", ncols=2)
        label_below(axes, drawable(words("figure.funnel_x")))
    return figure
