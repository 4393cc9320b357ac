"""New study folders: from the bundled questionnaires, or drafted from a file of answers."""

import csv
import shutil
from importlib.resources import files
from pathlib import Path

from manyi_instruments.faults import Fault
from manyi_instruments.standards import load_standard

BUNDLED = ("parents", "teachers", "students", "principals", "society")


def bundled_questionnaire(name: str) -> str:
    """Return the YAML text of a bundled questionnaire."""
    source = files("manyi_instruments") / "questionnaires" / f"{name}.yaml"
    return source.read_text(encoding="utf-8")


def new_study(folder: Path) -> list[Path]:
    """Write a study folder with every bundled questionnaire and an empty school table.

    Returns
    -------
    list of Path
        The files written.
    """
    written = [
        _write(folder / "study.yaml", (files("manyi.study") / "template.yaml").read_text(encoding="utf-8"))
    ]
    for name in BUNDLED:
        written.append(_write(folder / "instruments" / f"{name}.yaml", bundled_questionnaire(name)))
        (folder / "data" / "responses" / name).mkdir(parents=True, exist_ok=True)
    schools = folder / "data" / "schools.csv"
    standard = load_standard("national-2017")
    with schools.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerow([column.title["zh"] for column in standard.columns.values()])
    return [*written, schools]


def study_from_file(folder: Path, file: Path, role: str) -> tuple[list[Path], tuple[Fault, ...]]:
    """Write a study folder whose questionnaire is drafted from a file of answers, and take the file in.

    Parameters
    ----------
    folder : Path
        New study folder.
    file : Path
        Export of a survey platform or a plain table.
    role : str
        Name of the role whose answers they are.

    Returns
    -------
    tuple
        The files written, and what drafting has to tell.

    Raises
    ------
    FileUnreadable
        If the file cannot be read; then nothing is written.
    """
    from manyi.readers.draft import draft_questionnaire

    draft = draft_questionnaire(file, name=role)
    responses = folder / "data" / "responses" / role
    responses.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, responses / file.name)
    written = [
        _write(folder / "study.yaml", draft.study_yaml(role, folder.name)),
        _write(folder / "instruments" / f"{role}.yaml", draft.yaml),
        responses / file.name,
    ]
    return written, tuple(draft.faults)


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
