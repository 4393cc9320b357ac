"""Raw columns of the school table as arrays, under the names the standard's formulas use."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi_instruments.standards.definition import Standard

FloatArray = NDArray[np.float64]


def raw_columns(schools: pd.DataFrame, standard: Standard, names: Iterable[str]) -> dict[str, FloatArray]:
    """Return columns for a formula.

    Parameters
    ----------
    schools : DataFrame
        n rows, one a school and stage.
    standard : Standard
        Says which of its columns have names of their own in the table.
    names : iterable of str
        Column ids of the standard.

    Returns
    -------
    dict
        id -> float64 array (n,). NaN is missing; a column the table does not have is missing everywhere.
    """
    columns: dict[str, FloatArray] = {}
    for name in names:
        at = standard.frame_name(name)
        if at in schools.columns:
            columns[name] = schools[at].to_numpy(dtype=np.float64, na_value=np.nan)
        else:
            columns[name] = np.full(len(schools), np.nan)
    return columns
