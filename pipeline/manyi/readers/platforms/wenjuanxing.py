"""问卷星 (Wenjuanxing) exports by text, by option number and by score: what they hold."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from manyi.readers.platforms.platform import Platform
from manyi.readers.platforms.source import Kind, SourceQuestion, SourceTable, distinct, guess_kind, options_of
from manyi.readers.platforms.wenjuanxing_headings import (
    AskedColumn,
    Grouping,
    is_numbered,
    is_old,
    parse_heading,
    stem_and_rows,
)
from manyi.readers.platforms.wenjuanxing_style import (
    SEPARATOR,
    TOTALS,
    are_ranks,
    are_ticks,
    occurring_marks,
    tell_style,
)
from manyi.readers.structures.structure import Structure
from manyi.readers.tables.raw_table import RawTable
from manyi_instruments.definitions.questionnaire import MissingKind
from manyi_instruments.faults import Fault, Place

METADATA = (
    "序号",
    "答卷编号",
    "提交答卷时间",
    "提交时间",
    "所用时间",
    "来源",
    "来源详情",
    "来自IP",
    "来自ip",
    "IP",
    "用户ID",
    "用户id",
    "用户名",
    *TOTALS,
    "开始答题时间",
    "答题时长",
    "自定义字段",
)
# (空) and -2: the respondent left it blank; (跳过) and -3: a jump left it out.
MISSING: Mapping[str, MissingKind] = {
    "(空)": "no_answer",
    "（空）": "no_answer",
    "(跳过)": "not_asked",
    "（跳过）": "not_asked",
    "-2": "no_answer",
    "-3": "not_asked",
}


def evidence(raw: RawTable) -> tuple[str, ...]:
    """Return what tells that a table is an export of 问卷星; empty where nothing does.

    Three of its metadata headings are enough, or one beside numbered questions, or numbered questions
    alone where cells carry its marks (``┋``, ``(跳过)``, ``第6题(运动)``).
    """
    headings = [heading.strip() for heading in raw.headings]
    metadata = [heading for heading in headings if heading in METADATA]
    asked = [heading for heading in headings if heading and heading not in METADATA]
    numbered = [heading for heading in asked if is_numbered(heading)]
    old = [heading for heading in asked if is_old(heading)]
    mostly = len(numbered) * 2 > len(asked)
    signs = []
    if metadata:
        signs.append("、".join(metadata))
    if mostly:
        signs.append(f"{numbered[0]} … ({len(numbered)}/{len(asked)})")
    marks = occurring_marks(raw) if mostly else []
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
        ``序号`` numbers the submissions of one survey and stays the same in a later download; it is no
        person. A person is known only where the export has ``用户ID``.
    """
    metadata, asked = [], []
    for name, heading in zip(raw.cells.columns, raw.headings, strict=True):
        if heading.strip() in METADATA:
            metadata.append((name, heading.strip()))
        else:
            asked.append(parse_heading(name, heading, distinct(raw.column(name), MISSING)))
    style, why = tell_style(raw, asked)
    questions: list[SourceQuestion] = []
    for _, group in groupby(asked, key=Grouping()):
        questions.extend(_questions(raw, list(group), coded=style == "number"))
    faults: tuple[Fault, ...] = ()
    if style == "score":
        faults = (Fault("export-by-score", Place(file=raw.path.name), {"file": raw.path.name}, "warning"),)
    wordings = {mark: kind for mark, kind in MISSING.items() if not mark.startswith("-")}
    return SourceTable(
        source="wenjuanxing",
        evidence=(*evidence(raw), why),
        raw=raw,
        style=style,
        questions=tuple(questions),
        submitted=_first(metadata, "提交答卷时间", "提交时间"),
        seconds=_first(metadata, "所用时间", "答题时长"),
        person=_first(metadata, "用户ID", "用户id"),
        submission=_first(metadata, "答卷编号", "序号"),
        device=_first(metadata, "来自IP", "来自ip", "IP"),
        started=_first(metadata, "开始答题时间"),
        metadata=tuple(name for name, _ in metadata),
        missing=wordings if style == "text" else MISSING,
        separator=SEPARATOR,
        faults=faults,
    )


def _questions(raw: RawTable, group: Sequence[AskedColumn], coded: bool) -> list[SourceQuestion]:
    """Return the questions of consecutive columns of one number."""
    first = group[0]
    if len(group) == 1 or not first.number:
        return [_alone(column) for column in group]
    stem, rows = stem_and_rows(group)
    ticked = coded and are_ticks(group)
    # By number, single choice counts from 1: columns of 0 and 1, or of ranks, are options of one question.
    if not rows and (ticked or (coded and are_ranks(raw, group))):
        stem, rows = "", [column.text for column in group]
    if not rows:
        # The number restarted with one-question parts: columns that share it share nothing else.
        return [_alone(column) for column in group]
    heading = f"第{first.number}题" if first.old_row is not None else f"{first.number}、{stem}"
    if len(set(rows)) == len(rows) and coded and (ticked or are_ranks(raw, group)):
        names = tuple(column.name for column in group)
        kind: Kind = "multiple" if ticked else "ranking"
        return [SourceQuestion(heading, first.number, stem, "", kind, tuple(rows), names)]
    return [_row(column, stem, row) for column, row in zip(group, rows, strict=True)]


def _row(column: AskedColumn, stem: str, row: str) -> SourceQuestion:
    """Return one row of a matrix; one that is filled in, or has sliders, holds texts or numbers."""
    kind = guess_kind(column.found, SEPARATOR)
    listed = kind in ("single", "multiple", "ranking")
    options = options_of(column.found, SEPARATOR) if listed else ()
    return SourceQuestion(
        column.heading,
        column.number,
        stem,
        row,
        "matrix" if kind == "single" or not column.found else kind,
        options,
        (column.name,),
    )


def _alone(column: AskedColumn) -> SourceQuestion:
    kind = guess_kind(column.found, SEPARATOR)
    text = column.text or column.old_row or column.heading.strip()
    listed = kind in ("single", "multiple", "ranking")
    options = options_of(column.found, SEPARATOR) if listed else ()
    return SourceQuestion(column.heading, column.number, text, "", kind, options, (column.name,))


def _first(metadata: Sequence[tuple[str, str]], *wanted: str) -> str | None:
    found = {heading: name for name, heading in reversed(metadata)}
    return next((found[heading] for heading in wanted if heading in found), None)


WENJUANXING = Platform(
    name="wenjuanxing",
    title={"zh": "问卷星", "en": "问卷星 (Wenjuanxing)"},
    understands={
        "zh": (
            "按文本、按序号、按分数导出的答卷；xls、xlsx、csv（GB18030 或 UTF-8）",
            "矩阵表头新旧两种（8、题干—子项；第8题(子项)），题号重新从 1 开始，表头里的制表符和换行",
            "多选题：┋ 连接，或每个选项一列 0/1；其他〖…〗；排序题：→ 连接，或每个选项一列名次",
            "(空)、(跳过)、−2、−3；所用时间“136秒”“2分3秒”；总分；来自IP；填空矩阵、滑动条、自增表格",
        ),
        "en": (
            "exports by text, by number and by score; xls, xlsx, csv (GB18030 or UTF-8)",
            "matrix headings new and old (8、stem—row; 第8题(row)), restarted numbers, TABs, line breaks",
            "multiple choice joined by ┋ or a column of 0/1 an option; 其他〖…〗; rankings joined by → or a "
            "column of ranks an option",
            "(空), (跳过), −2, −3; 136秒, 2分3秒; 总分; 来自IP; matrices filled in, sliders, 自增表格",
        ),
    },
    evidence=evidence,
    read=read_wenjuanxing,
)
