"""Parsed expressions as trees of frozen nodes; each knows where it was written and what it gives.

A translation into another language (XLSForm, LimeSurvey, SurveyJS) is one function with one ``match`` over
these seven classes; :mod:`manyi_instruments.expressions.notation` is such a function.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

#: What an expression gives in a row: a number, true or false, or text.
Kind = Literal["number", "truth", "text"]

COMPARISONS = (">=", "<=", "==", "!=", ">", "<")
#: Comparisons that text allows.
EQUALITIES = ("==", "!=")
CONNECTIVES = ("and", "or")


class Position(NamedTuple):
    """Line and column in the expression, both from 1."""

    line: int
    column: int


NOWHERE = Position(1, 1)


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written."""

    value: float
    at: Position = field(default=NOWHERE, compare=False)
    kind: Kind = field(default="number", init=False, compare=False)


@dataclass(frozen=True, slots=True)
class Text:
    """A text between quotation marks."""

    value: str
    at: Position = field(default=NOWHERE, compare=False)
    kind: Kind = field(default="text", init=False, compare=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A column, an item or a fact, and what it holds."""

    name: str
    kind: Kind = "number"
    at: Position = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Minus:
    """The operand with the other sign."""

    operand: "Node"
    at: Position = field(default=NOWHERE, compare=False)
    kind: Kind = field(default="number", init=False, compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a condition."""

    operand: "Node"
    at: Position = field(default=NOWHERE, compare=False)
    kind: Kind = field(default="truth", init=False, compare=False)


@dataclass(frozen=True, slots=True)
class Operation:
    """Two operands and the sign between them: ``+ - * /``, a comparison, ``and`` or ``or``."""

    sign: str
    left: "Node"
    right: "Node"
    at: Position = field(default=NOWHERE, compare=False)

    @property
    def kind(self) -> Kind:
        """Return ``truth`` for comparisons, ``and`` and ``or``, else ``number``."""
        return "truth" if self.sign in COMPARISONS or self.sign in CONNECTIVES else "number"


@dataclass(frozen=True, slots=True)
class Call:
    """A function of its arguments."""

    function: str
    arguments: tuple["Node", ...]
    kind: Kind = "number"
    at: Position = field(default=NOWHERE, compare=False)


Node = Number | Text | Name | Minus | Not | Operation | Call


def parts_of(node: Node) -> tuple[Node, ...]:
    """Return the operands or arguments of a node, from left to right."""
    match node:
        case Minus(operand=operand) | Not(operand=operand):
            return (operand,)
        case Operation(left=left, right=right):
            return (left, right)
        case Call(arguments=arguments):
            return arguments
        case _:
            return ()


def nodes_in(node: Node) -> Iterator[Node]:
    """Yield a node and all below it, each before its parts, from left to right."""
    yield node
    for part in parts_of(node):
        yield from nodes_in(part)


def names_in(node: Node) -> Iterator[Name]:
    """Yield every mention of a name, from left to right.

    Examples
    --------
    >>> [name.name for name in names_in(Operation("/", Name("equip"), Name("pupils")))]
    ['equip', 'pupils']
    """
    return (found for found in nodes_in(node) if isinstance(found, Name))
