"""Probabilities adjusted for a family of tests: Holm, Bonferroni, and Benjamini and Hochberg."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

Adjustment = Literal["holm", "bonferroni", "bh", "none"]


def adjusted(p: Sequence[float], method: Adjustment = "holm") -> npt.NDArray[np.float64]:
    """Return the adjusted probabilities of one family, in the order given.

    Holm and Bonferroni bound the chance of any false finding, BH the expected share of false ones.

    With p ascending, p_i of m becomes by Holm max_(j ≤ i) (m - j + 1)·p_j, by Bonferroni m·p_i, by BH
    min_(j ≥ i) m·p_j/j, none above 1.

    Parameters
    ----------
    p : sequence of float
        NaN where a test could not be computed; it stays NaN and does not count to the family.
    method : {"holm", "bonferroni", "bh", "none"}
        Adjustment.

    References
    ----------
    Holm, S. (1979). Scandinavian J. of Statistics 6, 65-70; Benjamini, Y. & Hochberg, Y. (1995). J. Royal
    Statistical Society B 57, 289-300. R: ``p.adjust(p, method)``.

    Examples
    --------
    >>> adjusted([0.01, 0.04, 0.03]).tolist()
    [0.03, 0.06, 0.06]
    """
    given = np.asarray(p, dtype=np.float64)
    result = np.full(given.shape, np.nan)
    known = np.flatnonzero(~np.isnan(given))
    order = known[np.argsort(given[known], kind="stable")]
    ascending, m = given[order], len(order)
    rank = np.arange(1, m + 1)
    if method == "holm":
        changed = np.maximum.accumulate((m - rank + 1) * ascending)
    elif method == "bh":
        changed = np.minimum.accumulate((ascending * m / rank)[::-1])[::-1]
    else:
        changed = ascending * (m if method == "bonferroni" else 1)
    result[order] = np.minimum(changed, 1.0)
    return result
