"""Tables: how often each answer of each item, and each pair of answers of two items, was given."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi_analysis.records.rows import CHUNK, Floats, Partition, column, read_partitions
from manyi_analysis.records.threads import one_thread

Counts = NDArray[np.int64]
#: Whole-number answers within this span are counted by their position, without sorting.
SPAN = 100_000
#: Multiplications of the product of indicators that take as long as counting one respondent by position.
COUNTED_AS = 400


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """Answer counts of every item and of every pair of items. ``a + b`` is the record of both data sets.

    The answers of all items stand in one row of length L, item after item; ``slices`` says where.

    Parameters
    ----------
    columns : tuple of str
        The k items.
    values : tuple of tuple of float
        Each item's answers, ascending: those found and those declared.
    rows : int
        Rows read, with or without answers.
    counts : ndarray of int, shape (L,)
        Times each answer was given.
    pairs : ndarray of int, shape (L, L), or None
        Times each two answers were given by the same respondent; None if only items were counted.
    """

    columns: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]
    rows: int
    counts: Counts
    pairs: Counts | None

    @classmethod
    def of(
        cls,
        frame: pd.DataFrame,
        columns: Sequence[str],
        values: Mapping[str, Sequence[float]] | None = None,
        pairs: bool = True,
    ) -> "Tables":
        """Count the answers of the named columns.

        Parameters
        ----------
        frame : DataFrame
            Rows are respondents; NaN and NA are missing and not counted.
        columns : sequence of str
            Items with few different answers.
        values : mapping of item to answers, optional
            Answers that stand in the tables even where nobody gave them. Others found are added.
        pairs : bool
            Count pairs of items too: an L × L matrix.
        """
        names = tuple(columns)
        declared = values or {}
        sources = [column(frame, name) for name in names]
        counted = [
            _count(source, declared.get(name, ())) for name, source in zip(names, sources, strict=True)
        ]
        found = tuple(tuple(answers.tolist()) for answers, _ in counted)
        counts = np.concatenate([count for _, count in counted]) if counted else np.zeros(0, np.int64)
        return cls(names, found, len(frame), counts, _count_pairs(sources, found) if pairs else None)

    @classmethod
    def from_partitions(
        cls,
        partitions: Iterable[Partition],
        columns: Sequence[str],
        values: Mapping[str, Sequence[float]] | None = None,
        pairs: bool = True,
        executor: Executor | None = None,
    ) -> "Tables":
        """Count partition by partition; see `Moments.from_partitions`. ``ValueError`` with no partition."""
        read = partial(cls.of, columns=tuple(columns), values=values, pairs=pairs)
        result: Tables | None = None
        with one_thread():
            for record in read_partitions(partitions, read, executor):
                result = record if result is None else result + record
        if result is None:
            raise ValueError("tables need at least one partition")
        return result

    def __add__(self, other: "Tables") -> "Tables":
        """Return the tables of both data sets together, over all answers of either.

        Raises
        ------
        ValueError
            If the columns differ.
        """
        if self.columns != other.columns:
            raise ValueError(f"tables of different columns: {self.columns} and {other.columns}")
        values = tuple(tuple(sorted({*a, *b})) for a, b in zip(self.values, other.values, strict=True))
        size = sum(len(answers) for answers in values)
        counts = np.zeros(size, np.int64)
        pairs = None if self.pairs is None or other.pairs is None else np.zeros((size, size), np.int64)
        for record in (self, other):
            at = record._positions(values)
            counts[at] += record.counts
            if pairs is not None and record.pairs is not None:
                pairs[np.ix_(at, at)] += record.pairs
        return Tables(self.columns, values, self.rows + other.rows, counts, pairs)

    def _positions(self, values: tuple[tuple[float, ...], ...]) -> NDArray[np.intp]:
        """Return where this record's answers stand among wider lists of answers."""
        at: list[int] = []
        start = 0
        for own, wide in zip(self.values, values, strict=True):
            at.extend(start + wide.index(answer) for answer in own)
            start += len(wide)
        return np.array(at, dtype=np.intp)

    def _slice(self, item: str) -> slice:
        position = self.columns.index(item)
        start = sum(len(answers) for answers in self.values[:position])
        return slice(start, start + len(self.values[position]))

    def answers(self, item: str) -> tuple[Floats, Counts]:
        """Return an item's answers and how often each was given."""
        position = self.columns.index(item)
        return np.array(self.values[position]), self.counts[self._slice(item)]

    def table(self, a: str, b: str) -> pd.DataFrame:
        """Return the contingency table of two items: rows the answers of ``a``, columns those of ``b``.

        Raises
        ------
        ValueError
            If pairs were not counted.
        """
        if self.pairs is None:
            raise ValueError("pairs of items were not counted")
        return pd.DataFrame(
            self.pairs[self._slice(a), self._slice(b)],
            index=pd.Index(self.values[self.columns.index(a)], name=a),
            columns=pd.Index(self.values[self.columns.index(b)], name=b),
        )

    def n(self, item: str) -> int:
        """Return how many respondents answered an item."""
        return int(self.answers(item)[1].sum())

    def shape(self, item: str) -> "Shape":
        """Return an item's mean, standard deviation, skewness and kurtosis."""
        return Shape.of(*self.answers(item))

    def to_frame(self) -> pd.DataFrame:
        """Return one row an item and answer: ``item, answer, n, share``; shares are of the item's answers."""
        lengths = [len(answers) for answers in self.values]
        answered = np.repeat([self.n(item) for item in self.columns], lengths)
        return pd.DataFrame(
            {
                "item": np.repeat(np.array(self.columns, dtype=object), lengths),
                "answer": [answer for answers in self.values for answer in answers],
                "n": self.counts,
                "share": self.counts / np.where(answered > 0, answered, np.nan),
            }
        )


@dataclass(frozen=True, slots=True)
class Shape:
    """Mean, spread and shape of the distribution of an item's answers.

    Skewness and kurtosis are the estimators G1 and G2 that SPSS, SAS and Excel print (type 2 of Joanes &
    Gill, 1998); R's ``psych::describe`` prints type 3 unless asked: ``describe(x, type = 2)``.

    Parameters
    ----------
    n : int
        Answers.
    mean, sd : float
        Divisor of the standard deviation n - 1. None with no answers, or with fewer than two.
    skew, kurtosis : float
        None where the answers do not vary or are fewer than three, or four.
    """

    n: int
    mean: float | None
    sd: float | None
    skew: float | None
    kurtosis: float | None

    @classmethod
    def of(cls, values: Floats, counts: Counts) -> "Shape":
        """Compute from answers and their counts, both of shape (answers,)."""
        n = int(counts.sum())
        if n == 0:
            return cls(0, None, None, None, None)
        mean = float(values @ counts) / n
        distance = values - mean
        second, third, fourth = (float(distance**power @ counts) / n for power in (2, 3, 4))
        varies = np.count_nonzero(counts) > 1
        sd = float(np.sqrt(second * n / (n - 1))) if n > 1 else None
        skew = kurtosis = None
        if varies and n > 2:
            skew = third / second**1.5 * float(np.sqrt(n * (n - 1))) / (n - 2)
        if varies and n > 3:
            excess = fourth / second**2 - 3
            kurtosis = (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * excess + 6)
        return cls(n, mean, sd, skew, kurtosis)


def _count(source: Floats, declared: Sequence[float]) -> tuple[Floats, Counts]:
    """Return the answers found or declared, ascending, and their counts."""
    present = source[np.isfinite(source)]
    low, high = (present.min(), present.max()) if present.size else (0.0, 0.0)
    if high - low < SPAN and np.array_equal(present, np.rint(present)):
        counts = np.bincount((present - low).astype(np.intp))
        given = np.flatnonzero(counts)
        found, counts = given + low, counts[given]
    else:
        found, counts = np.unique(present, return_counts=True)
    values = np.union1d(found, np.asarray(declared, dtype=np.float64))
    result = np.zeros(len(values), np.int64)
    result[np.searchsorted(values, found)] = counts
    return values, result


def _count_pairs(sources: Sequence[Floats], values: tuple[tuple[float, ...], ...]) -> Counts:
    """Return the counts of all pairs of answers, shape (L, L).

    Items of few answers by products of indicator matrices, whose cost grows with the square of L; scores of
    many values pair by pair.
    """
    size = sum(len(answers) for answers in values)
    couples = len(sources) * (len(sources) + 1) // 2
    if size**2 > COUNTED_AS * couples:
        return _count_by_position(sources, values)
    return _count_by_products(sources, values)


def _count_by_position(sources: Sequence[Floats], values: tuple[tuple[float, ...], ...]) -> Counts:
    starts = np.cumsum([0, *(len(answers) for answers in values)])
    pairs = np.zeros((starts[-1], starts[-1]), np.int64)
    places = []
    for source, answers in zip(sources, values, strict=True):
        # Missing answers stand behind the last one, and are cut off.
        at = np.searchsorted(np.asarray(answers), source)
        places.append(np.where(np.isfinite(source), at, len(answers)).astype(np.int32))
    for a, first in enumerate(places):
        for b in range(a + 1):
            shape = (len(values[a]) + 1, len(values[b]) + 1)
            cells = np.bincount(first * shape[1] + places[b], minlength=shape[0] * shape[1])
            counted = cells.reshape(shape)[:-1, :-1]
            rows, columns = slice(starts[a], starts[a + 1]), slice(starts[b], starts[b + 1])
            pairs[rows, columns], pairs[columns, rows] = counted, counted.T
    return pairs


def _count_by_products(sources: Sequence[Floats], values: tuple[tuple[float, ...], ...]) -> Counts:
    """Count by products of indicator matrices; float32 is exact, a chunk's counts stay below 2**24."""
    size = sum(len(answers) for answers in values)
    pairs = np.zeros((size, size))
    rows = len(sources[0]) if sources else 0
    indicators = np.empty((size, min(CHUNK, rows)), dtype=np.float32)
    with one_thread():
        for start in range(0, rows, CHUNK):
            stop = min(start + CHUNK, rows)
            block = indicators[:, : stop - start]
            position = 0
            for source, answers in zip(sources, values, strict=True):
                for answer in answers:
                    np.equal(source[start:stop], answer, out=block[position], casting="unsafe")
                    position += 1
            pairs += block @ block.T
    return np.rint(pairs).astype(np.int64)
