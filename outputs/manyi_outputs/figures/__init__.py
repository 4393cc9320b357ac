"""Figures of the results, each from the tidy tables only."""

from manyi_outputs.figures.canvas import png, svg
from manyi_outputs.figures.drawing import Drawing, Undrawn
from manyi_outputs.figures.gallery import drawings, gallery, not_drawn, write_figures

__all__ = ["Drawing", "Undrawn", "drawings", "gallery", "not_drawn", "png", "svg", "write_figures"]
