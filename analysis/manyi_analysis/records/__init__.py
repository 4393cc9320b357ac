"""Additive records of one pass over the answers: what every statistic is computed from."""

from manyi_analysis.records.composite import composite
from manyi_analysis.records.correlated import Correlated
from manyi_analysis.records.fourth import FourthMoments
from manyi_analysis.records.group_counts import GroupCounts
from manyi_analysis.records.group_tables import GroupTables
from manyi_analysis.records.grouped import GroupedMoments
from manyi_analysis.records.level_sums import LevelSums
from manyi_analysis.records.moments import Moments
from manyi_analysis.records.nested_counts import NestedCounts
from manyi_analysis.records.notcomputed import NotComputed
from manyi_analysis.records.pairwise import PairwiseMoments
from manyi_analysis.records.pairwise_groups import PairwiseGroups
from manyi_analysis.records.patterns import PatternMoments
from manyi_analysis.records.row_sample import RowSample
from manyi_analysis.records.tables import Shape, Tables
from manyi_analysis.records.total_counts import TotalCounts

__all__ = [
    "Correlated",
    "FourthMoments",
    "GroupCounts",
    "GroupTables",
    "GroupedMoments",
    "LevelSums",
    "Moments",
    "NestedCounts",
    "NotComputed",
    "PairwiseGroups",
    "PairwiseMoments",
    "PatternMoments",
    "RowSample",
    "Shape",
    "Tables",
    "TotalCounts",
    "composite",
]
