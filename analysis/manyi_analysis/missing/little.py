"""Little's test whether answers are missing completely at random."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import linalg, stats

from manyi_analysis.missing.expectation_maximization import em_estimate
from manyi_analysis.records.notcomputed import NotComputed
from manyi_analysis.records.patterns import PatternMoments


@dataclass(frozen=True, slots=True)
class LittleTest:
    """Little's test. Null hypothesis: answers are missing completely at random (MCAR).

    Parameters
    ----------
    columns : tuple of str
        The k columns.
    n : int
        Rows with at least one answer.
    unanswered : int
        Rows without any, left out.
    patterns : int
        Patterns of missing answers, the complete one among them.
    chi2 : float
    df : int
    p : float
    """

    columns: tuple[str, ...]
    n: int
    unanswered: int
    patterns: int
    chi2: float
    df: int
    p: float
    null: str = "answers are missing completely at random"
    method: str = "Little's MCAR test, means and covariance by EM"
    source: str = "Little (1988)"

    def to_frame(self) -> pd.DataFrame:
        """Return one row: ``n, unanswered, patterns, chi2, df, p``."""
        return pd.DataFrame(
            {
                "n": [self.n],
                "unanswered": [self.unanswered],
                "patterns": [self.patterns],
                "chi2": [self.chi2],
                "df": [self.df],
                "p": [self.p],
            }
        )


def little_mcar(patterns: PatternMoments) -> LittleTest | NotComputed:
    r"""Test whether answers are missing completely at random.

    .. math:: \chi^2 = \sum_j n_j (\bar y_j - \hat\mu_j)' \hat\Sigma_j^{-1} (\bar y_j - \hat\mu_j),
        \qquad df = \sum_j k_j - k

    over the patterns j, each on the :math:`k_j` columns it has answers to; :math:`\hat\mu` and
    :math:`\hat\Sigma` by EM, with divisor n as in R naniar. (With :math:`n\hat\Sigma/(n-1)`, as Stata has it,
    the statistic is :math:`(n-1)/n` of ours.) The test compares means only and supposes normal columns: not
    rejecting it does not show that answers are missing at random.

    Parameters
    ----------
    patterns : PatternMoments
        Of the columns.

    Returns
    -------
    LittleTest or NotComputed
        Nothing is missing; or as for `em_estimate`.

    Notes
    -----
    R: ``naniar::mcar_test(x)``; Stata: ``mcartest``; SPSS: MVA /EM.

    References
    ----------
    Little, R. J. A. (1988). A test of missing completely at random for multivariate data with missing values.
    Journal of the American Statistical Association, 83, 1198-1202.
    """
    n = int(patterns.n.sum())
    if len(patterns.n) < 2 and not patterns.overflow:
        return NotComputed("little_mcar", "nothing-missing", {"columns": patterns.columns}, n)
    estimate = em_estimate(patterns)
    if isinstance(estimate, NotComputed):
        return NotComputed("little_mcar", estimate.code, estimate.details, n)
    mean = estimate.mean - patterns.shift
    chi2 = 0.0
    for has, rows, total in zip(patterns.observed, patterns.n.tolist(), patterns.total, strict=True):
        away = total[has] / rows - mean[has]
        factor = linalg.cho_factor(estimate.covariance[np.ix_(has, has)])
        chi2 += rows * float(away @ linalg.cho_solve(factor, away))
    df = int(patterns.observed.sum()) - len(patterns.columns)
    p = float(stats.chi2.sf(chi2, df))
    return LittleTest(patterns.columns, n, patterns.unanswered, len(patterns.n), chi2, df, p)
