"""Distinct rows of an answer and its predictors with their counts: what ordinal and logistic models read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi_analysis.records.grouped import group_codes
from manyi_analysis.records.rows import Floats, Indices, column

Counts = NDArray[np.float64]

#: Largest product of distinct values that one code can number.
MOST_CODES = 2**62


@dataclass(frozen=True, slots=True, eq=False)
class DistinctRows:
    """m distinct rows of a categorical answer and k numeric predictors, sorted by answer.

    A row counts only if the answer, all predictors and the cluster are there; the others are counted in
    ``missing``.

    Parameters
    ----------
    outcome : str
        Column of the answer.
    columns : tuple of str
        The k predictors.
    levels : tuple of float
        The K values of the answer that occur, ascending.
    answer : ndarray of int, shape (m,)
        Position of the answer among the levels.
    x : ndarray, shape (m, k)
        Predictors.
    weight : ndarray, shape (m,)
        Respondents with this row, or their summed weights.
    cluster : ndarray of int, shape (m,)
        School of the row; all 0 where rows are not clustered.
    clusters : int
        Schools with a row; 0 where rows are not clustered.
    n, missing : int
        Respondents used and dropped.
    """

    outcome: str
    columns: tuple[str, ...]
    levels: tuple[float, ...]
    answer: Indices
    x: Floats
    weight: Counts
    cluster: Indices
    clusters: int
    n: int
    missing: int

    @classmethod
    def of(
        cls, frame: pd.DataFrame, outcome: str, columns: Sequence[str], cluster: str | None = None
    ) -> "DistinctRows":
        """Read and count the distinct rows of a frame.

        Parameters
        ----------
        frame : DataFrame
            Rows are respondents; NaN and NA are missing.
        outcome : str
            Numeric column of few ordered values.
        columns : sequence of str
            Numeric predictors; a categorical one as dummies.
        cluster : str, optional
            Column of the school.
        """
        names = tuple(columns)
        sources = [column(frame, name) for name in (outcome, *names)]
        used = np.ones(len(frame), dtype=bool)
        for source in sources:
            used &= np.isfinite(source)
        codes = np.zeros(len(frame), dtype=np.intp)
        if cluster is not None:
            codes = group_codes(frame[cluster])[1]
            used &= codes >= 0
        groups, present = pd.factorize(codes[used])
        row, first = _distinct([groups, *(source[used] for source in sources)])
        weight = np.bincount(row, minlength=len(first)).astype(np.float64)
        levels, answer = np.unique(sources[0][used][first], return_inverse=True)
        order = np.argsort(answer, kind="stable")
        x = np.empty((len(first), len(names)))
        for position, source in enumerate(sources[1:]):
            x[:, position] = source[used][first][order]
        n = int(used.sum())
        return cls(
            outcome=outcome,
            columns=names,
            levels=tuple(float(level) for level in levels),
            answer=np.asarray(answer[order], dtype=np.intp),
            x=x,
            weight=weight[order],
            cluster=np.asarray(groups[first][order], dtype=np.intp),
            clusters=len(present) if cluster is not None else 0,
            n=n,
            missing=len(frame) - n,
        )

    @property
    def counts(self) -> Counts:
        """Return the respondents who gave each answer, shape (K,)."""
        return np.asarray(np.bincount(self.answer, self.weight, len(self.levels)), dtype=np.float64)

    def dichotomized(self, at_least: float) -> "DistinctRows":
        """Return the rows with the answer 1 from a level on and 0 below it: satisfied or not."""
        answer = (np.array(self.levels) >= at_least).astype(np.intp)[self.answer]
        order = np.argsort(answer, kind="stable")
        found = np.unique(answer)
        return replace(
            self,
            levels=tuple(float(value) for value in found),
            answer=np.searchsorted(found, answer[order]),
            x=self.x[order],
            weight=self.weight[order],
            cluster=self.cluster[order],
        )

    def select(self, columns: Sequence[str]) -> "DistinctRows":
        """Return the same rows with some of the predictors; equal rows are not put together again."""
        at = [self.columns.index(name) for name in columns]
        return replace(self, columns=tuple(columns), x=self.x[:, at])


def _distinct(columns: Sequence[NDArray[np.generic]]) -> tuple[Indices, Indices]:
    """Return each row's number among the distinct rows, and the first row of each number."""
    numbers = np.zeros(len(columns[0]), dtype=np.int64)
    size = 1
    for values in columns:
        codes, found = pd.factorize(values)
        if size * max(len(found), 1) >= MOST_CODES:
            numbers, known = pd.factorize(numbers)
            size = len(known)
        numbers = numbers * max(len(found), 1) + codes
        size *= max(len(found), 1)
    row, known = pd.factorize(numbers)
    first = np.empty(len(known), dtype=np.intp)
    # The last write wins, so rows are written backwards.
    first[row[::-1]] = np.arange(len(row))[::-1]
    return np.asarray(row, dtype=np.intp), first
