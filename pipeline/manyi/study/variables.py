"""The names a study's plan may use: of a questionnaire, and of the school table."""

from manyi.study.folder import StudyFolder
from manyi_instruments.definitions.questionnaire import Questionnaire


def variables(questionnaire: Questionnaire) -> set[str]:
    """Return every variable of scored answers: items, reversed items, parts of multiples, scales, stage.

    A multiple-choice or ranking item is its parts; an open item and a code are no variables.
    """
    names = {"stage", "school", "seconds"} | {scale.id for scale in questionnaire.scales}
    for item in questionnaire.all_items():
        answers = questionnaire.answer_list(item)
        if item.type in ("multiple", "ranking") and answers is not None:
            names |= {f"{item.id}__{value}" for value in answers.values}
        elif item.type not in ("text", "code"):
            names |= {item.id, item.keyed_name}
    return names


def school_variables(study: StudyFolder) -> set[str]:
    """Return the variables of the school table that its standard and ``study.yaml`` name."""
    schools = study.definition.schools
    if schools is None:
        return set()
    names = {"pupils", "school_name", *schools.columns}
    standard = study.standard
    if standard is not None:
        names |= {*standard.columns, *(entry.id for entry in standard.indicators), *standard.groupings}
    return names


def school_headings(study: StudyFolder) -> set[str]:
    """Return the headings of the school table's file: any column of it may be a variable."""
    from manyi.readers.tables.raw_table import read_table

    paths = [path for path in study.schools_files.values() if path.is_file()]
    return {heading for path in paths for heading in read_table(path).headings}
