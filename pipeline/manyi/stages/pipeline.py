"""The stages of a study in the order in which they are made."""

from manyi.stages.analysing import analyse_stage
from manyi.stages.answer_files import (
    pooled_stage,
    school_file_stage,
    spss_stage,
    stata_stage,
    syntax_stage,
)
from manyi.stages.cleaning import clean_stage
from manyi.stages.comparing import compare_stage
from manyi.stages.earlier_schools import earlier_schools_stages
from manyi.stages.evaluating import evaluate_stage
from manyi.stages.importing import import_stage
from manyi.stages.monitoring import monitoring_stage
from manyi.stages.retesting import retest_stages
from manyi.stages.school_resources import schools_stage
from manyi.stages.sensitivity import sensitivity_stage
from manyi.stages.stage import Stage
from manyi.stages.voices import voices_stage
from manyi.stages.weighting import weigh_stage
from manyi.stages.writing import appendix_stage, figures_stage, report_stage, tables_stage, word_stage
from manyi.study.folder import StudyFolder
from manyi_instruments.faults import Fault, Place, Severity


def stages_of(study: StudyFolder, language: str | None = None) -> tuple[Stage, ...]:
    """Return the stages of a study.

    Parameters
    ----------
    study : StudyFolder
        The study. A role whose questionnaire is faulty or that has no answers yet has no stages.
    language : str, optional
        Language of the outputs; default the study's.
    """
    spoken = language or study.definition.language
    roles = [role for role in study.questionnaires if study.has_answers(role)]
    stages = [import_stage(study, role) for role in roles]
    if study.definition.schools is not None:
        stages.append(schools_stage(study, study.definition.schools))
        stages += earlier_schools_stages(study, study.definition.schools)
    stages += [clean_stage(study, role) for role in roles]
    evaluated = evaluate_stage(study)
    if evaluated is not None:
        stages.append(evaluated)
    stages += [analyse_stage(study, role) for role in roles]
    stages += [weigh_stage(study, role) for role in roles if role in study.definition.weights]
    stages += [sensitivity_stage(study, role) for role in roles]
    stages += retest_stages(study, roles)
    compared = compare_stage(study, roles)
    if compared is not None:
        stages.append(compared)
    monitored = monitoring_stage(study, roles)
    if monitored is not None:
        stages.append(monitored)
    voices = voices_stage(study, roles)
    if voices is not None:
        stages.append(voices)
    if stages:
        made = tuple(stages)
        stages.append(tables_stage(study, made))
        # The longest first: report and Word wait for the figures.
        stages.append(figures_stage(study, spoken))
        stages.append(appendix_stage(study, _appendix_languages(study, language)))
        stages += [spss_stage(study, role, spoken) for role in roles]
        stages += [stata_stage(study, role, spoken) for role in roles]
        if roles:
            stages.append(pooled_stage(study, roles, spoken))
            stages.append(syntax_stage(study, roles, spoken))
        if study.definition.schools is not None:
            stages.append(school_file_stage(study, spoken))
        stages.append(report_stage(study, spoken))
        stages.append(word_stage(study, spoken))
    return tuple(stages)


def _appendix_languages(study: StudyFolder, language: str | None) -> tuple[str, ...]:
    """Return the languages of the appendix: the one asked for, else those planned, else the study's."""
    planned = study.definition.outputs.languages
    return (language,) if language else tuple(dict.fromkeys(planned)) or (study.definition.language,)


def roles_without_answers(study: StudyFolder) -> tuple[Fault, ...]:
    """Return a fault for each role that has no answer files yet: an error where no role has any."""
    without = [role for role in study.definition.roles if not study.has_answers(role)]
    severity: Severity = "error" if len(without) == len(study.definition.roles) else "warning"
    folders = {role: study.answers_folder(role) for role in without}
    return tuple(
        Fault("no-answers", Place(str(folder)), {"role": role, "folder": folder}, severity)
        for role, folder in folders.items()
    )
