"""Words of an expression to its tree, kinds checked on the way.

Grammar, loosest first::

    condition  = conjunction { "or" conjunction }
    conjunction = negation { "and" negation }
    negation   = "not" negation | comparison
    comparison = sum [ (">=" | "<=" | ">" | "<" | "==" | "!=") sum ]
    sum        = product { ("+" | "-") product }
    product    = factor { ("*" | "/") factor }
    factor     = "-" factor | number | text | name | function "(" condition { "," condition } ")"
               | "selected" "(" name "," (number | text) ")" | "(" condition ")"
"""

from collections.abc import Callable, Mapping

from manyi_instruments.expressions.faults import faulty
from manyi_instruments.expressions.functions import FUNCTIONS, SELECTED, Function
from manyi_instruments.expressions.tokens import DEEPEST, Token, tokens_of
from manyi_instruments.expressions.tree import (
    COMPARISONS,
    CONNECTIVES,
    EQUALITIES,
    Call,
    Kind,
    Minus,
    Name,
    Node,
    Not,
    Number,
    Operation,
    Position,
    Text,
)
from manyi_instruments.faults import DefinitionFaulty

RESERVED = (*CONNECTIVES, "not")
#: How a kind is called in the codes of faults.
CALLED: Mapping[Kind, str] = {"number": "number", "truth": "condition", "text": "text"}


def parse(formula: str, kinds: Mapping[str, Kind]) -> Node:
    """Return the tree of an expression; names that ``kinds`` does not hold are numbers.

    Raises
    ------
    DefinitionFaulty
        One fault with line and column: the first place at which the expression cannot be read.
    """
    parser = Parser(formula, kinds)
    tree = parser.condition()
    if parser.token.kind != "end":
        raise parser.unexpected("+ - * / and or")
    return tree


class Parser:
    """Recursive descent over the words of one expression."""

    def __init__(self, formula: str, kinds: Mapping[str, Kind]) -> None:
        self.formula = formula
        self.kinds = kinds
        self.tokens = tokens_of(formula)
        self.at = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        """Return the word that is read next."""
        return self.tokens[self.at]

    def take(self, *texts: str) -> Token | None:
        """Return the word and step past it if it is one of the texts."""
        token = self.token
        if token.kind not in ("name", "sign") or token.text not in texts:
            return None
        self.at += 1
        return token

    def fault(self, code: str, at: Position, **details: object) -> DefinitionFaulty:
        """Return a fault of this expression."""
        return faulty(code, self.formula, at, **details)

    def unexpected(self, expected: str) -> DefinitionFaulty:
        """Return that the next word cannot stand there."""
        token = self.token
        return self.fault("formula-unexpected", token.at, found=token.text or "⏎", expected=expected)

    def of_kind(self, node: Node, kind: Kind, at: Position) -> Node:
        """Return the node if it gives what is wanted."""
        if node.kind != kind:
            raise self.fault(f"formula-{CALLED[node.kind]}-as-{CALLED[kind]}", at)
        return node

    def condition(self) -> Node:
        """Read conditions joined by ``or``, or anything that binds tighter."""
        return self.joined("or", lambda: self.joined("and", self.negation))

    def joined(self, word: str, operand: Callable[[], Node]) -> Node:
        """Read conditions joined by one word."""
        start = self.token.at
        left = operand()
        while sign := self.take(word):
            right = self.of_kind(operand(), "truth", sign.at)
            left = Operation(word, self.of_kind(left, "truth", start), right, sign.at)
        return left

    def negation(self) -> Node:
        """Read a condition after any number of ``not``."""
        signs = []
        while sign := self.take("not"):
            signs.append(sign)
        if len(signs) > DEEPEST:
            raise self.fault("formula-too-deep", self.token.at, deepest=DEEPEST)
        start = self.token.at
        node = self.comparison()
        for sign in reversed(signs):
            node = Not(self.of_kind(node, "truth", start), sign.at)
        return node

    def comparison(self) -> Node:
        """Read one comparison, or a sum."""
        start = self.token.at
        left = self.sum()
        sign = self.take(*COMPARISONS)
        if sign is None:
            return left
        right_at = self.token.at
        right = self.sum()
        if left.kind == "text" and sign.text in EQUALITIES:
            return Operation(sign.text, left, self.of_kind(right, "text", right_at), sign.at)
        return Operation(
            sign.text, self.of_kind(left, "number", start), self.of_kind(right, "number", right_at), sign.at
        )

    def sum(self) -> Node:
        """Read terms joined by ``+`` and ``-``, products first."""
        return self.chain(("+", "-"), lambda: self.chain(("*", "/"), self.factor))

    def chain(self, signs: tuple[str, ...], operand: Callable[[], Node]) -> Node:
        """Read numbers joined by signs, from the left."""
        start = self.token.at
        left = operand()
        while sign := self.take(*signs):
            right_at = self.token.at
            right = self.of_kind(operand(), "number", right_at)
            left = Operation(sign.text, self.of_kind(left, "number", start), right, sign.at)
        return left

    def factor(self) -> Node:
        """Read one value, brackets and functions among them."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.fault("formula-too-deep", self.token.at, deepest=DEEPEST)
        node = self.value()
        self.depth -= 1
        return node

    def value(self) -> Node:
        """Read one value without counting brackets."""
        token = self.token
        if self.take("-"):
            at = self.token.at
            return Minus(self.of_kind(self.factor(), "number", at), token.at)
        if self.take("("):
            inner = self.condition()
            self.close()
            return inner
        if token.kind not in ("number", "text", "name") or (token.kind == "name" and token.text in RESERVED):
            raise self.unexpected("name, number, (")
        self.at += 1
        if token.kind == "number":
            return Number(float(token.text), token.at)
        if token.kind == "text":
            return Text(token.text, token.at)
        if self.take("("):
            return self.selected(token) if token.text == SELECTED else self.call(token)
        return Name(token.text, self.kinds.get(token.text, "number"), token.at)

    def selected(self, word: Token) -> Call:
        """Read the two arguments of ``selected``."""
        if self.token.kind != "name" or self.token.text in RESERVED:
            raise self.unexpected("name")
        item = Name(self.token.text, self.kinds.get(self.token.text, "number"), self.token.at)
        self.at += 1
        if not self.take(","):
            raise self.unexpected(",")
        minus = self.take("-")
        answer = self.token
        if answer.kind not in ("number", "text") or (minus is not None and answer.kind == "text"):
            raise self.unexpected("number, text")
        self.at += 1
        self.close()
        if answer.kind == "text":
            return Call(SELECTED, (item, Text(answer.text, answer.at)), "truth", word.at)
        value = float(answer.text) * (1 if minus is None else -1)
        return Call(SELECTED, (item, Number(value, answer.at)), "truth", word.at)

    def call(self, word: Token) -> Call:
        """Read the arguments of a function."""
        function = FUNCTIONS.get(word.text)
        if function is None:
            functions = ", ".join(sorted((*FUNCTIONS, SELECTED)))
            raise self.fault("formula-unknown-function", word.at, name=word.text, functions=functions)
        found: list[tuple[Node, Position]] = []
        while True:
            at = self.token.at
            found.append((self.condition(), at))
            if not self.take(","):
                break
        self.close()
        self.count(word, function, len(found))
        same = next((node.kind for i, (node, _) in enumerate(found) if function.wanted(i) == "same"), None)
        for number, (node, at) in enumerate(found):
            wanted = function.wanted(number)
            if wanted == "same" and same is not None:
                self.of_kind(node, same, at)
            elif wanted not in ("any", "same"):
                self.of_kind(node, wanted, at)  # type: ignore[arg-type]
        gives = function.gives if function.gives != "same" else (same or "number")
        return Call(word.text, tuple(node for node, _ in found), gives, word.at)

    def count(self, word: Token, function: Function, given: int) -> None:
        """Raise where a function is given too few or too many arguments."""
        if given < function.fewest or (function.most is not None and given > function.most):
            fewest, most = function.fewest, function.most
            wanted = str(fewest) if most == fewest else f"≥ {fewest}"
            raise self.fault("formula-argument-count", word.at, name=word.text, wanted=wanted, n=given)

    def close(self) -> None:
        """Step past a closing bracket."""
        if not self.take(")"):
            raise self.unexpected(")")
