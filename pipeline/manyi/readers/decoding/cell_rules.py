"""What one cell of an answer means: a rule a question, from the text in the file to the stored value."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from manyi.readers.decoding.described import Described, code_key, describe
from manyi.readers.decoding.joined_answers import joined_answers
from manyi.readers.decoding.list_labels import NO, OTHER, YES, ListLabels
from manyi.readers.decoding.reading import Fate, Reading, Rule, plain_text
from manyi.readers.matching.evidence import Question
from manyi.readers.platforms.source import NUMERIC, SourceQuestion, SourceTable
from manyi.readers.platforms.variables import CHOSEN, NOT_CHOSEN
from manyi.readers.wording import answer_key
from manyi_instruments.definitions.questionnaire import AnswerList, Item, MissingKind, Questionnaire
from manyi_instruments.forms.layout import offered_missing

__all__ = [
    "MULTIPLE_SEPARATORS",
    "PLAIN_UNITS",
    "Fate",
    "Reading",
    "Rule",
    "choice_rule",
    "missing_rule",
    "multiple_rule",
    "number_rule",
    "plain_text",
    "tick_rule",
    "write_in_rule",
]

#: Units that say nothing about the size of a number; any other unit must be declared by the item.
PLAIN_UNITS = ("岁", "周岁", "个", "人", "名", "位", "年", "years", "year", "yrs")
MULTIPLE_SEPARATORS = ("┋", ";", "；", "|", "、", ",", "，", "\n")

_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_COMMA = re.compile(r"(?P<whole>[+-]?\d{1,3}(?:\.\d{3})+|[+-]?\d+),(?P<part>\d+)")
_MEASURED = re.compile(r"(?P<number>[+-]?[\d,]+(?:\.\d+)?)\s*(?P<unit>\D*)")


def missing_rule(
    source: SourceTable, questionnaire: Questionnaire, found: SourceQuestion | None = None
) -> Callable[[str], Reading | None]:
    """Return the rule that knows blanks, the platform's marks, and the missing codes and labels declared.

    Marks of the question found, such as a file's user-missing values, go before those of the platform.
    """
    codes = questionnaire.missing_codes
    by_code = {str(missing.code): kind for kind, missing in codes.items()}
    by_label = {
        answer_key(label): kind for kind, missing in codes.items() for label in missing.label.values()
    }
    told = found.missing if found is not None else {}
    marks = {mark.strip(): kind for mark, kind in {**source.missing, **told}.items()}

    def read(cell: str) -> Reading | None:
        text = cell.strip()
        kind: MissingKind | None = "no_answer" if not text else marks.get(text)
        if kind is None:
            plain = plain_text(text)
            whole = re.sub(r"\.0*$", "", plain) if NUMERIC.fullmatch(plain) else plain
            kind = by_code.get(whole) or by_label.get(answer_key(text))
        return None if kind is None else Reading(Fate.MISSING, (float(codes[kind].code),), kind)

    return read


def choice_rule(
    question: Question,
    source: SourceTable,
    questionnaire: Questionnaire,
    confirmed: Mapping[str, int] | None = None,
    found: SourceQuestion | None = None,
) -> Rule:
    """Return the rule of a single-choice question.

    A cell is, in this order: what a person confirmed it to be; what the file's own labels or the platform's
    structure describe it to be (``found``); a label of the list; a missing mark; a number, which is the place
    of the answer in its list where the export is by number, else its stored value; ``4. label``; yes or no;
    an answer with free text. Anything else is rejected.
    """
    answers = questionnaire.answer_list(question)
    if answers is None:
        raise ValueError(f"{question.id} has no answer list")
    missing = missing_rule(source, questionnaire, found)
    described = describe(question, found, source, questionnaire) if found is not None else Described()
    labels = ListLabels(answers)
    offered = offered_missing(question, questionnaire)
    kinds = {missing.code: kind for kind, missing in questionnaire.missing_codes.items()}

    def number(text: str) -> Reading:
        value = float(text)
        if source.style == "number":
            place = int(value)
            if value == place and 1 <= place <= len(answers.answers):
                stored = answers.values[place - 1]
                return Reading(Fate.KEPT if stored == place else Fate.RECODED, (float(stored),))
            behind = place - len(answers.answers)
            if value == place and 1 <= behind <= len(offered):
                code = offered[behind - 1].code
                return Reading(Fate.MISSING, (float(code),), kinds[code])
        elif value in answers.values:
            return Reading(Fate.KEPT, (value,))
        details = {"value": text, "item": question.id, "allowed": _allowed(answers, source.style == "number")}
        return Reading(Fate.REJECTED, code="answer-out-of-list", details=details)

    said = {answer_key(cell): float(value) for cell, value in (confirmed or {}).items()}

    def read(cell: str) -> Reading:
        if said and (key := answer_key(cell)) in said:
            return Reading(Fate.RECODED, (said[key],))
        told = described.reading(cell)
        if told is not None:
            return _recoded_if_respelt(told, cell)
        plain = plain_text(cell)
        numeric = NUMERIC.fullmatch(plain) is not None
        if numeric and source.style != "text":
            absent = missing(cell) if plain not in labels.numbers(source.style) else None
            return absent or _recoded_if_respelt(number(plain), cell)
        value = labels.value(cell)
        if value is not None:
            return Reading(Fate.RECODED, (float(value),))
        absent = missing(cell)
        if absent is not None:
            return absent
        if numeric:
            return _recoded_if_respelt(number(plain), cell)
        return (
            numbered(cell)
            or labels.with_text(cell)
            or labels.with_prefix(cell, question.id)
            or _unknown(cell)
        )

    def numbered(cell: str) -> Reading | None:
        """Read ``4〖text〗``, as an export by number writes an answer with free text."""
        parts = OTHER.match(cell) if source.style == "number" else None
        place = plain_text(parts["label"]) if parts else ""
        if parts is None or not NUMERIC.fullmatch(place):
            return None
        reading = number(place)
        fate = Fate.RECODED if reading.fate == Fate.KEPT else reading.fate
        return replace(reading, fate=fate, other=parts["text"].strip() or None)

    def _unknown(cell: str) -> Reading:
        several = source.separator in cell
        rejected = "several-answers" if several else "unknown-answer"
        return Reading(Fate.REJECTED, code=rejected, details={"value": cell.strip(), "item": question.id})

    return read


def multiple_rule(
    question: Question,
    source: SourceTable,
    questionnaire: Questionnaire,
    confirmed: Mapping[str, int] | None = None,
    found: SourceQuestion | None = None,
) -> Rule:
    """Return the rule of a multiple-choice question whose answers stand in one cell.

    The cell is one answer, or answers joined by the platform's separator or, where every part is then an
    answer, by ``;`` ``|`` ``、`` ``,`` or a line break; answers that hold the separator themselves are told
    by their wordings. One unknown part rejects the cell.
    """
    answers = questionnaire.answer_list(question)
    if answers is None:
        raise ValueError(f"{question.id} has no answer list")
    missing = missing_rule(source, questionnaire, found)
    single = choice_rule(question, source, questionnaire, confirmed, found)

    labels = [label for answer in answers.answers for label in answer.label.values()]
    labels += [label for answer in (found.answers if found else ()) for label in answer.labels.values()]

    def is_answer(text: str) -> bool:
        return single(text).fate in (Fate.KEPT, Fate.RECODED)

    def parts(cell: str) -> Iterator[list[str]]:
        yield [cell]
        separators = tuple(dict.fromkeys((source.separator, *MULTIPLE_SEPARATORS)))
        for separator in separators:
            if separator in cell:
                yield [part for part in cell.split(separator) if part.strip()]
        for separator in dict.fromkeys((source.separator, ", ")):
            longest = 1 + max(label.count(separator) for label in labels)
            joined = joined_answers(cell, separator, is_answer, longest) if longest > 1 else None
            if joined is not None:
                yield joined

    def read(cell: str) -> Reading:
        absent = missing(cell)
        if absent is not None:
            return absent
        for split in parts(cell):
            readings = [single(part) for part in split]
            if readings and all(reading.fate in (Fate.KEPT, Fate.RECODED) for reading in readings):
                values = tuple(dict.fromkeys(value for reading in readings for value in reading.values))
                texts = [reading.other for reading in readings if reading.other]
                return Reading(Fate.RECODED, values, other="；".join(texts) or None)
        details = {"value": cell.strip(), "item": question.id}
        return Reading(Fate.REJECTED, code="unknown-answer", details=details)

    return read


def write_in_rule(source: SourceTable, questionnaire: Questionnaire, found: SourceQuestion) -> Rule:
    """Return the rule of a column that holds the text of an answer instead of its tick: any text is one."""
    missing = missing_rule(source, questionnaire, found)

    def read(cell: str) -> Reading:
        return missing(cell) or Reading(Fate.RECODED, (1.0,), other=cell.strip())

    return read


def tick_rule(
    question: Question,
    value: int | None,
    option: str,
    source: SourceTable,
    questionnaire: Questionnaire,
    found: SourceQuestion | None = None,
) -> Rule:
    """Return the rule of one option's column of a multiple-choice question: 1, 0 or missing.

    A blank is read as missing here; whether the respondent ticked another option is for the caller. An option
    that is a missing answer has no ``value``. Where the file counts another value than 1 (``found.counted``),
    that one is a tick and any other number is none.
    """
    missing = missing_rule(source, questionnaire, found)
    counted = code_key(found.counted) if found is not None and found.counted else ""
    answers = questionnaire.answer_list(question)
    chosen = {answer_key(option), *(answer_key(word) for word in (*YES, *CHOSEN))}
    if answers is not None and value is not None:
        own = next(answer for answer in answers.answers if answer.value == value)
        chosen |= {answer_key(label) for label in own.label.values()}
    unchosen = {answer_key(word) for word in (*NO, *NOT_CHOSEN)} - chosen

    def read(cell: str) -> Reading:
        plain = plain_text(cell)
        if counted and cell.strip() and code_key(cell) == counted:
            return _recoded_if_respelt(Reading(Fate.KEPT if plain == "1" else Fate.RECODED, (1.0,)), cell)
        if not counted and NUMERIC.fullmatch(plain) and float(plain) in (0.0, 1.0):
            return _recoded_if_respelt(Reading(Fate.KEPT, (float(plain),)), cell)
        absent = missing(cell)
        if absent is not None:
            return absent
        if counted and (NUMERIC.fullmatch(plain) or not NUMERIC.fullmatch(counted)):
            return _recoded_if_respelt(Reading(Fate.KEPT if plain == "0" else Fate.RECODED, (0.0,)), cell)
        key = answer_key(cell)
        if key in chosen or key in unchosen:
            return Reading(Fate.RECODED, (float(key in chosen),))
        other = OTHER.match(cell)
        if other and (answer_key(other["label"]) in chosen or plain_text(other["label"]) == "1"):
            return Reading(Fate.RECODED, (1.0,), other=other["text"].strip() or None)
        details = {"value": cell.strip(), "item": question.id}
        return Reading(Fate.REJECTED, code="not-a-tick", details=details)

    return read


def number_rule(
    item: Item, source: SourceTable, questionnaire: Questionnaire, found: SourceQuestion | None = None
) -> Rule:
    """Return the rule of a number: digits, thousands in groups of three, or a number with a clean unit.

    Of the labels of a file (``found``) only those of missing answers count.
    """
    missing = missing_rule(source, questionnaire, found)
    described = describe(item, found, source, questionnaire) if found is not None else Described()
    declared = item.unit.values() if item.unit else PLAIN_UNITS
    units = {answer_key(unit) for unit in declared}

    def reject(code: str, cell: str) -> Reading:
        low = "−∞" if item.minimum is None else f"{item.minimum:g}"
        high = "∞" if item.maximum is None else f"{item.maximum:g}"
        details = {"value": cell.strip(), "item": item.id, "low": low, "high": high}
        return Reading(Fate.REJECTED, code=code, details=details)

    def read(cell: str) -> Reading:
        absent = described.reading(cell) or missing(cell)
        if absent is not None:
            return absent
        plain = plain_text(cell)
        if source.decimal == ",":
            plain = _COMMA.sub(
                lambda found: f"{found['whole'].replace('.', '')}.{found['part']}", plain, count=1
            )
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
        kept = cell.isascii() and NUMERIC.fullmatch(cell.strip()) is not None
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
