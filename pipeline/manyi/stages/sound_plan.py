"""The part of an analysis plan that one role's answers can carry out."""

from collections.abc import Collection, Iterator

from manyi.study.analysis_plan import Analysis, Regression
from manyi.study.confirmatory_plan import Confirmatory
from manyi_instruments.definitions.questionnaire import Questionnaire


def sound_plan(plan: Analysis, role: str, questionnaire: Questionnaire, columns: Collection[str]) -> Analysis:
    """Leave out of a role's plan what names a variable the answers do not have.

    A regression that names one is left out whole: without a term it would be another model.

    Parameters
    ----------
    plan : Analysis
        As written.
    role : str
        The role.
    questionnaire : Questionnaire
        Its questionnaire.
    columns : collection of str
        Columns of its answers, those of the schools joined.
    """
    scales = {scale.id for scale in questionnaire.scales}
    measures = scales | {item.id for item in questionnaire.all_items()}
    groups = {**plan.groups, role: tuple(name for name in plan.groups.get(role, ()) if name in columns)}
    satisfaction = dict(plan.satisfaction)
    if role in satisfaction:
        satisfaction[role] = tuple(name for name in satisfaction[role] if name in measures)
    factors = dict(plan.factors)
    if role in factors:
        known = tuple(scale for scale in factors[role].scales if scale in scales)
        factors[role] = factors[role].model_copy(update={"scales": known})
    confirmatory = dict(plan.confirmatory)
    if role in confirmatory:
        confirmatory[role] = _sound_model(confirmatory[role], questionnaire, columns)
    differences, correlations = dict(plan.differences), dict(plan.correlations)
    if role in differences:
        by = tuple(name for name in differences[role].by if name in columns)
        differences[role] = differences[role].model_copy(update={"by": by})
    if role in correlations and not set(correlations[role].controls) <= {*columns, *measures}:
        # Without one of its controls it would be another correlation.
        correlations[role] = correlations[role].model_copy(update={"controls": ()})
    regression = tuple(
        _sound_regression(entry, columns) if entry.role == role else entry
        for entry in plan.regression
        if entry.role != role or {entry.outcome, *entry.terms} <= set(columns)
    )
    left = {"groups": groups, "satisfaction": satisfaction, "factors": factors, "regression": regression}
    left["confirmatory"] = confirmatory
    return plan.model_copy(update={**left, "differences": differences, "correlations": correlations})


def _sound_regression(entry: Regression, columns: Collection[str]) -> Regression:
    """Leave out of what is made beside a regression the outcomes that are not there."""
    left: dict[str, object] = {}
    if entry.ordinal is not None:
        outcomes = tuple(name for name in entry.ordinal.outcomes if name in columns)
        left["ordinal"] = entry.ordinal.model_copy(update={"outcomes": outcomes}) if outcomes else None
    if entry.specification is not None and entry.specification.outcomes:
        outcomes = tuple(name for name in entry.specification.outcomes if name in columns)
        left["specification"] = entry.specification.model_copy(update={"outcomes": outcomes})
    return entry.model_copy(update=left)


def _sound_model(model: Confirmatory, questionnaire: Questionnaire, columns: Collection[str]) -> Confirmatory:
    """Leave out of a confirmatory model the scales, errors and groups that are not there."""
    items = {item.id for item in questionnaire.items}
    scales = {scale.id for scale in questionnaire.scales}
    by = model.invariance
    return model.model_copy(
        update={
            "scales": tuple(scale for scale in model.scales if scale in scales),
            "errors": tuple(pair for pair in model.errors if set(pair) <= items),
            "invariance": None if by is None else tuple(name for name in by if name in columns),
        }
    )


def absent_variables(plan: Analysis, role: str, columns: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield place in the plan and name of every variable of groups and regressions the answers lack."""
    for name in plan.groups.get(role, ()):
        if name not in columns:
            yield f"analysis.groups.{role}", name
    if plan.counties is not None and plan.counties not in columns:
        yield "analysis.counties", plan.counties
    model = plan.confirmatory.get(role)
    for name in (model.invariance or ()) if model is not None else ():
        if name not in columns:
            yield f"analysis.confirmatory.{role}.invariance", name
    compared, correlated = plan.differences.get(role), plan.correlations.get(role)
    for name in compared.by if compared is not None else ():
        if name not in columns:
            yield f"analysis.differences.{role}.by", name
    for name in correlated.controls if correlated is not None else ():
        if name not in columns:
            yield f"analysis.correlations.{role}.controls", name
    for number, entry in enumerate(plan.regression, start=1):
        if entry.role == role:
            for name in (entry.outcome, *entry.terms, *entry.single_answers):
                if name not in columns:
                    yield f"analysis.regression[{number}]", name
