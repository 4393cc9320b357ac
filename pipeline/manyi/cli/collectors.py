"""``manyi collectors``: accounts with which phones fetch forms and send answers."""

import os
from pathlib import Path

import click

from manyi.cli.session import Session, manyi_command, study_argument
from manyi.study.folder import StudyFolder, open_study
from manyi_instruments.faults import Fault, Place, StudyFaulty


@manyi_command("collectors")
@study_argument
@click.option(
    "--add", "added", metavar="NAME", help="新建 · Make an account; one of that name gets a new password."
)
@click.option("--remove", "removed", metavar="NAME", help="删除 · Remove an account; it is refused at once.")
@click.option("--school", default="", help="学校代码 · School all its answers belong to.")
@click.option("--class", "group", default="", help="班级 · Class all its answers belong to.")
@click.option(
    "--address", help="服务器地址 · Address of the server, https://…/odk: writes a QR code for ODK Collect."
)
def command(
    session: Session,
    folder: Path,
    added: str | None,
    removed: str | None,
    school: str,
    group: str,
    address: str | None,
) -> None:
    """Accounts for ODK Collect on phones: list them, make one, remove one.

    Password and token are shown this once; the study keeps hashes of them. The QR code holds the token: who
    scans it can send answers.

    采集员：手机应用 ODK Collect 的账号。密码和令牌只显示一次；二维码含令牌，扫码即可发送答卷。
    """
    from manyi.collect.openrosa.collectors import COLLECTORS, Collectors

    study = open_study(folder)
    accounts = Collectors(study.path / COLLECTORS)
    if removed is not None and not accounts.remove(removed):
        listed = "、".join(one.name for one in accounts.listed()) or "–"
        raise StudyFaulty(
            Fault("collector-unknown", Place(str(accounts.file)), {"name": removed, "names": listed})
        )
    if added is not None:
        made = accounts.add(added, school, group)
        session.result |= {"name": added, "password": made.password, "token": made.token}
        session.say(
            f"{added}：密码 {made.password}，令牌 {made.token}（只显示这一次）",
            f"{added}: password {made.password}, token {made.token} (shown this once)",
        )
        if address is not None:
            path = _write_code(study, added, f"{address.rstrip('/')}/key/{made.token}")
            session.result["written"] = str(path)
            session.say(f"二维码：{path}", f"QR code: {path}")
    shown = [{"name": one.name, "school": one.school, "class": one.group} for one in accounts.listed()]
    session.result["collectors"] = shown
    for one in shown:
        about = " ".join(text for text in (one["school"], one["class"]) if text)
        session.say(f"{one['name']}  {about}".rstrip(), f"{one['name']}  {about}".rstrip())


def _write_code(study: StudyFolder, name: str, address: str) -> Path:
    """Write the QR code of an account beside the lists of access codes, for its owner only."""
    from manyi.collect.openrosa.settings import settings_code
    from manyi_instruments.forms.wording import in_language

    folder = study.path / "codes"
    folder.mkdir(mode=0o700, exist_ok=True)
    safe = "".join(sign if sign.isalnum() else "_" for sign in name)
    path = folder / f"collector-{safe}.svg"
    title = in_language(study.definition.title, study.definition.language)
    handle = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(settings_code(address, title))
    return path
