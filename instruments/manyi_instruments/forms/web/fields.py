"""The form fields of a question: their names, and what they hold for answers that are stored.

A choice is the field ``ID``, a multiple choice the same field several times; ``ID.text`` is the text beside
an answer, ``ID.missing`` a missing answer chosen instead of a number, ``ID.3`` the rank of answer 3 or the
third part of a code. Names of the form's own begin with ``_``, which no question does.
"""

from collections.abc import Collection, Mapping, Sequence

from manyi_instruments.definitions.questionnaire import Item, Question, Questionnaire
from manyi_instruments.forms.hints import plain
from manyi_instruments.forms.layout import answers_of, kind, offered_missing
from manyi_instruments.forms.web.stored import (
    Answers,
    answer_columns,
    has_other,
    number_in,
    other_column,
    text_in,
)

#: As a query string is parsed: name -> values in the order sent.
Fields = Mapping[str, Sequence[str]]

#: Names of the form's own: the page sent, the questions that were visible, the button, the language chosen.
PAGE_FIELD, SHOWN_FIELD, GO_FIELD, LANGUAGE_FIELD = "_page", "_shown", "_go", "_language"


def text_field(question: Question) -> str:
    """Return the field of the text beside an answer."""
    return f"{question.id}.text"


def missing_field(question: Question) -> str:
    """Return the field of a missing answer that is chosen instead of a number."""
    return f"{question.id}.missing"


def rank_field(question: Question, value: int) -> str:
    """Return the field of an answer's rank."""
    return f"{question.id}.{value}"


def part_field(question: Question, number: int) -> str:
    """Return the field of a part of a code, from 1."""
    return f"{question.id}.{number}"


def field_names(question: Question, questionnaire: Questionnaire) -> tuple[str, ...]:
    """Return the fields of a question; the first one is where its error is linked to."""
    other = (text_field(question),) if has_other(question, questionnaire) else ()
    match kind(question):
        case "ranking":
            values = answers_of(question, questionnaire).values
            return (*(rank_field(question, value) for value in values), *other)
        case "code" if isinstance(question, Item):
            return tuple(part_field(question, number) for number in range(1, len(question.parts) + 1))
        case "number":
            missing = offered_missing(question, questionnaire)
            return (question.id, missing_field(question)) if missing else (question.id,)
        case _:
            return (question.id, *other)


def fields_of(question: Question, questionnaire: Questionnaire, answers: Answers) -> dict[str, list[str]]:
    """Return what the fields of a question hold for the answer that is stored; none where there is none."""
    offered = {code.code for code in offered_missing(question, questionnaire)}
    held = number_in(answers, question.id)
    fields: dict[str, list[str]] = {}
    match kind(question):
        case "text":
            fields[question.id] = _texts(answers, question.id)
        case "code" if isinstance(question, Item):
            fields.update(_code_fields(question, text_in(answers, question.id) or ""))
        case "ranking":
            columns = answer_columns(question, questionnaire)
            ranks = range(1, len(columns) + 1)
            for value, column in columns.items():
                fields[rank_field(question, value)] = _codes(number_in(answers, column), ranks)
        case "multiple":
            columns = answer_columns(question, questionnaire)
            chosen = [str(value) for value, column in columns.items() if number_in(answers, column) == 1]
            first = number_in(answers, next(iter(columns.values())))
            fields[question.id] = chosen or _codes(first, offered)
        case "number":
            missing = {code.code for code in questionnaire.missing_codes.values()}
            fields[question.id] = [plain(float(held))] if held is not None and held not in missing else []
            fields[missing_field(question)] = _codes(held, offered)
        case _:
            fields[question.id] = _codes(held, {*answers_of(question, questionnaire).values, *offered})
    if has_other(question, questionnaire):
        fields[text_field(question)] = _texts(answers, other_column(question))
    return {name: values for name, values in fields.items() if values}


def _texts(answers: Answers, column: str) -> list[str]:
    text = text_in(answers, column)
    return [text] if text else []


def _codes(held: float | None, takes: Collection[int]) -> list[str]:
    """Return the value to tick, if it is one of those offered."""
    return [str(int(held))] if held is not None and held in takes else []


def _code_fields(item: Item, held: str) -> dict[str, list[str]]:
    """Return a code's parts, cut from the whole by their lengths."""
    fields: dict[str, list[str]] = {}
    start = 0
    for number, part in enumerate(item.parts, start=1):
        fields[part_field(item, number)] = [held[start : start + part.length]] if held else []
        start += part.length
    return fields
