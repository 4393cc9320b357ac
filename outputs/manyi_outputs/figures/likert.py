"""Diverging bars of answers: below the middle of the scale to the left, above it to the right."""

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from manyi_instruments.definitions.questionnaire import Item
from manyi_outputs.appendix.records import Record, Tables, grouped, number, records
from manyi_outputs.context import Context, plain
from manyi_outputs.figures.colours import INK
from manyi_outputs.figures.drawing import Drawing, Shown, foot, later
from manyi_outputs.figures.glyphs import fitted, height, width
from manyi_outputs.figures.panel import AXIS, Panel
from manyi_outputs.figures.rows import edges, fitted_labels, name_rows
from manyi_outputs.figures.sheet import ACROSS, FAINT, MARGIN, PAGE, SMALL, TINY, Sheet
from manyi_outputs.wording import Kind

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ROW, _HEADING, _HALF = 14.5, 13.5, 4.9
#: From the strongest to the weakest: reddish below the middle, blue above (Brewer's RdBu, told apart by the
#: colour-blind); what lies below the middle is hatched, so that it can be told in grey too.
BELOW, ABOVE, NEUTRAL = ("#B2182B", "#EF8A62", "#FDDBC7"), ("#2166AC", "#67A9CF", "#D1E5F0"), "#C4C4C4"

#: A share from here on is printed in its bar.
_PRINTED = 0.07
_DARK = (BELOW[0], ABOVE[0])
#: Room for the numbers behind the bars.
_COUNTS = 58.0


@dataclass(frozen=True, slots=True)
class Answered:
    """The answers to one item.

    Parameters
    ----------
    item, label : str
    scale : str
        Title of its scale.
    answers : tuple of str
        Labels of the answers offered, from the lowest.
    shares : ndarray, shape (answers,)
        Of those who answered.
    n, unknown : int
        Who answered; who said they did not know.
    offered : bool
        Whether they could say so.
    """

    item: str
    label: str
    scale: str
    answers: tuple[str, ...]
    shares: np.ndarray
    n: int
    unknown: int
    offered: bool

    @property
    def left(self) -> float:
        """Return how far the bar reaches to the left: what is below the middle, half of the middle."""
        half = len(self.shares) // 2
        middle = self.shares[half] / 2 if len(self.shares) % 2 else 0.0
        return float(self.shares[:half].sum() + middle)


def likert_figures(tables: Tables, context: Context) -> list[Shown]:
    """Return the diverging bars of every role, in parts where items are many."""
    unknown = {
        (str(row["role"]), str(row["item"])): int(number(row.get("n")) or 0)
        for row in records(tables, "dont_know")
    }
    found: list[Shown] = []
    for (role,), rows in grouped(records(tables, "answers"), "role"):
        questionnaire = context.questionnaires.get(role)
        shares = {item: members for (item,), members in grouped(rows, "item")}
        asked = [item for item in questionnaire.items if item.id in shares] if questionnaire else []
        listed = [_answered(role, item, shares[item.id], unknown, context) for item in asked]
        found += _parts(role, [one for one in listed if one is not None and one.n > 0], context)
    return found


def _answered(
    role: str, item: Item, rows: list[Record], unknown: dict[tuple[str, str], int], context: Context
) -> Answered | None:
    """Return the answers to an item whose answers have an order; None for others."""
    answers = context.questionnaires[role].answer_list(item)
    if item.type != "choice" or answers is None or not answers.ordered:
        return None
    known = {plain(row["answer"]): number(row.get("share")) or 0.0 for row in rows}
    text = context.in_language(item.text)
    return Answered(
        item.id,
        f"{text}{context.words('figure.reversed')}" if item.reverse else text,
        context.scale(role, item.scale) if item.scale else "",
        tuple(context.in_language(one.label) for one in answers.answers),
        np.array([known.get(plain(one.value), 0.0) for one in answers.answers]),
        int(number(rows[0].get("answered")) or 0),
        unknown.get((role, item.id), 0),
        item.dont_know,
    )


def _parts(role: str, listed: list[Answered], context: Context) -> list[Shown]:
    # One list of answers after the other: each has a key of its own.
    order = list(dict.fromkeys(one.answers for one in listed))
    listed = sorted(listed, key=lambda one: order.index(one.answers))
    parts = _pages(listed)
    title, made = context.words("figure.likert", role=context.role(role)), list[Shown]()
    for at, part in enumerate(parts, start=1):
        several = context.words("figure.part", part=at, parts=len(parts)) if len(parts) > 1 else ""
        name = f"answers-{role}" if at == 1 else f"answers-{role}-{at}"
        alt = _told(part, title + several, context)
        sources = ("answers", "dont_know")
        made.append(
            Drawing(
                name, "items", title + several, f"answers-{role}", later(likert, part, context), alt, sources
            )
        )
    return made


def _pages(listed: list[Answered]) -> list[list[Answered]]:
    """Return items in parts that fit a page each; a new list of answers begins one where it would be cut."""
    parts: list[list[Answered]] = []
    for _, members in groupby(listed, key=lambda one: one.answers):
        own = list(members)
        if parts and _down([*parts[-1], *own]) <= PAGE:
            parts[-1] += own
            continue
        while own:
            fitting = len(own)
            while fitting > 1 and _down(own[:fitting]) > PAGE:
                fitting -= max(1, (fitting - 1) // 8)
            parts.append(own[:fitting])
            own = own[fitting:]
    return parts


def _down(listed: list[Answered]) -> float:
    return _places(listed, _labels(listed))[-1] + AXIS


def _labels(listed: list[Answered]) -> list[str]:
    return fitted_labels([one.label for one in listed], TINY + 0.5, lines=2, most=0.36)


def _told(listed: list[Answered], title: str, context: Context) -> str:
    words, share = context.words, context.numerals.text
    ups = [(float(one.shares[-(len(one.shares) // 2) :].sum()), one.label) for one in listed]
    low, high = min(ups, key=lambda one: one[0]), max(ups, key=lambda one: one[0])
    return words(
        "figure.likert_told",
        title=title,
        k=len(listed),
        high=share(Kind.share, high[0]),
        highest=high[1],
        low=share(Kind.share, low[0]),
        lowest=low[1],
    )


def colours(answers: int) -> list[tuple[str, bool]]:
    """Return the colour of every answer, from the lowest, and whether it is striped.

    Examples
    --------
    >>> [striped for _, striped in colours(5)]
    [True, True, False, False, False]
    """
    half = answers // 2
    below = [(color, True) for color in _steps(BELOW, half)]
    above = [(color, False) for color in reversed(_steps(ABOVE, half))]
    return [*below, *([(NEUTRAL, False)] if answers % 2 else []), *above]


def _steps(anchors: tuple[str, ...], count: int) -> list[str]:
    """Return so many colours from the strongest to the weakest."""
    if count <= len(anchors):
        return list(anchors[:count])
    channels = np.array([[int(color[at : at + 2], 16) for at in (1, 3, 5)] for color in anchors])
    at = np.linspace(0, len(anchors) - 1, count)
    mixed = np.column_stack([np.interp(at, range(len(anchors)), channel) for channel in channels.T])
    return [f"#{red:02X}{green:02X}{blue:02X}" for red, green, blue in mixed.round().astype(int)]


def likert(listed: list[Answered], context: Context) -> "Figure":
    """Draw a bar an item: shares of its answers, the middle one half to each side.

    Parameters
    ----------
    listed : list of Answered
        Items with the same list of answers stand together.
    context : Context
        Language.
    """
    words = context.words
    labels = _labels(listed)
    left, right = edges(labels, TINY + 0.5), ACROSS - MARGIN - _COUNTS
    keys, headings, places, down = _places(listed, labels)
    sheet = Sheet(down + AXIS + 2, foot(context, ("answers", "dont_know"), words("figure.likert_note")))
    reach = max(one.left for one in listed), max(1 - one.left for one in listed)
    panel = Panel(sheet, left, MARGIN, right, down, -reach[0] - 0.02, reach[1] + 0.02, down, MARGIN)
    at = [tick for tick in np.arange(-1, 1.01, 0.25) if panel.x0 <= tick <= panel.x1]
    panel.x_axis(words("figure.likert_x"), at, [f"{abs(tick) * 100:.0f}%" for tick in at])
    for y, answers in keys:
        _key(sheet, answers, y)
    for y, heading in headings:
        sheet.text(MARGIN, y, fitted(heading, left - MARGIN, SMALL, 1, True), size=SMALL, bold=True)
    name_rows(sheet, labels, places, left, TINY + 0.5)
    for name, members in groupby(range(len(listed)), key=lambda row: listed[row].answers):
        rows = list(members)
        middle = [(panel.x(0), places[rows[0]] - 8), (panel.x(0), places[rows[-1]] + 8)]
        sheet.strokes([middle], INK, wide=0.7, order=1.7)
        _bars(
            sheet,
            panel,
            [listed[row] for row in rows],
            np.array([places[row] for row in rows]),
            name,
            context,
        )
    _counts(sheet, right + 6, listed, places, context)
    return sheet.figure


def _places(
    listed: list[Answered], labels: list[str]
) -> tuple[list[tuple[float, tuple[str, ...]]], list[tuple[float, str]], list[float], float]:
    """Return where keys, headings and rows stand, and where the last row ends."""
    keys, headings, places = [], [], list[float]()
    at, scale = MARGIN, ""
    for row, (one, label) in enumerate(zip(listed, labels, strict=True)):
        if row == 0 or listed[row - 1].answers != one.answers:
            at += 4 * (row > 0)
            keys.append((at, one.answers))
            at, scale = at + key_height(one.answers) + 4, ""
        if one.scale != scale:
            headings.append((at + _HEADING / 2 + 1, one.scale))
            at += _HEADING if one.scale else 3
            scale = one.scale
        high = max(_ROW, height(label, TINY + 0.5) + 2)
        places.append(at + high / 2)
        at += high
    return keys, [one for one in headings if one[1]], places, at + 3


def key_height(answers: tuple[str, ...]) -> float:
    """Return how much room the key of a list of answers takes."""
    return 13.0 * len(_key_rows(answers))


def _key_rows(answers: tuple[str, ...]) -> list[list[tuple[int, str, float]]]:
    """Return the entries of a key in rows: which answer, its label, where it stands."""
    rows: list[list[tuple[int, str, float]]] = [[]]
    at = MARGIN
    for number_of, label in enumerate(answers):
        shown = fitted(label, 150, SMALL, 1)
        need = 13 + width(shown, SMALL) + 12
        if rows[-1] and at + need - 12 > ACROSS - MARGIN - _COUNTS:
            rows.append([])
            at = MARGIN
        rows[-1].append((number_of, shown, at))
        at += need
    return rows


def _key(sheet: Sheet, answers: tuple[str, ...], top: float) -> None:
    looks = colours(len(answers))
    for line, entries in enumerate(_key_rows(answers)):
        y = top + 13 * line + 6
        for at, label, x in entries:
            color, striped = looks[at]
            sheet.bars([x], [x + 10], [y - 4], [y + 4], color)
            if striped:
                sheet.striped([x], [x + 10], [y - 4], [y + 4])
            sheet.text(x + 13, y, label, size=SMALL)


def _bars(
    sheet: Sheet,
    panel: Panel,
    listed: list[Answered],
    places: np.ndarray,
    answers: tuple[str, ...],
    context: Context,
) -> None:
    shares = np.array([one.shares for one in listed])
    ends = np.cumsum(shares, axis=1) - np.array([[one.left] for one in listed])
    starts = ends - shares
    for at, (color, striped) in enumerate(colours(len(answers))):
        there = shares[:, at] > 0
        if there.any():
            y = places[there]
            left, right = starts[there, at], ends[there, at]
            sheet.bars(
                left, right, y - _HALF, y + _HALF, color, edge="white",
                name=f"answer-{at + 1}-{places[0]:.0f}", transform=panel.transform,
            )  # fmt: skip
            if striped:
                sheet.striped(panel.xs(left), panel.xs(right), y - _HALF, y + _HALF)
        for row in np.nonzero(shares[:, at] >= _PRINTED)[0]:
            middle = panel.x(float(starts[row, at] + ends[row, at]) / 2)
            shown = f"{shares[row, at] * 100:.0f}"
            if striped:
                half = width(shown, TINY) / 2 + 1
                sheet.bars(
                    [middle - half], [middle + half], [places[row] - 3.6], [places[row] + 3.6], color, order=2
                )
            ink = "white" if color in _DARK else INK
            sheet.text(middle, float(places[row]), shown, size=TINY, color=ink, along="middle")


def _counts(sheet: Sheet, left: float, listed: list[Answered], places: list[float], context: Context) -> None:
    words = context.words
    sheet.text(left + 22, places[0] - _ROW, "n", size=SMALL, along="end")
    told = any(one.offered or one.unknown for one in listed)
    if told:
        head = fitted(words("figure.unknown"), 34, TINY, 2)
        sheet.text(ACROSS - MARGIN, places[0] - _ROW, head, size=TINY, along="end")
    for one, y in zip(listed, places, strict=True):
        sheet.text(left + 22, y, f"{one.n}", size=TINY, along="end")
        if told:
            shown = f"{one.unknown}" if one.offered or one.unknown else "—"
            sheet.text(ACROSS - MARGIN, y, shown, size=TINY, color=FAINT, along="end")
