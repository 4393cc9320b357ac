"""The answers of one role that go into an export, and what is said of where they come from."""

from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING

from manyi.exports.asked import Asked
from manyi.stages.work import clean_folder
from manyi.stages.writing import context_of
from manyi.study.folder import StudyFolder

if TYPE_CHECKING:
    from manyi_outputs.data_files import DataSet
    from manyi_outputs.data_files.provenance import Provenance, Received
    from manyi_outputs.spss import RoleAnswers


def exported_answers(study: StudyFolder, asked: Asked, role: str) -> "RoleAnswers":
    """Return the rows asked for, the indicators and the planned columns of the schools joined."""
    from manyi.stages.answer_files import role_answers

    answers = role_answers(study, role, context_of(study, asked.language))
    if asked.all_rows:
        return answers
    kept = answers.scored["kept"].to_numpy(dtype=bool)
    return replace(
        answers,
        coded=answers.coded[kept].reset_index(drop=True),
        scored=answers.scored[kept].reset_index(drop=True),
    )


def school_titles(study: StudyFolder, asked: Asked) -> dict[str, str]:
    """Return the school variables that a file names as such -> title."""
    from manyi.stages.answer_files import school_indicators

    return school_indicators(study, context_of(study, asked.language))


def exported_data(study: StudyFolder, asked: Asked, role: str) -> "DataSet":
    """Return the rows of a role as a data set."""
    from manyi_outputs.data_files import data_set

    answers = exported_answers(study, asked, role)
    return data_set(answers, asked.language, school_titles(study, asked), asked.with_text)


def provenance(study: StudyFolder, asked: Asked) -> "Provenance":
    """Return what documents about the files say of the study."""
    from manyi_outputs.data_files.provenance import Provenance

    definition, days = study.definition, study.definition.field_dates
    return Provenance(
        study=definition.study,
        title=definition.title,
        language=asked.language,
        software=version("manyi"),
        collected=(str(days.first), str(days.last or "")) if days is not None else None,
        area=definition.schools.county if definition.schools is not None else "",
        rules=definition.cleaning.exclude,
        received={role: _received(study, role) for role in asked.roles},
        all_rows=asked.all_rows,
        with_text=asked.with_text,
    )


def _received(study: StudyFolder, role: str) -> "Received":
    import pandas as pd

    from manyi_outputs.data_files.provenance import Received

    kept = pd.read_parquet(clean_folder(study, role), columns=["kept"])["kept"]
    return Received(study.definition.roles[role].issued, len(kept), int(kept.sum()))
