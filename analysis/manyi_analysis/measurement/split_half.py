"""Split-half reliability of one split: by Spearman and Brown, and by Guttman and Flanagan."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from manyi_analysis.measurement.conditions import unmet
from manyi_analysis.records import Correlated, NotComputed
from manyi_analysis.records.rows import Floats


@dataclass(frozen=True, slots=True)
class SplitHalf:
    """Reliability of a scale from the correlation of its two halves.

    Parameters
    ----------
    first, second : tuple of str
        Items of the halves.
    split : str
        How they were made.
    n, missing : int
        Rows used and dropped.
    r : float
        Correlation of the two sums.
    spearman_brown : float
        Stepped up to the whole length, as if the halves had equal length.
    unequal_length : float
        The same for halves of these lengths (Horst); equal if they are equal.
    guttman : float
        Without assuming equal variances (Guttman, Flanagan, Rulon).
    alpha_first, alpha_second : float or None
        Cronbach's alpha of each half; None of a single item.
    """

    first: tuple[str, ...]
    second: tuple[str, ...]
    split: str
    n: int
    missing: int
    r: float
    spearman_brown: float
    unequal_length: float
    guttman: float
    alpha_first: float | None
    alpha_second: float | None
    method: str = "correlation of the sums of two halves, stepped up"
    source: str = "Spearman (1910); Brown (1910); Guttman (1945); Horst (1951)"

    def to_frame(self) -> pd.DataFrame:
        """Return one row.

        Columns ``split, k_first, k_second, n, missing, r_halves, spearman_brown, spearman_brown_unequal,
        guttman, alpha_first, alpha_second``.
        """
        return pd.DataFrame(
            {
                "split": [self.split],
                "k_first": [len(self.first)],
                "k_second": [len(self.second)],
                "n": [self.n],
                "missing": [self.missing],
                "r_halves": [self.r],
                "spearman_brown": [self.spearman_brown],
                "spearman_brown_unequal": [self.unequal_length],
                "guttman": [self.guttman],
                "alpha_first": np.array([self.alpha_first], dtype=np.float64),
                "alpha_second": np.array([self.alpha_second], dtype=np.float64),
            }
        )


def first_second(items: Sequence[str]) -> tuple[str, ...]:
    """Return the first half; of an odd number the longer one, as SPSS.

    >>> first_second(["a", "b", "c"])
    ('a', 'b')
    """
    return tuple(items[: (len(items) + 1) // 2])


def odd_even(items: Sequence[str]) -> tuple[str, ...]:
    """Return the items at odd places.

    >>> odd_even(["a", "b", "c"])
    ('a', 'c')
    """
    return tuple(items[::2])


def split_half(
    moments: Correlated, first: Sequence[str] | None = None, split: str | None = None
) -> SplitHalf | NotComputed:
    r"""Compute split-half reliability of one split.

    With variances :math:`V_A, V_B` and covariance :math:`c` of the two sums, :math:`r = c / \sqrt{V_A V_B}`:
    Spearman-Brown :math:`2r / (1 + r)`, Guttman :math:`4c / (V_A + V_B + 2c)`; of unequal lengths
    :math:`p = k_A / k` and :math:`q = 1 - p`, Horst
    :math:`\bigl(\sqrt{r^4 + 4 r^2 (1 - r^2) p q} - r^2\bigr) / \bigl(2 (1 - r^2) p q\bigr)`.

    Parameters
    ----------
    moments : Moments or PairwiseMoments
        Of the scale's items, keyed.
    first : sequence of str, optional
        Items of the first half. Default: `first_second`; or give `odd_even` of the items.
    split : str, optional
        Its name; by default ``"first-second"``, ``"odd-even"`` or ``"own"``.

    Returns
    -------
    SplitHalf or NotComputed
        Fewer than two items, a constant item, fewer than two rows, a half whose sum does not vary, halves
        without positive correlation.

    Raises
    ------
    ValueError
        If the first half has an item the moments have not, or no item or all.

    Notes
    -----
    SPSS: RELIABILITY /MODEL=SPLIT; R: ``psych::splitHalf`` looks at all splits, see `guttman_lambdas`.

    References
    ----------
    Horst, P. (1951). Estimating total test reliability from parts of unequal length. Educational and
    Psychological Measurement, 11, 368-371.
    """
    reason = unmet("split_half", moments)
    if reason is not None:
        return reason
    items = moments.columns
    half = first_second(items) if first is None else tuple(first)
    rest = tuple(item for item in items if item not in half)
    if not half or not rest or not set(half) <= set(items):
        raise ValueError(f"{half} is no half of {items}")
    a, b = ([items.index(item) for item in part] for part in (half, rest))
    covariance = moments.covariance
    within_a, within_b = covariance[np.ix_(a, a)], covariance[np.ix_(b, b)]
    variance_a, variance_b = float(within_a.sum()), float(within_b.sum())
    for part, variance, own in ((half, variance_a, within_a), (rest, variance_b, within_b)):
        if variance <= 1e-12 * float(np.trace(own)):
            return NotComputed("split_half", "no-total-variance", {"items": part}, moments.n)
    shared = float(covariance[np.ix_(a, b)].sum())
    r = shared / float(np.sqrt(variance_a * variance_b))
    if r <= 0:
        return NotComputed("split_half", "halves-unrelated", {"r": r, "items": items}, moments.n)
    return SplitHalf(
        first=half,
        second=rest,
        split=split or _name(items, half),
        n=moments.n,
        missing=moments.missing,
        r=r,
        spearman_brown=2 * r / (1 + r),
        unequal_length=_horst(r, len(half) / len(items)),
        guttman=4 * shared / (variance_a + variance_b + 2 * shared),
        alpha_first=_alpha(within_a),
        alpha_second=_alpha(within_b),
    )


def _name(items: tuple[str, ...], half: tuple[str, ...]) -> str:
    if half == first_second(items):
        return "first-second"
    return "odd-even" if half == odd_even(items) else "own"


def _horst(r: float, share: float) -> float:
    """Return the reliability of the whole from halves of unequal length; written so that r = 1 gives 1."""
    product = share * (1 - share)
    square = r * r
    root = float(np.sqrt(square * square + 4 * square * (1 - square) * product))
    return 2 * square / (root + square)


def _alpha(covariance: Floats) -> float | None:
    k = len(covariance)
    if k < 2:
        return None
    return k / (k - 1) * (1 - float(np.trace(covariance) / covariance.sum()))
