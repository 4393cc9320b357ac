"""``manyi ingest``: take files of answers into the study, with every row and cell accounted for."""

import json
import shutil
from pathlib import Path

import click

from manyi.cli.session import Session, manyi_command
from manyi.stages.manifest import file_hash
from manyi.study.folder import StudyFolder, open_study
from manyi_instruments.faults import Fault, FileUnreadable, Place, StudyFaulty

SOURCES = ("auto", "wenjuanxing", "table")


@manyi_command("ingest")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--role", required=True, help="角色 · The role whose answers these are.")
@click.option(
    "--source", type=click.Choice(SOURCES), default="auto", show_default=True, help="平台 · Platform."
)
def command(session: Session, folder: Path, files: tuple[Path, ...], role: str, source: str) -> None:
    """Take files of answers into the study, every row and cell accounted for.

    FILEs are copied to data/responses. The same file twice adds nothing; a file of the same name with other
    content is refused, never overwritten.

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
    for file in files:
        _take_in(study, role, file, source)
    stage = import_stage(open_study(folder), role)
    (outcome,) = run_stages([stage], open_manifest(study))
    session.tell(*outcome.faults)
    if outcome.state == "failed":
        return
    accounts = read_pieces(stage.outputs[-1])["import_cells"]
    session.result["import"] = accounts.to_dict("records")
    for account in accounts.to_dict("records"):
        session.say(*_account_lines({str(name): value for name, value in account.items()}))


def _account_lines(account: dict[str, object]) -> tuple[str, str]:
    """Return the account of one file in Chinese and English."""
    zh = (
        "{file}：读 {rows_read} 行 = 保留 {rows_kept} + 隔离 {rows_quarantined}；读 {cells_read} 格 = "
        "保留 {cells_kept} + 转码 {cells_recoded} + 缺失 {cells_missing} + 无效 {cells_rejected}"
    )
    en = (
        "{file}: {rows_read} rows read = {rows_kept} kept + {rows_quarantined} quarantined; {cells_read} "
        "cells read = {cells_kept} kept + {cells_recoded} recoded + {cells_missing} missing + "
        "{cells_rejected} rejected"
    )
    return zh.format_map(account), en.format_map(account)


def _take_in(study: StudyFolder, role: str, file: Path, source: str) -> None:
    from manyi.readers.tables.raw_table import read_table

    if not file.is_file():
        raise FileUnreadable(Fault("file-not-found", Place(str(file)), {"path": file}))
    # A file that nobody can read must not stand in the way of every run to come.
    read_table(file)
    target = study.answers_folder(role) / file.name
    if target.exists() and file_hash(target) != file_hash(file):
        raise FileUnreadable(Fault("file-name-taken", Place(str(file)), {"path": target}))
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
    # Read anew from the file: the one before may have been taken in by this same call.
    register = {**open_study(study.path).register, target.relative_to(study.path).as_posix(): source}
    study.register_file.parent.mkdir(parents=True, exist_ok=True)
    study.register_file.write_text(json.dumps(register, ensure_ascii=False, indent=1), encoding="utf-8")
