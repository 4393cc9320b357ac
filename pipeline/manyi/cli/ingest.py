"""``manyi ingest``: take files of answers into the study, with every row and cell accounted for."""

import json
import shutil
from pathlib import Path

import click

from manyi.cli.accounts import account_lines
from manyi.cli.session import Session, manyi_command
from manyi.cli.sources import source_option, structure_option
from manyi.stages.manifest import file_hash
from manyi.study.folder import StudyFolder, open_study
from manyi_instruments.faults import Fault, FileUnreadable, Place, StudyFaulty


@manyi_command("ingest")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--role", required=True, help="角色 · The role whose answers these are.")
@source_option
@structure_option
def command(
    session: Session,
    folder: Path,
    files: tuple[Path, ...],
    role: str,
    source: str,
    structures: tuple[Path, ...],
) -> None:
    """Take files of answers into the study, every row and cell accounted for.

    FILEs are copied to data/responses, structures to data/structures. The same file twice adds nothing; a
    file of the same name with other content is refused, never overwritten.

    导入答卷：把文件收进研究，逐行逐格入账。
    """
    from manyi.stages.importing import import_stage
    from manyi.stages.manifest import open_manifest
    from manyi.stages.runner import run_stages
    from manyi.stages.tables import read_pieces

    study = open_study(folder)
    if role not in study.definition.roles:
        roles = ", ".join(study.definition.roles)
        raise StudyFaulty(Fault("unknown-role", Place(str(study.study_file)), {"role": role, "roles": roles}))
    for structure in structures:
        _take_in_structure(study, structure)
    for file in files:
        _take_in(study, role, file, source)
    stage = import_stage(open_study(folder), role)
    (outcome,) = run_stages([stage], open_manifest(study))
    session.tell(*outcome.faults)
    if outcome.state == "failed":
        return
    pieces = read_pieces(stage.outputs[-1])
    session.tell(*_unused(structures, set(pieces["import_files"]["structure"])))
    accounts = pieces["import_cells"]
    session.result["import"] = accounts.to_dict("records")
    for account in accounts.to_dict("records"):
        session.say(*account_lines({str(name): value for name, value in account.items()}))


def _unused(structures: tuple[Path, ...], used: set[str]) -> tuple[Fault, ...]:
    """Return a warning for every structure that describes none of the role's files."""
    return tuple(
        Fault("structure-unused", Place(str(path)), {"structure": path.name}, "warning")
        for path in structures
        if path.name not in used
    )


def _take_in_structure(study: StudyFolder, file: Path) -> None:
    from manyi.readers.structures.find import read_structure

    if not file.is_file():
        raise FileUnreadable(Fault("file-not-found", Place(str(file)), {"path": file}))
    read_structure(file)
    _copy(file, study.structures / file.name)


def _copy(file: Path, target: Path) -> None:
    """Copy a file, unless it is there already; another one of its name is never overwritten."""
    if target.exists() and file_hash(target) != file_hash(file):
        raise FileUnreadable(Fault("file-name-taken", Place(str(file)), {"path": target}))
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)


def _take_in(study: StudyFolder, role: str, file: Path, source: str) -> None:
    from manyi.readers.structures.find import refuse_structure
    from manyi.readers.tables.entry_workbook import answer_tables

    if not file.is_file():
        raise FileUnreadable(Fault("file-not-found", Place(str(file)), {"path": file}))
    # A file that nobody can read must not stand in the way of every run to come.
    refuse_structure(file)
    answer_tables(file)
    target = study.answers_folder(role) / file.name
    _copy(file, target)
    # Read anew from the file: the one before may have been taken in by this same call.
    register = {**open_study(study.path).register, target.relative_to(study.path).as_posix(): source}
    study.register_file.parent.mkdir(parents=True, exist_ok=True)
    study.register_file.write_text(json.dumps(register, ensure_ascii=False, indent=1), encoding="utf-8")
