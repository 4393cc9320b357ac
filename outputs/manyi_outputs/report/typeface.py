"""The letters a page uses, cut out of the typeface of the install, to travel inside the page."""

import base64
import io
import logging
from collections.abc import Iterable

from manyi_instruments.fonts import FAMILY, font_paths

#: Below U+2E80 every system has the letters; the page's own Chinese is what may be missing.
_KEPT_TABLES_OFF = ["GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx", "STAT", "DSIG"]


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
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    characters = {ord(character) for part in text for character in part}
    options = Options()
    options.layout_features = []
    options.hinting = False
    options.desubroutinize = False
    options.drop_tables += _KEPT_TABLES_OFF
    options.name_IDs = [1, 2]
    options.notdef_outline = True
    # fontTools tells of every table it leaves out; here that is what is asked for.
    logging.getLogger("fontTools.subset").setLevel(logging.ERROR)
    buffer = io.BytesIO()
    with TTFont(font_paths()[0], recalcTimestamp=False, recalcBBoxes=False, lazy=True) as font:
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=characters)
        subsetter.subset(font)
        font.flavor = "woff"
        font.save(buffer)
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    return f'@font-face{{font-family:"{FAMILY}";src:url(data:font/woff;base64,{data}) format("woff")}}'
