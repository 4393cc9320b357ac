"""The writing stages: result tables as CSV, labelled SPSS files, the Excel appendix, the HTML report."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from manyi.stages.stage import Stage
from manyi.stages.weighting import weights_file
from manyi.stages.work import clean_folder, coded_file, school_inputs, tables_folder, work_folder
from manyi.study.analysis_plan import Factors
from manyi.study.folder import StudyFolder
from manyi.study.variables import variables
from manyi_instruments.faults import Fault, ManyiError
from manyi_instruments.standards import Standard

if TYPE_CHECKING:
    from manyi_outputs.context import Context
    from manyi_outputs.spss import RoleAnswers


def tables_stage(study: StudyFolder, made: Sequence[Stage]) -> Stage:
    """Return the stage that joins what the stages before left into ``results/tables/*.csv``."""
    folders = tuple(
        path for stage in made for path in stage.outputs if path.parent == work_folder(study, "x").parent
    )
    return Stage(
        name="tables",
        run=partial(_write_tables, study, folders),
        inputs=folders,
        outputs=(tables_folder(study),),
        intermediate=False,
    )


def _write_tables(study: StudyFolder, folders: Sequence[Path]) -> tuple[Fault, ...]:
    from manyi.stages.tables import join_pieces
    from manyi_outputs.tidy import write_tables

    tables = join_pieces(folders)
    tables.pop("schools", None)
    written = set(write_tables(tables_folder(study), tables))
    _drop_others(tables_folder(study).glob("*.csv"), written)
    return ()


def _drop_others(found: Iterable[Path], written: set[Path]) -> None:
    """Remove what an earlier run made and this one did not: it no longer holds."""
    for path in set(found) - written:
        path.unlink()


def context_of(study: StudyFolder, language: str) -> "Context":
    """Return the names behind the ids of a study's result tables, in one language."""
    from manyi_outputs.context import Context

    definition = study.definition
    try:
        standard = study.standard
    except ManyiError:
        # The schools stage has told its faults; the other tables are written all the same.
        standard = None

    def spoken(text: dict[str, str]) -> str:
        return text.get(language, next(iter(text.values())))

    factors = {role: definition.analysis.factors.get(role, Factors()) for role in definition.roles}
    return Context(
        title=spoken(definition.title),
        language=language,
        questionnaires=study.questionnaires,
        roles={role: spoken(entry.title) for role, entry in definition.roles.items()},
        extraction={role: entry.extraction for role, entry in factors.items()},
        rotation={role: entry.rotation for role, entry in factors.items()},
        confidence=definition.analysis.confidence,
        **(_standard_titles(standard, spoken) if standard is not None else {}),
    )


def _standard_titles(standard: Standard, spoken: Callable[[dict[str, str]], str]) -> dict[str, Any]:
    """Return the titles of what a standard names: stages, indicators, columns and their groups."""
    titles = {key: entry.title for key, entry in standard.columns.items()}
    titles |= {key: entry.title for key, entry in standard.groupings.items()}
    titles |= {key: entry.title for key, entry in standard.facts.items()}
    units = {key: entry.unit for key, entry in standard.facts.items()}
    units |= {key: entry.unit for key, entry in standard.columns.items()}
    requirements = {entry.id: entry for entry in standard.requirements}
    asked = standard.recognition
    return {
        "recognition": {key: spoken(one.title) for key, one in asked.definitions.items()} if asked else {},
        "recognition_groups": {key: spoken(one.title) for key, one in asked.groups.items()} if asked else {},
        "exclusions": {rule.id: spoken(rule.title) for rule in standard.exclusions},
        "areas": {key: spoken(title) for key, title in standard.areas.items()},
        "requirements": {key: spoken(entry.title) for key, entry in requirements.items()}
        | {veto.id: spoken(veto.title) for veto in standard.vetoes},
        "bounds": {
            (key, name): spoken(bound.title)
            for key, entry in requirements.items()
            for name, bound in entry.bounds.items()
            if bound.title is not None
        },
        "units": {key: spoken(unit) for key, unit in units.items() if unit is not None},
        "standard": spoken(standard.title),
        "stages": {key: spoken(stage.title) for key, stage in standard.stages.items()},
        "indicators": {entry.id: spoken(entry.title) for entry in standard.indicators},
        "columns": {key: spoken(title) for key, title in titles.items()},
        "levels": {
            key: {group: spoken(entry.title) for group, entry in grouping.groups.items()}
            for key, grouping in standard.groupings.items()
        },
    }


def appendix_stage(study: StudyFolder, language: str) -> Stage:
    """Return the stage that writes ``results/appendix.xlsx``."""
    return _rendering(study, language, "appendix", ("appendix.xlsx",), _write_appendix)


def report_stage(study: StudyFolder, language: str) -> Stage:
    """Return the stage that writes ``results/report.html`` and its figures as files."""
    return _rendering(study, language, "report", ("report.html", "figures"), _write_report)


def _rendering(
    study: StudyFolder,
    language: str,
    name: str,
    names: tuple[str, ...],
    write: Callable[[StudyFolder, str], tuple[Fault, ...]],
) -> Stage:
    inputs = [tables_folder(study), study.study_file]
    inputs += [study.questionnaire_file(role) for role in study.questionnaires]
    return Stage(
        name=name,
        run=partial(write, study, language),
        inputs=tuple(inputs),
        outputs=tuple(study.results / made for made in names),
        parameters={"language": language},
        after=("tables",),
        intermediate=False,
    )


def _write_appendix(study: StudyFolder, language: str) -> tuple[Fault, ...]:
    from manyi_outputs.excel import write_appendix
    from manyi_outputs.tidy import read_tables

    write_appendix(
        study.results / "appendix.xlsx", read_tables(tables_folder(study)), context_of(study, language)
    )
    return ()


def _write_report(study: StudyFolder, language: str) -> tuple[Fault, ...]:
    from manyi_outputs.figures import drawings, write_figures
    from manyi_outputs.report import write_report
    from manyi_outputs.tidy import read_tables

    tables, context = read_tables(tables_folder(study)), context_of(study, language)
    drawn = drawings(tables, context)
    write_report(study.results / "report.html", tables, context, drawn)
    folder = study.results / "figures"
    written = set(write_figures(folder, tables, context, drawn, formats=("svg",)))
    _drop_others(folder.glob("*.svg"), written)
    return ()


def spss_stage(study: StudyFolder, role: str, language: str) -> Stage:
    """Return the stage that writes a role's labelled ``.sav`` and the syntax beside it."""
    folder = study.results / "spss"
    inputs = [coded_file(study, role), clean_folder(study, role), study.questionnaire_file(role)]
    if role in study.definition.weights:
        inputs.append(weights_file(study, role))
    return Stage(
        name=f"spss:{role}",
        run=partial(_write_sav, study, role, language),
        inputs=(*inputs, *school_inputs(study, role)),
        outputs=(folder / f"{role}.sav", folder / f"{role}.sps"),
        parameters={"language": language, "title": study.definition.title},
        after=(f"clean:{role}",),
        intermediate=False,
    )


def pooled_stage(study: StudyFolder, roles: Sequence[str], language: str) -> Stage:
    """Return the stage that writes all roles into one labelled ``pooled.sav``."""
    inputs = [path for role in roles for path in (clean_folder(study, role), study.questionnaire_file(role))]
    return Stage(
        name="spss:pooled",
        run=partial(_write_pooled, study, roles, language),
        inputs=(*inputs, *dict.fromkeys(path for role in roles for path in school_inputs(study, role))),
        outputs=(study.results / "spss" / "pooled.sav",),
        parameters={"language": language, "title": study.definition.title},
        after=tuple(f"clean:{role}" for role in roles),
        intermediate=False,
    )


def _role_answers(study: StudyFolder, role: str, language: str) -> "RoleAnswers":
    """Return a role's coded and scored answers, row by row alike, the school indicators joined."""
    import pandas as pd

    from manyi.stages.analysing import with_school_columns
    from manyi_outputs.spss import RoleAnswers

    indicators = _indicators(study, language)
    scored = with_school_columns(study, pd.read_parquet(clean_folder(study, role)), list(indicators), role)
    # Indicators that the school table could not give stand in the file as missing, not left out in silence.
    scored = scored.assign(**{name: float("nan") for name in indicators if name not in scored})
    coded = pd.read_parquet(coded_file(study, role))
    order = scored[["file", "row"]].merge(coded, on=["file", "row"], validate="one_to_one")
    # What cleaning repaired holds in the file for SPSS too: school code and stage.
    order = order.assign(school=scored["school"], stage=scored["stage"])
    if role in study.definition.weights and weights_file(study, role).is_file():
        scored = scored.merge(pd.read_parquet(weights_file(study, role)), on=["file", "row"], how="left")
    title = context_of(study, language).roles[role]
    return RoleAnswers(role, study.questionnaires[role], order, scored, title)


def _indicators(study: StudyFolder, language: str) -> dict[str, str]:
    """Return the school variables for the files: a standard's indicators, else what the plan names."""
    standard = study.standard
    if standard is not None:
        return dict(context_of(study, language).indicators)
    if study.definition.schools is None:
        return {}
    plan = study.definition.analysis
    own = set().union(*(variables(questionnaire) for questionnaire in study.questionnaires.values()))
    named = (term for regression in plan.regression for term in regression.terms)
    return {term: term for term in named if term not in own}


def _write_sav(study: StudyFolder, role: str, language: str) -> tuple[Fault, ...]:
    from manyi_outputs.spss import write_sav

    path = study.results / "spss" / f"{role}.sav"
    write_sav(path, _role_answers(study, role, language), language, _indicators(study, language))
    return ()


def _write_pooled(study: StudyFolder, roles: Sequence[str], language: str) -> tuple[Fault, ...]:
    from manyi_outputs.spss import write_pooled_sav

    definition = study.definition
    write_pooled_sav(
        study.results / "spss" / "pooled.sav",
        [_role_answers(study, role, language) for role in roles],
        language,
        definition.analysis.satisfaction,
        _indicators(study, language),
        definition.title.get(language, next(iter(definition.title.values()))),
    )
    return ()
