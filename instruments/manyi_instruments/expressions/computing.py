"""How the functions of the expression language are computed.

Values are float64, truth values 1 and 0, missing NaN; text is an object array with None for missing.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Values = NDArray[Any]


def is_missing(values: Values) -> NDArray[np.bool_]:
    """Return where values are missing: NaN, or None in text.

    Examples
    --------
    >>> is_missing(np.array(["a", None], dtype=object)).tolist()
    [False, True]
    """
    if values.dtype == object:
        return np.asarray(pd.isna(values), dtype=np.bool_)
    return np.isnan(values)


def _chosen(condition: Values, yes: Values, no: Values) -> Values:
    nothing = None if yes.dtype == object else np.nan
    return np.where(np.isnan(condition), nothing, np.where(condition == 1, yes, no))  # type: ignore[arg-type]


def _first(*values: Values) -> Values:
    result = values[-1]
    for earlier in reversed(values[:-1]):
        result = np.where(is_missing(earlier), result, earlier)
    return result


def _answered(*values: Values) -> Values:
    given = [(~is_missing(value)).astype(np.float64) for value in np.broadcast_arrays(*values)]
    result: Values = np.sum(given, axis=0)
    return result


def _mean(values: Values) -> Values:
    return np.asarray(np.mean(values) if values.size else np.nan)


def _whole(values: Values) -> Values:
    # 0.1 * 30 is 3.0000000000000004: rounding first keeps such a whole number whole.
    return np.round(values, 9)


def _rounded(values: Values) -> Values:
    # Halves away from zero, as people and spreadsheets round; numpy rounds them to even.
    return np.sign(values) * np.floor(_whole(np.abs(values)) + 0.5)


#: Arrays of the arguments to the array of the result, by the function's name.
COMPUTE: Mapping[str, Callable[..., Values]] = {
    "min": lambda *v: np.minimum.reduce(np.broadcast_arrays(*v)),
    "max": lambda *v: np.maximum.reduce(np.broadcast_arrays(*v)),
    "abs": np.abs,
    "ceil": lambda v: np.ceil(_whole(v)),
    "floor": lambda v: np.floor(_whole(v)),
    "round": _rounded,
    "if": _chosen,
    "first": _first,
    "missing": lambda v: is_missing(v).astype(np.float64),
    "answered": _answered,
    "sum": lambda v: np.asarray(np.sum(v)),
    "mean": _mean,
    "count": lambda v: np.asarray(np.sum(v == 1), dtype=np.float64),
}
