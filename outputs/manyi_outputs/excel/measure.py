"""How much room a text takes: the widths of Times and of full-width characters, and where lines break."""

import math
from functools import lru_cache

from manyi_outputs.excel.type import BODY_SIZE, EITHER, is_wide

#: Widths of Times Roman in thousandths of the size (Adobe's AFM), by the characters that have them.
_TIMES = {
    250: " .,",
    278: "ijlt/:;\\",
    333: "frI()[]-!'’‘`",
    389: "sJ",
    400: "°",
    408: '"',
    444: "aceçéz?“”",
    480: "{}",
    500: "bdghknopqvxyu0123456789*$_#–αβεηξσ",
    556: "FPS",
    564: "+−<>=×÷±~",
    611: "EZTLλμ",
    667: "BCR",
    722: "ADGHKNOQUVXYwΔ",
    778: "m&",
    833: "%",
    889: "M",
    921: "@",
    944: "W",
    1000: "—…",
}
_WIDTHS = {sign: width / 1000 for width, signs in _TIMES.items() for sign in signs}
_OTHER = 0.55
_BOLD = 1.06
#: Pixels: a column's unit at the default font, its margins beyond five, and one point at 96 to the inch.
_UNIT, _MARGIN, _POINT = 7.0, -1.0, 96 / 72
#: Room beside the text of a column, in its units.
BESIDE = 1.5
#: Programs differ in their fonts by so much.
_SAFE = 0.985


def points_of(units: float) -> float:
    """Return the width in points of a column that is so many units wide."""
    return (math.trunc(units * _UNIT) + 5) / _POINT


def ems(text: str) -> float:
    """Return the width of a text in widths of a full-width character.

    Examples
    --------
    >>> ems("满意"), ems("10")
    (2.0, 1.0)
    """
    width = sum(map(_width, text))
    if EITHER.intersection(text) and any(map(is_wide, text)):
        width += sum(1.0 - _width(sign) for sign in text if sign in EITHER)
    return width


@lru_cache(maxsize=1 << 14)
def _width(sign: str) -> float:
    return 1.0 if is_wide(sign) else _WIDTHS.get(sign, _OTHER)


def lines_of(text: str, units: float, size: float = BODY_SIZE, *, bold: bool = False, indent: int = 0) -> int:
    """Return how many lines a text takes in a column.

    Parameters
    ----------
    text : str
    units : float
        Width of the column, or of the merged columns.
    size : float
        Of the type, in points.
    bold : bool
    indent : int
        Steps of indent, each as wide as nine pixels.

    Examples
    --------
    >>> lines_of("总体满意度", 10), lines_of("总体满意度与认可", 10), lines_of("one two three", 8)
    (1, 2, 2)
    """
    room = (math.trunc(units * _UNIT) - _MARGIN - 9 * indent) * _SAFE / (size * _POINT)
    if bold:
        room /= _BOLD
    return sum(_wrapped(part, max(room, 1.0)) for part in text.split("\n"))


@lru_cache(maxsize=1 << 16)
def _wrapped(text: str, room: float) -> int:
    """Return the lines of one paragraph in a room of so many ems: words stay whole where they fit."""
    if len(text) <= room or ems(text) <= room:
        return 1
    lines, used = 1, 0.0
    for word in _pieces(text):
        width = ems(word.rstrip())
        if used and used + width > room:
            lines, used = lines + 1, 0.0
        while width > room:
            # Longer than a line: it breaks where the line ends.
            fits = max(1, int(room / width * len(word)))
            word, lines = word[fits:], lines + 1
            width = ems(word.rstrip())
        used += ems(word)
    return lines


def _pieces(text: str) -> list[str]:
    """Return what a line may not break within: a word with the blanks behind it, one wide character."""
    pieces: list[str] = []
    fresh = True
    for sign in text:
        wide = is_wide(sign)
        if fresh or wide or is_wide(pieces[-1][-1]):
            pieces.append(sign)
        else:
            pieces[-1] += sign
        fresh = sign in " -/"
    return pieces
