"""The one pass over a role's cleaned answers: every set of columns the plan declares, in one reading."""

from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial, reduce
from itertools import chain
from typing import Any, Literal, TypeVar

from manyi_analysis.records import (
    GroupedMoments,
    Moments,
    NestedCounts,
    PairwiseGroups,
    PairwiseMoments,
    PatternMoments,
    Tables,
)
from manyi_analysis.records.rows import Floats, Partition, default_shift, load

Gathered = (
    Moments | PairwiseMoments | PatternMoments | GroupedMoments | PairwiseGroups | Tables | NestedCounts
)

Key = TypeVar("Key")

_RECORDS: dict[str, type[Moments] | type[PairwiseMoments] | type[PatternMoments]] = {
    "listwise": Moments,
    "pairwise": PairwiseMoments,
    "patterns": PatternMoments,
}


@dataclass(frozen=True, slots=True)
class MomentSet:
    """Columns that are summed up; by group where ``by`` names a column.

    ``rows`` says over which rows: those complete on all columns, those that have each pair, or those of each
    pattern of missing answers (which are never by group).
    """

    columns: tuple[str, ...]
    by: str | None = None
    rows: Literal["listwise", "pairwise", "patterns"] = "listwise"


@dataclass(frozen=True, slots=True)
class TableSet:
    """Items whose answers are counted, on the rows complete on all of them or each on its own.

    With ``pairs`` the answers of every two items are counted together too.
    """

    columns: tuple[str, ...]
    complete: bool = True
    pairs: bool = False


@dataclass(frozen=True, slots=True)
class NestedSet:
    """One outcome whose values are counted by group and, where ``school`` names a column, within schools."""

    outcome: str
    by: str
    school: str | None = None


Wanted = MomentSet | TableSet | NestedSet


def gather(
    partitions: Iterable[Partition],
    sets: Mapping[Key, Wanted],
    executor: Executor | None = None,
) -> dict[Key, Gathered]:
    """Read every partition once and return the record of each set.

    Parameters
    ----------
    partitions : iterable
        At least one: frames of scored answers, or functions that load one. Shifts are fixed from the first.
    sets : Mapping
        Key -> columns wanted. Every set is over its own columns.
    executor : Executor, optional
        Where partitions are read side by side; records are added in the order of the partitions, so that
        results do not depend on the number of workers.
    """
    parts = iter(partitions)
    head = next(parts)
    first = load(head)
    # Sets that several tables ask for are read once.
    shifts = {
        wanted: default_shift(first, wanted.columns) if isinstance(wanted, MomentSet) else None
        for wanted in sets.values()
    }
    read = partial(_read, shifts=shifts)
    # Loaded once in this process, and not held while the others are read; a worker is sent the loader.
    queue = chain([first if executor is None else head], parts)
    del first, head
    mapped = map(read, queue) if executor is None else executor.map(read, queue)
    found = reduce(lambda a, b: {wanted: a[wanted] + b[wanted] for wanted in a}, mapped)
    return {key: found[wanted] for key, wanted in sets.items()}


def _read(partition: Partition, shifts: Mapping[Wanted, Floats | None]) -> dict[Wanted, Any]:
    frame = load(partition)
    records: dict[Wanted, Any] = {}
    for wanted, shift in shifts.items():
        if isinstance(wanted, TableSet):
            rows = frame[list(wanted.columns)]
            counted = rows.dropna() if wanted.complete else rows
            records[wanted] = Tables.of(counted, wanted.columns, pairs=wanted.pairs)
        elif isinstance(wanted, NestedSet):
            records[wanted] = NestedCounts.of(frame, wanted.outcome, wanted.by, wanted.school)
        elif wanted.by is None:
            records[wanted] = _RECORDS[wanted.rows].of(frame, wanted.columns, shift)
        else:
            grouped = GroupedMoments if wanted.rows == "listwise" else PairwiseGroups
            records[wanted] = grouped.of(frame, wanted.columns, wanted.by, shift)
    return records
