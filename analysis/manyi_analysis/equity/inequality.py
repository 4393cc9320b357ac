"""Inequality between schools, each weighted by its pupils: Gini, Theil, Atkinson, range ratio, McLoone."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi_analysis.records.notcomputed import NotComputed

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Inequality:
    """One measure of inequality.

    Parameters
    ----------
    measure : str
        Its name, parameters included: ``atkinson(0.5)``.
    value : float
        The measure.
    n : int
        Schools used.
    missing : int
        Schools dropped: no value, or no weight.
    weight : float
        Sum of the weights.
    """

    measure: str
    value: float
    n: int
    missing: int
    weight: float

    def to_frame(self) -> pd.DataFrame:
        """Return one row: ``measure, value, n, missing, weight``."""
        names = ("measure", "value", "n", "missing", "weight")
        return pd.DataFrame({name: [getattr(self, name)] for name in names})


@dataclass(frozen=True, slots=True)
class Usable:
    """Values and weights without those that are missing, by value ascending.

    ``values`` and ``weights`` (n,); ``missing`` counts what was dropped; ``position`` (n,) are the places the
    kept schools had.
    """

    values: FloatArray
    weights: FloatArray
    missing: int
    position: NDArray[np.intp]

    @property
    def mean(self) -> float:
        """Return the weighted mean."""
        return float(self.weights @ self.values / self.weights.sum())


def usable(
    values: FloatArray, weights: FloatArray, statistic: str, *, positive: bool = False
) -> Usable | NotComputed:
    """Return the schools a measure can use, or why there is none.

    Parameters
    ----------
    values : ndarray, shape (n,)
        The indicator of each school; NaN drops the school.
    weights : ndarray, shape (n,)
        Its pupils; NaN, zero and less drop the school.
    statistic : str
        Named where it cannot be computed.
    positive : bool
        Whether every value must be above zero (logarithms), not only not below it.
    """
    kept = np.isfinite(values) & np.isfinite(weights) & (np.nan_to_num(weights) > 0)
    n = int(kept.sum())
    if n < 2:
        return NotComputed(statistic, "equity-too-few-schools", {"schools": n}, n)
    x, w = values[kept], weights[kept]
    if (x < 0).any():
        return NotComputed(statistic, "equity-negative-value", {"schools": int((x < 0).sum())}, n)
    if positive and (x == 0).any():
        return NotComputed(statistic, "equity-zero-value", {"schools": int((x == 0).sum())}, n)
    if not (x > 0).any():
        return NotComputed(statistic, "equity-nothing-to-share", {}, n)
    order = np.argsort(x, kind="stable")
    return Usable(x[order], w[order], len(values) - n, np.flatnonzero(kept)[order])


def _result(measure: str, value: float, found: Usable) -> Inequality:
    return Inequality(measure, value, len(found.values), found.missing, float(found.weights.sum()))


def gini(values: FloatArray, weights: FloatArray) -> Inequality | NotComputed:
    r"""Gini coefficient of what pupils have, each pupil having what the school has.

    .. math::

        G = \frac{1}{2 \bar x} \sum_i \sum_j p_i p_j |x_i - x_j|

    with :math:`p_i` the share of the weights: twice the area between the Lorenz curve and the diagonal.

    Parameters
    ----------
    values, weights : ndarray, shape (n,)
        Indicator and pupils of each school; NaN and weights of zero drop the school.

    Returns
    -------
    Inequality or NotComputed
        Negative values have no Lorenz curve.

    References
    ----------
    Gini, C. (1912). Lerman & Yitzhaki (1989), J. Econometrics 42, 43-47. R: ``laeken::gini(x, w)`` / 100.

    Examples
    --------
    >>> result = gini(np.array([1.0, 3.0]), np.array([1.0, 1.0]))
    >>> result.value
    0.25
    """
    found = usable(values, weights, "gini")
    if isinstance(found, NotComputed):
        return found
    share = found.weights / found.weights.sum()
    cumulated = np.cumsum(share) - share / 2
    value = 2 * float(share @ (found.values * (cumulated - 0.5))) / found.mean
    return _result("gini", value, found)


def theil(
    values: FloatArray, weights: FloatArray, index: Literal["T", "L"] = "T"
) -> Inequality | NotComputed:
    r"""Theil's T or L (mean logarithmic deviation), weighted.

    .. math::

        T = \sum p_i \frac{x_i}{\bar x} \ln \frac{x_i}{\bar x}, \quad
        L = \sum p_i \ln \frac{\bar x}{x_i}

    Parameters
    ----------
    values, weights : ndarray, shape (n,)
        As for :func:`gini`.
    index : {"T", "L"}
        In T a school with nothing adds nothing; L cannot be computed with one.

    References
    ----------
    Theil, H. (1967). Economics and information theory. Python: ``inequality.theil.Theil``.
    R: ``r <- x / weighted.mean(x, w)``, T ``weighted.mean(r * log(r), w)``, L ``weighted.mean(-log(r), w)``.
    """
    found = usable(values, weights, f"theil_{index.lower()}", positive=index == "L")
    if isinstance(found, NotComputed):
        return found
    share = found.weights / found.weights.sum()
    ratio = found.values / found.mean
    logs = np.log(ratio, out=np.zeros_like(ratio), where=ratio > 0)
    value = float(share @ (ratio * logs)) if index == "T" else -float(share @ logs)
    return _result(f"theil_{index.lower()}", value, found)


def atkinson(values: FloatArray, weights: FloatArray, aversion: float = 0.5) -> Inequality | NotComputed:
    r"""Atkinson's index: the share of all there is that could be spared if it were divided equally.

    .. math::

        A_\epsilon = 1 - \frac{1}{\bar x} \left( \sum p_i x_i^{1 - \epsilon} \right)^{1 / (1 - \epsilon)},
        \quad A_1 = 1 - \frac{1}{\bar x} \prod x_i^{p_i}

    Parameters
    ----------
    values, weights : ndarray, shape (n,)
        As for :func:`gini`.
    aversion : float
        Epsilon, above 0: the larger, the more the poorest schools count.

    Returns
    -------
    Inequality or NotComputed
        From aversion 1 on, a school with nothing makes the index 1.

    References
    ----------
    Atkinson, A. B. (1970). On the measurement of inequality. J. Economic Theory 2, 244-263. Python:
    ``inequality.atkinson.Atkinson``. R: ``1 - weighted.mean(x^(1 - e), w)^(1 / (1 - e)) /
    weighted.mean(x, w)``.
    """
    name = f"atkinson({aversion:g})"
    found = usable(values, weights, name)
    if isinstance(found, NotComputed):
        return found
    share, x = found.weights / found.weights.sum(), found.values
    if aversion >= 1 and (x == 0).any():
        return _result(name, 1.0, found)
    if aversion == 1:
        equal = float(np.exp(share @ np.log(x)))
    else:
        equal = float((share @ x ** (1 - aversion)) ** (1 / (1 - aversion)))
    return _result(name, 1 - equal / found.mean, found)


def range_ratio(
    values: FloatArray, weights: FloatArray, low: float = 0.05, high: float = 0.95
) -> Inequality | NotComputed:
    r"""Ratio of a high to a low percentile of what pupils have (极差率): 1 where all have the same.

    :math:`R = x_{high} / x_{low}`.

    Parameters
    ----------
    values, weights : ndarray, shape (n,)
        As for :func:`gini`.
    low, high : float
        Shares of the pupils; 0 and 1 give largest over smallest. A percentile is the smallest value that at
        least this share of the pupils does not exceed.

    References
    ----------
    Berne, R. & Stiefel, L. (1984). The measurement of equity in school finance, ch. 2: the restricted range,
    5th to 95th percentile; here as a ratio (the federal range ratio plus 1). R: ``q <- quantile(rep(x, w),
    c(.05, .95), type = 2); q[2] / q[1]``.
    """
    found = usable(values, weights, "range_ratio")
    if isinstance(found, NotComputed):
        return found
    bottom, top = (weighted_percentile(found, share) for share in (low, high))
    if bottom == 0:
        return NotComputed("range_ratio", "equity-zero-value", {"schools": 1}, len(found.values))
    return _result("range_ratio", top / bottom, found)


def mcloone(values: FloatArray, weights: FloatArray) -> Inequality | NotComputed:
    r"""McLoone index: what pupils below the median have, as a share of what they would have at the median.

    .. math::

        M = \frac{\sum_{x_i \le m} w_i x_i}{m \sum_{x_i \le m} w_i}

    1 is equality in the lower half. The median is that of pupils; half of a school's pupils are not split.

    Parameters
    ----------
    values, weights : ndarray, shape (n,)
        As for :func:`gini`.

    References
    ----------
    Berne & Stiefel (1984), p. 19-20. R: ``x <- rep(x, w); low <- x[x <= median(x)];
    sum(low) / (median(x) * length(low))``.
    """
    found = usable(values, weights, "mcloone")
    if isinstance(found, NotComputed):
        return found
    median = weighted_percentile(found, 0.5)
    if median == 0:
        return NotComputed("mcloone", "equity-zero-value", {"schools": 1}, len(found.values))
    below = found.values <= median
    x, w = found.values[below], found.weights[below]
    return _result("mcloone", float(w @ x / (median * w.sum())), found)


def weighted_percentile(found: Usable, share: float) -> float:
    """Return the smallest value that at least this share of the weights does not exceed.

    Where the share is reached exactly, the mean of this value and the next, as the median of an even number.
    """
    cumulated = np.cumsum(found.weights) / found.weights.sum()
    at = min(int(np.searchsorted(cumulated, share - 1e-12)), len(cumulated) - 1)
    value = float(found.values[at])
    if abs(cumulated[at] - share) <= 1e-12 and at + 1 < len(cumulated):
        value = (value + float(found.values[at + 1])) / 2
    return value


@dataclass(frozen=True, slots=True)
class LorenzCurve:
    """Points of the Lorenz curve.

    Parameters
    ----------
    pupils : ndarray, shape (n + 1,)
        Cumulated share of pupils, poorest schools first, from 0 to 1.
    resource : ndarray, shape (n + 1,)
        Cumulated share of what they have.
    """

    pupils: FloatArray
    resource: FloatArray

    def to_frame(self) -> pd.DataFrame:
        """Return one row a point: ``pupils, resource``."""
        return pd.DataFrame({"pupils": self.pupils, "resource": self.resource})


def lorenz_curve(values: FloatArray, weights: FloatArray) -> LorenzCurve | NotComputed:
    r"""Return the points of the Lorenz curve, schools by what a pupil has, the least first.

    .. math::

        \Bigl(\frac{\sum_{i \le j} w_i}{\sum w_i}, \frac{\sum_{i \le j} w_i x_i}{\sum w_i x_i}\Bigr), \quad
        x_1 \le x_2 \le \dots

    Parameters
    ----------
    values, weights : ndarray, shape (n,)
        As for :func:`gini`.

    References
    ----------
    Lorenz, M. O. (1905). Publications of the American Statistical Association 9, 209-219. R:
    ``ineq::Lc(x, w)``.

    Examples
    --------
    >>> curve = lorenz_curve(np.array([1.0, 3.0]), np.array([1.0, 1.0]))
    >>> curve.resource
    array([0.  , 0.25, 1.  ])
    """
    found = usable(values, weights, "lorenz_curve")
    if isinstance(found, NotComputed):
        return found
    shares = (found.weights, found.weights * found.values)
    pupils, resource = (np.concatenate([[0.0], np.cumsum(part) / np.cumsum(part)[-1]]) for part in shares)
    return LorenzCurve(pupils, resource)
