"""Robustness: how far the main results depend on choices that could have been made otherwise."""

from manyi_analysis.robustness.exclusion import Signatures, Variant, exclusion_variants
from manyi_analysis.robustness.sensitivity import (
    Estimate,
    Sensitivity,
    alpha_sensitivity,
    coefficient_sensitivity,
    index_sensitivity,
    sensitivity_table,
)

__all__ = [
    "Estimate",
    "Sensitivity",
    "Signatures",
    "Variant",
    "alpha_sensitivity",
    "coefficient_sensitivity",
    "exclusion_variants",
    "index_sensitivity",
    "sensitivity_table",
]
