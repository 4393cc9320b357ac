"""A sample of rows, the same however rows are divided: for what needs joint answers to many items."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi_analysis.records.rows import Indices

Priorities = NDArray[np.uint64]
#: Of Steele, Lea & Flood (2014), Fast splittable pseudorandom number generators: one round of SplitMix64.
_STEP, _FIRST, _SECOND = (
    np.uint64(value) for value in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
)


@dataclass(frozen=True, slots=True, eq=False)
class RowSample:
    """The rows of lowest priority, at most ``size``. ``a + b`` is the sample of both data sets together.

    A row's priority is a hash of its keys, so that every row has the same chance, the same rows are drawn
    every time, and the sample of the whole is drawn from the samples of its parts (bottom-k sampling; Cohen &
    Kaplan, 2007).

    Parameters
    ----------
    columns : tuple of str
        Taken of each row.
    size : int
        Most rows kept.
    rows : int
        Rows read.
    priority : ndarray of uint64, shape (m,)
        Ascending.
    frame : DataFrame
        The m rows, in the order of their priorities.
    """

    columns: tuple[str, ...]
    size: int
    rows: int
    priority: Priorities
    frame: pd.DataFrame

    @classmethod
    def of(
        cls,
        frame: pd.DataFrame,
        columns: Sequence[str],
        size: int,
        keys: Sequence[str] = (),
        complete: Sequence[str] = (),
        seed: int = 0,
    ) -> "RowSample":
        """Draw from one frame.

        Parameters
        ----------
        frame : DataFrame
            Rows are respondents.
        columns : sequence of str
            Taken of each row drawn.
        size : int
            Most rows drawn.
        keys : sequence of str
            Columns that tell rows apart; without any, the index does.
        complete : sequence of str
            Only rows that have all of these are drawn.
        seed : int
            Another seed draws other rows.
        """
        priority = priorities(frame, keys, seed)
        at = _lowest(frame, priority, size, complete)
        drawn = frame[list(columns)].iloc[at].reset_index(drop=True)
        return cls(tuple(columns), size, len(frame), priority[at], drawn)

    def __add__(self, other: "RowSample") -> "RowSample":
        """Return the sample of both data sets; ``ValueError`` if columns or sizes differ."""
        if (self.columns, self.size) != (other.columns, other.size):
            raise ValueError(f"samples of different columns or sizes: {self.columns} and {other.columns}")
        filled = [part for part in (self, other) if len(part.frame)] or [self]
        priority = np.concatenate([part.priority for part in filled])
        order = np.argsort(priority, kind="stable")[: self.size]
        joined = filled[0].frame if len(filled) == 1 else pd.concat([part.frame for part in filled])
        frame = joined.iloc[order].reset_index(drop=True)
        return RowSample(self.columns, self.size, self.rows + other.rows, priority[order], frame)


def priorities(frame: pd.DataFrame, keys: Sequence[str], seed: int = 0) -> Priorities:
    """Return a hash of each row's keys, shape (rows,)."""
    parts = [frame[key] for key in keys] or [frame.index.to_series()]
    with np.errstate(over="ignore"):
        mixed = np.full(len(frame), _mixed(np.array([seed], dtype=np.int64).view(np.uint64))[0])
        for part in parts:
            # Of texts each different one is hashed once.
            codes, values = pd.factorize(part, use_na_sentinel=False)
            hashed = pd.util.hash_array(np.asarray(values), categorize=False)
            mixed = _mixed(mixed ^ hashed[codes])
    return mixed


def _mixed(bits: Priorities) -> Priorities:
    bits = bits + _STEP
    bits = (bits ^ (bits >> np.uint64(30))) * _FIRST
    bits = (bits ^ (bits >> np.uint64(27))) * _SECOND
    return np.asarray(bits ^ (bits >> np.uint64(31)))


def _lowest(frame: pd.DataFrame, priority: Priorities, size: int, complete: Sequence[str]) -> Indices:
    """Return the positions of the complete rows of lowest priority, ascending.

    Rows are looked at some at a time: of many rows only the first few have to be judged.
    """
    looked = min(len(priority), 2 * size)
    while True:
        some = _first(priority, looked)
        if complete:
            some = some[frame[list(complete)].iloc[some].notna().all(axis=1).to_numpy()]
        if len(some) >= size or looked >= len(priority):
            return some[:size]
        looked = min(4 * looked, len(priority))


def _first(priority: Priorities, count: int) -> Indices:
    """Return the positions of so many lowest priorities, ascending."""
    if count >= len(priority):
        return np.argsort(priority, kind="stable")
    some = np.argpartition(priority, count)[:count]
    return np.asarray(some[np.argsort(priority[some], kind="stable")])
