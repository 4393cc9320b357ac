"""The part of an analysis plan that one role's answers can carry out."""

from collections.abc import Collection, Iterator

from manyi.study.analysis_plan import Analysis
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
    regression = tuple(
        entry
        for entry in plan.regression
        if entry.role != role or {entry.outcome, *entry.terms} <= set(columns)
    )
    left = {"groups": groups, "satisfaction": satisfaction, "factors": factors, "regression": regression}
    return plan.model_copy(update=left)


def absent_variables(plan: Analysis, role: str, columns: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield place in the plan and name of every variable of groups and regressions the answers lack."""
    for name in plan.groups.get(role, ()):
        if name not in columns:
            yield f"analysis.groups.{role}", name
    for number, entry in enumerate(plan.regression, start=1):
        if entry.role == role:
            for name in (entry.outcome, *entry.terms):
                if name not in columns:
                    yield f"analysis.regression[{number}]", name
