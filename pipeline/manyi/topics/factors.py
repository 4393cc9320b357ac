"""Tables of the exploratory factor analysis: factorability, eigenvalues, loadings, factors and their r."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from manyi.study.analysis_plan import Factors
from manyi.topics.instrument import factor_items, missing_rule
from manyi.topics.one_pass import Gathered, MomentSet
from manyi.topics.topic import Subject
from manyi_analysis.measurement import (
    ParallelAnalysis,
    bartlett,
    efa,
    eigenvalues,
    kmo,
    parallel_analysis,
)
from manyi_analysis.records import Moments, NotComputed, PairwiseMoments


class FactorsTopic:
    """Which factors the items show."""

    def __init__(self, subject: Subject) -> None:
        self.items = factor_items(subject)
        self.factors = subject.plan.factors.get(subject.role, Factors())
        self.plan = subject.plan

    def sets(self) -> dict[object, MomentSet]:
        """Return the moments of the items that enter."""
        return {"factors": MomentSet(self.items, rows=self.plan.missing)} if self.items else {}

    def tables(self, gathered: Mapping[object, Gathered]) -> dict[str, pd.DataFrame]:
        """Return ``factorability, eigenvalues, loadings, factors, factor_correlations``."""
        if not self.items:
            return {}
        return _factor_tables(gathered["factors"], self.factors, self.plan.seed)


def _factor_tables(moments: Gathered, factors: Factors, seed: int) -> dict[str, pd.DataFrame]:
    if not isinstance(moments, Moments | PairwiseMoments):
        raise TypeError("factor analysis needs moments")
    row: dict[str, object] = {
        "n": moments.n,
        "missing": moments.missing,
        "missing_rule": missing_rule(moments),
    }
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


def _number(factors: Factors, parallel: ParallelAnalysis | NotComputed) -> int:
    if factors.number != "parallel":
        return factors.number
    if isinstance(parallel, NotComputed):
        return 0
    return parallel.number_of_components if factors.extraction == "pca" else parallel.number_of_factors
