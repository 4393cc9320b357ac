"""Expressions of an XLSForm: bounds of numbers, answers that exclude others, when to ask for text."""

from collections.abc import Sequence

from manyi_instruments.definitions.questionnaire import Answer, Item, Question, Questionnaire
from manyi_instruments.forms.hints import bounds_in_words, plain
from manyi_instruments.forms.layout import answers_of, kind, offered_missing
from manyi_instruments.forms.wording import in_language, words

Constraint = tuple[str, dict[str, str]]


def number_constraint(item: Item, questionnaire: Questionnaire, languages: Sequence[str]) -> Constraint:
    """Return the bounds of a number as an expression and its message in each language; empty without bounds.

    A number cannot be chosen from a list, so the missing answers it offers are entered as their codes.
    """
    bounds = [f". >= {plain(item.minimum)}"] if item.minimum is not None else []
    bounds += [f". <= {plain(item.maximum)}"] if item.maximum is not None else []
    if not bounds:
        return "", {}
    expression = " and ".join(bounds)
    codes = [f". = {code.code}" for code in offered_missing(item, questionnaire)]
    if codes:
        expression = " or ".join((f"({expression})", *codes))
    return expression, {language: bounds_in_words(item, language) for language in languages}


def code_constraint(item: Item, languages: Sequence[str]) -> Constraint:
    """Return the parts of a code as an expression, and its message in each language."""
    messages = {language: words(language)["code_unlike"] for language in languages}
    return f"regex(., '^{item.pattern}$')", messages


def exclusive_constraint(item: Item, questionnaire: Questionnaire, languages: Sequence[str]) -> Constraint:
    """Return that no exclusive or missing answer is chosen beside another; empty where there is none."""
    answers = [answer for answer in answers_of(item, questionnaire).answers if answer.exclusive]
    alone = [(answer.value, answer.label) for answer in answers]
    alone += [(code.code, code.label) for code in offered_missing(item, questionnaire)]
    expression = " and ".join(f"not(selected(., '{value}') and count-selected(.) > 1)" for value, _ in alone)
    messages = {
        language: " ".join(
            words(language)["exclusive"].format(answer=in_language(label, language)) for _, label in alone
        )
        for language in languages
    }
    return expression, messages


def other_relevant(question: Question, others: Sequence[Answer]) -> str:
    """Return when the text beside an answer is asked for."""
    if kind(question) == "multiple":
        return " or ".join(f"selected(${{{question.id}}}, '{answer.value}')" for answer in others)
    return " or ".join(f"${{{question.id}}} = '{answer.value}'" for answer in others)
