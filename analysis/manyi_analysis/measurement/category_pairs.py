"""Pair tables of ordered items side by side, and the likelihood of a correlation behind each of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from manyi_analysis.measurement.bivariate_normal import (
    bivariate_normal_cdf,
    bivariate_normal_density,
    density_slope,
)
from manyi_analysis.measurement.extraction import NotConverged
from manyi_analysis.records.rows import Floats, Indices

#: Bounds of a correlation, those of lavaan.
BOUND = 0.999
#: Smallest probability of a cell: below it rounding would decide.
SMALLEST = 1e-12
STEP_TOLERANCE = 1e-12
#: Information of a row below which the likelihood is level; where correlations are found it is above 0.1.
LEVEL = 1e-6
ITERATIONS, HALVINGS = 100, 40
SQRT_TWO_PI = np.sqrt(2 * np.pi)


@dataclass(frozen=True, slots=True, eq=False)
class CategoryPairs:
    """Counts of all p pairs of k items, padded to the most categories C of any item.

    Parameters
    ----------
    thresholds : ndarray, shape (k, C + 1)
        From -inf; +inf from an item's last category on.
    counts : ndarray, shape (k, C)
        Times each category was given, over all rows that have the item.
    first, second : ndarray of int, shape (p,)
        Positions of the two items.
    tables : ndarray, shape (p, C, C)
        Rows with both answers.
    fitted : ndarray, shape (p, C, C)
        The tables that correlations are fitted to: where one cell of a 2 × 2 table is empty it holds 0.5,
        taken from its neighbours so that the margins stay.
    """

    thresholds: Floats
    counts: Floats
    first: Indices
    second: Indices
    tables: Floats
    fitted: Floats

    @property
    def density(self) -> Floats:
        """Return the normal density at the thresholds, shape (k, C + 1)."""
        bounded = np.where(np.isfinite(self.thresholds), self.thresholds, 0.0)
        density: Floats = np.exp(-(bounded**2) / 2) / SQRT_TWO_PI
        return np.where(np.isfinite(self.thresholds), density, 0.0)

    @property
    def proportions(self) -> Floats:
        """Return each category's share of the item's answers, shape (k, C)."""
        shares: Floats = self.counts / self.counts.sum(axis=1, keepdims=True)
        return shares

    def below(self) -> Floats:
        """Return the share of answers below each threshold, shape (k, C + 1)."""
        start = np.zeros((len(self.counts), 1))
        return np.concatenate([start, self.proportions.cumsum(axis=1)], axis=1)


def arrange(counts: list[Floats], tables: list[Floats]) -> CategoryPairs:
    """Put counts of used categories and pair tables, in the order of ``triu_indices``, side by side."""
    k, most = len(counts), max(len(count) for count in counts)
    padded = np.zeros((k, most))
    thresholds = np.full((k, most + 1), np.inf)
    thresholds[:, 0] = -np.inf
    for position, count in enumerate(counts):
        padded[position, : len(count)] = count
        thresholds[position, 1 : len(count)] = special.ndtri(count.cumsum()[:-1] / count.sum())
    first, second = np.triu_indices(k, k=1)
    whole = np.zeros((len(tables), most, most))
    for position, table in enumerate(tables):
        whole[position, : table.shape[0], : table.shape[1]] = table
    fitted = whole.copy()
    for position, table in enumerate(tables):
        if table.shape == (2, 2):
            fitted[position, :2, :2] = without_empty_cell(table)
    return CategoryPairs(thresholds, padded, first, second, whole, fitted)


def without_empty_cell(table: Floats) -> Floats:
    """Return a 2 × 2 table whose one empty cell, if it has one, holds 0.5, margins kept.

    lavaan: ``zero.add = c(0.5, 0)``, ``zero.keep.margins = TRUE``; larger tables are left as they are.
    """
    if np.count_nonzero(table == 0) != 1:
        return table
    sign = 1.0 if table[0, 0] == 0 or table[1, 1] == 0 else -1.0
    return table + 0.5 * sign * np.array([[1.0, -1.0], [-1.0, 1.0]])


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Cells of some pairs at given correlations, each of shape (pairs, C, C)."""

    probability: Floats
    slope: Floats
    curvature: Floats

    @classmethod
    def of(
        cls, pairs: CategoryPairs, which: NDArray[np.intp], rho: Floats, probability: Floats | None = None
    ) -> "Cells":
        """Compute probability and its first and second derivative in the correlation.

        Parameters
        ----------
        which : ndarray of int, shape (q,)
            Positions of the pairs.
        rho : ndarray, shape (q,)
            Their correlations.
        probability : ndarray, shape (q, C, C), optional
            If it is known.
        """
        h = pairs.thresholds[pairs.first[which]][:, :, None]
        k = pairs.thresholds[pairs.second[which]][:, None, :]
        at = rho[:, None, None]
        if probability is None:
            probability = np.maximum(_cells(bivariate_normal_cdf(h, k, at)), SMALLEST)
        return cls(probability, _cells(bivariate_normal_density(h, k, at)), _cells(density_slope(h, k, at)))


def _cells(corners: Floats) -> Floats:
    """Return what lies between neighbouring thresholds, from values at their crossings."""
    cells: Floats = np.diff(np.diff(corners, axis=1), axis=2)
    return cells


def fit_correlations(pairs: CategoryPairs) -> tuple[Floats, NDArray[np.bool_]]:
    """Maximise the likelihood of every table in its correlation, thresholds held.

    Newton's method on all tables at once; where the likelihood is not concave the expected information
    takes the place of the observed, and a step that lowers the likelihood is halved.

    Returns
    -------
    rho : ndarray, shape (p,)
        Correlations, within ±0.999.
    at_bound : ndarray of bool, shape (p,)
        Where the likelihood still rises at the bound.

    Raises
    ------
    NotConverged
        If a table did not come to rest.
    """
    rho = np.clip(_product_moment(pairs), -0.95, 0.95)
    active = np.arange(len(rho))
    outward = np.zeros(len(rho), dtype=np.bool_)
    probability: Floats | None = None
    for _ in range(ITERATIONS):
        if not len(active):
            return rho, outward
        counts, at = pairs.fitted[active], rho[active]
        cells = Cells.of(pairs, active, at, probability)
        score, information = _score(counts, cells)
        # Where the answers to one item order those to the other, the likelihood rises and levels out.
        level = information < LEVEL * counts.sum(axis=(1, 2))
        target = np.where(level, np.sign(score) * BOUND, at + score / np.where(level, 1.0, information))
        step = np.clip(target, -BOUND, BOUND) - at
        step, moved, probability = _uphill(pairs, active, at, step, counts, cells)
        rho[active] = at + step
        outward[active] = (np.abs(rho[active]) >= BOUND) & (score * rho[active] >= 0)
        resting = (np.abs(step) < STEP_TOLERANCE) | outward[active] | ~moved
        active, probability = active[~resting], probability[~resting]
    raise NotConverged(ITERATIONS)


def _score(counts: Floats, cells: Cells) -> tuple[Floats, Floats]:
    """Return slope of the log-likelihood and a positive information, both of shape (q,)."""
    ratio = cells.slope / cells.probability
    score = (counts * ratio).sum(axis=(1, 2))
    observed = (counts * (ratio**2 - cells.curvature / cells.probability)).sum(axis=(1, 2))
    expected = counts.sum(axis=(1, 2)) * (cells.slope * ratio).sum(axis=(1, 2))
    return score, np.where(observed > 0.1 * expected, observed, expected)


def _uphill(
    pairs: CategoryPairs, which: Indices, at: Floats, step: Floats, counts: Floats, cells: Cells
) -> tuple[Floats, NDArray[np.bool_], Floats]:
    """Return steps halved until the likelihood does not fall, where a step is left, and the cells there."""
    reached = (counts * np.log(cells.probability)).sum(axis=(1, 2))
    slack = 1e-13 * np.abs(reached)
    step = step.copy()
    falling, there = np.arange(len(which)), np.empty_like(cells.probability)
    for _ in range(HALVINGS):
        h = pairs.thresholds[pairs.first[which[falling]]][:, :, None]
        k = pairs.thresholds[pairs.second[which[falling]]][:, None, :]
        candidate = (at + step)[falling][:, None, None]
        probability = np.maximum(_cells(bivariate_normal_cdf(h, k, candidate)), SMALLEST)
        there[falling] = probability
        value = (counts[falling] * np.log(probability)).sum(axis=(1, 2))
        falling = falling[value < reached[falling] - slack[falling]]
        if not len(falling):
            break
        step[falling] /= 2
    moved = np.ones(len(which), dtype=np.bool_)
    moved[falling] = False
    step[falling] = 0.0
    return step, moved, there


def _product_moment(pairs: CategoryPairs) -> Floats:
    """Return the Pearson correlation of each table's category numbers, shape (p,); 0 where constant."""
    numbers = np.arange(pairs.fitted.shape[1], dtype=np.float64)
    n = pairs.fitted.sum(axis=(1, 2))
    rows, columns = pairs.fitted.sum(axis=2), pairs.fitted.sum(axis=1)
    x, y = rows @ numbers / n, columns @ numbers / n
    xy = np.einsum("pab,a,b->p", pairs.fitted, numbers, numbers) / n - x * y
    variances = (rows @ numbers**2 / n - x**2) * (columns @ numbers**2 / n - y**2)
    return np.where(variances > 1e-12, xy / np.sqrt(np.maximum(variances, 1e-12)), 0.0)
