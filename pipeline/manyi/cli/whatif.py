"""``manyi whatif``: what every verdict would be with other raw numbers."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from manyi.cli.session import Session, manyi_command, study_argument
from manyi.study.folder import StudyFolder, open_study
from manyi_instruments.faults import Fault, Place, StudyFaulty

if TYPE_CHECKING:
    import pandas as pd

    from manyi_analysis.resources import Change, WhatIf
    from manyi_outputs.context import Context

#: Lines shown for a person; `--json` gives all.
MOST_LINES = 40


@manyi_command("whatif")
@study_argument
@click.option(
    "--add",
    "changes",
    multiple=True,
    required=True,
    metavar="CHANGE",
    help="改动 · school=CODE,stage=STAGE,COLUMN=+N. +N and -N add, *N multiplies, N replaces; school=* is "
    "every school; without school the names are facts of the county. Give it more than once for more.",
)
def command(session: Session, folder: Path, changes: tuple[str, ...]) -> None:
    """Try other raw numbers: hired teachers, built rooms, money spent. Nothing in the study is changed.

    Prints every value, verdict and gap that would differ, and each area before and after.

    推算整改：某校增加教师、教室、设备以后，哪些结论会变。不改动任何文件。
    """
    from manyi_analysis.resources import parse_changes

    study = open_study(folder)
    if not study.schools_files or study.standard is None:
        raise StudyFaulty(Fault("whatif-without-standard", Place(str(study.study_file))))
    planned: list[Change] = []
    faults: list[Fault] = []
    for written in changes:
        try:
            planned += parse_changes(written)
        except StudyFaulty as error:
            faults += error.faults
    if faults:
        raise StudyFaulty(faults)
    found = _tried(session, study, planned)
    session.result |= {
        "passes": {"before": found.before.passes, "after": found.after.passes},
        "changes": _records(found.frame),
        "areas": _records(found.areas),
    }
    _report(session, found, study)


def _tried(session: Session, study: StudyFolder, planned: "list[Change]") -> "WhatIf":
    from manyi.schools.county import facts_given
    from manyi.schools.files import read_school_files
    from manyi.study.places import placing
    from manyi_analysis.resources import what_if

    schools, layered = study.definition.schools, study.layered
    if schools is None or layered is None:
        raise StudyFaulty(Fault("whatif-without-standard", Place(str(study.study_file))))
    paths = study.schools_files
    absent = [path for path in paths.values() if not path.is_file()]
    if absent:
        place = Place(str(study.study_file))
        raise StudyFaulty(Fault("schools-not-found", place, {"path": path}) for path in absent)
    with placing(study, list(paths.values())):
        frame = read_school_files(paths, schools, layered.standard, session.language).frame
    facts = facts_given(study)
    recognition = layered.standard.recognition
    if recognition is not None and recognition.fact not in facts:
        share = _recognition_share(study)
        if share is None:
            details = {"fact": recognition.fact}
            session.tell(Fault("recognition-not-run", Place(str(study.study_file)), details, "warning"))
        else:
            facts[recognition.fact] = share
    return what_if(frame, layered, planned, facts, study.county)


def _recognition_share(study: StudyFolder) -> float | None:
    """Return recognition as the last run computed it, or None."""
    from manyi.stages.tables import read_result_table

    table = read_result_table(study, "recognition")
    if table is None or "decides" not in table:
        return None
    share = table.loc[table["decides"].astype(str).str.lower() == "true", "share"].dropna()
    return float(share.iloc[0]) if len(share) else None


def _records(frame: "pd.DataFrame") -> list[dict[str, object]]:
    """Return rows as JSON can hold them: missing values are null."""
    clean = frame.astype(object).where(frame.notna(), None)
    return [{str(key): value for key, value in row.items()} for row in clean.to_dict("records")]


def _report(session: Session, found: "WhatIf", study: StudyFolder) -> None:
    from manyi.stages.writing import context_of

    context = context_of(study, session.language)
    if not len(found.frame):
        session.say("没有任何结论改变。", "Nothing would differ.")
    for row in _records(found.frame)[:MOST_LINES]:
        session.say(*(_line(row, context, language) for language in ("zh", "en")))
    left = len(found.frame) - MOST_LINES
    if left > 0:
        session.say(f"…… 另有 {left} 行，用 --json 查看。", f"… and {left} more, see --json.")
    for row in _records(found.areas):
        if row["met_before"] != row["met_after"] or row["units_met_before"] != row["units_met_after"]:
            area = context.area(str(row["area"]))
            part = context.words.term("area_part", str(row["part"]))
            before, after = (_met(row[f"met_{when}"], session.language) for when in ("before", "after"))
            counts = f"{row['units_met_before']} → {row['units_met_after']}"
            session.say(
                f"{area}（{part}）：{before} → {after}，达标数 {counts}",
                f"{area} ({part}): {before} → {after}, met {counts}",
            )
    before, after = (_met(one.passes, session.language) for one in (found.before, found.after))
    session.say(f"全县：{before} → {after}", f"County: {before} → {after}")


def _line(row: dict[str, object], context: "Context", language: str) -> str:
    """Return what became of one value: unit, indicator, value and verdict before and after."""
    stage = context.stage(str(row["stage"])) if row["stage"] else ""
    name, bound = str(row["indicator"]), context.bound(str(row["indicator"]), str(row["bound"]))
    what = " | ".join(part for part in (context.requirement(name) if name else "", bound) if part)
    values = " → ".join(_shown(row[f"value_{when}"]) for when in ("before", "after"))
    verdicts = " → ".join(_met(row[f"met_{when}"], language) for when in ("before", "after"))
    gaps = " → ".join(_shown(row[f"gap_{when}"]) for when in ("before", "after"))
    where = " ".join(part for part in (str(row["unit"]), stage) if part)
    told = f"{where} | {what} | {values} ({_shown(row['threshold'])}) | {verdicts}"
    lacking = {"zh": "差", "en": "lacks"}[language]
    return f"{told} | {lacking} {gaps}" if row["gap_before"] or row["gap_after"] else told


def _shown(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return "—"
    return f"{value:.4g}" if isinstance(value, float) and abs(value) < 1e4 else f"{value:,.0f}"


def _met(met: object, language: str) -> str:
    words = {
        "zh": {True: "达到", False: "未达到", None: "无法判定"},
        "en": {True: "met", False: "not met", None: "cannot be told"},
    }
    return words[language][None if met is None else bool(met)]
