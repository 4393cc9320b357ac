"""``manyi plan``: the sample to draw, as an Excel list."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from manyi.cli.session import Session, manyi_command, study_argument
from manyi.study.folder import StudyFolder, open_study
from manyi_instruments.faults import Fault, Place, StudyFaulty

if TYPE_CHECKING:
    import pandas as pd

    from manyi.sampling.plan import SamplePlan


@manyi_command("plan")
@study_argument
@click.option("--again", is_flag=True, help="重抽 · Draw anew; the earlier list is kept under another name.")
def command(session: Session, folder: Path, again: bool) -> None:
    """Propose the sample that `sampling` in study.yaml asks for, and draw it.

    Writes plan/sample.xlsx, the list for the field, and plan/sample.csv, from which design weights are read.
    A sample already drawn is a record and is never overwritten.

    拟定样本：按规定比例或精度算样本量，分层、抽学校，写出每校的发放名单。
    """
    from manyi.sampling.places import WORKBOOK, plan_folder
    from manyi.sampling.plan import propose_sample
    from manyi.sampling.record import make_room, refuse_second, write_list
    from manyi.sampling.workbook import role_titles, write_sample_workbook
    from manyi.stages.writing import context_of

    study = open_study(folder)
    sampling = study.definition.sampling
    if sampling is None:
        raise StudyFaulty(Fault("sampling-missing", Place(str(study.study_file))))
    refuse_second(study, again)
    language = session.chosen_language or study.definition.language
    context = context_of(study, language)
    plan = propose_sample(
        sampling,
        _schools(session, study),
        study.definition.analysis.confidence,
        study.standard.evaluated_stages if study.standard is not None else None,
        Place(str(study.study_file)),
    )
    session.tell(*plan.faults)
    if not plan.sound:
        return
    session.tell(*make_room(study))
    workbook = plan_folder(study) / WORKBOOK
    write_sample_workbook(workbook, study, plan, context)
    session.result |= {"written": [str(workbook), str(write_list(study, plan))]}
    _report(session, plan, role_titles(study, plan, context))


def _schools(session: Session, study: StudyFolder) -> "pd.DataFrame | None":
    """Return the school table as the schools stage leaves it, made now where it is stale.

    Raises
    ------
    StudyFaulty
        With the faults of the school table.
    """
    import pandas as pd

    from manyi.stages.manifest import open_manifest
    from manyi.stages.runner import run_stages
    from manyi.stages.school_resources import schools_stage
    from manyi.stages.work import school_table

    if study.definition.schools is None:
        return None
    (outcome,) = run_stages([schools_stage(study, study.definition.schools)], open_manifest(study))
    if outcome.state == "failed":
        raise StudyFaulty(outcome.faults)
    session.tell(*outcome.faults)
    return pd.read_parquet(school_table(study))


def _report(session: Session, plan: "SamplePlan", titles: dict[str, str]) -> None:
    from manyi.sampling.workbook import sizes_table

    rows = sizes_table(plan)
    session.result |= {
        "total_by_rule": plan.total,
        "schools": {"frame": plan.schools, "drawn": plan.drawn},
        "roles": [
            {
                "role": row["role"],
                "target": int(row["target"]),
                "decided": row["decided"],
                "invited": int(row["invited"]),
                "schools": int(row["schools"]),
            }
            for row in rows.to_dict("records")
        ],
    }
    for row in session.result["roles"]:
        title = titles[row["role"]]
        session.say(
            f"{title}：目标 {row['target']} 份，发放 {row['invited']} 份，{row['schools']} 所学校",
            f"{title}: {row['target']} answers wanted, {row['invited']} asked, {row['schools']} schools",
        )
    for path in session.result["written"]:
        session.say(f"→ {path}", f"→ {path}")
