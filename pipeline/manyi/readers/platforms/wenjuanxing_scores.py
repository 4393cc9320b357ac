"""A 问卷星 export by score beside another export of the same answers: which questions the scores reverse."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import pandas as pd

from manyi.readers.platforms.source import NUMERIC, SourceQuestion, SourceTable
from manyi.readers.platforms.wenjuanxing_twin import partner, same_submissions
from manyi_instruments.faults import Fault, Place

#: Two options in one order show a direction; so many told options leave little to chance.
_FEWEST_OPTIONS = 2


@dataclass(frozen=True, slots=True)
class Scores:
    """The points an author gave, learnt from two exports of the same answers.

    Attributes
    ----------
    file, other : str
        The export by score, and the one by number or text it was compared with.
    points : Mapping
        Heading of a question in the export by score -> option (its number, or its wording) -> points.
    reversed : tuple of str
        Headings of questions whose points fall where the numbers of the options rise.
    changed : tuple of str
        Headings of the other questions whose points are not the numbers of the options.
    """

    file: str
    other: str
    points: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    reversed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    def fault(self) -> Fault | None:
        """Return the warning that names the questions reversed or changed; None where there are none."""
        if not self.reversed and not self.changed:
            return None
        details = {
            "file": self.file,
            "other": self.other,
            "n": len(self.reversed),
            "reversed": "、".join(self.reversed) or "—",
            "changed": "、".join(self.changed) or "—",
        }
        return Fault("scores-reversed", Place(file=self.file), details, "warning")


def compare_scores(scored: SourceTable, other: SourceTable) -> Scores | None:
    """Compare an export by score with one by number or by text of the same answers.

    Parameters
    ----------
    scored : SourceTable
        The export by score.
    other : SourceTable
        Another export.

    Returns
    -------
    Scores or None
        None where the exports are not of the same submissions, or where any option has two points: then it
        is the export of something else. Compared with wordings, points are learnt but no direction: what
        number an option has is not told.
    """
    if scored.source != "wenjuanxing" or scored.style != "score":
        return None
    if other.source != "wenjuanxing" or other.style not in ("number", "text"):
        return None
    if not same_submissions(scored, other):
        return None
    points: dict[str, Mapping[str, float]] = {}
    for question in scored.questions:
        found = partner(question, other)
        if found is None or len(question.columns) > 1 or len(found.columns) > 1:
            continue
        if found.kind not in ("single", "matrix"):
            continue
        learnt = _points(scored, question, other, found)
        if learnt is None:
            return None
        if learnt:
            points[question.heading] = learnt
    if not points:
        return None
    numbers = {heading: learnt for heading, learnt in points.items() if other.style == "number"}
    falling = tuple(heading for heading, learnt in numbers.items() if _falls(learnt))
    unequal = tuple(
        heading
        for heading, learnt in numbers.items()
        if heading not in falling and any(float(option) != point for option, point in learnt.items())
    )
    return Scores(scored.raw.path.name, other.raw.path.name, points, falling, unequal)


def scores_beside(scored: SourceTable, others: Sequence[SourceTable]) -> Scores | None:
    """Return the comparison with the export that tells most: one by number before one by text."""
    ordered = sorted(others, key=lambda other: other.style != "number")
    return next((found for other in ordered if (found := compare_scores(scored, other))), None)


def _points(
    scored: SourceTable, question: SourceQuestion, other: SourceTable, found: SourceQuestion
) -> dict[str, float] | None:
    """Return option -> points, where each option has one; None where an option has two."""
    pairs = pd.DataFrame(
        {
            "points": scored.raw.cells[question.columns[0]].str.strip().to_numpy(),
            "option": other.raw.cells[found.columns[0]].str.strip().to_numpy(),
        }
    ).drop_duplicates()
    learnt: dict[str, float] = {}
    for point, option in pairs.itertuples(index=False):
        option = option.split("〖")[0].strip()
        if not option or option in other.missing or point in scored.missing or not NUMERIC.fullmatch(point):
            continue
        if other.style == "number" and not option.isdigit():
            return {}
        if learnt.setdefault(option, float(point)) != float(point):
            return None
    return learnt


def _falls(points: Mapping[str, float]) -> bool:
    """Return whether points fall as the numbers of the options rise.

    >>> _falls({"1": 5.0, "3": 3.0, "5": 1.0}), _falls({"1": 0.0, "2": 0.0}), _falls({"1": 1.0})
    (True, False, False)
    """
    ordered = [points[option] for option in sorted(points, key=int)]
    pairs = list(pairwise(ordered))
    return (
        len(ordered) >= _FEWEST_OPTIONS
        and all(left >= right for left, right in pairs)
        and ordered[0] > ordered[-1]
    )
