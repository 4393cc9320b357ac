"""Rank tests of groups from answer counts: Mann-Whitney and Kruskal-Wallis, corrected for ties."""

from collections.abc import Sequence

import numpy as np
from scipy import special, stats

from manyi_analysis.differences.comparison import Effect, GroupTest
from manyi_analysis.differences.dominance import cliffs_delta
from manyi_analysis.differences.noncentral import chi_square_noncentrality
from manyi_analysis.records.group_counts import GroupCounts
from manyi_analysis.records.notcomputed import NotComputed

#: Both groups below this and no ties: exact probabilities, as in ``wilcox.test``.
EXACT_BELOW = 50


def mann_whitney(
    counts: GroupCounts, keys: Sequence[str] | None = None, confidence: float = 0.95
) -> GroupTest | NotComputed:
    """Test by Mann and Whitney that two distributions are the same.

    U = R₁ - n₁(n₁ + 1)/2 with R₁ the sum of the first group's mid-ranks. Where both groups are below 50 and
    there are no ties the probability is exact; otherwise normal, with variance n₁n₂/12·(n + 1 - Σ(t³ - t) /
    (n(n - 1))) and continuity corrected by one half. It is a test of medians only if the distributions
    differ in place alone; the effect, Cliff's delta, needs no such assumption.

    Parameters
    ----------
    counts : GroupCounts
        Of the outcome; groups without respondents are left out.
    keys : sequence of str, optional
        The two groups, where there are more.
    confidence : float
        Level of the limits of the effect.

    References
    ----------
    Mann, H. B. & Whitney, D. R. (1947). Annals of Mathematical Statistics 18, 50-60; Lehmann, E. L. (1975).
    Nonparametrics, eq. 1.34. R: ``wilcox.test(y ~ g)``.
    """
    used = compared(counts, "mann_whitney", keys, exactly=2)
    if isinstance(used, NotComputed):
        return used
    n1, n2 = (float(size) for size in used.n)
    u = float(used.counts[0] @ used.mid_ranks) - n1 * (n1 + 1.0) / 2.0
    effect: Effect | NotComputed
    if min(n1, n2) < 2:
        details = {"outcome": used.outcome, "groups": used.keys, "needed": 2}
        effect = NotComputed("cliffs_delta", "difference-small-groups", details, int(n1 + n2))
    else:
        effect = cliffs_delta(used.counts[0], used.counts[1], confidence)
    return GroupTest(
        test="mann_whitney",
        outcome=used.outcome,
        null="the two distributions are the same",
        statistic_name="U",
        statistic=u,
        df1=None,
        df2=None,
        p=_probability(used, u),
        groups=used.keys,
        sizes=tuple(int(size) for size in used.n),
        missing=used.missing + used.ungrouped,
        effect=effect,
    )


def _probability(used: GroupCounts, u: float) -> float:
    n1, n2 = (float(size) for size in used.n)
    ties = used.counts.sum(axis=0)
    if max(n1, n2) < EXACT_BELOW and (ties <= 1).all():
        first, second = (used.values[row > 0] for row in used.counts)
        return float(stats.mannwhitneyu(first, second, method="exact").pvalue)
    distance = max(abs(u - n1 * n2 / 2.0) - 0.5, 0.0)
    error = float(np.sqrt(n1 * n2 / (n1 + n2) * rank_variance(used)))
    return min(2.0 * float(special.ndtr(-distance / error)), 1.0)


def kruskal_wallis(
    counts: GroupCounts, keys: Sequence[str] | None = None, confidence: float = 0.95
) -> GroupTest | NotComputed:
    """Test by Kruskal and Wallis that the distributions of several groups are the same.

    H = (12/(n(n + 1)) Σ R_g²/n_g - 3(n + 1)) / (1 - Σ(t³ - t)/(n³ - n)) against χ² on G - 1.

    Parameters
    ----------
    counts : GroupCounts
        Of the outcome; groups without respondents are left out.
    keys : sequence of str, optional
        Groups compared; default all.
    confidence : float
        Level of the limits of the effect, rank ε² = H/(n - 1): λ/(n - 1) at the limits of the noncentrality
        of χ², which H has for distributions that lie near each other.

    References
    ----------
    Kruskal, W. H. & Wallis, W. A. (1952). JASA 47, 583-621; Tomczak, M. & Tomczak, E. (2014). Trends in
    Sport Sciences 1, 19-25 (ε²); Andrews, F. C. (1954). Annals of Mathematical Statistics 25, 724-736 (H
    under alternatives). R: ``kruskal.test``, ``effectsize::rank_epsilon_squared``.
    """
    used = compared(counts, "kruskal_wallis", keys)
    if isinstance(used, NotComputed):
        return used
    n, size = float(used.n.sum()), used.n.astype(np.float64)
    mean_rank = used.counts @ used.mid_ranks / size
    h = float(size @ (mean_rank - (n + 1.0) / 2.0) ** 2) / rank_variance(used)
    df = float(len(used.keys) - 1)
    low, high = chi_square_noncentrality(h, df, confidence)
    effect = Effect(
        "rank_epsilon_squared",
        h / (n - 1.0),
        low / (n - 1.0),
        min(high / (n - 1.0), 1.0),
        confidence,
        "noncentral chi-square",
    )
    return GroupTest(
        test="kruskal_wallis",
        outcome=used.outcome,
        null="the distributions of all groups are the same",
        statistic_name="H",
        statistic=h,
        df1=df,
        df2=None,
        p=float(special.chdtrc(df, h)),
        groups=used.keys,
        sizes=tuple(int(count) for count in used.n),
        missing=used.missing + used.ungrouped,
        effect=effect,
    )


def compared(
    counts: GroupCounts, statistic: str, keys: Sequence[str] | None = None, exactly: int | None = None
) -> GroupCounts | NotComputed:
    """Return the groups that a rank test compares, or why it cannot.

    Parameters
    ----------
    counts : GroupCounts
        Of the outcome.
    statistic : str
        Name of the test.
    keys : sequence of str, optional
        Groups wanted; default all. Those without respondents are left out.
    exactly : int, optional
        How many it needs; default two or more.
    """
    wanted = counts.keys if keys is None else tuple(keys)
    held = tuple(key for key in wanted if counts.n[counts.keys.index(key)] > 0)
    used = counts.select(held)
    n = int(used.counts.sum())
    details: dict[str, object] = {"outcome": counts.outcome, "groups": held or len(held)}
    if len(held) < 2:
        return NotComputed(statistic, "difference-few-groups", details, n)
    if exactly is not None and len(held) != exactly:
        return NotComputed(statistic, "difference-number-of-groups", {**details, "needed": exactly}, n)
    if len(used.values) < 2:
        return NotComputed(statistic, "difference-constant-groups", details, n)
    return used


def rank_variance(counts: GroupCounts) -> float:
    """Return (n(n + 1) - Σ(t³ - t)/(n - 1)) / 12: the variance of a mid-rank, with divisor n - 1."""
    ties = counts.counts.sum(axis=0).astype(np.float64)
    n = float(ties.sum())
    return (n * (n + 1.0) - float((ties**3 - ties).sum()) / (n - 1.0)) / 12.0
