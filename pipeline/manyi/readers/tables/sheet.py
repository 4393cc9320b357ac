"""One sheet of a workbook as its reader leaves it, and its cells as the text a person would type."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_EXACT = float(2**53)

Rows = list[list[object]]
#: First and last row and column of merged cells, counted from 0, the last ones included.
Merged = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The cells of one sheet.

    Attributes
    ----------
    name : str
        Its name.
    rows : list of list
        From the first row and column of the sheet; an empty cell is ``""``. No row at the end is empty.
    merged : tuple of Merged
        Ranges of cells merged into one; the first cell of each holds what it shows.
    others : tuple of str
        Other visible sheets with cells.
    """

    name: str
    rows: Rows
    merged: tuple[Merged, ...]
    others: tuple[str, ...] = ()


def is_empty(row: Sequence[object]) -> bool:
    """Return whether a row holds nothing but blanks."""
    return all(isinstance(cell, str) and not cell.strip() for cell in row)


def cell_texts(column: Sequence[object]) -> list[str]:
    """Return the cells of one column as text: whole numbers without a fraction, dates in ISO 8601.

    >>> cell_texts([3.0, 3.5, "007", True, datetime.date(2024, 1, 2), ""])
    ['3', '3.5', '007', 'TRUE', '2024-01-02', '']
    """
    kinds = set(map(type, column))
    if kinds == {float}:
        numbers = np.asarray(column, dtype=np.float64)
        if bool(np.all((numbers == np.trunc(numbers)) & (np.abs(numbers) < _EXACT))):
            texts: list[str] = numbers.astype(np.int64).astype(str).tolist()
            return texts
    if kinds <= {str}:
        return [str(cell) for cell in column]
    known: dict[object, str] = {}
    texts = []
    for cell in column:
        # True == 1.0 and both hash alike: the type belongs to the key.
        key = (type(cell), cell)
        if key not in known:
            known[key] = _cell_text(cell)
        texts.append(known[key])
    return texts


def _cell_text(cell: object) -> str:
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, (datetime.date, datetime.time)):
        return cell.isoformat()
    return str(cell)
