"""How often each value of an outcome was given in each group: what rank tests and χ² are computed from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi_analysis.records.grouped import GroupedMoments, group_codes
from manyi_analysis.records.rows import Floats, Indices, column
from manyi_analysis.records.tables import Tables

Counts = NDArray[np.int64]


def distinct(scores: Floats) -> tuple[Floats, Indices]:
    """Return the distinct values, ascending, and each score's position among them.

    By hashing, ten times faster than by sorting where values are few.
    """
    codes, values = pd.factorize(scores)
    order = np.argsort(values)
    place = np.empty(len(values), dtype=np.intp)
    place[order] = np.arange(len(values))
    return np.asarray(values[order]), place[codes]


@dataclass(frozen=True, slots=True, eq=False)
class GroupCounts:
    """Counts of the distinct values of one outcome in G groups. ``a + b`` is the record of both data sets.

    Parameters
    ----------
    outcome : str
        Item or score.
    keys : tuple of str
        The G groups, in the order of their columns' values.
    values : ndarray, shape (V,)
        Distinct values of the outcome, ascending.
    counts : ndarray of int, shape (G, V)
        Respondents.
    missing : int
        Respondents of a group who have no value.
    ungrouped : int
        Respondents in no group.
    """

    outcome: str
    keys: tuple[str, ...]
    values: Floats
    counts: Counts
    missing: int
    ungrouped: int

    @classmethod
    def of(cls, frame: pd.DataFrame, outcome: str, by: str) -> "GroupCounts":
        """Count in one pass.

        Parameters
        ----------
        frame : DataFrame
            Rows are respondents; NaN and NA are missing.
        outcome : str
            Numeric column.
        by : str
            Column of groups; keys are its values as text, a whole number without decimals.
        """
        scores = column(frame, outcome)
        keys, codes = group_codes(frame[by])
        grouped = codes >= 0
        used = grouped & np.isfinite(scores)
        values, position = distinct(scores[used])
        size = len(keys) * len(values)
        flat = codes[used] * len(values) + position
        counts = np.bincount(flat, minlength=size).reshape(len(keys), len(values)).astype(np.int64)
        missing = int(np.count_nonzero(grouped)) - int(np.count_nonzero(used))
        return cls(outcome, keys, values, counts, missing, int(np.count_nonzero(~grouped)))

    @classmethod
    def from_tables(cls, tables: Tables, outcome: str, by: str) -> "GroupCounts":
        """Return the counts of an item by another from tables in which pairs were counted."""
        table = tables.table(by, outcome)
        keys = tuple(f"{value:.12g}" for value in table.index)
        counts = table.to_numpy(dtype=np.int64)
        grouped = tables.n(by)
        values = table.columns.to_numpy(dtype=np.float64)
        return cls(outcome, keys, values, counts, grouped - int(counts.sum()), tables.rows - grouped)

    def __add__(self, other: "GroupCounts") -> "GroupCounts":
        """Return the counts of both data sets together; ``ValueError`` if the outcomes differ."""
        if self.outcome != other.outcome:
            raise ValueError(f"counts of different outcomes: {self.outcome} and {other.outcome}")
        keys, _ = group_codes(pd.Series([*self.keys, *other.keys], dtype=object))
        values = np.union1d(self.values, other.values)
        counts = np.zeros((len(keys), len(values)), np.int64)
        for record in (self, other):
            rows = np.array([keys.index(key) for key in record.keys], dtype=np.intp)
            counts[np.ix_(rows, np.searchsorted(values, record.values))] += record.counts
        missing, ungrouped = self.missing + other.missing, self.ungrouped + other.ungrouped
        return GroupCounts(self.outcome, keys, values, counts, missing, ungrouped)

    @property
    def n(self) -> Counts:
        """Return the respondents of each group who have a value, shape (G,)."""
        return np.asarray(self.counts.sum(axis=1))

    def select(self, keys: Sequence[str]) -> "GroupCounts":
        """Return the counts of some of the groups, in that order, without values that none of them has.

        Respondents of the other groups count as in no group.
        """
        rows = [self.keys.index(key) for key in keys]
        counts = self.counts[rows]
        given = counts.sum(axis=0) > 0
        left = int(self.counts.sum() - counts.sum())
        return GroupCounts(
            self.outcome,
            tuple(keys),
            self.values[given],
            counts[:, given],
            self.missing,
            self.ungrouped + left,
        )

    @property
    def mid_ranks(self) -> Floats:
        """Return the rank of every value among all respondents, ties sharing their mean rank, shape (V,)."""
        ties = self.counts.sum(axis=0)
        return np.asarray(np.cumsum(ties) - (ties - 1) / 2.0)

    def moments(self) -> GroupedMoments:
        """Return n, sum and sum of squares of the outcome in every group."""
        counts = self.counts.astype(np.float64)
        total_n = counts.sum()
        mean = float(counts.sum(axis=0) @ self.values / total_n) if total_n else 0.0
        shift = np.array([np.rint(mean) if np.array_equal(self.values, np.rint(self.values)) else mean])
        moved = self.values - shift
        groups = len(self.keys)
        return GroupedMoments(
            (self.outcome,),
            self.keys,
            self.n,
            np.zeros(groups, np.int64),
            self.ungrouped + self.missing,
            shift,
            (counts @ moved)[:, None],
            (counts @ moved**2)[:, None, None],
        )

    def to_frame(self) -> pd.DataFrame:
        """Return one row a group and value: ``outcome, group, value, n``."""
        return pd.DataFrame(
            {
                "outcome": self.outcome,
                "group": np.repeat(np.array(self.keys, dtype=object), len(self.values)),
                "value": np.tile(self.values, len(self.keys)),
                "n": self.counts.ravel(),
            }
        )
