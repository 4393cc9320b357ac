"""The one pass over a role's cleaned answers: every set of columns the plan declares, in one reading."""

from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial, reduce
from itertools import chain
from typing import Any

from manyi_analysis.records import GroupedMoments, Moments, Tables
from manyi_analysis.records.rows import Floats, Partition, default_shift, load

Gathered = Moments | GroupedMoments | Tables


@dataclass(frozen=True, slots=True)
class MomentSet:
    """Columns whose complete rows are summed up; by group where ``by`` names a column."""

    columns: tuple[str, ...]
    by: str | None = None


@dataclass(frozen=True, slots=True)
class TableSet:
    """Items whose answers are counted, on the rows complete on all of them."""

    columns: tuple[str, ...]


def gather(
    partitions: Iterable[Partition],
    sets: Mapping[Any, MomentSet | TableSet],
    executor: Executor | None = None,
) -> dict[Any, Gathered]:
    """Read every partition once and return the record of each set.

    Parameters
    ----------
    partitions : iterable
        At least one: frames of scored answers, or functions that load one. Shifts are fixed from the first.
    sets : Mapping
        Key -> columns wanted. Every set is listwise over its own columns.
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


def _read(
    partition: Partition, shifts: Mapping[MomentSet | TableSet, Floats | None]
) -> dict[MomentSet | TableSet, Any]:
    frame = load(partition)
    records: dict[MomentSet | TableSet, Any] = {}
    for wanted, shift in shifts.items():
        if isinstance(wanted, TableSet):
            complete = frame[list(wanted.columns)].dropna()
            records[wanted] = Tables.of(complete, wanted.columns, pairs=False)
        elif wanted.by is None:
            records[wanted] = Moments.of(frame, wanted.columns, shift)
        else:
            records[wanted] = GroupedMoments.of(frame, wanted.columns, wanted.by, shift)
    return records
