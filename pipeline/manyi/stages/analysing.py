"""The analysis stage: one role's cleaned answers and the schools to result tables."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from manyi.stages.sound_plan import absent_variables, sound_plan
from manyi.stages.stage import Stage
from manyi.stages.work import clean_folder, coded_file, school_inputs, school_table, work_folder
from manyi.study.folder import StudyFolder
from manyi.study.variables import school_variables, variables
from manyi_instruments.faults import Fault, Place, Severity

if TYPE_CHECKING:
    import pandas as pd

#: Tables of which a row with a reason is a planned result that could not be computed.
PLANNED = (
    "reliability",
    "factorability",
    "icc",
    "regression_models",
    "gap",
    "importance_performance",
    "ordinal_models",
)

#: Columns that say which result of a table is meant.
WHAT = ("group", "scale", "outcome", "block", "estimator", "expectation", "perception", "measure")


def analyse_stage(study: StudyFolder, role: str) -> Stage:
    """Return the stage that computes a role's result tables."""
    inputs = [clean_folder(study, role), coded_file(study, role), study.questionnaire_file(role)]
    return Stage(
        name=f"analyse:{role}",
        run=partial(_analyse, study, role),
        inputs=(*inputs, *school_inputs(study, role)),
        outputs=(work_folder(study, f"analyse-{role}"),),
        parameters={
            "analysis": study.definition.analysis.model_dump(mode="json"),
            "issued": study.definition.roles[role].issued,
        },
        after=(f"clean:{role}",),
    )


def _analyse(study: StudyFolder, role: str) -> tuple[Fault, ...]:
    import pandas as pd

    from manyi.stages.tables import write_pieces

    tables = _answer_tables(study, role)
    rows = pd.read_parquet(clean_folder(study, role), filters=[("kept", "==", True)])
    answers = with_school_columns(study, rows, planned_names(study, role), role)
    if len(answers):
        tables |= _score_tables(study, role, answers)
    pieces = {name: _role_first(table.assign(role=role)) for name, table in tables.items() if len(table)}
    write_pieces(work_folder(study, f"analyse-{role}"), pieces)
    own = ("cfa_fit", "htmt") if role in study.definition.analysis.confirmatory else ()
    return (*_absent(study, role, answers), *_not_computed(pieces, role, (*PLANNED, *own)))


def _answer_tables(study: StudyFolder, role: str) -> "dict[str, pd.DataFrame]":
    """Return who answered and what, of the rows kept; the coded answers are let go afterwards."""
    import pandas as pd

    from manyi_analysis.level.distribution import answer_distribution, dont_know
    from manyi_analysis.level.ranking import rankings
    from manyi_analysis.level.sample import Return, composition

    questionnaire = study.questionnaires[role]
    rows = pd.read_parquet(clean_folder(study, role), columns=["file", "row", "kept"])
    kept = rows.loc[rows["kept"], ["file", "row"]]
    coded = pd.read_parquet(coded_file(study, role))
    coded = coded.merge(kept, on=["file", "row"], validate="one_to_one")
    return {
        "return": Return(study.definition.roles[role].issued, len(rows), len(kept)).to_frame(),
        "answers": answer_distribution(coded, questionnaire, questionnaire.items).to_frame(),
        "rankings": rankings(coded, questionnaire).to_frame(),
        "respondents": composition(coded, questionnaire).to_frame(),
        "dont_know": dont_know(coded, questionnaire).to_frame(),
    }


def _score_tables(study: StudyFolder, role: str, answers: "pd.DataFrame") -> "dict[str, pd.DataFrame]":
    """Return what is computed from scores: measurement, satisfaction, shares of schools, regressions."""
    from manyi.topics.explanation import icc_table, regression_tables
    from manyi.topics.imputation import imputed_tables
    from manyi.topics.ordered_answers import ordinal_tables
    from manyi.topics.topic import Subject
    from manyi.topics.topics import topic_tables

    questionnaire = study.questionnaires[role]
    plan = sound_plan(study.definition.analysis, role, questionnaire, answers.columns)
    schooled = bool(answers["school"].notna().any())
    scales = tuple(scale.id for scale in questionnaire.scales)
    subject = Subject(
        role,
        questionnaire,
        plan,
        frozenset(answers.columns),
        schooled,
        blank=frozenset(str(name) for name in answers if answers[name].first_valid_index() is None),
        words=frozenset(answers.columns) - frozenset(answers.select_dtypes(["number", "bool"]).columns),
    )
    tables = topic_tables([answers], subject)
    if schooled:
        tables["icc"] = icc_table(answers, scales)
    if plan.imputation is not None:
        tables |= imputed_tables(answers, questionnaire, plan, plan.imputation, role, schooled)
    tables |= regression_tables(answers, questionnaire, plan, role, schooled)
    return tables | ordinal_tables(answers, questionnaire, plan, role, schooled)


def with_school_columns(
    study: StudyFolder, answers: "pd.DataFrame", names: Sequence[str], role: str | None = None
) -> "pd.DataFrame":
    """Join the school columns named to answers by school and stage; a school that is not known stays missing.

    Parameters
    ----------
    study : StudyFolder
        The study, its schools stage done.
    answers : DataFrame
        Scored answers.
    names : sequence of str
        Columns wanted; those the answers have themselves are not taken from the schools.
    role : str, optional
        Whose answers they are: those of an earlier wave are joined to that wave's schools.
    """
    import pandas as pd

    wanted = [name for name in dict.fromkeys(names) if name not in answers]
    if not wanted or not school_table(study, role).is_file():
        return answers.reset_index(drop=True)
    schools = pd.read_parquet(school_table(study, role))
    present = [name for name in wanted if name in schools]
    keys = ["school", "stage"] if "stage" in schools else ["school"]
    right = schools[[*keys, *present]].astype(dict.fromkeys(keys, "string"))
    left = answers.astype(dict.fromkeys(keys, "string"))
    return left.merge(right, on=keys, how="left", validate="many_to_one")


def planned_names(study: StudyFolder, role: str) -> list[str]:
    """Return the groups and regression terms that the plan names for a role."""
    plan = study.definition.analysis
    names = list(plan.groups.get(role, ()))
    if role in plan.confirmatory:
        names += plan.confirmatory[role].invariance or ()
    if role in plan.differences:
        names += plan.differences[role].by
    if role in plan.correlations:
        names += plan.correlations[role].controls
    if plan.counties is not None:
        names.append(plan.counties)
    for regression in plan.regression:
        if regression.role == role:
            names += regression.terms
            names += regression.single_answers
    return names


def _absent(study: StudyFolder, role: str, answers: "pd.DataFrame") -> Iterator[Fault]:
    """Yield a fault for each place of the plan whose variables exist by their definition, not in the data."""
    known = variables(study.questionnaires[role]) | school_variables(study)
    absent: dict[str, list[str]] = {}
    for where, name in absent_variables(study.definition.analysis, role, answers.columns):
        # A name that nothing defines was told before the run.
        if name in known:
            absent.setdefault(where, []).append(name)
    for where, names in absent.items():
        details = {"where": where, "name": ", ".join(names), "role": role}
        yield Fault("plan-variable-absent", Place(str(study.study_file)), details)


def _role_first(table: "pd.DataFrame") -> "pd.DataFrame":
    return table[["role", *(name for name in table.columns if name != "role")]]


def _not_computed(pieces: "dict[str, pd.DataFrame]", role: str, planned: Sequence[str]) -> list[Fault]:
    """Return a fault for each planned result without a number: error for everybody, warning for a group."""
    from manyi_analysis.level.suppression import SMALL_CELL

    faults = []
    for name in planned:
        table = pieces.get(name)
        if table is None or "reason" not in table:
            continue
        lost = table[table["reason"].fillna("") != ""]
        # A group too small to be shown is hidden on purpose; nothing went wrong.
        lost = lost[~lost["reason"].str.startswith(SMALL_CELL)]
        if name == "reliability":
            # Two items have an alpha and no omega: the table says so, and nothing planned is lost.
            lost = lost[lost["alpha"].isna()]
        for row in lost.to_dict("records"):
            for_group = row.get("group", "all") != "all"
            what = ", ".join(str(row[key]) for key in WHAT if key in row)
            details = {"role": role, "table": name, "what": what, "reason": row["reason"]}
            severity: Severity = "warning" if for_group else "error"
            faults.append(Fault("result-not-computed", Place(f"{name}.csv"), details, severity))
    return faults
