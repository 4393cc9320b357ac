"""Confirmatory factor analysis, measurement invariance, convergent and discriminant validity.

A model is data (`FactorModel`, drafted from scales), every estimator takes a record of moments, and every
result is a frozen record or `NotComputed`.
"""

from manyi_analysis.confirmatory.cfa import cfa, cfa_groups
from manyi_analysis.confirmatory.convergent import ConvergentValidity, ScaleValidity, convergent_validity
from manyi_analysis.confirmatory.fit_indices import ChiSquare, FitIndices, Rmsea, RobustIndices
from manyi_analysis.confirmatory.full_information import cfa_full_information
from manyi_analysis.confirmatory.heterotrait import Heterotrait, htmt, htmt_bootstrap
from manyi_analysis.confirmatory.invariance import Invariance, InvarianceStep, invariance
from manyi_analysis.confirmatory.method_variance import MethodVariance, method_variance
from manyi_analysis.confirmatory.model import (
    FactorModel,
    bifactor,
    correlated_factors,
    method_factor,
    second_order,
    single_factor,
    uncorrelated_factors,
)
from manyi_analysis.confirmatory.modification import (
    ModificationIndex,
    ModificationIndices,
    modification_indices,
)
from manyi_analysis.confirmatory.nested import chi2_difference
from manyi_analysis.confirmatory.remarks import Remark
from manyi_analysis.confirmatory.solution import ConfirmatoryAnalysis
from manyi_analysis.confirmatory.weighted_least_squares import cfa_ordinal

__all__ = [
    "ChiSquare",
    "ConfirmatoryAnalysis",
    "ConvergentValidity",
    "FactorModel",
    "FitIndices",
    "Heterotrait",
    "Invariance",
    "InvarianceStep",
    "MethodVariance",
    "ModificationIndex",
    "ModificationIndices",
    "Remark",
    "Rmsea",
    "RobustIndices",
    "ScaleValidity",
    "bifactor",
    "cfa",
    "cfa_full_information",
    "cfa_groups",
    "cfa_ordinal",
    "chi2_difference",
    "convergent_validity",
    "correlated_factors",
    "htmt",
    "htmt_bootstrap",
    "invariance",
    "method_factor",
    "method_variance",
    "modification_indices",
    "second_order",
    "single_factor",
    "uncorrelated_factors",
]
