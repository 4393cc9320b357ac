"""The standard stage: the county held against its standard, what is missing to pass, equity."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from manyi.stages.stage import Stage
from manyi.stages.work import clean_folder, undivided_table, wave_folder, work_folder
from manyi.study.folder import StudyFolder
from manyi.study.places import placed, placing
from manyi.study.waves import in_order
from manyi_instruments.faults import Fault, ManyiError, Place

if TYPE_CHECKING:
    import pandas as pd

    from manyi_analysis.resources import CountyEvaluation, SocialRecognition
    from manyi_instruments.standards import Recognition

STANDARD = "standard"


def evaluate_stage(study: StudyFolder) -> Stage | None:
    """Return the stage that holds the county against the standard, or None where the study has none."""
    from manyi.schools.county import recognition_roles

    schools = study.definition.schools
    if schools is None or schools.standard is None:
        return None
    try:
        roles = recognition_roles(study)
    except ManyiError:
        # The schools stage tells the faults of the standard; this one is left out with it.
        roles = ()
    extra = [schools.facts, schools.equity.transfers.table if schools.equity.transfers else None]
    answered = [role for role in roles if study.has_answers(role)]
    return Stage(
        name=STANDARD,
        run=partial(_evaluate, study, answered),
        inputs=(
            undivided_table(study),
            *study.standard_files,
            *(study.path / name for name in extra if name),
            *(clean_folder(study, role) for role in answered),
            *(study.questionnaire_file(role) for role in answered),
            *(wave_folder(study, wave) for wave in schools.earlier),
        ),
        outputs=(work_folder(study, STANDARD),),
        parameters={
            "schools": schools.model_dump(mode="json", include={"standard", "facts", "equity", "wave"}),
            "county": study.county,
        },
        after=("schools",),
    )


def _evaluate(study: StudyFolder, roles: list[str]) -> tuple[Fault, ...]:
    import pandas as pd

    from manyi.schools.county import evaluation_tables, facts_given, recognition_faults, recognition_tables
    from manyi.stages.tables import write_pieces
    from manyi_analysis.resources import evaluate_county

    layered = study.layered
    frame = pd.read_parquet(undivided_table(study))
    if layered is None or not len(frame):
        write_pieces(work_folder(study, STANDARD), {})
        return ()
    facts = facts_given(study)
    pieces: dict[str, pd.DataFrame] = {}
    faults: list[Fault] = []
    recognition = layered.standard.recognition
    if recognition is not None and roles:
        found = _recognition(study, roles, recognition, facts)
        pieces |= recognition_tables(found)
        faults += recognition_faults(study)
        if found.share == found.share:
            # What is given by hand, of an official survey for example, stands over what was computed here.
            facts = {recognition.fact: found.share, **facts}
    evaluation = evaluate_county(frame, layered, facts, study.county)
    pieces |= evaluation_tables(evaluation)
    more, told = _equity(study, evaluation)
    write_pieces(work_folder(study, STANDARD), {**pieces, **more})
    return (*faults, *told)


def _recognition(
    study: StudyFolder, roles: list[str], recognition: "Recognition", facts: dict[str, float]
) -> "SocialRecognition":
    import pandas as pd

    from manyi.schools.county import recognition_items
    from manyi_analysis.resources import social_recognition

    answers = {}
    for role in roles:
        folder = clean_folder(study, role)
        if folder.is_dir():
            names = list(recognition_items(study, role, recognition))
            answers[role] = pd.read_parquet(folder, columns=["row", *names], filters=[("kept", "==", True)])
    residents = facts.get(recognition.residents) if recognition.residents is not None else None
    return social_recognition(answers, recognition, residents)


def _equity(
    study: StudyFolder, found: "CountyEvaluation"
) -> "tuple[dict[str, pd.DataFrame], tuple[Fault, ...]]":
    """Return inequality of every indicator, staff flows and enrolment by kind of school."""
    from manyi_analysis.equity import equity_table

    schools = study.definition.schools
    if schools is None:
        return {}, ()
    plan = schools.equity
    standard, frame = found.layered.standard, found.schools.schools
    shortened = {f"{name}:{digits}": (name, digits) for name, digits in plan.prefixes.items()}
    frame = frame.assign(
        **{key: frame[name].str[:digits] for key, (name, digits) in shortened.items() if name in frame}
    )
    groupings = tuple(standard.groupings) if plan.groupings is None else plan.groupings
    pairs = [(pair.by, pair.first, pair.second) for pair in plan.pairs]
    known = {str(name) for name in frame.columns}
    # A grouping of the standard whose column the table lacks was not asked for; what the plan names was.
    named = (*(plan.groupings or ()), *plan.prefixes, *(by for by, _, _ in pairs))
    told_of = ", ".join(sorted(known | set(standard.groupings)))
    faults = [
        Fault("equity-unknown-grouping", Place(str(study.study_file)), {"name": name, "known": told_of})
        for name in dict.fromkeys((*named, *([plan.kinds] if plan.kinds else [])))
        if name not in known
    ]
    present = [name for name in (*groupings, *shortened) if name in known]
    usable = [pair for pair in pairs if pair[0] in known]
    equity = equity_table(found.schools.indicators, frame, present, usable)
    tables = {"equity": equity.to_frame(), "lorenz": equity.lorenz}
    kinds = plan.kinds or (present[0] if present else None)
    if kinds is None or kinds not in known:
        return tables, tuple(faults)
    moved, told = _flows(study, frame, kinds)
    return tables | moved | _hollowing(study, frame, kinds), (*faults, *told)


def _flows(
    study: StudyFolder, schools: "pd.DataFrame", kinds: str
) -> "tuple[dict[str, pd.DataFrame], tuple[Fault, ...]]":
    import pandas as pd

    from manyi.readers.tables.headings import fold
    from manyi.schools.transfers import read_transfers
    from manyi_analysis.equity import staff_flows
    from manyi_analysis.records import NotComputed

    plan = study.definition.schools.equity.transfers if study.definition.schools else None
    if plan is None:
        return {}, ()
    path = study.path / plan.table
    if not path.is_file():
        place = Place(str(study.study_file))
        return {}, (Fault("schools-extra-file-not-found", place, {"path": path}),)
    standard = study.standard
    grouping = standard.groupings.get(kinds) if standard is not None else None
    spellings = {fold(str(kind)): str(kind) for kind in schools[kinds].dropna().unique()}
    if grouping is not None:
        spellings |= {
            fold(text): key for key, g in grouping.groups.items() for text in (key, *g.title.values())
        }
    with placing(study, [path]):
        transfers = read_transfers(path, plan, schools, kinds, spellings)
    stock = None
    if plan.stock is not None and plan.stock in schools:
        stock = schools.groupby(kinds)[plan.stock].sum(min_count=1)
    found = staff_flows(transfers.frame, stock)
    faults = placed(study, [path], transfers.faults)
    if isinstance(found, NotComputed):
        return {"staff_balance": pd.DataFrame({"by": [kinds], "reason": [found.reason]})}, faults
    balance = found.to_frame().assign(
        by=kinds, siphoned=found.siphoned, n=found.n, missing=found.missing, reason=""
    )
    return {
        "staff_flows": found.flows.assign(by=kinds),
        "staff_balance": balance,
    }, faults


def _hollowing(study: StudyFolder, schools: "pd.DataFrame", kinds: str) -> "dict[str, pd.DataFrame]":
    """Return how enrolment and class size changed since every earlier wave of the school table."""
    import pandas as pd

    from manyi_analysis.equity import hollowing
    from manyi_analysis.records import NotComputed

    definition = study.definition.schools
    if definition is None:
        return {}
    parts = []
    for wave in in_order(definition.earlier):
        path: Path = wave_folder(study, wave) / "schools.parquet"
        if not path.is_file():
            continue
        before = pd.read_parquet(path)
        about = {"by": kinds, "from_wave": wave, "to_wave": definition.wave or ""}
        if kinds not in before:
            before = before.assign(**{kinds: None})
        found = hollowing(before, schools, kinds, definition.equity.small)
        if isinstance(found, NotComputed):
            parts.append(
                pd.DataFrame({**{key: [value] for key, value in about.items()}, "reason": found.reason})
            )
        else:
            parts.append(found.to_frame().assign(**about, missing=found.missing, reason=""))
    if not parts:
        return {}
    joined = pd.concat(parts, ignore_index=True)
    front = ["by", "from_wave", "to_wave"]
    return {"hollowing": joined[[*front, *(name for name in joined.columns if name not in front)]]}
