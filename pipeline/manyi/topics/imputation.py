"""Tables of the regressions after multiple imputation, beside those of complete rows."""

import pandas as pd

from manyi.study.analysis_plan import Analysis, Imputation
from manyi.topics.planned_regression import categorical_terms
from manyi.topics.topic import SCHOOL
from manyi_analysis.missing.chained import ChainedEquations
from manyi_analysis.missing.imputed_regression import ImputedRegression, imputed_regression
from manyi_analysis.records import NotComputed
from manyi_instruments.definitions.questionnaire import Questionnaire


def imputed_tables(
    answers: pd.DataFrame,
    questionnaire: Questionnaire,
    plan: Analysis,
    wanted: Imputation,
    role: str,
    clustered: bool,
) -> dict[str, pd.DataFrame]:
    """Return ``regression_imputed``, ``regression_imputed_models`` and ``imputed_values`` of a role.

    Parameters
    ----------
    answers : DataFrame
        Kept rows of scored answers, the planned school columns joined.
    questionnaire, plan, wanted, role
        The definitions.
    clustered : bool
        Whether answers carry a school.
    """
    tables: dict[str, list[pd.DataFrame]] = {}
    chain = ChainedEquations(wanted.m, wanted.iterations, wanted.donors, seed=plan.seed)
    for regression in plan.regression:
        if regression.role != role or (wanted.roles and role not in wanted.roles):
            continue
        found = imputed_regression(
            answers,
            regression.outcome,
            regression.blocks,
            cluster=SCHOOL if clustered else None,
            categorical=categorical_terms(questionnaire, regression),
            auxiliary=[
                name
                for name in wanted.auxiliary.get(role, ())
                if name in answers and name not in (regression.outcome, *regression.terms)
            ],
            plan=chain,
            confidence=plan.confidence,
        )
        for name, frame in _frames(found, regression.outcome).items():
            tables.setdefault(name, []).append(frame)
    return {name: pd.concat(frames, ignore_index=True) for name, frames in tables.items()}


def _frames(found: ImputedRegression | NotComputed, outcome: str) -> dict[str, pd.DataFrame]:
    if isinstance(found, NotComputed):
        row = {"outcome": outcome, "n": found.n, "reason": found.reason}
        return {"regression_imputed_models": pd.DataFrame([row])}
    return {
        "regression_imputed": found.to_frame(),
        "regression_imputed_models": found.models_to_frame(),
        "imputed_values": found.gaps_to_frame(),
    }
