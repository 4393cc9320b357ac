"""Trimming: weights held between bounds, their sum kept."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from manyi_analysis.records.notcomputed import NotComputed

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Trimmed:
    """Weights between bounds.

    Parameters
    ----------
    weight : (n,) array
        Sums to what it did before.
    trimmed : int
        Weights that lay outside and stand at a bound now.
    low, high : float
        The bounds.
    """

    weight: Array
    trimmed: int
    low: float
    high: float


def trim(weight: Array, low: float = 0.0, high: float = np.inf) -> Trimmed | NotComputed:
    """Hold weights between bounds; what is cut off or added is divided evenly among the others.

    That may lift others over the bound, so it is repeated until none lies outside.

    w = min(max(w, low), high) + c with c = (Σw before - Σw held) / n(others), until no weight lies outside.

    Parameters
    ----------
    weight : (n,) array
        Without missing values.
    low, high : float
        The bounds.

    Returns
    -------
    Trimmed or NotComputed
        ``trimming-impossible`` where the sum cannot be kept with every weight between the bounds.

    References
    ----------
    Potter, F. J. (1990). Proceedings of the Section on Survey Research Methods, ASA, 225-230. R:
    ``survey::trimWeights(design, lower, upper, strict = TRUE)``.

    Examples
    --------
    >>> trim(np.array([1.0, 1.0, 2.0, 8.0]), high=4.0).weight.round(12).tolist()
    [2.333333333333, 2.333333333333, 3.333333333333, 4.0]
    """
    total = float(weight.sum())
    kept = weight.astype(np.float64)
    bound = np.zeros(weight.shape, dtype=np.bool_)
    while True:
        outside = ~bound & ((kept < low) | (kept > high))
        if not outside.any():
            return Trimmed(kept, int(bound.sum()), low, high)
        bound |= outside
        kept[outside] = np.clip(kept[outside], low, high)
        if bound.all():
            details = {"low": f"{low:g}", "high": f"{high:g}", "mean": f"{total / weight.size:g}"}
            return NotComputed("weights", "trimming-impossible", details, weight.size)
        kept[~bound] += (total - kept.sum()) / np.count_nonzero(~bound)
