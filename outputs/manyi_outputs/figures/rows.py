"""Figures made of rows: a label before each, headings between them, strokes with a mark on each."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from manyi_outputs.appendix.records import Record, number
from manyi_outputs.figures.glyphs import fitted, height, width
from manyi_outputs.figures.sheet import ACROSS, MARGIN, SIZE, Sheet

#: Points between a label and the field it belongs to.
GAP = 6.0
#: Of the width of a sheet, what labels may take.
MOST = 0.42


def label_room(labels: Sequence[str], size: float = SIZE, most: float = MOST) -> float:
    """Return the width that labels need, no more than a part of the sheet."""
    return min(max((width(label, size) for label in labels), default=0.0) + 0.1, most * ACROSS)


def row_heights(labels: Sequence[str], least: float, size: float = SIZE) -> np.ndarray:
    """Return the height of every row: a label of several lines makes its row higher."""
    return np.array([max(least, height(label, size) + 3.0) for label in labels])


def fitted_labels(labels: Sequence[str], size: float = SIZE, lines: int = 2, most: float = MOST) -> list[str]:
    """Return labels broken and cut to the room there is for them."""
    return [fitted(label, most * ACROSS, size, lines) for label in labels]


def name_rows(
    sheet: Sheet,
    labels: Sequence[str],
    places: Sequence[float] | np.ndarray,
    right: float,
    size: float = SIZE,
) -> None:
    """Write a label before every row, right-aligned to a field that begins at `right`."""
    for label, place in zip(labels, places, strict=True):
        sheet.text(right - GAP, float(place), label, size=size, along="end")


def column(rows: Sequence[Record], name: str) -> np.ndarray:
    """Return the numbers of one column, a missing one as NaN."""
    numbers = (number(row.get(name)) for row in rows)
    return np.array([np.nan if value is None else value for value in numbers], dtype=float)


def level_strokes(starts: ArrayLike, ends: ArrayLike, places: ArrayLike) -> list[np.ndarray]:
    """Return a level stroke a row; none where an end is missing."""
    start, end, place = np.broadcast_arrays(*(np.asarray(one, dtype=float) for one in (starts, ends, places)))
    drawn = np.isfinite(start) & np.isfinite(end)
    points = np.stack([np.column_stack([start, place]), np.column_stack([end, place])], axis=1)
    return list(points[drawn])


def edges(labels: Sequence[str], size: float = SIZE) -> float:
    """Return where a field begins whose rows have these labels."""
    return MARGIN + label_room(labels, size) + GAP
