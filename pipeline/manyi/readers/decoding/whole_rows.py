"""Rows of a file of which every cell is alike: blank, or the heading again."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd

Holds = Callable[["pd.Series[str]", int], "pd.Series[bool]"]


def whole_rows(cells: pd.DataFrame, holds: Holds) -> npt.NDArray[np.bool_]:
    """Return the rows for which every column holds; a column is looked at only where all before it did.

    Parameters
    ----------
    cells : DataFrame
        Of text.
    holds : callable
        A column's cells and its place -> for which it holds.
    """
    left = np.arange(len(cells))
    for index, name in enumerate(cells.columns):
        if not len(left):
            break
        left = left[holds(cells[name].iloc[left], index).to_numpy(dtype=bool)]
    mask = np.zeros(len(cells), dtype=bool)
    mask[left] = True
    return mask
