"""Inclusion probabilities in proportion to size, and the systematic sample that has them."""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def inclusion_probabilities(size: npt.ArrayLike, n: int) -> Array:
    """Return each unit's probability of being among n drawn in proportion to size.

    π_i = n · sizeᵢ / Σ size; units where that is 1 or more are taken with certainty, and the others share
    what is left in the same way, until none exceeds 1.

    Parameters
    ----------
    size : (units,) array-like
        Not negative; a unit of size 0 is never drawn.
    n : int
        Units drawn; all with a size where there are no more than n.

    Returns
    -------
    (units,) array
        Sums to n, or to the number of units with a size.

    References
    ----------
    Särndal, C.-E., Swensson, B. & Wretman, J. (1992). Model Assisted Survey Sampling, sec. 3.6. R:
    ``sampling::inclusionprobabilities(size, n)``.
    """
    sizes = np.asarray(size, dtype=np.float64)
    certain = np.zeros(sizes.shape, dtype=np.bool_)
    if n >= np.count_nonzero(sizes):
        return (sizes > 0).astype(np.float64)
    while True:
        rest = np.where(certain, 0.0, sizes)
        probability = np.where(certain, 1.0, (n - certain.sum()) * rest / rest.sum())
        more = (probability >= 1.0) & ~certain
        if not more.any():
            return probability
        certain |= more


def systematic_sample(probability: npt.ArrayLike, start: float) -> npt.NDArray[np.bool_]:
    """Draw a systematic sample with given inclusion probabilities.

    The probabilities are laid end to end; a unit is drawn where its stretch holds one of the points start,
    start + 1, start + 2 …  The order of the units is an implicit stratification.

    Unit i is drawn where Σ_(j<i) π_j ≤ start + m < Σ_(j≤i) π_j for a whole number m.

    Parameters
    ----------
    probability : (units,) array-like
        From 0 to 1.
    start : float
        Drawn uniformly from [0, 1).

    Returns
    -------
    (units,) array of bool
        As many as the probabilities sum to, where that is whole.

    References
    ----------
    Madow, W. G. (1949). Annals of Mathematical Statistics 20, 333-354. R: ``sampling::UPsystematic(pik)``.

    Examples
    --------
    >>> systematic_sample([0.2, 0.7, 0.8, 0.5, 0.4, 0.4], 0.3).tolist()
    [False, True, True, False, True, False]
    """
    chances = np.asarray(probability, dtype=np.float64)
    certain = chances >= 1.0
    ends = np.concatenate(([0.0], np.cumsum(np.where(certain, 0.0, chances))))
    # Points are counted below each end; sums that are whole but for rounding count as whole.
    passed = np.ceil(np.round(ends - start, 10))
    return np.asarray(certain | (np.diff(passed) > 0))
