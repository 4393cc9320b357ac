"""Which items a respondent answered, how many, and what the answers add up to."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
#: Answers as float64, NaN where missing; or as float64 or int8, 0 where missing, beside which were given.
Answers = NDArray[Any]


def filled(answers: Answers, given: Flags | None) -> tuple[Answers, Flags]:
    """Return answers with 0 where missing, and which were given: as told, else all that are not NaN.

    >>> filled(np.array([[1.0, np.nan]]), None)
    (array([[1., 0.]]), array([[ True, False]]))
    """
    if given is not None:
        return answers, given
    given = np.asarray(~np.isnan(answers))
    return np.where(given, answers, 0.0), given


def count_true(flags: Flags) -> NDArray[np.unsignedinteger[Any]]:
    """Return how many rows are true in each column, in the narrowest type that can hold the number of rows.

    Bytes are added as bytes: several times faster than in the integers that `numpy.sum` takes.

    >>> count_true(np.array([[True, False], [True, True]]))
    array([2, 1], dtype=uint8)
    """
    return np.asarray(np.add.reduce(flags.view(np.uint8), axis=0, dtype=np.min_scalar_type(len(flags))))


def total(values: Answers) -> Answers:
    """Return the sum of each column: of whole numbers up to 16 bits as int32, else as float64."""
    return np.asarray(np.add.reduce(values, axis=0, dtype=np.promote_types(values.dtype, np.int32)))


def squares(values: Answers) -> Answers:
    """Return the squares, of int8 as int16, which can hold them."""
    return np.multiply(values, values, dtype=np.promote_types(values.dtype, np.int16))
