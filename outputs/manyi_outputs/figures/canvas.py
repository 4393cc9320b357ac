"""What every figure shares: the typeface the install brings, colours, wrapping, and files without dates."""

import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakKeyDictionary
from xml.sax.saxutils import escape

import numpy as np

from manyi_instruments.fonts import font_paths
from manyi_outputs.figures.glyphs import FAMILIES, drawable
from manyi_outputs.figures.pixels import png_file

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Okabe and Ito (2008): told apart by colour-blind readers, and by their lightness in print.
BLUE, VERMILION, GREY, INK = "#0072B2", "#D55E00", "#8A8A8A", "#222222"
#: Inches: the text of an A4 page between margins of 2.5 cm, so that letters are printed as large as drawn.
WIDTH = 6.3
#: Around everything, in sizes of the type.
_MARGIN = 0.4
#: What keys above the axes take, in heights of themselves.
_KEY_ROOM = 1.3
#: Of pictures.
DPI = 300
_STYLE: dict[Any, Any] = {
    "font.family": list(FAMILIES),
    "font.size": 9.0,
    "axes.edgecolor": "#555555",
    "axes.linewidth": 0.7,
    "axes.labelcolor": INK,
    "axes.labelsize": 9.0,
    "axes.unicode_minus": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "text.color": INK,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "lines.linewidth": 1.3,
    "text.parse_math": False,
    "figure.facecolor": "white",
}
#: Report, Word and files on disk show the same pictures.
_pictures: "WeakKeyDictionary[Figure, bytes]" = WeakKeyDictionary()
_ID = re.compile(r'(\bid="|xlink:href="#|url\(#)')


@cache
def _register() -> None:
    """Tell matplotlib once where the font files are."""
    from matplotlib import font_manager

    for path in font_paths():
        font_manager.fontManager.addfont(str(path))


@contextmanager
def style(more: Mapping[Any, Any] | None = None) -> Iterator[None]:
    """Draw with the shared style and more settings; the caller's own come back afterwards."""
    import matplotlib as mpl

    _register()
    with mpl.rc_context({**_STYLE, **(more or {})}):
        yield


def wrapped(text: str, width: int, lines: int = 2) -> str:
    """Break a label into lines of at most `width` half-width characters; what is left over becomes ``…``.

    Chinese breaks anywhere but before closing and after opening punctuation, other text at blanks.

    Examples
    --------
    >>> print(wrapped("每百名学生拥有体育、艺术专任教师数", 20))
    每百名学生拥有体育、
    艺术专任教师数
    >>> print(wrapped("teaching and auxiliary floor space per pupil", 16))
    teaching and
    auxiliary floor…
    """
    broken: list[str] = [""]
    for part in re.findall(r"[^\W\u2e80-\uffff]+[^\w\s\u2e80-\uffff]*\s*|\s+|.", text):
        closing = part[0] in "，。、；：？！）》”’,.;:?!)"
        if _columns(broken[-1]) + _columns(part.rstrip()) > width and broken[-1] and not closing:
            opening = broken[-1][-1] if broken[-1][-1] in "（《“‘(" else ""
            broken[-1] = broken[-1].removesuffix(opening)
            broken.append(opening)
        broken[-1] += part if broken[-1] else part.lstrip()
    kept = [line.rstrip() for line in broken[:lines]]
    if len(broken) > lines:
        kept[-1] += "…"
    return drawable("\n".join(kept))


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def canvas(height: float, columns: int = 1, *, share: bool = False) -> "tuple[Figure, list[Axes]]":
    """Return an empty figure of the common width and its axes, side by side."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height))
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, columns, squeeze=False, sharey=share)
    return figure, list(axes.flat)


def settled(figure: "Figure") -> "Figure":
    """Lay a finished figure out: axes take the room that their labels and the keys above them leave."""
    with style():
        figure.tight_layout(pad=_MARGIN)
        # Asked to leave room for keys by its `rect`, tight_layout measures everything a second time.
        keys = [key.get_window_extent().height for key in figure.legends]
        room = _KEY_ROOM * max(keys, default=0.0) / figure.bbox.height
        figure.subplots_adjust(top=figure.subplotpars.top - room)
    return figure


def svg(figure: "Figure", name: str, title: str = "", *, alt: str = "", outlines: bool = True) -> str:
    """Return a figure as SVG that can stand in a page, the same text for the same numbers.

    Parameters
    ----------
    figure : Figure
    name : str
        Put before every id, so that several figures can stand in one page.
    title : str
        Read out in place of the figure.
    alt : str
        What the figure shows, for those who cannot see it.
    outlines : bool
        Letters as outlines, which look the same everywhere; False for a page that brings the typeface.
    """
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    from manyi_outputs.figures.lettering import Lettering

    buffer = io.StringIO()
    with style({"svg.hashsalt": name, "svg.fonttype": "path" if outlines else "none"}):
        # Not savefig: it draws every figure twice, the first time to lay it out.
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        cast(Any, FigureCanvasSVG(figure)).print_svg(buffer, metadata=nothing)
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    for artist in figure.artists:
        if isinstance(artist, Lettering):
            text = text.replace(f"<!-- {artist.PLACE} -->", artist.svg(outlines))
    prefix = re.sub(r"\W", "-", name)
    text = _ID.sub(lambda found: f"{found[1]}{prefix}-", text)
    text = text.replace("<svg ", '<svg role="img" ', 1)
    described = f"\n <title>{escape(title or name)}</title>" + (
        f"\n <desc>{escape(alt)}</desc>" if alt else ""
    )
    return text.replace(">", f">{described}", 1)


def png(figure: "Figure") -> bytes:
    """Return a figure as PNG at 300 dots an inch, without date or program; drawn once."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    if figure in _pictures:
        return _pictures[figure]
    before = figure.dpi
    with style():
        figure.set_dpi(DPI)
        drawn = cast(Any, FigureCanvasAgg(figure))
        drawn.draw()
        figure.set_dpi(before)
    _pictures[figure] = png_file(np.asarray(drawn.buffer_rgba()), DPI)
    return _pictures[figure]
