"""A two-valued condition decided for one person's answers, in plain Python: what the server does with a page.

:mod:`~manyi_instruments.expressions.evaluation` computes columns; a single answer needs no arrays.
"""

import math
from collections.abc import Callable, Collection, Mapping

from manyi_instruments.expressions.definite import ALWAYS, GIVEN, NEVER
from manyi_instruments.expressions.functions import SELECTED
from manyi_instruments.expressions.tree import (
    COMPARISONS,
    Call,
    Minus,
    Name,
    Node,
    Not,
    Number,
    Operation,
    Text,
)

#: What one item holds: a number, a text, the answers of a multiple choice; None or empty: no answer.
Given = float | str | Collection[int] | None
Answers = Mapping[str, Given]

_COMPARE: Mapping[str, Callable[[object, object], bool]] = {
    ">=": lambda a, b: a >= b,  # type: ignore[operator]
    "<=": lambda a, b: a <= b,  # type: ignore[operator]
    ">": lambda a, b: a > b,  # type: ignore[operator]
    "<": lambda a, b: a < b,  # type: ignore[operator]
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}
_COMPUTE: Mapping[str, Callable[..., float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b if b else math.nan,
    "min": min,
    "max": max,
    "abs": abs,
    # As in computing.py: 0.1 * 30 stays a whole number.
    "ceil": lambda a: math.ceil(round(a, 9)),
    "floor": lambda a: math.floor(round(a, 9)),
}


def decide(condition: Node, answers: Answers) -> bool:
    """Return whether a condition made by :mod:`~manyi_instruments.expressions.definite` holds.

    Parameters
    ----------
    condition : Node
        Two-valued.
    answers : Mapping
        Item -> what was given; items that are absent, None or empty are missing, as missing codes must be.

    Examples
    --------
    >>> from manyi_instruments.expressions import parse_expression
    >>> from manyi_instruments.expressions.definite import surely
    >>> asked = surely(parse_expression("AGE >= 60 and selected(JOINED, 3)").tree)
    >>> decide(asked, {"AGE": 61, "JOINED": {1, 3}}), decide(asked, {"JOINED": {3}})
    (True, False)
    """
    match condition:
        case Operation(sign="and", left=left, right=right):
            return decide(left, answers) and decide(right, answers)
        case Operation(sign="or", left=left, right=right):
            return decide(left, answers) or decide(right, answers)
        case Operation(sign=sign, left=left, right=right) if sign in COMPARISONS:
            return _COMPARE[sign](value(left, answers), value(right, answers))
        case Not(operand=operand):
            return not decide(operand, answers)
        case Call(function=function, arguments=(Name(name=name),)) if function == GIVEN:
            return is_given(answers.get(name))
        case Call(function=function, arguments=(Name(name=name), answer)) if function == SELECTED:
            return _holds(answers.get(name), answer)
        case _ if condition == ALWAYS:
            return True
        case _ if condition == NEVER:
            return False
        case _:
            raise TypeError(f"{condition} is not a two-valued condition")


def value(node: Node, answers: Answers) -> float | str:
    """Return the number or text of a node whose names are given."""
    match node:
        case Number(value=number):
            return number
        case Text(value=text):
            return text
        case Name(name=name):
            held = answers[name]
            return held if isinstance(held, str) else float(held)  # type: ignore[arg-type]
        case Minus(operand=operand):
            return -value(operand, answers)  # type: ignore[operator]
        case Call(function="if", arguments=(condition, yes, no)):
            return value(yes if decide(condition, answers) else no, answers)
        case Operation(sign=sign, left=left, right=right):
            return _COMPUTE[sign](value(left, answers), value(right, answers))
        case Call(function=function, arguments=arguments):
            return _COMPUTE[function](*(value(argument, answers) for argument in arguments))
        case _:
            raise TypeError(f"{node} is no number")


def is_given(held: Given) -> bool:
    """Return whether something was answered."""
    return held is not None and (isinstance(held, float | int) or len(held) > 0)


def _holds(held: Given, answer: Node) -> bool:
    if held is None or not isinstance(answer, Number | Text):
        return False
    if isinstance(held, float | int | str):
        return held == answer.value
    return answer.value in held
