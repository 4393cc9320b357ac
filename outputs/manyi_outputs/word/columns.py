"""How wide a table's columns are, in which size it is set and whether its page lies on its side."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from manyi_outputs.appendix.table import Cell, Column, Table
from manyi_outputs.word.measure import ems, longest_part
from manyi_outputs.wording import Numerals

DASH: Final = "—"
TWIPS: Final = 20
#: Left and right margin of a cell together, as the style of tables has them.
PADDING: Final = 130
#: Width of the text on an upright page and on one on its side, in twips: A4 with margins of 25 mm.
UPRIGHT: Final = 9070
ACROSS: Final = 14004
#: Sizes below that of the look, in points; the last is used whatever does not fit.
_SMALLER: Final = (8.0, 7.5, 7.0, 6.5, 6.0)
#: Upright pages are not given up for a table that fits them in this size.
_READABLE: Final = 7.5
#: No column of words gets narrower than this, none asks for more than that, in sizes of the type.
_LEAST, _MOST = 5.0, 22.0
#: A narrow table is spread by this much, and not over the whole page.
_SPREAD: Final = 1.3
#: A raised letter against one on the line.
_RAISED: Final = 0.6


@dataclass(frozen=True, slots=True)
class Printed:
    """A cell's text in two parts: up to its decimal point, and from there on.

    Parameters
    ----------
    text : str
        As printed, without the letter of its note.
    note : str
        Letter of its note, raised.
    tail : float
        Width from the decimal point on, in sizes of the type; of words 0.
    number : bool
    """

    text: str
    note: str
    tail: float
    number: bool

    @property
    def width(self) -> float:
        """Return the width in sizes of the type."""
        return ems(self.text) + _RAISED * ems(self.note)


def printed(cell: Cell, numerals: Numerals) -> Printed:
    """Return a cell as it is printed: rounded, with its marks, a dash where there is nothing."""
    if cell.value is None:
        return Printed(DASH, cell.note, 0.0, number=False)
    if isinstance(cell.value, str):
        return Printed(cell.value, cell.note, 0.0, number=False)
    text = numerals.text(cell.kind, float(cell.value)) + cell.mark
    whole = len(text) - len(text.lstrip("<−-0123456789"))
    return Printed(text, cell.note, ems(text[whole:]) + _RAISED * ems(cell.note), number=True)


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table is laid out.

    Parameters
    ----------
    widths : tuple of int
        Of the columns, in twips.
    size : float
        Of the text, in points.
    across : bool
        Whether the page lies on its side.
    tails : tuple of float
        A column's widest part behind the decimal point, in sizes of the type; 0 where numbers do not line
        up at it for want of room.
    """

    widths: tuple[int, ...]
    size: float
    across: bool
    tails: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _Need:
    """What a column needs and would like, in sizes of the type, and its widest tail."""

    least: float
    wish: float
    tail: float


def layout(table: Table, cells: Sequence[Sequence[Printed]], size: float) -> Layout:
    """Return how a table is laid out: upright where it fits, else on its side, else smaller.

    Parameters
    ----------
    table : Table
    cells : sequence of sequence of Printed
        The rows of its body.
    size : float
        In points, the largest it is set in.
    """
    needs = [
        _need(column, [row[position] for row in cells], position)
        for position, column in enumerate(table.columns)
    ]
    needs = _with_spanners(table, needs)
    sizes = (size, *(one for one in _SMALLER if one < size))
    tries = [(one, False) for one in sizes if one >= _READABLE] + [(one, True) for one in sizes]
    for points, across in tries:
        room = ACROSS if across else UPRIGHT
        widths = _widths(needs, table.columns, points, room)
        if widths is not None:
            return Layout(widths, points, across, tuple(need.tail for need in needs))
    points = sizes[-1]
    whole = sum(need.least * points * TWIPS + PADDING for need in needs)
    widths = tuple(int((need.least * points * TWIPS + PADDING) * ACROSS / whole) for need in needs)
    return Layout(widths, points, True, tuple(0.0 for _ in needs))


def _need(column: Column, cells: Sequence[Printed], position: int) -> _Need:
    heading = longest_part(column.heading)
    if column.words:
        widest = max((cell.width for cell in cells), default=0.0)
        part = max((longest_part(cell.text) for cell in cells), default=0.0)
        # A column of words asks for what the workbook gives it, at least for a label of some length.
        wish = min(widest, max(column.width / 2, _MOST / 2), _MOST)
        least = max(heading, min(part, _MOST), min(wish, _LEAST if position else 2 * _LEAST))
        return _Need(least, max(least, wish, _two_lines(column.heading)), 0.0)
    numbers = [cell for cell in cells if cell.number]
    tail = max((cell.tail for cell in numbers), default=0.0)
    whole = max((cell.width - cell.tail for cell in numbers), default=0.0)
    others = max((min(cell.width, _MOST / 2) for cell in cells if not cell.number), default=0.0)
    least = max(whole + tail, others, heading, 2.0)
    return _Need(least, max(least, _two_lines(column.heading)), tail)


def _two_lines(heading: str) -> float:
    """Return the width in which a heading of ordinary length takes a line, a longer one two."""
    width = ems(heading)
    return width if width <= _LEAST else min(width / 2 + 1, 2 * _LEAST)


def _with_spanners(table: Table, needs: Sequence[_Need]) -> list[_Need]:
    """Return the needs with room for the longest word of each shared heading."""
    made = list(needs)
    start = 0
    while start < len(made):
        spanner = table.columns[start].spanner
        end = start + 1
        while spanner and end < len(made) and table.columns[end].spanner == spanner:
            end += 1
        for field in ("least", "wish"):
            wanted = longest_part(spanner) if field == "least" else min(ems(spanner), 2 * _LEAST)
            # What stands between the columns is room too.
            short = wanted - sum(getattr(need, field) for need in made[start:end]) - 0.5 * (end - start - 1)
            if short > 0:
                more = short / (end - start)
                made[start:end] = [
                    replace(need, **{field: getattr(need, field) + more}) for need in made[start:end]
                ]
        made[start:end] = [replace(need, wish=max(need.wish, need.least)) for need in made[start:end]]
        start = end
    return made


def _widths(
    needs: Sequence[_Need], columns: Sequence[Column], points: float, room: int
) -> tuple[int, ...] | None:
    """Return widths that fit, or None: numbers need what they need, words at least most of their wish."""
    unit = points * TWIPS
    least = [need.least * unit + PADDING for need in needs]
    wishes = [need.wish * unit + PADDING for need in needs]
    wanted = sum(
        max(low, 0.55 * wish) if column.words else low
        for column, low, wish in zip(columns, least, wishes, strict=True)
    )
    if wanted > room:
        return None
    total = sum(wishes)
    if total >= room:
        # Between what is needed and what is wished, everybody gets the same share of the difference.
        share = (room - sum(least)) / (total - sum(least))
        return tuple(int(low + share * (wish - low)) for low, wish in zip(least, wishes, strict=True))
    spread = min(room / total, _SPREAD)
    return tuple(int(wish * spread) for wish in wishes)


def lines_in(cell: Printed, width: int, points: float) -> int:
    """Return about how many lines a cell takes in a column of so many twips."""
    room = max((width - PADDING) / (points * TWIPS), 1.0)
    return sum(max(1, -int(-ems(line) * 1.05 // room)) for line in cell.text.split("\n"))
