"""Conditions made two-valued: when an expression is true for certain, and when it is false for certain.

The language knows three truth values: a comparison with a missing answer is neither true nor false. Survey
platforms know two, and each treats an empty answer in its own way (``'' < 3`` is false in XPath, ``null < 3``
is true in JavaScript). :func:`surely` and :func:`surely_not` write the third value out as calls of ``given``,
so that what is left means the same everywhere. Beside the nodes of :mod:`~manyi_instruments.expressions.tree`
the result holds ``given(name)``, ``always()`` and ``never()``; it holds no ``missing``, ``answered``,
``first`` or ``round``, and ``not`` only in front of ``given`` and ``selected``.
"""

from collections.abc import Iterable
from functools import reduce

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

GIVEN = "given"
ALWAYS: Node = Call("always", (), "truth")
NEVER: Node = Call("never", (), "truth")

#: What a comparison turns into where it is not so.
OPPOSITE = {">=": "<", "<": ">=", "<=": ">", ">": "<=", "==": "!=", "!=": "=="}


def surely(node: Node) -> Node:
    """Return the condition under which a condition is true, missing answers counted as neither.

    Examples
    --------
    >>> from manyi_instruments.expressions import parse_expression
    >>> str(surely(parse_expression("AGE >= 60 or missing(AGE)").tree).sign)
    'or'
    """
    match node:
        case Operation(sign="and", left=left, right=right):
            return both(surely(left), surely(right))
        case Operation(sign="or", left=left, right=right):
            return either(surely(left), surely(right))
        case Operation(sign=sign) if sign in COMPARISONS:
            return _compared(sign, node)
        case Not(operand=operand):
            return surely_not(operand)
        case Call(function="missing", arguments=(inner,)):
            return _unknown(inner)
        case Call(function="if", arguments=(condition, yes, no)):
            return either(both(surely(condition), surely(yes)), both(surely_not(condition), surely(no)))
        case Call(function="first", arguments=arguments):
            return _first_known([(surely(one), _unknown(one)) for one in arguments])
        case Call():
            # selected(): chosen for certain means answered.
            return node
        case _:
            raise TypeError(f"{type(node).__name__} is no condition")


def surely_not(node: Node) -> Node:
    """Return the condition under which a condition is false, missing answers counted as neither."""
    match node:
        case Operation(sign="and", left=left, right=right):
            return either(surely_not(left), surely_not(right))
        case Operation(sign="or", left=left, right=right):
            return both(surely_not(left), surely_not(right))
        case Operation(sign=sign) if sign in COMPARISONS:
            return _compared(OPPOSITE[sign], node)
        case Not(operand=operand):
            return surely(operand)
        case Call(function="missing", arguments=(inner,)):
            return known(inner)
        case Call(function="if", arguments=(condition, yes, no)):
            return either(
                both(surely(condition), surely_not(yes)), both(surely_not(condition), surely_not(no))
            )
        case Call(function="first", arguments=arguments):
            return _first_known([(surely_not(one), _unknown(one)) for one in arguments])
        case Call(function=function, arguments=arguments) if function == SELECTED:
            return both(_given(arguments[0]), Not(node))
        case _:
            return negated(surely(node))


def known(node: Node) -> Node:
    """Return the condition under which an expression has a value at all."""
    match node:
        case Number() | Text():
            return ALWAYS
        case Name():
            return _given(node)
        case Minus(operand=operand):
            return known(operand)
        case Call(function="answered"):
            return ALWAYS
        case _ if node.kind == "truth":
            return either(surely(node), surely_not(node))
        case Operation(sign=sign, left=left, right=right):
            both_known = both(known(left), known(right))
            return both(both_known, Operation("!=", plain(right), Number(0.0))) if sign == "/" else both_known
        case Call(function="if", arguments=(condition, yes, no)):
            return either(both(surely(condition), known(yes)), both(surely_not(condition), known(no)))
        case Call(function="first", arguments=arguments):
            return reduce(either, map(known, arguments))
        case Call(arguments=arguments):
            return all_of(map(known, arguments))
        case Not():
            raise TypeError("a negation is a condition")


def plain(node: Node) -> Node:
    """Return a number or text with its conditions made two-valued; it holds where :func:`known` does."""
    match node:
        case Minus(operand=operand):
            return Minus(plain(operand))
        case Operation(sign=sign, left=left, right=right):
            return Operation(sign, plain(left), plain(right))
        case Call(function="if", arguments=(condition, yes, no)):
            return chosen(surely(condition), plain(yes), plain(no))
        case Call(function="first", arguments=arguments):
            *earlier, last = arguments
            result = plain(last)
            for argument in reversed(earlier):
                result = chosen(known(argument), plain(argument), result)
            return result
        case Call(function="answered", arguments=arguments):
            counts = [chosen(known(argument), Number(1.0), Number(0.0)) for argument in arguments]
            return reduce(lambda left, right: Operation("+", left, right), counts)
        case Call(function="round", arguments=(inner,)):
            # Halves away from zero, which no platform's own rounding promises.
            value, half = plain(inner), Number(0.5)
            up = Call("floor", (Operation("+", value, half),))
            down = Call("ceil", (Operation("-", value, half),))
            return chosen(Operation(">=", value, Number(0.0)), up, down)
        case Call(function=function, arguments=arguments):
            return Call(function, tuple(map(plain, arguments)), node.kind)
        case _:
            return node


def both(left: Node, right: Node) -> Node:
    """Return ``left and right``, made shorter where one side is certain or said already."""
    return _joined("and", left, right, neutral=ALWAYS, decisive=NEVER)


def either(left: Node, right: Node) -> Node:
    """Return ``left or right``, made shorter where one side is certain or said already."""
    return _joined("or", left, right, neutral=NEVER, decisive=ALWAYS)


def _joined(sign: str, left: Node, right: Node, *, neutral: Node, decisive: Node) -> Node:
    if decisive in (left, right):
        return decisive
    if left == neutral or left in _chain(sign, right):
        return right
    if right == neutral or right in _chain(sign, left):
        return left
    return Operation(sign, left, right)


def _chain(sign: str, node: Node) -> tuple[Node, ...]:
    """Return the conditions that a chain of ``and`` or ``or`` joins."""
    if isinstance(node, Operation) and node.sign == sign:
        return (*_chain(sign, node.left), *_chain(sign, node.right))
    return (node,)


def all_of(conditions: Iterable[Node]) -> Node:
    """Return that all conditions hold; ``always()`` of none."""
    return reduce(both, conditions, ALWAYS)


def negated(node: Node) -> Node:
    """Return the opposite of a two-valued condition."""
    match node:
        case Operation(sign="and", left=left, right=right):
            return either(negated(left), negated(right))
        case Operation(sign="or", left=left, right=right):
            return both(negated(left), negated(right))
        case Operation(sign=sign, left=left, right=right) if sign in COMPARISONS:
            return Operation(OPPOSITE[sign], left, right)
        case Not(operand=operand):
            return operand
        case _ if node == ALWAYS:
            return NEVER
        case _ if node == NEVER:
            return ALWAYS
        case _:
            return Not(node)


def chosen(condition: Node, yes: Node, no: Node) -> Node:
    """Return ``if(condition, yes, no)``, or the one branch that is certain."""
    if condition == ALWAYS:
        return yes
    return no if condition == NEVER else Call("if", (condition, yes, no), yes.kind)


def _given(node: Node) -> Node:
    return Call(GIVEN, (node,), "truth")


def _unknown(node: Node) -> Node:
    return negated(known(node))


def _compared(sign: str, node: Operation) -> Node:
    if node.left.kind == "truth":
        return _same_truth(sign == "==", node.left, node.right)
    sides_known = both(known(node.left), known(node.right))
    return both(sides_known, Operation(sign, plain(node.left), plain(node.right)))


def _same_truth(same: bool, left: Node, right: Node) -> Node:
    """Return that two conditions agree, or do not."""
    yes, no = (surely(right), surely_not(right)) if same else (surely_not(right), surely(right))
    return either(both(surely(left), yes), both(surely_not(left), no))


def _first_known(arguments: list[tuple[Node, Node]]) -> Node:
    """Return that the first of several conditions that is known holds."""
    result: Node = NEVER
    for holds, unknown in reversed(arguments):
        result = either(holds, both(unknown, result))
    return result
