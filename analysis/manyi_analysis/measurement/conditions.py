"""What a statistic needs of the data, and the record that says which need is not met."""

import numpy as np

from manyi_analysis.records import Correlated, NotComputed

#: Smallest eigenvalue of a correlation matrix, as a share of the largest, from which it counts as singular.
SINGULAR = 1e-10


def unmet(statistic: str, moments: Correlated, items: int = 2, rows: int = 2) -> NotComputed | None:
    """Return why a statistic of covariances cannot be computed, or None if it can.

    Parameters
    ----------
    statistic : str
        Its name.
    moments : Moments or PairwiseMoments
        The items.
    items, rows : int
        How many the statistic needs.
    """
    k, n = len(moments.columns), moments.n
    if k < items:
        if k == 1:
            return NotComputed(statistic, "one-item-scale", {"items": moments.columns}, n)
        return NotComputed(statistic, "too-few-items", {"k": k, "needed": items}, n)
    if n < rows:
        return NotComputed(statistic, "too-few-rows", {"needed": rows}, n)
    if moments.constant:
        return NotComputed(statistic, "constant-item", {"items": moments.constant}, n)
    return None


def unmet_by_matrix(statistic: str, moments: Correlated, items: int = 2) -> NotComputed | None:
    """Return why a statistic that inverts the correlation matrix cannot be computed, or None if it can.

    Besides what `unmet` asks, there must be more rows than items and the matrix must be positive definite.
    """
    reason = unmet(statistic, moments, items)
    if reason is not None:
        return reason
    k, n = len(moments.columns), moments.n
    if n <= k:
        return NotComputed(statistic, "fewer-rows-than-items", {"k": k}, n)
    values, vectors = np.linalg.eigh(moments.correlation)
    if values[0] > SINGULAR * values[-1]:
        return None
    weights = np.abs(vectors[:, 0])
    items_bound = tuple(
        name for name, weight in zip(moments.columns, weights, strict=True) if weight > 0.1 * weights.max()
    )
    if values[0] < -SINGULAR * values[-1]:
        details = {"smallest": float(values[0]), "items": items_bound}
        return NotComputed(statistic, "not-positive-definite", details, n)
    return NotComputed(statistic, "singular-correlations", {"items": items_bound}, n)
