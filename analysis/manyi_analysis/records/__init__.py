"""Additive records of one pass over the answers: what every statistic is computed from."""

from manyi_analysis.records.correlated import Correlated
from manyi_analysis.records.fourth import FourthMoments
from manyi_analysis.records.group_counts import GroupCounts
from manyi_analysis.records.grouped import GroupedMoments
from manyi_analysis.records.moments import Moments
from manyi_analysis.records.nested_counts import NestedCounts
from manyi_analysis.records.notcomputed import NotComputed
from manyi_analysis.records.pairwise import PairwiseMoments
from manyi_analysis.records.pairwise_groups import PairwiseGroups
from manyi_analysis.records.patterns import PatternMoments
from manyi_analysis.records.tables import Shape, Tables

__all__ = [
    "Correlated",
    "FourthMoments",
    "GroupCounts",
    "GroupedMoments",
    "Moments",
    "NestedCounts",
    "NotComputed",
    "PairwiseGroups",
    "PairwiseMoments",
    "PatternMoments",
    "Shape",
    "Tables",
]
