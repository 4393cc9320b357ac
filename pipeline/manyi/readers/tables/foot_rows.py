"""Rows of a table that are no respondent: units below the headings, totals and notes at the foot."""

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from importlib.resources import files

import pandas as pd

from manyi.readers.tables.headings import fold

_NUMBER = re.compile(r"[+-]?[\d,]*[.,]?\d+%?")
_NOTE = re.compile(r"^[(（\[【]?\s*(?P<word>[^\d\W]+)\s*\d*[)）\]】]?\s*[:：.、]|^[*※☆＊]\s*\S")
_LONGEST_UNIT = 8
_FEWEST_NUMBERS = 3
_FOOT = 20


def rows_aside(cells: pd.DataFrame, missing: Collection[str] = ()) -> dict[str, tuple[int, ...]]:
    """Return the rows that are no respondent, by the code of the fault that says why.

    Parameters
    ----------
    cells : DataFrame of str
        The rows below the headings.
    missing : collection of str
        Texts that stand for a missing answer, and so for no unit.

    Returns
    -------
    dict
        ``total-row``, ``note-row``, ``unit-row`` -> positions in ``cells``. Totals and notes are looked for
        upwards from the last row and end at the first row that is neither: a total in the middle of a table
        is left where it is.
    """
    found: dict[str, list[int]] = {"unit-row": [], "total-row": [], "note-row": []}
    if len(cells) > _FEWEST_NUMBERS and _is_unit_row(cells, missing):
        found["unit-row"].append(0)
    words = _words()
    for position in range(len(cells) - 1, max(-1, len(cells) - 1 - _FOOT), -1):
        filled = [cell for cell in map(str.strip, cells.iloc[position].tolist()) if cell]
        if not filled:
            continue
        if is_total(filled[0], words["totals"]) and all(map(_is_number, filled[1:])) and len(filled) > 1:
            found["total-row"].append(position)
        elif len(filled) == 1 and cells.shape[1] > 2 and _is_note(filled[0], words["notes"]):
            found["note-row"].append(position)
        else:
            break
    return {code: tuple(sorted(positions)) for code, positions in found.items() if positions}


def is_total(cell: str, words: Iterable[str]) -> bool:
    """Return whether a cell marks a row of totals: one of the words, or ending in one.

    Examples
    --------
    >>> is_total("全县 合计", ("合计", "total")), is_total("Grand Total", ("合计", "total"))
    (True, True)
    >>> is_total("希望小学", ("合计", "total")), is_total("Possum", ("sum",))
    (False, False)
    """
    text = fold(cell)
    last = re.split(r"\s+", cell.strip().casefold())[-1].rstrip(":：")
    return any(
        last == word.casefold() if word.isascii() else text.rstrip(":").endswith(fold(word)) for word in words
    )


def _is_note(cell: str, words: Iterable[str]) -> bool:
    note = _NOTE.match(cell)
    return note is not None and (note["word"] is None or fold(note["word"]) in {fold(word) for word in words})


def _is_unit_row(cells: pd.DataFrame, missing: Collection[str]) -> bool:
    """Return whether the first row holds units: short words over columns of numbers, and nothing else."""
    units = {fold(word) for word in _words()["units"]}
    over_numbers = 0
    for name in cells.columns:
        first = str(cells[name].iloc[0]).strip()
        if not first or fold(first).rstrip(":") in units:
            continue
        if _is_number(first) or first in missing or len(first) > _LONGEST_UNIT:
            return False
        below = cells[name].iloc[1:200].str.strip()
        below = below[below != ""]
        if len(below) < _FEWEST_NUMBERS or not below.map(_is_number).all():
            return False
        over_numbers += 1
    return over_numbers > 1


def _is_number(cell: str) -> bool:
    return _NUMBER.fullmatch(cell) is not None


@cache
def _words() -> Mapping[str, tuple[str, ...]]:
    text = files(__package__).joinpath("foot_rows.toml").read_text(encoding="utf-8")
    return {name: tuple(words) for name, words in tomllib.loads(text).items()}
