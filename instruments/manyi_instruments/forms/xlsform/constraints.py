"""Expressions of an XLSForm: bounds of numbers, answers that exclude others, constraints, text beside."""

from collections.abc import Sequence

from manyi_instruments.definitions.questionnaire import Answer, Item, Question, Questionnaire
from manyi_instruments.definitions.routing import Rule
from manyi_instruments.expressions.definite import ALWAYS, GIVEN, both, either, negated
from manyi_instruments.expressions.tree import Call, Name, Node, Operation
from manyi_instruments.forms.hints import bounds_in_words, plain
from manyi_instruments.forms.layout import answers_of, kind, offered_missing
from manyi_instruments.forms.wording import in_language, words
from manyi_instruments.forms.xlsform.xpath import xpath

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


def rule_constraint(item: Item, rule: Rule, questionnaire: Questionnaire) -> Constraint:
    """Return the item's own constraint as an expression, and what is said where it is broken.

    Clients ask for a constraint only where there is an answer, so that it need not say so itself.
    """
    accepted = negated(rule.refused)
    if not offered_missing(item, questionnaire):
        accepted = _answered(accepted, Call(GIVEN, (Name(item.id),), "truth"))
    if accepted == ALWAYS:
        return "", {}
    told = item.constraint_message or {}
    messages = {
        language: in_language(told, language) if told else words(language)["answer_refused"]
        for language in questionnaire.languages
    }
    return xpath(accepted, questionnaire, own=item.id), messages


def _answered(node: Node, given: Node) -> Node:
    """Return a condition made shorter by what is sure: that there is an answer."""
    match node:
        case Operation(sign="and", left=left, right=right):
            return both(_answered(left, given), _answered(right, given))
        case Operation(sign="or", left=left, right=right):
            return either(_answered(left, given), _answered(right, given))
        case _ if node == given:
            return ALWAYS
        case _ if node == negated(given):
            return negated(ALWAYS)
        case _:
            return node


def all_constraints(constraints: Sequence[Constraint]) -> Constraint:
    """Return several constraints as one: what all of them ask, and their messages one after another."""
    given = [(expression, messages) for expression, messages in constraints if expression]
    if len(given) < 2:
        return given[0] if given else ("", {})
    expression = " and ".join(f"({expression})" for expression, _ in given)
    languages = given[0][1]
    messages = {
        language: " ".join(told[language] for _, told in given if told.get(language))
        for language in languages
    }
    return expression, messages


def other_relevant(question: Question, others: Sequence[Answer]) -> str:
    """Return when the text beside an answer is asked for."""
    if kind(question) == "multiple":
        return " or ".join(f"selected(${{{question.id}}}, '{answer.value}')" for answer in others)
    return " or ".join(f"${{{question.id}}} = '{answer.value}'" for answer in others)
