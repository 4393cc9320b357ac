"""EM estimates in the place of moments: KMO, factor analysis and reliability with all answers used."""

from dataclasses import dataclass

import numpy as np

from manyi_analysis.missing.expectation_maximization import NormalEstimate, em_estimate
from manyi_analysis.records.notcomputed import NotComputed
from manyi_analysis.records.patterns import PatternMoments
from manyi_analysis.records.rows import Floats


@dataclass(frozen=True, slots=True, eq=False)
class EstimatedMoments:
    """Means and covariances by EM, usable wherever moments are.

    Parameters
    ----------
    columns : tuple of str
        The k columns.
    n : int
        Rows that the pair of columns with fewest has: what tests and intervals may count on, at most.
    rows : int
        Rows read, with or without answers.
    mean : ndarray, shape (k,)
        Maximum-likelihood means.
    covariance : ndarray, shape (k, k)
        Maximum-likelihood covariances; their divisor is the rows, not one less.
    """

    columns: tuple[str, ...]
    n: int
    rows: int
    mean: Floats
    covariance: Floats
    method: str = "EM for multivariate normal data, answers missing at random"
    source: str = "Dempster, Laird & Rubin (1977)"

    @property
    def missing(self) -> int:
        """Return the rows that the pair with the fewest lacks."""
        return self.rows - self.n

    @property
    def sd(self) -> Floats:
        """Return the standard deviations, shape (k,)."""
        sd: Floats = np.sqrt(np.diagonal(self.covariance))
        return sd

    @property
    def correlation(self) -> Floats:
        """Return the correlation matrix, shape (k, k); positive definite wherever EM converged."""
        correlation: Floats = self.covariance / np.outer(self.sd, self.sd)
        np.fill_diagonal(correlation, 1.0)
        return correlation

    @property
    def constant(self) -> tuple[str, ...]:
        """Return the columns without variance: none, EM refuses them."""
        return ()


def em_moments(patterns: PatternMoments) -> EstimatedMoments | NotComputed:
    """Estimate moments by EM, and count the rows they can be said to rest on.

    Formula: that of `em_estimate`; n is that of the pair of columns with fewest rows.

    Returns
    -------
    EstimatedMoments or NotComputed
        As `em_estimate`.

    Notes
    -----
    R: ``lavaan::lavInspect(fit, "sampstat")`` with ``missing = "fiml"``; SPSS: MVA /EM, then FACTOR /MATRIX.

    References
    ----------
    Enders, C. K., & Peugh, J. L. (2004). Using an EM covariance matrix to estimate structural equation
    models with missing data: Choosing an adjusted sample size. Structural Equation Modeling, 11, 1-19.
    """
    found = em_estimate(patterns)
    if not isinstance(found, NormalEstimate):
        return found
    observed = patterns.observed.astype(np.int64)
    both = observed.T @ (observed * patterns.n[:, None])
    return EstimatedMoments(patterns.columns, int(both.min()), patterns.rows, found.mean, found.covariance)
