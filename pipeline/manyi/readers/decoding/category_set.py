"""Multiple choice whose columns hold the codes of the answers chosen: SPSS's multiple category set."""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from manyi.readers.decoding.account import Account
from manyi.readers.decoding.cell_rules import Fate, Reading
from manyi.readers.tables.column import Codes
from manyi_instruments.definitions.questionnaire import Item, Questionnaire

Flags = npt.NDArray[np.bool_]


def decode_category_set(
    item: Item,
    read: Mapping[str, tuple[Codes, Mapping[str, Reading]]],
    cells: pd.DataFrame,
    rows: Codes,
    questionnaire: Questionnaire,
    account: Account,
) -> dict[str, object]:
    """Decode one multiple-choice question and enter its cells in the account.

    Parameters
    ----------
    item : Item
        Of type ``multiple``.
    read : Mapping
        Column -> place of every row's cell, and what every cell means.
    cells : DataFrame
        The rows kept.
    rows : (n,) array of int
        Their rows in the file.
    questionnaire : Questionnaire
        What was asked.
    account : Account
        Receives every cell.

    Returns
    -------
    dict
        ``{item}__{value}`` -> (n,) array of 1 and 0. Where no column holds an answer, all hold the missing
        code of the first column. Beside a cell that is refused nobody knows what else was chosen: the row
        is ``invalid``. A blank beside an answer only says that no further one was chosen.
    """
    answers = questionnaire.answer_list(item)
    values = answers.values if answers is not None else ()
    refused, answered = np.zeros(len(cells), dtype=bool), np.zeros(len(cells), dtype=bool)
    for codes, readings in read.values():
        refused |= _holding(codes, readings, lambda reading: reading.fate == Fate.REJECTED)
        answered |= _holding(codes, readings, _given)
    codes, readings = next(iter(read.values()))
    stored = [reading.values[0] if reading.values else 0.0 for reading in readings.values()]
    rest = np.array(stored, dtype=np.float64)[codes]
    rest[refused] = float(questionnaire.missing_codes["invalid"].code)
    coded: dict[str, object] = {}
    for value in values:
        ticked = np.zeros(len(cells), dtype=bool)
        for codes, readings in read.values():
            ticked |= _holding(codes, readings, partial(_chooses, value))
        coded[f"{item.id}__{value}"] = np.where(answered & ~refused, ticked.astype(np.float64), rest)
    for column, (codes, readings) in read.items():
        blank = np.array([not cell.strip() for cell in readings], dtype=bool)[codes] & answered
        account.settle(column, item.id, rows, cells[column], blank, Fate.RECODED)
        account.column(column, item.id, rows, codes, readings, ~blank)
    return coded


def _given(reading: Reading) -> bool:
    return reading.fate in (Fate.KEPT, Fate.RECODED)


def _chooses(value: int, reading: Reading) -> bool:
    return _given(reading) and value in reading.values


def _holding(codes: Codes, readings: Mapping[str, Reading], holds: Callable[[Reading], bool]) -> Flags:
    return np.array([holds(reading) for reading in readings.values()], dtype=bool)[codes]
