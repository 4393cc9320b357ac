"""Result tables about the instrument: reliability, items, factorability, factors."""

from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from manyi.stages.one_pass import Gathered, MomentSet, TableSet, gather
from manyi.study.analysis_plan import Analysis, Factors
from manyi_analysis.level.suppression import SMALL_CELL
from manyi_analysis.measurement import (
    ParallelAnalysis,
    bartlett,
    cronbach_alpha,
    efa,
    eigenvalues,
    item_analysis,
    kmo,
    omega_total,
    parallel_analysis,
)
from manyi_analysis.records import Moments, NotComputed, PairwiseMoments
from manyi_analysis.records.rows import Partition
from manyi_instruments.definitions.questionnaire import Item, Questionnaire

WHOLE = "all"


@dataclass(frozen=True, slots=True)
class MeasurementPlan:
    """What is computed of one role's instrument.

    Attributes
    ----------
    scales : dict
        Scale id -> its keyed items; ``all`` is every scale item where there are two scales or more.
    standalone : tuple of Item
        Ratings outside scales: described item by item.
    groups : tuple of str
        Columns reliability is broken down by.
    factor_items : tuple of str
        Columns of the factor analysis.
    factors : Factors
        How it is made.
    rows : {"listwise", "pairwise"}
        Rows that reliability, item analysis and factors rest on.
    """

    scales: dict[str, tuple[str, ...]]
    standalone: tuple[Item, ...]
    groups: tuple[str, ...]
    factor_items: tuple[str, ...]
    factors: Factors
    rows: Literal["listwise", "pairwise"]

    @classmethod
    def of(cls, questionnaire: Questionnaire, plan: Analysis, role: str) -> "MeasurementPlan":
        """Derive the plan of a role from its questionnaire and ``study.yaml``."""
        scales = {
            scale.id: tuple(item.keyed_name for item in questionnaire.items_of(scale.id))
            for scale in questionnaire.scales
        }
        factors = plan.factors.get(role, Factors())
        entering = [item for item in questionnaire.items if item.scale in (factors.scales or tuple(scales))]
        whole = tuple(name for items in scales.values() for name in items)
        standalone = tuple(
            item
            for item in questionnaire.items
            if item.scale is None and item.type in ("choice", "number") and _rated(questionnaire, item)
        )
        return cls(
            scales={**scales, WHOLE: whole} if len(scales) > 1 else scales,
            standalone=standalone,
            groups=plan.groups.get(role, ()),
            factor_items=tuple(item.keyed_name if factors.reversed else item.id for item in entering),
            factors=factors,
            rows=plan.missing,
        )

    def sets(self) -> dict[object, MomentSet | TableSet]:
        """Return what the pass over the answers must gather, by the key each table looks it up with."""
        sets: dict[object, MomentSet | TableSet] = {}
        for scale, items in self.scales.items():
            sets["scale", scale] = MomentSet(items, rows=self.rows)
            if scale != WHOLE:
                sets["tables", scale] = TableSet(items, complete=self.rows == "listwise")
            for group in self.groups:
                sets["group", group, scale] = MomentSet(items, group, self.rows)
        for item in self.standalone:
            sets["scale", item.id] = MomentSet((item.id,))
            sets["tables", item.id] = TableSet((item.id,))
        if self.factor_items:
            sets["factors"] = MomentSet(self.factor_items, rows=self.rows)
        return sets


def measurement_tables(
    partitions: Iterable[Partition],
    questionnaire: Questionnaire,
    plan: Analysis,
    role: str,
    executor: Executor | None = None,
) -> dict[str, pd.DataFrame]:
    """Compute ``reliability, items, factorability, eigenvalues, loadings, factors, factor_correlations``.

    Parameters
    ----------
    partitions : iterable
        Kept rows of the role's scored answers, with the columns of its groups.
    questionnaire, plan, role
        The definitions.
    executor : Executor, optional
        Where partitions are read side by side.
    """
    wanted = MeasurementPlan.of(questionnaire, plan, role)
    sets = wanted.sets()
    gathered = gather(partitions, sets, executor) if sets else {}
    tables = {
        "reliability": _reliability(wanted, gathered, plan.confidence, plan.minimum_cell),
        "items": _items(wanted, questionnaire, gathered),
    }
    if wanted.factor_items:
        tables |= _factor_tables(gathered["factors"], wanted.factors, plan.seed)
    return {name: table for name, table in tables.items() if len(table)}


def _rated(questionnaire: Questionnaire, item: Item) -> bool:
    answers = questionnaire.answer_list(item)
    return answers is None or answers.ordered


def _reliability(
    wanted: MeasurementPlan, gathered: dict[object, Gathered], confidence: float, minimum: int
) -> pd.DataFrame:
    rows = []
    for scale in wanted.scales:
        rows.append(_reliability_row("all", scale, gathered["scale", scale], confidence))
        for group in wanted.groups:
            for key, moments in gathered["group", group, scale].items():  # type: ignore[union-attr]
                name = f"{group}={key}"
                if moments.n < minimum:
                    hidden = NotComputed("reliability", SMALL_CELL, {"minimum": minimum})
                    rows.append({"group": name, "scale": scale, "reason": hidden.reason})
                else:
                    rows.append(_reliability_row(name, scale, moments, confidence))
    columns = [
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
    return pd.DataFrame(rows, columns=columns)


def _reliability_row(group: str, scale: str, moments: Gathered, confidence: float) -> dict[str, object]:
    if not isinstance(moments, Moments | PairwiseMoments):
        raise TypeError(f"reliability needs moments, not {type(moments).__name__}")
    row: dict[str, object] = {
        "group": group,
        "scale": scale,
        "k": len(moments.columns),
        "n": moments.n,
        "missing": moments.missing,
        "missing_rule": _rule(moments),
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


def _items(
    wanted: MeasurementPlan, questionnaire: Questionnaire, gathered: dict[object, Gathered]
) -> pd.DataFrame:
    reverse = {item.keyed_name: item for item in questionnaire.items}
    frames = []
    units = [(scale, scale) for scale in wanted.scales if scale != WHOLE]
    units += [(item.id, "") for item in wanted.standalone]
    for key, scale in units:
        found = item_analysis(gathered["scale", key], gathered["tables", key])  # type: ignore[arg-type]
        frame = found.to_frame()
        if isinstance(found, NotComputed):
            items = gathered["scale", key].columns
            frame = pd.DataFrame({"item": items, "n": found.n, "reason": found.reason})
        elif not scale:
            # A rating outside scales has no rest to correlate with; that is not a failure.
            frame["reason"] = ""
        frame["missing_rule"] = wanted.rows
        frame.insert(0, "scale", scale)
        frame.insert(2, "reversed", [reverse[name].reverse for name in frame["item"]])
        frame["item"] = [reverse[name].id for name in frame["item"]]
        frames.append(frame)
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def _factor_tables(moments: Gathered, factors: Factors, seed: int) -> dict[str, pd.DataFrame]:
    if not isinstance(moments, Moments | PairwiseMoments):
        raise TypeError("factor analysis needs moments")
    row: dict[str, object] = {"n": moments.n, "missing": moments.missing, "missing_rule": _rule(moments)}
    reasons: list[str] = []
    found_kmo, found_bartlett = kmo(moments), bartlett(moments)
    found_eigenvalues, parallel = eigenvalues(moments), parallel_analysis(moments, seed=seed)
    if not isinstance(found_kmo, NotComputed):
        row["kmo"] = found_kmo.overall
    if not isinstance(found_bartlett, NotComputed):
        row |= {
            "bartlett_chi2": found_bartlett.chi2,
            "bartlett_df": found_bartlett.df,
            "bartlett_p": found_bartlett.p,
        }
    if not isinstance(parallel, NotComputed):
        row |= {
            "factors_parallel_fa": parallel.number_of_factors,
            "factors_parallel_pc": parallel.number_of_components,
        }
    if not isinstance(found_eigenvalues, NotComputed):
        row["factors_kaiser"] = found_eigenvalues.kaiser
    for found in (found_kmo, found_bartlett, found_eigenvalues, parallel):
        if isinstance(found, NotComputed) and found.reason not in reasons:
            reasons.append(found.reason)
    tables: dict[str, pd.DataFrame] = {}
    if not isinstance(parallel, NotComputed):
        tables["eigenvalues"] = parallel.to_frame()
    number = _number(factors, parallel)
    solution = efa(moments, number, factors.extraction, factors.rotation) if number else None
    if isinstance(solution, NotComputed):
        if solution.reason not in reasons:
            reasons.append(solution.reason)
    elif solution is not None:
        tables |= {
            "loadings": solution.to_frame(),
            "factors": solution.factors_frame(),
            "factor_correlations": solution.correlations_frame(),
        }
    elif not reasons:
        reasons.append(NotComputed("efa", "no-factors", {"items": len(moments.columns)}, moments.n).reason)
    columns = [
        "n",
        "missing",
        "missing_rule",
        "kmo",
        "bartlett_chi2",
        "bartlett_df",
        "bartlett_p",
        "factors_parallel_fa",
        "factors_parallel_pc",
        "factors_kaiser",
        "extraction",
        "rotation",
        "factors",
        "reason",
    ]
    row |= {
        "extraction": factors.extraction,
        "rotation": factors.rotation,
        "factors": number or np.nan,
        "reason": "; ".join(reasons),
    }
    return {"factorability": pd.DataFrame([row], columns=columns), **tables}


def _rule(moments: Moments | PairwiseMoments) -> str:
    return "listwise" if isinstance(moments, Moments) else "pairwise"


def _number(factors: Factors, parallel: ParallelAnalysis | NotComputed) -> int:
    if factors.number != "parallel":
        return factors.number
    if isinstance(parallel, NotComputed):
        return 0
    return parallel.number_of_components if factors.extraction == "pca" else parallel.number_of_factors
