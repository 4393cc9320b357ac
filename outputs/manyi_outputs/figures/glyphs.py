"""The characters of figures: their outlines, how wide a text is, and where its lines break.

matplotlib lays a text out anew for every file, through FreeType and HarfBuzz: half a second for a figure of
three hundred short texts. Here a glyph is read once and widths are sums of advances, so that a figure is
measured before it is drawn, and the room a label needs is the same on every machine.
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Literal

import numpy as np

from manyi_instruments.fonts import FAMILY, font_paths

#: Glyphs are read at this size: one unit of the typeface a point.
EM = 1000
#: From one line of a text to the next, in sizes of the type.
LEADING = 1.28
#: The middle of figures and of wide characters above the line they stand on, in sizes of the type.
MIDDLE = 0.37
#: Height of letters above that line and depth below it.
ASCENT, DESCENT = 0.88, 0.12
#: The printers' sign for a character that is not in the case.
GETA = "〓"
#: Where the typeface of the install lacks a character, the one matplotlib brings is asked.
FAMILIES = (FAMILY, "DejaVu Sans")

#: Words with the punctuation behind them, blanks, and single wide characters.
_PARTS = re.compile(r"[^\s\u2e80-\uffff]+\s*|\s+|.")
#: Characters from here on are as wide as high.
_WIDE = 0x2E80
_CLOSING, _OPENING = "，。、；：？！）》”’,.;:?!)", "（《“‘("

Along = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Glyph:
    """A character's outline, in units of `EM`.

    Parameters
    ----------
    vertices : ndarray, shape (k, 2)
        y upwards from the line the character stands on.
    codes : ndarray, shape (k,)
        Of `matplotlib.path.Path`.
    advance : float
        To the next character.
    """

    vertices: np.ndarray
    codes: np.ndarray
    advance: float


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text at its place on the sheet.

    Parameters
    ----------
    text : str
    x, y : float
        Points from the left and the upper edge; y of the line the letters stand on.
    size : float
        Points.
    color : str
    bold : bool
    along : {"start", "middle", "end"}
        Which part of the text stands at x.
    upward : bool
        Read from below upwards.
    """

    text: str
    x: float
    y: float
    size: float
    color: str
    bold: bool = False
    along: Along = "start"
    upward: bool = False

    @property
    def start(self) -> tuple[float, float]:
        """Return where the first letter begins."""
        share = {"start": 0.0, "middle": 0.5, "end": 1.0}[self.along]
        back = share * width(self.text, self.size, self.bold)
        return (self.x, self.y + back) if self.upward else (self.x - back, self.y)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Return left, upper, right and lower edge."""
        x, y = self.start
        long, up, down = width(self.text, self.size, self.bold), ASCENT * self.size, DESCENT * self.size
        return (x - up, y - long, x + down, y) if self.upward else (x, y - up, x + long, y + down)


@cache
def _fonts(bold: bool) -> tuple[Any, ...]:
    """Return the open font files, in the order in which they are asked for a character."""
    from matplotlib import font_manager
    from matplotlib.ft2font import FT2Font

    plain, heavy = font_paths()
    brought = font_manager.findfont(
        font_manager.FontProperties(family=FAMILIES[1], weight="bold" if bold else "normal")
    )
    fonts = [FT2Font(str(path)) for path in (heavy if bold else plain, brought)]
    for font in fonts:
        font.set_size(EM, 72)
    return tuple(fonts)


@cache
def code_points() -> frozenset[int]:
    """Return the code points that the typefaces have."""
    return frozenset().union(*(font.get_charmap() for font in _fonts(False)))


@cache
def glyph(character: str, bold: bool = False) -> Glyph:
    """Return a character's outline; that of `GETA` where no typeface has it."""
    from matplotlib.ft2font import LoadFlags

    font = next((font for font in _fonts(bold) if font.get_char_index(ord(character))), None)
    if font is None:
        return glyph(GETA, bold)
    loaded = font.load_char(ord(character), flags=LoadFlags.NO_HINTING)
    vertices, codes = font.get_path()
    return Glyph(np.asarray(vertices, dtype=float), np.asarray(codes), loaded.linearHoriAdvance / 65536)


@lru_cache(maxsize=20_000)
def _em_width(text: str, bold: bool) -> float:
    return sum(glyph(character, bold).advance for character in text) / EM


def width(text: str, size: float, bold: bool = False) -> float:
    """Return how wide a text of one or more lines is, in points.

    Examples
    --------
    >>> width("满意", 10)
    20.0
    """
    return size * max((_em_width(line, bold) for line in text.split("\n")), default=0.0)


def height(text: str, size: float) -> float:
    r"""Return how high a text of one or more lines is, in points.

    Examples
    --------
    >>> round(height("满意\n满意", 10), 2)
    22.8
    """
    return size * (ASCENT + DESCENT + LEADING * text.count("\n"))


@cache
def fitted(
    text: str, room: float, size: float, lines: int = 2, bold: bool = False, *, even: bool = True
) -> str:
    """Break a label into lines no wider than `room` points; what is left over becomes ``…``.

    Chinese breaks anywhere but before closing and after opening punctuation, other text at blanks, a word
    longer than a line wherever the line ends.

    Examples
    --------
    >>> print(fitted("每百名学生拥有体育、艺术专任教师数", 100, 10))
    每百名学生拥有体育、
    艺术专任教师数
    >>> fitted("满意" * 200, 50, 10, lines=1)
    '满意满意…'
    """
    clean = drawable(" ".join(text.split()))
    kept, whole = _broken(clean, room, size, lines, bold)
    if even and whole and len(kept) > 1:
        # Lines of like length: no single character on the last one.
        for share in (0.85, 0.7, 0.6):
            narrower, still = _broken(clean, room * share, size, lines, bold)
            if not still or len(narrower) > len(kept):
                break
            kept = narrower
    return "\n".join(kept)


def _broken(text: str, room: float, size: float, lines: int, bold: bool) -> tuple[list[str], bool]:
    """Return a text as lines, and whether all of it stands there."""
    broken = [""]
    for part in _PARTS.findall(text):
        for piece in _pieces(part, room, size, bold):
            line = broken[-1]
            if line and width(line + piece.rstrip(), size, bold) > room:
                # A line neither begins with closing punctuation nor ends with opening.
                moved = _moved(line, piece[0])
                broken[-1] = line.removesuffix(moved)
                broken.append(moved)
            broken[-1] += piece if broken[-1] else piece.lstrip()
        if len(broken) > lines:
            break
    kept = [line.rstrip() for line in broken[:lines]]
    if len(broken) > lines:
        kept[-1] = _cut(kept[-1], room, size, bold)
    return kept, len(broken) <= lines


def _moved(line: str, following: str) -> str:
    """Return the end of a line that must stand on the next one with what follows."""
    at = len(line)
    while at > 1 and ((line[at] if at < len(line) else following) in _CLOSING or line[at - 1] in _OPENING):
        at -= 1
    return line[at:]


def _pieces(part: str, room: float, size: float, bold: bool) -> list[str]:
    """Return a word as pieces that fit into a line each."""
    if width(part.rstrip(), size, bold) <= room:
        return [part]
    pieces = [""]
    for character in part:
        if pieces[-1] and width(pieces[-1] + character, size, bold) > room:
            pieces.append("")
        pieces[-1] += character
    return pieces


def _cut(line: str, room: float, size: float, bold: bool) -> str:
    # Of the typeface the sign of Chinese stands in the middle of the line, where no other script has it.
    sign = "…" if not line or ord(line[-1]) >= _WIDE else "..."
    while line and width(line + sign, size, bold) > room:
        line = line[:-1]
    return line.rstrip(" ，、；。,;.") + sign


def drawable(text: str) -> str:
    """Return the text with ``〓`` for a character no typeface here has, so that no box is drawn.

    Examples
    --------
    >>> drawable("满意度 α ≥ .70")
    '满意度 α ≥ .70'
    """
    points = code_points()
    return "".join(character if character == "\n" or ord(character) in points else GETA for character in text)
