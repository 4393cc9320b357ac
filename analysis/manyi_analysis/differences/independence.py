"""Tests that a categorical outcome is independent of the group: χ² and Fisher's exact test."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from manyi_analysis.differences.comparison import Effect, GroupTest
from manyi_analysis.differences.noncentral import chi_square_noncentrality
from manyi_analysis.differences.rank_tests import compared
from manyi_analysis.records.group_counts import GroupCounts
from manyi_analysis.records.notcomputed import NotComputed

NULL = "the answers are distributed alike in all groups"
#: Cochran's rule: χ² holds where no expected count is below 1 and at most a fifth are below 5.
SMALL_EXPECTED = 5.0


def chi_square(
    counts: GroupCounts, keys: Sequence[str] | None = None, correct: bool = False, confidence: float = 0.95
) -> GroupTest | NotComputed:
    """Test by Pearson's χ² that answers and groups are independent.

    χ² = Σ(o - e)²/e on (G - 1)(V - 1); answers that nobody gave and groups without respondents are left out.

    Parameters
    ----------
    counts : GroupCounts
        Of the outcome; the order of its values does not matter.
    keys : sequence of str, optional
        Groups compared; default all.
    correct : bool
        Yates's correction of a 2 × 2 table.
    confidence : float
        Level of the limits of Cramér's V = √(χ²/(n·(min(G, V) - 1))), without correction: √ of the limits of
        the noncentrality of χ² over the same.

    Returns
    -------
    GroupTest or NotComputed
        ``note`` names small expected counts, for which χ² is rough (Cochran, 1954).

    References
    ----------
    Pearson, K. (1900). Philosophical Magazine 50, 157-175; Cramér, H. (1946). Mathematical Methods of
    Statistics, 21.9; Smithson, M. (2003). Confidence Intervals, ch. 4. R: ``chisq.test(table, correct =
    FALSE)``, ``effectsize::cramers_v(table, adjust = FALSE, alternative = "two.sided")``.
    """
    used = compared(counts, "chi_square", keys)
    if isinstance(used, NotComputed):
        return used
    expected = _expected(used)
    plain = float(((used.counts - expected) ** 2 / expected).sum())
    statistic = plain
    if correct and used.counts.shape == (2, 2):
        distance = np.abs(used.counts - expected)
        statistic = float(((distance - min(0.5, float(distance.min()))) ** 2 / expected).sum())
    rows, columns = used.counts.shape
    df = float((rows - 1) * (columns - 1))
    below = int((expected < SMALL_EXPECTED).sum())
    note = ""
    if expected.min() < 1.0 or below > 0.2 * expected.size:
        details = {"cells": below, "of": expected.size, "smallest": float(expected.min())}
        note = NotComputed("chi_square", "small-expected-counts", details, int(used.n.sum())).reason
    return GroupTest(
        test="chi_square",
        outcome=used.outcome,
        null=NULL,
        statistic_name="chi2",
        statistic=statistic,
        df1=df,
        df2=None,
        p=float(special.chdtrc(df, statistic)),
        groups=used.keys,
        sizes=tuple(int(size) for size in used.n),
        missing=used.missing + used.ungrouped,
        effect=cramers_v(plain, used.counts, confidence),
        note=note,
    )


def cramers_v(chi2: float, table: npt.NDArray[np.int64], confidence: float = 0.95) -> Effect:
    """Return Cramér's V of a table without empty rows or columns, from its χ²; see `chi_square`.

    V = √(χ²/(n·(min(G, V) - 1))).

    References
    ----------
    Cramér, H. (1946). Mathematical Methods of Statistics, 21.9; Smithson, M. (2003). Confidence Intervals,
    ch. 4. R: ``effectsize::cramers_v(table, adjust = FALSE, alternative = "two.sided")``.
    """
    rows, columns = table.shape
    most = float(table.sum()) * (min(rows, columns) - 1)
    low, high = chi_square_noncentrality(chi2, float((rows - 1) * (columns - 1)), confidence)
    value, low, high = (min(float(np.sqrt(part / most)), 1.0) for part in (chi2, low, high))
    return Effect("cramers_v", value, low, high, confidence, "noncentral chi-square")


def fisher_exact(
    counts: GroupCounts, keys: Sequence[str] | None = None, confidence: float = 0.95
) -> GroupTest | NotComputed:
    """Test by Fisher that the answers to a question with two answers are alike in two groups.

    The probability sums all tables with the same margins that are no more probable than the one found. The
    statistic and the effect are the conditional estimate of the odds ratio, its limits exact.

    p = Σ P(table) over tables with P(table) ≤ P(found), P hypergeometric.

    Parameters
    ----------
    counts : GroupCounts
        Two groups and two answers that somebody gave.
    keys : sequence of str, optional
        The two groups, where there are more.
    confidence : float
        Level of the limits.

    References
    ----------
    Fisher, R. A. (1935). J. Royal Statistical Society 98, 39-82. R: ``fisher.test(table)``.
    """
    used = compared(counts, "fisher_exact", keys, exactly=2)
    if isinstance(used, NotComputed):
        return used
    if len(used.values) != 2:
        details = {"outcome": used.outcome, "answers": len(used.values)}
        return NotComputed("fisher_exact", "fisher-not-two-answers", details, int(used.n.sum()))
    ratio = stats.contingency.odds_ratio(used.counts, kind="conditional")
    limits = ratio.confidence_interval(confidence)
    value = float(ratio.statistic)
    return GroupTest(
        test="fisher_exact",
        outcome=used.outcome,
        null=NULL,
        statistic_name="odds_ratio",
        statistic=value,
        df1=None,
        df2=None,
        p=float(stats.fisher_exact(used.counts).pvalue),
        groups=used.keys,
        sizes=tuple(int(size) for size in used.n),
        missing=used.missing + used.ungrouped,
        effect=Effect("odds_ratio", value, float(limits.low), float(limits.high), confidence, "conditional"),
    )


def needs_fisher(counts: GroupCounts) -> bool:
    """Return whether counts are a 2 × 2 table with an expected count below 5."""
    used = compared(counts, "fisher_exact")
    if isinstance(used, NotComputed) or used.counts.shape != (2, 2):
        return False
    return bool(_expected(used).min() < SMALL_EXPECTED)


def _expected(used: GroupCounts) -> npt.NDArray[np.float64]:
    table = used.counts.astype(np.float64)
    return np.asarray(np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum())
