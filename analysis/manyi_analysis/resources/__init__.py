"""What schools have, held against a standard: split, indicators, verdicts, variation between schools."""

from manyi_analysis.resources.evaluation import Evaluation, evaluate_schools
from manyi_analysis.resources.indicators import SchoolIndicators, school_indicators
from manyi_analysis.resources.splitting import inferred_run_types, split_combined_schools
from manyi_analysis.resources.variation import CountyVariation, Variation, county_cv, weighted_variation
from manyi_analysis.resources.verdicts import SchoolVerdicts, school_verdicts

__all__ = [
    "CountyVariation",
    "Evaluation",
    "SchoolIndicators",
    "SchoolVerdicts",
    "Variation",
    "county_cv",
    "evaluate_schools",
    "inferred_run_types",
    "school_indicators",
    "school_verdicts",
    "split_combined_schools",
    "weighted_variation",
]
