"""KoboToolbox exports, as CSV or Excel, with XML names or labels in headings and cells."""

from collections.abc import Mapping

from manyi.readers.platforms.platform import Platform
from manyi.readers.platforms.source import SourceTable
from manyi.readers.platforms.xforms import (
    SEPARATOR,
    read_xforms,
    refuse_repeats,
    rows_where,
    tag_rows,
)
from manyi.readers.structures.structure import Structure
from manyi.readers.tables.raw_table import RawTable
from manyi_instruments.definitions.questionnaire import MissingKind

#: Columns KoboToolbox adds to every export of all fields.
MARKS = (
    "_id",
    "_uuid",
    "_submission_time",
    "_validation_status",
    "_notes",
    "_status",
    "_submitted_by",
    "__version__",
    "_tags",
    "_index",
)
REPEAT = ("_parent_index", "_parent_table_name")
#: The older server wrote this into empty cells.
MISSING: Mapping[str, MissingKind] = {"n/a": "no_answer"}
GROUPS = "/"
_NOT_APPROVED = ("validation_status_not_approved", "not approved")
_FEWEST_MARKS = 3


def evidence(raw: RawTable) -> tuple[str, ...]:
    """Return which of KoboToolbox's own columns a table has; empty where they are too few to tell.

    ``_uuid`` beside one more is enough, as are three of them, or the two of a repeat.
    """
    headings = {heading.strip() for heading in raw.headings}
    marks = tuple(mark for mark in (*MARKS, *REPEAT) if mark in headings)
    enough = len(marks) >= _FEWEST_MARKS or ("_uuid" in marks and len(marks) > 1) or set(REPEAT) <= headings
    return marks if enough else ()


def read_kobo(raw: RawTable, structure: Structure | None = None) -> SourceTable:
    """Read the questions of an export of KoboToolbox.

    Parameters
    ----------
    raw : RawTable
        The file.
    structure : Structure, optional
        The form as XLSForm. An export with labels is told apart by it: whose answers a heading names, and
        what stands in a cell where several answers are joined.

    Returns
    -------
    SourceTable
        Submissions the project's own review calls *not approved* are set aside, as is a row of HXL tags.

    Raises
    ------
    AnswersFaulty
        ``repeat-table`` for the sheet or file of a repeat.
    """
    refuse_repeats(raw, REPEAT)
    tags = tag_rows(raw)
    found = read_xforms(raw, MISSING, GROUPS, structure, tags)
    names = {str(name).strip(): str(name) for name in raw.cells.columns}
    set_aside = {
        "tag-row": tags,
        "submission-rejected": rows_where(raw, "_validation_status", _NOT_APPROVED),
    }
    return SourceTable(
        source="kobo",
        evidence=evidence(raw),
        raw=raw,
        style="value",
        questions=found.questions,
        submitted=names.get("_submission_time", found.finished),
        school=found.about.get("school"),
        started=found.started,
        finished=found.finished,
        submission=names.get("_uuid", names.get("_id")),
        device=found.about.get("device"),
        metadata=found.metadata,
        missing=MISSING,
        separator=SEPARATOR,
        set_aside={code: rows for code, rows in set_aside.items() if rows},
        structure=structure.path.name if structure is not None else "",
        faults=structure.faults if structure is not None else (),
    )


KOBO = Platform(
    name="kobo",
    title={"zh": "KoboToolbox", "en": "KoboToolbox"},
    understands={
        "zh": (
            "CSV（; 或 ,）与 XLSX；表头和单元格用 XML 名称或任一语言的标签",
            "分组前缀（sat/q1）有无皆可；多选题合为一格、拆成多列（m/a）或两者都有",
            "开始与结束时间相减得用时；_uuid 为答卷编号；未通过审核的答卷单列",
            "重复组的表格拒收",
        ),
        "en": (
            "CSV (; or ,) and XLSX; XML names or labels of any language in headings and cells",
            "groups before names (sat/q1) or none; multiple choice in one cell, split (m/a), or both",
            "duration from start and end; _uuid is the submission; submissions not approved are set aside",
            "tables of repeats are refused",
        ),
    },
    evidence=evidence,
    read=read_kobo,
    structure="xlsform",
)
