"""Over what an effect runs: mediation in one level and from schools to respondents."""

from manyi_analysis.mediation.paths import Mediation, Path
from manyi_analysis.mediation.single_level import mediation
from manyi_analysis.mediation.two_levels import MultilevelMediation, multilevel_mediation

__all__ = ["Mediation", "MultilevelMediation", "Path", "mediation", "multilevel_mediation"]
