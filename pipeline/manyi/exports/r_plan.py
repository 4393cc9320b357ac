"""The part of a role's analysis plan that the R script carries out."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from manyi.stages.sound_plan import sound_plan
from manyi.study.analysis_plan import Factors, Regression
from manyi.study.folder import StudyFolder
from manyi.topics.estimating import NAMES
from manyi.topics.instrument import Instrument, factor_items
from manyi.topics.measurement_model import MeasurementModel
from manyi.topics.planned_regression import categorical_terms
from manyi.topics.topic import SCHOOL, Subject
from manyi_outputs.r import FactorPlan, ModelPlan, RegressionPlan, RolePlan

if TYPE_CHECKING:
    from manyi_outputs.data_files import DataSet


def role_plan(study: StudyFolder, data: "DataSet", file: str, factors: Mapping[str, int]) -> RolePlan:
    """Return what R computes of one role.

    Parameters
    ----------
    study : StudyFolder
    data : DataSet
        The rows and columns of its file.
    file : str
        Name of the file.
    factors : Mapping
        Role -> factors that parallel analysis found in the run; a role without them has R find its own.
    """
    role, questionnaire = data.role, data.questionnaire
    columns = tuple(column.name for column in data.columns)
    plan = sound_plan(study.definition.analysis, role, questionnaire, columns)
    subject = Subject(role, questionnaire, plan, frozenset(columns))
    model = MeasurementModel.of(subject)
    codes = {code for column in data.columns for code in column.missing}
    clustered = SCHOOL in columns and bool(data.frame[SCHOOL].notna().any())
    return RolePlan(
        role=role,
        title=data.title,
        file=file,
        asked=tuple(column.name for column in data.columns if column.missing),
        words=tuple(column.name for column in data.columns if column.holds == "text"),
        missing=tuple(sorted(codes)),
        rows=plan.missing,
        seed=plan.seed,
        scales=_there(Instrument.of(questionnaire).scales, columns),
        factors=_factors(plan.factors.get(role, Factors()), subject, factors.get(role)),
        confirmatory=ModelPlan(
            items=dict(zip(model.items, model.columns, strict=True))
            if set(model.columns) <= set(columns)
            else {},
            models=model.models() if model.scales else {},
            estimators=tuple(NAMES[name] for name in dict.fromkeys(model.plan.estimator)),
        ),
        regressions=tuple(
            _regression(entry, data, clustered) for entry in plan.regression if entry.role == role
        ),
    )


def _there(scales: Mapping[str, tuple[str, ...]], columns: Sequence[str]) -> dict[str, tuple[str, ...]]:
    return {scale: items for scale, items in scales.items() if items and set(items) <= set(columns)}


def _factors(factors: Factors, subject: Subject, found: int | None) -> FactorPlan:
    items = tuple(name for name in factor_items(subject) if name in subject.columns)
    number = found if factors.number == "parallel" else factors.number
    rows = factors.missing or subject.plan.missing
    return FactorPlan(items, factors.extraction, factors.rotation, factors.matrix, rows, number)


def _regression(entry: Regression, data: "DataSet", clustered: bool) -> RegressionPlan:
    return RegressionPlan(
        outcome=entry.outcome,
        blocks=dict(entry.blocks),
        levels=categorical_terms(data.questionnaire, entry),
        errors=entry.errors,
        method=entry.multilevel.method,
        clustered=clustered,
    )
