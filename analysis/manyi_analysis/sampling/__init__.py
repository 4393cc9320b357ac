"""Planning a sample: how many persons, how they are divided, with which probability schools are drawn."""

from manyi_analysis.sampling.allocation import allocate
from manyi_analysis.sampling.inclusion import inclusion_probabilities, systematic_sample
from manyi_analysis.sampling.sample_size import (
    SampleSize,
    cluster_design_effect,
    size_for_mean,
    size_for_share,
)

__all__ = [
    "SampleSize",
    "allocate",
    "cluster_design_effect",
    "inclusion_probabilities",
    "size_for_mean",
    "size_for_share",
    "systematic_sample",
]
