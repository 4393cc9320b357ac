"""``manyi codes``: access codes made, and written once for printing."""

from difflib import get_close_matches
from pathlib import Path

import click

from manyi.cli.session import Session, manyi_command, study_argument
from manyi.cli.stores import store_option
from manyi.study.folder import StudyFolder, open_study
from manyi_instruments.faults import Fault, Place, StudyFaulty


@manyi_command("codes")
@study_argument
@click.option("--role", required=True, help="角色 · Whose answers the codes admit.")
@click.option("--school", default="", help="学校代码 · Code of the school, as the school table has it.")
@click.option("--class", "group", default="", help="班级 · Class; without it the list is the whole school's.")
@click.option("--count", required=True, type=click.IntRange(1, 100_000), help="数量 · How many.")
@store_option
def command(
    session: Session, folder: Path, role: str, school: str, group: str, count: int, store: str | None
) -> None:
    """Make a list of one-time access codes and write it, once, to codes/ for printing.

    The store keeps keyed hashes of the codes only: a lost file cannot be written again, make another list.
    Which code gave which answers is recorded nowhere.

    访问码：生成一份一次性访问码，只写出一次供打印；答卷库里只存散列，且不与答卷对应。
    """
    from manyi.collect.code_file import LEAST, write_codes
    from manyi.collect.opening import opened_store

    study = open_study(folder)
    if role not in study.definition.roles:
        details = {"role": role, "roles": ", ".join(study.definition.roles)}
        raise StudyFaulty(Fault("unknown-role", Place(str(study.study_file)), details))
    _check_school(session, study, school)
    if count < LEAST:
        session.tell(Fault("codes-few", details={"n": count, "least": LEAST}, severity="warning"))
    with opened_store(study, store) as opened:
        codes = opened.codes.make(role, school, group, count)
    path = write_codes(study.path / "codes", codes, role, school, group)
    session.result |= {"written": str(path), "count": count}
    session.say(f"{count} 个访问码：{path}", f"{count} access codes: {path}")


def _check_school(session: Session, study: StudyFolder, school: str) -> None:
    """Warn of a school that the school table does not have."""
    if not school:
        return
    from manyi.schools.named_schools import named_schools

    known, unread = named_schools(study, session.language)
    session.tell(*unread)
    if known and school not in known:
        near = ", ".join(get_close_matches(school, known, n=3)) or "–"
        details = {"school": school, "near": near}
        session.tell(Fault("codes-unknown-school", Place(str(study.schools_file)), details, "warning"))
