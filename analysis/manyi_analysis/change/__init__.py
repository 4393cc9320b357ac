"""Change over waves, its causes, and counties and schools held side by side without a league table."""

from manyi_analysis.change.funnel import FunnelLimits, funnel_limits
from manyi_analysis.change.group_time import GroupTimeEffects, group_time_effects
from manyi_analysis.change.shrinkage import ShrunkenMeans, shrunken_means
from manyi_analysis.change.two_way import TwoWayEffect, two_way_fixed_effects
from manyi_analysis.change.waves import Change, change_of_estimates, change_of_schools

__all__ = [
    "Change",
    "FunnelLimits",
    "GroupTimeEffects",
    "ShrunkenMeans",
    "TwoWayEffect",
    "change_of_estimates",
    "change_of_schools",
    "funnel_limits",
    "group_time_effects",
    "shrunken_means",
    "two_way_fixed_effects",
]
