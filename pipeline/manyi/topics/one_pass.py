"""The one pass over a role's cleaned answers: every set of columns the plan declares, in one reading."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cache, partial, reduce
from itertools import chain
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from manyi_analysis.records import (
    GroupedMoments,
    GroupTables,
    LevelSums,
    Moments,
    NestedCounts,
    PairwiseGroups,
    PairwiseMoments,
    PatternMoments,
    RowSample,
    Tables,
    TotalCounts,
)
from manyi_analysis.records.grouped import group_codes
from manyi_analysis.records.level_sums import Outcome, outcome_shift
from manyi_analysis.records.nested_counts import Codes, Placed, positions
from manyi_analysis.records.rows import Floats, Partition, column, default_shift, load

if TYPE_CHECKING:
    import pandas as pd

Gathered = (
    Moments
    | PairwiseMoments
    | PatternMoments
    | GroupedMoments
    | PairwiseGroups
    | Tables
    | GroupTables
    | TotalCounts
    | NestedCounts
    | LevelSums
    | RowSample
)

Key = TypeVar("Key")

#: Columns that tell a study's answers apart: with them the same rows are drawn however they are divided.
ROW_KEYS = ("file", "row")

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

    With ``pairs`` the answers of every two items are counted together too; by group where ``by`` names a
    column.
    """

    columns: tuple[str, ...]
    complete: bool = True
    pairs: bool = False
    by: str | None = None


@dataclass(frozen=True, slots=True)
class TotalSet:
    """Items of a scale whose answers are counted by their sum, over complete rows.

    ``bounds`` holds, where it is known, each item's lowest and highest possible answer.
    """

    columns: tuple[str, ...]
    bounds: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class NestedSet:
    """One outcome whose values are counted by group and, where ``school`` names a column, within schools."""

    outcome: str
    by: str
    school: str | None = None


@dataclass(frozen=True, slots=True)
class LevelSet:
    """Outcomes whose level is wanted: of everybody, of the levels of each group, and of every school."""

    outcomes: tuple[Outcome, ...]
    groups: tuple[str, ...] = ()
    school: str | None = None


@dataclass(frozen=True, slots=True)
class SampleSet:
    """Rows themselves, at most ``size`` of them, for what needs joint answers to many items.

    ``complete`` names the columns that a row must have to be drawn.
    """

    columns: tuple[str, ...]
    size: int
    complete: tuple[str, ...] = ()
    seed: int = 0


Wanted = MomentSet | TableSet | TotalSet | NestedSet | LevelSet | SampleSet


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
    shifts = {wanted: _shift(first, wanted) for wanted in sets.values()}
    read = partial(_read, shifts=shifts)
    # Loaded once in this process, and not held while the others are read; a worker is sent the loader.
    queue = chain([first if executor is None else head], parts)
    del first, head
    mapped = map(read, queue) if executor is None else executor.map(read, queue)
    found = reduce(lambda a, b: {wanted: a[wanted] + b[wanted] for wanted in a}, mapped)
    return {key: found[wanted] for key, wanted in sets.items()}


def _shift(first: "pd.DataFrame", wanted: Wanted) -> Floats | None:
    if isinstance(wanted, LevelSet):
        return outcome_shift(first, wanted.outcomes)
    return default_shift(first, wanted.columns) if isinstance(wanted, MomentSet) else None


def _read(partition: Partition, shifts: Mapping[Wanted, Floats | None]) -> dict[Wanted, Any]:
    frame = load(partition)
    records: dict[Wanted, Any] = _nested(frame, [each for each in shifts if isinstance(each, NestedSet)])
    for wanted, shift in shifts.items():
        if isinstance(wanted, NestedSet):
            continue
        if isinstance(wanted, TableSet):
            needed = wanted.columns if wanted.by is None else dict.fromkeys((*wanted.columns, wanted.by))
            rows = frame[list(needed)]
            counted = rows.dropna(subset=list(wanted.columns)) if wanted.complete else rows
            if wanted.by is None:
                records[wanted] = Tables.of(counted, wanted.columns, pairs=wanted.pairs)
            else:
                records[wanted] = GroupTables.of(counted, wanted.columns, wanted.by, wanted.pairs)
        elif isinstance(wanted, TotalSet):
            bounds = dict(zip(wanted.columns, wanted.bounds, strict=False))
            records[wanted] = TotalCounts.of(frame, wanted.columns, bounds)
        elif isinstance(wanted, SampleSet):
            keys = ROW_KEYS if set(ROW_KEYS) <= set(frame.columns) else ()
            records[wanted] = RowSample.of(
                frame, wanted.columns, wanted.size, keys, wanted.complete, wanted.seed
            )
        elif isinstance(wanted, LevelSet):
            records[wanted] = LevelSums.of(frame, wanted.outcomes, wanted.groups, wanted.school, shift)
        elif wanted.by is None:
            records[wanted] = _RECORDS[wanted.rows].of(frame, wanted.columns, shift)
        else:
            grouped = GroupedMoments if wanted.rows == "listwise" else PairwiseGroups
            records[wanted] = grouped.of(frame, wanted.columns, wanted.by, shift)
    return records


def _nested(frame: "pd.DataFrame", sets: Sequence[NestedSet]) -> dict[Wanted, Any]:
    """Count outcomes by group: groups and schools are coded once, and each outcome's values once."""

    @cache
    def codes(name: str) -> Codes:
        return group_codes(frame[name])

    placed = {
        (by, school): Placed.of(frame, by, school, codes)
        for by, school in dict.fromkeys((each.by, each.school) for each in sets)
    }
    found: dict[Wanted, Any] = {}
    for outcome in dict.fromkeys(each.outcome for each in sets):
        values = positions(column(frame, outcome))
        for each in sets:
            if each.outcome == outcome:
                found[each] = NestedCounts.placed(outcome, values, placed[each.by, each.school])
    return found
