"""Checks of a study's definitions: each by itself, and ``study.yaml`` against what it names."""

from collections.abc import Iterator
from difflib import get_close_matches

from manyi.collect.reading import store_faults
from manyi.study.cleaning_checks import cleaning_faults
from manyi.study.confirmatory_checks import OF_ITEMS, OF_SCALES, confirmatory_names
from manyi.study.explanation_checks import explanation_faults, explanation_names
from manyi.study.folder import StudyFolder
from manyi.study.output_checks import output_faults
from manyi.study.places import placed
from manyi.study.row_shares import row_faults
from manyi.study.sampling_checks import share_faults
from manyi.study.standard_checks import standard_faults
from manyi.study.variables import school_headings, school_variables, variables
from manyi.study.wave_checks import wave_faults
from manyi_instruments.definitions.loader import check_questionnaire
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.faults import Fault, ManyiError, Place

#: Places of the plan where columns of the school table may stand.
OF_SCHOOLS_TOO = ("analysis.groups", "analysis.counties", "analysis.regression", "weights")
#: And the ends of those below `analysis.differences`, `analysis.correlations` and `analysis.confirmatory`.
GROUPS_OR_CONTROLS = (".by", ".controls", ".invariance")


def study_faults(study: StudyFolder, *, tables: bool = True) -> tuple[Fault, ...]:
    """Return every fault of every definition of a study, errors and warnings.

    Without ``tables`` the table of facts is left to the stage that reads it: a run that has nothing to do
    loads no tables.
    """
    faults: list[Fault] = []
    for role in study.definition.roles:
        path = study.questionnaire_file(role)
        if path.is_file():
            faults += check_questionnaire(path)
        else:
            details = {"path": path, "role": role}
            faults.append(Fault("questionnaire-not-found", Place(str(study.study_file)), details))
    return (*faults, *plan_faults(study, tables=tables), *mapping_faults(study), *store_faults(study))


def mapping_faults(study: StudyFolder) -> Iterator[Fault]:
    """Yield the faults of the mapping files that show without reading answers."""
    from manyi.readers.matching.mapping_file import read_mapping

    for path in sorted(study.mapping_folder.glob("*/[!.]*.yaml")):
        role, file = path.parent.name, path.stem
        known = study.answer_files(role) if role in study.definition.roles else ()
        if file not in {answers.name for answers in known}:
            folder = f"data/responses/{role}"
            details = {"path": path.name, "file": file, "folder": folder}
            yield Fault("mapping-without-file", Place(str(path)), details, "warning")
        elif role in study.questionnaires:
            yield from read_mapping(path).faults(study.questionnaires[role])


def plan_faults(study: StudyFolder, *, tables: bool = True) -> Iterator[Fault]:
    """Yield the faults of stage rules, cleaning plan, school table and analysis plan."""
    definition = study.definition
    place = Place(str(study.study_file))
    yield from cleaning_faults(study)
    if definition.sampling is not None:
        yield from share_faults(definition.sampling, place)
    for path in study.schools_files.values():
        if not path.is_file():
            yield Fault("schools-not-found", place, {"path": path})
    for role, questionnaire in study.questionnaires.items():
        rule = definition.roles[role].stage
        if rule is not None and rule.item not in {item.id for item in questionnaire.all_items()}:
            yield Fault("stage-item-unknown", place, {"role": role, "item": rule.item})
    yield from _retest_faults(study, place)
    yield from explanation_faults(definition.analysis, place)
    yield from wave_faults(study)
    yield from row_faults(study)
    yield from standard_faults(study, tables=tables)
    yield from output_faults(definition.outputs, place)
    try:
        known_school = school_variables(study)
    except ManyiError as error:
        # Without the standard nobody can say which school variables there are.
        yield from error.faults
        return
    read: tuple[set[str], tuple[Fault, ...]] | None = None
    for where, role, names in _planned(study):
        if role not in definition.roles:
            roles = ", ".join(definition.roles)
            yield Fault("plan-unknown-role", place, {"role": role, "where": where, "roles": roles})
        elif role in study.questionnaires:
            known = _known(where, study.questionnaires[role], known_school)
            unknown = [name for name in names if name not in known]
            if unknown and _of_schools_too(where):
                # The file is read only where a name is left over: opening a study should not load pandas.
                if read is None:
                    read = _headings(study)
                    yield from read[1]
                if read[1]:
                    continue
                known |= read[0]
            for name in unknown:
                if name not in known:
                    yield _unknown(place, where, role, name, known)


def _of_schools_too(where: str) -> bool:
    """Return whether columns of the school table may stand at a place of the plan."""
    return where.startswith(OF_SCHOOLS_TOO) or where.endswith(GROUPS_OR_CONTROLS)


def _retest_faults(study: StudyFolder, place: Place) -> Iterator[Fault]:
    """Yield the faults of planned retests: a second occasion that is none, occasions without a code."""
    definition = study.definition
    for role, plan in definition.analysis.retest.items():
        for name in (role, plan.second):
            if name not in definition.roles:
                details = {
                    "role": name,
                    "where": f"analysis.retest.{role}",
                    "roles": ", ".join(definition.roles),
                }
                yield Fault("plan-unknown-role", place, details)
            elif name in study.questionnaires and study.questionnaires[name].code_item is None:
                yield Fault("retest-without-code", place, {"role": role, "questionnaire": name})
        if role == plan.second:
            yield Fault("retest-itself", place, {"role": role})


def _headings(study: StudyFolder) -> tuple[set[str], tuple[Fault, ...]]:
    """Return the headings of the school table, or why it cannot be read and no name can be judged."""
    try:
        return school_headings(study), ()
    except ManyiError as error:
        return set(), placed(study, list(study.schools_files.values()), error.faults)


def _known(where: str, questionnaire: Questionnaire, school: set[str]) -> set[str]:
    """Return the names a place of the plan may use."""
    scales = {scale.id for scale in questionnaire.scales}
    if where.startswith("analysis.factors") or where.endswith(OF_SCALES):
        return scales
    if where.endswith(OF_ITEMS):
        return {item.id for item in questionnaire.items}
    if where.startswith(("analysis.satisfaction", "analysis.gaps", "analysis.importance")):
        return scales | {item.id for item in questionnaire.all_items()}
    if where.endswith((".outcomes", ".variables")):
        return variables(questionnaire) - {"stage", "school"}
    return variables(questionnaire) | school


def _planned(study: StudyFolder) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield every place of the plan that names variables: where, role, names."""
    plan = study.definition.analysis
    for role, names in plan.groups.items():
        yield f"analysis.groups.{role}", role, names
    if plan.counties is not None:
        yield "analysis.counties", next(iter(study.definition.roles)), (plan.counties,)
    for role, factors in plan.factors.items():
        yield f"analysis.factors.{role}", role, factors.scales
    for role, names in plan.satisfaction.items():
        yield f"analysis.satisfaction.{role}", role, names
    yield from confirmatory_names(plan)
    for role, entry in plan.differences.items():
        yield f"analysis.differences.{role}.outcomes", role, entry.outcomes
        yield f"analysis.differences.{role}.by", role, entry.by
    for role, correlated in plan.correlations.items():
        yield f"analysis.correlations.{role}.variables", role, correlated.variables
        yield f"analysis.correlations.{role}.controls", role, correlated.controls
    for role, pairs in plan.gaps.items():
        yield f"analysis.gaps.{role}", role, tuple(name for pair in pairs for name in pair)
    for role, retest in plan.retest.items():
        for name in {role, retest.second} & set(study.definition.roles):
            yield f"analysis.retest.{role}.within", name, retest.within
    for number, grid in enumerate(plan.importance, start=1):
        outcome = (grid.outcome,) if grid.outcome is not None else ()
        names = (*grid.attributes, *outcome, *grid.stated, *grid.stated.values())
        yield f"analysis.importance[{number}]", grid.role, names
    for role, weights in study.definition.weights.items():
        yield f"weights.{role}", role, (*weights.strata, *weights.collapse, *weights.margins)
    for number, regression in enumerate(plan.regression, start=1):
        where = f"analysis.regression[{number}]"
        yield f"{where}.outcome", regression.role, (regression.outcome,)
        for block, terms in regression.blocks.items():
            yield f"{where}.blocks.{block}", regression.role, terms
        yield from explanation_names(where, regression)


def _unknown(place: Place, where: str, role: str, name: str, known: set[str]) -> Fault:
    close = get_close_matches(name, known, n=3)
    hint = f" ({', '.join(close)}?)" if close else ""
    return Fault("plan-unknown-variable", place, {"where": where, "role": role, "name": name, "hint": hint})
