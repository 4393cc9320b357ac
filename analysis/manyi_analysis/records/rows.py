"""The rows of a frame as chunks of numbers: how every record reads its one pass."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from functools import partial, reduce
from itertools import chain
from operator import add
from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi_analysis.records.threads import one_thread

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
Partition = pd.DataFrame | Callable[[], pd.DataFrame]
Read = TypeVar("Read")

#: Rows of a chunk: 30 columns of float64 fill 2 MB, the second-level cache of an ordinary processor.
CHUNK = 8192
#: Rows that a default shift is taken from.
HEAD = 4096


def column(frame: pd.DataFrame, name: str) -> Floats:
    """Return one column as float64 of shape (rows,), NaN for missing; no copy where it is float64 already."""
    series = frame[name]
    if series.dtype == np.float64:
        return series.to_numpy()
    return series.to_numpy(dtype=np.float64, na_value=np.nan)


def default_shift(frame: pd.DataFrame, columns: Sequence[str]) -> Floats:
    """Return a value near each column's mean, taken from the first rows, of shape (k,).

    Subtracted before squares are summed, so that a large mean beside a small spread costs no digits.
    A column of whole numbers gets a whole number: its sums then stay exact in float64, and equal however
    the rows are divided.
    """
    shift = np.zeros(len(columns))
    head = frame.iloc[:HEAD]
    for position, name in enumerate(columns):
        values = column(head, name)
        values = values[np.isfinite(values)]
        if values.size:
            mean = values.mean()
            shift[position] = np.rint(mean) if np.array_equal(values, np.rint(values)) else mean
    return shift


def chunks(
    frame: pd.DataFrame, columns: Sequence[str], shift: Floats, order: Indices | None = None
) -> Iterator[Floats]:
    """Yield ``x - shift`` for ``CHUNK`` rows at a time, of shape (k, rows), one buffer used again and again.

    Parameters
    ----------
    frame : DataFrame
        Rows are respondents.
    columns : sequence of str
        The k columns.
    shift : ndarray, shape (k,)
        Subtracted from each column.
    order : ndarray of int, optional
        Positions of the rows in the order wanted; default as they stand.
    """
    rows = len(frame) if order is None else len(order)
    sources = [column(frame, name) for name in columns]
    buffer = np.empty((len(sources), min(CHUNK, rows)))
    for start in range(0, rows, CHUNK):
        stop = min(start + CHUNK, rows)
        block = buffer[:, : stop - start]
        for position, source in enumerate(sources):
            values = source[start:stop] if order is None else source[order[start:stop]]
            np.subtract(values, shift[position], out=block[position])
        yield block


def read_partitions(
    partitions: Iterable[Partition], read: Callable[[pd.DataFrame], Read], executor: Executor | None
) -> Iterator[Read]:
    """Yield what ``read`` makes of each partition in turn, however many workers there are.

    ``read`` must be picklable where the workers are other processes.
    """
    read_one = partial(_read_partition, read)
    if executor is None:
        yield from map(read_one, partitions)
    else:
        yield from executor.map(read_one, partitions)


def add_partitions(
    partitions: Iterable[Partition],
    columns: Sequence[str],
    shift: Floats | None,
    read: Callable[..., Read],
    executor: Executor | None,
) -> Read:
    """Return the sum of the moments of every partition; ``ValueError`` with no partition.

    Parameters
    ----------
    partitions : iterable of Partition
    columns : sequence of str
        The k columns.
    shift : ndarray, shape (k,), optional
        Default: fixed from the first partition, before the pass.
    read : callable
        ``read(frame, columns=…, shift=…)`` -> moments, which add.
    executor : Executor, optional
        Partitions are added in their order however many workers it has.
    """
    parts = iter(partitions)
    first = next(parts, None)
    if first is None:
        raise ValueError("moments need at least one partition")
    names = tuple(columns)
    by = default_shift(load(first), names) if shift is None else np.asarray(shift, dtype=np.float64)
    with one_thread():
        found = read_partitions(chain([first], parts), partial(read, columns=names, shift=by), executor)
        return reduce(add, found)


def load(partition: Partition) -> pd.DataFrame:
    """Return the frame of a partition: itself, or what its loader returns."""
    return partition if isinstance(partition, pd.DataFrame) else partition()


def _read_partition(read: Callable[[pd.DataFrame], Read], partition: Partition) -> Read:
    return read(load(partition))
