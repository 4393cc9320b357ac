"""How well a questionnaire measures: reliability, items, factorability, number of factors, factor analysis.

Every function takes the moments of its items and returns a frozen record or `NotComputed`.
"""

from manyi_analysis.measurement.efa import FactorAnalysis, ModelFit, efa
from manyi_analysis.measurement.factorability import Bartlett, Eigenvalues, Kmo, bartlett, eigenvalues, kmo
from manyi_analysis.measurement.groups import by_group, frame_by_group
from manyi_analysis.measurement.items import ItemAnalysis, ItemStatistics, item_analysis
from manyi_analysis.measurement.parallel import ParallelAnalysis, parallel_analysis
from manyi_analysis.measurement.reliability import Alpha, Omega, cronbach_alpha, omega_total

__all__ = [
    "Alpha",
    "Bartlett",
    "Eigenvalues",
    "FactorAnalysis",
    "ItemAnalysis",
    "ItemStatistics",
    "Kmo",
    "ModelFit",
    "Omega",
    "ParallelAnalysis",
    "bartlett",
    "by_group",
    "cronbach_alpha",
    "efa",
    "eigenvalues",
    "frame_by_group",
    "item_analysis",
    "kmo",
    "omega_total",
    "parallel_analysis",
]
