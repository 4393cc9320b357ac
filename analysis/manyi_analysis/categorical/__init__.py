"""Explaining ordered and binary answers: ordinal logit and probit, logistic regression, marginal effects."""

from manyi_analysis.categorical.distinct_rows import DistinctRows
from manyi_analysis.categorical.marginal_effects import MarginalEffects, average_marginal_effects
from manyi_analysis.categorical.ordinal import OrdinalRegression, ordinal_regression
from manyi_analysis.categorical.proportional_odds import (
    ParallelSlopes,
    ProportionalOdds,
    proportional_odds_test,
)

__all__ = [
    "DistinctRows",
    "MarginalEffects",
    "OrdinalRegression",
    "ParallelSlopes",
    "ProportionalOdds",
    "average_marginal_effects",
    "ordinal_regression",
    "proportional_odds_test",
]
