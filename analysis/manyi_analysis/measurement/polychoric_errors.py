"""Sampling errors of thresholds and polychoric correlations estimated in two steps."""

import numpy as np
from scipy import special

from manyi_analysis.measurement.category_pairs import CategoryPairs, Cells
from manyi_analysis.records.rows import Floats, Indices
from manyi_analysis.records.threads import one_thread

#: Rows whose influences are held at once.
ROWS = 4096


def threshold_scores(pairs: CategoryPairs) -> Floats:
    """Return the slope of each answer's log-probability in the item's thresholds, shape (k, C, C - 1)."""
    share = np.where(pairs.proportions > 0, pairs.proportions, np.inf)
    density = pairs.density[:, 1:-1]
    k, most = share.shape
    scores = np.zeros((k, most, most - 1))
    at = np.arange(most - 1)
    scores[:, at, at] = density / share[:, :-1]
    scores[:, at + 1, at] = -density / share[:, 1:]
    return scores


def threshold_covariances(pairs: CategoryPairs) -> Floats:
    r"""Return the covariances of each item's thresholds, shape (k, C - 1, C - 1), 0 beyond its own.

    .. math:: P_s (1 - P_t) / (n \phi_s \phi_t), \quad s \le t

    with P the share of answers below a threshold.
    """
    density, below = pairs.density[:, 1:-1], pairs.below()[:, 1:-1]
    n = pairs.counts.sum(axis=1)[:, None, None]
    inverse = np.divide(1.0, density, out=np.zeros_like(density), where=density > 0)
    lower = np.minimum(below[:, :, None], below[:, None, :])
    upper = np.maximum(below[:, :, None], below[:, None, :])
    covariances: Floats = lower * (1 - upper) * inverse[:, :, None] * inverse[:, None, :] / n
    return covariances


def correlation_influences(pairs: CategoryPairs, rho: Floats) -> Floats:
    r"""Return how much one row with given answers moves each correlation, shape (p, C + 1, C + 1).

    .. math:: A_{22}^{-1}\bigl(s_\rho - A_{21} A_{11}^{-1} s_\tau\bigr)

    with the scores :math:`s` of the row, thresholds' information :math:`A_{11}`, and :math:`A_{21}`,
    :math:`A_{22}` the cross-products of the correlation's score with the slopes of the pair's likelihood
    (Muthén, 1984, as lavaan's ``muthen1984``). The last row and column stand for a missing answer: of a row
    that lacks one of the two items the other still moves its thresholds, and by them the correlation.
    """
    positions = np.arange(len(rho))
    cells = Cells.of(pairs, positions, rho)
    score = cells.slope / cells.probability
    weighted = pairs.tables * score
    information = (weighted * score).sum(axis=(1, 2))
    per_answer = weighted / cells.probability
    root = np.sqrt((1 - rho) * (1 + rho))[:, None, None]
    at = rho[:, None, None]
    first, second = pairs.thresholds[pairs.first], pairs.thresholds[pairs.second]
    rows = _threshold_slopes(per_answer, first, second, pairs.density[pairs.first], at, root)
    columns = _threshold_slopes(
        per_answer.transpose(0, 2, 1), second, first, pairs.density[pairs.second], at, root
    )
    covariances, scores = threshold_covariances(pairs), threshold_scores(pairs)
    by_first = np.einsum("pct,ptu,pu->pc", scores[pairs.first], covariances[pairs.first], rows)
    by_second = np.einsum("pct,ptu,pu->pc", scores[pairs.second], covariances[pairs.second], columns)
    most = score.shape[1]
    influences = np.zeros((len(rho), most + 1, most + 1))
    influences[:, :most, :most] = score
    influences[:, :most, :] -= by_first[:, :, None]
    influences[:, :, :most] -= by_second[:, None, :]
    # Only at the bound of the correlation is there none.
    moved: Floats = influences / np.where(information > 0, information, np.inf)[:, None, None]
    return moved


def _threshold_slopes(
    per_answer: Floats, own: Floats, other: Floats, density: Floats, rho: Floats, root: Floats
) -> Floats:
    """Return Σ over cells of (correlation's score) × (slope in the first item's thresholds), (p, C - 1)."""
    bounded = np.where(np.isfinite(own[:, 1:-1]), own[:, 1:-1], 0.0)[:, :, None]
    given = np.diff(special.ndtr((other[:, None, :] - rho * bounded) / root), axis=2)
    slopes: Floats = density[:, 1:-1] * ((per_answer[:, :-1] - per_answer[:, 1:]) * given).sum(axis=2)
    return slopes


def extended_tables(pairs: CategoryPairs) -> Floats:
    """Return the pair tables with a last row and column of those who lack one item, (p, C + 1, C + 1)."""
    most = pairs.tables.shape[1]
    extended = np.zeros((len(pairs.tables), most + 1, most + 1))
    extended[:, :most, :most] = pairs.tables
    extended[:, :most, most] = pairs.counts[pairs.first] - pairs.tables.sum(axis=2)
    extended[:, most, :most] = pairs.counts[pairs.second] - pairs.tables.sum(axis=1)
    return extended


def standard_errors(pairs: CategoryPairs, influences: Floats) -> Floats:
    """Return the standard errors of the correlations, shape (p,), from the pair tables alone."""
    errors: Floats = np.sqrt((extended_tables(pairs) * influences**2).sum(axis=(1, 2)))
    return errors


def covariance_from_rows(pairs: CategoryPairs, influences: Floats, categories: Indices) -> Floats:
    """Return the covariances of all thresholds, then correlations: Σ of products of rows' influences.

    Parameters
    ----------
    categories : ndarray of int, shape (k, rows)
        Number of each row's category, C where the answer is missing.

    Returns
    -------
    ndarray, shape (t + p, t + p)
        Thresholds item after item, correlations in the order of ``triu_indices``.
    """
    k, most = pairs.counts.shape
    moved = np.einsum("kct,ktu->kcu", threshold_scores(pairs), threshold_covariances(pairs))
    own = np.isfinite(pairs.thresholds[:, 1:-1])
    thresholds = np.zeros((k, most - 1, most + 1))
    thresholds[:, :, :most] = moved.transpose(0, 2, 1)
    size = int(own.sum()) + len(influences)
    result = np.zeros((size, size))
    flat = influences.reshape(len(influences), -1)
    with one_thread():
        for start in range(0, categories.shape[1], ROWS):
            block = categories[:, start : start + ROWS]
            by_item = [thresholds[item][own[item]][:, block[item]] for item in range(k)]
            cell = block[pairs.first] * (most + 1) + block[pairs.second]
            held = np.concatenate([*by_item, np.take_along_axis(flat, cell, axis=1)])
            result += held @ held.T
    return result
