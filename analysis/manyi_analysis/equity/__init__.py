"""How unequal what pupils have is: measures of inequality, gaps, staff flows, hollowing-out."""

from manyi_analysis.equity.decomposition import Decomposition, theil_decomposition
from manyi_analysis.equity.equity_table import Equity, equity_table
from manyi_analysis.equity.group_gap import GroupGap, group_gap
from manyi_analysis.equity.hollowing import Hollowing, hollowing
from manyi_analysis.equity.inequality import (
    Inequality,
    LorenzCurve,
    atkinson,
    gini,
    lorenz_curve,
    mcloone,
    range_ratio,
    theil,
)
from manyi_analysis.equity.staff_flows import StaffFlows, staff_flows

__all__ = [
    "Decomposition",
    "Equity",
    "GroupGap",
    "Hollowing",
    "Inequality",
    "LorenzCurve",
    "StaffFlows",
    "atkinson",
    "equity_table",
    "gini",
    "group_gap",
    "hollowing",
    "lorenz_curve",
    "mcloone",
    "range_ratio",
    "staff_flows",
    "theil",
    "theil_decomposition",
]
