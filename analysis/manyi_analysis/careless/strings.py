"""Runs of identical answers: the longest and the average one."""

from itertools import pairwise

import numpy as np

from manyi_analysis.records.rows import Floats


def long_string(answers: Floats) -> Floats:
    """Return the length of each respondent's longest run of identical answers (longstring).

    Parameters
    ----------
    answers : ndarray, shape (items, respondents)
        As given, before reverse keying, in the order asked; NaN is missing.

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
    run = np.ones(answers.shape[1])
    longest = np.ones(answers.shape[1])
    for before, now in pairwise(answers):
        # NaN equals nothing, so a missing answer starts the count anew.
        np.multiply(run, now == before, out=run)
        run += 1.0
        np.maximum(longest, run, out=longest)
    return _where_answered(longest, answers)


def average_string(answers: Floats) -> Floats:
    """Return the mean length of each respondent's runs of identical answers.

    The runs' lengths add up to the number of items, so the mean is items / (1 + changes).

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

    Examples
    --------
    >>> average_string(np.array([[3.0, 1], [3, 2], [3, 1], [2, 2]])).tolist()
    [2.0, 1.0]
    """
    changes = np.zeros(answers.shape[1])
    for before, now in pairwise(answers):
        changes += now != before
    return _where_answered(len(answers) / (1.0 + changes), answers)


def _where_answered(index: Floats, answers: Floats) -> Floats:
    index[np.isnan(answers).all(axis=0)] = np.nan
    return index
