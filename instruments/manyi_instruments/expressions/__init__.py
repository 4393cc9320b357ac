"""The expression language of standards and questionnaires: parsed, checked and evaluated without ``eval``."""

from manyi_instruments.expressions.expression import Expression, parse_expression, undeclared_names
from manyi_instruments.expressions.resolution import evaluation_order
from manyi_instruments.expressions.tree import Kind, Node, Position

__all__ = [
    "Expression",
    "Kind",
    "Node",
    "Position",
    "evaluation_order",
    "parse_expression",
    "undeclared_names",
]
