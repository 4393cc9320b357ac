"""``manyi status``: answers by role and school, and which stages are stale and why."""

from pathlib import Path

from manyi.cli.session import Session, manyi_command, study_argument
from manyi.study.checks import study_faults
from manyi.study.folder import StudyFolder, open_study


@manyi_command("status")
@study_argument
def command(session: Session, folder: Path) -> None:
    """Answer files and their accounts by role, and which stages are stale and why.

    研究现状：各角色的答卷文件和账目，哪些阶段需要重做、为什么。
    """
    from manyi.stages.manifest import open_manifest
    from manyi.stages.pipeline import stages_of

    study = open_study(folder)
    session.tell(*study_faults(study))
    session.result["study"] = study.definition.study
    session.result["roles"] = {role: _role(session, study, role) for role in study.definition.roles}
    manifest = open_manifest(study)
    stale = {stage.name: manifest.staleness(stage) for stage in stages_of(study, session.chosen_language)}
    session.result["stale"] = {name: cause for name, cause in stale.items() if cause}
    for name, cause in stale.items():
        session.say(f"{name}: {cause or '最新'}", f"{name}: {cause or 'up to date'}")


def _role(session: Session, study: StudyFolder, role: str) -> dict[str, object]:
    from manyi.stages.tables import read_result_table

    files = study.answer_files(role)
    counts: dict[str, object] = {"files": [path.name for path in files]}
    ledger = read_result_table(study, "ledger")
    if ledger is not None:
        own = ledger[ledger["role"] == role]
        counts["ledger"] = own[["step", "reason", "n"]].to_dict("records")
        for step, reason, n in own[["step", "reason", "n"]].itertuples(index=False):
            session.say(f"{role}: {step} {reason} {n}", f"{role}: {step} {reason} {n}")
    cells = read_result_table(study, "import_cells")
    if cells is not None:
        counts["import"] = cells[cells["role"] == role].drop(columns="role").to_dict("records")
    session.say(f"{role}: {len(files)} 个答卷文件", f"{role}: {len(files)} answer files")
    return counts
