"""Figures of the results: scree, loadings, coefficients, satisfaction, variation between schools."""

from manyi_outputs.figures.canvas import png, svg
from manyi_outputs.figures.gallery import Drawing, drawings, write_figures

__all__ = ["Drawing", "drawings", "png", "svg", "write_figures"]
