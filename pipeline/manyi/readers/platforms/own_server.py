"""Answers collected by manyi's own server: the table the store is read as, and the same written to a file."""

from manyi.readers.platforms.platform import Platform
from manyi.readers.platforms.source import SourceQuestion, SourceTable, distinct, guess_kind
from manyi.readers.structures.structure import Structure
from manyi.readers.tables.raw_table import RawTable

#: Before the headings that are not questions: no question can be named so.
MARK = "manyi:"
SUBMISSION, STANDING, FAULTS = f"{MARK}submission", f"{MARK}standing", f"{MARK}faults"
SCHOOL, GROUP, SUBMITTED = f"{MARK}school", f"{MARK}class", f"{MARK}submitted"
SECONDS, STARTED, DEFINITION = f"{MARK}seconds", f"{MARK}started", f"{MARK}definition"
LANGUAGE, DEVICE = f"{MARK}language", f"{MARK}device"
ABOUT = (
    *(SUBMISSION, STANDING, FAULTS, SCHOOL, GROUP, SUBMITTED, SECONDS, STARTED, DEFINITION),
    *(LANGUAGE, DEVICE),
)

#: Joins the values of a multiple choice, and those of a ranking in order.
SEPARATOR = " "
ACCEPTED = "accepted"
#: What becomes of a row that was not accepted: standing -> fault code.
SET_ASIDE = {
    "conflict": "submission-conflict",
    "code-spent": "submission-code-spent",
    "other-form": "submission-other-form",
    "faulty": "submission-faulty",
}
_TEXT = "__text"


def evidence(raw: RawTable) -> tuple[str, ...]:
    """Return the own headings of a table; empty without those of submission and standing."""
    headings = {heading.strip() for heading in raw.headings}
    marks = tuple(mark for mark in ABOUT if mark in headings)
    return marks if {SUBMISSION, STANDING} <= set(marks) else ()


def read_own_server(raw: RawTable, structure: Structure | None = None) -> SourceTable:
    """Read the questions of a table of collected answers.

    Parameters
    ----------
    raw : RawTable
        As `manyi.collect.stored_table` makes it, or a file of it.
    structure : Structure, optional
        Not needed: headings are the items' own ids.
    """
    marks = set(evidence(raw))
    names = [str(name) for name in raw.cells.columns]
    asked = [name for name in names if not name.startswith(MARK)]
    known = set(asked)
    beside = {name for name in asked if name.endswith(_TEXT) and name.removesuffix(_TEXT) in known}
    standing = raw.cells[STANDING].str.strip()
    rows = raw.rows
    aside = {
        code: tuple(rows[(standing == told).to_numpy(dtype=bool)].tolist())
        for told, code in SET_ASIDE.items()
    }

    def column(name: str) -> str | None:
        return name if name in marks else None

    return SourceTable(
        source="manyi",
        evidence=evidence(raw),
        raw=raw,
        style="value",
        questions=tuple(_question(raw, name, beside) for name in asked if name not in beside),
        submitted=column(SUBMITTED),
        seconds=column(SECONDS),
        school=column(SCHOOL),
        submission=SUBMISSION,
        definition=column(DEFINITION),
        metadata=tuple(name for name in names if name.startswith(MARK)),
        separator=SEPARATOR,
        set_aside={code: found for code, found in aside.items() if found},
    )


def _question(raw: RawTable, name: str, beside: set[str]) -> SourceQuestion:
    other = f"{name}{_TEXT}"
    kind = guess_kind(distinct(raw.column(name), {}), "\x00")
    return SourceQuestion(
        name, "", name, "", kind, (), (name,), name, other=other if other in beside else None
    )


OWN_SERVER = Platform(
    name="manyi",
    title={"zh": "manyi 自己的收集服务器", "en": "manyi's own server"},
    understands={
        "zh": (
            "答卷库（SQLite 或 PostgreSQL）不用导出，manyi run 直接读",
            "未进入分析的答卷（内容冲突、填答码已用、旧版问卷、核对不符）逐份隔离并说明原因",
            "学校由链接、填答码或采集员账号得知；用时由各部分用时相加；每份答卷带问卷指纹",
        ),
        "en": (
            "the store (SQLite or PostgreSQL) without an export: manyi run reads it",
            "sheets in conflict, with a spent code, of another version, or that failed the checks: each set "
            "aside with its reason",
            "school from link, access code or collector; duration from the sections; hash of the definition",
        ),
    },
    evidence=evidence,
    read=read_own_server,
)
