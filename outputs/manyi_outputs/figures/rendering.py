"""A figure as SVG and as PNG, without dates, the same bytes for the same numbers."""

import io
import re
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakKeyDictionary
from xml.sax.saxutils import escape

import numpy as np

from manyi_outputs.figures.pixels import png_file

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Of pictures.
DPI = 300
#: Report, Word and files on disk show the same drawings.
_pictures: "WeakKeyDictionary[Figure, bytes]" = WeakKeyDictionary()
_vectors: "WeakKeyDictionary[Figure, str]" = WeakKeyDictionary()
_ID = re.compile(r'(\bid="|xlink:href="#|url\(#)')


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
    from manyi_outputs.figures.lettering import Lettering

    text = _without_letters(figure)
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


def _without_letters(figure: "Figure") -> str:
    """Return a figure as SVG whose letters are left out, drawn once."""
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    if figure not in _vectors:
        buffer = io.StringIO()
        with mpl.rc_context({"svg.hashsalt": "manyi"}):
            # Not savefig: it draws every figure twice, the first time to lay it out.
            nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
            cast(Any, FigureCanvasSVG(figure)).print_svg(buffer, metadata=nothing)
        text = buffer.getvalue()
        _vectors[figure] = text[text.index("<svg") :]
    return _vectors[figure]


def png(figure: "Figure") -> bytes:
    """Return a figure as PNG at 300 dots an inch, without date or program; drawn once."""
    from matplotlib.backend_bases import FigureCanvasBase
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    if figure in _pictures:
        return _pictures[figure]
    before = figure.dpi
    figure.set_dpi(DPI)
    drawn = cast(Any, FigureCanvasAgg(figure))
    drawn.draw()
    figure.set_dpi(before)
    _pictures[figure] = png_file(np.asarray(drawn.buffer_rgba()), DPI)
    # A figure keeps the canvas it was drawn on last, and with it 12 MB of pixels.
    FigureCanvasBase(figure)
    return _pictures[figure]
