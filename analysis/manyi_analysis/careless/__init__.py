"""Indices of careless answering: one number a respondent, from the answers alone.

Every function takes answers of shape (items, respondents), items in the order asked, NaN where missing, and
returns an array of shape (respondents,), NaN where the index says nothing. Some also take answers with 0
where missing, of type int8 too, beside ``given``: which of them were given.
"""

from manyi_analysis.careless.distance import MahalanobisMetric, mahalanobis_metric
from manyi_analysis.careless.even_odd import even_odd
from manyi_analysis.careless.pairs import (
    ItemPairs,
    contradictory_pairs,
    opposite_extremes,
    psychometric_pairs,
    within_person_correlation,
)
from manyi_analysis.careless.strings import average_string, long_string
from manyi_analysis.careless.variability import response_variability

__all__ = [
    "ItemPairs",
    "MahalanobisMetric",
    "average_string",
    "contradictory_pairs",
    "even_odd",
    "long_string",
    "mahalanobis_metric",
    "opposite_extremes",
    "psychometric_pairs",
    "response_variability",
    "within_person_correlation",
]
