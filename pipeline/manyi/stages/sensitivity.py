"""The sensitivity stage: a role's main results under every way to exclude careless answers."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from manyi.stages.sound_plan import sound_plan
from manyi.stages.stage import Stage
from manyi.stages.work import clean_folder, school_inputs, work_folder
from manyi.study.folder import StudyFolder
from manyi_instruments.faults import Fault

if TYPE_CHECKING:
    import pandas as pd

    from manyi.study.analysis_plan import Analysis
    from manyi_analysis.robustness import Sensitivity, Signatures
    from manyi_instruments.definitions.questionnaire import Questionnaire


def sensitivity_stage(study: StudyFolder, role: str) -> Stage:
    """Return the stage that computes a role's main results under other exclusions than planned."""
    return Stage(
        name=f"sensitivity:{role}",
        run=partial(_sensitivity, study, role),
        inputs=(clean_folder(study, role), study.questionnaire_file(role), *school_inputs(study, role)),
        outputs=(work_folder(study, f"sensitivity-{role}"),),
        parameters={
            "analysis": study.definition.analysis.model_dump(mode="json"),
            "exclude": study.definition.cleaning.exclude,
        },
        after=(f"clean:{role}",),
    )


def _sensitivity(study: StudyFolder, role: str) -> tuple[Fault, ...]:
    import pandas as pd

    from manyi.stages.analysing import planned_names, with_school_columns
    from manyi.stages.tables import write_pieces
    from manyi.topics.specifications import specification_tables
    from manyi_analysis.robustness import Signatures, sensitivity_table

    rows = pd.read_parquet(clean_folder(study, role), columns=_columns(study, role))
    flags = {
        name.removeprefix("flag_"): rows.pop(name).to_numpy(dtype=bool)
        for name in [column for column in rows.columns if column.startswith("flag_")]
    }
    pieces: dict[str, pd.DataFrame] = {}
    if flags and len(rows):
        signatures = Signatures.of(flags, study.definition.cleaning.exclude)
        answers = with_school_columns(study, rows, planned_names(study, role), role)
        questionnaire = study.questionnaires[role]
        plan = sound_plan(study.definition.analysis, role, questionnaire, answers.columns)
        table = sensitivity_table(_results(answers, questionnaire, plan, role, signatures))
        table.insert(0, "role", role)
        pieces["sensitivity"] = table
        excluded = tuple(study.definition.cleaning.exclude)
        found = specification_tables(answers, flags, excluded, questionnaire, plan, role)
        for name, made in found.items():
            made.insert(0, "role", role)
            pieces[name] = made
    write_pieces(work_folder(study, f"sensitivity-{role}"), pieces)
    return ()


def _columns(study: StudyFolder, role: str) -> list[str]:
    """Return the columns of the clean answers that the main results and the variants need."""
    import pyarrow.parquet as pq

    from manyi.stages.analysing import planned_names

    questionnaire, plan = study.questionnaires[role], study.definition.analysis
    wanted = {"school", "stage", *planned_names(study, role), *plan.satisfaction.get(role, ())}
    wanted |= {scale.id for scale in questionnaire.scales}
    wanted |= {name for item in questionnaire.all_items() for name in (item.id, item.keyed_name)}
    wanted |= {regression.outcome for regression in plan.regression if regression.role == role}
    first = next(iter(sorted(clean_folder(study, role).glob("*.parquet"))))
    return [name for name in pq.read_schema(first).names if name in wanted or name.startswith("flag_")]


def _results(
    answers: "pd.DataFrame", questionnaire: "Questionnaire", plan: "Analysis", role: str, given: "Signatures"
) -> "Iterator[Sensitivity]":
    """Yield alpha of each scale, each satisfaction index, and the headline coefficients."""
    from manyi.topics.planned_regression import categorical_terms, headline_block
    from manyi.topics.topic import SCHOOL
    from manyi_analysis.robustness import alpha_sensitivity, coefficient_sensitivity, index_sensitivity

    schooled = SCHOOL if bool(answers[SCHOOL].notna().any()) else None
    minimum, level = plan.minimum_cell, plan.confidence
    scales = {scale.id: questionnaire.items_of(scale.id) for scale in questionnaire.scales}
    for scale, items in scales.items():
        keyed = [item.keyed_name for item in items]
        yield alpha_sensitivity(answers, scale, keyed, given, minimum, level, plan.missing == "pairwise")
    for measure in plan.satisfaction.get(role, tuple(scales)):
        yield index_sensitivity(
            answers, questionnaire, measure, plan.index, given, minimum, level, school=schooled
        )
    for regression in plan.regression:
        if regression.role == role:
            # A study whose headline is something else than schools: what was entered last.
            headline = (
                regression.headline
                or headline_block(regression, questionnaire)
                or list(regression.blocks)[-1]
            )
            yield coefficient_sensitivity(
                answers,
                regression.outcome,
                regression.blocks,
                headline,
                given,
                minimum,
                level,
                cluster=schooled,
                categorical=categorical_terms(questionnaire, regression),
            )
