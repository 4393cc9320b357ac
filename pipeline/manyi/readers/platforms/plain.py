"""A plain table: one row a respondent, one column a question."""

import re
from collections.abc import Mapping, Sequence
from itertools import groupby

from manyi.readers.platforms.platform import Platform
from manyi.readers.platforms.source import SourceQuestion, SourceTable, distinct, guess_kind
from manyi.readers.structures.structure import Structure
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
_TICKS = {"0", "1", "TRUE", "FALSE", "True", "False", "true", "false"}
# The names manyi itself gives to what is not a question.
_OWN = ("file", "row", "stage")


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
        Consecutive columns that share a stem (``m/a``, ``m__1``, ``m[a]``, ``m(a)``, ``m:a``) and hold only
        0 and 1 are one multiple-choice question.
    """
    by_name = {str(name).strip(): str(name) for name in raw.cells.columns}
    about = {key: by_name.get(key) for key in ("submitted", "seconds", "person", "school")}
    metadata = [name for name in (*about.values(), *(by_name.get(key) for key in _OWN)) if name is not None]
    asked = [
        (name, heading, distinct(raw.cells[name], MISSING))
        for name, heading in zip(raw.cells.columns, raw.headings, strict=True)
        if name not in metadata
    ]
    questions: list[SourceQuestion] = []
    for stem, group in groupby(asked, key=lambda column: _stem(column[1], column[2])):
        columns = list(group)
        options = [heading.strip() for _, heading, _ in columns]
        if stem and len(columns) > 1 and len(set(options)) == len(options):
            questions.append(_split(stem, [(name, heading) for name, heading, _ in columns]))
        else:
            questions.extend(_alone(*column) for column in columns)
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
        metadata=tuple(metadata),
        missing=MISSING,
        separator=SEPARATOR,
    )


def _stem(heading: str, found: Mapping[str, int]) -> str:
    part = _PART.match(heading.strip())
    return part["stem"].strip() if part and set(found) <= _TICKS else ""


def _split(stem: str, columns: Sequence[tuple[str, str]]) -> SourceQuestion:
    parts = [_PART.match(heading.strip()) for _, heading in columns]
    options = tuple(part["option"].strip() for part in parts if part)
    names = tuple(name for name, _ in columns)
    return SourceQuestion(stem, "", without_numbering(stem), "", "multiple", options, names)


def _alone(name: str, heading: str, found: Mapping[str, int]) -> SourceQuestion:
    kind = guess_kind(found, SEPARATOR)
    options: tuple[str, ...] = ()
    if kind in ("single", "multiple"):
        parts = (part.split("〖")[0].strip() for cell in found for part in cell.split(SEPARATOR))
        options = tuple(dict.fromkeys(part for part in parts if part))
    return SourceQuestion(heading, "", without_numbering(heading), "", kind, options, (name,))


PLAIN = Platform(
    name="table",
    title={"zh": "普通表格", "en": "plain table"},
    understands={
        "zh": ("一行一份答卷，一列一题；0/1 多列合为一道多选题（m/a、m__1、m[a]、m(a)、m:a）",),
        "en": (
            "one row a respondent, one column a question; columns of 0 and 1 with one stem "
            "(m/a, m__1, m[a], m(a), m:a) are one multiple-choice question",
        ),
    },
    evidence=size,
    read=read_plain,
)
