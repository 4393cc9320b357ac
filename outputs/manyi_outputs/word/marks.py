"""Runs of text as Word has them: escaped, in italics, raised, shared signs in the typeface of the script."""

import re
from functools import cache
from typing import Final
from xml.sax.saxutils import escape

from manyi_outputs.word.measure import is_wide
from manyi_outputs.wording import statistic_runs

#: Signs that both scripts use; Word sets them in the Latin typeface unless told otherwise.
_SHARED: Final = re.compile("([“”‘’…—·]+)")
#: A statistic's symbol within a sentence: what stands before a relation, its degrees of freedom between.
_SYMBOL: Final = re.compile(
    r"(?<![A-Za-z0-9'’])(N|n|M|SD|B|b|SE|t|p|r|k|df|F|R|z|H|U)(?=²?(?:[(（][^()（）]{1,24}[)）])?\s*[=<>≤≥＝＜＞])"
)


#: What no XML file can hold.
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def escaped(text: str) -> str:
    """Return a text as it stands in XML, without the control characters that cannot."""
    return escape(_FORBIDDEN.sub("", text), {'"': "&quot;"})


def run(text: str, properties: str = "", *, tied: bool = False) -> str:
    """Return a run; a line break in the text becomes one in Word.

    Parameters
    ----------
    text : str
    properties : str
        What stands in ``w:rPr``, in the order of the schema.
    tied : bool
        Let no line end at a hyphen, as in a number such as ``3-1``.
    """
    inside = "<w:br/>".join(
        f'<w:t xml:space="preserve">{escaped(line)}</w:t>' if line else ""
        for line in text.replace("\t", " ").split("\n")
    )
    if tied:
        inside = inside.replace("-", '</w:t><w:noBreakHyphen/><w:t xml:space="preserve">')
    return f"<w:r>{f'<w:rPr>{properties}</w:rPr>' if properties else ''}{inside}</w:r>"


@cache
def properties(
    *,
    bold: bool = False,
    italic: bool | None = False,
    color: str = "",
    half_points: int = 0,
    raised: bool = False,
    hint: str = "",
) -> str:
    """Return the properties of a run in the order of the schema; ``italic=None`` switches italics off."""
    parts = [f'<w:rFonts w:hint="{hint}"/>'] if hint else []
    if bold:
        parts.append("<w:b/><w:bCs/>")
    if italic:
        parts.append("<w:i/><w:iCs/>")
    elif italic is None:
        parts.append('<w:i w:val="0"/><w:iCs w:val="0"/>')
    if color:
        parts.append(f'<w:color w:val="{color}"/>')
    if half_points:
        parts.append(f'<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/>')
    if raised:
        parts.append('<w:vertAlign w:val="superscript"/>')
    return "".join(parts)


def words(
    text: str,
    *,
    bold: bool = False,
    italic: bool = False,
    color: str = "",
    half_points: int = 0,
    symbols: bool = False,
    sentence: bool = False,
    hint: str = "",
) -> str:
    """Return the runs of a text.

    Parameters
    ----------
    text : str
    bold, italic : bool
    color : str
        Six hexadecimal digits; empty for that of the style.
    half_points : int
        Size where it is not that of the style; 0 for the style's.
    symbols : bool
        Set symbols of statistics in italics, as in a heading of a table.
    sentence : bool
        Set them in italics where a relation follows them, as in ``p < .001``.
    hint : str
        Script whose typeface the shared signs take where the text holds wide characters.
    """
    if symbols:
        pieces = statistic_runs(text)
    elif sentence:
        parts = _SYMBOL.split(text)
        pieces = [(part, position % 2 == 1) for position, part in enumerate(parts) if part]
    else:
        pieces = [(text, False)]
    of_script = hint if hint and any(map(is_wide, text)) else ""
    made = []
    for piece, sloped in pieces:
        for part in _SHARED.split(piece) if of_script else [piece]:
            if part:
                shared = of_script if of_script and _SHARED.fullmatch(part) else ""
                look = properties(
                    bold=bold, italic=italic or sloped, color=color, half_points=half_points, hint=shared
                )
                made.append(run(part, look))
    return "".join(made)
