"""Fourth moments: how products of two columns vary, which robust and distribution-free methods need."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from manyi_analysis.records.rows import Floats, Indices, chunks, default_shift
from manyi_analysis.records.threads import one_thread

#: Rows of a chunk of products: 500 of them fill 4 MB.
CHUNK_OF_PRODUCTS = 1024


@dataclass(frozen=True, slots=True, eq=False)
class FourthMoments:
    """Listwise moments up to the fourth order of k columns. ``a + b`` is the record of both data sets.

    A row counts only if all k columns have a finite value. The cost of the pass grows with the fourth power
    of k; a sample of the rows is enough for standard errors.

    Parameters
    ----------
    columns : tuple of str
        The k columns.
    n, missing : int
        Rows used and dropped.
    shift : ndarray, shape (k,)
        Subtracted before multiplying.
    cross : ndarray, shape (1 + k + k(k+1)/2,) * 2
        Sum of ``w w'`` with ``w = (1, z, z_i z_j for i >= j)``, ``z = x - shift``; the pairs as
        ``numpy.tril_indices(k)`` orders them.
    """

    columns: tuple[str, ...]
    n: int
    missing: int
    shift: Floats
    cross: Floats

    @classmethod
    def of(cls, frame: pd.DataFrame, columns: Sequence[str], shift: Floats | None = None) -> "FourthMoments":
        """Read the moments of the named columns in one pass over a frame.

        Parameters
        ----------
        frame : DataFrame
            Rows are respondents; NaN and NA are missing.
        columns : sequence of str
            The k columns.
        shift : ndarray, shape (k,), optional
            As in `Moments.of`.
        """
        names = tuple(columns)
        k = len(names)
        by = default_shift(frame, names) if shift is None else np.asarray(shift, dtype=np.float64)
        rows, cols = np.tril_indices(k)
        size = 1 + k + len(rows)
        cross = np.zeros((size, size))
        buffer = np.ones((size, CHUNK_OF_PRODUCTS))
        with one_thread():
            for block in chunks(frame, names, by):
                used = block[:, np.isfinite(block.sum(axis=0))]
                for start in range(0, used.shape[1], CHUNK_OF_PRODUCTS):
                    part = used[:, start : start + CHUNK_OF_PRODUCTS]
                    products = buffer[:, : part.shape[1]]
                    products[1 : k + 1] = part
                    np.multiply(part[rows], part[cols], out=products[k + 1 :])
                    cross += products @ products.T
        n = round(cross[0, 0])
        return cls(names, n, len(frame) - n, by, cross)

    def __add__(self, other: "FourthMoments") -> "FourthMoments":
        """Return the moments of both data sets together; ``ValueError`` if the columns differ."""
        if self.columns != other.columns:
            raise ValueError(f"moments of different columns: {self.columns} and {other.columns}")
        moved = other.shifted(self.shift)
        return FourthMoments(
            self.columns, self.n + moved.n, self.missing + moved.missing, self.shift, self.cross + moved.cross
        )

    def shifted(self, shift: Floats) -> "FourthMoments":
        """Return the same moments about another shift of shape (k,): products of moved columns are linear."""
        if np.array_equal(self.shift, shift):
            return self
        move = self._move(self.shift - shift)
        return FourthMoments(
            self.columns, self.n, self.missing, np.asarray(shift), move @ self.cross @ move.T
        )

    def _move(self, step: Floats) -> Floats:
        """Return the matrix that turns ``w`` of z into ``w`` of z + step."""
        k = len(self.columns)
        rows, cols = np.tril_indices(k)
        pairs = np.arange(len(rows)) + k + 1
        move = np.eye(1 + k + len(rows))
        move[1 : k + 1, 0] = step
        move[pairs, 0] = step[rows] * step[cols]
        np.add.at(move, (pairs, rows + 1), step[cols])
        np.add.at(move, (pairs, cols + 1), step[rows])
        return move

    def select(self, columns: Sequence[str]) -> "FourthMoments":
        """Return the moments of some of the columns, in that order, on the same listwise rows."""
        at = np.array([self.columns.index(name) for name in columns], dtype=np.intp)
        k = len(self.columns)
        place = np.zeros((k, k), dtype=np.intp)
        rows, cols = np.tril_indices(k)
        place[rows, cols] = place[cols, rows] = np.arange(len(rows))
        new_rows, new_cols = np.tril_indices(len(at))
        pairs = place[at[new_rows], at[new_cols]] + k + 1
        keep: Indices = np.concatenate(([0], at + 1, pairs))
        return FourthMoments(
            tuple(columns), self.n, self.missing, self.shift[at], self.cross[np.ix_(keep, keep)]
        )

    @property
    def mean(self) -> Floats:
        """Return the means, shape (k,)."""
        mean: Floats = self.shift + self.cross[0, 1 : len(self.columns) + 1] / self.n
        return mean

    def asymptotic_covariance(self, means: bool = False) -> Floats:
        r"""Return n times the covariance matrix of the sample covariances, distribution-free.

        .. math:: \gamma_{ij,kl} = m_{ijkl} - m_{ij} m_{kl}

        with central moments of divisor n (Browne, 1984, eq. 3.4). With ``means`` the k means stand first.

        Parameters
        ----------
        means : bool
            With the means and their covariances with covariances.

        Returns
        -------
        ndarray
            Pairs as ``numpy.tril_indices(k)`` orders them.

        Notes
        -----
        R: ``lavaan::lavInspect(fit, "gamma")``.
        """
        central = self.shifted(self.mean).cross / self.n
        start = 1 if means else 1 + len(self.columns)
        about = central[0, start:]
        result: Floats = central[start:, start:] - np.outer(about, about)
        return result

    def to_frame(self) -> pd.DataFrame:
        """Return one row a column: ``column, n, missing, mean``."""
        return pd.DataFrame({"column": self.columns, "n": self.n, "missing": self.missing, "mean": self.mean})
