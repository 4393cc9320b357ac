"""Runs of identical answers: the longest and the average one."""

from itertools import pairwise

import numpy as np

from manyi_analysis.careless.answered import Answers, Flags, filled
from manyi_analysis.records.rows import Floats


def long_string(answers: Answers, given: Flags | None = None) -> Floats:
    """Return the length of each respondent's longest run of identical answers (longstring).

    L = max length of a run x_i = x_(i+1) = … = x_(i+L-1).

    Parameters
    ----------
    answers : ndarray, shape (items, respondents)
        As given, before reverse keying, in the order asked; NaN is missing.
    given : ndarray of bool, optional
        Which answers were given, where that is not told by NaN.

    Returns
    -------
    ndarray, shape (respondents,)
        1 to the number of items. NaN for who answered nothing.

    Notes
    -----
    R: ``careless::longstring(x)`` 1.2.2, which takes runs from ``rle``: a missing answer ends a run and is a
    run of its own. We follow it, but for rows without any answer, where careless returns 1.

    References
    ----------
    Johnson, J. A. (2005). Ascertaining the validity of individual protocols from web-based personality
    inventories. Journal of Research in Personality, 39, 103-129.

    Examples
    --------
    >>> long_string(np.array([[3.0, 1], [3, np.nan], [3, 1], [2, 2]])).tolist()
    [3.0, 1.0]
    """
    answers, given = filled(answers, given)
    # In the narrowest type that can count the items: counting is most of the work.
    run = np.ones(answers.shape[1], dtype=np.min_scalar_type(len(answers)))
    longest = run.copy()
    for (before, now), (had, has) in zip(pairwise(answers), pairwise(given), strict=True):
        # A missing answer starts the count anew.
        run *= (now == before) & had & has
        run += 1
        np.maximum(longest, run, out=longest)
    return _where_answered(longest.astype(np.float64), given)


def average_string(answers: Floats) -> Floats:
    """Return the mean length of each respondent's runs of identical answers.

    The runs' lengths add up to the number of items, so the mean is items / (1 + changes).

    average = k / (1 + n(changes)).

    Parameters
    ----------
    answers : ndarray, shape (items, respondents)
        As in :func:`long_string`, missing answers too.

    Returns
    -------
    ndarray, shape (respondents,)
        NaN for who answered nothing.

    Notes
    -----
    R: ``careless::longstring(x, avg = TRUE)$avgstr`` 1.2.2.

    References
    ----------
    Meade, A. W., & Craig, S. B. (2012). Identifying careless responses in survey data. Psychological
    Methods, 17, 437-455.

    Examples
    --------
    >>> average_string(np.array([[3.0, 1], [3, 2], [3, 1], [2, 2]])).tolist()
    [2.0, 1.0]
    """
    changes = np.zeros(answers.shape[1])
    for before, now in pairwise(answers):
        changes += now != before
    return _where_answered(len(answers) / (1.0 + changes), ~np.isnan(answers))


def _where_answered(index: Floats, given: Flags) -> Floats:
    index[~given.any(axis=0)] = np.nan
    return index
