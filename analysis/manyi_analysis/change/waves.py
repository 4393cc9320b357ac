"""Change between waves: of an index asked of different people, of an indicator of the same schools."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi_analysis.records.notcomputed import NotComputed

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Change:
    """A change between two waves.

    Parameters
    ----------
    before, after, change : float
        Values, and after less before.
    se, df, low, high, p : float
        Standard error, degrees of freedom, interval and two-sided p.
    n, missing : int
        Schools that are in both waves, or 0 for estimates of different people; schools in one wave only.
    method : str
        ``independent`` or ``paired``.
    """

    before: float
    after: float
    change: float
    se: float
    df: float
    low: float
    high: float
    p: float
    n: int
    missing: int
    method: str

    def to_frame(self) -> pd.DataFrame:
        """Return one row."""
        return pd.DataFrame({name: [getattr(self, name)] for name in self.__slots__})


def change_of_estimates(
    before: float,
    after: float,
    se_before: float,
    se_after: float,
    df_before: float = np.inf,
    df_after: float = np.inf,
    level: float = 0.95,
) -> Change | NotComputed:
    r"""Return the change between two estimates from samples drawn independently.

    :math:`SE = \sqrt{SE_1^2 + SE_2^2}`, degrees of freedom by Welch and Satterthwaite. Waves of respondents
    from the same schools are not independent: errors clustered by school are then too large where schools
    keep their rank, and :func:`change_of_schools` on school means is the sharper test.

    Parameters
    ----------
    before, after : float
        The estimates.
    se_before, se_after : float
        Their standard errors.
    df_before, df_after : float
        Their degrees of freedom: clusters less one, for example.
    level : float
        Of the interval.

    References
    ----------
    Welch, B. L. (1947). Biometrika 34, 28-35. R: ``t.test(y ~ wave)`` where both are means of rows.
    """
    from scipy.stats import t

    variance = se_before**2 + se_after**2
    if not np.isfinite(variance) or variance <= 0:
        return NotComputed("change", "change-without-error", {})
    with np.errstate(divide="ignore"):
        df = variance**2 / (se_before**4 / df_before + se_after**4 / df_after)
    se, change = float(np.sqrt(variance)), after - before
    half = float(t.ppf((1 + level) / 2, df)) * se
    p = float(2 * t.sf(abs(change) / se, df))
    return Change(before, after, change, se, float(df), change - half, change + half, p, 0, 0, "independent")


def change_of_schools(
    before: FloatArray, after: FloatArray, weights: FloatArray | None = None, level: float = 0.95
) -> Change | NotComputed:
    r"""Return the mean change of schools that are in both waves.

    .. math::

        \bar d = \sum w_i d_i / \sum w_i, \quad
        SE^2 = \frac{n}{n - 1} \frac{\sum w_i^2 (d_i - \bar d)^2}{(\sum w_i)^2}

    on t(n − 1); with equal weights the paired t-test.

    Parameters
    ----------
    before, after : ndarray, shape (n,)
        The indicator of each school in each wave; NaN drops the school.
    weights : ndarray, shape (n,), optional
        Its pupils; default all alike.
    level : float
        Of the interval.

    References
    ----------
    Student (1908). Biometrika 6, 1-25; White, H. (1980). Econometrica 48, 817-838 (weighted).
    R: ``t.test(after, before, paired = TRUE)``; weighted: the intercept of
    ``lm(after - before ~ 1, weights = w)`` with ``vcovHC(type = "HC1")``.
    """
    from scipy.stats import t

    w = np.ones(len(before)) if weights is None else weights
    kept = np.isfinite(before) & np.isfinite(after) & np.isfinite(w) & (np.nan_to_num(w) > 0)
    n = int(kept.sum())
    if n < 2:
        return NotComputed("change", "change-too-few-schools", {"schools": n}, n)
    x, y, w = before[kept], after[kept], w[kept]
    d = y - x
    change = float(w @ d / w.sum())
    se = float(np.sqrt(n / (n - 1) * np.sum((w * (d - change)) ** 2)) / w.sum())
    if se == 0:
        return NotComputed("change", "change-without-error", {}, n)
    half = float(t.ppf((1 + level) / 2, n - 1)) * se
    p = float(2 * t.sf(abs(change) / se, n - 1))
    means = float(w @ x / w.sum()), float(w @ y / w.sum())
    limits = change - half, change + half
    return Change(*means, change, se, float(n - 1), *limits, p, n, len(before) - n, "paired")
