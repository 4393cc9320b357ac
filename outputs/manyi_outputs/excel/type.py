"""Fonts, rules and widths of printed tables: 宋体 with Times New Roman, lines of 1.5 and 0.75 points."""

import math
import re
import unicodedata
from functools import cache
from typing import Final

from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Side

from manyi_outputs.wording import statistic_runs

WIDE_FONT: Final = "宋体"
NARROW_FONT: Final = "Times New Roman"
BODY_SIZE: Final = 9.0
TITLE_SIZE: Final = 10.5
BLACK: Final = "FF000000"
GREY: Final = "FF9A9A9A"
#: Excel's medium line is 1.5 points at 100 %, its thin line 0.75.
HEAVY: Final = Side(style="medium", color=BLACK)
LIGHT: Final = Side(style="thin", color=BLACK)

_LINE_HEIGHT: Final = 1.36
#: Column widths count characters of 11 points; text is set smaller.
_ROOM: Final = 1.1
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def is_wide(character: str) -> bool:
    """Return whether a character takes the room of a Chinese one and is set in the Chinese font.

    Examples
    --------
    >>> [is_wide(character) for character in "题，（a1α±"]
    [True, True, True, False, False, False, False]
    """
    return unicodedata.east_asian_width(character) in "WF"


def width_of(text: str) -> float:
    """Return the width of a text in half-width characters; letters are narrower than figures on average."""
    return sum(2 if is_wide(character) else 0.75 if character.isalpha() else 1 for character in text)


def lines_of(text: str, width: float) -> int:
    """Return how many lines a text takes in a column of `width` half-width characters."""
    room = max((width + 0.5) * _ROOM, 2)
    return sum(max(1, math.ceil(width_of(part) / room)) for part in text.split("\n"))


def height_of(lines: int, size: float = BODY_SIZE) -> float:
    """Return the height in points of a row with so many lines."""
    return lines * size * _LINE_HEIGHT + 3


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
    """
    parts: list[str] = []
    for character in text:
        same = parts and (character == " " or is_wide(character) == is_wide(parts[-1][0]))
        if same:
            parts[-1] += character
        else:
            parts.append(character)
    return parts


def typeset(
    text: str,
    size: float = BODY_SIZE,
    bold: bool = False,
    italic: bool = False,
    superscript: str = "",
    symbols: bool = False,
) -> str | CellRichText:
    """Return a cell's words: plain for one script, runs with a font each for a mixture.

    Parameters
    ----------
    text : str
    size : float
        In points.
    bold, italic : bool
    superscript : str
        A raised letter behind the text.
    symbols : bool
        Set the symbols of statistics in italics.
    """
    text = printable(text)
    parts = [
        (part, italic or sloped)
        for piece, sloped in (statistic_runs(text) if symbols else [(text, False)])
        for part in runs(piece)
    ]
    if len(parts) < 2 and not superscript and not (symbols and any(sloped for _, sloped in parts)):
        return text

    blocks = [TextBlock(_inline(face_of(part), size, bold, sloped), part) for part, sloped in parts]
    if superscript:
        raised = _inline(face_of(superscript), size, bold, italic, raised=True)
        blocks.append(TextBlock(raised, superscript))
    return CellRichText(*blocks)


@cache
def _inline(face: str, size: float, bold: bool, italic: bool, *, raised: bool = False) -> InlineFont:
    """Return the font of a run within a cell."""
    return InlineFont(
        rFont=face,
        sz=size,
        b=bold or None,
        i=italic or None,
        vertAlign="superscript" if raised else None,
    )
