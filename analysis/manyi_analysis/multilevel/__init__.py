"""Respondents within schools: linear mixed models, school effects, within and between slopes."""

from manyi_analysis.multilevel.fitting import mixed_model
from manyi_analysis.multilevel.likelihood_ratio import LikelihoodRatio, likelihood_ratio
from manyi_analysis.multilevel.mixed_model import Contrast, MixedModel
from manyi_analysis.multilevel.school_effects import SchoolEffects, school_effects
from manyi_analysis.multilevel.variance_intervals import VarianceIntervals, variance_intervals
from manyi_analysis.multilevel.variance_test import school_variance_test
from manyi_analysis.multilevel.within_between import (
    mean_name,
    product_name,
    with_products,
    with_school_means,
    within_name,
)

__all__ = [
    "Contrast",
    "LikelihoodRatio",
    "MixedModel",
    "SchoolEffects",
    "VarianceIntervals",
    "likelihood_ratio",
    "mean_name",
    "mixed_model",
    "product_name",
    "school_effects",
    "school_variance_test",
    "variance_intervals",
    "with_products",
    "with_school_means",
    "within_name",
]
