"""The letters a page uses, cut out of the typeface of the install, to travel inside the page."""

import base64
import io
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from manyi_instruments.fonts import FAMILY, font_paths
from manyi_outputs.report.outlines import cut_outlines

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont

#: The page sets one glyph a character: it needs none of the tables that exchange and move glyphs.
_TABLES_OFF = ("GSUB", "GPOS", "GDEF")
_FAMILY_AND_STYLE = (1, 2)


def font_face(text: Iterable[str]) -> str:
    """Return an ``@font-face`` rule that holds every character of the text the typeface has.

    Parameters
    ----------
    text : iterable of str
        Any strings; each character counts once.

    Returns
    -------
    str
        CSS with the font as WOFF in a ``data:`` address. The same text gives the same rule.
    """
    data = base64.b64encode(letters(text)).decode("ascii")
    return f'@font-face{{font-family:"{FAMILY}";src:url(data:font/woff;base64,{data}) format("woff")}}'


def letters(text: Iterable[str]) -> bytes:
    """Return a WOFF file of the text's characters that the typeface has."""
    from fontTools.ttLib import TTFont

    characters: set[str] = set().union(*text)
    buffer = io.BytesIO()
    with TTFont(font_paths()[0], recalcTimestamp=False, recalcBBoxes=False, lazy=True) as font:
        _cut(font, {ord(character) for character in characters})
        font.flavor = "woff"
        font.save(buffer)
    return buffer.getvalue()


def _cut(font: "TTFont", codes: set[int]) -> None:
    """Leave a font the glyphs of these code points and its first, which stands for what it lacks."""
    order = font.getGlyphOrder()
    shown = {code: glyph for code, glyph in font.getBestCmap().items() if code in codes}
    kept = {order[0], *shown.values()}
    numbers = [number for number, glyph in enumerate(order) if glyph in kept]
    glyphs = [order[number] for number in numbers]
    widths = font["hmtx"].metrics
    cut_outlines(font["CFF "].cff, numbers, glyphs)
    font["hmtx"].metrics = {glyph: widths[glyph] for glyph in glyphs}
    font["name"].names = [record for record in font["name"].names if record.nameID in _FAMILY_AND_STYLE]
    font["cmap"].tables = [_character_map(shown)]
    for tag in _TABLES_OFF:
        del font[tag]
    font.setGlyphOrder(glyphs)


def _character_map(shown: dict[int, str]) -> Any:
    """Return the table from code points of all planes to glyphs."""
    from fontTools.ttLib.tables._c_m_a_p import CmapSubtable

    table = CmapSubtable.newSubtable(12)
    table.platformID, table.platEncID, table.language, table.cmap = 3, 10, 0, shown
    return table
