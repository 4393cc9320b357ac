"""Fonts and rules of printed tables: 宋体 with Times New Roman, lines of 1.5 and 0.75 points."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from openpyxl.styles import Side

from manyi_outputs.wording import statistic_runs

WIDE_FONT: Final = "宋体"
NARROW_FONT: Final = "Times New Roman"
BODY_SIZE: Final = 9.0
TITLE_SIZE: Final = 10.5
BLACK: Final = "FF000000"
GREY: Final = "FF9A9A9A"
LINK: Final = "FF0B5394"
#: Excel's medium line is 1.5 points at 100 %, its thin line 0.75.
HEAVY: Final = Side(style="medium", color=BLACK)
LIGHT: Final = Side(style="thin", color=BLACK)

#: Roman numerals, numbers in circles and the like, which Times does not have.
_NUMERALS: Final = frozenset(
    map(chr, (*range(0x2160, 0x2180), *range(0x2460, 0x2500), *range(0x2600, 0x27C0)))
)
#: Signs that are of the script they stand beside: quotation marks, dashes, dots.
EITHER: Final = frozenset("“”‘’…—·")
_LINE_HEIGHT: Final = 1.36
#: The most a row can have in Excel, in points.
_TALLEST: Final = 409.0
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
#: A symbol of a statistic in a running text, known by the sign behind it.
_SYMBOL = re.compile(r"(?<![A-Za-z0-9])(n|N|M|SD|SE|B|t|p|F|df)(?= ?[=<＝])")


@lru_cache(maxsize=1 << 14)
def is_wide(character: str) -> bool:
    """Return whether a character takes the room of a Chinese one and is set in the Chinese font.

    Examples
    --------
    >>> [is_wide(character) for character in "题，（a1α±Ⅲ"]
    [True, True, True, False, False, False, False, True]
    """
    return unicodedata.east_asian_width(character) in "WF" or character in _NUMERALS


def height_of(lines: int, size: float = BODY_SIZE) -> float:
    """Return the height in points of a row with so many lines, at most what a row can have."""
    return min(lines * size * _LINE_HEIGHT + 3, _TALLEST)


def most_lines(size: float = BODY_SIZE) -> int:
    """Return how many lines a row can have."""
    return int((_TALLEST - 3) / (size * _LINE_HEIGHT))


def printable(text: str) -> str:
    """Return the text without control characters, which a workbook cannot hold."""
    return _FORBIDDEN.sub("", text)


def face_of(text: str) -> str:
    """Return the typeface for a text of one script: the Chinese one where any character is wide."""
    return WIDE_FONT if any(map(is_wide, text)) else NARROW_FONT


def runs(text: str) -> list[str]:
    """Split a text into runs that are wide or narrow throughout; blanks stay with the run before.

    Examples
    --------
    >>> runs("校正的 r 与α系数")
    ['校正的 ', 'r ', '与', 'α', '系数']
    >>> runs("标“R”的题“不”选")
    ['标“', 'R', '”的题“不”选']
    """
    if not any(map(is_wide, text)):
        return [text] if text else []
    parts: list[str] = []
    wide_run = False
    for position, character in enumerate(text):
        wide = is_wide(character) or (character in EITHER and _beside_wide(text, position))
        if parts and (character == " " or wide == wide_run):
            parts[-1] += character
        else:
            parts.append(character)
            wide_run = wide
    return parts


def _beside_wide(text: str, position: int) -> bool:
    """Return whether a sign stands beside a wide one."""
    return any(map(is_wide, text[max(position - 1, 0) : position + 2]))


def heading_pieces(text: str) -> list[tuple[str, bool]]:
    """Return the parts of a heading, each with whether it is the symbol of a statistic, set in italics."""
    return statistic_runs(text)


def note_pieces(text: str) -> list[tuple[str, bool]]:
    """Return the parts of a note, each with whether it is set in italics: symbols before ``=`` and ``<``.

    Examples
    --------
    >>> note_pieces("n = 12; R package")
    [('n', True), (' = 12; R package', False)]
    """
    parts = _SYMBOL.split(text)
    return [(part, position % 2 == 1) for position, part in enumerate(parts) if part]
