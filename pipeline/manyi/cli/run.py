"""``manyi run``: everything from the answers to the appendix, only what changed."""

import os
from pathlib import Path

from manyi.cli.session import Session, manyi_command, study_argument
from manyi.cli.summary import made_files, tell_summary
from manyi.stages.stage import StageOutcome
from manyi.study.checks import study_faults
from manyi.study.folder import StudyFolder, open_study
from manyi.study.history import history_faults

STATES = {"done": "完成", "reused": "沿用", "failed": "失败", "left_out": "未做"}

#: Bytes of answers below which a second process costs more to start than it saves.
SIDE_BY_SIDE = 500_000


@manyi_command("run")
@study_argument
def command(session: Session, folder: Path) -> None:
    """Import what is new, clean, score, analyse and write every output of the study in DIR.

    全程运行：导入新答卷、清洗、计分、分析、输出，只重做有变化的部分。
    """
    run_study(session, open_study(folder))


def run_study(session: Session, study: StudyFolder) -> tuple[StageOutcome, ...]:
    """Run a study's stages with a progress bar and tell what came of them."""
    from manyi.stages.manifest import open_manifest
    from manyi.stages.pipeline import roles_without_answers, stages_of
    from manyi.stages.runner import run_stages

    session.tell(*study_faults(study, tables=False), *roles_without_answers(study))
    stages = stages_of(study, session.chosen_language)
    with session.progress(len(stages)) as advance:
        outcomes = run_stages(stages, open_manifest(study), advance, workers_for(study))
    for outcome in outcomes:
        session.tell(*outcome.faults)
    session.tell(*history_faults(study))
    _report(session, study, outcomes)
    return outcomes


def workers_for(study: StudyFolder) -> int:
    """Return how many processes make the stages of a study of this size."""
    size = sum(path.stat().st_size for role in study.definition.roles for path in study.answer_files(role))
    return min(os.cpu_count() or 1, 4) if size >= SIDE_BY_SIDE else 1


def _report(session: Session, study: StudyFolder, outcomes: tuple[StageOutcome, ...]) -> None:
    for outcome in outcomes:
        cause = f" ({outcome.cause})" if outcome.cause else ""
        session.say(
            f"{STATES[outcome.state]}  {outcome.name}{cause}  {outcome.seconds:.1f} 秒",
            f"{outcome.state:9}{outcome.name}{cause}  {outcome.seconds:.1f} s",
        )
    session.result |= {
        "study": study.definition.study,
        "stages": [
            {"name": o.name, "state": o.state, "cause": o.cause, "seconds": round(o.seconds, 3)}
            for o in outcomes
        ],
        "outputs": [str(path) for path, _ in made_files(study, session.language) if path.is_file()],
    }
    tell_summary(session, study)
