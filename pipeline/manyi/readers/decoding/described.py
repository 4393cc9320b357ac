"""Answers as the file's own labels, or the platform's structure, describe them: code, label, stored value."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from manyi.readers.decoding.list_labels import ListLabels
from manyi.readers.decoding.reading import Fate, Reading, plain_text
from manyi.readers.matching.evidence import Question
from manyi.readers.platforms.missing_labels import missing_kind
from manyi.readers.platforms.source import NUMERIC, DescribedAnswer, SourceQuestion, SourceTable
from manyi.readers.wording import answer_key
from manyi_instruments.definitions.questionnaire import AnswerList, MissingKind, Questionnaire
from manyi_instruments.faults import Fault

#: Labels told in a warning; a list of regions may have hundreds.
_MOST_TOLD = 12
_BETWEEN = r"\s*[)）\]]?\s*[-–—=.:：、)）]*\s*"


@dataclass(frozen=True, slots=True)
class Described:
    """What the codes of one question mean.

    Attributes
    ----------
    readings : Mapping
        Code, as ``code_key`` spells it -> what a cell with it means.
    closed : bool
        Whether a number without a description is to be refused, because other codes of the question turned
        out to mean other values than their own number.
    item : str
        Id of the question, for the reason of a refusal.
    codes : frozenset of str
        Codes described as answers, not as missing ones.
    faults : tuple of Fault
        ``labels-differ`` and ``values-recoded-by-label``, without a place.
    """

    readings: Mapping[str, Reading] = field(default_factory=dict)
    closed: bool = False
    item: str = ""
    codes: frozenset[str] = frozenset()
    faults: tuple[Fault, ...] = ()

    def warnings(self, cells: Iterable[str]) -> tuple[Fault, ...]:
        """Return the faults, or none where no cell holds a described code: the export is one of labels."""
        return self.faults if any(code_key(cell) in self.codes for cell in cells) else ()

    def reading(self, cell: str) -> Reading | None:
        """Return what a cell means by its description, or None where it has none."""
        if not self.readings:
            return None
        key = code_key(cell)
        found = self.readings.get(key)
        if found is None and self.closed and NUMERIC.fullmatch(key):
            details = {"value": cell.strip(), "item": self.item}
            return Reading(Fate.REJECTED, code="code-without-label", details=details)
        return found


def code_key(cell: str) -> str:
    """Return what two spellings of one code share: width and blanks, and of numbers the form.

    >>> code_key(" 1.0 "), code_key("０２"), code_key("A1"), code_key("-9")
    ('1', '2', 'A1', '-9')
    """
    plain = plain_text(cell)
    return f"{float(plain):.15g}" if NUMERIC.fullmatch(plain) else plain


def describe(
    question: Question, found: SourceQuestion, source: SourceTable, questionnaire: Questionnaire
) -> Described:
    """Return what the described codes of a question mean in the questionnaire.

    Parameters
    ----------
    question : Item or AttentionCheck
        What was asked.
    found : SourceQuestion
        ``answers`` and ``missing`` describe its codes.
    source : SourceTable
        Its style tells whether plain numbers are places or values.
    questionnaire : Questionnaire
        Answer list and missing codes.

    Returns
    -------
    Described
        A code is read by its label:

        - declared missing, or labelled as a kind of missing answer: that kind;
        - labelled as one of the list's answers, in any language: that value, kept where the code is its
          number; ``values-recoded-by-label`` tells of codes that are another answer's number;
        - other labels beside known ones: refused, ``described-answer-unknown``;
        - no label known at all, but all codes values of the list: not described, so that they are read as
          values, with the warning ``labels-differ``; else numbers are refused and words left to the rules
          for words.

        A label that only repeats its code says nothing.
    """
    work = _Work(question.id, ListMeaning(questionnaire.answer_list(question), source.style), questionnaire)
    labelled = {code_key(answer.code) for answer in found.answers if _wordings(answer)}
    for cell, kind in found.missing.items():
        work.missing(code_key(cell), work.kind_of_code(cell, kind, code_key(cell) in labelled))
    for answer in found.answers:
        work.answer(answer)
    return work.described()


class ListMeaning:
    """What labels and numbers mean in an answer list; nothing in a question without one."""

    def __init__(self, answers: AnswerList | None, style: str) -> None:
        self._labels = ListLabels(answers) if answers is not None else None
        self.numbers = self._labels.numbers(style) if self._labels is not None else set()
        texts = [label for answer in answers.answers for label in answer.label.values()] if answers else []
        #: Labels that only repeat numbers can be compared with none.
        self.worded = any(not NUMERIC.fullmatch(plain_text(text)) for text in texts)
        self.told = _told(
            [next(iter(answer.label.values())) for answer in answers.answers] if answers else []
        )

    def value(self, label: str, code: str) -> int | None:
        """Return the value of the answer with a label, a number before or behind it left out."""
        if self._labels is None:
            return None
        for text in (label, _without_code(label, code)):
            value = self._labels.value(text)
            if value is not None:
                return value
        return None


@dataclass(slots=True)
class _Work:
    """The description of one question under way."""

    item: str
    meaning: ListMeaning
    questionnaire: Questionnaire
    readings: dict[str, Reading] = field(default_factory=dict)
    values: dict[str, int] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)

    def missing(self, key: str, kind: MissingKind) -> None:
        """Note a code as one kind of missing answer."""
        code = float(self.questionnaire.missing_codes[kind].code)
        self.readings[key] = Reading(Fate.MISSING, (code,), kind)

    def kind_of_code(self, cell: str, kind: MissingKind, labelled: bool) -> MissingKind:
        """Return the kind of a declared code: without a label one of our own codes speaks for itself."""
        if labelled or kind != "no_answer":
            return kind
        for own, missing in self.questionnaire.missing_codes.items():
            if code_key(cell) == str(missing.code):
                return own
        return kind

    def answer(self, answer: DescribedAnswer) -> None:
        """Note one described answer."""
        key = code_key(answer.code)
        wordings = _wordings(answer)
        if answer.missing is not None:
            own = self._own_kind(wordings)
            self.missing(key, own or self.kind_of_code(answer.code, answer.missing, bool(wordings)))
            return
        known = [self.meaning.value(label, answer.code) for label in wordings]
        value = next((value for value in known if value is not None), None)
        kind = self._kind(wordings, key) if value is None else None
        if value is not None:
            self.values[key] = value
        elif kind is not None:
            self.missing(key, kind)
        elif wordings:
            self.unknown[key] = wordings[0]

    def described(self) -> Described:
        """Return what was noted."""
        if not self.meaning.worded:
            return Described(self.readings, item=self.item)
        faults = []
        for key, value in self.values.items():
            fate = Fate.KEPT if key == str(value) else Fate.RECODED
            self.readings[key] = Reading(fate, (float(value),))
        moved = {key: value for key, value in self.values.items() if _is_number(key) and key != str(value)}
        if set(moved) & self.meaning.numbers:
            recode = _told([f"{key} → {value}" for key, value in moved.items()])
            faults.append(
                Fault(
                    "values-recoded-by-label",
                    details={"item": self.item, "recode": recode},
                    severity="warning",
                )
            )
        if self.unknown and not self.values and set(self.unknown) <= self.meaning.numbers:
            told = _told([f"{key} = {label}" for key, label in self.unknown.items()])
            details = {"item": self.item, "file_labels": told, "labels": self.meaning.told}
            faults.append(Fault("labels-differ", details=details, severity="warning"))
        else:
            for key, label in self.unknown.items():
                if self.values or _is_number(key):
                    details = {"value": key, "label": label, "item": self.item}
                    self.readings.setdefault(
                        key, Reading(Fate.REJECTED, code="described-answer-unknown", details=details)
                    )
        codes = frozenset((*self.values, *self.unknown))
        return Described(self.readings, bool(moved), self.item, codes, tuple(faults))

    def _own_kind(self, wordings: tuple[str, ...]) -> MissingKind | None:
        """Return the kind the questionnaire itself gives a label."""
        keys = {answer_key(label) for label in wordings}
        for kind, missing in self.questionnaire.missing_codes.items():
            if keys & {answer_key(label) for label in missing.label.values()}:
                return kind
        return None

    def _kind(self, wordings: tuple[str, ...], key: str) -> MissingKind | None:
        """Return the kind of a code that is not declared missing but labelled so."""
        own = self._own_kind(wordings)
        if own is not None:
            return own
        # "Not sure" is an answer where its code stands among those of the list.
        declared = key not in self.meaning.numbers
        kinds = (missing_kind(label, declared) for label in wordings)
        return next((kind for kind in kinds if kind is not None), None)


def _wordings(answer: DescribedAnswer) -> tuple[str, ...]:
    """Return the labels of an answer that say more than its code."""
    code = code_key(answer.code)
    return tuple(
        label.strip() for label in answer.labels.values() if label.strip() and code_key(label) != code
    )


def _without_code(label: str, code: str) -> str:
    """Return a label without its own code: ``1 = 同意``, ``同意（1）``.

    >>> _without_code("5 = strongly agree", "5"), _without_code("同意（4）", "4"), _without_code("16~19", "1")
    ('strongly agree', '同意', '16~19')
    """
    escaped = re.escape(code.strip())
    before = re.match(rf"[(（\[]?\s*{escaped}(?!\d|[~～-]\s*\d){_BETWEEN}(?P<label>\S.*)$", label, re.DOTALL)
    behind = re.match(rf"(?P<label>.*\S)\s*[(（\[]\s*{escaped}\s*[)）\]]$", label, re.DOTALL)
    found = before or behind
    return found["label"] if found else label


def _is_number(key: str) -> bool:
    return NUMERIC.fullmatch(key) is not None


def _told(parts: list[str]) -> str:
    shown = "、".join(parts[:_MOST_TOLD])
    return shown if len(parts) <= _MOST_TOLD else f"{shown} …"
