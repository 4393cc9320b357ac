"""ODK Central exports (and those of ODK Briefcase, which Central follows)."""

from manyi.readers.platforms.platform import Platform
from manyi.readers.platforms.source import SourceTable
from manyi.readers.platforms.xforms import SEPARATOR, read_xforms, refuse_repeats, rows_where
from manyi.readers.structures.structure import Structure
from manyi.readers.tables.raw_table import RawTable

MARKS = (
    "SubmissionDate",
    "KEY",
    "SubmitterID",
    "SubmitterName",
    "AttachmentsPresent",
    "AttachmentsExpected",
    "Status",
    "ReviewState",
    "DeviceID",
    "Edits",
    "FormVersion",
)
REPEAT = ("PARENT_KEY",)
GROUPS = "-"
_REJECTED = ("rejected",)
# Central writes these where it has no key to an encrypted submission; all its answers are blank.
_ENCRYPTED = ("not decrypted", "missing encrypted form data")


def evidence(raw: RawTable) -> tuple[str, ...]:
    """Return which of ODK Central's own columns a table has; empty without ``SubmissionDate`` and ``KEY``."""
    headings = {heading.strip() for heading in raw.headings}
    marks = tuple(mark for mark in (*MARKS, *REPEAT) if mark in headings)
    return marks if {"SubmissionDate", "KEY"} <= set(marks) or {"PARENT_KEY", "KEY"} <= set(marks) else ()


def read_odk(raw: RawTable, structure: Structure | None = None) -> SourceTable:
    """Read the questions of an export of ODK Central.

    Parameters
    ----------
    raw : RawTable
        The file.
    structure : Structure, optional
        The form as XLSForm. Without it a name is what stands behind the last ``-`` of a heading; where the
        export was made without groups (``instanceID``, not ``meta-instanceID``) it is the whole heading.

    Returns
    -------
    SourceTable
        Split columns of a multiple choice are never read: Central writes 0 there for a skipped question
        too, and has columns only for options somebody chose. Submissions *rejected* in the review and those
        still encrypted are set aside.

    Raises
    ------
    AnswersFaulty
        ``repeat-table`` for the file of a repeat.
    """
    refuse_repeats(raw, REPEAT)
    names = {str(name).strip(): str(name) for name in raw.cells.columns}
    set_aside = {
        "submission-rejected": rows_where(raw, "ReviewState", _REJECTED),
        "submission-encrypted": rows_where(raw, "Status", _ENCRYPTED),
    }
    groups = "" if "instanceID" in names else GROUPS
    found = read_xforms(raw, {}, groups, structure)
    return SourceTable(
        source="odk",
        evidence=evidence(raw),
        raw=raw,
        style="value",
        questions=found.questions,
        submitted=names.get("SubmissionDate"),
        school=found.about.get("school"),
        started=found.started,
        finished=found.finished,
        submission=names.get("KEY"),
        device=names.get("DeviceID", found.about.get("device")),
        metadata=found.metadata,
        separator=SEPARATOR,
        set_aside={code: rows for code, rows in set_aside.items() if rows},
        structure=structure.path.name if structure is not None else "",
        faults=structure.faults if structure is not None else (),
    )


ODK = Platform(
    name="odk",
    title={"zh": "ODK Central", "en": "ODK Central"},
    understands={
        "zh": (
            "CSV，分组前缀（sat-q1）有无皆可",
            "多选题只读合并的一列（m），不读拆分的列：跳过的题在拆分列里也是 0",
            "开始与结束时间相减得用时；KEY 为答卷编号；被拒（rejected）和未解密的答卷单列",
            "重复组的表格拒收",
        ),
        "en": (
            "CSV, with groups before names (sat-q1) or without",
            "multiple choice from the joined column (m), never the split ones, which show 0 where skipped",
            "duration from start and end; KEY is the submission; rejected and encrypted ones are set aside",
            "tables of repeats are refused",
        ),
    },
    evidence=evidence,
    read=read_odk,
    structure="xlsform",
)
