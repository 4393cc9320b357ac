"""Whether answers agree with each other: checks, halves of scales, pairs of items, the pattern as a whole."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi.cleaning.blocks import Block, Floats, blocks, narrowed
from manyi.cleaning.layout import Layout
from manyi.study.cleaning_plan import ReversePairs, Rules
from manyi_analysis.careless import (
    even_odd,
    mahalanobis_metric,
    opposite_extremes,
    psychometric_pairs,
    within_person_correlation,
)
from manyi_analysis.records.notcomputed import NotComputed
from manyi_analysis.records.pairwise import PairwiseMoments
from manyi_analysis.records.threads import one_thread


def failed_checks(block: Block, layout: Layout) -> Floats:
    """Return how many attention checks were answered otherwise than asked, shape (rows,).

    A check left blank is missing, not failed; NaN where none was answered.
    """
    values, given = block.values[layout.check_rows], block.given[layout.check_rows]
    failed = (given & (values != layout.expected[:, None])).sum(axis=0)
    return np.where(given.any(axis=0), failed, np.nan)


def even_odd_index(block: Block, layout: Layout) -> Floats:
    """Return minus the even-odd consistency over the scales, shape (rows,): high is careless.

    Items are taken as a share of their range, so that lists of different length can stand beside each other;
    where all have one length this changes nothing. See :func:`manyi_analysis.careless.even_odd`.
    """
    scales = halved_scales(layout)
    if len(scales) < 2:
        return np.full(block.values.shape[1], np.nan)
    rows = np.concatenate(scales)
    low, high = layout.low[rows, None], layout.high[rows, None]
    keyed, given = layout.keyed(block.values[rows], rows), block.given[rows]
    shares = (keyed - narrowed(low)) * given / (high - low)
    ends = np.cumsum([len(members) for members in scales])
    places = [range(end - len(members), end) for end, members in zip(ends, scales, strict=True)]
    return even_odd(shares, places, given)


def halved_scales(layout: Layout) -> list[NDArray[np.intp]]:
    """Return the rows of each scale that has an even and an odd item."""
    return [rows for rows in layout.scales.values() if len(rows) > 1]


def contradiction_share(block: Block, layout: Layout, rule: ReversePairs) -> Floats:
    """Return the share of pairs answered at opposite extremes once keyed, shape (rows,).

    NaN where fewer than ``minimum_pairs`` are answered. An extreme is one of the ``extreme`` outermost
    answers of the item's list; at the middle of a list both items can honestly be answered alike.
    """
    pairs = layout.pairs(rule.pairs)
    used = np.array(sorted({row for pair in pairs for row in pair}), dtype=np.intp)
    place = {int(row): position for position, row in enumerate(used)}
    keyed, given = layout.keyed(block.values[used], used), block.given[used]
    contradicted, answered = opposite_extremes(
        (keyed <= narrowed(layout.low[used, None] + (rule.extreme - 1))) & given,
        (keyed >= narrowed(layout.high[used, None] - (rule.extreme - 1))) & given,
        given,
        [(place[a], place[b]) for a, b in pairs],
    )
    enough = answered >= rule.minimum_pairs
    return np.where(enough, contradicted / np.maximum(answered, 1), np.nan)


def fitted_indices(
    coded: pd.DataFrame, layout: Layout, rules: Rules
) -> dict[str, tuple[Floats, float] | NotComputed]:
    """Return the indices of rules asked for that need the sample's correlations first: a second pass.

    Parameters
    ----------
    coded : DataFrame
        Coded answers.
    layout : Layout
        Scale items answered from lists enter, as given.
    rules : Rules
        ``synonyms``, ``antonyms``, ``mahalanobis``; others are left alone.

    Returns
    -------
    dict
        Index -> values of shape (respondents,) and, for ``mahalanobis``, the cut that its p stands for (else
        NaN); or why there is no index.
    """
    if rules.synonyms is None and rules.antonyms is None and rules.mahalanobis is None:
        return {}
    columns = tuple(layout.columns[row] for row in layout.choice_rows)
    found: dict[str, tuple[Floats, float] | NotComputed] = {}
    passes: dict[str, Callable[[Floats], Floats]] = {}
    with one_thread():
        moments = _moments(coded, columns, layout)
        for name, rule in (("synonyms", rules.synonyms), ("antonyms", rules.antonyms)):
            if rule is not None:
                pairs = psychometric_pairs(moments, rule.critical)
                if isinstance(pairs, NotComputed):
                    found[name] = pairs
                else:
                    passes[name] = partial(within_person_correlation, pairs=pairs)
                    found[name] = (np.empty(len(coded)), np.nan)
        if rules.mahalanobis is not None:
            metric = mahalanobis_metric(moments)
            if isinstance(metric, NotComputed):
                found["mahalanobis"] = metric
            else:
                passes["mahalanobis"] = metric.squared
                found["mahalanobis"] = (np.empty(len(coded)), metric.cut(rules.mahalanobis.p))
        for block in blocks(coded, columns, layout.questionnaire) if passes else ():
            for name, index in passes.items():
                kept = found[name]
                if not isinstance(kept, NotComputed):
                    kept[0][block.rows] = index(block.answers())
    return found


def _moments(coded: pd.DataFrame, columns: tuple[str, ...], layout: Layout) -> PairwiseMoments:
    """Return the pairwise moments of coded answers, block by block."""
    middle = ((layout.low + layout.high) / 2.0)[layout.choice_rows]
    total: PairwiseMoments | None = None
    for block in blocks(coded, columns, layout.questionnaire):
        part = PairwiseMoments.of(pd.DataFrame(block.answers().T, columns=list(columns)), columns, middle)
        total = part if total is None else total + part
    return total if total is not None else PairwiseMoments.of(coded, columns, middle)
