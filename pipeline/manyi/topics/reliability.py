"""Tables of reliability of every scale, of the whole questionnaire, and by group, from moments.

``reliability`` has alpha and omega total, ``omega`` omega hierarchical too, ``split_half`` and ``guttman``
what their names say.
"""

from collections.abc import Mapping

import pandas as pd

from manyi.topics.groups import scales_by_group
from manyi.topics.instrument import WHOLE, Instrument, missing_rule
from manyi.topics.internal_consistency import guttman_rows, omega_row, split_half_rows
from manyi.topics.one_pass import Gathered, MomentSet
from manyi.topics.topic import Subject
from manyi_analysis.measurement import Omega, cronbach_alpha, omega_total
from manyi_analysis.records import Moments, NotComputed, PairwiseMoments

COLUMNS = [
    "group",
    "scale",
    "k",
    "n",
    "missing",
    "missing_rule",
    "alpha",
    "alpha_low",
    "alpha_high",
    "omega_total",
    "alpha_standardized",
    "mean_r",
    "reason",
]


class ReliabilityTopic:
    """How reliable the scales are."""

    def __init__(self, subject: Subject) -> None:
        instrument = Instrument.of(subject.questionnaire)
        self.scales = instrument.scales
        #: Group factors of the whole questionnaire are its scales of two items or more.
        self.group_factors = {WHOLE: sum(len(items) > 1 for items in instrument.own_scales.values())}
        self.groups = subject.plan.groups.get(subject.role, ())
        self.plan = subject.plan

    def sets(self) -> dict[object, MomentSet]:
        """Return the moments of each scale, and by group."""
        rows = self.plan.missing
        sets: dict[object, MomentSet] = {}
        for scale, items in self.scales.items():
            sets[scale] = MomentSet(items, rows=rows)
            for group in self.groups:
                sets[scale, group] = MomentSet(items, group, rows)
        return sets

    def tables(self, gathered: Mapping[object, Gathered]) -> dict[str, pd.DataFrame]:
        """Return ``reliability, omega, split_half, guttman``."""
        reliability: list[dict[str, object]] = []
        omega: list[dict[str, object]] = []
        halves: list[dict[str, object]] = []
        bounds: list[dict[str, object]] = []
        minimum = self.plan.minimum_cell
        for group, scale, moments in scales_by_group(
            self.scales, self.groups, gathered, minimum, "reliability"
        ):
            name: dict[str, object] = {"group": group, "scale": scale}
            if isinstance(moments, NotComputed):
                hidden = {**name, "reason": moments.reason}
                for rows in (reliability, halves, bounds):
                    rows.append(hidden)
                omega.append({**hidden, "reason_h": moments.reason})
                continue
            name |= {
                "k": len(moments.columns),
                "n": moments.n,
                "missing": moments.missing,
                "missing_rule": missing_rule(moments),
            }
            total = omega_total(moments)
            reliability.append({**name, **_alpha_and_omega(moments, total, self.plan.confidence)})
            omega.append({**name, **omega_row(total, moments, self.group_factors.get(scale))})
            halves += [{**name, **row} for row in split_half_rows(moments)]
            bounds += [{**name, **row} for row in guttman_rows(moments)]
        return {
            "reliability": pd.DataFrame(reliability, columns=COLUMNS),
            "omega": pd.DataFrame(omega, columns=OMEGA_COLUMNS),
            "split_half": pd.DataFrame(halves, columns=SPLIT_HALF_COLUMNS),
            "guttman": pd.DataFrame(bounds, columns=GUTTMAN_COLUMNS),
        }


_OPENING = COLUMNS[:6]
OMEGA_COLUMNS = [
    *_OPENING,
    "omega_total",
    "group_factors",
    "omega_h",
    "omega_limit",
    "omega_total_group",
    "ecv",
    "remark",
    "reason",
    "reason_h",
]
SPLIT_HALF_COLUMNS = [
    *_OPENING,
    "split",
    "k_first",
    "k_second",
    "r_halves",
    "spearman_brown",
    "spearman_brown_unequal",
    "guttman",
    "alpha_first",
    "alpha_second",
    "reason",
]
GUTTMAN_COLUMNS = [*_OPENING, "coefficient", "value", "reason"]


def _alpha_and_omega(
    moments: Moments | PairwiseMoments, omega: Omega | NotComputed, confidence: float
) -> dict[str, object]:
    row: dict[str, object] = {}
    reasons = []
    alpha = cronbach_alpha(moments, confidence)
    if isinstance(alpha, NotComputed):
        reasons.append(alpha.reason)
    else:
        row |= {
            "alpha": alpha.alpha,
            "alpha_low": alpha.low,
            "alpha_high": alpha.high,
            "alpha_standardized": alpha.standardized,
            "mean_r": alpha.mean_r,
        }
    if not isinstance(omega, NotComputed):
        row["omega_total"] = omega.omega_total
    elif omega.reason not in reasons:
        reasons.append(omega.reason)
    return {**row, "reason": "; ".join(reasons)}
