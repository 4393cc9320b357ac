"""Patterns of answers as given: one answer throughout, long runs, little or much variation."""

import math

import numpy as np

from manyi.cleaning.blocks import Block, Flag, Floats
from manyi.cleaning.layout import Layout
from manyi.study.cleaning_plan import LongString, StraightLining
from manyi_analysis.careless import long_string, response_variability
from manyi_analysis.careless.answered import count_true


def straight_lining(block: Block, layout: Layout, rule: StraightLining) -> Flag:
    """Flag rows that answer all scale items of one answer list alike, as given, before reverse keying.

    Looked at separately for every answer list, because a person may answer honest 5s on one list and 4s on
    another; a list on which fewer than ``minimum_items`` items are answered says nothing.

    References
    ----------
    Johnson, J. A. (2005). Ascertaining the validity of individual protocols from web-based personality
    inventories. Journal of Research in Personality, 39, 103-129 (long strings of identical answers).
    """
    flag = np.zeros(block.values.shape[1], dtype=bool)
    for rows in layout.lists.values():
        if len(rows) < rule.minimum_items:
            continue
        values, given = block.values[rows], block.given[rows]
        limits = np.finfo(values.dtype) if values.dtype.kind == "f" else np.iinfo(values.dtype)
        # Missing answers, which are 0, are moved out of the way of the smallest and the largest one.
        away = (~given).astype(values.dtype) * limits.max
        low, high = (values + away).min(axis=0), (values - away).max(axis=0)
        flag |= (count_true(given) >= rule.minimum_items) & (low == high)
    return flag


def longest_string(block: Block, layout: Layout) -> Floats:
    """Return the longest run of identical answers to scale items that share an answer list, shape (rows,).

    Items of a list are taken in the order asked, whatever stands between them: a 4 on one list and a 4 on
    another are not the same answer. See :func:`manyi_analysis.careless.long_string`.
    """
    longest = np.full(block.values.shape[1], np.nan)
    for rows in layout.lists.values():
        np.fmax(longest, long_string(block.values[rows], block.given[rows]), out=longest)
    return longest


def longest_allowed(layout: Layout, rule: LongString) -> float:
    """Return the longest run that is not flagged.

    Without ``longest`` it is ``share`` of the scale items of the longest list: Curran (2016, p. 8) proposes
    half the length of the scale.

    References
    ----------
    Curran, P. G. (2016). Methods for the detection of carelessly invalid responses in survey data. Journal of
    Experimental Social Psychology, 66, 4-19.
    """
    if rule.longest is not None:
        return float(rule.longest)
    return float(math.floor(rule.share * max((len(rows) for rows in layout.lists.values()), default=0)))


def variability(block: Block, layout: Layout) -> Floats:
    """Return the standard deviation over the scale items answered from lists, as given, shape (rows,).

    See :func:`manyi_analysis.careless.response_variability`.
    """
    return response_variability(block.values[layout.choice_rows], block.given[layout.choice_rows])
