"""Whether a number reaches a threshold, thresholds included, in spite of rounding in floating point."""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

#: A value short of its threshold by less than this share of it counts as on it. Rounding leaves
#: ``0.85 * 5.3`` or ``100 * t / P`` off by some 1e-16 of themselves; a value of ``100 * t / P`` with whole
#: t and P that misses a threshold near 5 of three decimals misses it by 1 / (5000 P) of it or more: 4e-9 for
#: P = 50,000 pupils.
TOLERANCE = 1e-9


def at_least(values: FloatArray, bound: FloatArray | float) -> BoolArray:
    """Return where values reach a bound or lie on it; a missing value does not.

    Examples
    --------
    >>> bool(at_least(np.array(4.505), 5.3 * 0.85))
    True
    >>> bool(at_least(np.array(4.504), 5.3 * 0.85))
    False
    """
    result: BoolArray = np.asarray(values >= bound - TOLERANCE * np.abs(bound))
    return result


def at_most(values: FloatArray, bound: FloatArray | float) -> BoolArray:
    """Return where values stay within a bound or lie on it; a missing value does not.

    Examples
    --------
    >>> bool(at_most(np.array(0.1 + 0.2), 0.3))
    True
    """
    result: BoolArray = np.asarray(values <= bound + TOLERANCE * np.abs(bound))
    return result
