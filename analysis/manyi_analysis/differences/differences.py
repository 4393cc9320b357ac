"""All differences of a study: every outcome by every column of groups, by a stated rule, family by family."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import special

from manyi_analysis.difference_rule import RULE, Kind, Test
from manyi_analysis.differences.adjustment import Adjustment, adjusted
from manyi_analysis.differences.all_pairs import MOST_GROUPS, dunn, games_howell, tukey
from manyi_analysis.differences.compared_groups import compared_groups
from manyi_analysis.differences.comparison import Effect, GroupTest, PairTest
from manyi_analysis.differences.independence import chi_square, fisher_exact, needs_fisher
from manyi_analysis.differences.nested_differences import (
    DESIGN_EFFECT,
    NestedTest,
    clustered_difference,
    nesting,
    rao_scott,
)
from manyi_analysis.differences.rank_tests import kruskal_wallis, mann_whitney
from manyi_analysis.differences.several_means import anova, welch_anova
from manyi_analysis.differences.two_means import student_t, welch_t
from manyi_analysis.explanation.icc import IntraclassCorrelation
from manyi_analysis.records.group_counts import GroupCounts
from manyi_analysis.records.grouped import GroupedMoments
from manyi_analysis.records.nested_counts import NestedCounts
from manyi_analysis.records.notcomputed import NotComputed

#: Effects in proportion to the difference of two means or mean ranks.
OF_TWO = ("hedges_g", "hedges_g_av", "cliffs_delta")
#: Which test of all pairs goes with which test of several groups.
PAIRS: Mapping[str, str] = {"anova": "tukey", "welch_anova": "games_howell", "kruskal_wallis": "dunn"}
#: What the clustered counterpart of a test compares.
COMPARES: Mapping[str, str] = {
    "mann_whitney": "ranks",
    "kruskal_wallis": "ranks",
    "chi_square": "shares",
    "fisher_exact": "shares",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One outcome compared between groups by one test.

    Parameters
    ----------
    outcome, by : str
    kind : {"scale", "ordinal", "nominal"}
        Of the outcome.
    chosen : bool
        Chosen by the rule; the others stand beside for comparison.
    test : GroupTest or NotComputed
    nested : NestedTest or NotComputed or None
        The same comparison with schools allowed for; None where schools are not known.
    alike : IntraclassCorrelation or NotComputed or None
        How alike respondents of one school are.
    pairs : tuple of PairTest or NotComputed
        All pairs of three groups or more.
    left_out : tuple of str
        Groups too small to be compared.
    left_beside : tuple of str
        Groups left out with them, so that they cannot be worked out.
    family : str
        The tests that p is adjusted with.
    p_adjusted, p_clustered_adjusted : float
        NaN where there is no p.
    """

    outcome: str
    by: str
    kind: Kind
    chosen: bool
    test: GroupTest | NotComputed
    nested: NestedTest | NotComputed | None
    alike: IntraclassCorrelation | NotComputed | None
    pairs: tuple[PairTest, ...] | NotComputed
    left_out: tuple[str, ...]
    left_beside: tuple[str, ...]
    family: str
    p_adjusted: float = np.nan
    p_clustered_adjusted: float = np.nan

    @property
    def p(self) -> float:
        """Return p of the naive test, NaN where there is none."""
        return self.test.p if isinstance(self.test, GroupTest) else np.nan

    @property
    def p_clustered(self) -> float:
        """Return p with schools allowed for, NaN where there is none."""
        return self.nested.p if isinstance(self.nested, NestedTest) else np.nan

    @property
    def clustered_limits(self) -> tuple[float, float]:
        """Return limits of the effect of two groups with schools allowed for, NaN where there are none.

        The effect is the difference of means (or mean ranks) b over a spread that is taken as known, and the
        clustered error of b is |b|/√F: limits are effect·(1 ± t/√F), t on S - 1 for S schools.
        """
        effect = self.test.effect if isinstance(self.test, GroupTest) else None
        nested = self.nested
        if not isinstance(effect, Effect) or effect.name not in OF_TWO:
            return np.nan, np.nan
        if not isinstance(nested, NestedTest) or not nested.f > 0:
            return np.nan, np.nan
        reach = abs(effect.value) * float(special.stdtrit(nested.df2, 0.5 + effect.confidence / 2.0))
        reach /= float(np.sqrt(nested.f))
        return effect.value - reach, effect.value + reach

    @property
    def notes(self) -> tuple[NotComputed, ...]:
        """Return what a reader must know beside the numbers, as codes of the catalogue."""
        found = []
        details: dict[str, object]
        if self.left_out:
            details = {"groups": self.left_out}
            found.append(NotComputed("difference", "difference-groups-left-out", details))
        if self.left_beside:
            details = {"groups": self.left_beside}
            found.append(NotComputed("difference", "difference-groups-left-beside", details))
        if isinstance(self.alike, IntraclassCorrelation) and self.alike.design_effect > DESIGN_EFFECT:
            details = {"icc": self.alike.icc_reml, "effect": self.alike.design_effect}
            found.append(NotComputed("difference", "nested-respondents", details, self.alike.n))
        if isinstance(self.nested, NotComputed):
            found.append(self.nested)
        elif self.nested is not None and self.nested.few_clusters:
            found.append(
                NotComputed("difference", "few-clusters", {"clusters": self.nested.clusters}, self.nested.n)
            )
        return tuple(found)

    def row(self) -> dict[str, object]:
        """Return the row of the table ``differences``."""
        row: dict[str, object] = {"outcome": self.outcome, "by": self.by, "reason": ""}
        if isinstance(self.test, GroupTest):
            row |= self.test.row()
        else:
            row |= {"test": self.test.statistic, "n": self.test.n, "reason": self.test.reason}
        nested = self.nested if isinstance(self.nested, NestedTest) else None
        alike = self.alike if isinstance(self.alike, IntraclassCorrelation) else None
        low, high = self.clustered_limits
        notes = [str(row.get("note", "")), *(note.reason for note in self.notes)]
        return row | {
            "chosen": self.chosen,
            "kind": self.kind,
            "family": self.family,
            "p_adjusted": self.p_adjusted,
            "p_clustered": self.p_clustered,
            "p_clustered_adjusted": self.p_clustered_adjusted,
            "f_clustered": np.nan if nested is None else nested.f,
            "df1_clustered": np.nan if nested is None else nested.df1,
            "df2_clustered": np.nan if nested is None else nested.df2,
            "low_clustered": low,
            "high_clustered": high,
            "clusters": np.nan if nested is None else nested.clusters,
            "icc": np.nan if alike is None else alike.icc_reml,
            "design_effect": np.nan if alike is None else alike.design_effect,
            "note": "; ".join(note for note in notes if note),
        }


#: Columns of the table ``differences`` without ``role``.
COLUMNS = (
    "outcome", "by", "test", "statistic", "df1", "df2", "p", "p_adjusted", "effect", "effect_name", "low",
    "high", "n", "missing", "groups", "sizes", "difference", "difference_low", "difference_high", "chosen",
    "kind", "family", "p_clustered", "p_clustered_adjusted", "f_clustered", "df1_clustered", "df2_clustered",
    "low_clustered", "high_clustered", "clusters", "icc", "design_effect", "null", "effect_reason", "reason",
    "note",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Differences:
    """Every outcome by every column of groups.

    Parameters
    ----------
    adjustment : str
        How p is adjusted within each family.
    confidence : float
        Level of all limits.
    rows : tuple of Difference
    """

    adjustment: Adjustment
    confidence: float
    rows: tuple[Difference, ...]

    def to_frame(self) -> pd.DataFrame:
        """Return one row an outcome, column of groups and test: table ``differences`` without ``role``."""
        frame = pd.DataFrame([row.row() for row in self.rows], columns=list(COLUMNS))
        return frame.assign(adjustment=self.adjustment)

    def pairwise_frame(self) -> pd.DataFrame:
        """Return one row a pair of groups: table ``pairwise_differences`` without ``role``."""
        rows: list[dict[str, object]] = []
        for difference in self.rows:
            if isinstance(difference.pairs, NotComputed):
                continue
            nested = difference.nested
            held = nested.pairs if isinstance(nested, NestedTest) else ()
            together = adjusted([p for _, _, p in held], self.adjustment).tolist()
            known = {(a, b): (p, q) for (a, b, p), q in zip(held, together, strict=True)}
            for pair in difference.pairs:
                p, q = known.get((pair.a, pair.b), (np.nan, np.nan))
                row = {"outcome": difference.outcome, "by": difference.by} | pair.row()
                rows.append(row | {"p_clustered": p, "p_clustered_adjusted": q, "chosen": difference.chosen})
        return pd.DataFrame(rows)


def differences(
    counts: Iterable[tuple[NestedCounts, Kind]],
    minimum: int = 2,
    beside: bool = True,
    adjustment: Adjustment = "holm",
    confidence: float = 0.95,
    protect: bool = False,
) -> Differences:
    """Compare groups on outcomes, choosing tests by `rule.RULE`.

    Parameters
    ----------
    counts : iterable of (NestedCounts, kind)
        One outcome by one column of groups each; read one at a time, so that a generator keeps memory small.
    minimum : int
        Groups with fewer respondents are left out and named, at least 2.
    beside : bool
        Show the tests the rule did not choose too. They are families of their own.
    adjustment : {"holm", "bh", "bonferroni", "none"}
        Within each family: the same test purpose on all outcomes of one kind by one column of groups. Tests
        of pairs are adjusted within their outcome.
    confidence : float
        Level of all limits.
    protect : bool
        Leave out further groups from which, and the total, a small one could be worked out.

    Returns
    -------
    Differences
        Every naive test with its clustered counterpart where two schools or more are known, on the same
        groups; ``note`` says where the naive one must not be relied on.
    """
    rows: list[Difference] = []
    for record, kind in counts:
        rows += outcome_differences(record, kind, minimum, beside, adjustment, confidence, protect)
    families: dict[str, list[int]] = {}
    for position, row in enumerate(rows):
        families.setdefault(row.family, []).append(position)
    for members in families.values():
        naive = adjusted([rows[at].p for at in members], adjustment)
        clustered = adjusted([rows[at].p_clustered for at in members], adjustment)
        for at, p, q in zip(members, naive.tolist(), clustered.tolist(), strict=True):
            rows[at] = replace(rows[at], p_adjusted=p, p_clustered_adjusted=q)
    return Differences(adjustment, confidence, tuple(rows))


def outcome_differences(
    record: NestedCounts,
    kind: Kind,
    minimum: int = 2,
    beside: bool = True,
    adjustment: Adjustment = "holm",
    confidence: float = 0.95,
    protect: bool = False,
) -> list[Difference]:
    """Compare groups on one outcome by the chosen test, and by those beside it; see `differences`."""
    compared = compared_groups(record.keys, record.by_group().n, minimum, protect)
    held = compared.held
    used = record.select(held)
    counts = used.by_group()
    choice = RULE[kind]
    two = len(held) <= 2
    chosen: Test = choice.two if two else choice.several
    if kind == "nominal" and needs_fisher(counts):
        chosen = "fisher_exact"
    tests = [chosen, *((pair[0] if two else pair[1] for pair in choice.beside) if beside else ())]
    schools = used.by_school(dummies=len(held) <= MOST_GROUPS) if used.nested else None
    alike = nesting(used, schools) if schools is not None and kind != "nominal" else None
    nested: dict[str, NestedTest | NotComputed | None] = {}
    rows = []
    for place, test in enumerate(tests):
        compares = COMPARES.get(test, "means")
        if compares not in nested:
            apart = schools is not None and len(held) > 1
            nested[compares] = _nested(compares, used, schools) if apart else None
        pairs: tuple[PairTest, ...] | NotComputed = ()
        if len(held) > 2:
            pairs = _all_pairs(test, counts, adjustment, confidence)
        rows.append(
            Difference(
                outcome=record.outcome,
                by=record.by,
                kind=kind,
                chosen=place == 0,
                test=group_test(test, counts, confidence),
                nested=nested[compares],
                alike=alike,
                pairs=pairs,
                left_out=compared.small,
                left_beside=compared.beside,
                family=f"{record.by}: {kind}" if place == 0 else f"{record.by}: {kind}, {test}",
            )
        )
    return rows


def group_test(test: Test, counts: GroupCounts, confidence: float = 0.95) -> GroupTest | NotComputed:
    """Compare groups by a named test.

    Parameters
    ----------
    test : str
        One of ``rule.Test``.
    counts : GroupCounts
        Of the outcome.
    confidence : float
        Level of all limits.
    """
    if test in ("mann_whitney", "kruskal_wallis"):
        by_ranks = mann_whitney if test == "mann_whitney" else kruskal_wallis
        return by_ranks(counts, confidence=confidence)
    if test == "chi_square":
        return chi_square(counts, confidence=confidence)
    if test == "fisher_exact":
        return fisher_exact(counts, confidence=confidence)
    moments, outcome = counts.moments(), counts.outcome
    if test in ("student_t", "welch_t"):
        of_two = student_t if test == "student_t" else welch_t
        return of_two(moments, outcome, confidence=confidence)
    of_several = anova if test == "anova" else welch_anova
    return of_several(moments, outcome, confidence=confidence)


def _all_pairs(
    test: Test, counts: GroupCounts, adjustment: Adjustment, confidence: float
) -> tuple[PairTest, ...] | NotComputed:
    wanted = PAIRS.get(test, "")
    if wanted == "dunn":
        return dunn(counts, None, adjustment, confidence)
    if wanted == "tukey":
        return tukey(counts.moments(), counts.outcome, confidence=confidence)
    if wanted == "games_howell":
        return games_howell(counts.moments(), counts.outcome, confidence=confidence)
    return ()


def _nested(compares: str, used: NestedCounts, schools: GroupedMoments | None) -> NestedTest | NotComputed:
    if compares == "shares":
        return rao_scott(used)
    return clustered_difference(used, compares == "ranks", schools)
