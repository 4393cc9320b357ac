"""Figures of levels: satisfaction with confidence intervals, variation between schools against its limit."""

from typing import TYPE_CHECKING

import numpy as np

from manyi_outputs.appendix.records import Record, Tables, grouped, number, records, true
from manyi_outputs.appendix.satisfaction import headline_rows, value_kind
from manyi_outputs.context import Context
from manyi_outputs.figures.colours import BLUE, GREY, INK, VERMILION
from manyi_outputs.figures.drawing import Drawing, Shown, foot, later, undrawn
from manyi_outputs.figures.glyphs import fitted, width
from manyi_outputs.figures.panel import AXIS, Panel
from manyi_outputs.figures.rows import column, edges, fitted_labels, level_strokes, name_rows
from manyi_outputs.figures.sheet import ACROSS, MARGIN, PAGE, SIZE, SMALL, Mark, Sheet
from manyi_outputs.wording import Kind

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ROW, _HEADING, _COUNTY_ROW, _COUNTY_TOP = 19.0, 16.0, 25.0, 44.0
#: Rows on one sheet; more stand on further ones.
_MOST_ROWS = 24
_PALE = "#A6CBE3"


def satisfaction_figures(tables: Tables, context: Context) -> list[Shown]:
    """Return a figure a definition over all roles, then one a role with groups, of its first index."""
    words, found = context.words, list[Shown]()
    # The index of the plan: four of each would say the same four times.
    reported = headline_rows(records(tables, "satisfaction"))
    rows = [row for row in reported if str(row["definition"]) != "mean"]
    for (definition,), of_definition in grouped(rows, "definition"):
        title = words("figure.satisfaction", definition=words.term("definition_short", definition))
        overall = [row for row in of_definition if str(row["group"]) == "all"]
        labels = [
            (context.role(str(row["role"])), context.index(str(row["role"]), str(row["index"])))
            for row in overall
        ]
        found += _drawn(f"satisfaction-{definition}", title, "satisfaction", overall, labels, context)
        for (role,), of_role in grouped(of_definition, "role"):
            found += _by_group(role, definition, of_role, title, context)
    return found


def _by_group(role: str, definition: str, rows: list[Record], title: str, context: Context) -> list[Shown]:
    index = str(rows[0]["index"])
    # Schools can be thousands, and have a figure of their own.
    broken = [row for row in rows if str(row["group"]) not in ("all", "school")]
    groups = [row for row in broken if str(row["index"]) == index]
    labels = [
        (context.group(role, str(row["group"])), context.group_level(role, str(row["group"]), row["level"]))
        for row in groups
    ]
    name = f"{title}{context.words('numbers.colon')}{context.role(role)}"
    key = f"satisfaction_groups-{role}"
    return _drawn(f"satisfaction-{definition}-{role}", name, key, groups, labels, context)


def _drawn(
    name: str, title: str, key: str, rows: list[Record], labels: list[tuple[str, str]], context: Context
) -> list[Shown]:
    if not any(number(row.get("value")) is not None for row in rows):
        return undrawn(name, "satisfaction", title, key, rows, context)
    starts, made = range(0, len(rows), _MOST_ROWS), list[Shown]()
    for part, at in enumerate(starts, start=1):
        own, named = rows[at : at + _MOST_ROWS], labels[at : at + _MOST_ROWS]
        several = context.words("figure.part", part=part, parts=len(starts)) if len(starts) > 1 else ""
        if not any(number(row.get("value")) is not None for row in own):
            continue
        draw = later(satisfaction, own, context, named)
        alt = _satisfaction_told(own, named, title + several, context)
        file = name if part == 1 else f"{name}-{part}"
        made.append(Drawing(file, "satisfaction", title + several, key, draw, alt, ("satisfaction",)))
    return made


def _satisfaction_told(
    rows: list[Record], labels: list[tuple[str, str]], title: str, context: Context
) -> str:
    words = context.words
    kind = value_kind(str(rows[0]["definition"]))
    known = [
        (f"{heading}{words('numbers.colon')}{label}" if heading else label, value)
        for row, (heading, label) in zip(rows, labels, strict=True)
        if (value := number(row.get("value"))) is not None
    ]
    lowest, highest = (pick(known, key=lambda one: one[1]) for pick in (min, max))
    return words(
        "figure.levels_told",
        title=title,
        k=len(known),
        low=context.numerals.text(kind, lowest[1]),
        lowest=lowest[0],
        high=context.numerals.text(kind, highest[1]),
        highest=highest[0],
    )


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
    names = fitted_labels([label for _, label in labels], SIZE)
    left, right = edges(names), ACROSS - MARGIN - 22
    places, headings, at = list[float](), list[tuple[float, str]](), MARGIN
    for line, (heading, _) in enumerate(labels):
        if heading and (line == 0 or labels[line - 1][0] != heading):
            headings.append((at + _HEADING / 2, heading))
            at += _HEADING
        high = _ROW if "\n" not in names[line] else _ROW + 8
        places.append(at + high / 2)
        at += high
    counts = [n for row in rows if (n := number(row.get("n"))) is not None]
    said = words("figure.n_range", low=f"{min(counts):.0f}", high=f"{max(counts):.0f}") if counts else ""
    sheet = Sheet(at + AXIS + 4, foot(context, ("satisfaction",), said))
    panel = Panel(sheet, left, MARGIN, right, at + 2, 0, 100, at + 2, MARGIN)
    values, low, high_end = (column(rows, name) for name in ("value", "low", "high"))
    y, there = np.array(places), np.isfinite(values)
    panel.x_axis(
        words(
            "figure.satisfaction_x",
            definition=words.term("definition_short", str(rows[0]["definition"])),
            level=context.level,
        )
    )
    sheet.bars(
        np.zeros(int(there.sum())), values[there], y[there] - 5.5, y[there] + 5.5, _PALE, name="bars",
        transform=panel.transform,
    )  # fmt: skip
    sheet.strokes(
        level_strokes(np.clip(low, 0, 100), np.clip(high_end, 0, 100), y), wide=1.2, name="intervals",
        transform=panel.transform,
    )  # fmt: skip
    sheet.marks(values[there], y[there], Mark("o", BLUE), name="values", transform=panel.transform)
    kind = value_kind(str(rows[0]["definition"]))
    for place, value, edge in zip(places, values, np.fmax(values, high_end), strict=True):
        if np.isnan(value):
            sheet.text(left + 4, place, words("figure.hidden"), size=SMALL, color=GREY)
        else:
            sheet.text(
                panel.x(min(float(edge), 100)) + 4,
                place,
                context.numerals.text(kind, float(value)),
                size=SMALL,
            )
    name_rows(sheet, names, places, left)
    for place, heading in headings:
        shown = fitted(heading, ACROSS - 2 * MARGIN, SIZE, 1, bold=True)
        sheet.text(min(left, ACROSS - MARGIN - width(shown, SIZE, True)), place, shown, bold=True)
    return sheet.figure


def county_figures(tables: Tables, context: Context) -> list[Shown]:
    """Return the coefficients of variation against their limits."""
    rows = records(tables, "county_cv")
    title = context.words("figure.county_cv")
    known = [row for row in rows if number(row.get("cv")) is not None]
    if not known:
        return undrawn("county_cv", "schools", title, "county_cv", rows, context)
    above = [row for row in known if true(row.get("met")) is False]
    highest = max(known, key=lambda row: float(row["cv"]))
    alt = context.words(
        "figure.county_told",
        title=title,
        k=len(known),
        above=len(above),
        highest=context.indicator(str(highest["indicator"])),
        stage=context.stage(str(highest["stage"])),
        cv=context.numerals.text(Kind.coefficient, float(highest["cv"])),
    )
    draw = later(county_cv, known, context)
    return [Drawing("county_cv", "schools", title, "county_cv", draw, alt, ("county_cv",))]


def county_cv(rows: list[Record], context: Context) -> "Figure":
    """Draw the coefficients of variation of every stage against their limit.

    Parameters
    ----------
    rows : list of records
        Table `county_cv`, those with a coefficient.
    context : Context
        Titles and language.
    """
    words = context.words
    stages = list(grouped(rows, "stage"))
    indicators = list(dict.fromkeys(str(row["indicator"]) for row in rows))
    labels = fitted_labels([context.indicator(name) for name in indicators], SMALL)
    row = min(_COUNTY_ROW, (PAGE - 80) / len(indicators))
    left, bottom = edges(labels, SMALL), _COUNTY_TOP + row * len(indicators)
    counts = [
        f"{context.stage(stage)} n = {max(column(members, 'schools')):.0f}"
        for (stage,), members in stages
        if np.isfinite(column(members, "schools")).any()
    ]
    said = words("figure.schools", counts=words("numbers.list").join(counts)) if counts else ""
    sheet = Sheet(bottom + AXIS + 4, foot(context, ("county_cv",), said))
    marks = {False: Mark("o", BLUE, 6), True: Mark("D", VERMILION, 5.5)}
    sheet.key(
        [(marks[False], words("figure.county_cv_met")), (marks[True], words("figure.county_cv_unmet"))],
        left, MARGIN,
    )  # fmt: skip
    across = (ACROSS - MARGIN - left + 12) / len(stages)
    for at, ((stage,), members) in enumerate(stages):
        start = left + at * across
        panel = _county_panel(sheet, start, start + across - 12, bottom, members, indicators, marks, context)
        sheet.text(
            start, _COUNTY_TOP - 18, fitted(context.stage(stage), across - 12, SIZE, 1, True), bold=True
        )
        panel.x_axis(most=5)
    middle = (left + ACROSS - MARGIN) / 2
    sheet.text(middle, bottom + AXIS - 4, words("figure.county_cv_x"), along="middle")
    name_rows(sheet, labels, _COUNTY_TOP + row * (np.arange(len(indicators)) + 0.5), left, SMALL)
    return sheet.figure


def _county_panel(
    sheet: Sheet,
    left: float,
    right: float,
    bottom: float,
    rows: list[Record],
    indicators: list[str],
    marks: dict[bool, Mark],
    context: Context,
) -> Panel:
    lines = np.array([indicators.index(str(row["indicator"])) for row in rows], dtype=float)
    values, limits = column(rows, "cv"), column(rows, "limit")
    most = float(np.nanmax(np.concatenate([values, limits]))) if np.isfinite(limits).any() else values.max()
    panel = Panel(sheet, left, _COUNTY_TOP, right, bottom, 0, most * 1.25 or 1.0, len(indicators) - 0.5, -0.5)
    above = np.array([true(row.get("met")) is False for row in rows])
    for unmet in (False, True):
        chosen = above == unmet
        if chosen.any():
            stems = level_strokes(np.zeros(int(chosen.sum())), values[chosen], lines[chosen])
            sheet.strokes(stems, marks[unmet].color, wide=1.4, transform=panel.transform)
            name = f"{'above' if unmet else 'within'}-{left:.0f}"
            sheet.marks(values[chosen], lines[chosen], marks[unmet], name=name, transform=panel.transform)
    for limit in sorted({float(limit) for limit in limits if np.isfinite(limit)}):
        panel.upright(limit, dashes="--")
        text = f"{context.words('figure.county_cv_limit')} {context.numerals.text(Kind.mean, limit)}"
        sheet.text(panel.x(limit), _COUNTY_TOP - 6, text, size=SMALL, color=INK, along="middle")
    for line, value in zip(lines, values, strict=True):
        shown = context.numerals.text(Kind.coefficient, float(value))
        x = panel.x(float(value)) + 6 + width(shown, SMALL) / 2
        sheet.backed(x, panel.y(float(line)), shown)
    return panel
