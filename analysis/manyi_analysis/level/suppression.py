"""Small cells that must not be shown, and those that must not be shown because of them."""

import numpy as np
import numpy.typing as npt

#: Code of the catalogue: why a group that could identify persons is not shown.
SMALL_CELL = "small-cell"


def small_cells(n: npt.NDArray[np.int64], minimum: int) -> npt.NDArray[np.bool_]:
    """Return which levels of a breakdown have fewer than `minimum` respondents.

    Parameters
    ----------
    n : (levels,) array
        Respondents of every level.
    minimum : int
        Smallest number shown.
    """
    return np.asarray(n < minimum)


def complementary_cells(n: npt.NDArray[np.int64], minimum: int, outside: int = 0) -> npt.NDArray[np.bool_]:
    """Return which further levels to hide, so that no small one follows by subtraction from the total.

    The smallest levels shown are hidden one by one until at least two with respondents are hidden and
    together they have `minimum` respondents: what can be subtracted is then never a small cell.
    Respondents in no level are hidden too: where they are few, the total less all levels would show them.

    Parameters
    ----------
    n : (levels,) array
        Respondents of every level.
    minimum : int
        Smallest number shown.
    outside : int
        Respondents who are in the total and in no level.

    References
    ----------
    Willenborg, L. & de Waal, T. (2001). Elements of Statistical Disclosure Control, ch. 6 (secondary
    suppression).

    Examples
    --------
    >>> complementary_cells(np.array([80, 4, 35, 20]), 10).tolist()
    [False, False, False, True]
    >>> complementary_cells(np.array([80, 35, 20]), 10, outside=3).tolist()
    [False, False, True]
    """
    small = small_cells(n, minimum)
    hidden = small.copy()
    if not (small & (n > 0)).any() and not 0 < outside < minimum:
        return np.zeros_like(hidden)
    for level in np.argsort(n, kind="stable"):
        at_risk = hidden & (n > 0)
        if at_risk.sum() + (outside > 0) >= 2 and n[at_risk].sum() + outside >= minimum:
            break
        hidden[level] = True
    return np.asarray(hidden & ~small)
