"""LimeSurvey exports (CSV, Excel): their questions and what stands beside them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from manyi.readers.platforms.limesurvey_columns import (
    COMMENT_WORDS,
    METADATA,
    OTHER_WORDS,
    OWN,
    Column,
    columns_of,
)
from manyi.readers.platforms.platform import Platform
from manyi.readers.platforms.source import Kind, SourceQuestion, SourceTable, distinct, guess_kind, options_of
from manyi.readers.structures.structure import Structure, StructuredQuestion, described, kinds_by_code
from manyi.readers.tables.raw_table import RawTable
from manyi.readers.wording import question_key
from manyi_instruments.definitions.questionnaire import MissingKind
from manyi_instruments.faults import Fault, Place

#: Full answers write so what is not there; of an option it says that the question was not shown.
_NOTHING = ("N/A", "Keine Angabe")
MISSING: Mapping[str, MissingKind] = dict.fromkeys(_NOTHING, "no_answer")
_NOT_SHOWN: Mapping[str, MissingKind] = dict.fromkeys(_NOTHING, "not_asked")
_TICKS = {"Y", "N", "1", "0", "Yes", "No", "Ja", "Nein", "是", "否"}
_RANK = re.compile(r"(?:Rank(?:ing)?|Rang|排序|排名)\s*\d+", re.IGNORECASE)
#: Codes of answers as LimeSurvey proposes them; a few of them may each occur once.
_ANSWER_CODE = re.compile(r"[A-Z]{1,2}\d{1,3}|-oth-")
_UNDATED = "1980-01-01"
#: What manyi's own form asks beside the items.
SCHOOL = "school"
# LimeSurvey joins no answers in one cell; nothing a cell can hold may be taken for a separator.
_SEPARATOR = "\x00"


def evidence(raw: RawTable) -> tuple[str, ...]:
    """Return what tells that a table is an export of LimeSurvey; empty where nothing does.

    Two of its own metadata columns; one beside codes with brackets (``sat[q1]``); or codes with brackets in
    front of the wording (``sat[q1]. How … [Teachers]``), which no other platform writes.
    """
    columns = columns_of(raw)
    metadata = [column for column in columns if column.metadata in METADATA]
    own = [column for column in metadata if column.metadata in OWN]
    bracketed = [column for column in columns if column.parts and "[" in column.heading]
    worded = [column for column in bracketed if column.text or column.row]
    if not (len(own) >= 2 or (own and bracketed) or len(worded) >= 2):
        return ()
    signs = []
    if metadata:
        signs.append("、".join(column.heading.strip() for column in metadata))
    if bracketed:
        signs.append(f"{bracketed[0].spelled} … ({len(bracketed)}/{len(columns)})")
    return tuple(signs)


def known_share(raw: RawTable, structure: Structure) -> float:
    """Return the share of the headings of questions that a structure knows, by code or by wording."""
    asked = [column for column in columns_of(raw) if not column.metadata and column.heading.strip()]
    known = _Known(structure)
    return sum(bool(known.base(column)) for column in asked) / len(asked) if asked else 0.0


def read_limesurvey(raw: RawTable, structure: Structure | None = None) -> SourceTable:
    """Read the questions of an export of LimeSurvey.

    Parameters
    ----------
    raw : RawTable
        The file, exported with headings by code, by full text or by both, and with codes or full answers.
    structure : Structure, optional
        From the survey's ``.txt`` or ``.lss``: tells wordings, answer lists, and which columns are one
        multiple choice or ranking where the cells do not.

    Returns
    -------
    SourceTable
        ``id`` names the submission, ``token`` the person. Responses that were never submitted are kept and
        counted in a warning. Dates of 1980-01-01 mean that the survey keeps none: they are not used.
    """
    columns = _Known(structure).coded(columns_of(raw)) if structure else columns_of(raw)
    columns = _with_own(_without_index(raw, columns))
    about = {column.metadata: column.name for column in reversed(columns) if column.metadata}
    faults, dated = _submissions(raw, about)
    asked = [column for column in columns if not column.metadata]
    groups = [list(group) for _, group in groupby(asked, key=_Grouping())]
    kinds = kinds_by_code(structure)
    questions = [question for group in groups for question in _questions(raw, group, kinds)]
    table = SourceTable(
        source="limesurvey",
        evidence=evidence(raw),
        raw=raw,
        style="value",
        questions=tuple(questions),
        submitted=about.get("submitdate") if dated else None,
        seconds=about.get("interviewtime"),
        started=about.get("startdate") if dated else None,
        person=about.get("token"),
        school=about.get(SCHOOL),
        submission=about.get("id"),
        device=about.get("ipaddr"),
        metadata=tuple(column.name for column in columns if column.metadata),
        missing=MISSING,
        separator=_SEPARATOR,
        faults=faults,
    )
    return described(table, structure) if structure else table


def _with_own(columns: Sequence[Column]) -> tuple[Column, ...]:
    """Mark the question for the school that manyi's own form asks; no item has such a name."""
    return tuple(
        replace(column, metadata=SCHOOL) if column.code == SCHOOL and not column.parts else column
        for column in columns
    )


class _Known:
    """What a structure knows, by code and by wording."""

    def __init__(self, structure: Structure) -> None:
        self._bases: dict[str, str] = {}
        self._spelled: dict[str, str] = {}
        self._worded: dict[str, str] = {}
        for question in structure.questions:
            base = question.group or question.code
            self._bases[base.casefold()] = base
            for code in (question.code, *_option_codes(question)):
                self._spelled[_joined(code)] = code
            for code, text in _wordings(question):
                self._worded.setdefault(question_key(text), code)

    def base(self, column: Column) -> str:
        """Return the code of the question a column belongs to, empty where it is not known."""
        return self._bases.get(_split(self._code(column))[0].casefold(), "")

    def coded(self, columns: Sequence[Column]) -> tuple[Column, ...]:
        """Return columns with their codes as the structure spells them."""
        found = []
        for column in columns:
            code = "" if column.metadata else self._code(column)
            if code and code != column.spelled:
                base, parts = _split(code)
                column = replace(column, code=base, parts=parts)
            found.append(column)
        return tuple(found)

    def _code(self, column: Column) -> str:
        if column.code:
            return self._spelled.get(_joined(column.spelled), column.spelled)
        row = f"[{column.row}]" if column.row else ""
        return self._worded.get(question_key(f"{column.text} {row}"), "")


def _joined(code: str) -> str:
    """Return a code as the expression manager spells it: ``sat[q1]`` is ``sat_q1``."""
    return code.replace("][", "_").replace("[", "_").rstrip("]")


def _split(code: str) -> tuple[str, tuple[str, ...]]:
    base, _, rest = code.partition("[")
    return base, tuple(rest.rstrip("]").split("][")) if rest else ()


def _option_codes(question: StructuredQuestion) -> Iterator[str]:
    """Yield the codes of the columns a question has beside its own."""
    if question.kind == "multiple":
        yield from (f"{question.code}[{answer.code}]" for answer in question.answers)
    elif question.kind == "ranking":
        yield from (f"{question.code}[{rank}]" for rank in range(1, len(question.answers) + 1))
    if question.other:
        yield question.other


def _wordings(question: StructuredQuestion) -> Iterator[tuple[str, str]]:
    """Yield the codes of a question's columns and what their headings by full text say."""
    for language, text in question.texts.items():
        yield question.code, text
        if question.other:
            yield from ((question.other, f"{text} {word}") for word in OTHER_WORDS)
        if question.kind == "multiple":
            for answer in question.answers:
                label = answer.labels.get(language, answer.labels.get("", ""))
                yield f"{question.code}[{answer.code}]", f"{text} {label}"
        elif question.kind == "ranking":
            for rank in range(1, len(question.answers) + 1):
                yield f"{question.code}[{rank}]", f"{text} Ranking {rank}"
                yield f"{question.code}[{rank}]", f"{text} Rank {rank}"


def _without_index(raw: RawTable, columns: Sequence[Column]) -> tuple[Column, ...]:
    """Mark a first column without a heading that only counts: statistics programs write one."""
    first = columns[0] if columns else None
    if first is None or first.heading.strip() or first.metadata:
        return tuple(columns)
    cells = raw.cells[first.name].str.strip()
    counts = bool(cells.str.fullmatch(r"\d+").all()) and cells.astype("Float64").is_monotonic_increasing
    return (replace(first, metadata="index"), *columns[1:]) if counts and cells.is_unique else tuple(columns)


def _submissions(raw: RawTable, about: Mapping[str, str]) -> tuple[tuple[Fault, ...], bool]:
    """Return warnings on dates and unfinished responses, and whether dates can be used."""
    name = about.get("submitdate")
    if name is None:
        return (), True
    place = Place(file=raw.path.name, sheet=raw.sheet, field=name)
    found = distinct(raw.column(name), MISSING)
    faults = []
    undated = bool(found) and all(date.startswith(_UNDATED) for date in found)
    if undated:
        faults.append(Fault("dates-anonymised", place, severity="warning"))
    blank = raw.cells[name].str.strip().isin(("", *MISSING))
    if "id" in about:
        blank &= raw.cells[about["id"]].str.strip() != ""
    if blank.any():
        faults.append(Fault("responses-incomplete", place, {"n": int(blank.sum())}, "warning"))
    return tuple(faults), not undated


class _Grouping:
    """Key of consecutive columns of one question."""

    def __init__(self) -> None:
        self._serial = 0
        self._last = ""

    def __call__(self, column: Column) -> int:
        """Return the serial number of the question a column belongs to."""
        here = column.code or column.text
        if not here or here != self._last:
            self._serial += 1
        self._last = here
        return self._serial


def _questions(raw: RawTable, group: Sequence[Column], kinds: Mapping[str, Kind]) -> Iterator[SourceQuestion]:
    """Yield the questions of the columns that share a code, or a wording before brackets."""
    if len(group) == 1 and not group[0].code:
        # One bracket alone may as well belong to the wording.
        column = group[0]
        whole = " ".join(part for part in (column.text, f"[{column.row}]" if column.row else "") if part)
        group = [replace(column, text=whole, row="")]
    other = next((column for column in group if _is_other(column, group)), None)
    comments = [column for column in group if _is_comment(column, group)]
    rest = [column for column in group if column is not other and column not in comments]
    if not rest:
        rest, other = [column for column in group if column not in comments], None
    kind = kinds.get(group[0].code) or _shape(raw, rest)
    if len(rest) > 1 and kind in ("multiple", "ranking"):
        yield _over_columns(rest, kind, other)
    else:
        yield from (_alone(raw, column, rest, other) for column in rest)
    yield from (_text(column) for column in comments)


def _is_other(column: Column, group: Sequence[Column]) -> bool:
    if column.code:
        return column.parts[-1:] == ("other",)
    return column.row in OTHER_WORDS and len(group) > 1


def _is_comment(column: Column, group: Sequence[Column]) -> bool:
    if not column.code:
        return column.row in COMMENT_WORDS and len(group) > 1
    last = column.parts[-1] if column.parts else ""
    codes = {other.parts[-1] for other in group if other.parts}
    return last == "comment" or (last.endswith("comment") and last.removesuffix("comment") in codes)


def _shape(raw: RawTable, columns: Sequence[Column]) -> Kind:
    """Return what the columns of one question are, where no structure tells."""
    rows = [column.row or column.parts[-1] if column.parts else column.row for column in columns]
    if len(columns) < 2 or not all(rows) or len(set(rows)) < len(rows):
        return "matrix"
    if all(_RANK.fullmatch(row) for row in rows):
        return "ranking"
    found = [set(distinct(raw.column(column.name), MISSING)) for column in columns]
    return "multiple" if all(cells <= _TICKS for cells in found) and any(found) else "matrix"


def _over_columns(columns: Sequence[Column], kind: Kind, other: Column | None) -> SourceQuestion:
    first = columns[0]
    write_in = other.name if other and kind == "multiple" else None
    if other and write_in:
        columns = [*columns, other]
    options = tuple(column.row or column.parts[-1] for column in columns)
    heading = ". ".join(part for part in (first.code, first.text) if part)
    return SourceQuestion(
        heading,
        "",
        first.text,
        "",
        kind,
        options,
        tuple(column.name for column in columns),
        code=first.code,
        missing=_NOT_SHOWN if kind == "multiple" else {},
        by_rank=kind == "ranking",
        write_in=write_in,
    )


def _alone(raw: RawTable, column: Column, columns: Sequence[Column], other: Column | None) -> SourceQuestion:
    found = distinct(raw.column(column.name), MISSING)
    coded = bool(found) and all(_ANSWER_CODE.fullmatch(cell) for cell in found)
    kind: Kind = "single" if coded else guess_kind(found, _SEPARATOR)
    options = options_of(found, _SEPARATOR) if kind == "single" else ()
    if kind == "single" and len(columns) > 1 and (column.parts or column.row):
        kind = "matrix"
    return SourceQuestion(
        column.heading,
        "",
        column.text,
        column.row,
        kind,
        options,
        (column.name,),
        code=column.spelled,
        other=other.name if other and len(columns) == 1 else None,
    )


def _text(column: Column) -> SourceQuestion:
    return SourceQuestion(
        column.heading, "", column.text, column.row, "text", (), (column.name,), code=column.spelled
    )


LIMESURVEY = Platform(
    name="limesurvey",
    title={"zh": "LimeSurvey", "en": "LimeSurvey"},
    understands={
        "zh": (
            "CSV、Excel；表头为题目代码（sat[q1]、sat_q1）、题干（题干 [子项]）或两者",
            "答案为代码或文字；多选 Y/空白或是/否；排序 r[1] r[2]；其他与评论的文字列",
            "问卷结构 .txt、.lss",
        ),
        "en": (
            "CSV and Excel; headings by code (sat[q1], sat_q1), by full text (question [row]) or by both",
            "answer codes or full answers; multiple choice as Y/blank or Yes/No; ranking r[1] r[2]; "
            "text columns of other and comment",
            "survey structure .txt and .lss",
        ),
    },
    evidence=evidence,
    read=read_limesurvey,
    structure="limesurvey",
)
