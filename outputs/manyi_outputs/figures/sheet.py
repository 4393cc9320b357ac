"""The sheet a figure is drawn on: texts, strokes, bars, marks and surfaces in points, few artists each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np
from numpy.typing import ArrayLike

from manyi_outputs.figures.colours import INK
from manyi_outputs.figures.glyphs import (
    ASCENT,
    LEADING,
    MIDDLE,
    Along,
    Line,
    drawable,
    fitted,
    height,
    width,
)

if TYPE_CHECKING:
    from matplotlib.transforms import Transform

#: Inches: the text of an A4 page between margins of 2.5 cm, so that letters are printed as large as drawn.
WIDTH = 6.3
#: Width of a sheet in points, and the room kept free around everything.
ACROSS, MARGIN = WIDTH * 72, 4.0
#: A figure higher than this would not fit a page with its caption.
PAGE = 640.0
#: Sizes of type in points: texts, what explains them, what must be small.
SIZE, SMALL, TINY = 8.5, 7.5, 6.5
#: Of what explains: dark enough to read on paper (7 : 1 on white).
FAINT = "#555555"

#: White lines over a striped rectangle.
_STRIPES = 3

Upright = Literal["top", "middle", "bottom", "line"]


@dataclass(frozen=True, slots=True)
class Mark:
    """How a point looks.

    Parameters
    ----------
    shape : str
        A marker of matplotlib.
    color : str
    size : float
        Points across.
    filled : bool
        Else white inside.
    """

    shape: str
    color: str
    size: float = 5.0
    filled: bool = True


class Sheet:
    """An empty figure of the common width whose coordinates are points, x to the right, y downwards.

    Parameters
    ----------
    down : float
        Height in points.
    foot : str
        What stands small below: how many answers, from which table.

    Attributes
    ----------
    figure : Figure
    points : Transform
        From points to the figure.
    lines : list of Line
        Its texts.
    """

    def __init__(self, down: float, foot: str = "") -> None:
        from matplotlib.figure import Figure
        from matplotlib.transforms import Affine2D

        from manyi_outputs.figures.lettering import Lettering

        below = fitted(foot, ACROSS - 2 * MARGIN, SMALL, lines=4, even=False) if foot else ""
        start, down = down, down + (height(below, SMALL) + MARGIN if below else 0)
        self.down = down
        self.figure: Figure = Figure(figsize=(WIDTH, down / 72), facecolor="white")
        inches = Affine2D().scale(1 / 72, -1 / 72).translate(0, down / 72)
        self.points: Transform = inches + self.figure.dpi_scale_trans
        self.lines: list[Line] = []
        self.figure.add_artist(Lettering(self.lines, self.points), clip=False)
        if below:
            self.text(MARGIN, start, below, size=SMALL, color=FAINT, upright="top")

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = SIZE,
        color: str = INK,
        bold: bool = False,
        along: Along = "start",
        upright: Upright = "middle",
        upward: bool = False,
    ) -> None:
        """Write a text of one or more lines; `along` and `upright` say which part of it stands at x and y.

        Text that reads upwards is one line whose middle stands at y and whose middle line at x. A text that
        would leave the sheet is cut, and seen to be cut.
        """
        middle = 2 * min(y, self.down - y) if upward else 2 * min(x, ACROSS - x)
        room = middle if upward else {"start": ACROSS - x, "middle": middle, "end": x}[along]
        if width(drawable(text), size, bold) > room - 1:
            text = fitted(text, room - 1, size, text.count("\n") + 1, bold)
        lines = drawable(text).split("\n")
        if upward:
            self.lines.append(
                Line(" ".join(lines), x + MIDDLE * size, y, size, color, bold, "middle", upward=True)
            )
            return
        block = height(text, size)
        first = {
            "top": y + ASCENT * size,
            "middle": y + MIDDLE * size - LEADING * size * (len(lines) - 1) / 2,
            "bottom": y - block + ASCENT * size,
            "line": y,
        }[upright]
        for at, line in enumerate(lines):
            if line:
                self.lines.append(Line(line, x, first + at * LEADING * size, size, color, bold, along))

    def backed(self, x: float, y: float, text: str, *, size: float = SMALL, color: str = INK) -> None:
        """Write a text centred on a point, on a white ground that covers what runs beneath it."""
        half, up = width(text, size) / 2 + 1.2, height(text, size) / 2 - 0.4
        self.bars([x - half], [x + half], [y - up], [y + up], "white", order=5)
        self.text(x, y, text, size=size, color=color, along="middle")

    def strokes(
        self,
        segments: Sequence[ArrayLike],
        color: str | Sequence[str] = INK,
        *,
        wide: float | Sequence[float] = 0.8,
        dashes: str | tuple[float, tuple[float, ...]] = "-",
        order: float = 2,
        name: str = "",
        transform: "Transform | None" = None,
    ) -> None:
        """Draw lines of two or more points each as one artist.

        Parameters
        ----------
        segments : sequence of ndarray, shape (k, 2)
        color, wide, dashes
            Of the strokes.
        order : float
            What is higher covers what is lower.
        name : str
            Id of the artist in the SVG.
        transform : Transform, optional
            Where coordinates are not points of the sheet.
        """
        lines = [np.asarray(one, dtype=float) for one in segments]
        drawn: Any
        if isinstance(color, str) and isinstance(wide, int | float):
            drawn = _one_path(
                lines, closed=False, fill=False, edgecolor=color, linewidth=wide, linestyle=dashes
            )
            drawn.set_capstyle("butt")
        else:
            from matplotlib.collections import LineCollection

            drawn = LineCollection(lines, colors=color, linewidths=wide, capstyle="butt")
        drawn.set_zorder(order)
        self._add(drawn, name, transform)

    def bars(
        self,
        left: ArrayLike,
        right: ArrayLike,
        upper: ArrayLike,
        lower: ArrayLike,
        color: str | Sequence[Any] | np.ndarray,
        *,
        edge: str = "none",
        order: float = 1,
        name: str = "",
        transform: "Transform | None" = None,
    ) -> None:
        """Draw upright rectangles as one artist."""
        x0, x1, y0, y1 = np.broadcast_arrays(*(np.asarray(one, float) for one in (left, right, upper, lower)))
        corners = np.stack(
            [np.column_stack([x, y]) for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))], axis=1
        )
        self.surfaces(list(corners), color, edge=edge, order=order, name=name, transform=transform)

    def striped(
        self, left: ArrayLike, right: ArrayLike, upper: ArrayLike, lower: ArrayLike, *, order: float = 1.5
    ) -> None:
        """Draw white level lines over rectangles, in points of the sheet: told from plain ones in grey too.

        Level, for slanting ones make a picture file three times as large.
        """
        x0, x1, y0, y1 = np.broadcast_arrays(*(np.asarray(one, float) for one in (left, right, upper, lower)))
        shares = (np.arange(_STRIPES) + 1) / (_STRIPES + 1)
        strokes = [
            np.array([(start, top + share * (bottom - top)), (end, top + share * (bottom - top))])
            for start, end, top, bottom in zip(x0, x1, y0, y1, strict=True)
            for share in shares
        ]
        if strokes:
            self.strokes(strokes, "white", wide=0.8, order=order)

    def surfaces(
        self,
        outlines: Sequence[np.ndarray],
        color: str | Sequence[Any] | np.ndarray,
        *,
        edge: str = "none",
        wide: float = 0.6,
        order: float = 1,
        name: str = "",
        transform: "Transform | None" = None,
    ) -> None:
        """Fill areas as one artist."""
        line = 0 if edge == "none" else wide
        drawn: Any
        if isinstance(color, str):
            drawn = _one_path(outlines, closed=True, facecolor=color, edgecolor=edge, linewidth=line)
        else:
            from matplotlib.collections import PolyCollection

            drawn = PolyCollection(outlines, facecolors=color, edgecolors=edge, linewidths=line)
        drawn.set_zorder(order)
        self._add(drawn, name, transform)

    def marks(
        self,
        x: ArrayLike,
        y: ArrayLike,
        mark: Mark,
        *,
        order: float = 3,
        name: str = "",
        transform: "Transform | None" = None,
    ) -> None:
        """Draw points that look alike as one artist."""
        from matplotlib.markers import MarkerStyle

        from manyi_outputs.figures.lettering import Marks

        style = MarkerStyle(mark.shape)
        shape = style.get_path().transformed(cast(Any, style.get_transform()).scale(mark.size))
        offsets = np.column_stack([np.asarray(x, float), np.asarray(y, float)])
        face = mark.color if mark.filled else "white"
        drawn = Marks(offsets, shape, transform or self.points, face, mark.color, 0.9)
        drawn.set_zorder(order)
        drawn.set_gid(name or None)
        self.figure.add_artist(drawn)

    def _add(self, drawn: Any, name: str, transform: "Transform | None") -> None:
        drawn.set_transform(transform or self.points)
        drawn.set_gid(name or None)
        self.figure.add_artist(drawn)

    def key(
        self, entries: Sequence[tuple[Mark | str, str]], x: float, y: float, *, across: float | None = None
    ) -> float:
        """Write what marks (`Mark`) or lines (dashes) mean, left to right in as many rows as needed.

        Returns
        -------
        float
            Lower edge of the last row.
        """
        edge = ACROSS - MARGIN if across is None else x + across
        at, row = x, y + SIZE * 0.6
        for sign, text in entries:
            sample = 8.0 if isinstance(sign, Mark) else 20.0
            text = fitted(text, 0.6 * ACROSS, SMALL, 1)
            need = sample + 3 + width(drawable(text), SMALL)
            if at > x and at + need > edge:
                at, row = x, row + SIZE * 1.5
            if isinstance(sign, Mark):
                self.marks([at + sample / 2], [row], sign)
            else:
                dashes, color = sign.split() if " " in sign else (sign, INK)
                self.strokes([[(at, row), (at + sample, row)]], color, wide=1.1, dashes=dashes)
            self.text(at + sample + 3, row, text, size=SMALL)
            at += need + 12
        return row + SIZE * 0.6

    def beyond(self) -> list[Line]:
        """Return the texts that do not stand within the sheet."""
        return [
            line
            for line in self.lines
            if line.box[0] < 0
            or line.box[1] < 0
            or line.box[2] > ACROSS + 0.01
            or line.box[3] > self.down + 0.01
        ]


def arrow_tip(x: float, y: float, across: float, down: float, size: float = 3.6) -> np.ndarray:
    """Return the head of an arrow that ends at a point, coming along (across, down)."""
    length = float(np.hypot(across, down)) or 1.0
    dx, dy = across / length, down / length
    back = np.array([x - dx * size, y - dy * size])
    side = np.array([-dy, dx]) * size * 0.42
    return np.array([[x, y], back + side, back - side])


def _one_path(lines: Sequence[np.ndarray], *, closed: bool, **look: Any) -> Any:
    """Return several lines or outlines as one artist: a renderer takes as long for it as for one of them."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    vertices, codes = [], []
    for line in lines:
        points = np.asarray(line, dtype=float)
        vertices.append(points)
        codes += [Path.MOVETO, *([Path.LINETO] * (len(points) - 1))]
        if closed:
            vertices.append(points[:1])
            codes.append(Path.CLOSEPOLY)
    return PathPatch(Path(np.concatenate(vertices), codes), **look)
