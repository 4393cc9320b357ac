"""Answers as they are stored: column -> coded value, the same columns and codes as an import writes."""

import math
from collections.abc import Mapping

from manyi_instruments.definitions.questionnaire import MissingKind, Question, Questionnaire
from manyi_instruments.expressions.deciding import Given
from manyi_instruments.forms.layout import answers_of, kind

#: What a column holds: a number or missing code; a text, None where there is none.
Stored = int | float | str | None
#: Column -> what it holds. A column that is absent belongs to a page that was not answered yet.
Answers = Mapping[str, Stored]


def other_column(question: Question) -> str:
    """Return the column of the text beside an answer."""
    return f"{question.id}__text"


def has_other(question: Question, questionnaire: Questionnaire) -> bool:
    """Return whether an answer of a question asks for text beside it."""
    answers = questionnaire.answer_list(question)
    return answers is not None and any(answer.other for answer in answers.answers)


def answer_columns(question: Question, questionnaire: Questionnaire) -> dict[int, str]:
    """Return the column of every answer of a multiple choice or ranking, by the answer's value."""
    return {value: f"{question.id}__{value}" for value in answers_of(question, questionnaire).values}


def coded_columns(question: Question, questionnaire: Questionnaire) -> tuple[str, ...]:
    """Return the columns of a question that hold numbers; none of a text or code."""
    if kind(question) in ("text", "code"):
        return ()
    if kind(question) in ("multiple", "ranking"):
        return tuple(answer_columns(question, questionnaire).values())
    return (question.id,)


def text_columns(question: Question, questionnaire: Questionnaire) -> tuple[str, ...]:
    """Return the columns of a question that hold text."""
    if kind(question) in ("text", "code"):
        return (question.id,)
    return (other_column(question),) if has_other(question, questionnaire) else ()


def columns_of(question: Question, questionnaire: Questionnaire) -> tuple[str, ...]:
    """Return all columns of a question."""
    return (*coded_columns(question, questionnaire), *text_columns(question, questionnaire))


def missing_answer(
    question: Question, questionnaire: Questionnaire, why: MissingKind | int
) -> dict[str, Stored]:
    """Return what a question without an answer is stored as: the missing code throughout, texts None."""
    code = why if isinstance(why, int) else questionnaire.missing_codes[why].code
    stored: dict[str, Stored] = dict.fromkeys(coded_columns(question, questionnaire), code)
    stored.update(dict.fromkeys(text_columns(question, questionnaire)))
    return stored


def number_in(answers: Answers, column: str) -> int | float | None:
    """Return the number a column holds; None for anything else, which a draft kept elsewhere may hold."""
    held = answers.get(column)
    usable = isinstance(held, int | float) and not isinstance(held, bool) and math.isfinite(held)
    return held if usable else None  # type: ignore[return-value]


def text_in(answers: Answers, column: str) -> str | None:
    """Return the text a column holds, None where there is none."""
    held = answers.get(column)
    return held if isinstance(held, str) and held else None


def given(question: Question, questionnaire: Questionnaire, answers: Answers) -> Given:
    """Return the answer to one question as conditions see it: missing codes are no answer.

    Examples
    --------
    >>> from manyi_instruments.definitions.loader import load_questionnaire
    >>> questionnaire = load_questionnaire('''
    ... questionnaire: q
    ... title: {en: T}
    ... languages: [en]
    ... answer_lists: {ways: {values: [1, 2, 3], en: [bus, car, foot], ordered: false}}
    ... items: [{id: WAYS, text: {en: How?}, type: multiple, answers: ways}]
    ... ''')
    >>> question = questionnaire.items[0]
    >>> given(question, questionnaire, {"WAYS__1": 1, "WAYS__2": 0, "WAYS__3": 1})
    (1, 3)
    >>> given(question, questionnaire, {"WAYS__1": -9, "WAYS__2": -9, "WAYS__3": -9}) is None
    True
    """
    codes = {code.code for code in questionnaire.missing_codes.values()}
    match kind(question):
        case "multiple" | "ranking":
            columns = answer_columns(question, questionnaire)
            # A missing code may be any number, of which ranks are none.
            ticked = range(1, 2 if kind(question) == "multiple" else len(columns) + 1)
            return tuple(v for v, column in columns.items() if number_in(answers, column) in ticked) or None
        case "text" | "code":
            return text_in(answers, question.id)
        case _:
            held = number_in(answers, question.id)
            return None if held in codes else held
