"""Means of schools or counties drawn towards the mean of all by their uncertainty: empirical Bayes."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi_analysis.records.notcomputed import NotComputed

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ShrunkenMeans:
    """Shrunken means.

    Parameters
    ----------
    mean, se : float
        Mean of all units and its error.
    variance : float
        Variance between units (tau²); 0 is a boundary: every unit is shrunk to the mean.
    frame : DataFrame
        One row a unit: ``value, se, reliability, shrunken, shrunken_se, low, high``. ``reliability``:
        tau² / (tau² + se²), how much of its own distance a unit keeps.
    n, missing : int
        Units used and dropped.
    """

    mean: float
    se: float
    variance: float
    frame: pd.DataFrame
    n: int
    missing: int

    def to_frame(self) -> pd.DataFrame:
        """Return one row a unit, in the order given; those dropped are not there."""
        return self.frame.copy()


def shrunken_means(values: FloatArray, se: FloatArray, level: float = 0.95) -> ShrunkenMeans | NotComputed:
    r"""Shrink means by their reliability.

    .. math::

        \hat\theta_i = \hat\mu + \lambda_i (y_i - \hat\mu), \quad
        \lambda_i = \frac{\tau^2}{\tau^2 + s_i^2}

    with tau² by restricted maximum likelihood and :math:`\hat\mu` weighted by :math:`1 / (\tau^2 + s_i^2)`.
    The error of a shrunken mean, :math:`\lambda_i s_i^2 + (1 - \lambda_i)^2 SE(\hat\mu)^2`, has the
    uncertainty of the mean in it, not that of tau².

    Parameters
    ----------
    values, se : ndarray, shape (n,)
        Mean of each unit and its standard error; NaN, and errors of zero and less, drop the unit.
    level : float
        Of the intervals.

    Returns
    -------
    ShrunkenMeans or NotComputed
        NotComputed with fewer than three units.

    References
    ----------
    Morris, C. N. (1983). J. American Statistical Association 78, 47-55. Raudenbush & Bryk (1985).
    R: ``metafor::rma(yi, sei = se, method = "REML")``, ``blup``.
    """
    from scipy.optimize import brentq
    from scipy.stats import norm

    kept = np.isfinite(values) & np.isfinite(se) & (np.nan_to_num(se) > 0)
    n = int(kept.sum())
    if n < 3:
        return NotComputed("shrunken_means", "comparison-too-few-units", {"units": n}, n)
    y, v = values[kept], se[kept] ** 2

    def score(tau2: float) -> float:
        """Return the derivative of twice the restricted log-likelihood."""
        w = 1 / (v + tau2)
        mean = w @ y / w.sum()
        return float(w**2 @ (y - mean) ** 2 - w.sum() + (w @ w) / w.sum())

    tau2 = 0.0
    if score(0.0) > 0:
        top = float(np.var(y, ddof=1)) + float(v.max())
        while score(top) > 0:
            top *= 2
        tau2 = float(brentq(score, 0.0, top, xtol=1e-14 * top, rtol=8 * np.finfo(float).eps))
    w = 1 / (v + tau2)
    mean, variance = float(w @ y / w.sum()), float(1 / w.sum())
    reliability = tau2 * w
    shrunken = mean + reliability * (y - mean)
    error = np.sqrt(reliability * v + (1 - reliability) ** 2 * variance)
    half = norm.ppf((1 + level) / 2) * error
    frame = pd.DataFrame(
        {
            "value": y,
            "se": np.sqrt(v),
            "reliability": reliability,
            "shrunken": shrunken,
            "shrunken_se": error,
            "low": shrunken - half,
            "high": shrunken + half,
        }
    )
    return ShrunkenMeans(mean, float(np.sqrt(variance)), tau2, frame, n, len(values) - n)
