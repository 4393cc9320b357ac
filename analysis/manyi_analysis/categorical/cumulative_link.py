"""Log-likelihood of a cumulative link model, P(y <= j) = F(threshold_j - x'b), and its derivatives."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

from manyi_analysis.records.rows import Floats, Indices


@dataclass(frozen=True, slots=True, eq=False)
class Tails:
    """A distribution at m points: below and above each, the density and its derivative, all of shape (m,)."""

    below: Floats
    above: Floats
    density: Floats
    slope: Floats


def _logistic(eta: Floats) -> Tails:
    below, above = special.expit(eta), special.expit(-eta)
    density = below * above
    return Tails(below, above, density, density * (above - below))


def _normal(eta: Floats) -> Tails:
    finite = np.where(np.isfinite(eta), eta, 0.0)
    density = np.where(np.isfinite(eta), np.exp(-0.5 * finite**2) / np.sqrt(2.0 * np.pi), 0.0)
    return Tails(special.ndtr(eta), special.ndtr(-eta), density, -finite * density)


@dataclass(frozen=True, slots=True)
class Link:
    """A distribution F, symmetric about 0.

    Parameters
    ----------
    name : {"logit", "probit"}
    tails : callable
        F, 1 - F, density and its derivative.
    quantile : callable
        Inverse of F.
    """

    name: str
    tails: Callable[[Floats], Tails]
    quantile: Callable[[Floats], Floats]


LINKS = {
    "logit": Link("logit", _logistic, special.logit),
    "probit": Link("probit", _normal, special.ndtri),
}


@dataclass(frozen=True, slots=True, eq=False)
class Derivatives:
    """At given slopes and thresholds; m rows, k slopes, K - 1 thresholds.

    Parameters
    ----------
    loglik : float
    score : ndarray, shape (k + K - 1,)
        First derivatives, slopes first.
    information : ndarray, shape (k + K - 1, k + K - 1)
        Minus the second derivatives.
    upper, lower : ndarray, shape (m,)
        Derivative of each row's log-likelihood, weighted, in its upper and in its lower threshold.
    """

    loglik: float
    score: Floats
    information: Floats
    upper: Floats
    lower: Floats


def derivatives(
    link: Link, x: Floats, answer: Indices, weight: Floats, slopes: Floats, thresholds: Floats
) -> Derivatives:
    """Evaluate the log-likelihood; rows are sorted by answer.

    Both links are log-concave, so Newton's method finds the one maximum (Burridge, 1981; Pratt, 1981).
    """
    k, categories = x.shape[1], len(thresholds) + 1
    bounds = np.concatenate([[-np.inf], thresholds, [np.inf]])
    line = x @ slopes
    over, under = link.tails(bounds[answer + 1] - line), link.tails(bounds[answer] - line)
    # The difference of two values near one loses digits; on that side that of the upper tails is taken.
    probability = np.where(under.below > 0.5, under.above - over.above, over.below - under.below)
    probability = np.maximum(probability, np.finfo(np.float64).tiny)
    a, b = over.density / probability, under.density / probability
    first, second, both = over.slope / probability - a**2, -under.slope / probability - b**2, a * b
    upper, lower = weight * a, -weight * b
    score = np.empty(k + categories - 1)
    score[:k] = -(x.T @ (upper + lower))
    information = np.zeros((k + categories - 1, k + categories - 1))
    mixed = weight * (first + second + 2.0 * both)
    information[:k, :k] = -(x * mixed[:, None]).T @ x
    edges = np.searchsorted(answer, np.arange(categories + 1))
    score[k:] = 0.0
    for level in range(categories):
        rows = slice(edges[level], edges[level + 1])
        part, w = x[rows], weight[rows]
        if level < categories - 1:
            at = k + level
            score[at] += upper[rows].sum()
            information[:k, at] += part.T @ (w * (first[rows] + both[rows]))
            information[at, at] -= float(w @ first[rows])
        if level > 0:
            at = k + level - 1
            score[at] += lower[rows].sum()
            information[:k, at] += part.T @ (w * (second[rows] + both[rows]))
            information[at, at] -= float(w @ second[rows])
        if 0 < level < categories - 1:
            information[k + level, k + level - 1] -= float(w @ both[rows])
            information[k + level - 1, k + level] = information[k + level, k + level - 1]
    information[k:, :k] = information[:k, k:].T
    return Derivatives(float(weight @ np.log(probability)), score, information, upper, lower)


def cluster_scores(
    found: Derivatives, x: Floats, answer: Indices, cluster: Indices, clusters: int, categories: int
) -> Floats:
    """Return the sum of the rows' scores in each cluster, shape (G, k + K - 1)."""
    k = x.shape[1]
    result = np.empty((clusters, k + categories - 1))
    both = found.upper + found.lower
    for position in range(k):
        result[:, position] = -np.bincount(cluster, both * x[:, position], clusters)
    for threshold in range(categories - 1):
        up, down = answer == threshold, answer == threshold + 1
        result[:, k + threshold] = np.bincount(cluster[up], found.upper[up], clusters)
        result[:, k + threshold] += np.bincount(cluster[down], found.lower[down], clusters)
    return result
