"""Whole numbers in proportion to sizes: the method of largest remainders, with least and most."""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]


def allocate(
    size: npt.ArrayLike, total: int, least: npt.ArrayLike = 0, most: npt.ArrayLike | None = None
) -> Whole:
    """Divide a total into whole parts in proportion to sizes.

    Every part gets the whole number below its quota total · sizeᵢ / Σ size; what is left goes one by one to
    the largest remainders (of equal ones, to the first). A part whose quota lies outside its bounds is set to
    the bound, and the rest is divided among the others anew.

    n_i = ⌊total·size_i/Σsize⌋, plus 1 for the largest remainders.

    Parameters
    ----------
    size : (parts,) array-like
        Not negative. Parts of size 0 get no more than their least.
    total : int
        What is divided. Moved to the sum of `least` or of `most` where it lies outside: compare the sum of
        the result with it.
    least, most : array-like, optional
        Bounds, one number or one a part; `most` is nowhere below `least`.

    Returns
    -------
    (parts,) array of int

    References
    ----------
    The method of Hamilton (1792), or Hare's quota with largest remainders; Balinski, M. L. & Young, H. P.
    (2001). Fair Representation, 2nd ed., ch. 2. R: ``floor(q) + (rank(-(q %% 1)) <= total - sum(floor(q)))``
    with ``q <- total * size / sum(size)``.

    Examples
    --------
    >>> allocate([47000, 16000, 15900, 12000, 6000, 3100], 10).tolist()
    [5, 2, 1, 1, 1, 0]
    >>> allocate([90, 9, 1], 10, least=1).tolist()
    [8, 1, 1]
    """
    sizes = np.asarray(size, dtype=np.float64)
    low = np.broadcast_to(np.asarray(least, dtype=np.int64), sizes.shape)
    high = np.broadcast_to(
        np.asarray(np.iinfo(np.int64).max // max(1, 2 * sizes.size) if most is None else most, np.int64),
        sizes.shape,
    )
    high = np.where(sizes > 0, high, low)
    wanted = int(np.clip(total, low.sum(), high.sum()))
    parts = low.copy()
    free = np.ones(sizes.shape, dtype=np.bool_)
    while free.any() and sizes[free].sum() > 0:
        quota = (wanted - parts[~free].sum()) * sizes / sizes[free].sum()
        below, above = free & (quota < low), free & (quota > high)
        if not (below | above).any():
            parts[free] = _hamilton(quota[free])
            break
        # Bounds on one side only are fixed at a time: fixing both can push parts over the other bound.
        lacking = float((low - quota)[below].sum())
        beyond = float((quota - high)[above].sum())
        fixed = below if lacking >= beyond else above
        parts[fixed] = np.where(lacking >= beyond, low, high)[fixed]
        free &= ~fixed
    return parts


def _hamilton(quota: Array) -> Whole:
    # A quota that is whole but for rounding must not lose its unit.
    whole = np.floor(quota + 1e-9).astype(np.int64)
    left = round(float(quota.sum())) - int(whole.sum())
    order = np.argsort(-(quota - whole), kind="stable")
    whole[order[:left]] += 1
    return whole
