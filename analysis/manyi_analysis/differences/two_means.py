"""Tests that two means are equal: Student's and Welch's t, and Welch's test of equivalence."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from manyi_analysis.differences.comparison import GroupTest
from manyi_analysis.differences.samples import Samples, samples
from manyi_analysis.differences.standardized_difference import standardized_difference
from manyi_analysis.records.grouped import GroupedMoments
from manyi_analysis.records.notcomputed import NotComputed

NULL = "the two means are equal"


def student_t(
    groups: GroupedMoments, outcome: str, keys: Sequence[str] | None = None, confidence: float = 0.95
) -> GroupTest | NotComputed:
    """Test by Student's t that two means are equal, taking the variances as equal.

    t = (x̄₁ - x̄₂) / (s_p √(1/n₁ + 1/n₂)) on n₁ + n₂ - 2 degrees of freedom; the effect is Hedges' g.

    Parameters
    ----------
    groups : GroupedMoments
        Two groups with respondents, or more of which `keys` names two. Rows without a value or a group are
        left out and counted.
    outcome : str
        A column of `groups`.
    keys : sequence of str, optional
        The two groups; the difference is the first less the second.
    confidence : float
        Level of all limits.

    Returns
    -------
    GroupTest or NotComputed

    References
    ----------
    Student (1908). Biometrika 6, 1-25. R: ``t.test(y ~ g, var.equal = TRUE)``.
    """
    two = samples(groups, outcome, "student_t", keys, exactly=2)
    return two if isinstance(two, NotComputed) else _t_test("student_t", two, *_pooled(two), confidence)


def welch_t(
    groups: GroupedMoments, outcome: str, keys: Sequence[str] | None = None, confidence: float = 0.95
) -> GroupTest | NotComputed:
    """Test by Welch's t that two means are equal, whatever the variances.

    t = (x̄₁ - x̄₂) / √(s₁²/n₁ + s₂²/n₂) on the degrees of freedom of Welch and Satterthwaite; the effect is
    Hedges' g on the average of the two variances. Parameters as in `student_t`; two respondents a group.

    References
    ----------
    Welch, B. L. (1947). Biometrika 34, 28-35; Delacre, M., Lakens, D. & Leys, C. (2017). Int. Review of
    Social Psychology 30, 92-101. R: ``t.test(y ~ g)``.
    """
    two = samples(groups, outcome, "welch_t", keys, exactly=2, each=2)
    return two if isinstance(two, NotComputed) else _t_test("welch_t", two, *_separate(two), confidence)


@dataclass(frozen=True, slots=True)
class Equivalence:
    """Two one-sided tests that a difference is smaller than a margin.

    Parameters
    ----------
    outcome : str
    groups : tuple of str
        The difference is the first less the second.
    n, missing : int
        Respondents used, and not.
    difference : float
        Of the means.
    margin : float
        Smallest difference that matters, in units of the outcome.
    t_low, t_high, df, p : float
        Statistics against -margin and +margin; p is the larger of the two one-sided probabilities.
    low, high : float
        Limits at 1 - 2α: the means are equivalent where they lie inside the margins.
    alpha : float
        Level of the test.
    """

    outcome: str
    groups: tuple[str, ...]
    n: int
    missing: int
    difference: float
    margin: float
    t_low: float
    t_high: float
    df: float
    p: float
    low: float
    high: float
    alpha: float

    @property
    def equivalent(self) -> bool:
        """Return whether the means are equivalent at level `alpha`."""
        return self.p < self.alpha

    def to_frame(self) -> pd.DataFrame:
        """Return one row."""
        names = ("outcome", "n", "missing", "difference", "margin", "t_low", "t_high", "df", "p")
        row = {name: [getattr(self, name)] for name in (*names, "low", "high", "alpha")}
        return pd.DataFrame({**row, "equivalent": [self.equivalent], "groups": [" ".join(self.groups)]})


def equivalence(
    groups: GroupedMoments,
    outcome: str,
    margin: float,
    keys: Sequence[str] | None = None,
    standardized: bool = False,
    alpha: float = 0.05,
) -> Equivalence | NotComputed:
    """Test that two means differ by less than a margin (TOST), by Welch's t.

    A test that finds no difference does not show that there is none; this one can.

    t = (x̄₁ - x̄₂ ± margin) / √(s₁²/n₁ + s₂²/n₂); p is the larger of the two one-sided ones.

    Parameters
    ----------
    groups, outcome, keys
        As in `student_t`.
    margin : float
        Smallest difference that matters, above 0, fixed before the data are seen.
    standardized : bool
        The margin is in standard deviations, √((s₁² + s₂²) / 2) of the sample.
    alpha : float
        Level of the test.

    References
    ----------
    Schuirmann, D. J. (1987). J. Pharmacokinetics and Biopharmaceutics 15, 657-680; Lakens, D. (2017).
    Social Psychological and Personality Science 8, 355-362. R: ``t.test(y ~ g, mu = margin, alternative =
    "less")``, ``TOSTER::t_TOST``.
    """
    if not margin > 0:
        raise ValueError(f"the margin must be above 0, not {margin}")
    two = samples(groups, outcome, "equivalence", keys, exactly=2, each=2)
    if isinstance(two, NotComputed):
        return two
    error, df = _separate(two)
    width = margin * float(np.sqrt(two.variance.mean())) if standardized else margin
    difference = float(two.mean[0] - two.mean[1])
    above, below = (difference + width) / error, (difference - width) / error
    reach = float(stats.t.ppf(1.0 - alpha, df)) * error
    return Equivalence(
        outcome=outcome,
        groups=two.keys,
        n=two.total,
        missing=two.missing,
        difference=difference,
        margin=width,
        t_low=above,
        t_high=below,
        df=df,
        p=max(float(stats.t.sf(above, df)), float(stats.t.cdf(below, df))),
        low=difference - reach,
        high=difference + reach,
        alpha=alpha,
    )


def _pooled(two: Samples) -> tuple[float, float]:
    """Return standard error and degrees of freedom of Student's t."""
    df = float(two.n.sum() - 2.0)
    return float(np.sqrt(two.within / df * (1.0 / two.n).sum())), df


def _separate(two: Samples) -> tuple[float, float]:
    """Return standard error and degrees of freedom of Welch's t."""
    parts = two.variance / two.n
    return float(np.sqrt(parts.sum())), float(parts.sum() ** 2 / (parts**2 / (two.n - 1.0)).sum())


def _t_test(test: str, two: Samples, error: float, df: float, confidence: float) -> GroupTest:
    difference = float(two.mean[0] - two.mean[1])
    reach = float(stats.t.ppf(0.5 + confidence / 2.0, df)) * error
    pooled = test == "student_t"
    return GroupTest(
        test=test,
        outcome=two.outcome,
        null=NULL,
        statistic_name="t",
        statistic=difference / error,
        df1=df,
        df2=None,
        p=2.0 * float(stats.t.sf(abs(difference) / error, df)),
        groups=two.keys,
        sizes=two.sizes,
        missing=two.missing,
        effect=standardized_difference(two, pooled=pooled, confidence=confidence),
        difference=difference,
        difference_low=difference - reach,
        difference_high=difference + reach,
    )
