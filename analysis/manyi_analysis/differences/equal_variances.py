"""Tests that the variances of groups are equal: Levene's and Brown and Forsythe's.

They describe; they do not choose the test of means (see `rule`).
"""

from typing import Literal

import numpy as np
import numpy.typing as npt

from manyi_analysis.differences.comparison import GroupTest
from manyi_analysis.differences.samples import samples
from manyi_analysis.differences.several_means import anova
from manyi_analysis.records.group_counts import GroupCounts
from manyi_analysis.records.grouped import GroupedMoments
from manyi_analysis.records.notcomputed import NotComputed


def equal_variances(
    counts: GroupCounts, center: Literal["mean", "median"] = "median", confidence: float = 0.95
) -> GroupTest | NotComputed:
    """Test that the variances of groups are equal.

    A one-way analysis of variance of the distances from the group's mean (Levene) or from its median (Brown
    and Forsythe), which counts of distinct values give exactly.

    F = that of `anova` on z = |x - center of its group|.

    Parameters
    ----------
    counts : GroupCounts
        Of the outcome; groups without respondents are left out.
    center : {"median", "mean"}
        The median holds its level where distributions are skewed.
    confidence : float
        Level of the limits of ω².

    References
    ----------
    Levene, H. (1960). In Contributions to Probability and Statistics, 278-292; Brown, M. B. & Forsythe, A.
    B. (1974). JASA 69, 364-367. R: ``car::leveneTest(y, g, center = )``.
    """
    name = "brown_forsythe" if center == "median" else "levene"
    held = samples(counts.moments(), counts.outcome, name)
    if isinstance(held, NotComputed):
        return held
    used = counts.select(held.keys)
    centers = held.mean if center == "mean" else _medians(used)
    distance = np.abs(used.values - centers[:, None])
    moments = GroupedMoments(
        (counts.outcome,),
        held.keys,
        used.n,
        np.zeros(len(held.keys), np.int64),
        held.missing,
        np.zeros(1),
        (used.counts * distance).sum(axis=1)[:, None],
        (used.counts * distance**2).sum(axis=1)[:, None, None],
    )
    found = anova(moments, counts.outcome, confidence=confidence)
    if isinstance(found, NotComputed):
        details = {"outcome": counts.outcome, "groups": held.keys}
        return NotComputed(name, "difference-constant-groups", details, held.total)
    return GroupTest(
        test=name,
        outcome=found.outcome,
        null="the variances of all groups are equal",
        statistic_name="F",
        statistic=found.statistic,
        df1=found.df1,
        df2=found.df2,
        p=found.p,
        groups=found.groups,
        sizes=found.sizes,
        missing=found.missing,
        effect=found.effect,
    )


def _medians(counts: GroupCounts) -> npt.NDArray[np.float64]:
    """Return the median of every group; between two middle values their mean."""
    running, n = counts.counts.cumsum(axis=1), counts.n
    lower = np.array([np.searchsorted(row, (size + 1) // 2) for row, size in zip(running, n, strict=True)])
    upper = np.array([np.searchsorted(row, size // 2 + 1) for row, size in zip(running, n, strict=True)])
    return np.asarray((counts.values[lower] + counts.values[upper]) / 2.0)
