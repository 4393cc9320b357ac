"""An XLSForm as a structure: what a form for ODK, KoboToolbox or Enketo asks, and in which words."""

import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from manyi.readers.platforms.source import DescribedAnswer
from manyi.readers.structures.languages import language_code
from manyi.readers.structures.structure import Structure, StructuredQuestion
from manyi.readers.structures.xlsform_types import FormType, form_type
from manyi.readers.tables.raw_table import RawTable, read_table
from manyi_instruments.definitions.questionnaire import DEFAULT_MISSING, MissingKind
from manyi_instruments.faults import AnswersFaulty, Fault, FileUnreadable, Place

_SHEET = re.compile(r'<(?:\w+:)?sheet\s[^>]*?\bname="(?P<name>[^"]*)"')
_LABEL = re.compile(r"(?:label|caption)(?:\s*::?\s*(?P<language>.+))?", re.IGNORECASE)
_KEY = re.compile(r"bind::?ps:(?P<key>\w+)")
_NAMESPACE = "urn:ps"
_YES = {"yes", "true", "true()", "1"}
_ALIASES = {
    "command": "type",
    "tag": "name",
    "value": "name",
    "list name": "list_name",
    "relevance": "relevant",
    "bind:relevant": "relevant",
    "bind::relevant": "relevant",
    "bind::required": "required",
    "$autovalue": "$autoname",
    "set form title": "form_title",
}
# KoboToolbox keeps the choice list of its own blocks in these columns.
_KOBO_LISTS = ("kobo--score-choices", "kobo--rank-items", "kobo--matrix_list")
_WIDEST = 1 << 20
_DAMAGED = (OSError, ValueError, KeyError, RuntimeError, zipfile.BadZipFile, zlib.error)

Texts = Mapping[str, str]


def is_xlsform(path: Path) -> bool:
    """Return whether a file is a workbook with a sheet ``survey`` that has columns ``type`` and ``name``."""
    sheet = _sheets(path).get("survey")
    if sheet is None:
        return False
    try:
        raw = read_table(path, sheet)
    except FileUnreadable:
        return False
    return {"type", "name"} <= {_column(heading) for heading in raw.headings}


def read_xlsform(path: Path) -> Structure:
    """Read an XLSForm.

    Parameters
    ----------
    path : Path
        ``.xlsx`` or ``.xls`` with the sheets ``survey`` and, where something is chosen, ``choices`` and
        ``settings``.

    Returns
    -------
    Structure
        Questions inside repeats are left out: they are exported as tables of their own.

    Raises
    ------
    FileUnreadable
        If the file is no workbook that can be read.
    AnswersFaulty
        ``structure-columns-missing``, ``structure-groups-unbalanced``, ``structure-name-missing`` or
        ``structure-empty``.
    """
    sheets = _sheets(path)
    survey = read_table(path, sheets.get("survey", "survey"))
    columns = {_column(heading) for heading in survey.headings}
    place = Place(file=path.name, sheet=survey.sheet)
    missing = [name for name in ("type", "name") if name not in columns]
    if missing:
        raise AnswersFaulty(Fault("structure-columns-missing", place, {"columns": "、".join(missing)}))
    settings = next(iter(_records(_optional(path, sheets.get("settings")))), {})
    default = language_code(settings.get("default_language", ""))
    own = _NAMESPACE in settings.get("namespaces", "")
    choices = _choices(_optional(path, sheets.get("choices")), default, own)
    form = _Form(place, choices, default)
    for row, record in zip(survey.rows.tolist(), _records(survey), strict=True):
        form.row(int(row), record)
    form.close()
    if form.errors:
        raise AnswersFaulty(form.errors)
    if not form.questions:
        raise AnswersFaulty(Fault("structure-empty", place, {"file": path.name}))
    languages = _languages((survey.headings), default)
    title = settings.get("form_title", settings.get("set_form_title", ""))
    return Structure(
        path=path,
        platform="xlsform",
        title={languages[0]: title} if title else {},
        languages=languages,
        questions=tuple(_with_texts_beside(form.questions)),
        unasked=form.unasked,
        groups=form.groups,
        faults=tuple(form.warnings),
    )


def _sheets(path: Path) -> dict[str, str]:
    """Return the sheets of a workbook, plain lower-case name -> name; empty for anything else."""
    try:
        with path.open("rb") as stream:
            start = stream.read(4)
        if start == b"PK\x03\x04":
            with zipfile.ZipFile(path) as archive, archive.open("xl/workbook.xml") as part:
                names = _SHEET.findall(part.read(_WIDEST).decode("utf-8"))
        elif start == b"\xd0\xcf\x11\xe0":
            names = list(CalamineWorkbook.from_path(path).sheet_names)
        else:
            return {}
    except (*_DAMAGED, CalamineError, PasswordError):
        # What is wrong with the workbook is told by the reader of tables, in its own words.
        return {}
    return {name.strip().lower(): name for name in reversed(names)}


def _optional(path: Path, sheet: str | None) -> RawTable | None:
    """Return a sheet, or None where it is not there or has headings only."""
    if sheet is None:
        return None
    try:
        return read_table(path, sheet)
    except FileUnreadable as error:
        if {fault.code for fault in error.faults} <= {"file-header-only", "file-empty"}:
            return None
        raise


def _column(heading: str) -> str:
    plain = " ".join(heading.split())
    lower = plain.lower()
    return _ALIASES.get(lower, lower if not _LABEL.fullmatch(plain) and not _KEY.match(plain) else plain)


def _records(raw: RawTable | None) -> Iterator[dict[str, str]]:
    """Yield each row as column -> text, empty cells left out; the first of repeated headings counts."""
    if raw is None:
        return
    names = [_column(heading) for heading in raw.headings]
    for cells in raw.cells.itertuples(index=False, name=None):
        record: dict[str, str] = {}
        for name, cell in zip(names, cells, strict=True):
            if name and cell.strip():
                record.setdefault(name, cell.strip())
        yield record


def _languages(headings: Sequence[str], default: str) -> tuple[str, ...]:
    found = [default] if default else []
    for heading in headings:
        label = _LABEL.fullmatch(" ".join(heading.split()))
        if label:
            found.append(language_code(label["language"]) if label["language"] else default)
    return tuple(dict.fromkeys(found)) or ("",)


def _labels(record: Mapping[str, str], default: str) -> dict[str, str]:
    """Return the wordings of a row by language."""
    texts: dict[str, str] = {}
    for column, text in record.items():
        label = _LABEL.fullmatch(column)
        if label:
            texts[language_code(label["language"]) if label["language"] else default] = text
    return texts


def _choices(raw: RawTable | None, default: str, own: bool) -> dict[str, tuple[DescribedAnswer, ...]]:
    """Return the answers of every list; a name that a filter offers twice counts once."""
    lists: dict[str, dict[str, DescribedAnswer]] = {}
    for record in _records(raw):
        name = record.get("name", record.get("$autoname", ""))
        if "list_name" in record and name:
            answers = lists.setdefault(record["list_name"], {})
            answers.setdefault(name, DescribedAnswer(name, _labels(record, default)))
    return {
        name: tuple(_missing(name, tuple(answers.values())) if own else answers.values())
        for name, answers in lists.items()
    }


def _missing(list_name: str, answers: tuple[DescribedAnswer, ...]) -> Iterator[DescribedAnswer]:
    """Mark the missing answers of a list of manyi's own: its name ends in their kinds."""
    kinds: dict[str, MissingKind] = {
        str(missing.code): kind for kind, missing in DEFAULT_MISSING.items() if f"_{kind}" in list_name
    }
    for answer in answers:
        yield replace(answer, missing=kinds[answer.code]) if answer.code in kinds else answer


def _with_texts_beside(questions: Sequence[StructuredQuestion]) -> Iterator[StructuredQuestion]:
    """Name the text question of answers that ask for text, as manyi's own forms call it."""
    names = {question.code for question in questions}
    for question in questions:
        beside = f"{question.code}__text"
        yield replace(question, other=beside) if beside in names and not question.other else question


@dataclass(slots=True)
class _Block:
    """A group, a repeat, or one of KoboToolbox's blocks that is open."""

    type: str
    name: str
    row: int
    texts: Texts
    appearance: frozenset[str]
    choices: str


@dataclass(slots=True)
class _Form:
    """The rows of ``survey`` as they are read."""

    place: Place
    choices: Mapping[str, tuple[DescribedAnswer, ...]]
    default: str
    questions: list[StructuredQuestion] = field(default_factory=list)
    unasked: dict[str, str] = field(default_factory=dict)
    unknown: dict[str, list[str]] = field(default_factory=dict)
    groups: dict[str, Texts] = field(default_factory=dict)
    warnings: list[Fault] = field(default_factory=list)
    errors: list[Fault] = field(default_factory=list)
    open: list[_Block] = field(default_factory=list)

    def row(self, number: int, record: Mapping[str, str]) -> None:
        """Read one row; a row without a type is a remark."""
        if "type" not in record or record.get("disabled", "").lower() in _YES:
            return
        meaning = form_type(record["type"])
        name = record.get("name", record.get("$autoname", ""))
        if meaning.role == "begin":
            self.begin(number, record, meaning, name)
        elif meaning.role == "end_of":
            self.end(number, meaning)
        elif meaning.role != "nothing":
            self.question(number, record, meaning, name)

    def begin(self, number: int, record: Mapping[str, str], meaning: FormType, name: str) -> None:
        """Open a block."""
        texts = _labels(record, self.default)
        appearance = frozenset(record.get("appearance", "").lower().split())
        choices = next((record[column] for column in _KOBO_LISTS if column in record), "")
        self.open.append(_Block(meaning.block, name, number, texts, appearance, choices))
        if name:
            self.groups[name] = texts
        if meaning.block == "repeat":
            self.unasked[f"{name}_count"] = "metadata"
            self.warn("structure-repeat", number, name=name)

    def end(self, number: int, meaning: FormType) -> None:
        """Close the innermost block, which must be of the same type."""
        if not self.open or self.open[-1].type != meaning.block:
            self.refuse("structure-groups-unbalanced", number)
        else:
            self.open.pop()

    def close(self) -> None:
        """Refuse blocks that were never closed, and tell the types nobody knows."""
        for block in self.open:
            self.refuse("structure-groups-unbalanced", block.row)
        for unknown, names in self.unknown.items():
            details = {"type": unknown, "questions": "、".join(names)}
            self.warnings.append(Fault("structure-type-unknown", self.place, details, "warning"))

    def question(self, number: int, record: Mapping[str, str], meaning: FormType, name: str) -> None:
        """Add a question, or what exports give a column though nobody is asked."""
        if not name:
            self.refuse("structure-name-missing", number, type=record["type"])
            return
        appearance = record.get("appearance", "").lower().split()
        if any(block.type == "repeat" for block in self.open):
            self.unasked[name] = "repeat"
        elif not meaning.known:
            self.unknown.setdefault(record["type"], []).append(name)
            self.unasked[name] = "unknown"
        elif meaning.kind is None:
            self.unasked[name] = meaning.role
        elif "label" in appearance and meaning.kind in ("single", "multiple"):
            self.unasked[name] = "heading"
        else:
            self.questions.extend(self.described(number, record, meaning, name, "list-nolabel" in appearance))

    def described(
        self, number: int, record: Mapping[str, str], meaning: FormType, name: str, in_grid: bool
    ) -> Iterator[StructuredQuestion]:
        """Yield a question with its wordings and answers; one for each row of KoboToolbox's matrix."""
        inner = self.open[-1] if self.open else None
        texts = _labels(record, self.default)
        listed = meaning.choices or record.get("select_from_list_name", "")
        rows_of = inner is not None and inner.type in ("score", "rank")
        answers = self.answers(number, inner.choices if inner and rows_of else listed, meaning, name)
        asked = StructuredQuestion(
            code=name,
            group="/".join(block.name for block in self.open if block.name),
            texts=texts,
            kind=meaning.kind or "text",
            answers=answers,
            required=record.get("required", "").lower() in _YES,
            relevant=record.get("relevant", ""),
            keys={key["key"]: text for column, text in record.items() if (key := _KEY.fullmatch(column))},
            other=f"{name}_other" if meaning.or_other else "",
        )
        if inner is not None and inner.type == "kobomatrix":
            for item in self.choices.get(inner.choices, ()):
                code = f"{inner.name}_{item.code}_{name}"
                yield replace(asked, code=code, stem=item.labels, texts=_joined(item.labels, texts))
        elif inner is not None and (in_grid or rows_of or "table-list" in inner.appearance):
            kind = "matrix" if meaning.kind == "single" else asked.kind
            yield replace(asked, kind=kind, stem=inner.texts, texts=_joined(inner.texts, texts))
        else:
            yield asked

    def answers(self, number: int, listed: str, meaning: FormType, name: str) -> tuple[DescribedAnswer, ...]:
        """Return the answers of a list; none, with a warning, where the form has no such list."""
        if not listed:
            return ()
        if listed not in self.choices:
            # A list in a file of its own or from an earlier answer is no fault of the form.
            if "." not in listed and "${" not in listed:
                self.warn("structure-list-missing", number, list=listed, name=name)
            return ()
        other = (DescribedAnswer("other", {"": "Other"}),) if meaning.or_other else ()
        return (*self.choices[listed], *other)

    def warn(self, code: str, number: int, **details: object) -> None:
        """Keep a warning about a row."""
        self.warnings.append(Fault(code, replace(self.place, row=number), details, "warning"))

    def refuse(self, code: str, number: int, **details: object) -> None:
        """Keep an error about a row."""
        self.errors.append(Fault(code, replace(self.place, row=number), details))


def _joined(stem: Texts, row: Texts) -> dict[str, str]:
    """Return the wording of a matrix row, matrix question first, in each language it has."""
    languages = dict.fromkeys((*stem, *row))
    return {
        language: "—".join(part for part in (stem.get(language, ""), row.get(language, "")) if part)
        for language in languages
    }
