"""``manyi raw``: one row of a raw file as it stands, and what became of every cell of it."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from manyi.cli.accounts import KINDS
from manyi.cli.session import Session, manyi_command
from manyi.study.folder import open_study

if TYPE_CHECKING:
    from manyi.stages.raw_row import RawRow

FATES = {
    "kept": ("保留", "kept"),
    "recoded": ("转码", "recoded"),
    "missing": ("缺失", "missing"),
    "rejected": ("无效", "rejected"),
    "about": ("答卷信息", "about the submission"),
    "metadata": ("平台信息", "the platform's own"),
    "unread": ("没有读", "not read"),
    "row_aside": ("整行隔离", "row set aside"),
    "file_unused": ("文件未采用", "file not used"),
}


@manyi_command("raw")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--role", required=True, help="角色 · The role.")
@click.option("--file", "name", required=True, help="文件 · As the column `file` of the tables names it.")
@click.option("--row", type=int, required=True, help="行号 · As a spreadsheet counts, headings being row 1.")
@click.option("--item", help="题目 · Only the cells of this question.")
def command(session: Session, folder: Path, role: str, name: str, row: int, item: str | None) -> None:
    """One row of a raw file as it stands, and what became of every cell of it.

    The file is read again and must still be the one that was imported. Rows in the quarantine are shown too.

    原始数据：一行原样显示，每一格由哪道题读取、结果如何。
    """
    from manyi.stages.raw_row import raw_row

    found = raw_row(open_study(folder), role, name, row, item)
    session.result["raw"] = asdict(found)
    _say_row(session, found)
    stored = dict(zip(found.to_frame()["column"], found.to_frame()["stored"], strict=True))
    for cell in found.cells:
        zh, en = FATES[cell.fate]
        if cell.kind:
            kind = KINDS.get(cell.kind, (cell.kind, cell.kind))
            zh, en = f"{zh}（{kind[0]}）", f"{en} ({kind[1]})"
        value = f" = {stored[cell.column]}" if stored[cell.column] else ""
        told = f": {cell.reason}" if cell.reason else ""
        by = f" [{cell.how}]" if cell.how else ""
        target = f" → {cell.item}{by}" if cell.item else ""
        line = f"  {cell.column.strip()}: {cell.cell!r}{target}{value}"
        session.say(f"{line}  {zh}{told}", f"{line}  {en}{told}")


def _say_row(session: Session, found: "RawRow") -> None:
    head = f"{found.file}, {found.row}  sha256 {found.sha256[:12]}"
    session.say(head, head)
    for code, reason in found.set_aside:
        session.say(f"整行隔离 [{code}] {reason}", f"row set aside [{code}] {reason}")
    if found.kept is not None:
        flags = ", ".join(found.flags)
        zh = f"标记：{flags or '无'}；{'纳入分析' if found.kept else '不纳入分析'}"
        en = (
            f"flags: {flags or 'none'}; {'enters the analysis' if found.kept else 'left out of the analysis'}"
        )
        session.say(zh, en)
