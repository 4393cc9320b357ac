"""Rows on one scale's internal consistency: omega hierarchical, split halves, Guttman's bounds."""

from manyi.topics.remarks import heywood
from manyi_analysis.measurement import (
    HierarchicalOmega,
    Omega,
    SplitHalf,
    first_second,
    guttman_lambdas,
    odd_even,
    omega_hierarchical,
    split_half,
)
from manyi_analysis.records import Correlated, NotComputed

#: Items a group factor needs to be determined by itself.
ITEMS_A_FACTOR = 3
#: Group factors looked for in one scale, whose facets nobody declared: the fewest that will do.
FACETS = 3


def omega_row(
    total: Omega | NotComputed, moments: Correlated, group_factors: int | None = None
) -> dict[str, object]:
    """Return omega total of one factor, and omega hierarchical where there are group factors.

    Parameters
    ----------
    total : Omega or NotComputed
        Omega total of the items.
    moments : Moments or PairwiseMoments
        The items.
    group_factors : int, optional
        How many the instrument has; without it three are looked for, where there are three items for each.
    """
    row: dict[str, object] = {"reason": "", "reason_h": ""}
    remarks = []
    if isinstance(total, Omega):
        row["omega_total"] = total.omega_total
        remarks.append(heywood(total.heywood))
    else:
        row["reason"] = total.reason
    found = _hierarchical(moments, group_factors)
    if isinstance(found, HierarchicalOmega):
        row |= {
            "group_factors": len(found.second_order),
            "omega_h": found.omega_hierarchical,
            "omega_limit": found.omega_limit,
            "omega_total_group": found.omega_total,
            "ecv": found.explained_common,
        }
        remarks.append(heywood(found.heywood, "heywood-group-factors"))
    else:
        row["reason_h"] = found.reason
    return {**row, "remark": "; ".join(remark for remark in remarks if remark)}


def _hierarchical(moments: Correlated, group_factors: int | None) -> HierarchicalOmega | NotComputed:
    k = len(moments.columns)
    if group_factors is None:
        if k < FACETS * ITEMS_A_FACTOR:
            details = {"k": k, "needed": FACETS * ITEMS_A_FACTOR}
            return NotComputed("omega_hierarchical", "few-items-for-group-factors", details, moments.n)
        group_factors = FACETS
    return omega_hierarchical(moments, group_factors)


def split_half_rows(moments: Correlated) -> list[dict[str, object]]:
    """Return a row each for the split into odd and even items and into first and second half."""
    rows = []
    for name, halved in (("odd-even", odd_even), ("first-second", first_second)):
        found = split_half(moments, halved(moments.columns), name)
        row: dict[str, object] = {"split": name}
        if isinstance(found, SplitHalf):
            row |= {
                "k_first": len(found.first),
                "k_second": len(found.second),
                "r_halves": found.r,
                "spearman_brown": found.spearman_brown,
                "spearman_brown_unequal": found.unequal_length,
                "guttman": found.guttman,
                "alpha_first": found.alpha_first,
                "alpha_second": found.alpha_second,
                "reason": "",
            }
        else:
            row["reason"] = found.reason
        rows.append(row)
    return rows


def guttman_rows(moments: Correlated) -> list[dict[str, object]]:
    """Return a row for each of Guttman's bounds, and for the mean and the worst of all splits."""
    found = guttman_lambdas(moments)
    if isinstance(found, NotComputed):
        return [{"reason": found.reason}]
    return [{"coefficient": name, "value": value, "reason": reason} for name, value, reason in found.rows()]
