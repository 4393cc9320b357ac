"""Qualtrics exports (CSV, Excel): their questions, and which rows are no respondents."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

import pandas as pd

from manyi.readers.platforms.platform import Platform
from manyi.readers.platforms.qualtrics_columns import Column, headed
from manyi.readers.platforms.source import (
    Kind,
    SourceQuestion,
    SourceTable,
    distinct,
    guess_kind,
    is_numeric,
    options_of,
)
from manyi.readers.structures.structure import Structure, described, kinds_by_code
from manyi.readers.tables.raw_table import RawTable
from manyi.readers.wording import answer_key
from manyi_instruments.definitions.questionnaire import MissingKind
from manyi_instruments.faults import AnswersFaulty, Fault, Place

#: Written only where the export was asked to mark what was seen and left blank.
MISSING: Mapping[str, MissingKind] = {"-99": "no_answer"}
SEPARATOR = ","
#: ``Status`` by value and by label -> why such a row is no answer sheet.
_SET_ASIDE: Mapping[str, str] = {
    **dict.fromkeys(("1", "9", "17"), "preview-row"),
    **dict.fromkeys(("Survey Preview", "Survey Preview Spam", "Offline Survey Preview"), "preview-row"),
    **dict.fromkeys(("2", "256", "Survey Test", "Synthetic"), "test-row"),
}
_CHANNELS: Mapping[str, str] = {"preview": "preview-row", "test": "test-row"}
_SPAM = ("8", "12", "40", "Spam", "Imported Spam", "EX Spam")
_UNFINISHED = ("0", "False", "FALSE", "false")
_JOIN = " - "
_NO_SEPARATOR = "\x00"
_MOST_OPTIONS = 40
_COMMA = re.compile(r",(?! )")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+|\d+")


def evidence(raw: RawTable) -> tuple[str, ...]:
    """Return what tells that a table is an export of Qualtrics; empty where nothing does."""
    found = headed(raw)
    if found is None:
        return ()
    told = [column.heading.strip() for column in found.columns if column.metadata not in ("", "beside")]
    return (found.rows, "、".join(told))


def known_share(raw: RawTable, structure: Structure) -> float:
    """Return the share of the headings of questions that a structure knows by code."""
    found = headed(raw)
    if found is None:
        return 0.0
    asked = [column for column in found.columns if not column.metadata and not column.is_embedded]
    return sum(_known(column, structure) for column in asked) / len(asked) if asked else 0.0


def read_qualtrics(raw: RawTable, structure: Structure | None = None) -> SourceTable:
    """Read the questions of an export of Qualtrics.

    Parameters
    ----------
    raw : RawTable
        The file: one to three heading rows, cells by value or by label.
    structure : Structure, optional
        From the survey's ``.qsf``: tells wordings, answer lists and types.

    Returns
    -------
    SourceTable
        Its ``raw`` begins with the first response. ``ResponseId`` names the submission. Previews and rows
        that Qualtrics generated are set aside. Unfinished responses and suspected spam are kept and counted
        in warnings: pupils behind one school address look like spam.

    Raises
    ------
    AnswersFaulty
        ``source-not-recognised``.
    """
    found = headed(raw)
    if found is None:
        place = Place(file=raw.path.name, sheet=raw.sheet)
        details = {"file": raw.path.name, "platform": QUALTRICS.title["en"]}
        raise AnswersFaulty(Fault("source-not-recognised", place, details))
    about = {column.metadata: column.name for column in reversed(found.columns) if column.metadata}
    kinds = kinds_by_code(structure)
    asked = [column for column in found.columns if not column.metadata]
    questions = [
        question
        for _, group in groupby(asked, key=lambda column: column.question or column.name)
        for question in _questions(found.raw, list(group), kinds, "-" if found.rows == "legacy" else _JOIN)
    ]
    set_aside = _set_aside(found.raw, about)
    person = about.get("person")
    table = SourceTable(
        source="qualtrics",
        evidence=evidence(raw),
        raw=found.raw,
        style="value",
        questions=tuple(questions),
        submitted=about.get("ended") or about.get("recorded"),
        seconds=about.get("seconds"),
        started=about.get("started"),
        person=person if person and distinct(found.raw.column(person), MISSING) else None,
        submission=about.get("submission"),
        device=about.get("device"),
        metadata=tuple(column.name for column in found.columns if column.metadata),
        missing=MISSING,
        separator=SEPARATOR,
        set_aside=set_aside,
        faults=_warnings(found.raw, about, set_aside),
    )
    return described(table, structure) if structure else table


def _set_aside(raw: RawTable, about: Mapping[str, str]) -> dict[str, tuple[int, ...]]:
    """Return the rows that are no respondent's, by reason; the channel says it in every language."""
    told = pd.Series(pd.NA, index=raw.cells.index, dtype="object")
    for key, reasons in (("status", _SET_ASIDE), ("channel", _CHANNELS)):
        if key in about:
            told = told.fillna(raw.cells[about[key]].str.strip().map(reasons))
    rows = raw.rows.to_numpy()
    return {
        str(reason): tuple(rows[(told == reason).to_numpy(dtype=bool)].tolist())
        for reason in told.dropna().unique()
    }


def _warnings(
    raw: RawTable, about: Mapping[str, str], set_aside: Mapping[str, tuple[int, ...]]
) -> tuple[Fault, ...]:
    place = Place(file=raw.path.name, sheet=raw.sheet)
    cells = raw.cells[~raw.rows.isin([row for rows in set_aside.values() for row in rows])]
    told = {key: cells[name].str.strip() for key, name in about.items()}
    counts = {"responses-incomplete": 0, "spam-suspected": 0}
    if "finished" in told:
        counts["responses-incomplete"] = int(told["finished"].isin(_UNFINISHED).sum())
    elif "progress" in told:
        counts["responses-incomplete"] = int(told["progress"].str.fullmatch(r"\d{1,2}").sum())
    if "status" in told:
        counts["spam-suspected"] = int(told["status"].isin(_SPAM).sum())
    return tuple(Fault(code, place, {"n": n}, "warning") for code, n in counts.items() if n)


def _questions(
    raw: RawTable, group: Sequence[Column], kinds: Mapping[str, Kind], join: str
) -> Iterator[SourceQuestion]:
    """Yield the questions of the columns that share an id."""
    beside = [column for column in group if column.is_beside]
    asked = [column for column in group if not column.is_beside]
    if not asked:
        asked, beside = beside, []
    rows = list(dict.fromkeys(column.parts.split("_")[1] for column in asked if column.parts.count("_") > 1))
    if rows and all(column.parts.count("_") > 1 for column in asked):
        # A matrix with several answers a row, or several cells: every row is a question.
        for row in rows:
            yield from _group(
                raw, [column for column in asked if column.parts.split("_")[1] == row], [], kinds, join
            )
    else:
        yield from _group(raw, asked, beside[:1], kinds, join)
        beside = beside[1:]
    yield from (_free_text(column) for column in beside)


def _group(
    raw: RawTable,
    asked: Sequence[Column],
    beside: Sequence[Column],
    kinds: Mapping[str, Kind],
    join: str,
) -> Iterator[SourceQuestion]:
    stem, rows = _worded(asked, beside, join)
    code = _base(asked[0])
    kind = kinds.get(code) or ("multiple" if _is_ticked(raw, asked, rows) else "matrix")
    other = beside[0].name if beside else None
    if len(asked) > 1 and kind in ("multiple", "ranking"):
        options = tuple(row or column.heading.strip() for row, column in zip(rows, asked, strict=True))
        names = tuple(column.name for column in asked)
        yield SourceQuestion(code, "", stem, "", kind, options, names, code=code, other=other)
        return
    for column, row in zip(asked, rows, strict=True):
        yield _alone(raw, column, stem, row, other)
    if beside and len(asked) > 1:
        yield from (_free_text(column) for column in beside)


def _base(column: Column) -> str:
    """Return the code of a question without the last part of its column's."""
    code = column.heading.strip()
    last = f"_{column.parts.rpartition('_')[2]}"
    return code.removesuffix(last) if column.parts else code


def _worded(asked: Sequence[Column], beside: Sequence[Column], join: str) -> tuple[str, list[str]]:
    """Return what the wordings of a question's columns share, and what each has of its own.

    ``Which? - Selected Choice - Sport`` and ``Which? - Other - Text`` share ``Which?``; what stands between,
    in whatever language, the columns of answers share once more.
    """
    wordings = [column.wording for column in asked]
    stem = _shared([*wordings, *(column.wording for column in beside)], join)
    if len(asked) == 1:
        whole = stem if beside and stem else wordings[0]
        return whole.removesuffix(f"{join}Selected Choice"), [""]
    own = [wording.removeprefix(stem).removeprefix(join) if stem else wording for wording in wordings]
    again = _shared(own, join) if beside else ""
    rows = [text.removeprefix(again).removeprefix(join) if again else text for text in own]
    return stem.removesuffix(f"{join}Selected Choice"), rows


def _shared(wordings: Sequence[str], join: str) -> str:
    if len(wordings) < 2:
        return ""
    # What the first and the last in the order of characters share, all share.
    first, last = min(wordings), max(wordings)
    end = next(
        (place for place, both in enumerate(zip(first, last, strict=False)) if both[0] != both[1]), None
    )
    return first[:end].rpartition(join)[0]


def _is_ticked(raw: RawTable, columns: Sequence[Column], rows: Sequence[str]) -> bool:
    """Tell whether columns are the answers of one multiple choice: 1 or the answer's wording where chosen."""
    if any(column.choice for column in columns):
        return True
    found = [set(distinct(raw.column(column.name), MISSING)) for column in columns]
    return any(found) and all(
        cells <= {"0", "1"} or (row and {answer_key(cell) for cell in cells} == {answer_key(row)})
        for cells, row in zip(found, rows, strict=True)
    )


def _alone(raw: RawTable, column: Column, stem: str, row: str, other: str | None) -> SourceQuestion:
    found = distinct(raw.column(column.name), MISSING)
    kind: Kind = guess_kind(found, _NO_SEPARATOR)
    options = options_of(found, _NO_SEPARATOR) if kind == "single" else ()
    if column.is_text:
        kind, options = ("number" if is_numeric(found) else "text"), ()
    elif several := _joined(found):
        kind, options = "multiple", several
    elif row and kind == "single":
        kind = "matrix"
    code = column.heading.strip()
    return SourceQuestion(
        column.heading, "", stem, row, kind, options, (column.name,), code=code, other=None if row else other
    )


def _joined(found: Mapping[str, int]) -> tuple[str, ...]:
    """Return the answers that cells join by commas, none where they do not.

    Qualtrics writes no blank behind the comma: ``Yes, often`` is one answer.
    """
    parts = {cell: _COMMA.split(cell) for cell in found}
    options = tuple(dict.fromkeys(part.strip() for split in parts.values() for part in split))
    given = sum(n * len(parts[cell]) for cell, n in found.items())
    if all(len(split) == 1 for split in parts.values()) or len(options) > _MOST_OPTIONS:
        return ()
    if is_numeric(dict.fromkeys(options, 1)):
        return () if all(_GROUPED.fullmatch(cell) for cell in found) else options
    return options if len(options) * 2 <= given else ()


def _free_text(column: Column) -> SourceQuestion:
    code = column.heading.strip()
    return SourceQuestion(column.heading, "", column.wording, "", "text", (), (column.name,), code=code)


def _known(column: Column, structure: Structure) -> bool:
    codes = {
        code for question in structure.questions for code in (question.code, question.group, question.other)
    }
    code = column.heading.strip().removesuffix("_TEXT")
    return any(
        text in codes
        for text in (column.heading.strip(), code, code.removesuffix(column.parts), _base(column))
    )


QUALTRICS = Platform(
    name="qualtrics",
    title={"zh": "Qualtrics", "en": "Qualtrics"},
    understands={
        "zh": (
            "CSV、Excel；一至三行表头（代码、题干、ImportId），以及旧版 V1、V2 … 的两行表头",
            "按数值或按文字；矩阵 Q1_1；多选分列 Q2_1 或一格内逗号分隔；_TEXT 文字列；-99",
            "预览与测试行另置；计时、显示次序等列不作为题目",
            "问卷结构 .qsf",
        ),
        "en": (
            "CSV and Excel; one to three heading rows (code, wording, ImportId) and the older two (V1, V2 …)",
            "by value or by label; matrix Q1_1; multiple choice as Q2_1 … or joined by commas; _TEXT; -99",
            "previews and tests are set aside; timings, display orders and the like are no questions",
            "survey structure .qsf",
        ),
    },
    evidence=evidence,
    read=read_qualtrics,
    structure="qualtrics",
)
