"""Columns of a split multiple choice that tick a missing answer: don't know, prefer not to answer."""

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from manyi.readers.decoding.account import Account
from manyi.readers.decoding.reading import Fate, Reading
from manyi.readers.tables.column import Codes
from manyi_instruments.definitions.questionnaire import MissingKind

Ticked = dict[MissingKind, npt.NDArray[np.bool_]]


def missing_ticks(
    item: str,
    columns: Mapping[str, MissingKind],
    read: Callable[[str], tuple[Codes, dict[str, Reading]]],
    cells: pd.DataFrame,
    rows: Codes,
    account: Account,
) -> Ticked:
    """Return the rows in which a missing answer is ticked, and enter the cells of its columns in the account.

    Parameters
    ----------
    item : str
        Id of the question.
    columns : Mapping
        Column -> kind of missing answer it ticks.
    read : callable
        Column -> place of every cell among its different cells, and what those mean as ticks.
    cells : DataFrame, shape (n, columns)
        The rows kept.
    rows : (n,) array
        Their spreadsheet rows.
    account : Account
        Here a ticked cell is missing, of its kind; a 0 is kept.

    Returns
    -------
    dict
        Kind -> (n,) bool array; of a row in which several are ticked the first kind only.
    """
    found: Ticked = {}
    before = np.zeros(len(rows), dtype=bool)
    for column, kind in columns.items():
        codes, readings = read(column)
        told = [
            reading.fate in (Fate.KEPT, Fate.RECODED) and reading.values[0] == 1
            for reading in readings.values()
        ]
        ticked = np.array(told, dtype=bool)[codes]
        account.settle(column, item, rows, cells[column], ticked, Fate.MISSING, kind)
        account.column(column, item, rows, codes, readings, ~ticked)
        found[kind] = found.get(kind, np.zeros(len(rows), dtype=bool)) | (ticked & ~before)
        before |= ticked
    return found
