"""Tests of all pairs of several groups: Tukey, Games and Howell, Dunn."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from scipy import special

from manyi_analysis.differences.adjustment import Adjustment, adjusted
from manyi_analysis.differences.comparison import Effect, PairTest
from manyi_analysis.differences.dominance import cliffs_delta
from manyi_analysis.differences.rank_tests import compared, rank_variance
from manyi_analysis.differences.samples import Samples, samples
from manyi_analysis.differences.standardized_difference import standardized_difference
from manyi_analysis.differences.studentized_range import studentized_range_quantile, studentized_range_sf
from manyi_analysis.records.group_counts import GroupCounts
from manyi_analysis.records.grouped import GroupedMoments
from manyi_analysis.records.notcomputed import NotComputed

#: More groups than this have too many pairs to read.
MOST_GROUPS = 30


def tukey(
    groups: GroupedMoments, outcome: str, keys: Sequence[str] | None = None, confidence: float = 0.95
) -> tuple[PairTest, ...] | NotComputed:
    """Test all pairs of means by Tukey and Kramer, taking the variances as equal.

    q = |x̄_a - x̄_b| / √(MSW/2·(1/n_a + 1/n_b)) against the studentized range of G means on n - G; the
    statistic reported is t = q/√2 with the sign of the difference, and limits hold for all pairs together.

    Parameters
    ----------
    groups : GroupedMoments
        One group of rows a group compared.
    outcome : str
        A column of `groups`.
    keys : sequence of str, optional
        Groups compared; default all that have respondents.
    confidence : float
        Level of all limits.

    References
    ----------
    Kramer, C. Y. (1956). Biometrics 12, 307-310; Hayter, A. J. (1984). Annals of Statistics 12, 61-75. R:
    ``TukeyHSD(aov(y ~ g))``, whose differences are the second less the first.
    """
    held = samples(groups, outcome, "tukey", keys)
    if isinstance(held, NotComputed):
        return held
    if len(held.keys) > MOST_GROUPS:
        return _too_many("tukey", held.outcome, len(held.keys), held.total)
    df = float(held.total - len(held.keys))
    mean_square = held.within / df
    reach = studentized_range_quantile(confidence, len(held.keys), df)
    found = []
    for a, b in combinations(range(len(held.keys)), 2):
        error = float(np.sqrt(mean_square * (1.0 / held.n[a] + 1.0 / held.n[b])))
        found.append(_range_test("tukey", held, (a, b), error, df, reach, confidence))
    return tuple(found)


def games_howell(
    groups: GroupedMoments, outcome: str, keys: Sequence[str] | None = None, confidence: float = 0.95
) -> tuple[PairTest, ...] | NotComputed:
    """Test all pairs of means by Games and Howell, whatever the variances.

    t = (x̄_a - x̄_b) / √(s_a²/n_a + s_b²/n_b) on Welch's degrees of freedom, q = √2·|t| as in `tukey`. Every
    group needs two respondents who differ.

    References
    ----------
    Games, P. A. & Howell, J. F. (1976). J. Educational Statistics 1, 113-125. R:
    ``rstatix::games_howell_test``, whose differences are the second less the first.
    """
    held = samples(groups, outcome, "games_howell", keys, each=2, varying=True)
    if isinstance(held, NotComputed):
        return held
    count = len(held.keys)
    if count > MOST_GROUPS:
        return _too_many("games_howell", held.outcome, count, held.total)
    parts = held.variance / held.n
    found = []
    for a, b in combinations(range(count), 2):
        error = float(np.sqrt(parts[a] + parts[b]))
        df = float(error**4 / (parts[a] ** 2 / (held.n[a] - 1.0) + parts[b] ** 2 / (held.n[b] - 1.0)))
        reach = studentized_range_quantile(confidence, count, df)
        found.append(_range_test("games_howell", held, (a, b), error, df, reach, confidence))
    return tuple(found)


def _range_test(
    test: str,
    held: Samples,
    at: tuple[int, int],
    error: float,
    df: float,
    reach: float,
    confidence: float,
) -> PairTest:
    two = held.pair(*at)
    difference = float(two.mean[0] - two.mean[1])
    half = reach / np.sqrt(2.0) * error
    p = studentized_range_sf(abs(difference) / error * np.sqrt(2.0), len(held.keys), df)
    effect: Effect | NotComputed
    if not two.within > 0:
        details = {"outcome": held.outcome, "groups": two.keys}
        effect = NotComputed("hedges_g", "difference-constant-groups", details, two.total)
    else:
        effect = standardized_difference(two, pooled=test == "tukey", confidence=confidence)
    return PairTest(
        test=test,
        outcome=held.outcome,
        a=two.keys[0],
        b=two.keys[1],
        n_a=two.sizes[0],
        n_b=two.sizes[1],
        difference=difference,
        low=float(difference - half),
        high=float(difference + half),
        statistic=difference / error,
        df=df,
        p=p,
        p_adjusted=p,
        adjustment="studentized range",
        effect=effect,
    )


def dunn(
    counts: GroupCounts,
    keys: Sequence[str] | None = None,
    adjustment: Adjustment = "holm",
    confidence: float = 0.95,
) -> tuple[PairTest, ...] | NotComputed:
    """Test all pairs of groups by Dunn, on the ranks of all groups together.

    z = (R̄_a - R̄_b) / √(S²(1/n_a + 1/n_b)), S² the variance of a mid-rank with ties.

    Parameters
    ----------
    counts : GroupCounts
        Of the outcome.
    keys : sequence of str, optional
        Groups compared; default all that have respondents.
    adjustment : str
        Over the pairs of this outcome.
    confidence : float
        Level of the limits of Cliff's delta, a pair at a time.

    References
    ----------
    Dunn, O. J. (1964). Technometrics 6, 241-252. R: ``rstatix::dunn_test``, whose differences are the
    second less the first.
    """
    used = compared(counts, "dunn", keys)
    if isinstance(used, NotComputed):
        return used
    count, n = len(used.keys), used.n
    if count > MOST_GROUPS:
        return _too_many("dunn", used.outcome, count, int(n.sum()))
    mean_rank, variance = used.counts @ used.mid_ranks / n, rank_variance(used)
    pairs = list(combinations(range(count), 2))
    differences = [float(mean_rank[a] - mean_rank[b]) for a, b in pairs]
    errors = [float(np.sqrt(variance * (1.0 / n[a] + 1.0 / n[b]))) for a, b in pairs]
    z = np.array(differences) / np.array(errors)
    p = 2.0 * special.ndtr(-np.abs(z))
    together = adjusted(p.tolist(), adjustment)
    found = []
    for position, (a, b) in enumerate(pairs):
        effect: Effect | NotComputed
        if min(n[a], n[b]) < 2:
            details = {"outcome": used.outcome, "groups": (used.keys[a], used.keys[b]), "needed": 2}
            effect = NotComputed("cliffs_delta", "difference-small-groups", details, int(n[a] + n[b]))
        else:
            effect = cliffs_delta(used.counts[a], used.counts[b], confidence)
        found.append(
            PairTest(
                test="dunn",
                outcome=used.outcome,
                a=used.keys[a],
                b=used.keys[b],
                n_a=int(n[a]),
                n_b=int(n[b]),
                difference=differences[position],
                low=np.nan,
                high=np.nan,
                statistic=float(z[position]),
                df=None,
                p=float(p[position]),
                p_adjusted=float(together[position]),
                adjustment=adjustment,
                effect=effect,
            )
        )
    return tuple(found)


def _too_many(statistic: str, outcome: str, count: int, n: int) -> NotComputed:
    details = {"outcome": outcome, "groups": count, "most": MOST_GROUPS}
    return NotComputed(statistic, "difference-many-groups", details, n)
