"""Estimates for a population from a weighted, stratified, clustered sample, with errors by linearisation."""

from manyi_analysis.design_based.estimates import (
    DomainEstimates,
    category_shares,
    domain_means,
    domain_ratios,
)
from manyi_analysis.design_based.limits import mean_limits, share_limits
from manyi_analysis.design_based.survey_design import LONELY, Lonely, SurveyDesign

__all__ = [
    "LONELY",
    "DomainEstimates",
    "Lonely",
    "SurveyDesign",
    "category_shares",
    "domain_means",
    "domain_ratios",
    "mean_limits",
    "share_limits",
]
