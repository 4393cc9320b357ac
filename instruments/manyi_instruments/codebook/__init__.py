"""The codebook that follows from a questionnaire: variables, labels, values, missing codes, formulas."""

from manyi_instruments.codebook.book import Codebook, codebook
from manyi_instruments.codebook.variable import Measure, Variable, VariableKind, in_language

__all__ = ["Codebook", "Measure", "Variable", "VariableKind", "codebook", "in_language"]
