"""How the answers to a question without an order are distributed in each group, beside a test of χ²."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from manyi_analysis.differences.compared_groups import COMPLEMENT, compared_groups
from manyi_analysis.level.suppression import SMALL_CELL
from manyi_analysis.level.two_way_suppression import two_way_suppression
from manyi_analysis.records.group_counts import GroupCounts
from manyi_analysis.records.notcomputed import NotComputed
from manyi_analysis.records.rows import Floats

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class AnswerShares:
    """The G × V table of groups and answers behind a test of χ².

    Parameters
    ----------
    outcome : str
    keys : tuple of str
        The G groups compared.
    values : ndarray, shape (V,)
        Answers that somebody gave.
    counts : ndarray of int, shape (G, V)
        Respondents.
    residual : ndarray, shape (G, V)
        Adjusted residuals (o - e)/√(e(1 - row share)(1 - column share)): beyond ±1.96 a cell departs from
        independence at .05, taken by itself and respondents as independent. NaN where all gave one answer.
    hidden, small : ndarray of bool, shape (G, V)
        Cells not shown, and those of them that are small themselves.
    minimum : int
        Smallest cell shown.
    """

    outcome: str
    keys: tuple[str, ...]
    values: Floats
    counts: npt.NDArray[np.int64]
    residual: Floats
    hidden: Mask
    small: Mask
    minimum: int

    def to_frame(self) -> pd.DataFrame:
        """Return one row a group and answer: ``outcome, group, answer, n, share, residual, reason``."""
        counts = self.counts.astype(np.float64)
        sizes = counts.sum(axis=1, keepdims=True)
        kept = ~self.hidden.ravel()
        codes = np.where(self.small.ravel(), SMALL_CELL, COMPLEMENT)
        details = {"minimum": self.minimum}
        return pd.DataFrame(
            {
                "outcome": self.outcome,
                "group": np.repeat(np.array(self.keys, dtype=object), len(self.values)),
                "answer": np.tile(self.values, len(self.keys)),
                "n": np.where(kept, counts.ravel(), np.nan),
                "share": np.where(kept, (counts / np.where(sizes > 0, sizes, np.nan)).ravel(), np.nan),
                "residual": np.where(kept, self.residual.ravel(), np.nan),
                "reason": [
                    "" if shown else NotComputed("share", str(code), details).reason
                    for shown, code in zip(kept, codes, strict=True)
                ],
            }
        )


def answer_shares(counts: GroupCounts, minimum: int = 2, protect: bool = False) -> AnswerShares:
    """Return the shares of every answer in the groups compared, with adjusted residuals.

    share = o / n_g; adjusted residual = (o - e) / √(e (1 - n_g/n)(1 - n_v/n)), e = n_g·n_v/n.

    Parameters
    ----------
    counts : GroupCounts
        Of the outcome.
    minimum : int
        Groups with fewer respondents are left out, at least 2.
    protect : bool
        Hide cells with fewer respondents, and as many others that none of them can be worked out from the
        margins; see `two_way_suppression`. Empty cells may be shown.

    References
    ----------
    Haberman, S. J. (1973). Biometrics 29, 205-220. R: ``chisq.test(table, correct = FALSE)$stdres``.
    """
    held = compared_groups(counts.keys, counts.n, minimum, protect).held
    used = counts.select(held)
    table = used.counts
    hidden = small = np.zeros(table.shape, dtype=bool)
    if protect and table.size:
        hidden = two_way_suppression(table, minimum).cells
        small = (table > 0) & (table < minimum)
    return AnswerShares(
        used.outcome, used.keys, used.values, table, _residuals(table), hidden, small, minimum
    )


def _residuals(table: npt.NDArray[np.int64]) -> Floats:
    observed = table.astype(np.float64)
    total = observed.sum()
    if not total:
        return np.full(observed.shape, np.nan)
    rows, columns = observed.sum(axis=1, keepdims=True), observed.sum(axis=0, keepdims=True)
    expected = rows @ columns / total
    variance = expected * (1.0 - rows / total) * (1.0 - columns / total)
    return np.asarray((observed - expected) / np.sqrt(np.where(variance > 0, variance, np.nan)))
