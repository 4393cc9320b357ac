"""The gap between two groups of schools, urban and rural for example: difference and ratio with intervals."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi_analysis.equity.inequality import FloatArray
from manyi_analysis.records.notcomputed import NotComputed


@dataclass(frozen=True, slots=True)
class GroupGap:
    """How far the mean of one group lies from that of another.

    Parameters
    ----------
    first, second : str
        The groups; the gap is first less second, the ratio first over second.
    mean_first, mean_second : float
        Weighted means.
    difference, low, high : float
        With its interval.
    ratio, ratio_low, ratio_high : float
        With its interval; NaN where a mean is not positive.
    df : float
        Degrees of freedom (Welch, Satterthwaite).
    n_first, n_second, missing : int
        Schools used; schools of the two groups without value or weight.
    level : float
        Of the intervals.
    """

    first: str
    second: str
    mean_first: float
    mean_second: float
    difference: float
    low: float
    high: float
    ratio: float
    ratio_low: float
    ratio_high: float
    df: float
    n_first: int
    n_second: int
    missing: int
    level: float

    def to_frame(self) -> pd.DataFrame:
        """Return ``component, value``."""
        names = ("mean_first", "mean_second", "difference", "low", "high", "ratio", "ratio_low", "ratio_high")
        return pd.DataFrame({"component": names, "value": [getattr(self, name) for name in names]})


def group_gap(
    values: FloatArray,
    weights: FloatArray,
    groups: NDArray[np.object_],
    first: str,
    second: str,
    level: float = 0.95,
) -> GroupGap | NotComputed:
    r"""Return the gap between the means of two groups of schools.

    The mean of a group is :math:`\bar x = \sum w x / \sum w`, its variance that of a ratio over schools drawn
    with replacement, :math:`\frac{n}{n - 1} \sum (w (x - \bar x))^2 / (\sum w)^2` (Cochran 1977, 6.4; with
    equal weights :math:`s^2 / n`, so that the interval is Welch's). The ratio's interval is formed on the
    logarithm with the delta method. Schools of a county are all there are: the interval says how far the gap
    is more than what differences between schools would bring about by themselves.

    Parameters
    ----------
    values, weights : ndarray, shape (n,)
        Indicator and pupils of each school; NaN and weights of zero drop the school.
    groups : ndarray of object, shape (n,)
        Group of each school.
    first, second : str
        The groups compared.
    level : float
        Level of the intervals.

    Returns
    -------
    GroupGap or NotComputed
        NotComputed where a group has fewer than two schools.

    References
    ----------
    Cochran, W. G. (1977). Sampling techniques, 3rd ed. Welch, B. L. (1947). Biometrika 34, 28-35.
    R: ``t.test(x ~ group)`` with equal weights; ``survey::svyratio`` by group otherwise.
    """
    from scipy.stats import t

    usable = np.isfinite(values) & np.isfinite(weights) & (np.nan_to_num(weights) > 0)
    parts = []
    for group in (first, second):
        rows = np.asarray(groups == group, dtype=np.bool_)
        n = int((rows & usable).sum())
        if n < 2:
            return NotComputed("group_gap", "equity-group-too-small", {"group": group, "schools": n}, n)
        x, w = values[rows & usable], weights[rows & usable]
        mean = float(w @ x / w.sum())
        variance = float(n / (n - 1) * np.sum((w * (x - mean)) ** 2) / w.sum() ** 2)
        parts.append((mean, variance, n, int((rows & ~usable).sum())))
    (m1, v1, n1, missing1), (m2, v2, n2, missing2) = parts
    variance = v1 + v2
    df = variance**2 / (v1**2 / (n1 - 1) + v2**2 / (n2 - 1)) if variance > 0 else float(n1 + n2 - 2)
    half = float(t.ppf((1 + level) / 2, df)) * np.sqrt(variance)
    ratio = ratio_low = ratio_high = np.nan
    if m1 > 0 and m2 > 0:
        ratio = m1 / m2
        spread = float(t.ppf((1 + level) / 2, df)) * np.sqrt(v1 / m1**2 + v2 / m2**2)
        ratio_low, ratio_high = ratio * np.exp(-spread), ratio * np.exp(spread)
    return GroupGap(
        first, second, m1, m2, m1 - m2, float(m1 - m2 - half), float(m1 - m2 + half), float(ratio),
        float(ratio_low), float(ratio_high), df, n1, n2, missing1 + missing2, level,
    )  # fmt: skip
