"""Conditions as data for the browser: the two-valued trees as nested JSON lists, which its script interprets.

A number is itself, a name a string; everything else is a list whose head says what it is: ``["and", a, b]``,
``["==", "BUS", 1]``, ``["given", "BUS"]``, ``["selected", "WAYS", 3]``, ``["not", a]``, ``["text", "yes"]``.
"""

import json

from manyi_instruments.expressions.tree import (
    Call,
    Minus,
    Name,
    Node,
    Not,
    Number,
    Operation,
    Text,
)

Data = float | str | list["Data"]


def as_data(node: Node) -> Data:
    """Return a condition as data.

    Examples
    --------
    >>> from manyi_instruments.expressions import parse_expression
    >>> from manyi_instruments.expressions.definite import surely
    >>> as_data(surely(parse_expression("BUS == 1").tree))
    ['and', ['given', 'BUS'], ['==', 'BUS', 1]]
    """
    match node:
        case Number(value=value):
            return int(value) if value.is_integer() else value
        case Text(value=text):
            return ["text", text]
        case Name(name=name):
            return name
        case Minus(operand=operand):
            return ["minus", as_data(operand)]
        case Not(operand=operand):
            return ["not", as_data(operand)]
        case Operation(sign=sign, left=left, right=right):
            return [sign, as_data(left), as_data(right)]
        case Call(function=function, arguments=arguments):
            return [function, *map(as_data, arguments)]


def as_json(node: Node) -> str:
    """Return a condition as JSON without blanks."""
    return json.dumps(as_data(node), ensure_ascii=False, separators=(",", ":"))
