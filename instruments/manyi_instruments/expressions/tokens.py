"""An expression cut into words, each with its line and column."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from manyi_instruments.expressions.faults import faulty
from manyi_instruments.expressions.tree import Position

# Far beyond any expression people write; both keep every tree far below Python's recursion limit.
DEEPEST = 100  # brackets
LONGEST = 600  # words

TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[^\W\d]\w*)"
    r"|(?P<text>'[^'\n]*'|\"[^\"\n]*\")"
    r"|(?P<sign>>=|<=|==|!=|<>|&&|\|\||[-+*/(),<>])"
    r"|(?P<other>\S))"
)

#: Signs of other languages and of Chinese keyboards, and what is written here.
WRITTEN = {
    "=": "==",
    "<>": "!=",
    "≠": "!=",
    "≥": ">=",
    "≤": "<=",
    "&&": "and",
    "||": "or",
    "&": "and",
    "|": "or",
    "!": "not",
    "×": "*",
    "÷": "/",
    "（": "(",
    "）": ")",
    "，": ",",
    "、": ",",
}


@dataclass(frozen=True, slots=True)
class Token:
    """A word of an expression and where it begins."""

    kind: Literal["number", "name", "text", "sign", "end"]
    text: str
    at: Position


def tokens_of(formula: str) -> tuple[Token, ...]:
    r"""Return the words of an expression, an ``end`` behind the last.

    Raises
    ------
    DefinitionFaulty
        ``formula-unexpected`` at a sign that is none, a text without its end or a number beyond 1e308;
        ``formula-too-deep`` beyond 100 open brackets, ``formula-too-long`` beyond 600 words.

    Examples
    --------
    >>> [(token.text, tuple(token.at)) for token in tokens_of("100 *\n pupils")]
    [('100', (1, 1)), ('*', (1, 5)), ('pupils', (2, 2)), ('', (2, 8))]
    """
    tokens = []
    brackets = 0
    for token in _tokens(formula):
        tokens.append(token)
        brackets += {"(": 1, ")": -1}.get(token.text, 0) if token.kind == "sign" else 0
        if brackets > DEEPEST:
            raise faulty("formula-too-deep", formula, token.at, deepest=DEEPEST)
        if len(tokens) > LONGEST:
            raise faulty("formula-too-long", formula, token.at, longest=LONGEST)
    return tuple(tokens)


def _tokens(formula: str) -> Iterator[Token]:
    end = 0
    while match := TOKEN.match(formula, end):
        kind = match.lastgroup or "other"
        text, at = match.group(kind), _position(formula, match.start(kind))
        end = match.end()
        if kind == "number":
            if math.isinf(float(text)):
                raise faulty("formula-unexpected", formula, at, found=text, expected="≤ 1e308")
            yield Token("number", text, at)
        elif kind == "name":
            yield Token("name", text, at)
        elif kind == "text":
            yield Token("text", text[1:-1], at)
        elif kind == "sign" and text not in WRITTEN:
            yield Token("sign", text, at)
        else:
            expected = f"{text} … {text}" if text in "'\"" else WRITTEN.get(text, "+ - * / ( )")
            raise faulty("formula-unexpected", formula, at, found=text, expected=expected)
    yield Token("end", "", _position(formula, len(formula)))


def _position(formula: str, offset: int) -> Position:
    before = formula[:offset]
    return Position(before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1)
