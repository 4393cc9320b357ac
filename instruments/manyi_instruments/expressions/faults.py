"""How a fault of an expression is told: what stands where, by line and column."""

from manyi_instruments.expressions.tree import Position
from manyi_instruments.faults import DefinitionFaulty, Fault, Place


def expression_fault(code: str, formula: str, at: Position, **details: object) -> Fault:
    """Return a fault at a position of an expression.

    Examples
    --------
    >>> fault = expression_fault("formula-unknown-column", "a + b", Position(1, 5), name="b", known="a")
    >>> fault.place.column, fault.details["column"]
    (5, 5)
    """
    told = {"formula": formula, "line": at.line, "column": at.column, **details}
    return Fault(code, Place(line=at.line, column=at.column), told)


def faulty(code: str, formula: str, at: Position, **details: object) -> DefinitionFaulty:
    """Return the exception that carries one fault of an expression."""
    return DefinitionFaulty(expression_fault(code, formula, at, **details))
