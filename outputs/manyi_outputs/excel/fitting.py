"""Columns wide enough for their numbers: a spreadsheet shows ``###`` where one does not fit."""

import math
import re
from dataclasses import replace
from functools import lru_cache

from manyi_outputs.appendix import Cell, Column, Table
from manyi_outputs.excel.measure import BESIDE, ems
from manyi_outputs.excel.type import BODY_SIZE
from manyi_outputs.wording import Kind, Numerals

#: Pixels of a column's unit, of a point, and beside a number.
_UNIT, _POINT, _BESIDE_NUMBER = 7.0, 96 / 72, 6.0
#: Widths in figures: behind every number, and of a p that shows its bound.
_GAP, _BOUND = 2, 6
#: A heading that lacks no more than this gets it, rather than a line of its own for a bracket.
_LACKING = 3.0


def fitted(table: Table, numerals: Numerals) -> Table:
    """Return the table with columns wide enough for their numbers and for headings that nearly fit.

    Parameters
    ----------
    table : Table
    numerals : Numerals
        How numbers are written, which decides how long they are.
    """
    needed = [0.0] * len(table.columns)
    for row in table.rows:
        if row.kind == "section":
            continue
        for position, cell in enumerate(row.cells):
            if cell.value is not None and not isinstance(cell.value, str):
                needed[position] = max(needed[position], _figures(cell, table.columns[position], numerals))
    columns = tuple(_widened(column, figures) for column, figures in zip(table.columns, needed, strict=True))
    return table if columns == table.columns else replace(table, columns=columns)


def _figures(cell: Cell, column: Column, numerals: Numerals) -> float:
    """Return the length of a number as shown, in figures."""
    value = float(cell.value or 0)
    if not math.isfinite(value):
        return _GAP + 1
    shown = numerals.cell_format(cell.kind, value, cell.mark, column.room)
    decimals, percent, marks = _parts(shown)
    size = abs(value) * (100 if percent else 1)
    whole = len(str(int(size + 0.5)))
    length = whole + (decimals + 0.5 if decimals else 0) + (0.7 if value < 0 else 0) + (2 if percent else 0)
    return max(length, _BOUND if cell.kind is Kind.p else 0) + marks + _GAP


@lru_cache(maxsize=4096)
def _parts(shown: str) -> tuple[int, bool, int]:
    """Return of a number format its decimals, whether it is a percentage, and the signs behind the number.

    Examples
    --------
    >>> _parts('0.000"**"_*'), _parts('0.0%'), _parts('[<0.001]"<.001";.000')
    ((3, False, 3), (1, True, 0), (3, False, 0))
    """
    plain = shown.rpartition(";")[2]
    number = re.sub(r'"[^"]*"|_.', "", plain)
    marks = sum(len(quoted) for quoted in re.findall(r'"([^"]*)"', plain)) + len(re.findall(r"_.", plain))
    return len(number.partition(".")[2].rstrip("%")), "%" in number, marks


def _widened(column: Column, figures: float) -> Column:
    """Return the column with room for so many figures, and for a heading that nearly fits."""
    width = column.width
    if figures:
        width = max(width, _units(figures / 2, _BESIDE_NUMBER))
    heading = _units(ems(column.heading), _BESIDE_NUMBER + 9)
    if not column.words and width < heading <= width + _LACKING:
        width = heading
    return column if width == column.width else replace(column, width=width)


def _units(wide: float, beside: float) -> float:
    """Return the width of a column that holds so many full-width characters and pixels beside them."""
    pixels = wide * BODY_SIZE * _POINT + beside - 5
    return math.ceil(pixels / _UNIT * 10) / 10 - BESIDE
