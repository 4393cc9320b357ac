"""Moments by pattern of missing answers: enough for EM, Little's test and full-information likelihood."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi_analysis.records.rows import Floats, chunks, default_shift
from manyi_analysis.records.threads import one_thread

#: Patterns are bits of a whole number.
MOST_COLUMNS = 62
#: Numbers held, k² a pattern (134 MB): 18,641 patterns of 30 columns, every pattern of 14.
MOST_NUMBERS = 2**24


@dataclass(frozen=True, slots=True, eq=False)
class PatternMoments:
    """Moments of k columns, apart for every pattern of which columns are answered.

    ``a + b`` is the record of both data sets together. Rows without any answer are counted, and are in no
    pattern.

    Parameters
    ----------
    columns : tuple of str
        The k columns.
    rows : int
        Rows read.
    shift : ndarray, shape (k,)
        Subtracted before summing.
    observed : ndarray of bool, shape (P, k)
        The patterns, the complete one first where it occurs, then those of most rows.
    n : ndarray of int, shape (P,)
        Rows of each.
    total : ndarray, shape (P, k)
        Sum of ``x - shift`` of the answered columns, 0 for the others.
    cross : ndarray, shape (P, k, k)
        Sum of ``(x - shift)(x - shift)'`` likewise.
    overflow : bool
        There were more patterns than are held (`MOST_NUMBERS`): rows are counted, and no pattern is there.
    """

    columns: tuple[str, ...]
    rows: int
    shift: Floats
    observed: NDArray[np.bool_]
    n: NDArray[np.int64]
    total: Floats
    cross: Floats
    overflow: bool = False

    @classmethod
    def of(cls, frame: pd.DataFrame, columns: Sequence[str], shift: Floats | None = None) -> "PatternMoments":
        """Read the moments of the named columns in one pass over a frame.

        Parameters
        ----------
        frame : DataFrame
            Rows are respondents; NaN and NA are missing.
        columns : sequence of str
            At most 62.
        shift : ndarray, shape (k,), optional
            As in `Moments.of`.

        Raises
        ------
        ValueError
            If there are more columns than patterns can be told apart for.
        """
        names = tuple(columns)
        if len(names) > MOST_COLUMNS:
            raise ValueError(f"{len(names)} columns, at most {MOST_COLUMNS} can be told apart")
        by = default_shift(frame, names) if shift is None else np.asarray(shift, dtype=np.float64)
        found: dict[int, tuple[int, Floats, Floats]] = {}
        weights = 1 << np.arange(len(names), dtype=np.int64)
        with one_thread():
            for block in chunks(frame, names, by):
                present = np.isfinite(block)
                block[~present] = 0.0
                keys = weights @ present
                order = np.argsort(keys, kind="stable")
                bounds = np.flatnonzero(np.diff(keys[order])) + 1
                for members in np.split(order, bounds):
                    _enter(found, int(keys[members[0]]), block[:, members])
                if len(found) * len(names) ** 2 > MOST_NUMBERS:
                    return _overflowing(names, len(frame), by)
        found.pop(0, None)
        return _arranged(names, len(frame), by, found)

    def __add__(self, other: "PatternMoments") -> "PatternMoments":
        """Return the moments of both data sets together; ``ValueError`` if the columns differ."""
        if self.columns != other.columns:
            raise ValueError(f"moments of different columns: {self.columns} and {other.columns}")
        if self.overflow or other.overflow:
            return _overflowing(self.columns, self.rows + other.rows, self.shift)
        moved = other.shifted(self.shift)
        found = dict(self._entries())
        for key, (n, total, cross) in moved._entries():
            before = found.get(key, (0, np.zeros_like(total), np.zeros_like(cross)))
            found[key] = (before[0] + n, before[1] + total, before[2] + cross)
        if len(found) * len(self.columns) ** 2 > MOST_NUMBERS:
            return _overflowing(self.columns, self.rows + other.rows, self.shift)
        return _arranged(self.columns, self.rows + other.rows, self.shift, found)

    def shifted(self, shift: Floats) -> "PatternMoments":
        """Return the same moments about another shift of shape (k,)."""
        if np.array_equal(self.shift, shift):
            return self
        step = np.where(self.observed, self.shift - shift, 0.0)
        n = self.n[:, None]
        total = self.total + n * step
        moved = np.einsum("pi,pj->pij", self.total, step)
        cross = (
            self.cross
            + moved
            + moved.transpose(0, 2, 1)
            + n[:, :, None] * np.einsum("pi,pj->pij", step, step)
        )
        return replace(self, shift=np.asarray(shift, dtype=np.float64), total=total, cross=cross)

    @property
    def complete(self) -> int:
        """Return the rows with every column answered."""
        return int(self.n[self.observed.all(axis=1)].sum())

    @property
    def answered(self) -> NDArray[np.int64]:
        """Return the rows that have each column, shape (k,)."""
        return np.asarray(self.n @ self.observed, dtype=np.int64)

    @property
    def unanswered(self) -> int:
        """Return the rows without any answer."""
        return self.rows - int(self.n.sum())

    def _entries(self) -> list[tuple[int, tuple[int, Floats, Floats]]]:
        weights = 1 << np.arange(len(self.columns), dtype=np.int64)
        keys = (self.observed @ weights).tolist()
        parts = zip(self.n.tolist(), self.total, self.cross, strict=True)
        return list(zip(keys, parts, strict=True))


def _overflowing(columns: tuple[str, ...], rows: int, shift: Floats) -> PatternMoments:
    """Return the record of more patterns than are held."""
    return replace(_arranged(columns, rows, shift, {}), overflow=True)


def _enter(found: dict[int, tuple[int, Floats, Floats]], key: int, block: Floats) -> None:
    before = found.get(key)
    total, cross = block.sum(axis=1), block @ block.T
    if before is not None:
        total, cross = before[1] + total, before[2] + cross
    found[key] = (block.shape[1] + (before[0] if before is not None else 0), total, cross)


def _arranged(
    columns: tuple[str, ...], rows: int, shift: Floats, found: dict[int, tuple[int, Floats, Floats]]
) -> PatternMoments:
    whole = (1 << len(columns)) - 1
    keys = sorted(found, key=lambda key: (key != whole, -found[key][0], -key))
    k = len(columns)
    bits = np.array(keys, dtype=np.int64)[:, None] >> np.arange(k) & 1
    return PatternMoments(
        columns,
        rows,
        shift,
        bits.astype(bool).reshape(len(keys), k),
        np.array([found[key][0] for key in keys], dtype=np.int64),
        np.array([found[key][1] for key in keys]).reshape(len(keys), k),
        np.array([found[key][2] for key in keys]).reshape(len(keys), k, k),
    )
