"""Qualtrics's survey file (``.qsf``, JSON)."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from manyi.readers.platforms.source import DescribedAnswer, Kind
from manyi.readers.structures.plain_wording import plain_wording, primary_language
from manyi.readers.structures.structure import Structure, StructuredQuestion
from manyi.readers.structures.structure_file import opening_of, read_structure_file
from manyi_instruments.faults import AnswersFaulty, Fault, FileUnreadable, Place

Payload = Mapping[str, Any]
Texts = dict[str, str]

_SEVERAL = ("MAVR", "MAHR", "MACOL", "MSB")
#: Types nobody answers, or whose columns hold no answer.
_UNASKED = ("DB", "Timing", "Meta", "Captcha")
#: Types with a column a row, and what its cells are.
_ROWS: Mapping[str, Kind] = {"Slider": "number", "CS": "number"}
#: Columns of a matrix of cells to fill in.
_CELLS: Mapping[str, Kind] = {"TE": "text", "CS": "number"}


def is_qualtrics_qsf(path: Path) -> bool:
    """Tell whether a file is a survey in Qualtrics's JSON."""
    opening = opening_of(path).lstrip(b"\xef\xbb\xbf \t\r\n")
    return opening.startswith(b"{") and (b'"SurveyEntry"' in opening or b'"SurveyElements"' in opening)


def read_qualtrics_qsf(path: Path) -> Structure:
    """Read Qualtrics's survey file.

    Parameters
    ----------
    path : Path
        The ``.qsf`` file.

    Returns
    -------
    Structure
        Questions in the order of the blocks; those in the trash are left out. Codes are what headings of
        exports hold: ``Q5_1`` of a row, ``Q4`` of a multiple choice, ``Q13_1`` of a row with several answers.

    Raises
    ------
    FileUnreadable
        As ``read_structure_file``; ``structure-damaged``.
    AnswersFaulty
        ``structure-empty``.
    """
    place = Place(file=path.name)
    survey = _loaded(path)
    entry = _mapping(survey.get("SurveyEntry"))
    main = str(entry.get("SurveyLanguage") or "EN")
    payloads = _questions(survey)
    tags = dict.fromkeys([main, *(tag for payload in payloads for tag in _mapping(payload.get("Language")))])
    questions: list[StructuredQuestion] = []
    unknown: dict[str, list[str]] = {}
    for payload in payloads:
        found = list(_Asked(payload, main, tuple(tags)).entries())
        questions.extend(found)
        if not found and payload.get("QuestionType") not in _UNASKED:
            unknown.setdefault(str(payload.get("QuestionType")), []).append(_text(payload, "DataExportTag"))
    if not questions:
        raise AnswersFaulty(Fault("structure-empty", place, {"file": path.name}))
    return Structure(
        path=path,
        platform="qualtrics",
        title={primary_language(main): plain_wording(_text(entry, "SurveyName"))},
        languages=tuple(dict.fromkeys(map(primary_language, tags))),
        questions=tuple(questions),
        groups={question.group: question.stem for question in questions if question.group},
        faults=tuple(
            Fault("structure-type-unknown", place, {"type": kind, "questions": "、".join(codes)}, "warning")
            for kind, codes in unknown.items()
        ),
    )


def _loaded(path: Path) -> Payload:
    details = {"file": path.name, "format": "Qualtrics .qsf", "line": 1}
    line = 1
    try:
        survey = json.loads(read_structure_file(path).decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        line, survey = error.lineno, None
    except (UnicodeDecodeError, RecursionError):
        survey = None
    if not isinstance(survey, dict):
        place = Place(file=path.name, row=line)
        raise FileUnreadable(Fault("structure-damaged", place, {**details, "line": line})) from None
    return survey


def _questions(survey: Payload) -> list[Payload]:
    """Return the questions in the order of their blocks, without those in the trash."""
    listed = survey.get("SurveyElements")
    elements = [_mapping(element) for element in (listed if isinstance(listed, list) else [])]
    by_id = {
        _text(element, "PrimaryAttribute"): _mapping(element.get("Payload"))
        for element in elements
        if element.get("Element") == "SQ"
    }
    blocks = {
        _text(block, "ID"): block
        for element in elements
        if element.get("Element") == "BL"
        for block in _listed(element.get("Payload"))
    }
    flow = [ident for element in elements if element.get("Element") == "FL" for ident in _block_ids(element)]
    order: dict[str, None] = {}
    trash = set()
    for ident in dict.fromkeys([*(ident for ident in flow if ident in blocks), *blocks]):
        block = blocks[ident]
        asked = [_text(_mapping(item), "QuestionID") for item in _listed(block.get("BlockElements"))]
        if block.get("Type") == "Trash":
            trash.update(asked)
        else:
            order.update(dict.fromkeys(asked))
    left = [ident for ident in by_id if ident not in order and ident not in trash]
    return [by_id[ident] for ident in [*order, *left] if by_id.get(ident)]


def _block_ids(flow: object) -> Iterator[str]:
    """Yield the ids of blocks in the order of the survey flow, however deep they stand in branches."""
    pending = [flow]
    while pending:
        here = pending.pop(0)
        if isinstance(here, Mapping):
            if isinstance(here.get("ID"), str):
                yield here["ID"]
            pending[:0] = [here[key] for key in ("Payload", "Flow") if key in here]
        elif isinstance(here, list):
            pending[:0] = here


@dataclass(frozen=True, slots=True)
class _Asked:
    """One question: its payload, the survey's language tag and all language tags."""

    payload: Payload
    main: str
    tags: tuple[str, ...]

    def entries(self) -> Iterator[StructuredQuestion]:
        """Yield the question, or its rows, as exports have columns."""
        kind, selector = _text(self.payload, "QuestionType"), _text(self.payload, "Selector")
        tag = _text(self.payload, "DataExportTag") or _text(self.payload, "QuestionID")
        if kind == "MC":
            yield self._question(
                tag, "multiple" if selector in _SEVERAL else "single", self._answers("Choice")
            )
        elif kind == "RO":
            yield self._question(tag, "ranking", self._answers("Choice"))
        elif kind == "TE" and selector != "FORM":
            yield self._question(tag, self._entry_kind(), ())
        elif kind == "Matrix":
            yield from self._matrix(tag, selector)
        elif kind == "SBS":
            yield from self._side_by_side(tag)
        elif kind in _ROWS or kind == "TE":
            for row in self._order("Choice"):
                yield self._row(tag, row, _ROWS.get(kind, "text"), ())

    def _matrix(self, tag: str, selector: str) -> Iterator[StructuredQuestion]:
        several = _text(self.payload, "SubSelector") == "MultipleAnswer"
        for row in self._order("Choice"):
            if selector in _CELLS:
                for column in self._order("Answer"):
                    yield self._row(tag, row, _CELLS[selector], (), column)
            elif selector == "RO":
                yield self._row(tag, row, "number", ())
            else:
                yield self._row(tag, row, "multiple" if several else "matrix", self._answers("Answer"))

    def _side_by_side(self, tag: str) -> Iterator[StructuredQuestion]:
        """Yield the rows of every column of answers, whose headings are ``Q7#1_2``."""
        columns = _mapping(self.payload.get("AdditionalQuestions"))
        for number, column in columns.items():
            payload = {**self.payload, **_mapping(column), "QuestionText": self.payload.get("QuestionText")}
            payload["Choices"] = self.payload.get("Choices")
            payload["ChoiceOrder"] = self.payload.get("ChoiceOrder")
            payload["ChoiceDataExportTags"] = False
            inner = _Asked(payload, self.main, self.tags)
            yield from inner._matrix(f"{tag}#{number}", _text(payload, "Selector"))

    def _question(self, code: str, kind: Kind, answers: tuple[DescribedAnswer, ...]) -> StructuredQuestion:
        own_text = [ident for ident in self._order("Choice") if self._has_text(ident)] if answers else []
        return StructuredQuestion(
            code=code,
            group="",
            texts=self._wording(),
            kind=kind,
            answers=answers,
            required=self._required(),
            relevant=self._relevant(),
            other=f"{code}_{own_text[0]}_TEXT" if own_text else "",
        )

    def _row(
        self, tag: str, row: str, kind: Kind, answers: tuple[DescribedAnswer, ...], column: str = ""
    ) -> StructuredQuestion:
        tags = _mapping(self.payload.get("ChoiceDataExportTags"))
        code = str(tags.get(row) or f"{tag}_{row}") + (f"_{column}" if column else "")
        stem, own = self._wording(), self._labels("Choices", row)
        more = self._labels("Answers", column) if column else {}
        texts = {
            language: "—".join(part for part in parts if part)
            for language in {**stem, **own, **more}
            if any(parts := (stem.get(language, ""), own.get(language, ""), more.get(language, "")))
        }
        return StructuredQuestion(
            code=code,
            group=tag,
            texts=texts,
            kind=kind,
            answers=answers,
            required=self._required(),
            relevant=self._relevant(),
            stem=stem,
            other=f"{tag}_{row}_TEXT" if self._has_text(row) else "",
        )

    def _answers(self, part: str) -> tuple[DescribedAnswer, ...]:
        """Return the answers in the order shown; a cell holds the recoded value where there is one."""
        recoded = _mapping(self.payload.get("RecodeValues"))
        return tuple(
            DescribedAnswer(str(recoded.get(ident, ident)), self._labels(f"{part}s", ident))
            for ident in self._order(part)
        )

    def _order(self, part: str) -> list[str]:
        """Return the ids of choices or answers in the order shown."""
        known = _by_id(self.payload.get(f"{part}s"))
        listed = self.payload.get(f"{part}Order")
        order = [str(ident) for ident in listed] if isinstance(listed, list) else []
        return [ident for ident in dict.fromkeys([*order, *known]) if ident in known]

    def _labels(self, part: str, ident: str) -> Texts:
        return self._worded(
            {
                tag: _text(_mapping(_by_id(payload.get(part)).get(ident)), "Display")
                for tag, payload in self._languages()
            }
        )

    def _wording(self) -> Texts:
        return self._worded({tag: _text(payload, "QuestionText") for tag, payload in self._languages()})

    def _worded(self, texts: Mapping[str, str]) -> Texts:
        found: Texts = {}
        for tag, text in texts.items():
            wording = plain_wording(text)
            if wording:
                found.setdefault(primary_language(tag), wording)
        return found

    def _languages(self) -> Iterator[tuple[str, Payload]]:
        yield self.main, self.payload
        translated = _mapping(self.payload.get("Language"))
        yield from ((tag, _mapping(translated[tag])) for tag in self.tags if tag in translated)

    def _has_text(self, ident: str) -> bool:
        choice = _mapping(_by_id(self.payload.get("Choices")).get(ident))
        return str(choice.get("TextEntry", "false")).lower() not in ("false", "0", "")

    def _entry_kind(self) -> Kind:
        settings = _mapping(_mapping(self.payload.get("Validation")).get("Settings"))
        content = settings.get("ContentType")
        return "number" if settings.get("Type") == "ContentType" and content == "ValidNumber" else "text"

    def _required(self) -> bool:
        settings = _mapping(_mapping(self.payload.get("Validation")).get("Settings"))
        return settings.get("ForceResponse") == "ON"

    def _relevant(self) -> str:
        """Return the condition in Qualtrics's own words, which it keeps beside the logic."""
        found: list[str] = []
        pending: list[object] = [self.payload.get("DisplayLogic")]
        while pending:
            here = pending.pop(0)
            if isinstance(here, Mapping):
                if isinstance(here.get("Description"), str):
                    found.append(plain_wording(here["Description"]))
                pending[:0] = [value for value in here.values() if isinstance(value, Mapping | list)]
            elif isinstance(here, list):
                pending[:0] = here
        return " ".join(found)


def _by_id(items: object) -> Mapping[str, Any]:
    """Return choices by id: Qualtrics writes them as an object, or as a list where ids count from 0."""
    if isinstance(items, list):
        return {str(place): item for place, item in enumerate(items)}
    return {str(key): value for key, value in _mapping(items).items()}


def _listed(items: object) -> Sequence[Payload]:
    values = items.values() if isinstance(items, Mapping) else items if isinstance(items, list) else ()
    return [_mapping(value) for value in values]


def _mapping(value: object) -> Payload:
    """Return an object; Qualtrics writes an empty list where it has none."""
    return value if isinstance(value, Mapping) else {}


def _text(payload: Payload, key: str) -> str:
    value = payload.get(key)
    return value if isinstance(value, str) else "" if value is None else str(value)
