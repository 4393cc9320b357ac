"""Figures of the results, each from the tidy tables only."""

from manyi_outputs.figures.drawing import Drawing, Shown, Undrawn
from manyi_outputs.figures.gallery import drawings, gallery, write_figures
from manyi_outputs.figures.inline import inline_svg, write_inline
from manyi_outputs.figures.rendering import png, svg

__all__ = [
    "Drawing",
    "Shown",
    "Undrawn",
    "drawings",
    "gallery",
    "inline_svg",
    "png",
    "svg",
    "write_figures",
    "write_inline",
]
