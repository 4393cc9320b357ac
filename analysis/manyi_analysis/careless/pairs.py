"""Pairs of items that should be answered alike or opposed, and whether a respondent does so."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from manyi_analysis.careless.answered import Flags
from manyi_analysis.records.correlated import Correlated
from manyi_analysis.records.notcomputed import NotComputed
from manyi_analysis.records.rows import Floats

#: Fewest pairs a within-person correlation is taken from, as in careless.
FEWEST_PAIRS = 3


@dataclass(frozen=True, slots=True, eq=False)
class ItemPairs:
    """Pairs of items found by their correlation.

    Parameters
    ----------
    items : tuple of str
        All k items.
    chosen : ndarray of float, shape (k, k)
        1 at (i, j) where item i, asked later, pairs with item j, else 0.
    critical : float
        Correlation beyond which a pair counts.
    """

    items: tuple[str, ...]
    chosen: Floats
    critical: float

    @property
    def names(self) -> tuple[tuple[str, str], ...]:
        """Return the pairs by name, the item asked earlier first."""
        later, earlier = np.nonzero(self.chosen)
        return tuple((self.items[j], self.items[i]) for i, j in zip(later, earlier, strict=True))

    def __len__(self) -> int:
        return int(self.chosen.sum())


def psychometric_pairs(moments: Correlated, critical: float) -> ItemPairs | NotComputed:
    """Return the pairs of items whose correlation is beyond a critical value.

    r > critical, or r < critical where it is negative. r is Pearson's, on the rows that have both.

    Parameters
    ----------
    moments : PairwiseMoments or Moments
        Of the items as given, before reverse keying.
    critical : float
        Positive: synonyms, r above it. Negative: antonyms, r below it.

    Returns
    -------
    ItemPairs or NotComputed
        Fewer than three pairs: no respondent would have a within-person correlation.

    Notes
    -----
    R: the pairs of ``careless::psychsyn(x, critval)`` and ``psychant(x, critval)``.

    References
    ----------
    Meade, A. W., & Craig, S. B. (2012). Psychological Methods, 17, 437-455.
    """
    correlation = np.tril(moments.correlation, k=-1)
    with np.errstate(invalid="ignore"):
        found = correlation > critical if critical >= 0 else correlation < critical
    pairs = ItemPairs(tuple(moments.columns), found.astype(np.float64), critical)
    if len(pairs) < FEWEST_PAIRS:
        details = {"found": len(pairs), "needed": FEWEST_PAIRS, "critical": critical}
        return NotComputed("psychometric_pairs", "too-few-item-pairs", details, moments.n)
    return pairs


def within_person_correlation(answers: Floats, pairs: ItemPairs) -> Floats:
    """Return each respondent's correlation across pairs of items (psychometric synonyms or antonyms).

    Attentive respondents answer synonyms alike (high) and antonyms opposed (low).

    r = Pearson's, over the pairs (x_a, x_b) of one respondent.

    Parameters
    ----------
    answers : ndarray, shape (items, respondents)
        As given; NaN is missing, and a pair counts where both items are answered.
    pairs : ItemPairs
        The pairs; of each the item asked later is one variable, the other item the other.

    Returns
    -------
    ndarray, shape (respondents,)
        NaN with fewer than three pairs answered, and where one side of the pairs does not vary.

    Notes
    -----
    R: ``careless::psychsyn(x, critval, resample_na = FALSE)`` 1.2.2. By default careless swaps members of
    pairs at random until a side varies; that gives another number at each run, so we leave it out. The sums
    over pairs are three matrix products, so the cost does not depend on how many pairs there are.

    References
    ----------
    Meade, A. W., & Craig, S. B. (2012). Identifying careless responses in survey data. Psychological Methods,
    17, 437-455; Johnson, J. A. (2005). Journal of Research in Personality, 39, 103-129.
    """
    given = (~np.isnan(answers)).astype(np.float64)
    x = np.where(given > 0, answers, 0.0)
    partner_given, partner, partner_square = (pairs.chosen @ part for part in (given, x, x * x))
    count = np.einsum("ij,ij->j", given, partner_given)
    later, earlier = np.einsum("ij,ij->j", x, partner_given), np.einsum("ij,ij->j", given, partner)
    later_spread = count * np.einsum("ij,ij->j", x * x, partner_given) - later**2
    earlier_spread = count * np.einsum("ij,ij->j", given, partner_square) - earlier**2
    together = count * np.einsum("ij,ij->j", x, partner) - later * earlier
    usable = (count >= FEWEST_PAIRS) & (later_spread > 0) & (earlier_spread > 0)
    r = np.full(len(count), np.nan)
    r[usable] = together[usable] / np.sqrt(later_spread[usable] * earlier_spread[usable])
    return np.asarray(np.clip(r, -1.0, 1.0))


def contradictory_pairs(
    keyed: Floats, pairs: Sequence[tuple[int, int]], low: Floats, high: Floats
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return how many pairs each respondent answered at opposite extremes, and how many were answered.

    A positively keyed and a reverse-keyed item of one scale that are both answered "strongly agree" stand at
    opposite extremes once keyed: a contradiction.

    n = Σ [x_a ≤ low_a and x_b ≥ high_b, or the other way round].

    Parameters
    ----------
    keyed : ndarray, shape (items, respondents)
        Reverse-keyed items recoded; NaN is missing.
    pairs : sequence of (int, int)
        Rows of ``keyed`` that should agree.
    low, high : ndarray, shape (items,)
        An answer at or below ``low`` is at the lower extreme, one at or above ``high`` at the upper one.

    Returns
    -------
    tuple of ndarray of int, shape (respondents,)
        Contradictory pairs; pairs with both items answered.

    References
    ----------
    Weijters, B., Baumgartner, H., & Schillewaert, N. (2013). Reversed item bias: An integrative model.
    Psychological Methods, 18, 320-334; Woods, C. M. (2006). Careless responding to reverse-worded items.
    Journal of Psychopathology and Behavioral Assessment, 28, 186-191. R: ``sum((a <= low & b >= high) | (a
    >= high & b <= low), na.rm = TRUE)`` over pairs.

    Examples
    --------
    >>> answers = np.array([[5.0, 5, np.nan], [1, 4, 1]])
    >>> [part.tolist() for part in contradictory_pairs(answers, [(0, 1)], np.ones(2), np.full(2, 5.0))]
    [[1, 0, 0], [1, 1, 0]]
    """
    return opposite_extremes(keyed <= low[:, None], keyed >= high[:, None], ~np.isnan(keyed), pairs)


def opposite_extremes(
    lowest: Flags, highest: Flags, given: Flags, pairs: Sequence[tuple[int, int]]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return what `contradictory_pairs` does, of answers of which it is known where they stand.

    Parameters
    ----------
    lowest, highest : ndarray of bool, shape (items, respondents)
        Which answers, once keyed, are at the lower and at the upper extreme.
    given : ndarray of bool, shape (items, respondents)
        Which were given: an answer at an extreme is.
    pairs : sequence of (int, int)
        Rows that should agree.

    Returns
    -------
    tuple of ndarray of int, shape (respondents,)
        Contradictory pairs; pairs with both items answered.
    """
    # A pair of short lists, whose extremes overlap, can contradict itself twice.
    narrow = np.min_scalar_type(2 * len(pairs))
    contradicted, answered = (np.zeros(given.shape[1], dtype=narrow) for _ in range(2))
    for a, b in pairs:
        contradicted += lowest[a] & highest[b]
        contradicted += highest[a] & lowest[b]
        answered += given[a] & given[b]
    return contradicted.astype(np.int64), answered.astype(np.int64)
