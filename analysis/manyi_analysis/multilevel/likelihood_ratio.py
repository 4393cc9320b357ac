"""Likelihood ratio tests of nested linear mixed models, with the mixture distribution on the boundary."""

from dataclasses import dataclass

import pandas as pd
from scipy import stats

from manyi_analysis.multilevel.mixed_model import MixedModel
from manyi_analysis.records.notcomputed import NotComputed

#: Gain in log-likelihood below which it is rounding.
ROUNDING = 1e-7


@dataclass(frozen=True, slots=True)
class LikelihoodRatio:
    """Test of a smaller model within a larger.

    Parameters
    ----------
    smaller, larger : str
        Names of the models.
    null : str
        The hypothesis tested.
    n : int
        Respondents.
    chi2 : float
        Twice the gain in log-likelihood; 0 where rounding made it negative.
    df : int
        Parameters the larger model has more.
    p : float
        Upper tail probability: of χ²(df), or of the mixture where a variance is tested.
    distribution : str
        The distribution used: ``chi2(2)``, ``0.5 chi2(0) + 0.5 chi2(1)``.
    """

    smaller: str
    larger: str
    null: str
    n: int
    chi2: float
    df: int
    p: float
    distribution: str
    method: str = "likelihood ratio"
    source: str = "Self & Liang (1987); Stram & Lee (1994)"

    def to_frame(self) -> pd.DataFrame:
        """Return one row: ``smaller, larger, null, n, chi2, df, p, distribution, reason``."""
        row = {name: getattr(self, name) for name in ("smaller", "larger", "null", "n", "chi2", "df", "p")}
        return pd.DataFrame([{**row, "distribution": self.distribution, "reason": ""}])


def likelihood_ratio(smaller: MixedModel, larger: MixedModel) -> LikelihoodRatio | NotComputed:
    r"""Test whether the larger of two nested models explains more: :math:`2 (l_1 - l_0)`.

    A variance cannot be negative, so under the null its estimate lies on the boundary half of the time:
    with one random effect more, the statistic is a mixture in equal parts of χ² with the covariances added
    and with one more for the variance: with q covariances
    :math:`\tfrac12 \chi^2_q + \tfrac12 \chi^2_{q + 1}`. Without the mixture p is up to twice too large.

    Parameters
    ----------
    smaller, larger : MixedModel
        Of the same rows and by the same method. Models that differ in fixed effects must be fitted by ML:
        restricted likelihoods of different fixed effects cannot be compared.

    Returns
    -------
    LikelihoodRatio or NotComputed
        NotComputed where outcome, rows or method differ, the models are not nested, fixed effects differ
        under REML, fixed and random effects differ at once with a variance tested, or more than one random
        effect is added.

    References
    ----------
    Self, S. G. & Liang, K.-Y. (1987). JASA 82, 605-610, case 5 and 6; Stram, D. O. & Lee, J. W. (1994).
    Biometrics 50, 1171-1177. R: ``anova(smaller, larger, refit = FALSE)``; the mixture as
    ``0.5 * pchisq(x, 0, lower = FALSE) + 0.5 * pchisq(x, 1, lower = FALSE)``.
    """
    names = smaller.name or "1", larger.name or "2"
    details = {"smaller": names[0], "larger": names[1]}
    if (smaller.outcome, smaller.n, smaller.schools, smaller.method) != (
        larger.outcome,
        larger.n,
        larger.schools,
        larger.method,
    ):
        return NotComputed("likelihood-ratio", "models-of-other-rows", details, smaller.n)
    fixed = [column for column in larger.columns if column not in smaller.columns]
    random = [slope for slope in larger.slopes if slope not in smaller.slopes]
    df = larger.parameters - smaller.parameters
    nested = set(smaller.columns) <= set(larger.columns) and set(smaller.slopes) <= set(larger.slopes)
    if not nested or df <= 0 or (smaller.correlated and not larger.correlated and bool(smaller.slopes)):
        return NotComputed("likelihood-ratio", "models-not-nested", details, smaller.n)
    if fixed and larger.method == "REML":
        return NotComputed("likelihood-ratio", "restricted-likelihoods-differ", details, smaller.n)
    if (fixed and random) or len(random) > 1:
        return NotComputed("likelihood-ratio", "boundary-mixture-unknown", details, smaller.n)
    chi2 = 2.0 * (larger.loglik - smaller.loglik)
    chi2 = chi2 if chi2 > ROUNDING else 0.0
    if not random:
        null = " = ".join([*fixed, "0"]) if fixed else "covariances of the random effects = 0"
        p = float(stats.chi2.sf(chi2, df))
        distribution = f"chi2({df})"
    else:
        null = f"var({random[0]}) = 0"
        p = mixture(chi2, df)
        distribution = f"0.5 chi2({df - 1}) + 0.5 chi2({df})"
    return LikelihoodRatio(*names, null, smaller.n, chi2, df, p, distribution)


def mixture(chi2: float, df: int) -> float:
    """Return the upper tail of ½χ²(df - 1) + ½χ²(df); χ²(0) is zero itself.

    >>> round(mixture(2.705543, 1), 6)
    0.05
    """
    below = float(stats.chi2.sf(chi2, df - 1)) if df > 1 else float(chi2 <= 0.0)
    return 0.5 * below + 0.5 * float(stats.chi2.sf(chi2, df))
