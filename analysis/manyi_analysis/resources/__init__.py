"""What schools and counties have, held against a standard: split, indicators, verdicts, variation, gaps."""

from manyi_analysis.resources.county import CountyEvaluation, evaluate_county
from manyi_analysis.resources.evaluation import Evaluation, evaluate_schools
from manyi_analysis.resources.gaps import Gaps, closing_amount, school_gaps
from manyi_analysis.resources.indicators import SchoolIndicators, school_indicators
from manyi_analysis.resources.recognition import SocialRecognition, social_recognition
from manyi_analysis.resources.requirements import Requirements, evaluate_requirements
from manyi_analysis.resources.splitting import inferred_run_types, split_combined_schools
from manyi_analysis.resources.standard_table import standard_table
from manyi_analysis.resources.variation import CountyVariation, Variation, county_cv, weighted_variation
from manyi_analysis.resources.verdicts import SchoolVerdicts, school_verdicts
from manyi_analysis.resources.what_if import Change, WhatIf, parse_changes, what_if

__all__ = [
    "Change",
    "CountyEvaluation",
    "CountyVariation",
    "Evaluation",
    "Gaps",
    "Requirements",
    "SchoolIndicators",
    "SchoolVerdicts",
    "SocialRecognition",
    "Variation",
    "WhatIf",
    "closing_amount",
    "county_cv",
    "evaluate_county",
    "evaluate_requirements",
    "evaluate_schools",
    "inferred_run_types",
    "parse_changes",
    "school_gaps",
    "school_indicators",
    "school_verdicts",
    "social_recognition",
    "split_combined_schools",
    "standard_table",
    "weighted_variation",
    "what_if",
]
