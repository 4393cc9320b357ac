"""One artist that writes all texts of a figure, one that draws all points that look alike."""

from collections.abc import Sequence
from functools import cache
from html import escape
from math import comb
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_mixed import MixedModeRenderer
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.colors import to_rgba
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, Transform

from manyi_outputs.figures.glyphs import EM, FAMILIES, Along, Line, glyph

#: Pieces into which a curve of a letter is broken for a picture, where letters are 40 dots high.
_PIECES = 4
#: Degree of a Bézier curve -> weights of its control points at the ends of the pieces (Bernstein).
_BERNSTEIN = {
    degree: np.array(
        [
            [comb(degree, k) * share**k * (1 - share) ** (degree - k) for k in range(degree + 1)]
            for share in (piece / _PIECES for piece in range(1, _PIECES + 1))
        ]
    )
    for degree in (2, 3)
}


class Lettering(Artist):
    """All texts of a figure.

    Parameters
    ----------
    lines : sequence of Line
    transform : Transform
        From points of the sheet to the figure.
    """

    #: Stands in an SVG where `svg` has to go: the renderer takes long to write elements one by one.
    PLACE = "lettering"
    zorder = 6

    def __init__(self, lines: Sequence[Line], transform: Transform) -> None:
        super().__init__()
        self.lines = lines
        self.set_transform(transform)

    def draw(self, renderer: Any) -> None:
        """Write the texts into a picture, as one path a colour; into an SVG the place where they go."""
        if isinstance(renderer, RendererSVG | MixedModeRenderer):
            getattr(renderer, "writer").comment(self.PLACE)  # noqa: B009 (matplotlib's types do not name it)
            return
        for color in dict.fromkeys(line.color for line in self.lines):
            path = _outline([line for line in self.lines if line.color == color])
            gc = renderer.new_gc()
            gc.set_linewidth(0)
            gc.set_snap(False)
            renderer.draw_path(gc, path, self.get_transform(), to_rgba(color))
            gc.restore()

    def svg(self, outlines: bool) -> str:
        """Return the texts as elements of an SVG in points: as outlines, or as text in the typeface."""
        return _as_outlines(self.lines) if outlines else _as_text(self.lines)


class Marks(Artist):
    """Points that look alike.

    matplotlib's collections measure and copy each mark; a renderer needs the shape once.

    Parameters
    ----------
    offsets : ndarray, shape (k, 2)
    shape : Path
        In points, y upwards.
    transform : Transform
        From the offsets to the figure.
    face, edge : str
        Colours.
    wide : float
        Points of the edge.
    """

    def __init__(
        self, offsets: np.ndarray, shape: Path, transform: Transform, face: str, edge: str, wide: float
    ) -> None:
        super().__init__()
        self.offsets, self.shape, self.face, self.edge, self.wide = offsets, shape, face, edge, wide
        self.set_transform(transform)

    def draw(self, renderer: Any) -> None:
        """Draw the points."""
        gc = renderer.new_gc()
        gc.set_linewidth(self.wide)
        gc.set_foreground(self.edge)
        size = Affine2D().scale(renderer.points_to_pixels(1.0))
        renderer.open_group("marks", gid=self.get_gid())
        renderer.draw_markers(
            gc, self.shape, size, Path(self.offsets), self.get_transform(), to_rgba(self.face)
        )
        renderer.close_group("marks")
        gc.restore()


def _outline(lines: Sequence[Line]) -> Path:
    """Return the outlines of several texts as one path, in points of the sheet."""
    pieces: list[tuple[np.ndarray, np.ndarray]] = []
    places: list[tuple[float, float, float, bool]] = []
    for line in lines:
        x, y = line.start
        scale = line.size / EM
        for character in line.text:
            vertices, codes = _flat(character, line.bold)
            if len(codes):
                pieces.append((vertices, codes))
                places.append((x, y, scale, line.upward))
            step = glyph(character, line.bold).advance * scale
            x, y = (x, y - step) if line.upward else (x + step, y)
    if not pieces:
        return Path(np.zeros((0, 2)))
    x, y, scale, upward = np.repeat(np.array(places), [len(codes) for _, codes in pieces], axis=0).T
    along, up = (np.concatenate([vertices for vertices, _ in pieces]) * scale[:, None]).T
    turned = upward > 0
    vertices = np.column_stack([np.where(turned, x - up, x + along), np.where(turned, y - along, y - up)])
    return Path(vertices, np.concatenate([codes for _, codes in pieces]))


@cache
def _flat(character: str, bold: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return a glyph's outline with its curves broken into straight pieces."""
    found = glyph(character, bold)
    points: list[np.ndarray] = []
    codes: list[int] = []
    at, here = 0, np.zeros(2)
    while at < len(found.codes):
        code, here_next = found.codes[at], found.vertices[at]
        if code in (Path.CURVE3, Path.CURVE4):
            count = 2 if code == Path.CURVE3 else 3
            points += list(_BERNSTEIN[count] @ np.vstack([here, found.vertices[at : at + count]]))
            codes += [int(Path.LINETO)] * _PIECES
            here_next = found.vertices[at + count - 1]
        else:
            count = 1
            points.append(here_next)
            codes.append(int(code))
        at, here = at + count, here_next
    return np.array(points).reshape(-1, 2), np.array(codes, dtype=np.uint8)


def _as_text(lines: Sequence[Line]) -> str:
    families = ", ".join(f"'{family}'" for family in FAMILIES)
    parts: list[str] = []
    for (size, color, bold, along), members in _by_style(lines):
        look = f"font:{'bold ' if bold else ''}{size:g}px {families}, sans-serif;fill:{color}"
        parts.append(f'<g style="{look};text-anchor:{along}">')
        for line in members:
            turn = f' transform="rotate(-90 {line.x:.2f} {line.y:.2f})"' if line.upward else ""
            parts.append(f'<text x="{line.x:.2f}" y="{line.y:.2f}"{turn}>{escape(line.text)}</text>')
        parts.append("</g>")
    return "\n".join(parts)


def _by_style(lines: Sequence[Line]) -> list[tuple[tuple[float, str, bool, Along], list[Line]]]:
    groups: dict[tuple[float, str, bool, Along], list[Line]] = {}
    for line in lines:
        groups.setdefault((line.size, line.color, line.bold, line.along), []).append(line)
    return list(groups.items())


def _as_outlines(lines: Sequence[Line]) -> str:
    used = dict.fromkeys((character, line.bold) for line in lines for character in line.text)
    parts = ["<defs>"]
    parts += [f'<path id="{_glyph_id(*one)}" d="{_path_data(*one)}"/>' for one in used if _path_data(*one)]
    parts.append("</defs>")
    for line in lines:
        x, y = line.start
        scale = line.size / EM
        turn = " rotate(-90)" if line.upward else ""
        place = f"translate({x:.2f} {y:.2f}){turn} scale({scale:.5g} {-scale:.5g})"
        parts.append(f'<g transform="{place}" style="fill:{line.color}">')
        at = 0.0
        for character in line.text:
            if _path_data(character, line.bold):
                parts.append(f'<use xlink:href="#{_glyph_id(character, line.bold)}" x="{at:g}"/>')
            at += glyph(character, line.bold).advance
        parts.append("</g>")
    return "\n".join(parts)


def _glyph_id(character: str, bold: bool) -> str:
    return f"{'b' if bold else 'u'}{ord(character):x}"


@cache
def _path_data(character: str, bold: bool) -> str:
    """Return a glyph's outline as the path data of an SVG, from point to point in units of the typeface."""
    found = glyph(character, bold)
    signs = {Path.MOVETO: ("m", 1), Path.LINETO: ("l", 1), Path.CURVE3: ("q", 2), Path.CURVE4: ("c", 3)}
    points = [(int(x), int(y)) for x, y in found.vertices.round()]
    parts: list[str] = []
    at, here, opened = 0, (0, 0), (0, 0)
    while at < len(points):
        code = found.codes[at]
        if code == Path.CLOSEPOLY:
            parts.append("z")
            at, here = at + 1, opened
            continue
        sign, count = signs[code]
        steps = [f"{x - here[0]} {y - here[1]}" for x, y in points[at : at + count]]
        parts.append(sign + " ".join(steps))
        here = points[at + count - 1]
        opened = here if sign == "m" else opened
        at += count
    return "".join(parts).replace(" -", "-")
