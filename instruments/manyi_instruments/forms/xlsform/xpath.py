"""Two-valued conditions as XPath: what ODK Collect, ODK Validate, Enketo and ODK Web Forms all compute.

Two functions of XPath 1.0 are left out on purpose: JavaRosa, which Collect and Validate rest on, has
neither ``floor`` nor ``ceiling``, so both are written with ``int`` (towards zero), which the XForms
specification has. A question that is not relevant is empty to every client, as an unasked question is to
:mod:`~manyi_instruments.definitions.routing`.
"""

from collections.abc import Iterator
from decimal import Decimal

from manyi_instruments.definitions.questionnaire import Item, Questionnaire
from manyi_instruments.expressions.definite import ALWAYS, GIVEN, NEVER
from manyi_instruments.expressions.functions import SELECTED
from manyi_instruments.expressions.notation import plain_number
from manyi_instruments.expressions.tree import (
    COMPARISONS,
    EQUALITIES,
    Call,
    Minus,
    Name,
    Node,
    Not,
    Number,
    Operation,
    Text,
)
from manyi_instruments.forms.layout import offered_missing

_SIGNS = {"==": "=", "/": "div"}
#: How tightly a sign binds; what binds less than its surroundings stands in brackets.
_BINDS = {"or": 1, "and": 2, **dict.fromkeys(COMPARISONS, 3), "+": 4, "-": 4, "*": 5, "/": 5}
_UNARY, _ATOM = 6, 7
#: ``int(0.1 * 30)`` must be 3: as everywhere in manyi, numbers are rounded to 9 places before they are cut.
_PLACES = 9


def xpath(condition: Node, questionnaire: Questionnaire, own: str = "") -> str:
    """Return a condition in XPath, with ``${name}`` for answers as XLSForm writes them.

    Parameters
    ----------
    condition : Node
        As :mod:`~manyi_instruments.expressions.definite` makes it: ``Rule.asked``, or the opposite of
        ``Rule.refused``.
    questionnaire : Questionnaire
        Tells types and the missing answers offered: don't know, chosen, does not count as given.
    own : str
        The item whose constraint this is; it is written ``.``.

    Examples
    --------
    >>> from manyi_instruments.definitions.loader import load_questionnaire
    >>> from manyi_instruments.definitions.routing import rules
    >>> questionnaire = load_questionnaire('''
    ... questionnaire: q
    ... title: {en: T}
    ... languages: [en]
    ... answer_lists: {yes_no: {values: [0, 1], en: ["no", "yes"]}}
    ... items:
    ...   - {id: BUS, text: {en: Is there a bus?}, answers: yes_no, standalone: true, dont_know: true}
    ...   - {id: WAIT, text: {en: How long do you wait?}, type: number, minimum: 0, standalone: true,
    ...      relevant: BUS == 1}
    ... ''')
    >>> xpath(rules(questionnaire)["WAIT"].asked, questionnaire)
    "${BUS} != '' and ${BUS} != '-8' and ${BUS} = 1"
    """
    return _Printer(questionnaire, own).written(condition)


class _Printer:
    def __init__(self, questionnaire: Questionnaire, own: str) -> None:
        self.questionnaire = questionnaire
        self.own = own

    def written(self, node: Node, around: int = 0) -> str:
        """Return a node; in brackets where its surroundings bind tighter."""
        text, binds = self.bound(node)
        return f"({text})" if binds < around else text

    def bound(self, node: Node) -> tuple[str, int]:
        """Return a node without brackets, and how tightly its outermost sign binds."""
        match node:
            case Number(value=value):
                return plain_decimal(value), _ATOM if value >= 0 else _UNARY
            case Text(value=value):
                return literal(value), _ATOM
            case Name(name=name):
                return self.held(name), _ATOM
            case Minus(operand=operand):
                return f"-{self.written(operand, _ATOM)}", _UNARY
            case Not(operand=operand):
                return f"not({self.written(operand)})", _ATOM
            case Operation(sign=sign):
                return self.operated(node), _BINDS[sign]
            case Call():
                return self.called(node)

    def operated(self, node: Operation) -> str:
        binds = _BINDS[node.sign]
        left, right = node.left, node.right
        if node.sign in EQUALITIES and left.kind == "number" and _maybe_text(left) and _maybe_text(right):
            # XPath takes two answers for equal where their texts are, and 2 and 2.0 are not.
            sides = [f"number({self.written(side)})" for side in (left, right)]
        else:
            # Arithmetic is grouped as it was written: a - (b - c), a * (b div c).
            sides = [self.written(left, binds), self.written(right, binds + (node.sign in "+-*/"))]
        return f"{sides[0]} {_SIGNS.get(node.sign, node.sign)} {sides[1]}"

    def called(self, node: Call) -> tuple[str, int]:
        match node:
            case Call(function=function, arguments=(Name(name=name),)) if function == GIVEN:
                parts = list(self.given(name))
                return " and ".join(parts) or "true()", _BINDS["and"] if len(parts) > 1 else _BINDS["!="]
            case Call(function=function, arguments=(Name(name=name), answer)) if function == SELECTED:
                chosen = plain_number(answer.value) if isinstance(answer, Number) else self.written(answer)
                return f"selected({self.reference(name)}, '{chosen}')", _ATOM
            case Call(function="ceil", arguments=(inner,)):
                whole = self.cut(inner)
                return f"int({whole}) + if({whole} > int({whole}), 1, 0)", _BINDS["+"]
            case Call(function="floor", arguments=(inner,)):
                whole = self.cut(inner)
                return f"int({whole}) - if({whole} < int({whole}), 1, 0)", _BINDS["-"]
            case _ if node == ALWAYS:
                return "true()", _ATOM
            case _ if node == NEVER:
                return "false()", _ATOM
            case Call(function="if" | "min" | "max" | "abs" as function, arguments=arguments):
                return f"{function}({', '.join(map(self.written, arguments))})", _ATOM
            case _:
                raise TypeError(f"{node.function}() is not left in a two-valued condition")

    def cut(self, inner: Node) -> str:
        return f"round({self.written(inner)}, {_PLACES})"

    def reference(self, name: str) -> str:
        return "." if name == self.own else f"${{{name}}}"

    def held(self, name: str) -> str:
        """Return what an item holds; a text without the blanks a phone's keyboard leaves behind it."""
        reference = self.reference(name)
        return f"normalize-space({reference})" if self.item(name).type == "text" else reference

    def given(self, name: str) -> Iterator[str]:
        """Yield what must hold for an item to be answered; constraints are asked only where something is."""
        item = self.item(name)
        if name != self.own or item.type == "text":
            yield f"{self.held(name)} != ''"
        for missing in offered_missing(item, self.questionnaire):
            if item.type in ("multiple", "ranking"):
                yield f"not(selected({self.reference(name)}, '{missing.code}'))"
            elif item.type == "choice":
                yield f"{self.reference(name)} != '{missing.code}'"
            else:
                yield f"{self.reference(name)} != {missing.code}"

    def item(self, name: str) -> Item:
        return self.questionnaire.item(name)


def _maybe_text(node: Node) -> bool:
    """Return whether XPath holds a number of the questionnaire as text: an answer, or one of several."""
    return isinstance(node, Name) or (isinstance(node, Call) and node.function == "if")


def plain_decimal(number: float) -> str:
    """Return a number as XPath reads it: every digit, no exponent.

    Examples
    --------
    >>> plain_decimal(2.0), plain_decimal(1e-7), plain_decimal(-0.5)
    ('2', '0.0000001', '-0.5')
    """
    text = format(Decimal(repr(number)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def literal(text: str) -> str:
    r"""Return a text in quotation marks, of which XPath 1.0 cannot hold both kinds in one text.

    Examples
    --------
    >>> literal("yes"), literal("don't")
    ("'yes'", '"don\'t"')
    """
    plain = " ".join(text.split())
    if "'" not in plain:
        return f"'{plain}'"
    if '"' not in plain:
        return f'"{plain}"'
    pieces = plain.split("'")
    return "concat('" + "', \"'\", '".join(pieces) + "')"
