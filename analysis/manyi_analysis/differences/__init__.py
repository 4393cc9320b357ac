"""Differences between groups: tests with effect sizes, from counts and moments, naive and clustered.

Every test takes `GroupedMoments` or `GroupCounts` and returns a frozen record or `NotComputed`; `differences`
compares all outcomes of a study by a stated rule, from `NestedCounts`.
"""

from manyi_analysis.difference_rule import RULE, Choice, rule_frame
from manyi_analysis.differences.adjustment import Adjustment, adjusted
from manyi_analysis.differences.all_pairs import dunn, games_howell, tukey
from manyi_analysis.differences.answer_shares import AnswerShares, answer_shares
from manyi_analysis.differences.compared_groups import ComparedGroups, compared_groups
from manyi_analysis.differences.comparison import Effect, GroupTest, PairTest, pair_frame
from manyi_analysis.differences.differences import Difference, Differences, differences, outcome_differences
from manyi_analysis.differences.dominance import cliffs_delta
from manyi_analysis.differences.equal_variances import equal_variances
from manyi_analysis.differences.explained_variance import explained_variance
from manyi_analysis.differences.group_means import GroupMeans, group_means
from manyi_analysis.differences.independence import chi_square, cramers_v, fisher_exact
from manyi_analysis.differences.nested_differences import (
    NestedTest,
    clustered_difference,
    nesting,
    rao_scott,
)
from manyi_analysis.differences.rank_tests import kruskal_wallis, mann_whitney
from manyi_analysis.differences.several_means import anova, welch_anova
from manyi_analysis.differences.standardized_difference import standardized_difference
from manyi_analysis.differences.two_means import Equivalence, equivalence, student_t, welch_t

__all__ = [
    "RULE",
    "Adjustment",
    "AnswerShares",
    "Choice",
    "ComparedGroups",
    "Difference",
    "Differences",
    "Effect",
    "Equivalence",
    "GroupMeans",
    "GroupTest",
    "NestedTest",
    "PairTest",
    "adjusted",
    "anova",
    "answer_shares",
    "chi_square",
    "cliffs_delta",
    "clustered_difference",
    "compared_groups",
    "cramers_v",
    "differences",
    "dunn",
    "equal_variances",
    "equivalence",
    "explained_variance",
    "fisher_exact",
    "games_howell",
    "group_means",
    "kruskal_wallis",
    "mann_whitney",
    "nesting",
    "outcome_differences",
    "pair_frame",
    "rao_scott",
    "rule_frame",
    "standardized_difference",
    "student_t",
    "tukey",
    "welch_anova",
    "welch_t",
]
