"""``manyi purge``: collected answers erased, as the retention date asks."""

from datetime import UTC, datetime
from pathlib import Path

import click

from manyi.cli.session import Session, manyi_command, study_argument
from manyi.cli.stores import store_option
from manyi.study.folder import open_study
from manyi_instruments.faults import Fault, FileUnreadable, Place, StudyFaulty


@manyi_command("purge")
@study_argument
@click.option("--role", help="角色 · Only this role's answers; without it all.")
@click.option("--yes", is_flag=True, help="确认 · Erase them; it cannot be undone.")
@click.option("--due", is_flag=True, help="到期 · Only if the retention date has passed: for a timer.")
@store_option
def command(
    session: Session, folder: Path, role: str | None, yes: bool, due: bool, store: str | None
) -> None:
    """Erase collected answers from the store; how many, of which role and when stays in the audit.

    Withdrawn and erased answers are not taken in again should they be sent anew. Results, exports and
    backups are files of their own: delete them yourself.

    清除：按保存期限从答卷库中删去答卷内容，只留下计数和审计记录。
    """
    from manyi.collect.opening import has_store, opened_store

    study = open_study(folder)
    place = Place(str(study.study_file))
    if role is not None and role not in study.definition.roles:
        details = {"role": role, "roles": ", ".join(study.definition.roles)}
        raise StudyFaulty(Fault("unknown-role", place, details))
    if not yes:
        raise StudyFaulty(Fault("purge-unsure"))
    if not has_store(study, store):
        raise FileUnreadable(Fault("store-none", Place(str(study.path))))
    count = 0
    retention = study.definition.collection.retention
    if due and retention is None:
        raise StudyFaulty(Fault("retention-none", place))
    if not due or (retention is not None and datetime.now(UTC).date() > retention):
        with opened_store(study, store) as opened:
            count = opened.purge(role)
    session.result["erased"] = count
    session.say(f"清除了 {count} 份答卷。", f"{count} answers erased.")
