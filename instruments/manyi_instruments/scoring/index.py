"""Satisfaction indices by name: four definitions are in use, and a number without its name says nothing.

Each takes scores with the lowest and highest value they can have and returns what one respondent counts for,
from 0 to 100. The index of a group is the mean over its respondents; NaN stays NaN and is left out of it.
"""

from collections.abc import Callable, Mapping
from typing import Literal, cast, get_args

import numpy as np
import pandas as pd

IndexDefinition = Literal["share_of_maximum", "share_of_range", "top2", "satisfied"]
#: Definitions under which a respondent counts for 0 or 100, so that the index is a share.
SHARES: tuple[IndexDefinition, ...] = ("top2", "satisfied")


def share_of_maximum(scores: pd.Series, low: float, high: float) -> pd.Series:
    """Return ``x / high * 100``: the share of the highest score possible.

    Parameters
    ----------
    scores : Series, shape (respondents,)
        Item answers (reverse-keyed ones recoded) or scale scores, NaN where missing.
    low, high : float
        Smallest and largest value a score can have.

    Returns
    -------
    Series, shape (respondents,)
        Percent, NaN where the score is.

    Notes
    -----
    The lowest answer of a 1-5 list counts 20, not 0: the index flatters. It is common in Chinese reports
    (x/5 x 100) and is kept so that they can be compared with.

    Raises
    ------
    ValueError
        If ``low`` is not below ``high``, or ``high`` is not positive.

    Examples
    --------
    >>> share_of_maximum(pd.Series([1.0, 4.0]), 1, 5).tolist()
    [20.0, 80.0]
    """
    _bounded(low, high)
    if high <= 0:
        raise ValueError(f"share_of_maximum needs a positive highest value, not {high:g}")
    return scores / high * 100


def share_of_range(scores: pd.Series, low: float, high: float) -> pd.Series:
    """Return ``(x - low) / (high - low) * 100``: 0 for the lowest answer, 100 for the highest (POMP).

    Parameters
    ----------
    scores, low, high
        As in :func:`share_of_maximum`.

    Returns
    -------
    Series, shape (respondents,)
        Percent of maximum possible, NaN where the score is.

    References
    ----------
    Cohen, Cohen, Aiken & West (1999), The problem of units and the circumstance for POMP. Multivariate
    Behavioral Research 34(3), 315-346.

    Examples
    --------
    >>> share_of_range(pd.Series([1.0, 4.0]), 1, 5).tolist()
    [0.0, 75.0]
    """
    _bounded(low, high)
    return (scores - low) / (high - low) * 100


def top2(scores: pd.Series, low: float, high: float) -> pd.Series:
    """Return 100 for scores in the two highest answers, 0 for the others (满意率, top-two box).

    Parameters
    ----------
    scores, low, high
        As in :func:`share_of_maximum`. Answers are taken to be one apart: the two highest are ``high`` and
        ``high - 1``; a scale score counts from ``high - 1`` up. Of two answers both are the two highest: use
        ``satisfied`` there.

    Returns
    -------
    Series, shape (respondents,)
        100 or 0, NaN where the score is. The mean is the share in percent.

    Examples
    --------
    >>> top2(pd.Series([3.0, 4.0, 5.0]), 1, 5).tolist()
    [0.0, 100.0, 100.0]
    """
    _bounded(low, high)
    return _at_least(scores, share_cut("top2", low, high))


def satisfied(scores: pd.Series, low: float, high: float) -> pd.Series:
    """Return 100 for scores at or above the middle of their range, 0 for the others (满意 + 基本满意).

    The national surveys ask with three answers, 满意, 基本满意 and 不满意, and count the first two: on 1-3
    that is the middle answer and above. The same rule on 1-5 counts 3 and above (一般 as 基本满意), on 1-4
    the upper two, on 1-7 4 and above, on no/yes the yes. How the 85 per cent of 社会认可度 is scored from
    more than three answers is not published; whoever takes 一般 for not satisfied should name ``top2``.

    Parameters
    ----------
    scores, low, high
        As in :func:`share_of_maximum`.

    Returns
    -------
    Series, shape (respondents,)
        100 or 0, NaN where the score is. The mean is the share in percent.

    Examples
    --------
    >>> satisfied(pd.Series([1.0, 2.0, 3.0]), 1, 3).tolist()
    [0.0, 100.0, 100.0]
    """
    _bounded(low, high)
    return _at_least(scores, share_cut("satisfied", low, high))


def share_cut(definition: IndexDefinition, low: float, high: float) -> float:
    """Return the smallest score that counts, for the definitions under which an index is a share.

    Examples
    --------
    >>> share_cut("top2", 1, 5), share_cut("satisfied", 1, 5)
    (4, 3.0)
    """
    if definition not in SHARES:
        raise ValueError(f"{definition} is no share")
    return high - 1 if definition == "top2" else (low + high) / 2


INDEX_DEFINITIONS: Mapping[IndexDefinition, Callable[[pd.Series, float, float], pd.Series]] = {
    "share_of_maximum": share_of_maximum,
    "share_of_range": share_of_range,
    "top2": top2,
    "satisfied": satisfied,
}


def respondent_index(scores: pd.Series, low: float, high: float, definition: IndexDefinition) -> pd.Series:
    """Return what each respondent counts for under the index of that name.

    Raises
    ------
    ValueError
        If there is no index of that name, or the bounds are no range.
    """
    if definition not in INDEX_DEFINITIONS:
        raise ValueError(f"no index {definition!r}; there are {', '.join(get_args(IndexDefinition))}")
    return INDEX_DEFINITIONS[definition](scores, low, high)


def _at_least(scores: pd.Series, threshold: float) -> pd.Series:
    values = scores.to_numpy(dtype=float, na_value=np.nan)
    counted = np.where(np.isnan(values), np.nan, 100.0 * (values >= threshold))
    return cast(pd.Series, pd.Series(counted, index=scores.index, name=scores.name))


def _bounded(low: float, high: float) -> None:
    if not low < high:
        raise ValueError(f"low must be below high, not {low:g} and {high:g}")
