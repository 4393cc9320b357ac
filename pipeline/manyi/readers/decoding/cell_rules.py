"""What one cell of an answer means: a rule a question, from the text in the file to the stored value."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from manyi.readers.matching.match import Question
from manyi.readers.platforms.source import NUMERIC, SourceTable
from manyi.readers.wording import answer_key
from manyi_instruments.definitions.questionnaire import Answer, AnswerList, Item, MissingKind, Questionnaire

#: Units that say nothing about the size of a number; any other unit must be declared by the item.
PLAIN_UNITS = ("岁", "周岁", "个", "人", "名", "位", "年", "years", "year", "yrs")
YES = ("是", "有", "对", "yes", "true", "y", "t", "√", "✓", "是的")
NO = ("否", "无", "没有", "错", "不是", "no", "false", "n", "f", "×", "✗")
MULTIPLE_SEPARATORS = ("┋", ";", "；", "|", "、", ",", "，", "\n")

_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_MEASURED = re.compile(r"(?P<number>[+-]?[\d,]+(?:\.\d+)?)\s*(?P<unit>\D*)")
_PREFIX = re.compile(r"^(?P<mark>\d+|[A-Za-z])\s*[.、:．）)]\s*(?P<label>\S.*)$", re.DOTALL)
_OTHER = re.compile(r"^(?P<label>.*?)\s*〖(?P<text>.*)〗\s*$", re.DOTALL)
_OTHER_AFTER = re.compile(r"^(?P<label>.+?)\s*[:：(（]\s*(?P<text>.+?)\s*[)）]?$", re.DOTALL)


class Fate(IntEnum):
    """What became of a cell: every cell read has exactly one."""

    KEPT = 0
    RECODED = 1
    MISSING = 2
    REJECTED = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """What one cell text means for one question.

    ``values`` holds the stored value (a missing code where ``fate`` is missing), or every chosen answer of a
    multiple choice; ``code`` and ``details`` are the fault of a rejected cell; ``other`` is free text.
    """

    fate: Fate
    values: tuple[float, ...] = ()
    kind: MissingKind | None = None
    code: str = ""
    details: Mapping[str, object] = field(default_factory=dict)
    other: str | None = None


Rule = Callable[[str], Reading]


def plain_text(cell: str) -> str:
    """Return a cell in half-width characters without blanks around it.

    >>> plain_text(" ４ ")
    '4'
    """
    return unicodedata.normalize("NFKC", cell).strip()


def missing_rule(source: SourceTable, questionnaire: Questionnaire) -> Callable[[str], Reading | None]:
    """Return the rule that knows blanks, the platform's marks, and the missing codes and labels declared."""
    codes = questionnaire.missing_codes
    by_code = {str(missing.code): kind for kind, missing in codes.items()}
    by_label = {
        answer_key(label): kind for kind, missing in codes.items() for label in missing.label.values()
    }
    marks = {mark.strip(): kind for mark, kind in source.missing.items()}

    def read(cell: str) -> Reading | None:
        text = cell.strip()
        kind: MissingKind | None = "no_answer" if not text else marks.get(text)
        if kind is None:
            plain = plain_text(text)
            whole = re.sub(r"\.0*$", "", plain) if NUMERIC.fullmatch(plain) else plain
            kind = by_code.get(whole) or by_label.get(answer_key(text))
        return None if kind is None else Reading(Fate.MISSING, (float(codes[kind].code),), kind)

    return read


def choice_rule(question: Question, source: SourceTable, questionnaire: Questionnaire) -> Rule:
    """Return the rule of a single-choice question.

    A cell is, in this order: a label of the list; a missing mark; a number, which is the place of the answer
    in its list where the export is by number, else its stored value; ``4. label``; yes or no; an answer with
    free text. Anything else is rejected.
    """
    answers = questionnaire.answer_list(question)
    if answers is None:
        raise ValueError(f"{question.id} has no answer list")
    missing = missing_rule(source, questionnaire)
    labels = _Labels(answers)
    dont_know = isinstance(question, Item) and question.dont_know
    code = questionnaire.missing_codes["dont_know"].code

    def number(text: str) -> Reading:
        value = float(text)
        if source.style == "number":
            place = int(value)
            if value == place and 1 <= place <= len(answers.answers):
                stored = answers.values[place - 1]
                return Reading(Fate.KEPT if stored == place else Fate.RECODED, (float(stored),))
            if dont_know and value == len(answers.answers) + 1:
                return Reading(Fate.MISSING, (float(code),), "dont_know")
        elif value in answers.values:
            return Reading(Fate.KEPT, (value,))
        details = {"value": text, "item": question.id, "allowed": _allowed(answers, source.style == "number")}
        return Reading(Fate.REJECTED, code="answer-out-of-list", details=details)

    def read(cell: str) -> Reading:
        plain = plain_text(cell)
        numeric = NUMERIC.fullmatch(plain) is not None
        if numeric and source.style != "text":
            found = missing(cell) if plain not in labels.numbers(source.style) else None
            return found or _recoded_if_respelt(number(plain), cell)
        value = labels.value(cell)
        if value is not None:
            return Reading(Fate.RECODED, (float(value),))
        found = missing(cell)
        if found is not None:
            return found
        if numeric:
            return _recoded_if_respelt(number(plain), cell)
        return labels.with_text(cell) or labels.with_prefix(cell, question.id) or _unknown(cell)

    def _unknown(cell: str) -> Reading:
        several = source.separator in cell
        rejected = "several-answers" if several else "unknown-answer"
        return Reading(Fate.REJECTED, code=rejected, details={"value": cell.strip(), "item": question.id})

    return read


def multiple_rule(question: Question, source: SourceTable, questionnaire: Questionnaire) -> Rule:
    """Return the rule of a multiple-choice question whose answers stand in one cell.

    The cell is one answer, or answers joined by the platform's separator or, where every part is then an
    answer, by ``;`` ``|`` ``、`` ``,`` or a line break. One unknown part rejects the cell.
    """
    answers = questionnaire.answer_list(question)
    if answers is None:
        raise ValueError(f"{question.id} has no answer list")
    missing = missing_rule(source, questionnaire)
    single = choice_rule(question, source, questionnaire)

    def parts(cell: str) -> Iterator[list[str]]:
        yield [cell]
        for separator in dict.fromkeys((source.separator, *MULTIPLE_SEPARATORS)):
            if separator in cell:
                yield [part for part in cell.split(separator) if part.strip()]

    def read(cell: str) -> Reading:
        found = missing(cell)
        if found is not None:
            return found
        for split in parts(cell):
            readings = [single(part) for part in split]
            if readings and all(reading.fate in (Fate.KEPT, Fate.RECODED) for reading in readings):
                values = tuple(dict.fromkeys(value for reading in readings for value in reading.values))
                texts = [reading.other for reading in readings if reading.other]
                return Reading(Fate.RECODED, values, other="；".join(texts) or None)
        details = {"value": cell.strip(), "item": question.id}
        return Reading(Fate.REJECTED, code="unknown-answer", details=details)

    return read


def tick_rule(
    question: Question, value: int, option: str, source: SourceTable, questionnaire: Questionnaire
) -> Rule:
    """Return the rule of one option's column of a multiple-choice question: 1, 0 or missing.

    A blank is read as missing here; whether the respondent ticked another option is for the caller.
    """
    missing = missing_rule(source, questionnaire)
    answers = questionnaire.answer_list(question)
    chosen = {answer_key(option), *(answer_key(word) for word in YES)}
    if answers is not None:
        own = next(answer for answer in answers.answers if answer.value == value)
        chosen |= {answer_key(label) for label in own.label.values()}
    unchosen = {answer_key(word) for word in NO} - chosen

    def read(cell: str) -> Reading:
        plain = plain_text(cell)
        if NUMERIC.fullmatch(plain) and float(plain) in (0.0, 1.0):
            return _recoded_if_respelt(Reading(Fate.KEPT, (float(plain),)), cell)
        found = missing(cell)
        if found is not None:
            return found
        key = answer_key(cell)
        if key in chosen or key in unchosen:
            return Reading(Fate.RECODED, (float(key in chosen),))
        other = _OTHER.match(cell)
        if other and answer_key(other["label"]) in chosen:
            return Reading(Fate.RECODED, (1.0,), other=other["text"].strip() or None)
        details = {"value": cell.strip(), "item": question.id}
        return Reading(Fate.REJECTED, code="not-a-tick", details=details)

    return read


def number_rule(item: Item, source: SourceTable, questionnaire: Questionnaire) -> Rule:
    """Return the rule of a number: digits, thousands in groups of three, or a number with a clean unit."""
    missing = missing_rule(source, questionnaire)
    declared = item.unit.values() if item.unit else PLAIN_UNITS
    units = {answer_key(unit) for unit in declared}

    def reject(code: str, cell: str) -> Reading:
        low = "−∞" if item.minimum is None else f"{item.minimum:g}"
        high = "∞" if item.maximum is None else f"{item.maximum:g}"
        details = {"value": cell.strip(), "item": item.id, "low": low, "high": high}
        return Reading(Fate.REJECTED, code=code, details=details)

    def read(cell: str) -> Reading:
        found = missing(cell)
        if found is not None:
            return found
        plain = plain_text(cell)
        measured = _MEASURED.fullmatch(plain)
        digits = measured["number"] if measured else ""
        if measured is None or (measured["unit"] and answer_key(measured["unit"]) not in units):
            return reject("not-a-number", cell)
        if not NUMERIC.fullmatch(digits) and not _GROUPED.fullmatch(digits):
            return reject("not-a-number", cell)
        value = float(digits.replace(",", ""))
        if item.integer and not value.is_integer():
            return reject("number-not-whole", cell)
        if (item.minimum is not None and value < item.minimum) or (
            item.maximum is not None and value > item.maximum
        ):
            return reject("number-out-of-bounds", cell)
        kept = NUMERIC.fullmatch(cell.strip()) is not None
        return Reading(Fate.KEPT if kept else Fate.RECODED, (value,))

    return read


def _recoded_if_respelt(reading: Reading, cell: str) -> Reading:
    """Count a number in full-width digits as recoded: the file holds other characters."""
    if reading.fate == Fate.KEPT and not (cell.isascii() and NUMERIC.fullmatch(cell.strip())):
        return Reading(Fate.RECODED, reading.values)
    return reading


def _allowed(answers: AnswerList, places: bool) -> str:
    values = range(1, len(answers.answers) + 1) if places else answers.values
    return ", ".join(str(value) for value in values)


class _Labels:
    """The labels of one answer list in all languages."""

    def __init__(self, answers: AnswerList) -> None:
        self._answers = answers
        self._by_key: dict[str, Answer] = {}
        twice = set()
        for answer in answers.answers:
            for label in answer.label.values():
                # "A. 同意" as a label is also met as "同意".
                prefix = _PREFIX.match(label)
                for text in (label, prefix["label"]) if prefix else (label,):
                    known = self._by_key.setdefault(answer_key(text), answer)
                    if known.value != answer.value:
                        twice.add(answer_key(text))
        for key in twice:
            del self._by_key[key]
        self._yes_no = self._find_yes_no()

    def numbers(self, style: str) -> set[str]:
        """Return the numbers that are answers, so that a declared missing code cannot hide one."""
        places = range(1, len(self._answers.answers) + 1)
        return {str(value) for value in (places if style == "number" else self._answers.values)}

    def value(self, cell: str) -> int | None:
        """Return the value of the answer with this label, or None."""
        key = answer_key(cell)
        answer = self._by_key.get(key)
        return answer.value if answer else self._yes_no.get(key)

    def with_text(self, cell: str) -> Reading | None:
        """Read ``other〖text〗``, and ``other: text`` for answers that ask for text."""
        found = _OTHER.match(cell)
        if found and (value := self.value(found["label"])) is not None:
            return Reading(Fate.RECODED, (float(value),), other=found["text"].strip() or None)
        after = _OTHER_AFTER.match(cell.strip())
        answer = self._by_key.get(answer_key(after["label"])) if after else None
        if after and answer and answer.other:
            return Reading(Fate.RECODED, (float(answer.value),), other=after["text"].strip())
        return None

    def with_prefix(self, cell: str, item: str) -> Reading | None:
        """Read ``4. label`` and ``D. label`` where number or letter agrees with the label."""
        found = _PREFIX.match(plain_text(cell))
        value = self.value(found["label"]) if found else None
        if found is None or value is None:
            return None
        place = self._answers.values.index(value) + 1
        agreeing = {str(value), str(place), chr(ord("a") + place - 1) if place <= 26 else ""}
        if found["mark"].lower() in agreeing:
            return Reading(Fate.RECODED, (float(value),))
        details = {"value": cell.strip(), "item": item}
        return Reading(Fate.REJECTED, code="prefix-disagrees", details=details)

    def _find_yes_no(self) -> dict[str, int]:
        yes, no = ({answer_key(word) for word in words} for words in (YES, NO))
        sides = [
            (answer.value, {answer_key(label) for label in answer.label.values()})
            for answer in self._answers.answers
        ]
        affirm = [value for value, keys in sides if keys & yes]
        deny = [value for value, keys in sides if keys & no]
        if len(affirm) == 1 and len(deny) == 1 and affirm != deny:
            return dict.fromkeys(yes, affirm[0]) | dict.fromkeys(no, deny[0])
        return {}
