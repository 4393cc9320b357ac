"""``manyi diff``: what was changed between two versions of a questionnaire, and what it means for answers."""

from collections.abc import Sequence
from pathlib import Path

import click

from manyi.cli.session import Session, manyi_command
from manyi.study.folder import STUDY_FILE, open_study
from manyi_instruments.changes import Change, Verdict, compare_definitions
from manyi_instruments.definitions.loader import read_questionnaire
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.definitions.yaml_source import YamlModel
from manyi_instruments.faults import DefinitionFaulty, Fault, Place, StudyFaulty

#: Verdict -> (zh, en, style of the table).
SAID: dict[Verdict, tuple[str, str, str]] = {
    "new-name": ("须换题目标识", "needs a new name", "bold red"),
    "recomputed": ("须重新计算", "recomputed", "yellow"),
    "other-stimulus": ("题面不同，须注明", "other stimulus", "cyan"),
    "safe": ("不影响", "safe", "green"),
}
HEADINGS = {
    "zh": ("结论", "题目", "改动与处理", "位置"),
    "en": ("verdict", "items", "what, and what to do", "place"),
}
#: Ids shown of an edit that concerns many questions; all of them stand in the JSON.
SHOWN = 6


@manyi_command("diff")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
def command(session: Session, old: Path, new: Path) -> None:
    """Compare two questionnaire files, or two study folders role by role.

    Every edit gets a verdict: safe; another stimulus (report it); recomputed (run again); or needs a new item
    name, with which the command ends with 1. Earlier definitions are kept in instruments/history.

    比较两版问卷（或两个研究）：每处改动是否影响已有答卷，哪些题须换题目标识。
    """
    pairs = _pairs(session, old, new)
    compared: dict[str, list[dict[str, object]]] = {}
    unsafe: list[Change] = []
    for role, (before, after) in pairs.items():
        versions = _model(before), _model(after)
        changes = compare_definitions(*versions)
        places = [(before if change.removed else after).place(*change.path) for change in changes]
        compared[role] = [
            {"kind": one.kind, "verdict": one.verdict, "items": list(one.items)}
            | {"before": one.before, "after": one.after}
            | {
                key: said
                for key, said in one.fault(place).as_dict(session.language).items()
                if key not in ("code",)
            }
            for one, place in zip(changes, places, strict=True)
        ]
        unsafe += [change for change in changes if change.unsafe]
        if not session.as_json:
            _show(session, role, changes, places)
    session.result["changes"] = compared
    if unsafe:
        items = dict.fromkeys(item for change in unsafe for item in change.items)
        details = {"n": len(unsafe), "items": ", ".join(items) or "–"}
        session.tell(Fault("diff-unsafe", Place(str(new)), details))


def _pairs(
    session: Session, old: Path, new: Path
) -> dict[str, tuple[YamlModel[Questionnaire], YamlModel[Questionnaire]]]:
    """Return role -> both versions; the role is the questionnaire's id where files were given.

    Raises
    ------
    StudyFaulty
        ``diff-unlike``, ``diff-no-role``, or what is wrong with a ``study.yaml``.
    """
    studies = [path.is_dir() or path.name == STUDY_FILE for path in (old, new)]
    if not any(studies):
        before, after = read_questionnaire(old), read_questionnaire(new)
        return {_model(after).questionnaire: (before, after)}
    if not all(studies):
        raise StudyFaulty(Fault("diff-unlike", details={"old": old, "new": new}))
    first, second = open_study(old), open_study(new)
    roles = [role for role in second.definition.roles if role in first.definition.roles]
    if not roles:
        details = {"old": ", ".join(first.definition.roles), "new": ", ".join(second.definition.roles)}
        raise StudyFaulty(Fault("diff-no-role", details=details))
    alone = sorted({*first.definition.roles, *second.definition.roles} - set(roles))
    session.result["roles_not_compared"] = alone
    if alone:
        names = ", ".join(alone)
        session.say(f"只在一个研究里的角色，没有比较：{names}", f"In one study only, not compared: {names}")
    return {
        role: (
            read_questionnaire(first.questionnaire_file(role)),
            read_questionnaire(second.questionnaire_file(role)),
        )
        for role in roles
    }


def _model(read: YamlModel[Questionnaire]) -> Questionnaire:
    if read.model is None:
        raise DefinitionFaulty(fault for fault in read.faults if fault.severity == "error")
    return read.model


def _show(session: Session, role: str, changes: Sequence[Change], places: Sequence[Place]) -> None:
    """Print the edits as a table, the gravest first."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if not changes:
        session.say(f"{role}：没有差别", f"{role}: no difference")
        return
    table = Table(box=SIMPLE_HEAD, title=role, title_justify="left", expand=False)
    for heading in HEADINGS["zh" if session.language == "zh" else "en"]:
        table.add_column(heading, overflow="fold")
    for change, place in zip(changes, places, strict=True):
        fault = change.fault()
        zh, en, style = SAID[change.verdict]
        more = f" +{len(change.items) - SHOWN}" if len(change.items) > SHOWN else ""
        table.add_row(
            Text(zh if session.language == "zh" else en, style),
            Text(" ".join(change.items[:SHOWN]) + more),
            Text.assemble(fault.what(session.language), "\n", (fault.remedy(session.language), "dim")),
            Text(f"{Path(place.file).name}:{place.line}" if place.line else ""),
        )
    # Off a terminal nothing is folded to a width that is not there.
    console = Console()
    (console if console.is_terminal else Console(width=160)).print(table)
