"""Evaluation standards: what a school is held against, as data, and the formula language it is written in."""

from manyi_instruments.standards.definition import Indicator, Standard
from manyi_instruments.standards.expression import Expression, parse_expression
from manyi_instruments.standards.loader import bundled_standards, load_standard, read_standard, standard_text

__all__ = [
    "Expression",
    "Indicator",
    "Standard",
    "bundled_standards",
    "load_standard",
    "parse_expression",
    "read_standard",
    "standard_text",
]
