"""Confidence limits of noncentrality parameters, from which limits of effect sizes follow.

The limits of λ are the values under which the statistic found would be the upper, and the lower, α/2 point
of its noncentral distribution (Steiger & Fouladi, 1997). R: root of ``pt(t, df, ncp) - (1 - alpha / 2)``.
"""

from collections.abc import Callable

import numpy as np
from scipy import optimize, special

#: Relative accuracy of the limits; the distribution functions are good to about 1e-12.
TOLERANCE = 1e-13


def t_noncentrality(t: float, df: float, confidence: float) -> tuple[float, float]:
    """Return the limits of the noncentrality of Student's t.

    Parameters
    ----------
    t, df : float
        Statistic and degrees of freedom, not necessarily whole.
    confidence : float
        Level of the limits.
    """
    tail = (1.0 - confidence) / 2.0
    spread = float(np.sqrt(1.0 + t**2 / (2.0 * df)))

    def probability(noncentrality: float) -> float:
        return float(special.nctdtr(df, noncentrality, t))

    return (
        _solve(probability, 1.0 - tail, t - 4.0 * spread, t, spread),
        _solve(probability, tail, t, t + 4.0 * spread, spread),
    )


def f_noncentrality(f: float, df1: float, df2: float, confidence: float) -> tuple[float, float]:
    """Return the limits of the noncentrality of F; a limit is 0 where F is too small for a positive one."""
    return _from_zero(lambda value: float(special.ncfdtr(df1, df2, value, f)), f * df1, confidence)


def chi_square_noncentrality(chi2: float, df: float, confidence: float) -> tuple[float, float]:
    """Return the limits of the noncentrality of χ²; a limit is 0 where χ² is too small for a positive one."""
    return _from_zero(lambda value: float(special.chndtr(chi2, df, value)), chi2, confidence)


def _from_zero(probability: Callable[[float], float], start: float, confidence: float) -> tuple[float, float]:
    tail = (1.0 - confidence) / 2.0
    central = probability(0.0)
    step = float(np.sqrt(4.0 * start + 4.0))
    limits = [
        _solve(probability, wanted, 0.0, start + step, step) if central > wanted else 0.0
        for wanted in (1.0 - tail, tail)
    ]
    return limits[0], limits[1]


def _solve(
    probability: Callable[[float], float], wanted: float, low: float, high: float, step: float
) -> float:
    """Return where a falling function takes a value, widening the bracket until it holds the root."""
    while probability(high) > wanted:
        low, high, step = high, high + step, 2.0 * step
    while probability(low) < wanted:
        low, high, step = low - step, low, 2.0 * step
    root = optimize.brentq(lambda value: probability(value) - wanted, low, high, xtol=1e-12, rtol=TOLERANCE)
    return float(root)
