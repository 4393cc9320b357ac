"""问卷星 (Wenjuanxing) exports, by text and by option number: what their headings and cells mean."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from manyi.readers.platforms.platform import Platform
from manyi.readers.platforms.source import (
    Kind,
    SourceQuestion,
    SourceTable,
    Style,
    distinct,
    guess_kind,
    is_numeric,
)
from manyi.readers.structures.structure import Structure
from manyi.readers.tables.raw_table import RawTable
from manyi.readers.wording import without_numbering
from manyi_instruments.definitions.questionnaire import MissingKind
from manyi_instruments.faults import Fault, Place

METADATA = (
    "序号",
    "提交答卷时间",
    "所用时间",
    "来源",
    "来源详情",
    "来自IP",
    "来自ip",
    "IP",
    "用户ID",
    "用户id",
    "用户名",
    "总分",
    "总得分",
    "开始答题时间",
    "答题时长",
    "自定义字段",
)
SEPARATOR = "┋"
# (空) and -2: the respondent left it blank; (跳过) and -3: a jump left it out.
MISSING: Mapping[str, MissingKind] = {"(空)": "no_answer", "（空）": "no_answer", "(跳过)": "not_asked"}
MISSING = {**MISSING, "（跳过）": "not_asked", "-2": "no_answer", "-3": "not_asked"}

_NEW = re.compile(r"^\s*(?P<number>\d+)\s*[、.．]\s*(?P<text>.*\S)\s*$", re.DOTALL)
_OLD = re.compile(r"^\s*第\s*(?P<number>\d+)\s*题\s*(?:[(（](?P<row>.*)[)）])?\s*$", re.DOTALL)
# A Chinese dash is two characters; a single one joins question and row.
_JOIN = re.compile(r"(?<!—)—(?!—)")
_ROW_IN_BRACKETS = re.compile(r"^(?P<text>.+?)[(（](?P<row>.+)[)）]$", re.DOTALL)
_TICKS = {"0", "1"}
_FILE_STYLE: dict[str, Style] = {"按文本": "text", "按序号": "number", "按分数": "score"}


@dataclass(frozen=True, slots=True)
class _Column:
    """One column that asks: its number, what stands after it, and what its cells hold."""

    name: str
    heading: str
    number: str
    text: str
    old_row: str | None
    found: Mapping[str, int]


def evidence(raw: RawTable) -> tuple[str, ...]:
    """Return what tells that a table is an export of 问卷星; empty where nothing does.

    Three of its metadata headings are enough, or one beside numbered questions, or numbered questions
    alone where cells carry its marks (``┋``, ``(跳过)``, ``第6题(运动)``).
    """
    headings = [heading.strip() for heading in raw.headings]
    metadata = [heading for heading in headings if heading in METADATA]
    asked = [heading for heading in headings if heading and heading not in METADATA]
    numbered = [heading for heading in asked if _NEW.match(heading) or _OLD.match(heading)]
    old = [heading for heading in asked if _OLD.match(heading)]
    mostly = len(numbered) * 2 > len(asked)
    signs = []
    if metadata:
        signs.append("、".join(metadata))
    if mostly:
        signs.append(f"{numbered[0]} … ({len(numbered)}/{len(asked)})")
    marks = [mark for mark in (SEPARATOR, "(跳过)", "(空)", "〖") if mostly and _occurs(raw, mark)]
    signs.extend(marks)
    if len(metadata) >= 3 or (metadata and mostly) or (mostly and (old or marks)):
        return tuple(signs)
    return ()


def read_wenjuanxing(raw: RawTable, structure: Structure | None = None) -> SourceTable:
    """Read the questions of an export of 问卷星.

    Parameters
    ----------
    raw : RawTable
        The file.
    structure : Structure, optional
        Not used: 问卷星 gives out none.

    Returns
    -------
    SourceTable
        ``序号`` counts the submissions of one download and is no person; a person is known only where the
        export has ``用户ID``. Cells with ``→`` (ranking) are text.
    """
    metadata, asked = [], []
    for name, heading in zip(raw.cells.columns, raw.headings, strict=True):
        if heading.strip() in METADATA:
            metadata.append((name, heading.strip()))
        else:
            asked.append(_parse(name, heading, distinct(raw.cells[name], MISSING)))
    style, why = _style(raw, asked)
    questions: list[SourceQuestion] = []
    for _, group in groupby(asked, key=_Grouping()):
        questions.extend(_questions(list(group), style))
    faults: tuple[Fault, ...] = ()
    if style == "score":
        faults = (Fault("export-by-score", Place(file=raw.path.name), {"file": raw.path.name}, "warning"),)
    missing = MISSING if style == "number" else {k: v for k, v in MISSING.items() if not k.startswith("-")}
    return SourceTable(
        source="wenjuanxing",
        evidence=(*evidence(raw), why),
        raw=raw,
        style=style,
        questions=tuple(questions),
        submitted=_first(metadata, "提交答卷时间"),
        seconds=_first(metadata, "所用时间", "答题时长"),
        person=_first(metadata, "用户ID", "用户id"),
        metadata=tuple(name for name, _ in metadata),
        missing=missing,
        separator=SEPARATOR,
        faults=faults,
    )


def _parse(name: str, heading: str, found: Mapping[str, int]) -> _Column:
    old = _OLD.match(heading)
    if old:
        return _Column(name, heading, old["number"], "", (old["row"] or "").strip(), found)
    new = _NEW.match(heading)
    if new:
        return _Column(name, heading, new["number"], " ".join(new["text"].split()), None, found)
    return _Column(name, heading, "", without_numbering(heading), None, found)


class _Grouping:
    """Key of consecutive columns of one question; numbering may restart, so the number alone is no key."""

    def __init__(self) -> None:
        self.serial = 0
        self.last = ("", False)

    def __call__(self, column: _Column) -> int:
        """Return the serial number of the question the column belongs to."""
        here = (column.number, column.old_row is not None)
        if not column.number or here != self.last:
            self.serial += 1
        self.last = here
        return self.serial


def _questions(group: Sequence[_Column], style: Style) -> list[SourceQuestion]:
    first = group[0]
    if len(group) == 1 or not first.number:
        return [_alone(column) for column in group]
    ticked = style != "text" and all(set(column.found) <= _TICKS for column in group)
    if first.old_row is not None:
        stem, rows = "", [column.old_row or "" for column in group]
        heading = f"第{first.number}题"
    else:
        stem, row = _stem_and_row(first.text)
        # By number, single choice counts from 1: columns of 0 and 1 are the options of one question.
        if not row and not ticked:
            # The number restarted with one-question parts: columns that share it share nothing else.
            return [_alone(column) for column in group]
        stem, row = (stem, row) if row else ("", stem)
        rows = [row, *(_own_row(column.text, stem) for column in group[1:])]
        heading = f"{first.number}、{stem}"
    if ticked and len(set(rows)) == len(rows):
        names = tuple(column.name for column in group)
        return [SourceQuestion(heading, first.number, stem, "", "multiple", tuple(rows), names)]
    return [
        SourceQuestion(
            column.heading, column.number, stem, row, "matrix", _options(column.found), (column.name,)
        )
        for column, row in zip(group, rows, strict=True)
    ]


def _alone(column: _Column) -> SourceQuestion:
    kind: Kind = guess_kind(column.found, SEPARATOR)
    text = column.text or column.old_row or column.heading.strip()
    options = _options(column.found) if kind in ("single", "multiple") else ()
    return SourceQuestion(column.heading, column.number, text, "", kind, options, (column.name,))


def _options(found: Mapping[str, int]) -> tuple[str, ...]:
    """Return the wordings of the answers found, in order of first appearance, without their free text."""
    parts = (part.split("〖")[0].strip() for cell in found for part in cell.split(SEPARATOR))
    return tuple(dict.fromkeys(part for part in parts if part))


def _stem_and_row(text: str) -> tuple[str, str]:
    joins = list(_JOIN.finditer(text))
    if joins:
        return text[: joins[-1].start()].strip(), text[joins[-1].end() :].strip()
    brackets = _ROW_IN_BRACKETS.match(text)
    return (brackets["text"].strip(), brackets["row"].strip()) if brackets else (text, "")


def _own_row(text: str, stem: str) -> str:
    row = text.removeprefix(stem).lstrip("—").strip() if stem and text.startswith(stem) else text
    return row[1:-1] if row[:1] in "(（" and row[-1:] in ")）" else row


def _style(raw: RawTable, asked: Sequence[_Column]) -> tuple[Style, str]:
    """Return whether cells hold wordings, option numbers or scores, and what tells."""
    for mark, style in _FILE_STYLE.items():
        if mark in raw.path.name:
            return style, f"{style}: {mark}"
    for mark in (SEPARATOR, "(跳过)", "(空)", "〖"):
        if any(mark in cell for column in asked for cell in column.found) or _occurs(raw, mark):
            return "text", f"text: {mark}"
    for column in asked:
        if column.old_row and column.found and set(column.found) <= _TICKS:
            return "number", f"number: {column.heading} 0/1"
    for column in asked:
        if column.found and not is_numeric(column.found) and guess_kind(column.found, SEPARATOR) == "single":
            return "text", f"text: {column.heading}: {next(iter(column.found))}"
    return "number", "number: 1, 2, 3 …"


def _occurs(raw: RawTable, mark: str) -> bool:
    return any(bool(raw.cells[name].str.contains(mark, regex=False).any()) for name in raw.cells.columns)


def _first(metadata: Sequence[tuple[str, str]], *wanted: str) -> str | None:
    return next((name for name, heading in metadata if heading in wanted), None)


WENJUANXING = Platform(
    name="wenjuanxing",
    title={"zh": "问卷星", "en": "问卷星 (Wenjuanxing)"},
    understands={
        "zh": ("按文本、按序号、按分数导出的答卷",),
        "en": ("exports by text, by number and by score",),
    },
    evidence=evidence,
    read=read_wenjuanxing,
)
