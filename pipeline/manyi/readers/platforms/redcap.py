"""REDCap exports (CSV, raw data): their questions and what stands beside them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from manyi.readers.platforms.platform import Platform
from manyi.readers.platforms.source import SourceQuestion, SourceTable, distinct, guess_kind, options_of
from manyi.readers.structures.structure import Structure, described
from manyi.readers.tables.raw_table import RawTable
from manyi_instruments.definitions.questionnaire import MissingKind

RECORD = "record_id"
#: REDCap's own columns, and what manyi's form asks beside the items.
_OWN = ("redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance")
_PEOPLE = ("redcap_data_access_group", "redcap_survey_identifier")
SCHOOL = "school"
_COMPLETE = re.compile(r"\w+_complete")
_TIMESTAMP = re.compile(r"\w+_timestamp")
_CHECKBOX = re.compile(r"(?P<field>[a-z]\w*?)___(?P<code>\w+)")
_TEXT = "_text"
MISSING: Mapping[str, MissingKind] = {"[not completed]": "no_answer"}
# REDCap joins no answers in one cell.
_SEPARATOR = "\x00"


def evidence(raw: RawTable) -> tuple[str, ...]:
    """Return what tells that a table is an export of REDCap; empty where nothing does.

    Its record first and the status of a form (``…_complete``), or its own columns, or checkboxes
    (``field___code``) beside a record.
    """
    headings = [heading.strip() for heading in raw.headings]
    own = [heading for heading in headings if heading in (*_OWN, *_PEOPLE)]
    status = [heading for heading in headings if _COMPLETE.fullmatch(heading)]
    boxes = [heading for heading in headings if _CHECKBOX.fullmatch(heading)]
    record = RECORD in headings[:1]
    if (record and (status or boxes)) or (own and status):
        return tuple([*headings[:1], *own, *status[:1], *boxes[:1]])
    return ()


def known_share(raw: RawTable, structure: Structure) -> float:
    """Return the share of the headings of questions that a data dictionary knows, 0 to 1."""
    asked = {_field(heading.strip()) for heading in raw.headings if heading.strip() and not _about(heading)}
    known = {question.code for question in structure.questions} | set(structure.unasked)
    known |= {field for question in structure.questions for field in question.keys.get("fields", "").split()}
    return sum(field in known for field in asked) / len(asked) if asked else 0.0


def read_redcap(raw: RawTable, structure: Structure | None = None) -> SourceTable:
    """Read the questions of an export of REDCap.

    Parameters
    ----------
    raw : RawTable
        The file, exported as raw data with the names of fields as headings.
    structure : Structure, optional
        The project's data dictionary: tells labels, and which fields are one ranking.

    Returns
    -------
    SourceTable
        ``record_id`` names the submission, the survey identifier the person. Columns of one checkbox are one
        multiple choice; REDCap writes 0 there also where nothing was answered, so a row of zeros is no
        answer. The field ``x_text`` beside ``x`` holds the free text of its answer "other".
    """
    pairs = zip(map(str, raw.cells.columns), raw.headings, strict=True)
    headings = {name: heading.strip() for name, heading in pairs}
    columns = {heading: name for name, heading in headings.items()}
    metadata = [name for name, heading in headings.items() if _about(heading)]
    asked = [name for name in headings if name not in metadata]
    rankings = _rankings(structure, columns)
    fields = {_field(headings[name]) for name in asked}
    beside = {
        heading.removesuffix(_TEXT): columns[heading]
        for heading in map(headings.__getitem__, asked)
        if heading.endswith(_TEXT) and heading.removesuffix(_TEXT) in fields | set(rankings)
    }
    in_ranking = {column for question in rankings.values() for column in question.columns}
    left = [name for name in asked if name not in in_ranking and name not in beside.values()]
    questions = [
        replace(question, other=beside.get(question.heading))
        for question in (*_questions(raw, left, headings), *rankings.values())
    ]
    stamps = [heading for heading in headings.values() if _TIMESTAMP.fullmatch(heading)]
    table = SourceTable(
        source="redcap",
        evidence=evidence(raw),
        raw=raw,
        style="value",
        questions=tuple(questions),
        submitted=columns[stamps[-1]] if stamps else None,
        person=columns.get("redcap_survey_identifier"),
        school=columns.get(SCHOOL),
        submission=columns.get(RECORD),
        metadata=tuple(metadata),
        missing=MISSING,
        separator=_SEPARATOR,
    )
    return described(table, structure) if structure else table


def _about(heading: str) -> bool:
    plain = heading.strip()
    own = (RECORD, SCHOOL, *_OWN, *_PEOPLE)
    return plain in own or bool(_COMPLETE.fullmatch(plain) or _TIMESTAMP.fullmatch(plain))


def _field(heading: str) -> str:
    box = _CHECKBOX.fullmatch(heading)
    return box["field"] if box else heading


def _questions(raw: RawTable, names: Sequence[str], headings: Mapping[str, str]) -> Iterator[SourceQuestion]:
    for field, group in groupby(names, key=lambda name: _field(headings[name])):
        columns = tuple(group)
        boxes = [_CHECKBOX.fullmatch(headings[name]) for name in columns]
        if boxes[0] is not None:
            codes = tuple(_code(box["code"]) for box in boxes if box is not None)
            yield SourceQuestion(
                field, "", "", "", "multiple", codes, columns, code=field, zeros_are_blank=True
            )
            continue
        found = distinct(raw.column(columns[0]), MISSING)
        kind = guess_kind(found, _SEPARATOR)
        options = options_of(found, _SEPARATOR) if kind == "single" else ()
        yield SourceQuestion(field, "", "", "", kind, options, columns, code=field)


def _code(written: str) -> str:
    """Return the code of an answer: a heading has ``_`` for the minus of a negative one.

    >>> _code("_8"), _code("3")
    ('-8', '3')
    """
    return f"-{written[1:]}" if re.fullmatch(r"_\d+", written) else written


def _rankings(structure: Structure | None, columns: Mapping[str, str]) -> dict[str, SourceQuestion]:
    """Return the rankings a dictionary describes, of which all fields are there."""
    found: dict[str, SourceQuestion] = {}
    for question in structure.questions if structure else ():
        fields = question.keys.get("fields", "").split()
        if question.kind == "ranking" and fields and all(field in columns for field in fields):
            options = tuple(answer.code for answer in question.answers)
            names = tuple(columns[field] for field in fields)
            found[question.code] = SourceQuestion(
                question.code, "", "", "", "ranking", options, names, code=question.code
            )
    return found


REDCAP = Platform(
    name="redcap",
    title={"zh": "REDCap", "en": "REDCap"},
    understands={
        "zh": (
            "CSV（raw data，表头为字段名）；复选框 field___code，全为 0 视为未答，field____8 即编码 −8",
            "record_id 为答卷编号；…_timestamp、…_complete、redcap_… 各列；x_text 为 x 的“其他”文字",
            "数据字典 CSV（问卷结构）：选项文字、排序矩阵",
        ),
        "en": (
            "CSV of raw data with names of fields as headings; checkboxes field___code, all zeros being no "
            "answer, field____8 the code -8",
            "record_id is the submission; …_timestamp, …_complete, redcap_…; x_text is the text beside x",
            "the data dictionary (CSV) as structure: labels of answers, ranking matrices",
        ),
    },
    evidence=evidence,
    read=read_redcap,
    structure="redcap",
)
