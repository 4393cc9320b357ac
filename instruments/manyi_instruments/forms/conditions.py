"""Conditions written in a platform's own language: what is the same for all of them.

A platform derives :class:`ConditionWriter` and says how it spells names, answers, texts and functions. What
it cannot say raises :class:`Inexpressible`; the form then goes without that condition and reports it.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from manyi_instruments.definitions.questionnaire import Item, Questionnaire
from manyi_instruments.expressions.definite import ALWAYS, GIVEN, NEVER
from manyi_instruments.expressions.functions import SELECTED
from manyi_instruments.expressions.notation import plain_number
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
from manyi_instruments.forms.layout import answers_of, kind, offered_missing


class Inexpressible(Exception):
    """A platform's language has no words for a part of a condition."""


class ConditionWriter(ABC):
    """Writes two-valued conditions; see :mod:`~manyi_instruments.expressions.definite` for what they hold.

    Parameters
    ----------
    questionnaire : Questionnaire
        The items that conditions name.
    """

    #: Signs that the platform spells otherwise.
    signs: Mapping[str, str] = {}
    true, false = "1 = 1", "1 = 0"

    def __init__(self, questionnaire: Questionnaire) -> None:
        self.questionnaire = questionnaire

    def condition(self, node: Node) -> str:
        """Return a condition; operands that are operations stand in brackets.

        Raises
        ------
        Inexpressible
            If the platform cannot say it.
        """
        match node:
            case Operation(sign=sign) if sign in COMPARISONS:
                return self.compared(node)
            case Operation(sign=sign, left=left, right=right):
                return f"{self.part(left)} {self.signs.get(sign, sign)} {self.part(right)}"
            case Call(function=function, arguments=(Name(name=name),)) if function == GIVEN:
                return self.given(self.item(name), True)
            case Not(operand=Call(function=function, arguments=(Name(name=name),))) if function == GIVEN:
                return self.given(self.item(name), False)
            case Call(function=function, arguments=(Name(name=name), answer)) if function == SELECTED:
                return self.selected(self.item(name), _value(answer), True)
            case Not(operand=Call(function=function, arguments=(Name(name=name), answer))):
                return self.selected(self.item(name), _value(answer), False)
            case _ if node == ALWAYS:
                return self.true
            case _ if node == NEVER:
                return self.false
            case _:
                raise TypeError(f"{node} is not a two-valued condition")

    def part(self, node: Node) -> str:
        """Return a condition as part of another."""
        return f"({self.condition(node)})"

    def compared(self, node: Operation) -> str:
        """Return a comparison."""
        sign = self.signs.get(node.sign, node.sign)
        return f"{self.value(node.left)} {sign} {self.value(node.right)}"

    def value(self, node: Node) -> str:
        """Return a number or text."""
        match node:
            case Number(value=number):
                return self.number(number)
            case Text(value=text):
                return self.text(text)
            case Name(name=name):
                return self.answer(self.item(name))
            case Minus(operand=operand):
                return f"(0 - {self.value(operand)})"
            case Operation(sign=sign, left=left, right=right):
                return f"({self.value(left)} {self.signs.get(sign, sign)} {self.value(right)})"
            case Call(function="if", arguments=(condition, yes, no)):
                return self.chosen(self.condition(condition), self.value(yes), self.value(no))
            case Call(function=function, arguments=arguments):
                return self.function(function, [self.value(argument) for argument in arguments])
            case _:
                raise TypeError(f"{node} is no number")

    def item(self, name: str) -> Item:
        """Return an item by its id."""
        return self.questionnaire.item(name)

    def missing_values(self, item: Item) -> list[int]:
        """Return the codes of the missing answers an item offers: chosen, they count as none."""
        return [code.code for code in offered_missing(item, self.questionnaire)]

    def listed(self, item: Item) -> list[int]:
        """Return the values of an item that is chosen from a list."""
        return list(answers_of(item, self.questionnaire).values)

    def is_listed(self, item: Item) -> bool:
        """Return whether an item is a single choice."""
        return kind(item) == "choice"

    def number(self, value: float) -> str:
        """Return a number without exponent."""
        return without_exponent(value)

    def text(self, value: str) -> str:
        """Return a text between quotation marks."""
        raise Inexpressible(value)

    @abstractmethod
    def answer(self, item: Item) -> str:
        """Return the stored value of an item with one answer."""

    @abstractmethod
    def given(self, item: Item, is_so: bool) -> str:
        """Return that an item has an answer, or has none."""

    @abstractmethod
    def selected(self, item: Item, value: int, is_so: bool) -> str:
        """Return that an answer was chosen, or was not."""

    def chosen(self, condition: str, yes: str, no: str) -> str:
        """Return one of two values."""
        return f"if({condition}, {yes}, {no})"

    def function(self, name: str, arguments: list[str]) -> str:
        """Return a call of ``min``, ``max``, ``abs``, ``ceil`` or ``floor``."""
        return f"{name}({', '.join(arguments)})"


def without_exponent(value: float) -> str:
    """Return a number as every platform reads it.

    Examples
    --------
    >>> without_exponent(1e-07), without_exponent(-3.0), without_exponent(0.85)
    ('0.0000001', '-3', '0.85')
    """
    written = plain_number(value)
    return f"{value:.17f}".rstrip("0").rstrip(".") if "e" in written else written


def _value(answer: Node) -> int:
    match answer:
        case Number(value=value):
            return int(value)
        case Minus(operand=Number(value=value)):
            return -int(value)
        case _:
            raise Inexpressible(str(answer))
