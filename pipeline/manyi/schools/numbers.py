"""Numbers as people type them into school tables."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?"
_PLAIN = re.compile(_NUMBER, re.IGNORECASE)
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
#: Marks that stand for an empty cell.
_BLANK = re.compile(r"[-—–−/.…·]+|n/?a|#n/a", re.IGNORECASE)
#: Share of cells that must be numbers for a column nobody described to count as numeric.
_MOSTLY = 0.8
_LONG_CODE = 10


@dataclass(frozen=True, slots=True)
class Numbers:
    """A column of text read as numbers.

    Attributes
    ----------
    values : ndarray of float64
        NaN where the cell is empty or no number.
    blank, rejected, recoded : ndarray of bool
        Empty cells; cells that hold something else than a number; cells whose number was written with
        thousands separators, a per cent sign, full-width digits or its unit.
    """

    values: NDArray[np.float64]
    blank: NDArray[np.bool_]
    rejected: NDArray[np.bool_]
    recoded: NDArray[np.bool_]


def parse_numbers(
    cells: "pd.Series[str]", units: tuple[str, ...] = (), factors: Mapping[str, float] | None = None
) -> Numbers:
    """Read a column of cells as numbers.

    ``1,234`` is 1234; ``95%`` and ``95％`` are 95, the number people read; a cell that repeats the column's
    own unit (``35人``) is its number. Dashes and ``N/A`` count as empty.

    Parameters
    ----------
    cells : Series of str
        The cells.
    units : tuple of str
        Spellings of the column's own unit.
    factors : Mapping[str, float], optional
        Other units a cell may name (``12万元`` in a column of yuan) -> factor to the column's.

    Examples
    --------
    >>> result = parse_numbers(pd.Series(["1,234", "１２", "约300", "—", "35人"]), ("人",))
    >>> result.values.tolist()
    [1234.0, 12.0, nan, nan, 35.0]
    >>> result.rejected.tolist()
    [False, False, True, False, False]
    """
    distinct = {cell: _number(cell, units, factors or {}) for cell in cells.unique()}
    values = cells.map({cell: number for cell, (number, _) in distinct.items()}).to_numpy(np.float64)
    written = cells.map({cell: kind for cell, (_, kind) in distinct.items()}).to_numpy(dtype=object)
    return Numbers(values, written == "blank", written == "rejected", written == "recoded")


def _number(cell: str, units: tuple[str, ...], factors: Mapping[str, float]) -> tuple[float, str]:
    """Return a cell's number and how it was written."""
    text = re.sub(r"\s+", "", cell)
    if not text or _BLANK.fullmatch(text):
        return np.nan, "blank"
    if _PLAIN.fullmatch(text) and text.isascii():
        return _finite(float(text), "plain")
    # Full-width digits, signs and the ideographic comma's cousins.
    text = text.translate(_FULL_WIDTH)
    factor = 1.0
    for unit in sorted(factors, key=len, reverse=True):
        if text.endswith(unit):
            text, factor = text.removesuffix(unit), factors[unit]
            break
    for unit in ("%", *sorted(units, key=len, reverse=True)) if factor == 1.0 else ():
        text = text.removesuffix(unit) if unit else text
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    return _finite(float(text) * factor, "recoded") if _PLAIN.fullmatch(text) else (np.nan, "rejected")


def _finite(number: float, written: str) -> tuple[float, str]:
    return (number, written) if np.isfinite(number) else (np.nan, "rejected")


_FULL_WIDTH = {0xFF01 + offset: 0x21 + offset for offset in range(94)}


def looks_numeric(cells: "pd.Series[str]") -> bool:
    """Return whether a column that nobody described holds numbers.

    At least four in five of its cells must be numbers; codes are not: numbers with leading zeros, or of ten
    digits and more, all of one length.

    Examples
    --------
    >>> looks_numeric(pd.Series(["12", "7.5", "", "3"])), looks_numeric(pd.Series(["012", "013"]))
    (True, False)
    """
    given = cells.str.strip()
    given = given[given != ""]
    if given.empty or given.str.fullmatch(r"0\d+").any():
        return False
    if (
        given.str.fullmatch(r"\d+").all()
        and given.str.len().min() >= _LONG_CODE
        and given.str.len().nunique() == 1
    ):
        return False
    numbers = parse_numbers(given)
    filled = ~numbers.blank
    return bool(filled.any()) and float((~numbers.rejected[filled]).mean()) >= _MOSTLY
