"""The one pass over a role's cleaned answers: every set of columns the plan declares, in one reading."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial, reduce
from typing import Any

import numpy as np
import pandas as pd

from manyi_analysis.records import GroupedMoments, Moments, Tables

Partition = pd.DataFrame | Callable[[], pd.DataFrame]
Floats = np.ndarray[Any, np.dtype[np.float64]]
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
        Frames of scored answers, or functions that load one.
    sets : Mapping
        Key -> columns wanted. Every set is listwise over its own columns.
    executor : Executor, optional
        Where partitions are read side by side; records are added in the order of the partitions, so that
        results do not depend on the number of workers.
    """
    parts = list(partitions)
    first = _load(parts[0])
    shifts = {key: _shift(first, wanted.columns) for key, wanted in sets.items()}
    read = partial(_read, sets=dict(sets), shifts=shifts)
    mapped = map(read, parts) if executor is None else executor.map(read, parts)
    return reduce(lambda a, b: {key: a[key] + b[key] for key in a}, mapped)


def _load(partition: Partition) -> pd.DataFrame:
    return partition if isinstance(partition, pd.DataFrame) else partition()


def _shift(frame: pd.DataFrame, columns: tuple[str, ...]) -> Floats:
    """Return each column's mean in the first partition, rounded: fixed before the pass."""
    means = frame[list(columns)].mean().to_numpy(dtype=np.float64)
    shift: Floats = np.rint(np.nan_to_num(means))
    return shift


def _read(
    partition: Partition, sets: dict[Any, MomentSet | TableSet], shifts: dict[Any, Any]
) -> dict[Any, Any]:
    frame = _load(partition)
    records: dict[Any, Any] = {}
    for key, wanted in sets.items():
        if isinstance(wanted, TableSet):
            complete = frame[list(wanted.columns)].dropna()
            records[key] = Tables.of(complete, wanted.columns, pairs=False)
        elif wanted.by is None:
            records[key] = Moments.of(frame, wanted.columns, shifts[key])
        else:
            records[key] = GroupedMoments.of(frame, wanted.columns, wanted.by, shifts[key])
    return records
