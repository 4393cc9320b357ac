"""The Chinese typeface the install brings, so that no form or figure depends on what a machine has."""

from functools import cache
from importlib.resources import files
from pathlib import Path

#: Family name by which typst, matplotlib and browsers find the typeface.
FAMILY = "Manyi Sans SC"


def font_paths() -> tuple[Path, ...]:
    """Return the font files, regular first, then bold.

    Returns
    -------
    tuple of Path
        OpenType files (CFF outlines) of the family ``FAMILY``.

    Examples
    --------
    >>> [path.name for path in font_paths()]
    ['ManyiSansSC-Regular.otf', 'ManyiSansSC-Bold.otf']
    """
    folder = Path(str(files(__package__)))
    return (folder / "ManyiSansSC-Regular.otf", folder / "ManyiSansSC-Bold.otf")


@cache
def characters() -> frozenset[str]:
    """Return every character that all the font files have."""
    from fontTools.ttLib import TTFont

    covered: list[set[int]] = []
    for path in font_paths():
        with TTFont(path, lazy=True) as font:
            covered.append(set(font.getBestCmap()))
    return frozenset(chr(code) for code in set.intersection(*covered))


def missing_characters(text: str) -> str:
    """Return the characters of a text that the typeface lacks.

    Parameters
    ----------
    text : str
        Any text; line breaks and tabs are not counted.

    Returns
    -------
    str
        Each missing character once, in order of code point; empty where nothing is missing.

    Examples
    --------
    >>> missing_characters("县域义务教育 χ² ≤ 0.05 □")
    ''
    >>> missing_characters("满意 ᠮ")
    'ᠮ'
    """
    return "".join(sorted(set(text) - characters() - set("\n\r\t")))
