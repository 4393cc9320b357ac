"""Change over waves: of each index or indicator how far it moved, with intervals."""

from typing import TYPE_CHECKING

import numpy as np

from manyi_outputs.appendix.records import Record, Tables, grouped, number, records
from manyi_outputs.appendix.satisfaction import headline_rows
from manyi_outputs.context import Context, plain
from manyi_outputs.figures.colours import BLUE, INK, VERMILION
from manyi_outputs.figures.drawing import Drawing, Shown, foot, later, undrawn
from manyi_outputs.figures.panel import AXIS, Panel, span
from manyi_outputs.figures.rows import edges, fitted_labels, level_strokes, name_rows
from manyi_outputs.figures.sheet import ACROSS, MARGIN, SIZE, SMALL, Mark, Sheet
from manyi_outputs.wording import Kind

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_HEADING, _STEP, _PAD, _MOST_ROWS = 16.0, 7.5, 7.0, 18
#: One a pair of waves, in their order.
_LOOKS = (
    Mark("o", BLUE, 4.6),
    Mark("s", VERMILION, 4.4, filled=False),
    Mark("D", "#009E73", 4.2),
    Mark("^", INK, 4.8, filled=False),
)
Pair = tuple[str, str]


def wave_figures(tables: Tables, context: Context) -> list[Shown]:
    """Return the changes of the schools' indicators, and those of the indices of every role."""
    rows = records(tables, "change")
    reported = {str(row["definition"]) for row in headline_rows(records(tables, "satisfaction"))}
    found = _figures("change-schools", [row for row in rows if str(row["kind"]) == "schools"], context)
    for (role,), of_role in grouped([row for row in rows if str(row["kind"]) == "role"], "unit"):
        own = [row for row in of_role if str(row["measure"]) in reported] or of_role
        found += _figures(f"change-{role}", _first_method(own), context)
    return found


def _first_method(rows: list[Record]) -> list[Record]:
    """Return the rows compared in the way that comes first: means of respondents before pairs of schools."""
    same = grouped(rows, "indicator", "from_wave", "to_wave")
    return [row for _, members in same for row in members if row.get("method") == members[0].get("method")]


def _figures(key: str, rows: list[Record], context: Context) -> list[Shown]:
    """Return the figures of the schools, or of one role, in parts where rows are many."""
    words, found = context.words, list[Shown]()
    rows = [row for row in rows if str(row["measure"]) != "cv"]
    if not rows:
        return []
    kind = str(rows[0]["kind"])
    role = context.role(str(rows[0]["unit"])) if kind == "role" else ""
    title = words("figure.change_role", role=role) if role else words("figure.change_schools")
    known = [row for row in rows if _drawn(row, kind)]
    if not known:
        return undrawn(key, "monitoring", title, key, rows, context)
    names = list(dict.fromkeys((str(row["unit"]), str(row["indicator"])) for row in known))
    parts = [names[at : at + _MOST_ROWS] for at in range(0, len(names), _MOST_ROWS)]
    for at, part in enumerate(parts, start=1):
        own = [row for row in known if (str(row["unit"]), str(row["indicator"])) in part]
        several = words("figure.part", part=at, parts=len(parts)) if len(parts) > 1 else ""
        name = key if at == 1 else f"{key}-{at}"
        alt = _told(own, kind, title + several, context)
        draw = later(changes, own, kind, context)
        found.append(Drawing(name, "monitoring", title + several, key, draw, alt, ("change",)))
    return found


def _drawn(row: Record, kind: str) -> bool:
    there = all(number(row.get(name)) is not None for name in ("change", "low", "high"))
    return there and (kind == "role" or bool(number(row.get("before"))))


def moved(row: Record, kind: str) -> np.ndarray:
    """Return change and limits: points of an index, or shares of what an indicator was before."""
    values = np.array([float(row[name]) for name in ("change", "low", "high")])
    return values if kind == "role" else values / abs(float(row["before"]))


def _name(row: Record, kind: str, context: Context) -> str:
    if kind == "schools":
        return context.indicator(str(row["indicator"]))
    return context.index(str(row["unit"]), str(row["indicator"]))


def _unit(row: Record, kind: str, context: Context) -> str:
    unit = str(row["unit"])
    return context.stage(unit) if kind == "schools" else context.role(unit)


def _told(rows: list[Record], kind: str, title: str, context: Context) -> str:
    words = context.words
    apart = [row for row in rows if float(row["low"]) > 0 or float(row["high"]) < 0]
    most = max(rows, key=lambda row: abs(float(moved(row, kind)[0])))
    value = float(moved(most, kind)[0])
    shown = context.numerals.text(Kind.share if kind == "schools" else Kind.index, value)
    return words(
        "figure.change_told",
        title=title,
        k=len(rows),
        apart=len(apart),
        level=context.level,
        most=f"{_unit(most, kind, context)} {_name(most, kind, context)}",
        waves=f"{plain(most['from_wave'])}–{plain(most['to_wave'])}",
        value=shown,
    )


def changes(rows: list[Record], kind: str, context: Context) -> "Figure":
    """Draw a row an index or indicator, in it a mark a pair of waves.

    Parameters
    ----------
    rows : list of records
        Table `change`, those with limits.
    kind : {"schools", "role"}
    context : Context
    """
    words = context.words
    pairs: list[Pair] = list(dict.fromkeys((plain(row["from_wave"]), plain(row["to_wave"])) for row in rows))
    looks = {pair: _LOOKS[at % len(_LOOKS)] for at, pair in enumerate(pairs)}
    names = list(dict.fromkeys((str(row["unit"]), _name(row, kind, context)) for row in rows))
    shown = dict(zip(names, fitted_labels([name for _, name in names], SMALL), strict=True))
    left, top = edges(list(shown.values()), SMALL), MARGIN + 18
    high = _STEP * len(pairs) + _PAD
    bottom = top + high * len(names) + _HEADING * len({unit for unit, _ in names})
    sheet = Sheet(
        bottom + AXIS + 2,
        foot(context, ("change",), words(f"figure.change_{kind}_note", level=context.level)),
    )
    sheet.key([(looks[pair], "–".join(pair)) for pair in pairs], left, MARGIN)
    scale = 100.0 if kind == "schools" else 1.0
    limits = span(*(moved(row, kind) * scale for row in rows), include=(0.0,))
    panel = Panel(sheet, left, top, ACROSS - MARGIN - 4, bottom, *limits, bottom, top)
    panel.x_axis(words(f"figure.change_{kind}_x"))
    panel.upright(0, color=INK, wide=0.8)
    places = _places(rows, kind, shown, pairs, left, top, high, sheet, context)
    for pair in pairs:
        own = [row for row in rows if (plain(row["from_wave"]), plain(row["to_wave"])) == pair]
        middle, low, up = np.array([moved(row, kind) * scale for row in own]).T
        y = np.array([places[str(row["unit"]), _name(row, kind, context), pair] for row in own])
        mark, name = looks[pair], f"change-{pair[0]}-{pair[1]}"
        sheet.strokes(level_strokes(low, up, y), mark.color, wide=1.1, transform=panel.transform)
        sheet.marks(middle, y, mark, name=name, transform=panel.transform)
    return sheet.figure


def _places(
    rows: list[Record],
    kind: str,
    labels: dict[tuple[str, str], str],
    pairs: list[Pair],
    left: float,
    top: float,
    high: float,
    sheet: Sheet,
    context: Context,
) -> dict[tuple[str, str, Pair], float]:
    """Write headings and labels, and return where each mark stands."""
    places, y = dict[tuple[str, str, Pair], float](), top
    for (unit,), members in grouped(rows, "unit"):
        sheet.text(MARGIN, y + _HEADING / 2 + 1, _unit(members[0], kind, context), size=SIZE, bold=True)
        y += _HEADING
        for name in dict.fromkeys(_name(row, kind, context) for row in members):
            name_rows(sheet, [labels[unit, name]], [y + high / 2], left, SMALL)
            for at, pair in enumerate(pairs):
                places[unit, name, pair] = y + _PAD / 2 + (at + 0.5) * _STEP
            y += high
    return places
