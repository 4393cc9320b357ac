"""Tests that the means of several groups are equal: analysis of variance, classical and Welch's."""

from collections.abc import Sequence

import numpy as np
from scipy import special

from manyi_analysis.differences.comparison import GroupTest
from manyi_analysis.differences.explained_variance import Measure, explained_variance
from manyi_analysis.differences.samples import Samples, samples
from manyi_analysis.records.grouped import GroupedMoments
from manyi_analysis.records.notcomputed import NotComputed

NULL = "the means of all groups are equal"


def anova(
    groups: GroupedMoments,
    outcome: str,
    keys: Sequence[str] | None = None,
    measure: Measure = "omega_squared",
    confidence: float = 0.95,
) -> GroupTest | NotComputed:
    """Test by one-way analysis of variance that all means are equal, taking the variances as equal.

    F = (SSB / (G - 1)) / (SSW / (n - G)).

    Parameters
    ----------
    groups : GroupedMoments
        One group of rows a group compared; groups without respondents are left out.
    outcome : str
        A column of `groups`.
    keys : sequence of str, optional
        Groups compared; default all.
    measure : {"omega_squared", "eta_squared", "epsilon_squared"}
        Effect reported.
    confidence : float
        Level of its limits.

    References
    ----------
    Fisher, R. A. (1925). Statistical Methods for Research Workers, ch. 7. R: ``aov(y ~ g)``,
    ``oneway.test(y ~ g, var.equal = TRUE)``.
    """
    held = samples(groups, outcome, "anova", keys)
    if isinstance(held, NotComputed):
        return held
    df1, df2 = float(len(held.keys) - 1), float(held.total - len(held.keys))
    f = held.between / df1 / (held.within / df2)
    return _f_test("anova", held, f, df1, df2, measure, confidence)


def welch_anova(
    groups: GroupedMoments,
    outcome: str,
    keys: Sequence[str] | None = None,
    measure: Measure = "omega_squared",
    confidence: float = 0.95,
) -> GroupTest | NotComputed:
    """Test by Welch's analysis of variance that all means are equal, whatever the variances.

    With weights w = n/s², mean weighted m, and c = Σ(1 - w/Σw)² / (n - 1): F = Σw(x̄ - m)² / (G - 1) /
    (1 + 2c(G - 2)/(G² - 1)) on G - 1 and (G² - 1)/(3c). Parameters as in `anova`; every group needs two
    respondents who differ.

    References
    ----------
    Welch, B. L. (1951). Biometrika 38, 330-336; Delacre, M., Leys, C., Mora, Y. L. & Lakens, D. (2019).
    Int. Review of Social Psychology 32, 13. R: ``oneway.test(y ~ g)``.
    """
    held = samples(groups, outcome, "welch_anova", keys, each=2, varying=True)
    if isinstance(held, NotComputed):
        return held
    count = len(held.keys)
    weight = held.n / held.variance
    share = weight / weight.sum()
    excess = float(((1.0 - share) ** 2 / (held.n - 1.0)).sum())
    spread = float(weight @ (held.mean - float(share @ held.mean)) ** 2)
    f = spread / (count - 1) / (1.0 + 2.0 * (count - 2) / (count**2 - 1) * excess)
    return _f_test("welch_anova", held, f, count - 1.0, (count**2 - 1) / (3.0 * excess), measure, confidence)


def _f_test(
    test: str, held: Samples, f: float, df1: float, df2: float, measure: Measure, confidence: float
) -> GroupTest:
    return GroupTest(
        test=test,
        outcome=held.outcome,
        null=NULL,
        statistic_name="F",
        statistic=f,
        df1=df1,
        df2=df2,
        p=float(np.clip(special.fdtrc(df1, df2, f), 0.0, 1.0)),
        groups=held.keys,
        sizes=held.sizes,
        missing=held.missing,
        effect=explained_variance(f, df1, df2, held.total, measure, confidence),
    )
