"""``manyi audit``: what was done to the store of collected answers, and what it holds."""

from datetime import UTC, datetime
from pathlib import Path

from manyi.cli.session import Session, manyi_command, study_argument
from manyi.cli.stores import store_option
from manyi.study.folder import open_study
from manyi_instruments.faults import Fault, FileUnreadable, Place


@manyi_command("audit")
@study_argument
@store_option
def command(session: Session, folder: Path, store: str | None) -> None:
    """Show what the store of collected answers holds by role, and what was done to it and when.

    审计：答卷库中各角色的答卷数，以及何时做过访问码、备份、撤回、清除。
    """
    from manyi.collect.opening import has_store, opened_store

    study = open_study(folder)
    if not has_store(study, store):
        raise FileUnreadable(Fault("store-none", Place(str(study.path))))
    with opened_store(study, store) as opened:
        counts, erased, lines = opened.counts(), opened.withdrawn(), opened.audit()
    held: dict[str, dict[str, int]] = {}
    for count in counts:
        of_role = held.setdefault(count.role, {})
        of_role[str(count.standing)] = of_role.get(str(count.standing), 0) + count.n
    for (role, reason), n in erased.items():
        held.setdefault(role, {})[reason] = n
    retention = study.definition.collection.retention
    session.result |= {"store": held, "audit": lines, "retention": retention}
    n = sum(count.n for count in counts)
    if retention is not None and n and datetime.now(UTC).date() > retention:
        details = {"date": retention, "n": n}
        session.tell(Fault("retention-over", Place(str(study.study_file)), details, "warning"))
    for role, by_standing in sorted(held.items()):
        numbers = ", ".join(f"{standing} {n}" for standing, n in sorted(by_standing.items()))
        session.say(f"{role}: {numbers}", f"{role}: {numbers}")
    for line in lines:
        text = " ".join(str(line[key]) for key in ("minute", "action", "role", "count", "detail"))
        session.say(text.strip(), text.strip())
