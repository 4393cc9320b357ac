"""Labels beside points, none over another and none over a point: the same places for the same numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

from manyi_outputs.figures.glyphs import ASCENT, DESCENT, Along, width

#: Places tried for a label, nearest first: across and up from the point in units of its reach, and alignment.
_AROUND: tuple[tuple[float, float, Along], ...] = (
    (1.0, 0.0, "start"),
    (-1.0, 0.0, "end"),
    (0.0, 1.0, "middle"),
    (0.0, -1.0, "middle"),
    (0.8, 0.8, "start"),
    (0.8, -0.8, "start"),
    (-0.8, 0.8, "end"),
    (-0.8, -0.8, "end"),
)
#: Reaches tried, in points; a label further away than the first gets a line to its point.
_REACHES = (5.0, 13.0, 21.0, 30.0, 40.0)
#: So many of them for the sake of lines: better over a line than far from its point.
_NEAR = 2
_APART = 0.8

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Placed:
    """A label at its place.

    Parameters
    ----------
    text : str
    x, y : float
        Where it is aligned, in points; y of its middle.
    along : {"start", "middle", "end"}
    leader : tuple of points or None
        Line from its point to the label, where it stands further away.
    """

    text: str
    x: float
    y: float
    along: Along
    leader: tuple[tuple[float, float], tuple[float, float]] | None


def placed(
    points: Sequence[tuple[float, float]],
    texts: Sequence[str],
    size: float,
    field: Box,
    taken: Sequence[Box] = (),
    others: Sequence[tuple[float, float]] = (),
    lines: Sequence[Box] = (),
) -> list[Placed]:
    """Return where labels stand: the first given comes first, what finds no room is left out.

    Parameters
    ----------
    points : sequence of (x, y)
        One a label, in points, y downwards.
    texts : sequence of str
        Of one line each; the most important first.
    size : float
        Of the type.
    field : Box
        Left, upper, right and lower edge labels keep within.
    taken : sequence of Box
        Where nothing may stand.
    others : sequence of (x, y)
        Further points that are not to be covered.
    lines : sequence of Box
        What a label covers only where it finds no other room.

    Returns
    -------
    list of Placed
    """
    boxes = [*taken, *((x - 3, y - 3, x + 3, y + 3) for x, y in (*points, *others))]
    found: list[Placed] = []
    for (x, y), text in zip(points, texts, strict=True):
        near = _place(x, y, text, size, field, [*boxes, *lines], _REACHES[:_NEAR])
        one = near or _place(x, y, text, size, field, boxes, _REACHES)
        if one is not None:
            found.append(one)
            boxes.append(_box(one.x, one.y, text, size, one.along))
    return found


def _place(
    x: float, y: float, text: str, size: float, field: Box, boxes: list[Box], reaches: Sequence[float]
) -> Placed | None:
    for reach in reaches:
        for across, up, along in _AROUND:
            at = x + across * reach, y - up * (reach + size * 0.35)
            box = _box(*at, text, size, along)
            if not _within(box, field) or any(_meet(box, other) for other in boxes):
                continue
            line = None if reach == _REACHES[0] else ((x, y), (at[0], at[1] + up * size * 0.45))
            return Placed(text, *at, along, line)
    return None


def _box(x: float, y: float, text: str, size: float, along: Along) -> Box:
    long = width(text, size)
    left = x - {"start": 0.0, "middle": 0.5, "end": 1.0}[along] * long
    half = size * (ASCENT + DESCENT) / 2
    return left, y - half, left + long, y + half


def _within(box: Box, field: Box) -> bool:
    return box[0] >= field[0] and box[1] >= field[1] and box[2] <= field[2] and box[3] <= field[3]


def _meet(one: Box, other: Box) -> bool:
    return (
        one[0] < other[2] + _APART
        and other[0] < one[2] + _APART
        and one[1] < other[3] + _APART
        and other[1] < one[3] + _APART
    )
