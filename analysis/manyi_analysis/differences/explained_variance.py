"""Shares of variance that groups explain: η², ω² and ε² from F, with limits from noncentral F."""

from typing import Literal

from manyi_analysis.differences.comparison import Effect
from manyi_analysis.differences.noncentral import f_noncentrality

Measure = Literal["eta_squared", "omega_squared", "epsilon_squared"]


def explained_variance(
    f: float, df1: float, df2: float, n: int, measure: Measure = "omega_squared", confidence: float = 0.95
) -> Effect:
    """Return the share of an outcome's variance that lies between groups.

    η² = F·df1 / (F·df1 + df2), ω² = (F - 1)·df1 / ((F - 1)·df1 + n), ε² = (F - 1)·df1 / (F·df1 + df2), the
    last two 0 where F is below 1.

    Parameters
    ----------
    f, df1, df2 : float
        Of an analysis of variance, classical or Welch's. With Welch's F the same formulas allow for unequal
        variances, approximately.
    n : int
        Respondents.
    measure : str
        η² overestimates; ω² and ε² do not (Okada, 2013). All estimate the same population value.
    confidence : float
        Level of the limits, which are those of the population value whatever the estimator: λ / (λ + n) at
        the limits of the noncentrality of F. The lower limit is 0 where p > (1 - confidence) / 2.

    References
    ----------
    Steiger, J. H. (2004). Beyond the F test. Psychological Methods 9, 164-182, eq. 9-13; Okada, K. (2013).
    Behaviormetrika 40, 129-147. R: ``effectsize::omega_squared``; limits ``MBESS::ci.pvaf``.
    """
    below, above = f_noncentrality(f, df1, df2, confidence)
    gain = max(f - 1.0, 0.0) * df1
    value = {
        "eta_squared": f * df1 / (f * df1 + df2),
        "omega_squared": gain / (gain + n),
        "epsilon_squared": gain / (f * df1 + df2),
    }[measure]
    return Effect(measure, value, below / (below + n), above / (above + n), confidence, "noncentral F")
