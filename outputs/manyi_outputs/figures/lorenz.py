"""Lorenz curves: what share of a resource which share of the pupils has, an indicator a field."""

from typing import TYPE_CHECKING

import numpy as np

from manyi_outputs.appendix.records import Record, Tables, grouped, number, records
from manyi_outputs.context import Context
from manyi_outputs.figures.colours import BLUE, GREY, VERMILION
from manyi_outputs.figures.drawing import Drawing, Shown, foot, later, undrawn
from manyi_outputs.figures.glyphs import fitted
from manyi_outputs.figures.panel import AXIS, TICKS, Panel
from manyi_outputs.figures.rows import column
from manyi_outputs.figures.sheet import ACROSS, MARGIN, TINY, Sheet
from manyi_outputs.wording import Kind

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ABREAST, _BETWEEN, _LEFT, _HEAD = 4, 17.0, 44.0, 24.0
#: Stages in their order: colour and dashes.
LOOKS = ((BLUE, "-"), (VERMILION, "--"), ("#009E73", "-."), ("#555555", ":"))
_MOST = 12


def lorenz_figures(tables: Tables, context: Context) -> list[Shown]:
    """Return the Lorenz curves of every indicator, twelve fields a figure."""
    rows = [row for row in records(tables, "lorenz") if number(row.get("pupils")) is not None]
    gini = {
        (str(row["stage"]), str(row["indicator"])): value
        for row in records(tables, "equity")
        if str(row["measure"]) == "gini" and (value := number(row.get("value"))) is not None
    }
    title = context.words("figure.lorenz")
    indicators = list(dict.fromkeys(str(row["indicator"]) for row in rows))
    if not indicators:
        return undrawn("lorenz", "schools", title, "equity", records(tables, "equity"), context)
    parts = [indicators[at : at + _MOST] for at in range(0, len(indicators), _MOST)]
    made: list[Shown] = []
    for at, part in enumerate(parts, start=1):
        own = [row for row in rows if str(row["indicator"]) in part]
        several = context.words("figure.part", part=at, parts=len(parts)) if len(parts) > 1 else ""
        name = "lorenz" if at == 1 else f"lorenz-{at}"
        alt = _told(part, gini, title + several, context)
        draw = later(lorenz, own, gini, context)
        made.append(Drawing(name, "schools", title + several, "equity", draw, alt, ("lorenz", "equity")))
    return made


def _told(indicators: list[str], gini: dict[tuple[str, str], float], title: str, context: Context) -> str:
    known = {key: value for key, value in gini.items() if key[1] in indicators}
    if not known:
        return title
    least, most = (pick(known, key=lambda key: known[key]) for pick in (min, max))
    text = context.numerals.text
    return context.words(
        "figure.lorenz_told",
        title=title,
        low=text(Kind.coefficient, known[least]),
        lowest=f"{context.stage(least[0])} {context.indicator(least[1])}",
        high=text(Kind.coefficient, known[most]),
        highest=f"{context.stage(most[0])} {context.indicator(most[1])}",
    )


def lorenz(rows: list[Record], gini: dict[tuple[str, str], float], context: Context) -> "Figure":
    """Draw the curves of every indicator, a line a stage, with the Gini coefficient.

    Parameters
    ----------
    rows : list of records
        Table `lorenz`.
    gini : dict
        (stage, indicator) -> Gini coefficient of table `equity`.
    context : Context
    """
    words = context.words
    stages = list(dict.fromkeys(str(row["stage"]) for row in rows))
    fields = list(grouped(rows, "indicator"))
    abreast = min(_ABREAST, len(fields))
    across = min((ACROSS - MARGIN - 9 - _LEFT + _BETWEEN) / abreast - _BETWEEN, 170.0)
    deep = _HEAD + across + TICKS + 8
    lines = -(-len(fields) // abreast)
    top = MARGIN + 18
    sheet = Sheet(
        top + lines * deep + AXIS - TICKS, foot(context, ("lorenz", "equity"), words("figure.lorenz_note"))
    )
    looks = {stage: LOOKS[at % len(LOOKS)] for at, stage in enumerate(stages)}
    sheet.key(
        [
            *((f"{dashes} {color}", context.stage(stage)) for stage, (color, dashes) in looks.items()),
            (f": {GREY}", words("figure.lorenz_equal")),
        ],
        _LEFT, MARGIN,
    )  # fmt: skip
    for at, ((indicator,), members) in enumerate(fields):
        left = _LEFT + at % abreast * (across + _BETWEEN)
        head = top + at // abreast * deep
        panel = Panel(sheet, left, head + _HEAD, left + across, head + _HEAD + across, 0, 1, 0, 1)
        title = fitted(context.indicator(indicator), across, TINY + 0.5, 2)
        sheet.text(left, head + _HEAD - 2, title, size=TINY + 0.5, bold=False, upright="bottom")
        _field(sheet, panel, indicator, members, looks, gini, context, first=at % abreast == 0)
    middle = (_LEFT + ACROSS) / 2
    bottom = top + lines * deep
    sheet.text(middle, bottom + 2, words("figure.lorenz_x"), along="middle")
    sheet.text(MARGIN + 5, top + (lines * deep) / 2, words("figure.lorenz_y"), upward=True)
    return sheet.figure


def _field(
    sheet: Sheet,
    panel: Panel,
    indicator: str,
    rows: list[Record],
    looks: dict[str, tuple[str, str]],
    gini: dict[tuple[str, str], float],
    context: Context,
    *,
    first: bool,
) -> None:
    places, labels = (0.0, 0.5, 1.0), ("0", "50%", "100%")
    panel.x_axis("", places, labels, size=TINY)
    panel.y_axis("", places, labels if first else ("", "", ""), size=TINY)
    sheet.strokes([[(0, 0), (1, 1)]], GREY, dashes=":", transform=panel.transform)
    line = 0
    for (stage,), members in grouped(rows, "stage"):
        color, dashes = looks[stage]
        curve = np.column_stack([column(members, "pupils"), column(members, "resource")])
        sheet.strokes(
            [curve], color, wide=1.2, dashes=dashes, name=f"{indicator}-{stage}", transform=panel.transform
        )
        value = gini.get((stage, indicator))
        if value is not None:
            shown = f"G = {context.numerals.text(Kind.coefficient, value)}"
            y = panel.top + 7 + line * 9
            sheet.strokes([[(panel.left + 5, y), (panel.left + 19, y)]], color, wide=1.2, dashes=dashes)
            sheet.text(panel.left + 22, y, shown, size=TINY)
            line += 1
