"""Means and covariances of normal data with missing answers, by maximum likelihood."""

from dataclasses import dataclass

import numpy as np

from manyi_analysis.records.notcomputed import NotComputed
from manyi_analysis.records.patterns import PatternMoments
from manyi_analysis.records.rows import Floats
from manyi_analysis.records.threads import one_thread

TOLERANCE = 1e-10
MOST_ITERATIONS = 20_000
#: Patterns that are completed at once.
TOGETHER = 64


@dataclass(frozen=True, slots=True, eq=False)
class NormalEstimate:
    """Maximum-likelihood means and covariances, all answers used.

    Parameters
    ----------
    columns : tuple of str
        The k columns.
    n : int
        Rows with at least one answer.
    mean : ndarray, shape (k,)
    covariance : ndarray, shape (k, k)
        Divisor n, as maximum likelihood has it.
    iterations : int
        Until no standardized mean, and no covariance relative to the standard deviations, moved by more
        than 1e-10.
    """

    columns: tuple[str, ...]
    n: int
    mean: Floats
    covariance: Floats
    iterations: int
    method: str = "EM for multivariate normal data"
    source: str = "Dempster, Laird & Rubin (1977); Little & Rubin (2019), ch. 8"


def em_estimate(patterns: PatternMoments) -> NormalEstimate | NotComputed:
    r"""Estimate means and covariances of normal data with ignorable missing answers.

    The E-step replaces what a pattern lacks by its regression on what it has, :math:`B = \Sigma_{mo}
    \Sigma_{oo}^{-1}`, and adds the residual covariance :math:`\Sigma_{mm} - B \Sigma_{om}`; it needs of each
    pattern only the rows, sums and cross-products, so that an iteration does not depend on respondents.

    Parameters
    ----------
    patterns : PatternMoments
        Of the columns.

    Returns
    -------
    NormalEstimate or NotComputed
        More patterns than are held; a column nobody answered or that is constant; fewer rows than columns; a
        covariance that became singular; no convergence in 20,000 iterations.

    Notes
    -----
    R: ``norm::em.norm``, ``norm2::emNorm``; SPSS: MVA /EM.

    References
    ----------
    Dempster, A. P., Laird, N. M., & Rubin, D. B. (1977). Journal of the Royal Statistical Society, Series B,
    39, 1-38.
    """
    n = int(patterns.n.sum())
    if patterns.overflow:
        return NotComputed("em", "many-patterns", {"columns": patterns.columns}, patterns.rows)
    answered = patterns.answered
    k = len(patterns.columns)
    empty = tuple(c for c, m in zip(patterns.columns, answered, strict=True) if m < 2)
    if empty:
        return NotComputed("em", "missing-column-empty", {"columns": empty}, n)
    with np.errstate(invalid="ignore"):
        mean = patterns.total.sum(axis=0) / answered
        spread = np.diagonal(patterns.cross.sum(axis=0)) / answered - mean**2
    constant = tuple(c for c, v in zip(patterns.columns, spread, strict=True) if not v > 1e-14)
    if constant:
        return NotComputed("em", "missing-column-constant", {"columns": constant}, n)
    if n <= k:
        return NotComputed("em", "missing-few-rows", {"rows": n, "columns": k}, n)
    with one_thread():
        return _iterate(patterns, mean, np.diag(spread), np.sqrt(spread))


def _iterate(
    patterns: PatternMoments, mean: Floats, covariance: Floats, scale: Floats
) -> NormalEstimate | NotComputed:
    n = int(patterns.n.sum())
    for iteration in range(1, MOST_ITERATIONS + 1):
        try:
            total, cross = _expected(patterns, mean, covariance)
        except np.linalg.LinAlgError:
            return NotComputed("em", "missing-singular", {"columns": patterns.columns}, n)
        new_mean = total / n
        new = cross / n - np.outer(new_mean, new_mean)
        moved = np.max(np.abs(new_mean - mean) / scale)
        moved = max(moved, np.max(np.abs(new - covariance) / np.outer(scale, scale)))
        mean, covariance = new_mean, new
        if moved < TOLERANCE:
            return NormalEstimate(patterns.columns, n, patterns.shift + mean, covariance, iteration)
    return NotComputed("em", "missing-not-converged", {"iterations": MOST_ITERATIONS}, n)


def _expected(patterns: PatternMoments, mean: Floats, covariance: Floats) -> tuple[Floats, Floats]:
    """Return expected sums and cross-products of the completed rows, some patterns at a time.

    Raises `LinAlgError` if the covariances of what a pattern has are not positive definite.
    """
    k = len(mean)
    all_total, all_cross = np.zeros(k), np.zeros((k, k))
    for start in range(0, len(patterns.n), TOGETHER):
        some = slice(start, start + TOGETHER)
        has = patterns.observed[some].astype(np.float64)
        n, total, cross = patterns.n[some].astype(np.float64), patterns.total[some], patterns.cross[some]
        both = has[:, :, None] * has[:, None, :]
        # What a pattern lacks is 1 on the diagonal while inverting, and 0 in the inverse.
        unit = (1 - has)[:, :, None] * np.eye(k)
        filled = both * covariance + unit
        np.linalg.cholesky(filled)
        inverse = np.linalg.inv(filled) * both
        # x̂ = c + A x: of every column, answered ones themselves.
        slopes = (1 - has)[:, :, None] * (covariance @ inverse)
        rest = covariance - covariance @ inverse @ covariance
        constant = (1 - has) * (mean - (slopes @ (has * mean)[:, :, None])[:, :, 0])
        slopes += has[:, :, None] * np.eye(k)
        moved = (slopes @ total[:, :, None])[:, :, 0]
        all_total += n @ constant + moved.sum(axis=0)
        between = constant.T @ moved
        completed = slopes @ cross @ slopes.transpose(0, 2, 1)
        lacks = (1 - has)[:, :, None] * (1 - has)[:, None, :]
        all_cross += completed.sum(axis=0) + between + between.T + (constant.T * n) @ constant
        all_cross += np.tensordot(n, lacks * rest, axes=1)
    return all_total, all_cross
