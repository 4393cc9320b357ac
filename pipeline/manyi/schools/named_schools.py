"""The schools of a study by their codes, for whatever is handed out to them."""

from dataclasses import replace

from manyi.study.folder import StudyFolder
from manyi_instruments.faults import Fault, ManyiError


def named_schools(study: StudyFolder, language: str) -> tuple[dict[str, str], tuple[Fault, ...]]:
    """Return code -> name of the school table's schools, and why there are none.

    Parameters
    ----------
    study : StudyFolder
        Whose school table. Without one there are no schools and no faults.
    language : str
        Of the table's headings in messages.

    Returns
    -------
    schools : dict
        A name is empty where the table gives none.
    faults : tuple of Fault
        Of a table that cannot be read, as warnings: what needs no schools can go on.
    """
    schools = study.definition.schools
    if schools is None or not all(path.is_file() for path in study.schools_files.values()):
        return {}, ()
    from manyi.schools.files import read_school_files

    try:
        frame = read_school_files(study.schools_files, schools, study.standard, language).frame
    except ManyiError as error:
        return {}, tuple(replace(fault, severity="warning") for fault in error.faults)
    known = frame.dropna(subset=["school"]).drop_duplicates("school")
    names = known["school_name"].fillna("") if "school_name" in known else [""] * len(known)
    return dict(zip(known["school"].astype(str), map(str, names), strict=True)), ()
