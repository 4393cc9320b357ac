"""The records of every scale, of everybody and of each group, with groups too small to be shown hidden."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from manyi.topics.one_pass import Gathered
from manyi_analysis.level.suppression import SMALL_CELL
from manyi_analysis.records import NotComputed

#: Stands for the respondents of all groups together.
EVERYBODY = "all"


def scales_by_group(
    scales: Collection[str],
    groups: Sequence[str],
    gathered: Mapping[object, Gathered],
    minimum: int,
    statistic: str,
) -> Iterator[tuple[str, str, Any]]:
    """Yield group, scale and its record: ``all`` first, then ``name=value``; of a small group why not.

    Parameters
    ----------
    scales : collection of str
    groups : sequence of str
        Columns of groups.
    gathered : Mapping
        ``scale`` -> a record, ``(scale, group)`` -> a record by group.
    minimum : int
        Respondents from which a group is shown.
    statistic : str
        What is not computed for a small group.
    """
    for scale in scales:
        yield EVERYBODY, scale, gathered[scale]
        for group in groups:
            for key, record in gathered[scale, group].items():  # type: ignore[union-attr]
                small = _size(record) < minimum
                hidden = NotComputed(statistic, SMALL_CELL, {"minimum": minimum})
                yield f"{group}={key}", scale, hidden if small else record


def _size(record: Any) -> int:
    """Return the rows a record rests on; of answer counts, of the item with fewest answers."""
    if hasattr(record, "n") and not callable(record.n):
        return int(record.n)
    return min((record.n(column) for column in record.columns), default=0)
