"""The passages that are coded: open answers of the rows kept, paragraphs of interview notes; masked."""

from pathlib import Path
from typing import TYPE_CHECKING

from manyi.stages.work import clean_folder, coded_file, school_table
from manyi.study.folder import StudyFolder
from manyi.voices.masking import Masking, school_names

if TYPE_CHECKING:
    import pandas as pd

#: Stands in the place of a role for interview notes.
INTERVIEWS = "interviews"
COLUMNS = ["unit", "file", "row", "text", "masked", "kinds"]


def interviews_folder(study: StudyFolder) -> Path:
    """Return the folder of interview notes, one text file an interview."""
    return study.path / "data" / INTERVIEWS


def interview_files(study: StudyFolder) -> tuple[Path, ...]:
    """Return the interview notes in name order."""
    folder = interviews_folder(study)
    return tuple(sorted(folder.glob("[!.~]*.txt"))) if folder.is_dir() else ()


def open_items(study: StudyFolder, role: str) -> tuple[str, ...]:
    """Return the ids of a role's open questions; of interviews there is one source, ``notes``."""
    if role == INTERVIEWS:
        return ("notes",) if interview_files(study) else ()
    questionnaire = study.questionnaires.get(role)
    if questionnaire is None:
        return ()
    return tuple(item.id for item in questionnaire.all_items() if item.type == "text")


def masking_of(study: StudyFolder, language: str) -> Masking:
    """Return what is masked in a study: schools and codes of its tables, names of ``coding/names.txt``."""
    import pandas as pd

    known: dict[str, set[str]] = {"school": set(), "code": set(), "name": set()}
    if school_table(study).is_file():
        schools = pd.read_parquet(school_table(study))
        known["code"] |= set(schools["school"].dropna().astype(str))
        if "school_name" in schools:
            known["school"] = school_names(schools["school_name"].dropna().astype(str))
    for role in study.definition.roles:
        if coded_file(study, role).is_file():
            persons = pd.read_parquet(coded_file(study, role), columns=["person"])["person"].dropna()
            known["code"] |= {name for name in persons.astype(str).unique() if len(name) > 3}
    names = study.path / "coding" / "names.txt"
    if names.is_file():
        from manyi.readers.tables.encoding import decode_text

        known["name"] = set(decode_text(names, names.read_bytes())[0].split())
    return Masking(known, language)


def passages(study: StudyFolder, role: str, item: str, masking: Masking) -> "pd.DataFrame":
    """Return what is to be coded: ``unit, file, row, text, masked, kinds``, the text without identities.

    ``masked`` counts what was masked, ``kinds`` says of which kind. A unit is ``file#row``, of interviews
    ``file#paragraph``; so codes find their answer again whatever else is imported.
    """
    import pandas as pd

    rows = _notes(study) if role == INTERVIEWS else _answers(study, role, item)
    masked = [masking(text) for text in rows["text"]]
    return pd.DataFrame(
        {
            "unit": [f"{file}#{row}" for file, row in zip(rows["file"], rows["row"], strict=True)],
            "file": rows["file"],
            "row": rows["row"],
            "text": [each.text for each in masked],
            "masked": [sum(each.kinds.values()) for each in masked],
            "kinds": [each.kinds for each in masked],
        },
        columns=COLUMNS,
    )


def _answers(study: StudyFolder, role: str, item: str) -> "pd.DataFrame":
    import pandas as pd

    coded = pd.read_parquet(coded_file(study, role), columns=["file", "row", item])
    kept = pd.read_parquet(clean_folder(study, role), columns=["file", "row"], filters=[("kept", "==", True)])
    rows = coded.merge(kept, on=["file", "row"], validate="one_to_one").rename(columns={item: "text"})
    rows["text"] = rows["text"].astype("string").str.strip()
    return rows[rows["text"].notna() & (rows["text"] != "")].reset_index(drop=True)


def _notes(study: StudyFolder) -> "pd.DataFrame":
    """Return the paragraphs of every interview, numbered from 1; blank lines divide them."""
    import re

    import pandas as pd

    from manyi.readers.tables.encoding import decode_text

    found = []
    for path in interview_files(study):
        text, _ = decode_text(path, path.read_bytes())
        parts = [part.strip() for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n")) if part.strip()]
        found += [(path.name, number, part) for number, part in enumerate(parts, start=1)]
    return pd.DataFrame(found, columns=["file", "row", "text"])
