"""A role's ratings some thousand rows at a time, so that a rule never holds a copy of all answers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi_instruments.definitions.questionnaire import Questionnaire

Flag = NDArray[np.bool_]
Floats = NDArray[np.float64]

#: Rows of a block: 40 columns of float64 fill 2.6 MB, about the second-level cache of a processor.
ROWS = 8192


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Some rows of the ratings.

    Parameters
    ----------
    rows : slice
        Which rows of the table.
    values : ndarray, shape (columns, rows)
        Answers, NaN where missing for whatever reason.
    invalid, not_asked : ndarray of bool, shape (columns, rows)
        Which of the missing ones are no answer of the list, and which were left out by design.
    """

    rows: slice
    values: Floats
    invalid: Flag
    not_asked: Flag


def shares(rows: int, number: int) -> list[range]:
    """Return the rows in shares of whole blocks, one a thread; fewer where there are not so many blocks.

    >>> shares(20_000, 2), shares(10, 2)
    ([range(0, 16384), range(16384, 20000)], [range(0, 10)])
    """
    step = max(-(-rows // (ROWS * number)), 1) * ROWS
    return [range(start, min(start + step, rows)) for start in range(0, rows, step)]


def blocks(
    coded: pd.DataFrame,
    columns: Sequence[str],
    questionnaire: Questionnaire,
    within: range | None = None,
) -> Iterator[Block]:
    """Yield the ratings block by block; the buffers are used again, so take what is needed at once.

    Parameters
    ----------
    coded : DataFrame
        Coded answers, missing answers as codes.
    columns : sequence of str
        Number columns of it.
    questionnaire : Questionnaire
        Tells the codes.
    within : range, optional
        The rows; all by default.
    """
    within = within if within is not None else range(len(coded))
    kinds = questionnaire.missing_codes
    codes = np.array([entry.code for entry in kinds.values()], dtype=np.float64)
    sources = [coded[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in columns]
    buffer = np.empty((len(sources), min(ROWS, len(within))))
    for start in range(within.start, within.stop, ROWS):
        stop = min(start + ROWS, within.stop)
        values = buffer[:, : stop - start]
        for row, source in enumerate(sources):
            values[row] = source[start:stop]
        # Codes are mostly below every answer: few cells need the look-up.
        suspect = ~(values > codes.max())
        found = values[suspect]
        invalid, not_asked = np.zeros_like(suspect), np.zeros_like(suspect)
        invalid[suspect] = found == kinds["invalid"].code
        not_asked[suspect] = found == kinds["not_asked"].code
        found[np.isin(found, codes)] = np.nan
        values[suspect] = found
        yield Block(slice(start, stop), values, invalid, not_asked)
