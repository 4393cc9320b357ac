"""The functions of the expression language: what each takes, what it gives, and how it is computed.

Values are float64, truth values 1 and 0, missing NaN; text is an object array with None for missing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi_instruments.expressions.tree import Kind

Values = NDArray[Any]
#: ``any`` takes every kind; ``same`` the kind of the other ``same`` arguments, which the result has too.
Wanted = Kind | Literal["any", "same"]


@dataclass(frozen=True, slots=True)
class Function:
    """One function.

    Attributes
    ----------
    takes : tuple
        Kind of each argument; the last one stands for all that follow.
    fewest, most : int
        How many arguments; ``most`` None for any number.
    gives : str
        Kind of the result, or ``same``.
    compute : callable
        Arrays of the arguments to the array of the result.
    over_rows : bool
        True where one number is made of all rows. Such a function has no place in a rule that is decided
        while one person answers.
    """

    takes: tuple[Wanted, ...]
    fewest: int
    most: int | None
    gives: Kind | Literal["same"]
    compute: Callable[..., Values]
    over_rows: bool = False

    def wanted(self, number: int) -> Wanted:
        """Return the kind of the argument of that number, from 0."""
        return self.takes[min(number, len(self.takes) - 1)]


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


FUNCTIONS: Mapping[str, Function] = {
    "min": Function(("number",), 2, None, "number", lambda *v: np.minimum.reduce(np.broadcast_arrays(*v))),
    "max": Function(("number",), 2, None, "number", lambda *v: np.maximum.reduce(np.broadcast_arrays(*v))),
    "abs": Function(("number",), 1, 1, "number", np.abs),
    "ceil": Function(("number",), 1, 1, "number", lambda v: np.ceil(_whole(v))),
    "floor": Function(("number",), 1, 1, "number", lambda v: np.floor(_whole(v))),
    "round": Function(("number",), 1, 1, "number", _rounded),
    "if": Function(("truth", "same", "same"), 3, 3, "same", _chosen),
    "first": Function(("same",), 2, None, "same", _first),
    "missing": Function(("any",), 1, 1, "truth", lambda v: is_missing(v).astype(np.float64)),
    "answered": Function(("any",), 1, None, "number", _answered),
    "sum": Function(("number",), 1, 1, "number", lambda v: np.asarray(np.sum(v)), over_rows=True),
    "mean": Function(("number",), 1, 1, "number", _mean, over_rows=True),
    "count": Function(
        ("truth",), 1, 1, "number", lambda v: np.asarray(np.sum(v == 1), dtype=np.float64), over_rows=True
    ),
}

#: ``selected(item, answer)``: whether a single or multiple choice holds an answer. Its first argument is a
#: name, its second a number or text as written, so that it stands apart from the functions of values.
SELECTED = "selected"
#: Over rows, what is missing in one row and what is divided by zero there makes the result missing.
STRICT = ("sum", "mean")
