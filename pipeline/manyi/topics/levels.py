"""Tables of items and scales within and between schools: ``item_icc, two_level, two_level_loadings``."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from manyi.topics.instrument import Instrument
from manyi.topics.one_pass import Gathered, MomentSet
from manyi.topics.remarks import heywood
from manyi.topics.topic import SCHOOL, Subject
from manyi_analysis.explanation.icc import IntraclassCorrelation, intraclass_correlation
from manyi_analysis.measurement import (
    FactorAnalysis,
    LevelMoments,
    TwoLevel,
    efa,
    level_reliability,
    two_level,
)
from manyi_analysis.records import GroupedMoments, NotComputed

ICC_COLUMNS = [
    "scale",
    "item",
    "n",
    "missing",
    "schools",
    "icc_reml",
    "icc_anova",
    "design_effect",
    "variance_school",
    "variance_residual",
    "singular",
    "reason",
]
LEVEL_COLUMNS = [
    "scale",
    "level",
    "k",
    "n",
    "missing",
    "schools",
    "size",
    "alpha",
    "omega_total",
    "first_eigenvalue",
    "second_eigenvalue",
    "smallest_eigenvalue",
    "congruence",
    "remark",
    "reason",
]


class LevelsTopic:
    """Whether items measure the same within schools and between them."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.instrument = Instrument.of(subject.questionnaire)

    def sets(self) -> dict[object, MomentSet]:
        """Return the moments of each scale by school, where answers carry a school."""
        if not self.subject.schooled:
            return {}
        return {scale: MomentSet(items, SCHOOL) for scale, items in self.instrument.own_scales.items()}

    def tables(self, gathered: Mapping[object, Gathered]) -> dict[str, pd.DataFrame]:
        """Return ``item_icc, two_level, two_level_loadings``."""
        ids = {item.keyed_name: item.id for item in self.subject.questionnaire.items}
        shares: list[dict[str, object]] = []
        levels: list[dict[str, object]] = []
        loadings: list[pd.DataFrame] = []
        for scale, grouped in gathered.items():
            if not isinstance(grouped, GroupedMoments):
                raise TypeError("levels need moments by school")
            shares += [
                {"scale": scale, "item": ids[name], **_share(grouped, name)} for name in grouped.columns
            ]
            found = two_level(grouped)
            if isinstance(found, NotComputed):
                row = {"scale": scale, "k": len(grouped.columns), "n": found.n, "reason": found.reason}
                levels += [{**row, "level": level} for level in ("within", "between")]
                continue
            rows, factors = _levels(found)
            levels += [{"scale": scale, **row} for row in rows]
            if factors:
                frame = pd.concat(factors, ignore_index=True)
                frame.insert(0, "scale", str(scale))
                frame["item"] = [ids[name] for name in frame["item"]]
                loadings.append(frame)
        tables = {
            "item_icc": pd.DataFrame(shares, columns=ICC_COLUMNS),
            "two_level": pd.DataFrame(levels, columns=LEVEL_COLUMNS),
        }
        if loadings:
            tables["two_level_loadings"] = pd.concat(loadings, ignore_index=True)
        return tables


def _share(grouped: GroupedMoments, item: str) -> dict[str, Any]:
    found = intraclass_correlation(grouped.select((item,)), item)
    if not isinstance(found, IntraclassCorrelation):
        return {"n": found.n, "reason": found.reason}
    row = found.to_frame().iloc[0].to_dict()
    return {name: row[name] for name in ICC_COLUMNS[2:]}


def _levels(found: TwoLevel) -> tuple[list[dict[str, object]], list[pd.DataFrame]]:
    """Return a row a level, and the loadings of one factor at each where there is one."""
    rows: list[dict[str, object]] = []
    solutions: dict[str, FactorAnalysis] = {}
    for moments in (found.within, found.between):
        reliability = level_reliability(moments)
        row: dict[str, object] = {
            "level": moments.level,
            "k": len(moments.columns),
            "n": moments.n,
            "missing": moments.missing,
            "schools": found.schools,
            "size": found.size,
            "alpha": reliability.alpha,
            "omega_total": reliability.omega,
            **_eigenvalues(moments),
        }
        reasons = [reason.reason for reason in reliability.reasons]
        solution = efa(moments, 1) if reliability.omega is not None else None
        remark = ""
        if isinstance(solution, FactorAnalysis):
            solutions[moments.level] = solution
            remark = heywood(solution.heywood)
        rows.append({**row, "remark": remark, "reason": "; ".join(dict.fromkeys(reasons))})
    if len(solutions) == 2:
        rows[1]["congruence"] = _congruence(*(one.pattern[:, 0] for one in solutions.values()))
    frames = [
        one.to_frame()[["item", "pattern"]]
        .rename(columns={"pattern": "loading"})
        .assign(level=level)[["level", "item", "loading"]]
        for level, one in solutions.items()
    ]
    return rows, frames


def _eigenvalues(moments: LevelMoments) -> dict[str, object]:
    """Return the two largest eigenvalues of a level's correlations and the smallest; nothing without them."""
    if moments.constant or len(moments.columns) < 2:
        return {}
    values = np.linalg.eigvalsh(moments.correlation)[::-1]
    return {
        "first_eigenvalue": float(values[0]),
        "second_eigenvalue": float(values[1]),
        "smallest_eigenvalue": float(values[-1]),
    }


def _congruence(a: Any, b: Any) -> float:
    """Return Tucker's coefficient of congruence of two columns of loadings."""
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))
