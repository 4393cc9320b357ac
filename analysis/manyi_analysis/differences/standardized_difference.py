"""Standardized differences of two means: Cohen's d and Hedges' g, with limits from noncentral t."""

import numpy as np
from scipy import special

from manyi_analysis.differences.comparison import Effect
from manyi_analysis.differences.noncentral import t_noncentrality
from manyi_analysis.differences.samples import Samples


def standardized_difference(
    two: Samples, pooled: bool = True, corrected: bool = True, confidence: float = 0.95
) -> Effect:
    """Return the difference of the first mean less the second over their standard deviation.

    d = (x̄₁ - x̄₂) / s; g = J·d.

    Parameters
    ----------
    two : Samples
        Two groups, of at least two respondents each where the variances are not pooled.
    pooled : bool
        Divide by the pooled standard deviation (with Student's t), or by √((s₁² + s₂²) / 2), which does not
        assume equal variances (with Welch's t; the name then ends in ``_av``).
    corrected : bool
        Hedges' g: times J = Γ(df/2) / (√(df/2) Γ((df-1)/2)), which takes away the bias of Cohen's d.
    confidence : float
        Level of the limits: those of the noncentrality of t, times d / t; times J for g.

    References
    ----------
    Hedges, L. V. (1981). J. Educational Statistics 6, 107-128, eq. 6e; Cumming, G. & Finch, S. (2001).
    Educational and Psychological Measurement 61, 532-574; Delacre, M. et al. (2021). Why Hedges' g*s based
    on the non-pooled standard deviation should be reported with Welch's t-test. R:
    ``effectsize::hedges_g(x, y, pooled_sd = )``.
    """
    (n1, n2), (v1, v2) = two.n, two.variance
    difference = float(two.mean[0] - two.mean[1])
    if pooled:
        df = float(n1 + n2 - 2.0)
        deviation = float(np.sqrt(two.within / df))
        error = deviation * float(np.sqrt(1.0 / n1 + 1.0 / n2))
    else:
        first, second = v1 / n1, v2 / n2
        df = float((first + second) ** 2 / (first**2 / (n1 - 1.0) + second**2 / (n2 - 1.0)))
        deviation = float(np.sqrt((v1 + v2) / 2.0))
        error = float(np.sqrt(first + second))
    low, high = t_noncentrality(difference / error, df, confidence)
    factor = bias_correction(df) if corrected else 1.0
    name = ("hedges_g" if corrected else "cohens_d") + ("" if pooled else "_av")
    scale = factor * error / deviation
    return Effect(
        name, factor * difference / deviation, scale * low, scale * high, confidence, "noncentral t"
    )


def bias_correction(df: float) -> float:
    """Return Hedges' J, exact; 0 at one degree of freedom.

    >>> round(bias_correction(10.0), 6)
    0.922746
    """
    if df <= 1.0:
        return 0.0
    return float(
        np.exp(special.gammaln(df / 2.0) - 0.5 * np.log(df / 2.0) - special.gammaln((df - 1.0) / 2.0))
    )
