"""The stages that write answers for other programs: SPSS with its syntax, Stata, a file of the schools."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from manyi.stages.stage import Stage
from manyi.stages.weighting import weights_file
from manyi.stages.work import clean_folder, coded_file, school_inputs, school_table, tables_folder
from manyi.stages.writing import context_of
from manyi.study.folder import StudyFolder
from manyi.study.variables import variables
from manyi_instruments.faults import Fault

if TYPE_CHECKING:
    import pandas as pd

    from manyi_outputs.context import Context
    from manyi_outputs.spss import RoleAnswers


def spss_stage(study: StudyFolder, role: str, language: str) -> Stage:
    """Return the stage that writes a role's labelled ``.sav``."""
    return _answers_stage(study, role, language, "spss", "sav", _write_sav)


def stata_stage(study: StudyFolder, role: str, language: str) -> Stage:
    """Return the stage that writes a role's labelled ``.dta``."""
    return _answers_stage(study, role, language, "stata", "dta", _write_dta)


def _answers_stage(
    study: StudyFolder,
    role: str,
    language: str,
    program: str,
    ending: str,
    write: Callable[[StudyFolder, str, str], tuple[Fault, ...]],
) -> Stage:
    inputs = [coded_file(study, role), clean_folder(study, role), study.questionnaire_file(role)]
    if role in study.definition.weights:
        inputs.append(weights_file(study, role))
    return Stage(
        name=f"{program}:{role}",
        run=partial(write, study, role, language),
        inputs=(*inputs, *school_inputs(study, role)),
        outputs=(study.results / program / f"{role}.{ending}",),
        parameters={"language": language, "title": study.definition.title},
        after=(f"clean:{role}",),
        intermediate=False,
    )


def syntax_stage(study: StudyFolder, roles: Sequence[str], language: str) -> Stage:
    """Return the stage that writes the syntax which computes the roles' result tables from their ``.sav``."""
    inputs = [tables_folder(study), study.study_file]
    for role in roles:
        inputs += [study.questionnaire_file(role), coded_file(study, role), clean_folder(study, role)]
        inputs += school_inputs(study, role)
    return Stage(
        name="syntax",
        run=partial(_write_syntax, study, roles, language),
        inputs=tuple(dict.fromkeys(inputs)),
        outputs=tuple(study.results / "spss" / f"{role}.sps" for role in roles),
        parameters={"language": language},
        after=("tables",),
        intermediate=False,
    )


def pooled_stage(study: StudyFolder, roles: Sequence[str], language: str) -> Stage:
    """Return the stage that writes all roles into one labelled ``pooled.sav``."""
    inputs = [path for role in roles for path in (clean_folder(study, role), study.questionnaire_file(role))]
    folder = study.results / "spss"
    return Stage(
        name="spss:pooled",
        run=partial(_write_pooled, study, roles, language),
        inputs=(*inputs, *dict.fromkeys(path for role in roles for path in school_inputs(study, role))),
        outputs=(folder / "pooled.sav", folder / "pooled.sps"),
        parameters={"language": language, "title": study.definition.title},
        after=tuple(f"clean:{role}" for role in roles),
        intermediate=False,
    )


def school_file_stage(study: StudyFolder, language: str) -> Stage:
    """Return the stage that writes ``schools.sav``: the school table, indicators, verdicts, school means."""
    folder = study.results / "spss"
    inputs = [tables_folder(study), study.study_file, *school_inputs(study)]
    inputs += [study.questionnaire_file(role) for role in study.questionnaires]
    return Stage(
        name="spss:schools",
        run=partial(_write_schools, study, language),
        inputs=tuple(inputs),
        outputs=(folder / "schools.sav", folder / "schools.sps"),
        parameters={"language": language},
        after=("schools", "tables"),
        intermediate=False,
    )


def role_answers(
    study: StudyFolder, role: str, context: "Context", columns_only: bool = False
) -> "RoleAnswers":
    """Return a role's coded and scored answers, row by row alike, the planned school columns joined.

    With `columns_only` the columns without a row: what there is to name, not what was answered.
    """
    import pandas as pd

    from manyi.stages.analysing import planned_names, with_school_columns
    from manyi_outputs.spss import RoleAnswers

    indicators = school_indicators(study, context)
    scored, coded = _frames(study, role, columns_only)
    planned = planned_names(study, role)
    scored = with_school_columns(study, scored, [*indicators, *planned], role)
    # Indicators that the school table could not give stand in the file as missing, not left out in silence.
    scored = scored.assign(**{name: float("nan") for name in indicators if name not in scored})
    order = scored[["file", "row"]].merge(coded, on=["file", "row"], validate="one_to_one")
    # What cleaning repaired holds in the file for SPSS too: school code and stage.
    order = order.assign(school=scored["school"], stage=scored["stage"])
    if role in study.definition.weights and weights_file(study, role).is_file():
        scored = scored.merge(pd.read_parquet(weights_file(study, role)), on=["file", "row"], how="left")
    return RoleAnswers(
        role,
        study.questionnaires[role],
        order,
        scored,
        context.roles[role],
        groups=_groups(scored, planned, role, context),
        titles=context.columns,
        targets=_targets(study, role),
    )


def _frames(study: StudyFolder, role: str, columns_only: bool) -> "tuple[pd.DataFrame, pd.DataFrame]":
    """Return the scored and the coded answers of a role; of columns only, frames without a row."""
    import pandas as pd

    if columns_only:
        import pyarrow.dataset as ds

        both = (clean_folder(study, role), coded_file(study, role))
        scored, coded = (ds.dataset(path).schema.empty_table().to_pandas() for path in both)
        return scored, coded
    return pd.read_parquet(clean_folder(study, role)), pd.read_parquet(coded_file(study, role))


def _groups(
    scored: "pd.DataFrame", planned: Sequence[str], role: str, context: "Context"
) -> dict[str, dict[str, str]]:
    """Return the columns of words that divide respondents, with the titles of their words that have one."""
    import pandas as pd

    found = {}
    for column in ("stage", *planned):
        if column in scored and not pd.api.types.is_numeric_dtype(scored[column]):
            levels = {str(level) for level in scored[column].dropna().unique()} - {""}
            levels |= set(context.stages if column == "stage" else context.levels.get(column, ()))
            titles = {level: context.group_level(role, column, level) for level in sorted(levels)}
            found[column] = {level: title for level, title in titles.items() if title != level}
    return found


def _targets(study: StudyFolder, role: str) -> tuple[str, ...]:
    """Return the columns that the plan reports as satisfaction or explains."""
    plan, questionnaire = study.definition.analysis, study.questionnaires[role]
    keyed = {item.id: item.keyed_name for item in questionnaire.all_items()}
    reported = [keyed.get(name, name) for name in plan.satisfaction.get(role, ())]
    explained = [regression.outcome for regression in plan.regression if regression.role == role]
    return tuple(dict.fromkeys([*reported, *explained]))


def school_indicators(study: StudyFolder, context: "Context") -> dict[str, str]:
    """Return the school variables for the files: a standard's indicators, else what the plan names."""
    standard = study.standard
    if standard is not None:
        return dict(context.indicators)
    if study.definition.schools is None:
        return {}
    plan = study.definition.analysis
    own = set().union(*(variables(questionnaire) for questionnaire in study.questionnaires.values()))
    named = (term for regression in plan.regression for term in regression.terms)
    return {term: term for term in named if term not in own}


def _write_sav(study: StudyFolder, role: str, language: str) -> tuple[Fault, ...]:
    from manyi_outputs.spss import write_sav

    context = context_of(study, language)
    path = study.results / "spss" / f"{role}.sav"
    write_sav(path, role_answers(study, role, context), language, school_indicators(study, context))
    return ()


def _write_dta(study: StudyFolder, role: str, language: str) -> tuple[Fault, ...]:
    from manyi_outputs.stata import write_dta

    context = context_of(study, language)
    path = study.results / "stata" / f"{role}.dta"
    write_dta(path, role_answers(study, role, context), language, school_indicators(study, context))
    return ()


def _write_syntax(study: StudyFolder, roles: Sequence[str], language: str) -> tuple[Fault, ...]:
    from manyi_outputs.spss import variables as file_variables
    from manyi_outputs.spss import write_syntax
    from manyi_outputs.spss.syntax import TABLES

    context, tables = context_of(study, language), _tables(study, TABLES)
    for role in roles:
        path = study.results / "spss" / f"{role}.sps"
        if not clean_folder(study, role).is_dir():
            # Its cleaning failed and told why: what was written of it before no longer holds.
            path.unlink(missing_ok=True)
            continue
        answers = role_answers(study, role, context, columns_only=True)
        found = file_variables(answers, language, school_indicators(study, context))
        write_syntax(path, answers, found, tables, context)
    return ()


def _tables(study: StudyFolder, names: Iterable[str]) -> "dict[str, pd.DataFrame]":
    """Return the result tables named, of those there are."""
    from manyi_outputs.tidy import read_table

    paths = {name: tables_folder(study) / f"{name}.csv" for name in names}
    return {name: read_table(path) for name, path in paths.items() if path.is_file()}


def _write_pooled(study: StudyFolder, roles: Sequence[str], language: str) -> tuple[Fault, ...]:
    from manyi_outputs.spss import write_opening, write_pooled_sav

    context = context_of(study, language)
    path = study.results / "spss" / "pooled.sav"
    found = write_pooled_sav(
        path,
        [role_answers(study, role, context) for role in roles],
        language,
        study.definition.analysis.satisfaction,
        school_indicators(study, context),
        context.title,
    )
    write_opening(path.with_suffix(".sps"), found, context.title)
    return ()


def _write_schools(study: StudyFolder, language: str) -> tuple[Fault, ...]:
    import pandas as pd

    from manyi_outputs.spss import write_opening, write_schools_sav
    from manyi_outputs.spss.schools import TABLES

    context = context_of(study, language)
    path = study.results / "spss" / "schools.sav"
    schools = pd.read_parquet(school_table(study))
    found = write_schools_sav(path, schools, _tables(study, TABLES), context)
    write_opening(path.with_suffix(".sps"), found, context.title)
    return ()
