"""``manyi status``: answers by role and school, and which stages are stale and why."""

from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path

from manyi.cli.accounts import account_lines, file_lines
from manyi.cli.session import Session, manyi_command, study_argument
from manyi.study.checks import study_faults
from manyi.study.folder import StudyFolder, open_study
from manyi.study.places import names_of


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
    manifest = open_manifest(study)
    made = {name: run.made for name, run in manifest.runs.items()}
    session.result["roles"] = {
        role: _role(session, study, role, made.get(f"import:{role}", "")) for role in study.definition.roles
    }
    stale = {stage.name: manifest.staleness(stage) for stage in stages_of(study, session.chosen_language)}
    session.result["stale"] = {name: cause for name, cause in stale.items() if cause}
    for name, cause in stale.items():
        session.say(f"{name}: {cause or '最新'}", f"{name}: {cause or 'up to date'}")


def _role(session: Session, study: StudyFolder, role: str, made: str) -> dict[str, object]:
    """Tell one role: its files, the account of each, and the ledger of rows."""
    from manyi.stages.tables import read_pieces, read_result_table
    from manyi.stages.work import work_folder

    paths = study.answer_files(role)
    counts: dict[str, object] = {"files": [path.name for path in paths], "imported": made}
    session.say(f"{role}: {len(paths)} 个答卷文件", f"{role}: {len(paths)} answer files")
    # The stage's own pieces: there as soon as a file was taken in, before any table was made.
    pieces = read_pieces(work_folder(study, f"import-{role}"))
    if "import_files" in pieces:
        files = pieces["import_files"].drop(columns="role").to_dict("records")
        accounts = pieces["import_cells"].drop(columns="role").to_dict("records")
        counts["import_files"], counts["import"] = files, accounts
        if made:
            session.say(f"  导入于 {made}", f"  imported {made}")
        _say_accounts(session, files, accounts)
        known = {str(file["file"]) for file in files}
        new = [name for name in names_of(paths) if name not in known]
        counts["not_imported"] = new
        for name in new:
            session.say(f"  {name}：还没有导入", f"  {name}: not imported yet")
    ledger = read_result_table(study, "ledger")
    if ledger is not None:
        own = ledger[ledger["role"] == role]
        counts["ledger"] = own[["step", "reason", "n"]].to_dict("records")
        for step, reason, n in own[["step", "reason", "n"]].itertuples(index=False):
            session.say(f"{role}: {step} {reason} {n}", f"{role}: {step} {reason} {n}")
    return counts


def _say_accounts(
    session: Session,
    files: Sequence[Mapping[Hashable, object]],
    accounts: Sequence[Mapping[Hashable, object]],
) -> None:
    by_file = {account["file"]: account for account in accounts}
    for file in files:
        session.say(*file_lines({str(name): value for name, value in file.items()}))
        account = by_file.get(file["file"])
        if account is not None:
            zh, en = account_lines({str(name): value for name, value in account.items()})
            session.say(f"    {zh}", f"    {en}")
