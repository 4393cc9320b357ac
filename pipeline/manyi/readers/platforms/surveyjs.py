"""Responses of SurveyJS: ``survey.data`` as JSON, or the same as a table."""

import re
from collections import Counter

from manyi.readers.platforms.definition_column import DEFINITION
from manyi.readers.platforms.platform import Platform
from manyi.readers.platforms.source import SourceQuestion, SourceTable, distinct, guess_kind, options_of
from manyi.readers.structures.structure import Structure
from manyi.readers.tables.json_records import JSON, PATH, SEPARATOR
from manyi.readers.tables.raw_table import RawTable

#: What manyi's own form asks beside the items.
SCHOOL = "school"
_ROW = re.compile(r"[A-Za-z]\w*\.[A-Za-z]\w*")


def evidence(raw: RawTable) -> tuple[str, ...]:
    """Return what tells that a table holds responses of SurveyJS; empty where nothing does.

    That it is JSON; or, in a table made of it, the hash that manyi's form writes beside rows of matrices.
    """
    if raw.delimiter == JSON:
        return (f"JSON ({len(raw.cells)})",)
    rows = [heading for heading in map(str.strip, raw.headings) if _ROW.fullmatch(heading)]
    return (f"{DEFINITION}, {rows[0]} …",) if DEFINITION in raw.headings and rows else ()


def read_surveyjs(raw: RawTable, structure: Structure | None = None) -> SourceTable:
    """Read the questions of responses of SurveyJS.

    Parameters
    ----------
    raw : RawTable
        The file: a list of ``survey.data``.
    structure : Structure, optional
        Not used: values are those of the definition where the form is manyi's.

    Returns
    -------
    SourceTable
        A question a name; the row of a matrix has its own name as code where no other has it. The answers of
        checkboxes and rankings stand in one cell, joined by ``, ``. SurveyJS leaves out what was not
        answered or not shown.
    """
    pairs = zip(map(str, raw.cells.columns), raw.headings, strict=True)
    names = {name: heading.strip() for name, heading in pairs}
    school = next((name for name, heading in names.items() if heading == SCHOOL), None)
    asked = {name: heading for name, heading in names.items() if name != school}
    ends = Counter(heading.rpartition(PATH)[2] for heading in asked.values())
    questions = []
    for name, heading in asked.items():
        matrix, _, row = heading.rpartition(PATH)
        found = distinct(raw.column(name), {})
        kind = guess_kind(found, SEPARATOR)
        options = options_of(found, SEPARATOR) if kind in ("single", "multiple", "ranking") else ()
        if matrix and kind == "single":
            kind = "matrix"
        code = row if ends[row] == 1 else heading
        questions.append(SourceQuestion(heading, "", heading, "", kind, options, (name,), code=code))
    return SourceTable(
        source="surveyjs",
        evidence=evidence(raw),
        raw=raw,
        style="value",
        questions=tuple(questions),
        school=school,
        metadata=(school,) if school is not None else (),
        separator=SEPARATOR,
    )


SURVEYJS = Platform(
    name="surveyjs",
    title={"zh": "SurveyJS", "en": "SurveyJS"},
    understands={
        "zh": (
            "survey.data 的 JSON：一个列表，或每行一份答卷；矩阵 {题: {行: 值}}，多选与排序的列表",
            "由本工具的问卷得到并展开成表格的 CSV（矩阵.行，带 definition 一列）",
        ),
        "en": (
            "survey.data as JSON, a list or a response a line; matrices {question: {row: value}}, lists of "
            "checkboxes and rankings",
            "the same flattened to CSV (matrix.row, with the column definition), where the form is manyi's",
        ),
    },
    evidence=evidence,
    read=read_surveyjs,
)
