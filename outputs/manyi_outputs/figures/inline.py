"""Figures as they stand inside a page: letters as text in the page's typeface, nothing no reader sees."""

import re
from collections.abc import Iterable
from pathlib import Path

from manyi_outputs.figures.drawing import Drawing, Shown
from manyi_outputs.figures.rendering import svg
from manyi_outputs.files import write_whole

_TAG = re.compile(r"<[^>]*>")
#: Digits of a coordinate that no screen or printer shows: a hundredth of a point is enough.
_SPARE_DIGITS = re.compile(r"(\d\.\d\d)\d+")
_BLANKS = re.compile(r"\s+")
_BETWEEN = re.compile(r">\n\s*<")
_BEFORE_CLOSING = re.compile(r"\s+(\"|/>)")


def inline_svg(drawing: Drawing) -> str:
    """Return a figure as SVG for a page that brings the typeface, without spare digits and blanks.

    What is written in it stays as it is.
    """
    image = svg(drawing.draw(), drawing.name, drawing.title, outlines=False)
    return _BETWEEN.sub("><", _TAG.sub(_shorter, image))


def write_inline(folder: Path, drawn: Iterable[Shown]) -> None:
    """Write every figure as `inline_svg` has it, ``<name>.svg``.

    Raises
    ------
    ManyiError
        ``output-not-writable``.
    """
    for drawing in drawn:
        if isinstance(drawing, Drawing):
            write_whole(folder / f"{drawing.name}.svg", inline_svg(drawing).encode())


def _shorter(tag: re.Match[str]) -> str:
    return _BEFORE_CLOSING.sub(r"\1", _BLANKS.sub(" ", _SPARE_DIGITS.sub(r"\1", tag[0])))
