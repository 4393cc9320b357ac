"""Even-odd consistency: whether the two halves of each scale tell the same."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from manyi_analysis.careless.answered import Answers, Flags, count_true, filled, total
from manyi_analysis.records.rows import Floats

#: Means of a half that are apart by no more than this are the same: rounding of sums of few answers.
_SAME = 1e-9


def even_odd(keyed: Answers, scales: Sequence[Sequence[int]], given: Flags | None = None) -> Floats:
    r"""Return minus each respondent's even-odd consistency: high values are careless.

    In every scale the mean of the items in even places and that of the items in odd places; over the scales
    their correlation r; stepped up to :math:`2r / (1 + r)` (Spearman-Brown), not below -1; the sign turned.

    Parameters
    ----------
    keyed : ndarray, shape (items, respondents)
        Answers to all scales, reverse-keyed items recoded, all on one range; NaN is missing.
    scales : sequence of sequences of int
        Rows of ``keyed`` that make up each scale, in the order asked.
    given : ndarray of bool, optional
        Which answers were given, where that is not told by NaN.

    Returns
    -------
    ndarray, shape (respondents,)
        -1 (the halves agree) to 1. NaN with fewer than two scales that have both halves, or where a half is
        the same in every scale: who straight-lines on keyed items cannot be judged by this index.

    Notes
    -----
    R: ``careless::evenodd(x, factors)`` 1.2.2. We follow it in three places where others differ: since 1.2.0
    the sign is turned, so that high means careless; the Spearman-Brown step is applied to negative r too,
    cut at -1 before the sign is turned; a half is the mean of its items answered, and a scale counts where
    both halves have one.

    References
    ----------
    Johnson, J. A. (2005). Journal of Research in Personality, 39, 103-129. Meade, A. W., & Craig, S. B.
    (2012). Identifying careless responses in survey data. Psychological Methods, 17, 437-455.

    Examples
    --------
    >>> even_odd(np.array([[1.0, 1], [2, 5], [4, 4], [5, 2]]), [[0, 1], [2, 3]]).tolist()
    [-1.0, 1.0]
    """
    shape = (len(scales), keyed.shape[1])
    even, odd = np.full(shape, np.nan), np.full(shape, np.nan)
    keyed, given = filled(keyed, given)
    for number, members in enumerate(scales):
        for half, places in ((even, list(members[1::2])), (odd, list(members[0::2]))):
            half[number] = _mean(keyed[places], given[places])
    both = ~(np.isnan(even) | np.isnan(odd))
    r = _correlation(even, odd, both)
    with np.errstate(divide="ignore", invalid="ignore"):
        stepped = 2.0 * r / (1.0 + r)
    # At r = -1 the step divides by zero; just below 0 it falls without bound.
    stepped = np.where((r <= -1.0) | (stepped < -1.0), -1.0, stepped)
    return np.asarray(0.0 - np.where(np.isnan(r), np.nan, stepped))


def _mean(answers: Answers, given: Flags) -> Floats:
    """Return the mean over the items answered, NaN where none is; ``answers`` are 0 where missing."""
    count = count_true(given)
    return np.asarray(total(answers) / np.where(count > 0, count, np.nan))


def _correlation(a: Floats, b: Floats, both: NDArray[np.bool_]) -> Floats:
    """Return the correlation down the columns over the cells allowed, NaN where a side does not vary."""
    count = both.sum(axis=0).astype(np.float64)
    deviations = []
    varying = count > 1
    for side in (a, b):
        low = np.where(both, side, np.inf).min(axis=0, initial=np.inf)
        high = np.where(both, side, -np.inf).max(axis=0, initial=-np.inf)
        varying &= high - low > _SAME
        middle = np.where(both, side, 0.0).sum(axis=0) / np.maximum(count, 1.0)
        deviations.append(np.where(both, side - middle, 0.0))
    first, second = deviations
    together = np.einsum("ij,ij->j", first, second)
    scale = np.sqrt(np.einsum("ij,ij->j", first, first) * np.einsum("ij,ij->j", second, second))
    r = np.full(len(count), np.nan)
    r[varying] = np.clip(together[varying] / scale[varying], -1.0, 1.0)
    return r
