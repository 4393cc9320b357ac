"""Pairwise moments: each pair of columns on the rows that have both, which add over data sets."""

from collections.abc import Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi_analysis.records.rows import Floats, Partition, add_partitions, chunks, default_shift
from manyi_analysis.records.threads import one_thread


@dataclass(frozen=True, slots=True, eq=False)
class PairwiseMoments:
    """Moments of every pair of k columns on the rows that have both (available-case analysis).

    A correlation matrix put together from different rows need not be positive definite; statistics that
    need it to be say so. ``a + b`` is the record of both data sets together.

    Parameters
    ----------
    columns : tuple of str
        The k columns.
    rows : int
        Rows read, with or without answers.
    shift : ndarray, shape (k,)
        Subtracted before summing.
    counts : ndarray of int, shape (k, k)
        Rows that have both columns; on the diagonal, the rows that have the column.
    total : ndarray, shape (k, k)
        At (i, j), the sum of ``x_i - shift_i`` over the rows that have i and j.
    squares : ndarray, shape (k, k)
        At (i, j), the sum of ``(x_i - shift_i)**2`` over the rows that have i and j.
    cross : ndarray, shape (k, k)
        At (i, j), the sum of ``(x_i - shift_i)(x_j - shift_j)``.
    """

    columns: tuple[str, ...]
    rows: int
    shift: Floats
    counts: NDArray[np.int64]
    total: Floats
    squares: Floats
    cross: Floats

    @classmethod
    def of(
        cls, frame: pd.DataFrame, columns: Sequence[str], shift: Floats | None = None
    ) -> "PairwiseMoments":
        """Read the pairwise moments of the named columns in one pass; parameters as in `Moments.of`."""
        names = tuple(columns)
        by = default_shift(frame, names) if shift is None else np.asarray(shift, dtype=np.float64)
        k = len(names)
        counts, total, squares, cross = (np.zeros((k, k)) for _ in range(4))
        with one_thread():
            for block in chunks(frame, names, by):
                present = np.isfinite(block)
                seen = present.astype(np.float64)
                block[~present] = 0.0
                counts += seen @ seen.T
                total += block @ seen.T
                cross += block @ block.T
                np.multiply(block, block, out=block)
                squares += block @ seen.T
        return cls(names, len(frame), by, np.rint(counts).astype(np.int64), total, squares, cross)

    @classmethod
    def from_partitions(
        cls,
        partitions: Iterable[Partition],
        columns: Sequence[str],
        shift: Floats | None = None,
        executor: Executor | None = None,
    ) -> "PairwiseMoments":
        """Read partition by partition; see `Moments.from_partitions`. ``ValueError`` with no partition."""
        return add_partitions(partitions, columns, shift, cls.of, executor)

    def __add__(self, other: "PairwiseMoments") -> "PairwiseMoments":
        """Return the moments of both data sets together; ``ValueError`` if the columns differ."""
        if self.columns != other.columns:
            raise ValueError(f"moments of different columns: {self.columns} and {other.columns}")
        moved = other.shifted(self.shift)
        return PairwiseMoments(
            self.columns,
            self.rows + moved.rows,
            self.shift,
            self.counts + moved.counts,
            self.total + moved.total,
            self.squares + moved.squares,
            self.cross + moved.cross,
        )

    def shifted(self, shift: Floats) -> "PairwiseMoments":
        """Return the same moments about another shift of shape (k,)."""
        if np.array_equal(self.shift, shift):
            return self
        step = (self.shift - shift)[:, None]
        total = self.total + self.counts * step
        squares = self.squares + 2 * step * self.total + self.counts * step**2
        cross = self.cross + self.total * step.T + self.total.T * step + self.counts * (step @ step.T)
        return PairwiseMoments(self.columns, self.rows, np.asarray(shift), self.counts, total, squares, cross)

    def select(self, columns: Sequence[str]) -> "PairwiseMoments":
        """Return the moments of some of the columns, in that order."""
        at = [self.columns.index(name) for name in columns]
        grid = np.ix_(at, at)
        return PairwiseMoments(
            tuple(columns),
            self.rows,
            self.shift[at],
            self.counts[grid],
            self.total[grid],
            self.squares[grid],
            self.cross[grid],
        )

    @property
    def n(self) -> int:
        """Return the smallest number of rows that any pair of columns has."""
        return int(self.counts.min()) if self.counts.size else 0

    @property
    def missing(self) -> int:
        """Return the rows that the pair with the fewest lacks."""
        return self.rows - self.n

    @property
    def mean(self) -> Floats:
        """Return each column's mean over the rows that have it, shape (k,)."""
        counts = np.where(self.counts > 0, self.counts, np.nan)
        mean: Floats = self.shift + np.diagonal(self.total) / np.diagonal(counts)
        return mean

    @property
    def covariance(self) -> Floats:
        """Return the covariances, each on its own rows and means with divisor n - 1; NaN below two rows.

        Equivalent R: ``cov(x, use = "pairwise")``.
        """
        counts = np.where(self.counts > 1, self.counts, np.nan)
        covariance: Floats = (self.cross - self.total * self.total.T / counts) / (counts - 1)
        constant = np.diagonal(self._variances) == 0
        covariance[constant, :] = 0.0
        covariance[:, constant] = 0.0
        return covariance

    @property
    def _variances(self) -> Floats:
        """Return at (i, j) the variance of column i over the rows that have i and j; 0 if only rounding."""
        counts = np.where(self.counts > 1, self.counts, np.nan)
        scatter = self.squares - self.total**2 / counts
        eps = np.finfo(np.float64).eps
        size = np.abs(self.shift)[:, None] + np.abs(self.total) / counts
        limit = np.fmax(64 * eps * self.squares, counts * (4 * eps * size) ** 2)
        variances: Floats = np.where(scatter <= limit, 0.0, scatter) / (counts - 1)
        return variances

    @property
    def sd(self) -> Floats:
        """Return each column's standard deviation over the rows that have it, shape (k,)."""
        sd: Floats = np.sqrt(np.diagonal(self._variances))
        return sd

    @property
    def correlation(self) -> Floats:
        """Return the correlations, means and deviations of each pair on its own rows; NaN where constant.

        Equivalent R: ``cor(x, use = "pairwise")``.
        """
        counts = np.where(self.counts > 1, self.counts, np.nan)
        covariance: Floats = (self.cross - self.total * self.total.T / counts) / (counts - 1)
        variances = np.where(self._variances > 0, self._variances, np.nan)
        correlation: Floats = np.clip(covariance / np.sqrt(variances * variances.T), -1.0, 1.0)
        np.fill_diagonal(correlation, np.where(np.diagonal(variances) > 0, 1.0, np.nan))
        return correlation

    @property
    def constant(self) -> tuple[str, ...]:
        """Return the columns that are constant on the rows of some pair, so that a correlation is lacking."""
        lacking = (self._variances == 0).any(axis=1)
        return tuple(name for name, one in zip(self.columns, lacking, strict=True) if one)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a pair of columns: ``a, b, n, r``."""
        upper, right = np.triu_indices(len(self.columns), k=1)
        names = np.array(self.columns, dtype=object)
        return pd.DataFrame(
            {
                "a": names[upper],
                "b": names[right],
                "n": self.counts[upper, right],
                "r": self.correlation[upper, right],
            }
        )
