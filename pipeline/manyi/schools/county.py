"""A study's county held against its standard: what it needs is read, every table it gives is named."""

from typing import TYPE_CHECKING

from manyi.study.folder import StudyFolder
from manyi.study.places import placing
from manyi.study.variables import variables
from manyi_instruments.expressions import parse_expression
from manyi_instruments.faults import Fault, Place, StudyFaulty
from manyi_instruments.standards.requirements import Recognition

if TYPE_CHECKING:
    import pandas as pd

    from manyi_analysis.resources import CountyEvaluation, SocialRecognition


def facts_given(study: StudyFolder) -> dict[str, float]:
    """Return what the study's table of facts gives; nothing where there is none.

    Raises
    ------
    StudyFaulty
        ``schools-extra-file-not-found``.
    AnswersFaulty, FileUnreadable
        With the faults of the table, at their rows.
    """
    # The stage that needs the table is named before anything is read.
    from manyi.schools.facts import read_facts

    schools, standard = study.definition.schools, study.standard
    if schools is None or standard is None or schools.facts is None:
        return {}
    path = study.path / schools.facts
    if not path.is_file():
        raise StudyFaulty(Fault("schools-extra-file-not-found", Place(str(study.study_file)), {"path": path}))
    with placing(study, [path]):
        return read_facts(path, standard, schools.affirmed, schools.denied)


def recognition_roles(study: StudyFolder) -> tuple[str, ...]:
    """Return the roles of the study whose answers count for recognition."""
    standard = study.standard
    if standard is None or standard.recognition is None:
        return ()
    asked = {group.role: None for group in standard.recognition.groups.values()}
    return tuple(role for role in asked if role in study.questionnaires)


def recognition_items(study: StudyFolder, role: str, recognition: Recognition) -> tuple[str, ...]:
    """Return the columns of a role's answers that its conditions name."""
    conditions = [
        text
        for group in recognition.groups.values()
        if group.role == role
        for text in (*group.recognizes.values(), *([group.where] if group.where is not None else []))
    ]
    names = {name for text in conditions for name in parse_expression(text).column_names()}
    known = variables(study.questionnaires[role])
    return tuple(sorted(column for column in known if column in names or column.rpartition("__")[0] in names))


def recognition_faults(study: StudyFolder) -> tuple[Fault, ...]:
    """Return a warning for each condition of recognition that names an item its role does not have."""
    standard = study.standard
    if standard is None or standard.recognition is None:
        return ()
    faults = []
    for group, entry in standard.recognition.groups.items():
        if entry.role not in study.questionnaires:
            continue
        items = {item.id for item in study.questionnaires[entry.role].all_items()}
        known = variables(study.questionnaires[entry.role]) | items
        for text in entry.recognizes.values():
            unknown = [name for name in parse_expression(text).column_names() if name not in known]
            if unknown:
                details = {"group": group, "role": entry.role, "names": ", ".join(unknown)}
                faults.append(
                    Fault("recognition-item-unknown", Place(str(study.study_file)), details, "warning")
                )
    # A fault with details has no hash.
    return tuple(fault for at, fault in enumerate(faults) if fault not in faults[:at])


def evaluation_tables(found: "CountyEvaluation") -> "dict[str, pd.DataFrame]":
    """Return the result tables of a county held against its standard."""
    return {
        "standard": found.to_frame(),
        "standard_areas": found.areas,
        "school_gaps": found.gaps.to_frame(),
        "school_gap_totals": found.gaps.totals(),
        "schools_to_close": found.gaps.to_close,
    }


def recognition_tables(found: "SocialRecognition") -> "dict[str, pd.DataFrame]":
    """Return the result tables of recognition."""
    return {
        "recognition": found.to_frame(),
        "recognition_groups": found.groups,
        "recognition_sample": found.sample,
    }
