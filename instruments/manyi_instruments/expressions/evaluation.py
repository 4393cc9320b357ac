"""What a tree gives row by row: missing values, zero divisors and all."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from manyi_instruments.expressions.computing import COMPUTE, Values, is_missing
from manyi_instruments.expressions.functions import FUNCTIONS, SELECTED, STRICT
from manyi_instruments.expressions.tree import (
    COMPARISONS,
    Call,
    Kind,
    Minus,
    Name,
    Node,
    Not,
    Number,
    Operation,
    Text,
)

BoolArray = NDArray[np.bool_]
Columns = Mapping[str, ArrayLike]


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What an expression gives row by row.

    ``values`` (n,): float64, NaN where an input is missing, a divisor is zero or the number grows beyond
    float64; truth values are 1 and 0. Text is an object array, missing None. ``divided_by_zero`` (n,): where
    the missing value comes from a zero divisor, not from a missing input.
    """

    values: Values
    divided_by_zero: BoolArray


def run(node: Node, columns: Columns) -> Evaluated:
    """Return the values of a tree; single numbers stay single and broadcast.

    Raises
    ------
    KeyError
        If a name of the tree is not in ``columns``.
    """
    match node:
        case Number(value=value):
            return _sure(np.array(value))
        case Text(value=text):
            return _sure(np.array(text, dtype=object))
        case Name(name=name, kind=kind):
            return _sure(column_values(columns[name], kind))
        case Minus(operand=operand):
            inner = run(operand, columns)
            return Evaluated(-inner.values, inner.divided_by_zero)
        case Not(operand=operand):
            inner = run(operand, columns)
            return Evaluated(1.0 - inner.values, inner.divided_by_zero)
        case Call(function=function, arguments=arguments) if function == SELECTED:
            return _sure(_selected(arguments[0], arguments[1], columns))
        case Call(function=function, arguments=arguments):
            return _called(function, [run(argument, columns) for argument in arguments])
        case Operation(sign=sign, left=left, right=right):
            return _operated(sign, run(left, columns), run(right, columns))


def column_values(column: ArrayLike, kind: Kind) -> Values:
    """Return a column as the language computes with it.

    Parameters
    ----------
    column : array_like, shape (n,)
        Numpy or pandas, nullable types too.
    kind : Kind
        Text becomes an object array; None, NaN and the empty text are missing. Anything else becomes float64;
        infinite numbers are missing.

    Examples
    --------
    >>> column_values(pd.Series([True, None], dtype="boolean"), "truth")
    array([ 1., nan])
    >>> column_values(pd.Series(["a", "", None], dtype="string"), "text")
    array(['a', None, None], dtype=object)
    """
    if kind == "text":
        texts = np.array(column, dtype=object)
        # NA compared with a text is neither true nor false, so it goes first.
        texts[pd.isna(texts)] = None
        texts[texts == ""] = None
        return texts
    if isinstance(column, pd.Series):
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    else:
        values = np.asarray(column, dtype=np.float64)
    return np.where(np.isinf(values), np.nan, values)


def part_name(item: str, answer: float | str) -> str:
    """Return the column that holds whether an answer of a multiple choice was chosen.

    Examples
    --------
    >>> part_name("Q5", 3.0), part_name("Q5", "other")
    ('Q5__3', 'Q5__other')
    """
    if isinstance(answer, float) and answer == int(answer):
        answer = int(answer)
    return f"{item}__{answer}"


def _sure(values: Values) -> Evaluated:
    return Evaluated(values, np.zeros(values.shape, dtype=np.bool_))


def _selected(item: Node, answer: Node, columns: Columns) -> Values:
    if not isinstance(item, Name) or not isinstance(answer, Number | Text):
        raise TypeError("selected() takes a name and an answer as written")
    part = part_name(item.name, answer.value)
    if part in columns:
        chosen = column_values(columns[part], "number")
        return np.where(np.isnan(chosen), np.nan, (chosen == 1).astype(np.float64))
    values = column_values(columns[item.name], "text" if isinstance(answer, Text) else item.kind)
    return np.where(is_missing(values), np.nan, (values == answer.value).astype(np.float64))


def _called(name: str, arguments: list[Evaluated]) -> Evaluated:
    function = FUNCTIONS[name]
    values = COMPUTE[name](*(argument.values for argument in arguments))
    marks = [argument.divided_by_zero for argument in arguments]
    if name in STRICT:
        zero = np.asarray(np.any(marks[0]))
    elif function.over_rows:
        return _sure(values)
    elif name == "if":
        # Only the branch that is taken can spoil the result.
        taken = np.where(arguments[0].values == 1, marks[1], marks[2])
        zero = np.where(np.isnan(arguments[0].values), marks[0], taken)
    else:
        zero = np.logical_or.reduce(np.broadcast_arrays(*marks))
    return Evaluated(values, zero & is_missing(np.asarray(values)))


def _operated(sign: str, left: Evaluated, right: Evaluated) -> Evaluated:
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        values = _computed(sign, left.values, right.values)
    zero = left.divided_by_zero | right.divided_by_zero
    if sign == "/":
        # 0/0 and x/0 alike; a missing dividend stays "missing", so that the reason told is the first cause.
        zero = zero | ((right.values == 0) & ~np.isnan(left.values))
    values = np.where(np.isinf(values), np.nan, values)
    return Evaluated(values, zero & np.isnan(values))


def _computed(sign: str, left: Values, right: Values) -> Values:
    missing = is_missing(left) | is_missing(right)
    if sign == "and":
        return np.where((left == 0) | (right == 0), 0.0, np.where(missing, np.nan, 1.0))
    if sign == "or":
        return np.where((left == 1) | (right == 1), 1.0, np.where(missing, np.nan, 0.0))
    if sign in COMPARISONS:
        return np.where(missing, np.nan, _compared(sign, left, right))
    if sign == "/":
        return np.where(right == 0, np.nan, left / right)
    arithmetic: Any = {"+": np.add, "-": np.subtract, "*": np.multiply}[sign]
    result: Values = arithmetic(left, right)
    return result


def _compared(sign: str, left: Values, right: Values) -> Values:
    compare: Any = {
        ">=": np.greater_equal,
        "<=": np.less_equal,
        ">": np.greater,
        "<": np.less,
        "==": np.equal,
        "!=": np.not_equal,
    }[sign]
    return np.asarray(compare(left, right)).astype(np.float64)
