"""Schools with their intervals, raw beside shrunken: in the order of size, named only beyond the limits."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from manyi_outputs.appendix.records import Record, Tables, given, grouped, number, records
from manyi_outputs.appendix.satisfaction import headline_rows, value_kind
from manyi_outputs.appendix.table import Section
from manyi_outputs.context import Context, plain
from manyi_outputs.figures.colours import BLUE, GREY, INK, VERMILION
from manyi_outputs.figures.drawing import Drawing, Shown, foot, later, undrawn
from manyi_outputs.figures.glyphs import fitted
from manyi_outputs.figures.panel import AXIS, Panel, span
from manyi_outputs.figures.rows import column, level_strokes
from manyi_outputs.figures.sheet import ACROSS, MARGIN, TINY, Mark, Sheet
from manyi_outputs.wording import Kind

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Height of a school, and of all of them at most.
_ROW, _MOST = 7.6, 560.0
_NAMES = 96.0
#: Schools named at most: a longer list would be read as a ranking.
_MOST_NAMED = 24
_RAW, _WITHIN, _BEYOND = Mark("o", GREY, 3.2, filled=False), Mark("o", BLUE, 3.6), Mark("D", VERMILION, 3.8)


@dataclass(frozen=True, slots=True)
class Crawl:
    """Schools in the order of their shrunken estimates.

    Parameters
    ----------
    raw, shrunken, low, high : ndarray, shape (schools,)
    beyond : ndarray of bool
        Schools the study can tell apart from all.
    names : tuple of str
    middle : float
        Of all schools.
    hidden : int
        Schools with too few answers to be shown.
    interval : {"raw", "shrunken"}
        Whose limits `low` and `high` are.
    """

    raw: np.ndarray
    shrunken: np.ndarray
    low: np.ndarray
    high: np.ndarray
    beyond: np.ndarray
    names: tuple[str, ...]
    middle: float
    hidden: int
    interval: str


def caterpillar_figures(tables: Tables, context: Context) -> list[Shown]:
    """Return a figure of the schools for every role, and one for every empty model of a regression."""
    names = {
        plain(row["school"]): str(row["school_name"])
        for row in records(tables, "school_indicators")
        if given(row.get("school_name"))
    }
    return [*_levels(tables, names, context), *_effects(tables, names, context)]


def _levels(tables: Tables, names: dict[str, str], context: Context) -> list[Shown]:
    words, found = context.words, list[Shown]()
    means = {
        (str(row["role"]), str(row["index"]), str(row["definition"])): number(row.get("value"))
        for row in records(tables, "satisfaction")
        if str(row["group"]) == "all"
    }
    for (role,), of_role in grouped(headline_rows(records(tables, "school_satisfaction")), "role"):
        (index,), rows = next(grouped(of_role, "index"))
        definition = str(rows[0]["definition"])
        title = words("figure.schools_title", role=context.role(role), index=context.index(role, index))
        known = [row for row in rows if number(row.get("shrunken")) is not None]
        middle = means.get((role, index, definition))
        name, key = f"schools-{role}", f"school_levels-{role}"
        if not known:
            found += undrawn(name, "satisfaction", title, key, rows, context)
            continue
        crawl = _crawl(
            known, "value", "shrunken", names, middle, len(rows) - len(known), "raw",
            np.array([str(row.get("against_all")) in ("above", "below") for row in known]),
        )  # fmt: skip
        axis = words.term("definition_short", definition)
        kind = value_kind(definition)
        found.append(
            _drawing(name, "satisfaction", title, key, crawl, axis, kind, ("school_satisfaction",), context)
        )
    return found


def _effects(tables: Tables, names: dict[str, str], context: Context) -> list[Shown]:
    words, found = context.words, list[Shown]()
    rows = [row for row in records(tables, "school_effects") if str(row["model"]) == "empty"]
    for (role, outcome), members in grouped(rows, "role", "outcome"):
        title = words("figure.effects_title", role=context.role(role), outcome=context.index(role, outcome))
        known = [row for row in members if number(row.get("effect")) is not None]
        name, key = f"school-effects-{role}-{outcome}", f"multilevel-{role}-{outcome}"
        if not known:
            found += undrawn(name, "regression", title, key, members, context)
            continue
        apart = np.array([float(row["low"]) > 0 or float(row["high"]) < 0 for row in known])
        crawl = _crawl(known, "raw", "effect", names, 0.0, len(members) - len(known), "shrunken", apart)
        axis = words("figure.effects_x", outcome=context.index(role, outcome))
        found.append(
            _drawing(name, "regression", title, key, crawl, axis, Kind.mean, ("school_effects",), context)
        )
    return found


def _crawl(
    rows: list[Record],
    raw: str,
    shrunken: str,
    names: dict[str, str],
    middle: float | None,
    hidden: int,
    interval: str,
    beyond: np.ndarray,
) -> Crawl:
    drawn = column(rows, shrunken)
    order = np.lexsort((np.array([plain(row["school"]) for row in rows]), drawn))
    codes = [plain(row["school"]) for row in rows]
    return Crawl(
        column(rows, raw)[order],
        drawn[order],
        column(rows, "low")[order],
        column(rows, "high")[order],
        beyond[order],
        tuple(names.get(codes[at], codes[at]) for at in order),
        float(np.mean(drawn)) if middle is None else middle,
        hidden,
        interval,
    )


def _drawing(
    name: str,
    section: Section,
    title: str,
    key: str,
    crawl: Crawl,
    axis: str,
    kind: Kind,
    sources: tuple[str, ...],
    context: Context,
) -> Drawing:
    text = context.numerals.text
    alt = context.words(
        "figure.schools_told",
        title=title,
        k=len(crawl.raw),
        low=text(kind, float(crawl.shrunken[0])),
        high=text(kind, float(crawl.shrunken[-1])),
        raw_low=text(kind, float(crawl.raw.min())),
        raw_high=text(kind, float(crawl.raw.max())),
        above=int((crawl.beyond & (crawl.shrunken > crawl.middle)).sum()),
        below=int((crawl.beyond & (crawl.shrunken < crawl.middle)).sum()),
    )
    return Drawing(name, section, title, key, later(caterpillar, crawl, axis, sources, context), alt, sources)


def caterpillar(crawl: Crawl, axis: str, sources: tuple[str, ...], context: Context) -> "Figure":
    """Draw each school's raw and shrunken estimate with its interval.

    Parameters
    ----------
    crawl : Crawl
    axis : str
        What is drawn, with its unit.
    sources : tuple of str
    context : Context
    """
    words, k = context.words, len(crawl.raw)
    row = min(_ROW, _MOST / k)
    top = MARGIN + 32
    bottom = top + max(row * k, 40.0)
    said = words("figure.schools_k", k=k)
    more = words("figure.schools_hidden", k=crawl.hidden) if crawl.hidden else ""
    sheet = Sheet(bottom + AXIS + 2, foot(context, sources, said, more, words("figure.schools_note")))
    sheet.key(
        [
            (_RAW, words("figure.raw")),
            (_WITHIN, words("figure.shrunken")),
            (_BEYOND, words("figure.shrunken_beyond")),
            (f"- {GREY}", words(f"figure.interval_{crawl.interval}", level=context.level)),
        ],
        MARGIN, MARGIN,
    )  # fmt: skip
    low, high = span(crawl.raw, crawl.shrunken, crawl.low, crawl.high, include=(crawl.middle,), room=0.03)
    panel = Panel(sheet, MARGIN + 6, top, ACROSS - MARGIN - _NAMES, bottom, low, high, -0.5, k - 0.5)
    panel.x_axis(axis)
    panel.upright(crawl.middle, color=INK, wide=0.8)
    lines = np.arange(k, dtype=float)
    wide = min(1.0, max(0.25, row / 5))
    for beyond, color in ((False, "#9DB7C9"), (True, "#E0A47C")):
        chosen = crawl.beyond == beyond
        strokes = level_strokes(crawl.low[chosen], crawl.high[chosen], lines[chosen])
        if strokes:
            sheet.strokes(strokes, color, wide=wide, transform=panel.transform)
    shrink = min(1.0, max(0.35, row / 5))
    _marks(sheet, panel, crawl.raw, lines, _RAW, shrink, "raw")
    for mark, chosen, name in ((_WITHIN, ~crawl.beyond, "within"), (_BEYOND, crawl.beyond, "beyond")):
        if chosen.any():
            _marks(sheet, panel, crawl.shrunken[chosen], lines[chosen], mark, shrink, name)
    _name(sheet, panel, crawl)
    return sheet.figure


def _marks(
    sheet: Sheet, panel: Panel, x: np.ndarray, y: np.ndarray, mark: Mark, shrink: float, name: str
) -> None:
    smaller = Mark(mark.shape, mark.color, mark.size * shrink, mark.filled)
    sheet.marks(x, y, smaller, name=name, transform=panel.transform)


def _name(sheet: Sheet, panel: Panel, crawl: Crawl) -> None:
    """Name the schools beyond the limits, from the ends inwards, as far as there is room."""
    wanted = np.nonzero(crawl.beyond)[0]
    from_ends = sorted(wanted, key=lambda at: (min(at, len(crawl.raw) - 1 - at), at))
    taken: list[float] = []
    for at in from_ends:
        y = panel.y(float(at))
        if any(abs(y - other) < TINY * 1.02 for other in taken):
            continue
        if len(taken) == _MOST_NAMED:
            break
        taken.append(y)
        edge = panel.x(float(np.nanmax([crawl.high[at], crawl.raw[at], crawl.shrunken[at]])))
        sheet.strokes([[(edge + 2, y), (panel.right + 2, y)]], "#DDDDDD", wide=0.4, order=0.5)
        sheet.text(panel.right + 5, y, fitted(crawl.names[at], _NAMES - 6, TINY, 1), size=TINY)
