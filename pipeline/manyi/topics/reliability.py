"""The table ``reliability``: alpha and omega of every scale, of the whole questionnaire, and by group."""

from collections.abc import Mapping

import pandas as pd

from manyi.topics.instrument import Instrument, missing_rule
from manyi.topics.one_pass import Gathered, MomentSet
from manyi.topics.topic import Subject
from manyi_analysis.level.suppression import SMALL_CELL
from manyi_analysis.measurement import cronbach_alpha, omega_total
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
        self.scales = Instrument.of(subject.questionnaire).scales
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
        """Return ``reliability``."""
        rows = []
        confidence, minimum = self.plan.confidence, self.plan.minimum_cell
        for scale in self.scales:
            rows.append(_row("all", scale, gathered[scale], confidence))
            for group in self.groups:
                for key, moments in gathered[scale, group].items():  # type: ignore[union-attr]
                    name = f"{group}={key}"
                    if moments.n < minimum:
                        hidden = NotComputed("reliability", SMALL_CELL, {"minimum": minimum})
                        rows.append({"group": name, "scale": scale, "reason": hidden.reason})
                    else:
                        rows.append(_row(name, scale, moments, confidence))
        return {"reliability": pd.DataFrame(rows, columns=COLUMNS)}


def _row(group: str, scale: str, moments: Gathered, confidence: float) -> dict[str, object]:
    if not isinstance(moments, Moments | PairwiseMoments):
        raise TypeError(f"reliability needs moments, not {type(moments).__name__}")
    row: dict[str, object] = {
        "group": group,
        "scale": scale,
        "k": len(moments.columns),
        "n": moments.n,
        "missing": moments.missing,
        "missing_rule": missing_rule(moments),
    }
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
    omega = omega_total(moments)
    if not isinstance(omega, NotComputed):
        row["omega_total"] = omega.omega_total
    elif omega.reason not in reasons:
        reasons.append(omega.reason)
    return {**row, "reason": "; ".join(reasons)}
