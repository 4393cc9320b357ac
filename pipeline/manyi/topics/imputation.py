"""Tables of the planned models after multiple imputation, beside those of complete rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pandas as pd

from manyi.study.analysis_plan import Analysis, Imputation, Regression
from manyi.topics.explanation_columns import in_order
from manyi.topics.imputed_models import mixed_tables, ordinal_table
from manyi.topics.multilevel import asked_models, fitted
from manyi.topics.ordered_answers import ordered_models
from manyi.topics.planned_regression import (
    UNIT,
    PlannedRegression,
    categorical_terms,
    planned_regression,
    unit_keys,
)
from manyi.topics.topic import SCHOOL
from manyi_analysis.categorical import OrdinalRegression, ordinal_regression
from manyi_analysis.missing.chained import ChainedEquations
from manyi_analysis.missing.completed_fits import CompletedFit, completed_mixed, completed_ordinal
from manyi_analysis.missing.imputations import Imputations, imputations
from manyi_analysis.missing.imputed_regression import CompletedModel, completed_models, pooled_regression
from manyi_analysis.multilevel import MixedModel
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
    """Return the tables of a role's regressions with missing answers imputed.

    ``regression_imputed``, ``regression_imputed_models`` and ``imputed_values``; of answers with schools
    ``multilevel_imputed``, ``multilevel_imputed_models`` and ``multilevel_imputed_variances``; of single
    ordered answers ``ordinal_imputed``. All models of a regression rest on the same completed data sets.

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
    planned = [
        entry
        for entry in plan.regression
        if entry.role == role and (not wanted.roles or role in wanted.roles)
    ]
    if planned and clustered:
        answers = answers.assign(**{UNIT: unit_keys(answers)})
    for entry in planned:
        made = _tables_of(entry, answers, questionnaire, plan, wanted, clustered)
        for name, frame in made.items():
            if len(frame):
                tables.setdefault(name, []).append(frame)
    return {name: in_order(name, pd.concat(frames, ignore_index=True)) for name, frames in tables.items()}


@dataclass(slots=True, eq=False)
class _Fits:
    """What is kept of the models of every completed data set, by model."""

    blocks: list[tuple[CompletedModel, ...]] = field(default_factory=list)
    mixed: dict[str, list[CompletedFit | NotComputed]] = field(default_factory=dict)
    first: dict[str, MixedModel] = field(default_factory=dict)
    ordered: dict[tuple[tuple[str, str | float], ...], list[CompletedFit | NotComputed]] = field(
        default_factory=dict
    )

    def add(self, planned: PlannedRegression) -> None:
        """Fit the models that need sums by school only."""
        self.blocks.append(completed_models(planned.found, planned.entry.errors))
        if planned.schooled is None:
            return
        for one in asked_models(planned):
            name = one[0] if isinstance(one, tuple) else one.name
            found = one[1] if isinstance(one, tuple) else fitted(planned, one, self.first.get(name))
            if isinstance(found, MixedModel):
                self.first.setdefault(name, found)
            kept = completed_mixed(found) if isinstance(found, MixedModel) else found
            self.mixed.setdefault(name, []).append(kept)

    def add_ordered(
        self,
        data: pd.DataFrame,
        questionnaire: Questionnaire,
        entry: Regression,
        outcomes: Sequence[str],
        clustered: bool,
    ) -> None:
        """Fit the models of single ordered answers, which need the distinct rows."""
        for outcome in outcomes:
            for head, rows in ordered_models(data, questionnaire, entry, outcome, clustered):
                found = rows if isinstance(rows, NotComputed) else ordinal_regression(rows, str(head["link"]))
                kept = completed_ordinal(found) if isinstance(found, OrdinalRegression) else found
                self.ordered.setdefault(tuple(head.items()), []).append(kept)


def _tables_of(
    entry: Regression,
    answers: pd.DataFrame,
    questionnaire: Questionnaire,
    plan: Analysis,
    wanted: Imputation,
    clustered: bool,
) -> dict[str, pd.DataFrame]:
    single = tuple(_single_answers(entry, answers))
    auxiliary = [name for name in wanted.auxiliary.get(entry.role, ()) if name in answers]
    given = imputations(
        answers,
        entry.outcome,
        [*entry.terms, *single, *auxiliary],
        tuple(categorical_terms(questionnaire, entry)),
        SCHOOL if clustered else None,
        ChainedEquations(wanted.m, wanted.iterations, wanted.donors, seed=plan.seed),
        UNIT if clustered else None,
    )
    if isinstance(given, NotComputed):
        row = {"outcome": entry.outcome, "n": given.n, "reason": given.reason}
        return {"regression_imputed_models": pd.DataFrame([row])}
    fits = _Fits()
    for data in given.sets():
        fits.add(planned_regression(data, questionnaire, entry, plan.confidence, clustered))
        fits.add_ordered(data, questionnaire, entry, single, clustered)
    return _pooled(entry, given, fits, plan.confidence)


def _single_answers(entry: Regression, answers: pd.DataFrame) -> Iterator[str]:
    """Yield the ordered answers to explain that anybody gave: the others cannot be imputed."""
    for outcome in entry.ordinal.outcomes if entry.ordinal is not None else ():
        numeric = outcome in answers and pd.api.types.is_numeric_dtype(answers[outcome])
        if numeric and answers[outcome].notna().any():
            yield outcome


def _pooled(entry: Regression, given: Imputations, fits: _Fits, confidence: float) -> dict[str, pd.DataFrame]:
    found = pooled_regression(entry.outcome, given, fits.blocks, entry.errors, confidence)
    return {
        "regression_imputed": found.to_frame(),
        "regression_imputed_models": found.models_to_frame(),
        "imputed_values": found.gaps_to_frame(),
        **mixed_tables(entry.outcome, given, fits.mixed, confidence),
        "ordinal_imputed": ordinal_table(given, fits.ordered, confidence),
    }
