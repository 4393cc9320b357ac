"""The formula language of indicators: columns, arithmetic, comparison, ``and``/``or``, four functions.

Grammar, loosest first::

    truth      = comparison { ("and" | "or") comparison }      "and" binds tighter than "or"
    comparison = sum [ (">=" | "<=" | ">" | "<" | "==" | "!=") sum ]
    sum        = product { ("+" | "-") product }
    product    = factor { ("*" | "/") factor }
    factor     = "-" factor | number | column | function "(" truth { "," truth } ")" | "(" truth ")"

``min(a, b, …)`` and ``max(a, b, …)`` work row by row, ``ceil(a)`` rounds up, ``sum(a)`` adds a column over
all rows. Nothing is ever handed to Python's ``eval``.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from manyi_instruments.faults import DefinitionFaulty, Fault, Place
from manyi_instruments.standards.expression_tree import (
    COMPARISONS,
    Call,
    ColumnName,
    Evaluated,
    FloatArray,
    Kind,
    Node,
    Number,
    Operation,
    named_columns,
    run,
)

ARGUMENTS: Mapping[str, tuple[int, int | None]] = {
    "min": (2, None),
    "max": (2, None),
    "ceil": (1, 1),
    "sum": (1, 1),
}
DEEPEST = 100  # far beyond any formula people write, far below Python's recursion limit
TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?|\.\d+)|(?P<name>[^\W\d]\w*)|(?P<sign>>=|<=|==|!=|[-+*/(),<>])|(?P<other>\S))"
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a formula and the 1-based column it begins at."""

    kind: Literal["number", "name", "sign", "end"]
    text: str
    column: int


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed formula.

    Parameters
    ----------
    formula : str
        As written.
    tree : Node
        As parsed.
    """

    formula: str
    tree: Node

    @property
    def kind(self) -> Kind:
        """Return ``truth`` for a condition, ``number`` for anything else."""
        return self.tree.kind

    def column_names(self) -> tuple[str, ...]:
        """Return the columns the formula names, each once, in the order of their first mention.

        Examples
        --------
        >>> parse_expression("100*(t_pe+t_music)/pupils").column_names()
        ('t_pe', 't_music', 'pupils')
        """
        return tuple(dict.fromkeys(node.name for node in named_columns(self.tree)))

    def unknown_columns(self, known: Collection[str]) -> tuple[Fault, ...]:
        """Return a fault for each column named that is not among ``known``."""
        first: dict[str, int] = {}
        for node in named_columns(self.tree):
            first.setdefault(node.name, node.column)
        return tuple(
            _fault("formula-unknown-column", self.formula, at, name=name, known=", ".join(sorted(known)))
            for name, at in first.items()
            if name not in known
        )

    def evaluate(self, columns: Mapping[str, FloatArray]) -> FloatArray:
        """Return the formula's value in every row.

        Parameters
        ----------
        columns : Mapping[str, ndarray (n,)]
            Every column the formula names; NaN is missing.

        Returns
        -------
        ndarray (n,)
            NaN where an input is missing or a divisor is zero. ``and`` and ``or`` follow Kleene: false
            ``and`` missing is false, true ``or`` missing is true.

        Examples
        --------
        >>> columns = {"t_key": np.array([3.0]), "pupils": np.array([150.0])}
        >>> parse_expression("100*t_key/pupils").evaluate(columns)
        array([2.])
        """
        return self.run(columns).values

    def run(self, columns: Mapping[str, FloatArray]) -> Evaluated:
        """Return the formula's values and where a zero divisor stood.

        Raises
        ------
        KeyError
            If a column the formula names is not in ``columns``.
        """
        rows = np.broadcast_shapes(*(np.shape(values) for values in columns.values()))
        with np.errstate(divide="ignore", invalid="ignore"):
            result = run(self.tree, columns)
        return Evaluated(
            np.broadcast_to(result.values, rows).astype(np.float64),
            np.broadcast_to(result.divided_by_zero, rows).astype(np.bool_),
        )


@lru_cache(maxsize=1024)
def parse_expression(formula: str) -> Expression:
    """Parse a formula.

    Raises
    ------
    DefinitionFaulty
        With the column at which the formula cannot be read, and what was expected there.

    Examples
    --------
    >>> parse_expression("pupils >= 100 or funds > 0").kind
    'truth'
    """
    parser = _Parser(formula)
    tree = parser.truth()
    parser.expect_end()
    return Expression(formula, tree)


def _fault(code: str, formula: str, column: int, **details: object) -> Fault:
    return Fault(code, Place(column=column), {"formula": formula, "column": column, **details})


def _tokens(formula: str) -> Iterator[Token]:
    at = 0
    while match := TOKEN.match(formula, at):
        kind = match.lastgroup
        column = match.start(kind or 0) + 1
        text = match.group(kind or 0)
        if kind == "number":
            yield Token("number", text, column)
        elif kind == "name":
            yield Token("name", text, column)
        elif kind == "sign":
            yield Token("sign", text, column)
        else:
            raise DefinitionFaulty(
                _fault("formula-unexpected", formula, column, found=text, expected="+ - * / ( )")
            )
        at = match.end()
    yield Token("end", "", len(formula) + 1)


class _Parser:
    """Recursive descent over the tokens of one formula."""

    def __init__(self, formula: str) -> None:
        self.formula = formula
        self.tokens = tuple(_tokens(formula))
        self.at = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def take(self, *texts: str) -> Token | None:
        """Return the token and step past it if it is one of the texts."""
        token = self.token
        if token.kind == "number" or token.text not in texts:
            return None
        self.at += 1
        return token

    def unexpected(self, expected: str) -> DefinitionFaulty:
        token = self.token
        return DefinitionFaulty(
            _fault(
                "formula-unexpected", self.formula, token.column, found=token.text or "⏎", expected=expected
            )
        )

    def expect_end(self) -> None:
        if self.token.kind != "end":
            raise self.unexpected("+ - * / and or")

    def of_kind(self, node: Node, kind: Kind, column: int) -> Node:
        if node.kind != kind:
            code = "formula-condition-as-number" if kind == "number" else "formula-number-as-condition"
            raise DefinitionFaulty(_fault(code, self.formula, column))
        return node

    def truth(self) -> Node:
        start = self.token.column
        left = self.conjunction()
        while sign := self.take("or"):
            right = self.of_kind(self.conjunction(), "truth", sign.column)
            left = Operation("or", self.of_kind(left, "truth", start), right, "truth")
        return left

    def conjunction(self) -> Node:
        start = self.token.column
        left = self.comparison()
        while sign := self.take("and"):
            right = self.of_kind(self.comparison(), "truth", sign.column)
            left = Operation("and", self.of_kind(left, "truth", start), right, "truth")
        return left

    def comparison(self) -> Node:
        start = self.token.column
        left = self.chain(("+", "-"), lambda: self.chain(("*", "/"), self.factor))
        if sign := self.take(*COMPARISONS):
            right_at = self.token.column
            right = self.chain(("+", "-"), lambda: self.chain(("*", "/"), self.factor))
            numbers = self.of_kind(left, "number", start), self.of_kind(right, "number", right_at)
            return Operation(sign.text, *numbers, "truth")
        return left

    def chain(self, signs: tuple[str, ...], operand: Callable[[], Node]) -> Node:
        start = self.token.column
        left = operand()
        while sign := self.take(*signs):
            right_at = self.token.column
            right = self.of_kind(operand(), "number", right_at)
            left = Operation(sign.text, self.of_kind(left, "number", start), right, "number")
        return left

    def factor(self) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise DefinitionFaulty(
                _fault("formula-too-deep", self.formula, self.token.column, deepest=DEEPEST)
            )
        node = self.unnested_factor()
        self.depth -= 1
        return node

    def unnested_factor(self) -> Node:
        if self.take("-"):
            at = self.token.column
            return Operation("-", Number(0.0), self.of_kind(self.factor(), "number", at), "number")
        if self.take("("):
            inner = self.truth()
            self.close()
            return inner
        token = self.token
        if token.kind == "number":
            self.at += 1
            return Number(float(token.text))
        if token.kind != "name" or token.text in ("and", "or"):
            raise self.unexpected("column, number, (")
        self.at += 1
        return self.call(token) if self.take("(") else ColumnName(token.text, token.column)

    def call(self, function: Token) -> Node:
        if function.text not in ARGUMENTS:
            functions = ", ".join(sorted(ARGUMENTS))
            raise DefinitionFaulty(
                _fault(
                    "formula-unknown-function",
                    self.formula,
                    function.column,
                    name=function.text,
                    functions=functions,
                )
            )
        arguments = [self.argument()]
        while self.take(","):
            arguments.append(self.argument())
        self.close()
        fewest, most = ARGUMENTS[function.text]
        if len(arguments) < fewest or (most is not None and len(arguments) > most):
            wanted = str(fewest) if most == fewest else f"≥ {fewest}"
            raise DefinitionFaulty(
                _fault(
                    "formula-argument-count",
                    self.formula,
                    function.column,
                    name=function.text,
                    wanted=wanted,
                    n=len(arguments),
                )
            )
        return Call(function.text, tuple(arguments))

    def argument(self) -> Node:
        at = self.token.column
        return self.of_kind(self.truth(), "number", at)

    def close(self) -> None:
        if not self.take(")"):
            raise self.unexpected(")")
