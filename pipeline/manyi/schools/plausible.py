"""Whether a column of the school table is in the unit it should be in: judged by a plausible range."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi_instruments.standards.definition import Column, Plausible

FloatArray = NDArray[np.float64]


class LikelyUnit(NamedTuple):
    """A unit and the factor that turns it into the column's own."""

    unit: str
    factor: float


def by_unit(schools: "pd.Series[str]", values: FloatArray, per: FloatArray, column: Column) -> FloatArray:
    """Return each row's value by what the range is about, pupils as a rule.

    Parameters
    ----------
    schools : Series of str, length n
        Code of the school of each row.
    values, per : ndarray (n,)
        The column, and what it is divided by.
    column : Column
        A facility of the whole school is divided by the sum over the school's rows.

    Returns
    -------
    ndarray (n,)
        NaN where a value is missing, 0 or negative, or there is nothing to divide by.
    """
    if column.counted == "school":
        per = pd.Series(per).groupby(schools.to_numpy(), sort=False).transform("sum").to_numpy(np.float64)
    ratio = np.full(len(values), np.nan)
    usable = (values > 0) & (per > 0)
    ratio[usable] = values[usable] / per[usable]
    return ratio


def likely_unit(median: float, units: Mapping[str, float], plausible: Plausible) -> LikelyUnit | None:
    r"""Return the unit that brings a median into its range, or None where none does.

    Of several the one whose median lies nearest the middle of the range on the logarithm,
    :math:`\min |\ln m f - \tfrac12 \ln (l h)|`.

    Examples
    --------
    >>> yuan = Plausible(per="pupils", low=300, high=30000)
    >>> likely_unit(0.24, {"千元": 1000, "万元": 10000}, yuan)
    LikelyUnit(unit='万元', factor=10000)
    >>> likely_unit(40, {"万元": 10000}, yuan) is None
    True
    """
    middle = np.sqrt(plausible.low * plausible.high)
    fits = [
        (abs(np.log(median * factor / middle)), unit, factor)
        for unit, factor in units.items()
        if plausible.low <= median * factor <= plausible.high
    ]
    if not fits:
        return None
    _, unit, factor = min(fits)
    return LikelyUnit(unit, factor)


def outside(ratio: FloatArray, plausible: Plausible) -> NDArray[np.bool_]:
    """Return which values lie outside the range; those that cannot be judged do not."""
    told: NDArray[np.bool_] = (ratio < plausible.low) | (ratio > plausible.high)
    return told
