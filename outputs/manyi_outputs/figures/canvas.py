"""What every figure shares: the typeface the install brings, colours, wrapping, and files without dates."""

import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from manyi_instruments.fonts import FAMILY, font_paths

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Okabe and Ito (2008): told apart by colour-blind readers, and by their lightness in print.
BLUE, VERMILION, GREY, INK = "#0072B2", "#D55E00", "#8A8A8A", "#222222"
#: Where the typeface of the install lacks a character, the one matplotlib brings is asked.
FAMILIES = (FAMILY, "DejaVu Sans")
#: The printers' sign for a character that is not in the case.
GETA = "〓"
WIDTH = 7.2
#: Points between an axis and what is written at it.
_TICK_PAD = 3.5
#: Points from the x axis to what it shows: tick, its label, and the room between.
_LABEL_DROP = 19.5
#: Around everything, in sizes of the type.
_MARGIN = 0.4
#: What keys above the axes take, in heights of themselves.
_KEY_ROOM = 1.3
_DPI = 200
#: Lines and flat colours get no smaller above this level, only slower.
_COMPRESSION = 3
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


@cache
def _drawable() -> frozenset[int]:
    """Return the code points that the typefaces have."""
    from matplotlib import font_manager

    _register()
    points: set[int] = set()
    for family in FAMILIES:
        found = font_manager.findfont(font_manager.FontProperties(family=family), fallback_to_default=False)
        points.update(font_manager.get_font(found).get_charmap())
    return frozenset(points)


def drawable(text: str) -> str:
    """Return the text with ``〓`` for a character no typeface here has, so that no box is drawn.

    Examples
    --------
    >>> drawable("满意度 α ≥ .70")
    '满意度 α ≥ .70'
    """
    points = _drawable()
    return "".join(character if character == "\n" or ord(character) in points else GETA for character in text)


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


def name_rows(axes: "Axes", labels: Sequence[str], positions: Iterable[float] | None = None) -> None:
    """Write a label before every row of a figure: ticks would be five artists a row, of which one shows.

    Parameters
    ----------
    axes : Axes
    labels : sequence of str
    positions : iterable of float, optional
        Of the rows on the y axis; default 0, 1, 2, …
    """
    axes.yaxis.set_visible(False)
    transform, along, across = axes.get_yaxis_text1_transform(_TICK_PAD)
    widest = max((_widest(label) for label in labels), default=0)
    for position, label in zip(range(len(labels)) if positions is None else positions, labels, strict=True):
        axes.text(
            0,
            position,
            label,
            transform=transform,
            va=along,
            ha=across,
            fontsize=_STYLE["ytick.labelsize"],
            # What is much shorter by the count cannot be the longest in print: it need not be measured.
            in_layout=_widest(label) > 0.7 * widest,
        )


def _widest(text: str) -> int:
    return max(_columns(line) for line in text.split("\n"))


def label_below(axes: "Axes", text: str) -> None:
    """Write what the x axis shows, below the labels of its ticks.

    These are one line of one size: matplotlib need not measure each of them, for every file, to find out.
    """
    from matplotlib.transforms import ScaledTranslation

    drop = ScaledTranslation(0, -_LABEL_DROP / 72, cast(Any, axes.figure).dpi_scale_trans)
    axes.set_xlabel(text)
    axes.xaxis.set_label_coords(0.5, 0, transform=axes.transAxes + drop)


def settled(figure: "Figure") -> "Figure":
    """Lay a finished figure out: axes take the room that their labels and the keys above them leave."""
    with style():
        figure.tight_layout(pad=_MARGIN)
        # Asked to leave room for keys by its `rect`, tight_layout measures everything a second time.
        keys = [key.get_window_extent().height for key in figure.legends]
        room = _KEY_ROOM * max(keys, default=0.0) / figure.bbox.height
        figure.subplots_adjust(top=figure.subplotpars.top - room)
    return figure


def svg(figure: "Figure", name: str, title: str = "", *, outlines: bool = True) -> str:
    """Return a figure as SVG that can stand in a page, the same text for the same numbers.

    Parameters
    ----------
    figure : Figure
    name : str
        Put before every id, so that several figures can stand in one page.
    title : str
        Read out in place of the figure.
    outlines : bool
        Letters as outlines, which look the same everywhere; False for a page that brings the typeface.
    """
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    buffer = io.StringIO()
    with style({"svg.hashsalt": name, "svg.fonttype": "path" if outlines else "none"}):
        # Not savefig: it draws every figure twice, the first time to lay it out.
        metadata = {"Date": None, "Creator": None, "Title": title or name}
        cast(Any, FigureCanvasSVG(figure)).print_svg(buffer, metadata=metadata)
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    prefix = re.sub(r"\W", "-", name)
    text = _ID.sub(lambda found: f"{found[1]}{prefix}-", text)
    return text.replace("<svg ", '<svg role="img" ', 1)


def png(figure: "Figure") -> bytes:
    """Return a figure as PNG at 200 dots an inch, without date or program."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    buffer = io.BytesIO()
    before = figure.dpi
    with style():
        figure.set_dpi(_DPI)
        drawn = cast(Any, FigureCanvasAgg(figure))
        drawn.print_png(buffer, metadata={"Software": None}, pil_kwargs={"compress_level": _COMPRESSION})
        figure.set_dpi(before)
    return buffer.getvalue()
