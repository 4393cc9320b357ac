"""Polychoric correlations: of the normal variables thought to lie behind ordered answers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from manyi_analysis.measurement.category_pairs import CategoryPairs, arrange, fit_correlations
from manyi_analysis.measurement.extraction import NotConverged
from manyi_analysis.measurement.polychoric_errors import (
    correlation_influences,
    covariance_from_rows,
    standard_errors,
    threshold_covariances,
)
from manyi_analysis.records import NotComputed, Tables
from manyi_analysis.records.rows import Floats, Indices, column

#: Answers of more categories are near enough to numbers; tables of theirs are mostly empty.
MOST_CATEGORIES = 20


@dataclass(frozen=True, slots=True, eq=False)
class PolychoricCorrelations:
    """Polychoric (of two-category items: tetrachoric) correlations and thresholds of k items.

    The latent variables have mean 0 and standard deviation 1, so that the record serves wherever moments
    do: alpha, omega, KMO, parallel analysis, factor analysis, each then of the latent variables.

    Parameters
    ----------
    columns : tuple of str
        The k items.
    rows : int
        Rows read.
    counts : ndarray of int, shape (k, k)
        Rows that have both items; on the diagonal, the rows that have the item.
    answers : tuple of tuple of float
        Each item's answers that were given, ascending. Declared answers that nobody gave have no
        threshold of their own.
    thresholds : tuple of ndarray
        Of each item, one less than its answers, ascending; from all its answers.
    correlation : ndarray, shape (k, k)
        Correlations, as estimated, pair by pair: the matrix need not be positive definite.
    se : ndarray, shape (k, k)
        Their standard errors, 0 on the diagonal; NaN for the pairs of `at_bound`, whose correlation has none.
    threshold_se : tuple of ndarray
        Standard errors of the thresholds.
    empty_cells : ndarray of int, shape (k, k)
        Empty cells of each pair's table.
    at_bound : tuple of pairs of str
        Pairs whose likelihood still rises at ±.999: one item all but determines the other.
    acov : ndarray, shape (t + p, t + p), or None
        Covariances of the t thresholds, item after item, then the p correlations in the order of
        ``numpy.triu_indices(k, 1)`` (lavaan's order); 0 for pairs at the bound. None unless rows were given.
    acov_rows : int or None
        Rows the covariances rest on.
    """

    columns: tuple[str, ...]
    rows: int
    counts: NDArray[np.int64]
    answers: tuple[tuple[float, ...], ...]
    thresholds: tuple[Floats, ...]
    correlation: Floats
    se: Floats
    threshold_se: tuple[Floats, ...]
    empty_cells: NDArray[np.int64]
    at_bound: tuple[tuple[str, str], ...]
    acov: Floats | None = None
    acov_rows: int | None = None
    method: str = "polychoric correlations by maximum likelihood in two steps, thresholds first"
    source: str = "Olsson (1979); Muthén (1984)"

    @property
    def items(self) -> tuple[str, ...]:
        """Return the k items."""
        return self.columns

    @property
    def n(self) -> int:
        """Return the rows of the pair that has fewest."""
        return int(self.counts.min()) if self.counts.size else 0

    @property
    def missing(self) -> int:
        """Return the rows that the pair with the fewest lacks."""
        return self.rows - self.n

    @property
    def mean(self) -> Floats:
        """Return the means of the latent variables: zeros, shape (k,)."""
        return np.zeros(len(self.columns))

    @property
    def sd(self) -> Floats:
        """Return the standard deviations of the latent variables: ones, shape (k,)."""
        return np.ones(len(self.columns))

    @property
    def covariance(self) -> Floats:
        """Return the covariances of the latent variables: their correlations, shape (k, k)."""
        return self.correlation

    @property
    def constant(self) -> tuple[str, ...]:
        """Return the items without variance: none, they are refused."""
        return ()

    @property
    def smallest_eigenvalue(self) -> float:
        """Return the smallest eigenvalue of the correlation matrix; not positive definite if below 0."""
        return float(np.linalg.eigvalsh(self.correlation)[0])

    @property
    def score_variance(self) -> Floats:
        """Return the variance of each item's normal scores, shape (k,): the share its categories keep.

        The normal score of an answer is the mean of the latent variable between its thresholds.
        """
        shares = []
        for thresholds in self.thresholds:
            cuts = np.concatenate([[-np.inf], thresholds, [np.inf]])
            density = np.concatenate([[0.0], stats.norm.pdf(thresholds), [0.0]])
            shares.append(float((np.diff(density) ** 2 / np.diff(stats.norm.cdf(cuts))).sum()))
        return np.array(shares)

    def select(self, items: Sequence[str]) -> "PolychoricCorrelations":
        """Return the record of some of the items, in that order; covariances of their estimates too."""
        at = [self.columns.index(name) for name in items]
        grid = np.ix_(at, at)
        kept = tuple(pair for pair in self.at_bound if set(pair) <= set(items))
        return replace(
            self,
            columns=tuple(items),
            counts=self.counts[grid],
            answers=tuple(self.answers[i] for i in at),
            thresholds=tuple(self.thresholds[i] for i in at),
            correlation=self.correlation[grid],
            se=self.se[grid],
            threshold_se=tuple(self.threshold_se[i] for i in at),
            empty_cells=self.empty_cells[grid],
            at_bound=kept,
            acov=None if self.acov is None else self.acov[np.ix_(*2 * (self._estimates(at),))],
        )

    def _estimates(self, items: list[int]) -> Indices:
        """Return the places in ``acov`` of the thresholds, then the correlations, of items at positions."""
        lengths = np.array([len(thresholds) for thresholds in self.thresholds])
        starts = np.concatenate([[0], lengths.cumsum()])
        own = [np.arange(starts[i], starts[i + 1]) for i in items]
        k = len(lengths)
        number = np.zeros((k, k), dtype=np.intp)
        a, b = np.triu_indices(k, k=1)
        number[a, b] = number[b, a] = starts[-1] + np.arange(len(a))
        first, second = np.triu_indices(len(items), k=1)
        at = np.array(items, dtype=np.intp)
        return np.concatenate([*own, number[at[first], at[second]]])

    def smoothed(self) -> "PolychoricCorrelations":
        """Return the record with a matrix made positive definite, which its ``method`` then says.

        Eigenvalues at or below zero become small positive ones, and the diagonal is brought back to 1. A
        matrix that is positive definite stays as it is. Nothing smooths unless asked to.

        Notes
        -----
        R: ``psych::cor.smooth``.
        """
        values, vectors = np.linalg.eigh(self.correlation)
        eps = float(np.finfo(np.float64).eps)
        if values[0] >= eps:
            return self
        values = np.where(values < eps, 100 * eps, values)
        values *= len(values) / values.sum()
        matrix = (vectors * values) @ vectors.T
        scale = np.sqrt(np.diagonal(matrix))
        method = f"{self.method}; smoothed to a positive definite matrix (cor.smooth)"
        return replace(self, correlation=matrix / np.outer(scale, scale), method=method)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a pair: ``a, b, method, n, r, se, p, empty_cells, reason``.

        p is Wald's, two-sided. Null hypothesis: the latent variables do not correlate. A pair at the bound
        has no error and no p; ``reason`` says so.
        """
        a, b = np.triu_indices(len(self.columns), k=1)
        names = np.array(self.columns, dtype=object)
        r, se = self.correlation[a, b], self.se[a, b]
        n = self.counts[a, b]
        bound = {
            pair: NotComputed("polychoric", "correlation-at-bound", {"items": pair}).reason
            for pair in self.at_bound
        }
        return pd.DataFrame(
            {
                "a": names[a],
                "b": names[b],
                "method": "polychoric",
                "n": n,
                "r": r,
                "se": se,
                "p": 2 * stats.norm.sf(np.abs(r / se)),
                "empty_cells": self.empty_cells[a, b],
                "reason": [bound.get(pair, "") for pair in zip(names[a], names[b], strict=True)],
            }
        )

    def thresholds_frame(self) -> pd.DataFrame:
        """Return one row a threshold: ``item, number, answer_below, answer_above, threshold, se``."""
        lengths = [len(thresholds) for thresholds in self.thresholds]
        return pd.DataFrame(
            {
                "item": np.repeat(np.array(self.columns, dtype=object), lengths),
                "number": np.concatenate([np.arange(1, length + 1) for length in lengths]),
                "answer_below": [answer for answers in self.answers for answer in answers[:-1]],
                "answer_above": [answer for answers in self.answers for answer in answers[1:]],
                "threshold": np.concatenate(self.thresholds),
                "se": np.concatenate(self.threshold_se),
            }
        )


def polychoric_correlations(
    tables: Tables, items: Sequence[str] | None = None, rows: pd.DataFrame | None = None
) -> PolychoricCorrelations | NotComputed:
    r"""Estimate the correlations of the normal variables behind ordered answers.

    An answer c is given where the latent variable lies between thresholds :math:`\tau_{c-1}` and
    :math:`\tau_c`. Step one takes the thresholds from each item's shares,
    :math:`\tau_c = \Phi^{-1}(P(x \le c))`; step two maximises, with them held, the likelihood of each pair's
    table in its correlation,

    .. math:: \sum_{ab} n_{ab} \ln \int_{\tau_{a-1}}^{\tau_a}\!\int_{\tau_{b-1}}^{\tau_b} \phi_2(x, y; \rho).

    Missing answers: thresholds use all answers of the item, correlations all rows with both items. Give
    tables of complete rows for a listwise analysis. Empty cells: nothing is added, except that the one empty
    cell of a 2 × 2 table is given 0.5 with the margins kept (as lavaan); psych adds 0.5 to every empty cell
    unless ``correct = 0``.

    Parameters
    ----------
    tables : Tables
        Answer counts of the items and their pairs.
    items : sequence of str, optional
        Default: all columns of the tables.
    rows : DataFrame, optional
        The answers themselves, for the covariances of the estimates (``acov``), which need joint answers to
        four items. A random part of the rows will do: the covariances are brought up to all rows.

    Returns
    -------
    PolychoricCorrelations or NotComputed
        One item; an item with one answer or with more than 20; a pair that nobody answered, or in which an
        item does not vary.

    Raises
    ------
    ValueError
        If the tables hold no pairs.

    Notes
    -----
    R: ``lavaan::lavCor(x, ordered = names(x))``; ``psych::polychoric(x, correct = 0)``;
    ``polycor::polychor(a, b)``. Covariances: ``lavInspect(fit, "gamma") / n`` of a model with
    ``estimator = "WLSMV"``.

    References
    ----------
    Olsson, U. (1979). Maximum likelihood estimation of the polychoric correlation coefficient.
    Psychometrika, 44, 443-460. Muthén, B. (1984). A general structural equation model with dichotomous,
    ordered categorical, and continuous latent variable indicators. Psychometrika, 49, 115-132.
    """
    names = tuple(tables.columns if items is None else items)
    if len(names) < 2:
        return NotComputed("polychoric", "one-item-scale", {"items": names}, tables.rows)
    given = {name: tables.answers(name) for name in names}
    used = {name: counts > 0 for name, (_, counts) in given.items()}
    n = min(int(counts.sum()) for _, counts in given.values())
    if n < 2:
        return NotComputed("polychoric", "too-few-rows", {"needed": 2}, n)
    constant = tuple(name for name in names if np.count_nonzero(used[name]) < 2)
    if constant:
        return NotComputed("polychoric", "constant-item", {"items": constant}, n)
    many = tuple(name for name in names if np.count_nonzero(used[name]) > MOST_CATEGORIES)
    if many:
        return NotComputed("polychoric", "many-categories", {"items": many, "most": MOST_CATEGORIES}, n)
    pairs = [
        tables.table(a, b).to_numpy(dtype=np.float64)[np.ix_(used[a], used[b])]
        for a, b in combinations(names, 2)
    ]
    apart = _not_varying(names, pairs)
    if apart:
        return NotComputed("polychoric", "pair-without-variance", {"items": apart}, n)
    arranged = arrange([given[name][1][used[name]].astype(np.float64) for name in names], pairs)
    answers = tuple(tuple(given[name][0][used[name]].tolist()) for name in names)
    return _estimated(names, tables.rows, answers, arranged, pairs, rows)


def _not_varying(names: tuple[str, ...], pairs: list[Floats]) -> tuple[str, ...]:
    """Return the items of the first pair in whose rows one of them does not vary; none if all do."""
    for (a, b), table in zip(combinations(names, 2), pairs, strict=True):
        if np.count_nonzero(table.sum(axis=1)) < 2 or np.count_nonzero(table.sum(axis=0)) < 2:
            return a, b
    return ()


def _estimated(
    names: tuple[str, ...],
    rows: int,
    answers: tuple[tuple[float, ...], ...],
    arranged: CategoryPairs,
    pairs: list[Floats],
    frame: pd.DataFrame | None,
) -> PolychoricCorrelations | NotComputed:
    """Fit the arranged tables and put the record together."""
    try:
        rho, at_bound = fit_correlations(arranged)
    except NotConverged as stopped:
        n = int(min(table.sum() for table in pairs))
        return NotComputed("polychoric", "not-converged", {"iterations": stopped.iterations}, n)
    influences = correlation_influences(arranged, rho)
    influences[at_bound] = 0.0
    errors = np.where(at_bound, np.nan, standard_errors(arranged, influences))
    a, b = arranged.first, arranged.second
    own = [len(one) - 1 for one in answers]
    variances = np.diagonal(threshold_covariances(arranged), axis1=1, axis2=2)
    counts = _square(np.array([table.sum() for table in pairs]), a, b, arranged.counts.sum(axis=1))
    empty = _square(np.array([np.count_nonzero(table == 0) for table in pairs]), a, b, np.zeros(len(names)))
    acov = None
    if frame is not None:
        categories = _categories(frame, names, answers, arranged.counts.shape[1])
        acov = covariance_from_rows(arranged, influences, categories) * (rows / max(len(frame), 1))
    return PolychoricCorrelations(
        columns=names,
        rows=rows,
        counts=np.rint(counts).astype(np.int64),
        answers=answers,
        thresholds=tuple(arranged.thresholds[i, 1 : 1 + t].copy() for i, t in enumerate(own)),
        correlation=_square(rho, a, b, np.ones(len(names))),
        se=_square(errors, a, b, np.zeros(len(names))),
        threshold_se=tuple(np.sqrt(variances[i, :t]) for i, t in enumerate(own)),
        empty_cells=empty.astype(np.int64),
        at_bound=tuple((names[a[p]], names[b[p]]) for p in np.flatnonzero(at_bound)),
        acov=acov,
        acov_rows=None if frame is None else len(frame),
    )


def _square(values: Floats, a: Indices, b: Indices, diagonal: Floats) -> Floats:
    """Return the symmetric matrix of values of pairs."""
    matrix = np.diag(np.asarray(diagonal, dtype=np.float64))
    matrix[a, b] = matrix[b, a] = values
    return matrix


def _categories(
    frame: pd.DataFrame, names: tuple[str, ...], answers: tuple[tuple[float, ...], ...], missing: int
) -> Indices:
    """Return the number of each row's answer among the item's, ``missing`` for none; shape (k, rows).

    An answer the tables do not have is not in the estimates either, and counts as missing.
    """
    categories = np.full((len(names), len(frame)), missing, dtype=np.intp)
    for position, (name, known) in enumerate(zip(names, answers, strict=True)):
        values, places = column(frame, name), np.array(known)
        at = np.minimum(np.searchsorted(places, values), len(places) - 1)
        found = places[at] == values
        categories[position, found] = at[found]
    return categories
