"""Matrices for platforms that know one answer list, one condition and one ``required`` a matrix."""

from collections.abc import Iterator, Mapping
from itertools import groupby

from manyi_instruments.definitions.questionnaire import Question, Questionnaire
from manyi_instruments.definitions.routing import Rule
from manyi_instruments.expressions.definite import NEVER
from manyi_instruments.forms.layout import MATRIX_ROWS, Block, Part, is_required, offered_missing


def grids(part: Part, questionnaire: Questionnaire, rules: Mapping[str, Rule]) -> Iterator[Block]:
    """Yield the blocks of a part, matrices cut where their rows differ in more than wording.

    Parameters
    ----------
    part : Part
        As :func:`~manyi_instruments.forms.layout.parts` returns it.
    questionnaire : Questionnaire
        Tells what a row offers and requires.
    rules : Mapping
        Tells when a row is asked; a row with a constraint stands alone.

    Yields
    ------
    Block
        Matrices of two rows or more, and blocks of questions that are no matrix.
    """

    def alike(question: Question) -> object:
        rule = rules[question.id]
        offered = tuple(code.code for code in offered_missing(question, questionnaire))
        alone = question.id if rule.refused != NEVER else ""
        hinted = getattr(question, "hint", None)
        return offered, is_required(question, questionnaire), str(rule.asked), alone, str(hinted or "")

    for block in part.blocks:
        if not block.matrix:
            yield block
            continue
        for _, run in groupby(block.questions, key=alike):
            rows = tuple(run)
            yield Block(rows, matrix=len(rows) >= MATRIX_ROWS)
