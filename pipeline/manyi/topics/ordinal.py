"""The table ``ordinal_reliability``: alpha and omega from polychoric correlations."""

from collections.abc import Mapping

import pandas as pd

from manyi.topics.groups import EVERYBODY, scales_by_group
from manyi.topics.instrument import WHOLE, Instrument, not_ordinal
from manyi.topics.one_pass import Gathered, TableSet
from manyi.topics.remarks import heywood
from manyi.topics.topic import Subject
from manyi_analysis.measurement import (
    OrdinalAlpha,
    OrdinalOmega,
    PolychoricCorrelations,
    ordinal_alpha,
    ordinal_omega,
    polychoric_correlations,
)
from manyi_analysis.records import NotComputed

COLUMNS = [
    "group",
    "scale",
    "k",
    "n",
    "missing_rule",
    "alpha_ordinal",
    "mean_r_polychoric",
    "omega_ordinal",
    "omega_categorical",
    "smallest_eigenvalue",
    "empty_cells",
    "remark",
    "reason",
]


class OrdinalTopic:
    """How reliable the scales are if their answers are taken as ordered categories."""

    def __init__(self, subject: Subject) -> None:
        scales = Instrument.of(subject.questionnaire).scales
        found = {scale: not_ordinal(subject.questionnaire, items) for scale, items in scales.items()}
        self.not_ordinal = {scale: reason for scale, reason in found.items() if reason is not None}
        self.scales = {scale: items for scale, items in scales.items() if scale not in self.not_ordinal}
        self.groups = subject.plan.groups.get(subject.role, ())
        self.plan = subject.plan

    def sets(self) -> dict[object, TableSet]:
        """Return the answer counts of each scale and its pairs of items, and by group.

        The whole questionnaire is not taken by group: some four hundred correlations of each are no longer
        quick.
        """
        complete = self.plan.missing == "listwise"
        sets: dict[object, TableSet] = {}
        for scale, items in self.scales.items():
            sets[scale] = TableSet(items, complete, pairs=True)
            for group in self._groups_of(scale):
                sets[scale, group] = TableSet(items, complete, pairs=True, by=group)
        return sets

    def _groups_of(self, scale: str) -> tuple[str, ...]:
        return () if scale == WHOLE else self.groups

    def tables(self, gathered: Mapping[object, Gathered]) -> dict[str, pd.DataFrame]:
        """Return ``ordinal_reliability``."""
        rows: list[dict[str, object]] = [
            {"group": EVERYBODY, "scale": scale, "reason": reason.reason}
            for scale, reason in self.not_ordinal.items()
        ]
        minimum, rule = self.plan.minimum_cell, self.plan.missing
        units = (
            unit
            for scale in self.scales
            for unit in scales_by_group((scale,), self._groups_of(scale), gathered, minimum, "ordinal_alpha")
        )
        for group, scale, tables in units:
            name: dict[str, object] = {"group": group, "scale": scale}
            if isinstance(tables, NotComputed):
                rows.append({**name, "reason": tables.reason})
            else:
                found = polychoric_correlations(tables)
                rows.append({**name, "missing_rule": rule, **_row(found, len(tables.columns))})
        return {"ordinal_reliability": pd.DataFrame(rows, columns=COLUMNS)}


def _row(correlations: PolychoricCorrelations | NotComputed, k: int) -> dict[str, object]:
    if isinstance(correlations, NotComputed):
        return {"k": k, "n": correlations.n, "reason": correlations.reason}
    row: dict[str, object] = {
        "k": k,
        "n": correlations.n,
        "smallest_eigenvalue": correlations.smallest_eigenvalue,
        "empty_cells": int(correlations.empty_cells.sum()) // 2,
    }
    reasons, remarks = [], []
    alpha, omega = ordinal_alpha(correlations), ordinal_omega(correlations)
    if isinstance(alpha, OrdinalAlpha):
        row |= {"alpha_ordinal": alpha.alpha, "mean_r_polychoric": alpha.mean_r}
    else:
        reasons.append(alpha.reason)
    if isinstance(omega, OrdinalOmega):
        row |= {"omega_ordinal": omega.latent, "omega_categorical": omega.categorical}
        remarks.append(heywood(omega.heywood))
    elif omega.reason not in reasons:
        reasons.append(omega.reason)
    remarks += [
        NotComputed("polychoric", "correlation-at-bound", {"items": pair}).reason
        for pair in correlations.at_bound
    ]
    remark = "; ".join(remark for remark in remarks if remark)
    return {**row, "remark": remark, "reason": "; ".join(reasons)}
