"""When a page of an XLSForm is shown: nobody turns to a page of which nothing is asked."""

from collections.abc import Mapping

from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.definitions.routing import Rule
from manyi_instruments.expressions import Node, parse_expression
from manyi_instruments.expressions.definite import ALWAYS, NEVER, either, surely
from manyi_instruments.expressions.tree import names_in
from manyi_instruments.forms.layout import Block, Part


def section_asked(part: Part, questionnaire: Questionnaire) -> Node:
    """Return the condition of a part's section; ``ALWAYS`` where it has none."""
    relevant = part.section.relevant if part.section is not None else None
    return ALWAYS if relevant is None else surely(parse_expression(relevant, questionnaire.kinds()).tree)


def page_asked(page: Block, section: Node, rules: Mapping[str, Rule]) -> Node:
    """Return the condition under which any question of a page is asked.

    A group may not depend on a question inside it: JavaRosa calls that a cycle. Where one question of a page
    decides on another, the page is shown whenever its section is.
    """
    conditions = [rules[question.id].asked for question in page.questions]
    if section in conditions:
        return section
    inside = {question.id for question in page.questions}
    if any(name.name in inside for condition in conditions for name in names_in(condition)):
        return section
    anyone: Node = NEVER
    for condition in conditions:
        anyone = either(anyone, condition)
    return anyone
