"""Confidence limits of design-based estimates: t for means, Korn and Graubard for shares."""

import numpy as np
import numpy.typing as npt
from scipy import stats

from manyi_analysis.design_based.estimates import ROUNDING, DomainEstimates

Array = npt.NDArray[np.float64]


def mean_limits(found: DomainEstimates, confidence: float) -> tuple[Array, Array]:
    """Return the limits of a mean; NaN where there are no degrees of freedom.

    limits = value ± t · se on units − strata degrees of freedom.

    R: ``confint(estimate, df = degf(design))``.

    References
    ----------
    Särndal, Swensson & Wretman (1992). Model Assisted Survey Sampling, sec. 5.2; Korn, E. L. & Graubard, B.
    I. (1999). Analysis of Health Surveys, sec. 5.2 (degrees of freedom).
    """
    df = found.df.astype(np.float64)
    with np.errstate(invalid="ignore"):
        reach = np.where(df > 0, stats.t.ppf(0.5 + confidence / 2.0, np.maximum(df, 1.0)), np.nan) * found.se
    return found.value - reach, found.value + reach


def share_limits(found: DomainEstimates, confidence: float) -> tuple[Array, Array]:
    r"""Return the limits of a share, which stay between 0 and 1.

    Clopper and Pearson's limits on the effective number of respondents

    .. math:: n^* = \frac{p(1 - p)}{\mathrm{var}} \left(\frac{t_{n-1}}{t_{\mathrm{df}}}\right)^2,

    and on n itself where all respondents are alike.

    Parameters
    ----------
    found : DomainEstimates
        Means of values that are 0 or 1.
    confidence : float
        Level of the limits.

    Returns
    -------
    low, high : (L,) array
        NaN without degrees of freedom.

    References
    ----------
    Korn, E. L. & Graubard, B. I. (1998). Survey Methodology 24, 193-201. R:
    ``survey::svyciprop(~y, design, method = "beta")``.
    """
    n = found.n.astype(np.float64)
    # A share that is 0 or 1 but for rounding is 0 or 1.
    p = np.where(np.abs(found.value - np.rint(found.value)) < ROUNDING, np.rint(found.value), found.value)
    tail = (1.0 - confidence) / 2.0
    df = np.where(found.df > 0, found.df, np.nan).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        quantiles = stats.t.ppf(tail, n - 1.0) / stats.t.ppf(tail, df)
        size = np.where(
            (found.variance > 0) & (p * (1.0 - p) > 0), p * (1.0 - p) / found.variance * quantiles**2, n
        )
        size = np.where(np.isnan(df) | (n < 2), np.nan, size)
        low = stats.beta.ppf(tail, size * p, size * (1.0 - p) + 1.0)
        high = stats.beta.ppf(1.0 - tail, size * p + 1.0, size * (1.0 - p))
    known = ~np.isnan(size)
    low = np.where(known & (p <= 0.0), 0.0, np.where(known, low, np.nan))
    high = np.where(known & (p >= 1.0), 1.0, np.where(known, high, np.nan))
    return low, high
