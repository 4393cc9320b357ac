"""Where the search for a model's estimates begins."""

from collections.abc import Sequence

import numpy as np

from manyi_analysis.confirmatory.implied import Structure
from manyi_analysis.confirmatory.model import FactorModel
from manyi_analysis.confirmatory.parameters import MatrixName, ParameterTable
from manyi_analysis.records.rows import Floats

#: Of a factor beside another one on the same items: each takes a part of what they share.
SHARED = 0.6
#: Communalities of the first step stay between these.
LEAST, MOST = 0.1, 0.9
#: A marker that its factor explains no better gives no unit.
SMALLEST_UNIT = 1e-3


def starting_values(
    model: FactorModel, table: ParameterTable, covariances: Sequence[Floats], means: Sequence[Floats]
) -> Floats:
    """Return starting values of the free parameters, shape (q,).

    Loadings of a factor are those of one principal axis of its items' correlations; factors correlate as
    the sums of their items do, which is always a proper matrix; half the variance of an item is error.
    Equal parameters start from the mean over their groups.

    Parameters
    ----------
    model, table
        The model and its parameters.
    covariances : sequence of ndarray, shape (k, k)
        Of each group, the items in the table's order.
    means : sequence of ndarray, shape (k,)
        Of each group.
    """
    total, count = np.zeros(table.free), np.zeros(table.free)
    for group, (covariance, mean) in enumerate(zip(covariances, means, strict=True)):
        start = _Start(model, table, covariance)
        for row in table.rows:
            if row.group != group or row.free < 0:
                continue
            value = 0.0
            if row.matrix == "nu":
                value = float(mean[row.row])
            elif row.matrix != "alpha":
                value = start.value(row.matrix, row.row, row.column)
            total[row.free] += value
            count[row.free] += 1
    return total / count


def continued(table: ParameterTable, estimates: Floats) -> Floats:
    """Return starting values at the estimates of the same model with other parameters equal, shape (q,).

    Parameters
    ----------
    table : ParameterTable
        Of the model to begin with.
    estimates : ndarray
        Of every parameter of the other table, whose rows are the same but for what is free. Equal parameters
        start from their mean.
    """
    free = np.array([row.free for row in table.rows])
    at = free >= 0
    total = np.bincount(free[at], weights=estimates[at], minlength=table.free)
    return np.asarray(total / np.bincount(free[at], minlength=table.free))


def rescaled(model: FactorModel, found: Structure, values: Floats, wanted: Structure) -> Floats:
    """Return values of a marker scaling that imply the same moments as values of a variance scaling.

    Parameters
    ----------
    model : FactorModel
    found, wanted : Structure
        Of the model with factors of variance 1, and with markers.
    values : ndarray, shape (q,)
        Free parameters of the first.

    Returns
    -------
    ndarray, shape (q,)
        Free parameters of the second; where groups disagree about an equal one, the last group's.
    """
    result = np.zeros(wanted.table.free)
    for group in found.groups:
        at = found.matrices(values, group)
        unit = np.ones(len(model.latents))
        for _ in model.latents:
            for j, factor in enumerate(model.latents):
                first = model.factors[factor][0]
                if first in model.factors:
                    h = model.latents.index(first)
                    unit[j] = unit[h] * at["Beta"][h, j]
                else:
                    unit[j] = at["Lambda"][model.items.index(first), j]
        unit = np.where(np.abs(unit) < SMALLEST_UNIT, SMALLEST_UNIT, unit)
        turned: dict[MatrixName, Floats] = {
            "Lambda": at["Lambda"] / unit,
            "Beta": at["Beta"] * unit[:, None] / unit,
            "Psi": at["Psi"] * np.outer(unit, unit),
            "Theta": at["Theta"],
            "nu": at["nu"],
            "alpha": at["alpha"] * unit[:, None],
        }
        for row in wanted.table.rows:
            if row.group == group and row.free >= 0:
                result[row.free] = turned[row.matrix][row.row, row.column]
    return result


class _Start:
    """Standardized loadings and correlations of one group, in the units that the model's scaling asks for."""

    def __init__(self, model: FactorModel, table: ParameterTable, covariance: Floats) -> None:
        self._deviation = np.sqrt(np.diagonal(covariance))
        correlation = covariance / np.outer(self._deviation, self._deviation)
        weights = _composites(model, correlation)
        between = weights @ correlation @ weights.T
        spread = np.sqrt(np.diagonal(between))
        self._between = between / np.outer(spread, spread)
        shared = set(model.cross_loaded())
        m, k = len(model.latents), len(model.items)
        self._items, self._factors = np.zeros((k, m)), np.zeros((m, m))
        for j, factor in enumerate(model.latents):
            for source, target, names in (
                (correlation, self._items, model.items),
                (self._between, self._factors, model.latents),
            ):
                at = [names.index(one) for one in model.factors[factor] if one in names]
                if at:
                    axis = _axis(source[np.ix_(at, at)])
                    part = SHARED if target is self._items and shared & set(model.factors[factor]) else 1.0
                    target[at, j] = part * axis
        self._unit = self._units(model, table)

    def _units(self, model: FactorModel, table: ParameterTable) -> Floats:
        """Return the standard deviation of each factor: 1, or what makes its marker's loading 1."""
        units = np.ones(len(model.latents))
        fixed = {(r.matrix, r.row, r.column) for r in table.rows if r.free < 0 and r.group == 0}
        # Factors of lower order come first in `latents` or not: repeat until a marker's unit is known.
        for _ in model.latents:
            for j, factor in enumerate(model.latents):
                first = model.factors[factor][0]
                if first in model.factors:
                    h = model.latents.index(first)
                    if ("Beta", h, j) in fixed:
                        units[j] = abs(self._factors[h, j]) * units[h]
                else:
                    i = model.items.index(first)
                    if ("Lambda", i, j) in fixed:
                        units[j] = abs(self._items[i, j]) * self._deviation[i]
                        if self._items[i, j] < 0:
                            # The marker's loading is +1: the whole factor is turned round.
                            self._items[:, j] *= -1
        return units

    def value(self, matrix: str, row: int, column: int) -> float:
        if matrix == "Lambda":
            return float(self._items[row, column] * self._deviation[row] / self._unit[column])
        if matrix == "Beta":
            return float(self._factors[row, column] * self._unit[row] / self._unit[column])
        if matrix == "Theta":
            return 0.5 * float(self._deviation[row] ** 2) if row == column else 0.0
        explained = float((self._factors[row] ** 2).sum()) if row == column else 0.0
        share = max(1 - explained, LEAST) if row == column else 0.5 * float(self._between[row, column])
        return share * float(self._unit[row] * self._unit[column])


def _composites(model: FactorModel, correlation: Floats) -> Floats:
    """Return the weights of items in each factor's sum, shape (m, k): signs, so that nothing cancels."""
    items = model.items
    weights = np.zeros((len(model.latents), len(items)))
    # Factors of lower order come first in `latents` or not.
    for _ in model.latents if model.explained else (None,):
        for j, factor in enumerate(model.latents):
            parts = model.factors[factor]
            at = [items.index(one) for one in parts if one not in model.factors]
            if at:
                weights[j, at] = np.sign(_axis(correlation[np.ix_(at, at)]))
            for one in parts:
                if one in model.factors:
                    weights[j] += weights[model.latents.index(one)]
            weights[j] = np.sign(weights[j])
    return weights


def _axis(correlation: Floats) -> Floats:
    """Return the loadings of one principal axis, twice iterated, signed to a positive sum."""
    k = len(correlation)
    if k == 1:
        return np.ones(1)
    reduced = correlation.copy()
    communality = np.clip(np.abs(correlation - np.eye(k)).max(axis=1), LEAST, MOST)
    loadings = np.zeros(k)
    for _ in range(3):
        np.fill_diagonal(reduced, communality)
        values, vectors = np.linalg.eigh(reduced)
        loadings = vectors[:, -1] * np.sqrt(max(values[-1], LEAST))
        communality = np.clip(loadings**2, LEAST, MOST)
    # A loading of 0 is a saddle: it is started on the side of its sign.
    bounded = np.where(loadings < 0, -1.0, 1.0) * np.clip(np.abs(loadings), 0.2, 0.95)
    result: Floats = bounded * (-1.0 if bounded.sum() < 0 else 1.0)
    return result
