"""How well a questionnaire measures: reliability, items, factorability, number of factors, factor analysis.

Every function takes the moments or the answer counts of its items and returns a frozen record or
`NotComputed`.
"""

from manyi_analysis.measurement.answer_range import AnswerRange, ItemRange, answer_range
from manyi_analysis.measurement.discrimination import Discrimination, ItemDiscrimination, item_discrimination
from manyi_analysis.measurement.efa import FactorAnalysis, ModelFit, efa
from manyi_analysis.measurement.factorability import Bartlett, Eigenvalues, Kmo, bartlett, eigenvalues, kmo
from manyi_analysis.measurement.groups import by_group, frame_by_group
from manyi_analysis.measurement.guttman import GuttmanLambdas, SplitHalves, guttman_lambdas
from manyi_analysis.measurement.hierarchical_omega import HierarchicalOmega, omega_hierarchical
from manyi_analysis.measurement.items import ItemAnalysis, ItemStatistics, item_analysis
from manyi_analysis.measurement.number_of_components import MinimumAveragePartial, minimum_average_partial
from manyi_analysis.measurement.ordinal_reliability import (
    OrdinalAlpha,
    OrdinalOmega,
    ordinal_alpha,
    ordinal_omega,
)
from manyi_analysis.measurement.parallel import ParallelAnalysis, parallel_analysis
from manyi_analysis.measurement.polychoric import PolychoricCorrelations, polychoric_correlations
from manyi_analysis.measurement.reliability import Alpha, Omega, cronbach_alpha, omega_total
from manyi_analysis.measurement.retest import (
    LinkedOccasions,
    Links,
    Retest,
    link_codes,
    link_occasions,
    retest_reliability,
)
from manyi_analysis.measurement.single_factor import SingleFactor, harman_single_factor
from manyi_analysis.measurement.split_half import SplitHalf, first_second, odd_even, split_half
from manyi_analysis.measurement.two_level import (
    LevelMoments,
    LevelReliability,
    TwoLevel,
    level_reliability,
    two_level,
)

__all__ = [
    "Alpha",
    "AnswerRange",
    "Bartlett",
    "Discrimination",
    "Eigenvalues",
    "FactorAnalysis",
    "GuttmanLambdas",
    "HierarchicalOmega",
    "ItemAnalysis",
    "ItemDiscrimination",
    "ItemRange",
    "ItemStatistics",
    "Kmo",
    "LevelMoments",
    "LevelReliability",
    "LinkedOccasions",
    "Links",
    "MinimumAveragePartial",
    "ModelFit",
    "Omega",
    "OrdinalAlpha",
    "OrdinalOmega",
    "ParallelAnalysis",
    "PolychoricCorrelations",
    "Retest",
    "SingleFactor",
    "SplitHalf",
    "SplitHalves",
    "TwoLevel",
    "answer_range",
    "bartlett",
    "by_group",
    "cronbach_alpha",
    "efa",
    "eigenvalues",
    "first_second",
    "frame_by_group",
    "guttman_lambdas",
    "harman_single_factor",
    "item_analysis",
    "item_discrimination",
    "kmo",
    "level_reliability",
    "link_codes",
    "link_occasions",
    "minimum_average_partial",
    "odd_even",
    "omega_hierarchical",
    "omega_total",
    "ordinal_alpha",
    "ordinal_omega",
    "parallel_analysis",
    "polychoric_correlations",
    "retest_reliability",
    "split_half",
    "two_level",
]
