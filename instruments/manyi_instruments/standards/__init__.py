"""Evaluation standards: what counties and schools are held against, as data, and local layers on top."""

from manyi_instruments.expressions import Expression, parse_expression
from manyi_instruments.standards.definition import Indicator, Standard
from manyi_instruments.standards.layer_loading import load_layered, read_layer
from manyi_instruments.standards.layers import Layer, LayeredStandard, apply_layer, unlayered
from manyi_instruments.standards.loader import bundled_standards, load_standard, read_standard, standard_text
from manyi_instruments.standards.requirements import Recognition, Requirement

__all__ = [
    "Expression",
    "Indicator",
    "Layer",
    "LayeredStandard",
    "Recognition",
    "Requirement",
    "Standard",
    "apply_layer",
    "bundled_standards",
    "load_layered",
    "load_standard",
    "parse_expression",
    "read_layer",
    "read_standard",
    "standard_text",
    "unlayered",
]
