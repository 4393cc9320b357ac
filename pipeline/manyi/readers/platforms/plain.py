"""A plain table: one row a respondent, one column a question, as people really make them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice

import pandas as pd

from manyi.readers.platforms.platform import Platform
from manyi.readers.platforms.source import (
    Kind,
    SourceQuestion,
    SourceTable,
    distinct,
    guess_kind,
    is_numeric,
    options_of,
)
from manyi.readers.structures.structure import Structure
from manyi.readers.tables.foot_rows import rows_aside
from manyi.readers.tables.headings import JOIN
from manyi.readers.tables.raw_table import RawTable
from manyi.readers.wording import without_numbering
from manyi_instruments.definitions.questionnaire import MissingKind

#: How statistics programs and spreadsheets spell a missing value, and how 问卷星 does in copied tables.
MISSING: Mapping[str, MissingKind] = {
    "NA": "no_answer",
    "N/A": "no_answer",
    "n/a": "no_answer",
    "NaN": "no_answer",
    "nan": "no_answer",
    "NULL": "no_answer",
    "null": "no_answer",
    "None": "no_answer",
    ".": "no_answer",
    "(空)": "no_answer",
    "(跳过)": "not_asked",
}
SEPARATOR = "┋"
_PART = re.compile(r"^(?P<stem>.+?)(?:__|/|:|：|\[|\(|（)(?P<option>[^\[\(（]+?)[\])）]?$")
#: A column of coded answers as manyi and its codebook name it: ``item__value``.
_CODED = re.compile(r"(?P<stem>[A-Za-z]\w*?)__(?P<option>-?\d+)")
_WHOLE = re.compile(r"-?\d+")
_TICKS = {"0", "1", "TRUE", "FALSE", "True", "False", "true", "false"}
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
_NUMBER = re.compile(r"[+-]?\d+(?:,\d+)*|[+-]?\d{1,3}(?:\.\d{3})+,\d+")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+")
_POINT = re.compile(r"[+-]?\d+\.\d+")
_SAMPLE = 2000
# Names a spreadsheet or a statistics program gives to a column of row numbers.
_INDEX = re.compile(r"(?:Unnamed: ?0|X|\.\.\.1)?")
# The names manyi itself gives to what is not a question.
_ABOUT = ("submitted", "seconds", "person", "school", "submission", "device")
_OWN = ("file", "row", "stage")


@dataclass(frozen=True, slots=True)
class _Column:
    """One column that asks: what stands above it, over how many columns, and what its cells hold."""

    name: str
    heading: str
    stem: str
    part: str
    found: Mapping[str, int]

    @property
    def ticks(self) -> bool:
        return set(self.found) <= _TICKS


def size(raw: RawTable) -> tuple[str, ...]:
    """Return how large the table is: any table can be read as one."""
    return (f"{len(raw.cells)} × {len(raw.headings)}",)


def read_plain(raw: RawTable, structure: Structure | None = None) -> SourceTable:
    """Read the questions of a plain table.

    Parameters
    ----------
    raw : RawTable
        The file.
    structure : Structure, optional
        Not used: a plain table has none.

    Returns
    -------
    SourceTable
        Consecutive columns that share a stem (``m/a``, ``m__1``, ``m[a]``, ``m(a)``, ``m:a``, or a group
        heading above) and hold only 0 and 1 are one multiple-choice question; under a group heading others
        are rows of a matrix. Units, totals and notes are set aside, a column of row numbers is no question.
    """
    by_name = {str(name).strip(): str(name) for name in raw.cells.columns}
    about = {key: by_name.get(key) for key in _ABOUT}
    metadata = [name for name in (*about.values(), *(by_name.get(key) for key in _OWN)) if name is not None]
    aside = rows_aside(raw.cells, MISSING)
    metadata += _row_numbers(raw, {row for rows in aside.values() for row in rows})
    found = {
        str(name): distinct(raw.column(name), MISSING) for name in raw.cells.columns if name not in metadata
    }
    # Beside a delimiter that is a comma, no number holds one unquoted.
    comma = raw.delimiter in (";", "\t") and has_decimal_commas(found.values())
    asked = [
        _column(name, heading, found[name], comma, raw.heading_rows > 1)
        for name, heading in zip(raw.cells.columns, raw.headings, strict=True)
        if name in found
    ]
    questions: list[SourceQuestion] = []
    for stem, group in groupby(asked, key=lambda column: column.stem):
        columns = list(group)
        coded = _coded(raw, stem, columns)
        questions.extend([coded] if coded else _questions(stem, columns, raw.heading_rows > 1))
    return SourceTable(
        source="table",
        evidence=size(raw),
        raw=raw,
        style="value",
        questions=tuple(questions),
        submitted=about["submitted"],
        seconds=about["seconds"],
        person=about["person"],
        school=about["school"],
        submission=about["submission"],
        device=about["device"],
        metadata=tuple(metadata),
        missing=MISSING,
        separator=SEPARATOR,
        set_aside={code: tuple(raw.first_data_row + row for row in rows) for code, rows in aside.items()},
        decimal="," if comma else ".",
    )


def has_decimal_commas(columns: Iterable[Mapping[str, int]]) -> bool:
    """Return whether a table writes 2,5 for two and a half.

    It does where some column holds numbers of which one can be nothing else: not thousands (``1,234``), nor
    the codes of several answers, which rise (``1,3``); and no cell has a decimal point.

    >>> has_decimal_commas([{"2,5": 1, "4,2": 2}]), has_decimal_commas([{"1,234": 1}, {"2.5": 1}])
    (True, False)
    >>> has_decimal_commas([{"1,3": 1, "2": 2, "1,2": 1}])
    False
    """
    commas = False
    for found in columns:
        sample = list(islice(found, _SAMPLE))
        if any(_POINT.fullmatch(text) for text in sample):
            return False
        numbers = [text for text in sample if _NUMBER.fullmatch(text)]
        if len(numbers) * 10 < len(sample) * 9 or any(text.count(",") > 1 for text in numbers):
            continue
        decimals = [text for text in numbers if "," in text and not _THOUSANDS.fullmatch(text)]
        pairs = (text.lstrip("+-").replace(".", "").split(",") for text in decimals)
        commas |= any(int(whole) >= int(part) or len(part) > 2 for whole, part in pairs)
    return commas


def _row_numbers(raw: RawTable, aside: set[int]) -> list[str]:
    """Return the first column where it has no heading and counts the rows from 0 or 1."""
    name, heading = str(raw.cells.columns[0]), raw.headings[0].strip()
    if not _INDEX.fullmatch(heading):
        return []
    cells = [cell.strip() for row, cell in enumerate(raw.cells[name].tolist()) if row not in aside]
    counted = any(cells == [str(row + start) for row in range(len(cells))] for start in (0, 1))
    return [name] if counted and len(cells) > 1 else []


def _column(name: str, heading: str, found: Mapping[str, int], comma: bool, grouped: bool) -> _Column:
    if comma:
        pointed = {text: text.replace(",", ".") for text in found if _DECIMAL_COMMA.fullmatch(text)}
        found = {pointed.get(text, text): n for text, n in found.items()}
    stem, join, part = heading.strip().partition(JOIN)
    if grouped and join and part:
        return _Column(name, heading, stem.strip(), part.strip(), found)
    coded = _CODED.fullmatch(heading.strip())
    if coded and found and all(map(_WHOLE.fullmatch, found)):
        return _Column(name, heading, coded["stem"], coded["option"], found)
    split = _PART.match(heading.strip())
    if split and set(found) <= _TICKS:
        return _Column(name, heading, split["stem"].strip(), split["option"].strip(), found)
    return _Column(name, heading, "", heading.strip(), found)


def _coded(raw: RawTable, stem: str, columns: Sequence[_Column]) -> SourceQuestion | None:
    """Return the one question that columns of codes belong to: ticks, or ranks of which no row has two.

    Numbers below zero are missing codes. None where the columns are something else.
    """
    if len(columns) < 2 or not all(_CODED.fullmatch(column.heading.strip()) for column in columns):
        return None
    names = tuple(column.name for column in columns)
    held = {cell for column in columns for cell in column.found if not cell.startswith("-")}
    kind: Kind = "multiple" if held <= {"0", "1"} else "ranking"
    if kind == "ranking":
        ranks = raw.cells[list(names)].apply(pd.to_numeric, errors="coerce")
        ranks = ranks.where(ranks > 0)
        several = (ranks.nunique(axis=1) < ranks.count(axis=1)).any()
        if several or ranks.max().max() > len(columns) or "0" in held:
            return None
    parts = tuple(column.part for column in columns)
    return SourceQuestion(stem, "", stem, "", kind, parts, names, code=stem)


def _questions(stem: str, columns: Sequence[_Column], grouped: bool) -> list[SourceQuestion]:
    parts = [column.part for column in columns]
    alone = not stem or len(columns) < 2 or len(set(parts)) < len(parts)
    if not alone and all(column.ticks for column in columns):
        names = tuple(column.name for column in columns)
        return [SourceQuestion(stem, "", without_numbering(stem), "", "multiple", tuple(parts), names)]
    if not alone and grouped and len({is_numeric(column.found) for column in columns}) == 1:
        return [_question(column, without_numbering(stem), column.part) for column in columns]
    return [_question(column, without_numbering(column.heading), "") for column in columns]


def _question(column: _Column, text: str, row: str) -> SourceQuestion:
    kind = guess_kind(column.found, SEPARATOR)
    options: tuple[str, ...] = ()
    if kind in ("single", "multiple", "ranking"):
        options = options_of(column.found, SEPARATOR)
    if row and kind == "single":
        kind = "matrix"
    return SourceQuestion(column.heading, "", text, row, kind, options, (column.name,))


PLAIN = Platform(
    name="table",
    title={"zh": "普通表格", "en": "plain table"},
    understands={
        "zh": (
            "一行一份答卷，一列一题；0/1 多列合为一道多选题（m/a、m__1、m[a]、m(a)、m:a，或同一组标题）",
            "表头上方的标题行、两三行的表头（合并单元格，或右边留空的组标题）、单位行、表末的合计、平均与说明",
            "没有表头的行号列；小数点写成逗号的表；用 → 连接的排序题",
        ),
        "en": (
            "one row a respondent, one column a question; columns of 0 and 1 with one stem "
            "(m/a, m__1, m[a], m(a), m:a, or below one group heading) are one multiple-choice question",
            "titles above the headings, headings in two or three rows (merged cells, or group headings with "
            "blanks to their right), rows of units, totals, means and notes at the foot",
            "a column of row numbers without a heading; decimal commas; rankings joined by →",
        ),
    },
    evidence=size,
    read=read_plain,
)
