"""Tables of the exploratory factor analysis: factorability, number of factors, loadings, correlations."""

from collections.abc import Mapping
from typing import Literal

import pandas as pd

from manyi.study.analysis_plan import Factors
from manyi.topics.factor_numbers import (
    COLUMNS,
    eigenvalue_table,
    factorability_row,
    fit_row,
    number_of_factors,
    smallest_eigenvalue,
)
from manyi.topics.instrument import factor_items, not_ordinal
from manyi.topics.one_pass import Gathered, MomentSet, TableSet
from manyi.topics.remarks import heywood
from manyi.topics.topic import Subject
from manyi_analysis.measurement import (
    FactorAnalysis,
    Kmo,
    MinimumAveragePartial,
    PolychoricCorrelations,
    efa,
    kmo,
    minimum_average_partial,
    parallel_analysis,
    polychoric_correlations,
)
from manyi_analysis.missing.estimated_moments import em_moments
from manyi_analysis.records import Correlated, Moments, NotComputed, PairwiseMoments, PatternMoments, Tables
from manyi_analysis.records.patterns import MOST_COLUMNS


class FactorsTopic:
    """Which factors the items show."""

    def __init__(self, subject: Subject) -> None:
        self.items = factor_items(subject)
        self.factors = subject.plan.factors.get(subject.role, Factors())
        self.rows = self.factors.missing or subject.plan.missing
        self.not_ordinal = not_ordinal(subject.questionnaire, self.items)
        self.seed = subject.plan.seed

    def sets(self) -> dict[object, MomentSet | TableSet]:
        """Return the moments of the items that enter and, of ordered answers, the counts of their pairs."""
        if not self.items:
            return {}
        rows = self.rows
        moments = MomentSet(self.items, rows="patterns" if rows == "em" and self._fits() else _plain(rows))
        sets: dict[object, MomentSet | TableSet] = {"moments": moments}
        if self.not_ordinal is None:
            sets["pairs"] = TableSet(self.items, complete=rows == "listwise", pairs=True)
        return sets

    def _fits(self) -> bool:
        """Return whether the items are few enough for their patterns of missing answers to be told apart."""
        return len(self.items) <= MOST_COLUMNS

    def tables(self, gathered: Mapping[object, Gathered]) -> dict[str, pd.DataFrame]:
        """Return ``factorability, kmo_items, eigenvalues, map, loadings, factors, factor_correlations``."""
        if not self.items:
            return {}
        pearson, polychoric = self._pearson(gathered["moments"]), self._polychoric(gathered.get("pairs"))
        matrix = polychoric if self.factors.matrix == "polychoric" else pearson
        # With EM asked for, polychoric correlations still rest on the rows of each pair.
        rule = "pairwise" if self.rows == "em" and self.factors.matrix == "polychoric" else self.rows
        opening: dict[str, str] = {"missing_rule": rule, "matrix": self.factors.matrix}
        if isinstance(matrix, NotComputed):
            other = polychoric if isinstance(polychoric, NotComputed) else matrix
            row = {**opening, "n": matrix.n, "reason": matrix.reason}
            row |= {"map_reason": matrix.reason, "polychoric_reason": other.reason}
            return {"factorability": pd.DataFrame([row], columns=COLUMNS)}
        return _factor_tables(matrix, pearson, polychoric, self.factors, self.seed, opening)

    def _pearson(self, moments: Gathered) -> Correlated | NotComputed:
        if isinstance(moments, PatternMoments):
            return em_moments(moments)
        if not isinstance(moments, Moments | PairwiseMoments):
            raise TypeError("factor analysis needs moments")
        if self.rows == "em":
            return NotComputed("em", "many-columns", {"k": len(self.items), "most": MOST_COLUMNS}, moments.n)
        return moments

    def _polychoric(self, tables: Gathered | None) -> PolychoricCorrelations | NotComputed:
        if self.not_ordinal is not None:
            return self.not_ordinal
        if not isinstance(tables, Tables):
            raise TypeError("polychoric correlations need answer counts")
        return polychoric_correlations(tables)


def _plain(rows: str) -> Literal["listwise", "pairwise"]:
    return "listwise" if rows == "listwise" else "pairwise"


def _factor_tables(
    matrix: Correlated,
    pearson: Correlated | NotComputed,
    polychoric: PolychoricCorrelations | NotComputed,
    factors: Factors,
    seed: int,
    opening: dict[str, str],
) -> dict[str, pd.DataFrame]:
    """Return the tables of the matrix planned; the other one's eigenvalues stand beside its own."""
    found = {
        name: one if isinstance(one, NotComputed) else parallel_analysis(one, seed=seed)
        for name, one in (("pearson", pearson), ("polychoric", polychoric))
    }
    tables: dict[str, pd.DataFrame] = {}
    partial = minimum_average_partial(matrix)
    adequacy = kmo(matrix)
    row, reasons = factorability_row(matrix, adequacy, found, partial, factors.matrix)
    eigenvalues = eigenvalue_table(found)
    if eigenvalues is not None:
        tables["eigenvalues"] = eigenvalues
    if isinstance(adequacy, Kmo):
        tables["kmo_items"] = _named(adequacy.to_frame().iloc[1:], factors.matrix)
    if isinstance(partial, MinimumAveragePartial):
        tables["map"] = _named(partial.to_frame(), factors.matrix)
    number = number_of_factors(factors, found[factors.matrix])
    solution = efa(matrix, number, factors.extraction, factors.rotation) if number else None
    if isinstance(solution, FactorAnalysis):
        tables |= {
            "loadings": solution.to_frame(),
            "factors": solution.factors_frame(),
            "factor_correlations": solution.correlations_frame(),
        }
        row |= {**fit_row(solution), "remark": heywood(solution.heywood)}
    elif solution is not None:
        reasons.append(solution.reason)
    elif not reasons:
        reasons.append(NotComputed("efa", "no-factors", {"factors": 0}, matrix.n).reason)
    row |= {
        **opening,
        "extraction": factors.extraction,
        "rotation": factors.rotation,
        "factors": number or None,
        "smallest_eigenvalue": smallest_eigenvalue(matrix),
        "reason": "; ".join(dict.fromkeys(reasons)),
    }
    return {"factorability": pd.DataFrame([row], columns=COLUMNS), **tables}


def _named(frame: pd.DataFrame, matrix: str) -> pd.DataFrame:
    frame = frame.reset_index(drop=True)
    frame.insert(0, "matrix", matrix)
    return frame
