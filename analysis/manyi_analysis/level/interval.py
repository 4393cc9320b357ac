"""Means and shares with confidence limits from counts and sums by school."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean or share and its confidence limits.

    Parameters
    ----------
    n : int
        Respondents.
    schools : int
        Schools the limits allow for; 0 where they treat respondents as independent.
    value, se : float
        The estimate and its standard error.
    low, high : float
        Confidence limits; NaN where `n` is 1.
    method : {"t", "t-clustered", "wilson", "wilson-clustered"}
        How the limits were found.
    """

    n: int
    schools: int
    value: float
    se: float
    low: float
    high: float
    method: str


def mean_interval(n: Array, total: Array, square: Array, clustered: bool, confidence: float) -> Interval:
    """Return a mean with limits from t.

    limits = x̄ ± t · s/√n on n - 1 degrees of freedom; with schools the clustered error, and t(G - 1).

    Parameters
    ----------
    n, total, square : (S + 1,) array
        Respondents, sum and sum of squares in every school, and last of those without a school. Values
        should be taken about a constant near their mean.
    clustered : bool
        Allow for schools: var = G/(G-1)·Σ_g (t_g - n_g·x̄)² / n² on t(G-1), which is CR1 of a regression on
        the intercept alone; a respondent without a school is a group of one, and G counts schools only.
        With fewer than two schools respondents are taken as independent: s²/n on t(n-1).
    confidence : float
        Level of the limits.

    References
    ----------
    Cameron, A. C. & Miller, D. L. (2015). Journal of Human Resources 50, 317-372. R: ``t.test(x)``,
    ``clubSandwich::conf_int(lm(x ~ 1), vcovCR(cluster, "CR1S"), test = "naive-t")``.
    """
    count, value = float(n.sum()), float(total.sum() / n.sum())
    schools = int((n[:-1] > 0).sum())
    if clustered and schools > 1:
        between = float(((total[:-1] - n[:-1] * value) ** 2).sum())
        alone = float(square[-1] - 2.0 * value * total[-1] + n[-1] * value**2)
        variance = schools / (schools - 1) * (between + alone) / count**2
        df, method, used = schools - 1, "t-clustered", schools
    else:
        spread = max(float(square.sum()) - count * value**2, 0.0)
        variance = spread / (count - 1) / count if count > 1 else np.nan
        df, method, used = int(count) - 1, "t", 0
    se = float(np.sqrt(variance))
    reach = float(stats.t.ppf(0.5 + confidence / 2.0, df)) * se if df > 0 else np.nan
    return Interval(int(count), used, value, se, value - reach, value + reach, method)


def share_interval(n: Array, hits: Array, clustered: bool, confidence: float) -> Interval:
    """Return a share with Wilson's limits, which stay inside 0 and 1 and hold for shares near them.

    (p + z²/2n ± z √(p(1 - p)/n + z²/4n²)) / (1 + z²/n) = the limits, z the normal quantile.

    Parameters
    ----------
    n, hits : (S + 1,) array
        Respondents and those counted, in every school, and last of those without a school.
    clustered : bool
        Allow for schools: Wilson's formula on the effective sample size n* = p(1 - p)/var, at most n, with
        var as in `mean_interval` and the quantile of t(G-1).
    confidence : float
        Level of the limits.

    References
    ----------
    Wilson, E. B. (1927). JASA 22, 209-212; Korn, E. L. & Graubard, B. I. (1998). Survey Methodology 24,
    193-201; Dean, N. & Pagano, M. (2015). J. Survey Statistics and Methodology 3, 484-503. R:
    ``prop.test(x, n, correct = FALSE)``.
    """
    about = mean_interval(n, hits, hits, clustered, confidence)
    p, size = about.value, float(about.n)
    quantile = float(stats.norm.ppf(0.5 + confidence / 2.0))
    method = "wilson"
    if about.schools:
        quantile = float(stats.t.ppf(0.5 + confidence / 2.0, about.schools - 1))
        method = "wilson-clustered"
        if about.se > 0:
            size = min(size, p * (1.0 - p) / about.se**2)
    widen = 1.0 + quantile**2 / size
    middle = (p + quantile**2 / (2.0 * size)) / widen
    reach = quantile / widen * float(np.sqrt(p * (1.0 - p) / size + quantile**2 / (4.0 * size**2)))
    # At p = 0 and p = 1 one limit is the share itself; subtraction would leave rounding outside [0, 1].
    low = 0.0 if p == 0.0 else middle - reach
    high = 1.0 if p == 1.0 else middle + reach
    return Interval(about.n, about.schools, p, about.se, low, high, method)
