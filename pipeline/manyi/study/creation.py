"""New study folders: from the bundled questionnaires, or drafted from a file of answers."""

import csv
import shutil
from pathlib import Path

import yaml

from manyi.study.definition import Study
from manyi.study.template import template_text
from manyi_instruments.faults import Fault
from manyi_instruments.questionnaires import bundled_questionnaires
from manyi_instruments.standards import load_standard


def new_study(folder: Path) -> list[Path]:
    """Write a study folder with every bundled questionnaire and an empty school table.

    Returns
    -------
    list of Path
        The files written.
    """
    text = template_text()
    study = Study.model_validate(yaml.safe_load(text))
    written = [_write(folder / "study.yaml", text)]
    for name, source in bundled_questionnaires().items():
        content = source.read_text(encoding="utf-8")
        written.append(_write(folder / "instruments" / f"{name}.yaml", content))
        (folder / "data" / "responses" / name).mkdir(parents=True, exist_ok=True)
    if study.schools is not None and study.schools.standard is not None:
        standard = load_standard(study.schools.standard)
        headings = [column.title[study.language] for column in standard.columns.values()]
        written.append(folder / study.schools.table)
        with written[-1].open("w", encoding="utf-8-sig", newline="") as stream:
            csv.writer(stream).writerow(headings)
    return written


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
    from manyi.readers.drafting.draft import draft_questionnaire

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
