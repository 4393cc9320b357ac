"""A field with axes on a sheet: numbers to points, ticks, and their labels."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from manyi_outputs.figures.colours import INK
from manyi_outputs.figures.glyphs import width
from manyi_outputs.figures.sheet import SIZE, SMALL, Sheet

if TYPE_CHECKING:
    from matplotlib.transforms import Transform

#: Points that ticks, their labels and a title take below a panel; without a title.
AXIS, TICKS = 27.0, 14.0
_TICK = 3.0
_GRID, _EDGE = "#E3E3E3", "#555555"


def ticks(low: float, high: float, most: int = 6) -> tuple[float, ...]:
    """Return at most `most` round numbers from `low` to `high`: steps of 1, 2 or 5 times a power of ten.

    Examples
    --------
    >>> ticks(0, 100), ticks(-0.31, 0.42, 5)
    ((0.0, 20.0, 40.0, 60.0, 80.0, 100.0), (-0.2, 0.0, 0.2, 0.4))
    """
    span = high - low
    if not span > 0:
        return (low,)
    power = 10.0 ** math.floor(math.log10(span / most))
    for factor in (1, 2, 5, 10, 20):
        step = factor * power
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first + 1 <= most:
            break
    return tuple(round(at * step, 12) for at in range(first, last + 1))


def tick_label(value: float, others: Sequence[float]) -> str:
    """Return a tick as it is written: as many decimals as the steps need, a true minus sign.

    Examples
    --------
    >>> tick_label(-0.5, (-0.5, 0.0)), tick_label(20.0, (0.0, 20.0))
    ('−0.5', '20')
    """
    decimals = next(
        (each for each in range(7) if all(math.isclose(one, round(one, each)) for one in others)), 7
    )
    return f"{value:.{decimals}f}".replace("-", "−") if round(value, decimals) else f"{0:.{decimals}f}"


def _labelled(
    ends: tuple[float, float], at: Sequence[float] | None, labels: Sequence[str] | None, most: int
) -> tuple[Sequence[float], Sequence[str]]:
    """Return the ticks of an axis between its ends and what is written at each."""
    places = ticks(min(ends), max(ends), most) if at is None else at
    return places, [tick_label(one, places) for one in places] if labels is None else labels


def span(*values: ArrayLike, room: float = 0.05, include: Sequence[float] = ()) -> tuple[float, float]:
    """Return from where to where numbers reach, what is not a number left out, with room on both sides."""
    flat = np.concatenate([np.ravel(np.asarray(one, dtype=float)) for one in (*values, list(include))])
    flat = flat[np.isfinite(flat)]
    if not len(flat):
        return 0.0, 1.0
    low, high = float(flat.min()), float(flat.max())
    more = room * (high - low) or max(abs(low), 1.0) * 0.1
    return low - more, high + more


@dataclass(frozen=True)
class Panel:
    """A field on a sheet whose coordinates are numbers.

    Parameters
    ----------
    sheet : Sheet
    left, top, right, bottom : float
        Its edges in points of the sheet.
    x0, x1 : float
        What stands at the left and the right edge.
    y0, y1 : float
        What stands at the lower and the upper edge.
    """

    sheet: Sheet
    left: float
    top: float
    right: float
    bottom: float
    x0: float
    x1: float
    y0: float
    y1: float

    @cached_property
    def transform(self) -> "Transform":
        """Return what takes numbers to the figure."""
        from matplotlib.transforms import Affine2D

        across = (self.right - self.left) / (self.x1 - self.x0)
        up = (self.bottom - self.top) / (self.y0 - self.y1)
        place = Affine2D().translate(-self.x0, -self.y0).scale(across, up).translate(self.left, self.bottom)
        return place + self.sheet.points

    def x(self, value: float) -> float:
        """Return where a number stands, in points from the left edge of the sheet."""
        return self.left + (value - self.x0) / (self.x1 - self.x0) * (self.right - self.left)

    def xs(self, values: ArrayLike) -> np.ndarray:
        """Return where several numbers stand, in points from the left edge of the sheet."""
        return self.left + (np.asarray(values, float) - self.x0) / (self.x1 - self.x0) * (
            self.right - self.left
        )

    def y(self, value: float) -> float:
        """Return where a number stands, in points from the upper edge of the sheet."""
        return self.bottom + (value - self.y0) / (self.y1 - self.y0) * (self.top - self.bottom)

    def x_axis(
        self,
        title: str = "",
        at: Sequence[float] | None = None,
        labels: Sequence[str] | None = None,
        *,
        grid: bool = True,
        most: int = 6,
        size: float = SMALL,
    ) -> None:
        """Draw the lower axis with its ticks and what it shows."""
        places, shown = _labelled((self.x0, self.x1), at, labels, most)
        points = [self.x(one) for one in places]
        if grid:
            self.sheet.strokes([[(x, self.top), (x, self.bottom)] for x in points], _GRID, wide=0.6, order=0)
        stems = [[(x, self.bottom), (x, self.bottom + _TICK)] for x in points]
        edge = [[(self.left, self.bottom), (self.right, self.bottom)]]
        self.sheet.strokes([*edge, *stems], _EDGE, wide=0.7, order=1.5)
        for x, label in zip(points, shown, strict=True):
            self.sheet.text(x, self.bottom + _TICK + 5.5, label, size=size, along="middle")
        if title:
            middle = (self.left + self.right) / 2
            self.sheet.text(middle, self.bottom + AXIS - 6, title, size=SIZE, along="middle")

    def y_axis(
        self,
        title: str = "",
        at: Sequence[float] | None = None,
        labels: Sequence[str] | None = None,
        *,
        grid: bool = True,
        most: int = 6,
        size: float = SMALL,
    ) -> None:
        """Draw the left axis with its ticks and, upwards, what it shows."""
        places, shown = _labelled((self.y0, self.y1), at, labels, most)
        points = [self.y(one) for one in places]
        if grid:
            self.sheet.strokes([[(self.left, y), (self.right, y)] for y in points], _GRID, wide=0.6, order=0)
        stems = [[(self.left - _TICK, y), (self.left, y)] for y in points]
        edge = [[(self.left, self.top), (self.left, self.bottom)]]
        self.sheet.strokes([*edge, *stems], _EDGE, wide=0.7, order=1.5)
        for y, label in zip(points, shown, strict=True):
            self.sheet.text(self.left - _TICK - 2, y, label, size=size, along="end")
        if title:
            widest = max((width(label, size) for label in shown), default=0.0)
            x = self.left - _TICK - 4 - widest - SIZE * 0.7
            self.sheet.text(x, (self.top + self.bottom) / 2, title, size=SIZE, upward=True)

    def upright(self, at: float, *, color: str = INK, wide: float = 0.9, dashes: str = "-") -> None:
        """Draw an upright line through the whole panel."""
        x = self.x(at)
        self.sheet.strokes([[(x, self.top), (x, self.bottom)]], color, wide=wide, dashes=dashes, order=1.6)

    def level(self, at: float, *, color: str = INK, wide: float = 0.9, dashes: str = "-") -> None:
        """Draw a level line through the whole panel."""
        y = self.y(at)
        self.sheet.strokes([[(self.left, y), (self.right, y)]], color, wide=wide, dashes=dashes, order=1.6)
