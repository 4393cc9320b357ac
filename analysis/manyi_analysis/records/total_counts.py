"""How often each answer of each item was given at each total of a scale: extreme groups are read from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from manyi_analysis.records.group_counts import distinct
from manyi_analysis.records.rows import Floats, column
from manyi_analysis.records.tables import Counts

#: Totals times answers of an item up to which they are counted: 41 × 5 of eight items on five points.
MOST_CELLS = 2**21
#: Decimals to which totals count as the same: sums of decimal answers are not exact.
DECIMALS = 9


@dataclass(frozen=True, slots=True, eq=False)
class TotalCounts:
    """Counts of total by answer, item by item. ``a + b`` is the record of both data sets together.

    The total is the sum of the items over rows complete on all of them; other rows are counted in ``rows``
    only.

    Parameters
    ----------
    columns : tuple of str
        The k items.
    rows : int
        Rows read.
    totals : ndarray, shape (T,)
        Totals found, ascending.
    values : tuple of ndarray
        Each item's answers, ascending: those found and those declared.
    counts : tuple of ndarray of int, or None
        Of each item, shape (T, answers); None where totals and answers are too many to be counted.
    """

    columns: tuple[str, ...]
    rows: int
    totals: Floats
    values: tuple[Floats, ...]
    counts: tuple[Counts, ...] | None

    @classmethod
    def of(
        cls,
        frame: pd.DataFrame,
        columns: Sequence[str],
        values: Mapping[str, Sequence[float]] | None = None,
    ) -> "TotalCounts":
        """Count the answers of the named columns by their sum.

        Parameters
        ----------
        frame : DataFrame
            Rows are respondents; NaN and NA are missing.
        columns : sequence of str
            Items of one scale, keyed.
        values : mapping of item to answers, optional
            Answers that stand in the tables even where nobody gave them, such as the bounds of a list.
        """
        names, declared = tuple(columns), values or {}
        sums = np.zeros(len(frame))
        for name in names:
            sums += column(frame, name)
        complete = np.isfinite(sums)
        totals, at = distinct(np.round(sums[complete], DECIMALS))
        found, counts = [], []
        for name in names:
            answers, place = distinct(column(frame, name)[complete])
            wide = np.union1d(answers, np.asarray(declared.get(name, ()), dtype=np.float64))
            found.append(wide)
            size = len(totals) * len(wide)
            if size > MOST_CELLS:
                return cls(names, len(frame), np.zeros(0), tuple(np.zeros(0) for _ in names), None)
            cells = at * len(wide) + np.searchsorted(wide, answers)[place]
            counts.append(np.bincount(cells, minlength=size).astype(np.int64).reshape(len(totals), len(wide)))
        return cls(names, len(frame), totals, tuple(found), tuple(counts))

    def __add__(self, other: "TotalCounts") -> "TotalCounts":
        """Return the counts of both data sets together; ``ValueError`` if the columns differ."""
        if self.columns != other.columns:
            raise ValueError(f"counts of different columns: {self.columns} and {other.columns}")
        rows = self.rows + other.rows
        totals = np.union1d(self.totals, other.totals)
        values = tuple(np.union1d(a, b) for a, b in zip(self.values, other.values, strict=True))
        most = len(totals) * max((len(answers) for answers in values), default=0)
        if self.counts is None or other.counts is None or most > MOST_CELLS:
            return TotalCounts(self.columns, rows, np.zeros(0), tuple(np.zeros(0) for _ in values), None)
        counts = tuple(np.zeros((len(totals), len(answers)), np.int64) for answers in values)
        for record in (self, other):
            at = np.searchsorted(totals, record.totals)
            for wide, joined, own, counted in zip(
                values, counts, record.values, record.counts or (), strict=True
            ):
                joined[np.ix_(at, np.searchsorted(wide, own))] += counted
        return TotalCounts(self.columns, rows, totals, values, counts)

    def answers(self, total: str) -> tuple[Floats, Counts]:
        """Return the totals and how often each occurred; the name is not looked at: there is one total."""
        if not self.counts:
            return self.totals, np.zeros(len(self.totals), np.int64)
        return self.totals, self.counts[0].sum(axis=1)

    def table(self, total: str, item: str) -> pd.DataFrame:
        """Return the table of total (rows) by answer to an item (columns).

        Raises
        ------
        ValueError
            If there were too many totals and answers to be counted.
        """
        if self.counts is None:
            raise ValueError("totals and answers were too many to be counted")
        at = self.columns.index(item)
        return pd.DataFrame(
            self.counts[at], index=pd.Index(self.totals, name=total), columns=pd.Index(self.values[at])
        )
