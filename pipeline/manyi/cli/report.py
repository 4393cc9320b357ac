"""``manyi report``: the report of a study, made again where something changed, opened in the browser."""

from pathlib import Path

import click

from manyi.cli.session import Session, manyi_command, study_argument
from manyi.study.folder import StudyFolder, open_study
from manyi_instruments.faults import Fault, Place


@manyi_command("report")
@study_argument
@click.option("--open", "opened", is_flag=True, help="在浏览器中打开 · Open it in the browser.")
def command(session: Session, folder: Path, opened: bool) -> None:
    """Where the report of the study in DIR is; made, with all it needs, where something changed.

    报告：有变化时重做，给出文件位置；--open 在浏览器中打开。
    """
    from manyi.stages.pipeline import roles_without_answers

    study = open_study(folder)
    path = study.results / "report.html"
    stale = _stale(session, study)
    session.result |= {"study": study.definition.study, "report": str(path), "made": bool(stale)}
    if stale:
        from manyi.cli.run import run_study

        session.say(f"重做（{stale}）", f"making it again ({stale})")
        run_study(session, study)
        session.result["made"] = path.is_file()
    if not path.is_file():
        if not stale:
            session.tell(*roles_without_answers(study))
        session.tell(Fault("no-report", Place(str(path)), {"folder": str(folder)}))
        return
    session.say(f"→ {path}", f"→ {path}")
    if opened:
        _open(session, path)


def _stale(session: Session, study: StudyFolder) -> str:
    """Return why some stage must be made again, empty where the report stands as it is."""
    from manyi.stages.manifest import open_manifest
    from manyi.stages.pipeline import stages_of

    manifest = open_manifest(study)
    for stage in stages_of(study, session.chosen_language):
        cause = manifest.staleness(stage)
        if cause:
            return f"{stage.name}: {cause}"
    return ""


def _open(session: Session, path: Path) -> None:
    """Open the page in the browser of the machine; where there is none, the path has been told."""
    import webbrowser

    try:
        shown = webbrowser.open(path.resolve().as_uri())
    except (webbrowser.Error, OSError):
        shown = False
    session.result["opened"] = shown
    if not shown:
        session.say("这里没有浏览器，请自行打开上面的文件。", "No browser here: open the file named above.")
