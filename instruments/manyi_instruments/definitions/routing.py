"""Who is asked what: the conditions of items and sections, and the way a person takes through them."""

from collections.abc import Mapping
from dataclasses import dataclass

from manyi_instruments.definitions.questionnaire import AttentionCheck, Questionnaire, Section
from manyi_instruments.expressions import Node, parse_expression
from manyi_instruments.expressions.deciding import Given, decide
from manyi_instruments.expressions.definite import ALWAYS, NEVER, both, surely, surely_not


@dataclass(frozen=True, slots=True)
class Rule:
    """When a question is asked and when its answer is refused, as two-valued conditions.

    Attributes
    ----------
    question : str
        Its id.
    asked : Node
        The conditions of its section and its own; ``ALWAYS`` where there are none. A condition that is
        neither true nor false, for want of an answer, does not hold.
    refused : Node
        That its constraint is false; ``NEVER`` where there is none. An answer whose constraint cannot be
        decided is accepted.
    """

    question: str
    asked: Node = ALWAYS
    refused: Node = NEVER


def section_of(questionnaire: Questionnaire) -> dict[str, Section | None]:
    """Return the section of every question in the order asked; None before the first section begins."""
    begins = {section.first: section for section in questionnaire.sections}
    current: Section | None = None
    found: dict[str, Section | None] = {}
    for question in questionnaire.questions():
        current = begins.get(question.id, current)
        found[question.id] = current
    return found


def rules(questionnaire: Questionnaire) -> dict[str, Rule]:
    """Return the rule of every question in the order asked.

    Examples
    --------
    >>> from manyi_instruments.definitions.loader import load_questionnaire
    >>> questionnaire = load_questionnaire('''
    ... questionnaire: q
    ... title: {en: T}
    ... languages: [en]
    ... answer_lists: {yes_no: {values: [0, 1], en: ["no", "yes"]}}
    ... items:
    ...   - {id: BUS, text: {en: Is there a bus?}, answers: yes_no, standalone: true}
    ...   - {id: WAIT, text: {en: How long do you wait?}, type: number, minimum: 0, standalone: true,
    ...      relevant: BUS == 1}
    ... ''')
    >>> asked_questions(rules(questionnaire), {"BUS": 0})
    ('BUS',)
    """
    kinds = questionnaire.kinds()
    sections = section_of(questionnaire)

    def condition(text: str | None) -> Node:
        return surely(parse_expression(text, kinds).tree) if text is not None else ALWAYS

    found: dict[str, Rule] = {}
    for question in questionnaire.questions():
        if isinstance(question, AttentionCheck):
            found[question.id] = Rule(question.id, found[question.after].asked)
            continue
        section = sections[question.id]
        asked = both(condition(section.relevant if section else None), condition(question.relevant))
        constraint = question.constraint
        refused = surely_not(parse_expression(constraint, kinds).tree) if constraint is not None else NEVER
        found[question.id] = Rule(question.id, asked, refused)
    return found


def asked_questions(rules: Mapping[str, Rule], answers: Mapping[str, Given]) -> tuple[str, ...]:
    """Return the questions a person is asked, in order.

    Parameters
    ----------
    rules : Mapping
        As :func:`rules` returns them.
    answers : Mapping
        Item -> what was answered, missing codes left out. The answer to a question that is not asked counts
        as missing for those behind it.
    """
    held: dict[str, Given] = {}
    asked: list[str] = []
    for question, rule in rules.items():
        if decide(rule.asked, held):
            asked.append(question)
            held[question] = answers.get(question)
    return tuple(asked)
