"""A tree written down again, with no more brackets than it needs."""

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

#: How tightly a sign binds, loosest first.
BINDING = {"or": 1, "and": 2, "not": 3, **dict.fromkeys(COMPARISONS, 4), "+": 5, "-": 5, "*": 6, "/": 6}
TIGHTEST = 9


def written(node: Node) -> str:
    """Return an expression in its plainest form; parsed again, it gives the same tree.

    Examples
    --------
    >>> written(Operation("*", Number(100.0), Operation("+", Name("a"), Name("b"))))
    '100 * (a + b)'
    """
    return _written(node)[0]


def _written(node: Node) -> tuple[str, int]:
    """Return the text of a node and how tightly its outermost sign binds."""
    match node:
        case Number(value=value):
            return plain_number(value), TIGHTEST
        case Text(value=text):
            return (f'"{text}"' if "'" in text else f"'{text}'"), TIGHTEST
        case Name(name=name):
            return name, TIGHTEST
        case Minus(operand=operand):
            return f"-{_bracketed(operand, TIGHTEST - 1)}", TIGHTEST - 1
        case Not(operand=operand):
            return f"not {_bracketed(operand, BINDING['not'])}", BINDING["not"]
        case Call(function=function, arguments=arguments):
            return f"{function}({', '.join(written(argument) for argument in arguments)})", TIGHTEST
        case Operation(sign=sign, left=left, right=right):
            binding = BINDING[sign]
            # Comparisons cannot be chained; every other sign is read from the left.
            loosest = binding + 1 if sign in COMPARISONS else binding
            return f"{_bracketed(left, loosest)} {sign} {_bracketed(right, binding + 1)}", binding


def _bracketed(node: Node, loosest: int) -> str:
    text, binding = _written(node)
    return text if binding >= loosest else f"({text})"


def plain_number(value: float) -> str:
    """Return a number without idle zeros, exact to the last digit.

    Examples
    --------
    >>> plain_number(100.0), plain_number(0.85)
    ('100', '0.85')
    """
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
