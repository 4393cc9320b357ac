"""``manyi new``: a study folder from the bundled questionnaires, or drafted from a file of answers."""

import re
from pathlib import Path

import click

from manyi.cli.session import Session, manyi_command
from manyi.cli.sources import source_option, structure_option
from manyi_instruments.faults import Fault, Place, StudyFaulty

#: As `manyi_instruments.definitions.questionnaire.Name` asks, which takes pydantic to load.
ROLE_NAME = r"[A-Za-z][A-Za-z0-9_]{0,39}"


def require_empty(folder: Path) -> None:
    """Refuse a folder that already holds something.

    Raises
    ------
    StudyFaulty
        ``study-exists``.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StudyFaulty(Fault("study-exists", Place(str(folder)), {"folder": folder}))


def require_name(role: str) -> None:
    """Refuse a role that could not be a key of ``study.yaml``.

    Raises
    ------
    StudyFaulty
        ``role-name-refused``.
    """
    if re.fullmatch(ROLE_NAME, role) is None:
        raise StudyFaulty(Fault("role-name-refused", details={"role": role}))


@manyi_command("new")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--from",
    "source_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="从导出文件起草 · Draft it.",
)
@click.option("--role", default="respondents", show_default=True, help="角色 · Role of the answers in FILE.")
@source_option
@structure_option
def command(
    session: Session,
    folder: Path,
    source_file: Path | None,
    role: str,
    source: str,
    structures: tuple[Path, ...],
) -> None:
    """Write a new study folder.

    With --from the questionnaire is drafted from FILE, every suggestion marked, and the file is taken in, so
    that `manyi run` works at once.

    新建研究：用自带问卷，或从一份导出文件起草问卷（--from）。
    """
    from manyi.study.creation import new_study, study_from_file

    require_empty(folder)
    require_name(role)
    if source_file is None:
        written = new_study(folder)
    else:
        written, faults = study_from_file(folder, source_file, role, source, structures)
        session.tell(*faults)
    session.result["written"] = [str(path) for path in written]
    for path in written:
        session.say(f"→ {path}", f"→ {path}")
    session.say(f"下一步：manyi run {folder}", f"Next: manyi run {folder}")
