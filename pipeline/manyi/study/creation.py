"""New study folders: from the bundled questionnaires, or drafted from a file of answers."""

import csv
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import yaml

from manyi.study.definition import Study
from manyi.study.template import template_text
from manyi_instruments.faults import Fault, Place
from manyi_instruments.questionnaires import bundled_questionnaires
from manyi_instruments.standards import load_standard

#: Suffixes a platform gives to its description of a survey.
_STRUCTURE_SUFFIXES = (".lss", ".qsf", ".txt", ".tsv", ".xlsx", ".xls")


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
        written.append(folder / next(iter(study.schools.files.values())))
        with written[-1].open("w", encoding="utf-8-sig", newline="") as stream:
            csv.writer(stream).writerow(headings)
    return written


def study_from_file(
    folder: Path, file: Path, role: str, source: str = "auto", structures: Sequence[Path] = ()
) -> tuple[list[Path], tuple[Fault, ...]]:
    """Write a study folder whose questionnaire is drafted from a file of answers, and take the file in.

    Parameters
    ----------
    folder : Path
        New study folder.
    file : Path
        Export of a survey platform or a plain table.
    role : str
        Name of the role whose answers they are.
    source : str
        Platform of the file.
    structures : sequence of Path
        Descriptions of the survey by its platform; kept in ``data/structures``. Where none is named, one
        that lies beside the file and knows its headings is taken.

    Returns
    -------
    tuple
        The files written, and what drafting has to tell.

    Raises
    ------
    FileUnreadable, AnswersFaulty
        If the file or a structure cannot be read; then nothing is written.
    """
    from manyi.readers.drafting.draft import draft_questionnaire
    from manyi.readers.structures.find import read_structure

    for structure in structures:
        read_structure(structure)
    beside = () if structures else _structures_beside(file)
    draft = draft_questionnaire(file, source, role, structures or beside)
    unused = [path.name for path in structures if path.name != draft.source.structure]
    kept = [*structures, *(path for path in beside if path.name == draft.source.structure)]
    responses = folder / "data" / "responses" / role
    responses.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, responses / file.name)
    written = [
        _write(folder / "study.yaml", draft.study_yaml(role, folder.name)),
        _write(folder / "instruments" / f"{role}.yaml", draft.yaml),
        responses / file.name,
    ]
    if source != "auto":
        register = {f"data/responses/{role}/{file.name}": source}
        text = json.dumps(register, ensure_ascii=False, indent=1)
        written.append(_write(folder / "data" / "responses" / "register.json", text))
    for structure in kept:
        target = folder / "data" / "structures" / structure.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(structure, target)
        written.append(target)
    warnings = (Fault("structure-unused", Place(name), {"structure": name}, "warning") for name in unused)
    return written, (*draft.faults, *warnings)


def _structures_beside(file: Path) -> tuple[Path, ...]:
    from manyi.readers.structures.find import is_structure

    if not file.is_file():
        return ()
    beside = (path for path in sorted(file.parent.iterdir()) if path.suffix.lower() in _STRUCTURE_SUFFIXES)
    return tuple(path for path in beside if path.name != file.name and is_structure(path))


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
