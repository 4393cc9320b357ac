"""Parsed formulas as trees: their nodes, and what they give row by row."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Kind = Literal["number", "truth"]

COMPARISONS = (">=", "<=", "==", "!=", ">", "<")


@dataclass(frozen=True, slots=True)
class Number:
    """A number written in the formula."""

    value: float
    kind: Kind = "number"


@dataclass(frozen=True, slots=True)
class ColumnName:
    """A column of the table, and where the formula names it."""

    name: str
    column: int
    kind: Kind = "number"


@dataclass(frozen=True, slots=True)
class Operation:
    """Two operands and the sign between them."""

    sign: str
    left: "Node"
    right: "Node"
    kind: Kind


@dataclass(frozen=True, slots=True)
class Call:
    """A function of one or more arguments."""

    function: str
    arguments: tuple["Node", ...]
    kind: Kind = "number"


Node = Number | ColumnName | Operation | Call


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What a formula gives row by row.

    ``values`` (n,): NaN where an input is missing or a divisor is zero; truth values are 1 and 0.
    ``divided_by_zero`` (n,): where the NaN comes from a zero divisor, not from a missing input.
    """

    values: FloatArray
    divided_by_zero: BoolArray


def named_columns(node: Node) -> Iterator[ColumnName]:
    """Yield every mention of a column, from left to right."""
    if isinstance(node, ColumnName):
        yield node
    elif isinstance(node, Operation):
        yield from named_columns(node.left)
        yield from named_columns(node.right)
    elif isinstance(node, Call):
        for argument in node.arguments:
            yield from named_columns(argument)


def run(node: Node, columns: Mapping[str, FloatArray]) -> Evaluated:
    """Return the values of a tree; single numbers stay single and broadcast."""
    if isinstance(node, Number):
        return Evaluated(np.array(node.value), np.array(False))
    if isinstance(node, ColumnName):
        values = np.asarray(columns[node.name], dtype=np.float64)
        return Evaluated(values, np.zeros(values.shape, dtype=np.bool_))
    if isinstance(node, Call):
        arguments = [run(argument, columns) for argument in node.arguments]
        zero = np.logical_or.reduce(
            np.broadcast_arrays(*(argument.divided_by_zero for argument in arguments))
        )
        return _called(node.function, [argument.values for argument in arguments], zero)
    left, right = run(node.left, columns), run(node.right, columns)
    values = _operated(node.sign, left.values, right.values)
    zero = left.divided_by_zero | right.divided_by_zero
    if node.sign == "/":
        # 0/0 and x/0 alike; a missing dividend stays "missing", so that the reason told is the first cause.
        zero = zero | ((right.values == 0) & ~np.isnan(left.values))
    return Evaluated(values, zero & np.isnan(values))


def _called(function: str, arguments: list[FloatArray], zero: BoolArray) -> Evaluated:
    if function == "sum":
        return Evaluated(np.asarray(np.sum(arguments[0])), np.asarray(np.any(zero)))
    if function == "ceil":
        # 0.1 * 30 is 3.0000000000000004: rounding first keeps such a whole number whole.
        return Evaluated(np.ceil(np.round(arguments[0], 9)), zero)
    smallest_or_largest = np.minimum if function == "min" else np.maximum
    return Evaluated(smallest_or_largest.reduce(np.broadcast_arrays(*arguments)), zero)


def _operated(sign: str, left: FloatArray, right: FloatArray) -> FloatArray:
    missing = np.isnan(left) | np.isnan(right)
    if sign == "and":
        return np.where((left == 0) | (right == 0), 0.0, np.where(missing, np.nan, 1.0))
    if sign == "or":
        return np.where((left == 1) | (right == 1), 1.0, np.where(missing, np.nan, 0.0))
    if sign in COMPARISONS:
        return np.where(missing, np.nan, _compared(sign, left, right).astype(np.float64))
    if sign == "/":
        return np.where(right == 0, np.nan, left / right)
    return {"+": np.add, "-": np.subtract, "*": np.multiply}[sign](left, right)


def _compared(sign: str, left: FloatArray, right: FloatArray) -> BoolArray:
    compare = {
        ">=": np.greater_equal,
        "<=": np.less_equal,
        ">": np.greater,
        "<": np.less,
        "==": np.equal,
        "!=": np.not_equal,
    }
    result: BoolArray = compare[sign](left, right)
    return result
