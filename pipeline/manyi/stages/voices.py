"""The voices stage: coding sheets read back, agreement, quotations, and the numbers beside them."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from manyi.stages.stage import Stage
from manyi.stages.work import clean_folder, coded_file, school_inputs, work_folder
from manyi.study.folder import StudyFolder
from manyi_instruments.faults import Fault, ManyiError

if TYPE_CHECKING:
    import pandas as pd

    from manyi.voices.coded import Coding
    from manyi.voices.masking import Masking


def voices_stage(study: StudyFolder, roles: Sequence[str]) -> Stage | None:
    """Return the stage that reads coding sheets, or None where there are none.

    Parameters
    ----------
    study : StudyFolder
    roles : sequence of str
        Those with answers.
    """
    from manyi.voices.passages import INTERVIEWS, interview_files, open_items
    from manyi.voices.sheet import sheet_files

    sources = [
        (role, item)
        for role in (*roles, INTERVIEWS)
        for item in open_items(study, role)
        if sheet_files(study, role, item)
    ]
    if not sources:
        return None
    sheets = [path for role, item in sources for path in sheet_files(study, role, item)]
    own = dict.fromkeys(role for role, _ in sources if role != INTERVIEWS)
    answers = [path for role in own for path in (clean_folder(study, role), coded_file(study, role))]
    plan = study.definition.analysis
    return Stage(
        name="voices",
        run=partial(_voices, study, tuple(sources)),
        inputs=(
            *sheets,
            *answers,
            *(study.questionnaire_file(role) for role in own),
            *interview_files(study),
            *school_inputs(study),
            study.path / "coding" / "names.txt",
        ),
        outputs=(work_folder(study, "voices"),),
        parameters={
            "sources": [list(source) for source in sources],
            "language": study.definition.language,
            "satisfaction": {role: list(plan.satisfaction.get(role, ())) for role in own},
            "index": plan.index,
            "minimum_cell": plan.minimum_cell,
            "confidence": plan.confidence,
        },
    )


def _voices(study: StudyFolder, sources: Sequence[tuple[str, str]]) -> tuple[Fault, ...]:
    import pandas as pd

    from manyi.stages.tables import write_pieces
    from manyi.voices.passages import INTERVIEWS, masking_of

    masking = masking_of(study, study.definition.language)
    faults: list[Fault] = []
    pieces: dict[str, list[pd.DataFrame]] = {}
    for role, item in sources:
        if role != INTERVIEWS and not coded_file(study, role).is_file():
            continue
        coding, told = _coding(study, role, item, masking)
        faults += told
        if coding is None:
            continue
        for name, table in _tables(study, role, item, coding).items():
            pieces.setdefault(name, []).append(table.assign(role=role, item=item))
    joined = {name: pd.concat(tables, ignore_index=True) for name, tables in pieces.items()}
    write_pieces(
        work_folder(study, "voices"),
        {
            name: table[["role", "item", *(each for each in table if each not in ("role", "item"))]]
            for name, table in joined.items()
            if len(table)
        },
    )
    return tuple(faults)


def _coding(
    study: StudyFolder, role: str, item: str, masking: "Masking"
) -> "tuple[Coding | None, list[Fault]]":
    """Return the codes of one question, and what is wrong with its sheets: a bad one is left out."""
    from manyi.voices.coded import Coding
    from manyi.voices.passages import passages
    from manyi.voices.sheet import read_sheet, sheet_files

    texts = passages(study, role, item, masking)
    faults: list[Fault] = []
    read = []
    for path in sheet_files(study, role, item):
        try:
            sheet = read_sheet(path, texts["unit"].tolist())
        except ManyiError as error:
            faults += error.faults
            continue
        faults += sheet.faults
        if sheet.codes:
            read.append(sheet)
    return (Coding(texts, read) if read else None), faults


def _tables(study: StudyFolder, role: str, item: str, coding: "Coding") -> "dict[str, pd.DataFrame]":
    from manyi.voices.coded import agreement, frequencies, joint_display, quotations
    from manyi.voices.passages import INTERVIEWS

    plan = study.definition.analysis
    tables = {
        "codes": frequencies(coding),
        "coding_agreement": agreement(coding, plan.confidence),
        "quotations": quotations(coding),
        "masked": _masked(coding),
    }
    if role != INTERVIEWS:
        values = _values(study, role)
        if len(values.columns) > len(("file", "row", "school")):
            tables["joint_display"] = joint_display(
                coding, values, plan.index, plan.minimum_cell, plan.confidence
            )
    return tables


def _masked(coding: "Coding") -> "pd.DataFrame":
    """Return how often each kind of identity was masked, in how many texts; a row ``none`` where none was."""
    import pandas as pd

    counts = pd.DataFrame(coding.passages["kinds"].tolist()).reindex(coding.passages.index)
    rows = [
        {"kind": str(kind), "texts": int(counts[kind].notna().sum()), "n": int(counts[kind].sum())}
        for kind in counts.columns
    ]
    return pd.DataFrame(rows or [{"kind": "none", "texts": 0, "n": 0}])


def _values(study: StudyFolder, role: str) -> "pd.DataFrame":
    """Return file, row, school and the role's indices of every row kept."""
    import pandas as pd

    from manyi_analysis.level.satisfaction import index_outcomes, respondent_values
    from manyi_analysis.records import NotComputed

    plan, questionnaire = study.definition.analysis, study.questionnaires[role]
    measures = plan.satisfaction.get(role, tuple(scale.id for scale in questionnaire.scales))
    outcomes = index_outcomes(questionnaire, measures)
    columns = list(dict.fromkeys(["file", "row", "school", *(outcome.column for outcome in outcomes)]))
    rows = pd.read_parquet(clean_folder(study, role), columns=columns, filters=[("kept", "==", True)])
    found = rows[["file", "row", "school"]].copy()
    for outcome in outcomes:
        values = respondent_values(rows, questionnaire, outcome.name, plan.index)
        if not isinstance(values, NotComputed):
            found[outcome.name] = values
    return found


def coded_sources(study: StudyFolder) -> Iterator[tuple[str, str]]:
    """Yield role and open question of everything that can be coded."""
    from manyi.voices.passages import INTERVIEWS, open_items

    for role in (*study.questionnaires, INTERVIEWS):
        for item in open_items(study, role):
            yield role, item
