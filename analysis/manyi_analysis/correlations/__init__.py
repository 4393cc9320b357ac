"""Correlations: Pearson, Spearman, polychoric, partial; of respondents, between and within schools."""

from manyi_analysis.correlations.correlation import Correlation, NoCorrelation, correlation_frame
from manyi_analysis.correlations.latent import polychoric_pairs
from manyi_analysis.correlations.levels import clustered_pearson, school_means, within_schools
from manyi_analysis.correlations.pearson import partial, pearson
from manyi_analysis.correlations.spearman import spearman

__all__ = [
    "Correlation",
    "NoCorrelation",
    "clustered_pearson",
    "correlation_frame",
    "partial",
    "pearson",
    "polychoric_pairs",
    "school_means",
    "spearman",
    "within_schools",
]
