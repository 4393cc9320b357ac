"""``manyi code``: coding sheets of open answers and interview notes, one a coder, to be filled in."""

from pathlib import Path

import click

from manyi.cli.session import Session, manyi_command, study_argument
from manyi.study.folder import StudyFolder, open_study
from manyi_instruments.faults import Fault, Place, StudyFaulty


@manyi_command("code")
@study_argument
@click.option("--role", help="角色 · Only this role, or `interviews`; default all.")
@click.option("--item", help="题目 · Only this open question.")
@click.option("--coder", "coders", multiple=True, help="编码人 · A coder; twice or more. Default A and B.")
def command(
    session: Session, folder: Path, role: str | None, item: str | None, coders: tuple[str, ...]
) -> None:
    """Write coding sheets of open answers and interview notes, one workbook a coder.

    Each coder fills in coding/ROLE-ITEM/CODER.xlsx alone; `manyi run` reads them back. Phone numbers, names
    and codes are masked. A sheet that is there is never overwritten.

    编码表：开放题与访谈记录导出为 Excel，两人各自编码，再由 manyi run 读回。
    """
    from manyi.stages.manifest import open_manifest
    from manyi.stages.pipeline import stages_of
    from manyi.stages.runner import run_stages
    from manyi.stages.voices import coded_sources

    study = open_study(folder)
    sources = [
        (each, name) for each, name in coded_sources(study) if role in (None, each) and item in (None, name)
    ]
    if not sources:
        known = ", ".join(f"{each}: {name}" for each, name in coded_sources(study)) or "–"
        raise StudyFaulty(Fault("coding-nothing-open", Place(str(study.study_file)), {"known": known}))
    needed = {f"{stage}:{each}" for each, _ in sources for stage in ("import", "clean")} | {"schools"}
    stages = [stage for stage in stages_of(study) if stage.name in needed]
    for outcome in run_stages(stages, open_manifest(study)):
        if outcome.state == "failed":
            session.tell(*outcome.faults)
    _write(session, study, sources, coders or ("A", "B"))


def _write(
    session: Session, study: StudyFolder, sources: list[tuple[str, str]], coders: tuple[str, ...]
) -> None:
    from manyi.stages.work import coded_file
    from manyi.voices.passages import INTERVIEWS, masking_of, passages
    from manyi.voices.sheet import coding_folder, write_sheet

    masking = masking_of(study, study.definition.language)
    written = []
    for role, item in sources:
        if role != INTERVIEWS and not coded_file(study, role).is_file():
            continue
        texts = passages(study, role, item, masking)
        target = coding_folder(study, role, item)
        for coder in coders:
            path = target / f"{Path(coder).name}.xlsx"
            if path.exists():
                session.tell(Fault("coding-sheet-kept", Place(str(path)), {"path": path}, "warning"))
                continue
            target.mkdir(parents=True, exist_ok=True)
            write_sheet(path, texts, {})
            masked = int(texts["masked"].sum())
            written.append({"path": str(path), "texts": len(texts), "masked": masked})
            session.say(
                f"→ {path}：{len(texts)} 段文字，隐去 {masked} 处身份信息",
                f"→ {path}: {len(texts)} texts, {masked} identities masked",
            )
    session.result["written"] = written
