"""Codes of answers and names of questions as LimeSurvey allows them."""

import re
from collections.abc import Mapping

from manyi_instruments.definitions.questionnaire import Item, Question, Questionnaire
from manyi_instruments.forms.layout import answers_of, kind, offered_missing

#: LimeSurvey keeps so many characters of an answer's code, and of a question's.
CODE, NAME = 5, 20
#: What a cell of a list holds where the answer with free text was chosen, and the column of such a tick.
OTHER, OTHER_COLUMN = "-oth-", "other"
#: Names the form, or LimeSurvey, uses itself.
SCHOOL, DEFINITION = "school", "definition"
TAKEN = (SCHOOL, DEFINITION, "other", "comment", "time", "id", "token", "seed", "submitdate", "lastpage")


def spelled(item: str) -> str:
    """Return an id as a question code: letters and digits only.

    >>> spelled("IMP_TRUST")
    'IMPTRUST'
    """
    return re.sub("_", "", item)


def answer_codes(question: Question, questionnaire: Questionnaire) -> Mapping[int, str]:
    """Return the code of every answer and missing answer a question offers.

    Codes are letters and digits. A value is its own code; one below zero is ``N`` and its size, one too long
    ``P`` and its place. Of a list the one answer with free text is ``-oth-``, as LimeSurvey stores it.
    """
    values = list(answers_of(question, questionnaire).values)
    values += [code.code for code in offered_missing(question, questionnaire)]
    codes: dict[int, str] = {}
    for place, value in enumerate(values, start=1):
        code = str(value) if value >= 0 else f"N{-value}"
        codes[value] = code if len(code) <= CODE else f"P{place}"
    other = other_value(question, questionnaire)
    if other is not None:
        codes[other] = OTHER_COLUMN if kind(question) == "multiple" else OTHER
    return codes


def other_value(question: Question, questionnaire: Questionnaire) -> int | None:
    """Return the answer that LimeSurvey's own "other" stands for: the last that asks for text."""
    if kind(question) not in ("choice", "multiple") or not isinstance(question, Item):
        return None
    others = [answer.value for answer in answers_of(question, questionnaire).answers if answer.other]
    return others[-1] if others else None
