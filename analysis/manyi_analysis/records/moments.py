"""Moments: counts, sums and cross-products of a set of columns, which add over data sets."""

from collections.abc import Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi_analysis.records.rows import Floats, Partition, add_partitions, chunks, default_shift
from manyi_analysis.records.threads import one_thread


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Listwise moments of k columns: what every statistic of means and covariances is computed from.

    A row counts only if all k columns have a finite value; the others are counted in ``missing``.
    ``a + b`` is the record of both data sets together.

    Parameters
    ----------
    columns : tuple of str
        The k columns.
    n : int
        Rows used.
    missing : int
        Rows dropped because a column was missing.
    shift : ndarray, shape (k,)
        A constant near each mean, subtracted before summing.
    total : ndarray, shape (k,)
        Sum of ``x - shift``.
    cross : ndarray, shape (k, k)
        Sum of ``(x - shift)(x - shift)'``.
    """

    columns: tuple[str, ...]
    n: int
    missing: int
    shift: Floats
    total: Floats
    cross: Floats

    @classmethod
    def of(cls, frame: pd.DataFrame, columns: Sequence[str], shift: Floats | None = None) -> "Moments":
        """Read the moments of the named columns in one pass over a frame.

        Parameters
        ----------
        frame : DataFrame
            Rows are respondents; NaN and NA are missing.
        columns : sequence of str
            Columns of the listwise set.
        shift : ndarray, shape (k,), optional
            Default: near the mean of the first rows, a whole number where they are whole.
        """
        names = tuple(columns)
        by = default_shift(frame, names) if shift is None else np.asarray(shift, dtype=np.float64)
        sums = np.zeros((len(names) + 1, len(names) + 1))
        with one_thread():
            for block in chunks(frame, names, by):
                sums += cross_products(block)
        n = round(sums[-1, -1])
        return cls(names, n, len(frame) - n, by, sums[:-1, -1], sums[:-1, :-1])

    @classmethod
    def from_partitions(
        cls,
        partitions: Iterable[Partition],
        columns: Sequence[str],
        shift: Floats | None = None,
        executor: Executor | None = None,
    ) -> "Moments":
        """Read partition by partition, in this process or on the workers of an executor.

        Parameters
        ----------
        partitions : iterable of DataFrame or of functions that return one
            At least one. Functions are called on the worker, so only file names need travel.
        columns, shift
            As in `of`; a default shift is fixed from the first partition, before the pass, and partitions
            are added in their order: the result does not depend on the number of workers.
        executor : concurrent.futures.Executor, optional
            Its ``map`` is used; ``dask.distributed.Client.get_executor()`` is one.

        Raises
        ------
        ValueError
            If there is no partition.
        """
        return add_partitions(partitions, columns, shift, cls.of, executor)

    def __add__(self, other: "Moments") -> "Moments":
        """Return the moments of both data sets together; ``ValueError`` if the columns differ.

        Shifts may differ: the other record is moved to this one's shift (Chan, Golub & LeVeque, 1983).
        """
        if self.columns != other.columns:
            raise ValueError(f"moments of different columns: {self.columns} and {other.columns}")
        moved = other.shifted(self.shift)
        return Moments(
            self.columns,
            self.n + moved.n,
            self.missing + moved.missing,
            self.shift,
            self.total + moved.total,
            self.cross + moved.cross,
        )

    def shifted(self, shift: Floats) -> "Moments":
        """Return the same moments about another shift of shape (k,)."""
        if np.array_equal(self.shift, shift):
            return self
        step = self.shift - shift
        product = np.outer(self.total, step)
        total = self.total + self.n * step
        cross = self.cross + product + product.T + self.n * np.outer(step, step)
        return Moments(self.columns, self.n, self.missing, np.asarray(shift), total, cross)

    def select(self, columns: Sequence[str]) -> "Moments":
        """Return the moments of some of the columns, in that order, on the same listwise rows."""
        at = [self.columns.index(name) for name in columns]
        return Moments(
            tuple(columns), self.n, self.missing, self.shift[at], self.total[at], self.cross[np.ix_(at, at)]
        )

    @property
    def mean(self) -> Floats:
        """Return the means, shape (k,); NaN with no rows."""
        if self.n == 0:
            return np.full(len(self.columns), np.nan)
        mean: Floats = self.shift + self.total / self.n
        return mean

    @property
    def scatter(self) -> Floats:
        """Return the cross-products about the means, shape (k, k)."""
        if self.n == 0:
            return np.zeros_like(self.cross)
        scatter = self.cross - np.outer(self.total, self.total) / self.n
        constant = self._rounding(scatter)
        scatter[constant, :] = 0.0
        scatter[:, constant] = 0.0
        return scatter

    def _rounding(self, scatter: Floats) -> NDArray[np.bool_]:
        """Return which columns vary by no more than float64 rounds: shape (k,)."""
        eps = np.finfo(np.float64).eps
        size = np.abs(self.shift) + np.abs(self.total) / self.n
        limit = np.maximum(64 * eps * np.diagonal(self.cross), self.n * (4 * eps * size) ** 2)
        return np.asarray(np.diagonal(scatter) <= limit)

    @property
    def covariance(self) -> Floats:
        """Return the covariance matrix with divisor n - 1, shape (k, k); NaN below two rows."""
        if self.n < 2:
            return np.full_like(self.cross, np.nan)
        return self.scatter / (self.n - 1)

    @property
    def sd(self) -> Floats:
        """Return the standard deviations with divisor n - 1, shape (k,); exactly 0 for a constant column."""
        sd: Floats = np.sqrt(np.diagonal(self.covariance))
        return sd

    @property
    def correlation(self) -> Floats:
        """Return the correlation matrix, shape (k, k); NaN in the rows and columns of a constant column."""
        covariance = self.covariance
        sd = np.sqrt(np.diagonal(covariance))
        scale = np.where(sd > 0, sd, np.nan)
        correlation: Floats = np.clip(covariance / np.outer(scale, scale), -1.0, 1.0)
        np.fill_diagonal(correlation, np.where(sd > 0, 1.0, np.nan))
        return correlation

    @property
    def constant(self) -> tuple[str, ...]:
        """Return the columns that have one value only."""
        return tuple(name for name, sd in zip(self.columns, self.sd, strict=True) if sd == 0)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a column: ``column, n, missing, mean, sd``."""
        return pd.DataFrame(
            {"column": self.columns, "n": self.n, "missing": self.missing, "mean": self.mean, "sd": self.sd}
        )


def cross_products(block: Floats) -> Floats:
    """Return Σ z z' for z = (x, 1) over the complete rows of a chunk.

    Parameters
    ----------
    block : ndarray, shape (k, rows)
        Shifted values.

    Returns
    -------
    ndarray, shape (k + 1, k + 1)
        Cross-products, in the last row and column the sums, in the corner the rows used.
    """
    complete = np.isfinite(block.sum(axis=0))
    used = block if complete.all() else block[:, complete]
    k = len(block)
    result = np.empty((k + 1, k + 1))
    result[:k, :k] = used @ used.T
    result[:k, k] = result[k, :k] = used.sum(axis=1)
    result[k, k] = used.shape[1]
    return result
