"""Item discrimination: the upper and the lower 27 % of a scale's total compared on each item."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

from manyi_analysis.differences.comparison import GroupTest
from manyi_analysis.differences.equal_variances import equal_variances
from manyi_analysis.differences.two_means import student_t, welch_t
from manyi_analysis.records import NotComputed, TotalCounts
from manyi_analysis.records.group_counts import GroupCounts
from manyi_analysis.records.rows import Floats
from manyi_analysis.records.tables import Counts

#: Share of the respondents in each of the extreme groups (Kelley, 1939).
SHARE = 0.27
LOW, HIGH = "low", "high"


class TotalTables(Protocol):
    """Tables of a total by each item: `TotalCounts`, or `Tables` with the total among their columns."""

    @property
    def rows(self) -> int:
        """Return the rows read."""

    def answers(self, item: str) -> tuple[Floats, Counts]:
        """Return the totals and how often each occurred."""

    def table(self, a: str, b: str) -> pd.DataFrame:
        """Return the table of total by answer."""


@dataclass(frozen=True, slots=True)
class ExtremeGroups:
    """Respondents of low and of high total.

    Parameters
    ----------
    share : float
        Asked for in each group.
    low_cut, high_cut : float
        Totals at most, and at least, this belong to the low and the high group.
    n, n_low, n_high : int
        Respondents with a total, and in the groups: more than the share where totals are tied at the cut.
    """

    share: float
    low_cut: float
    high_cut: float
    n: int
    n_low: int
    n_high: int


@dataclass(frozen=True, slots=True)
class ItemDiscrimination:
    """One item in the extreme groups. What could not be computed is None, and ``reason`` says why.

    Parameters
    ----------
    item : str
        Its column.
    n_low, n_high : int
        Of the groups, those who answered the item.
    mean_low, mean_high : float or None
        Means in the groups.
    index : float or None
        Difference of the means, divided by the range of the item's answers: 0 to 1 for an item keyed right.
    cr : GroupTest or None
        Critical ratio: Welch's t of high less low.
    pooled : GroupTest or None
        Student's t, which takes the variances as equal.
    variances : GroupTest or None
        Levene's test that they are, from means, as SPSS prints it.
    reason : NotComputed or None
        Why there is no test.
    """

    item: str
    n_low: int
    n_high: int
    mean_low: float | None
    mean_high: float | None
    index: float | None
    cr: GroupTest | None
    pooled: GroupTest | None
    variances: GroupTest | None
    reason: NotComputed | None


@dataclass(frozen=True, slots=True)
class Discrimination:
    """Discrimination of the items of a scale."""

    total: str
    groups: ExtremeGroups
    items: tuple[ItemDiscrimination, ...]
    missing: int
    method: str = "t of extreme groups by total; everyone tied at a cut is in the group"
    source: str = "Kelley (1939); Edwards (1957)"

    def to_frame(self) -> pd.DataFrame:
        """Return one row an item.

        Columns ``item, n, missing, low_cut, high_cut, n_low, n_high, mean_low, mean_high, discrimination,
        cr, df, p, cr_pooled, df_pooled, p_pooled, levene_f, levene_p, reason``: ``cr`` is Welch's, the next
        three Student's.
        """
        groups = self.groups
        rows = []
        for one in self.items:
            rows.append(
                {
                    "item": one.item,
                    "n": groups.n,
                    "missing": self.missing,
                    "low_cut": groups.low_cut,
                    "high_cut": groups.high_cut,
                    "n_low": one.n_low,
                    "n_high": one.n_high,
                    "mean_low": one.mean_low,
                    "mean_high": one.mean_high,
                    "discrimination": one.index,
                    **_test("", one.cr),
                    **_test("_pooled", one.pooled),
                    "levene_f": None if one.variances is None else one.variances.statistic,
                    "levene_p": None if one.variances is None else one.variances.p,
                    "reason": "" if one.reason is None else one.reason.reason,
                }
            )
        frame = pd.DataFrame(rows)
        return frame.astype(dict.fromkeys(list(frame)[3:5] + list(frame)[7:-1], "float64"))


def _test(ending: str, test: GroupTest | None) -> dict[str, float | None]:
    return {
        f"cr{ending}": None if test is None else test.statistic,
        f"df{ending}": None if test is None else test.df1,
        f"p{ending}": None if test is None else test.p,
    }


def item_discrimination(
    tables: TotalTables, total: str, items: Sequence[str], share: float = SHARE
) -> Discrimination | NotComputed:
    r"""Compare the respondents of highest and lowest total on each item (in Chinese texts the CR value).

    The low group is everyone with a total up to that of the respondent at place ``share × n``, rounded, from
    below; the high group likewise from above. Ties at a cut are all in the group, so that the order of the
    rows does not matter; the groups may then be larger than the share, and their sizes are reported.

    An item counts in its own total, which raises its t in short scales; the corrected item-total correlation
    (`item_analysis`) does not suffer from that.

    CR is Welch's :math:`t = (\bar x_H - \bar x_L) / \sqrt{s_H^2/n_H + s_L^2/n_L}`, beside Student's with
    pooled variance and Levene's test; the discrimination index is :math:`(\bar x_H - \bar x_L) / (\max -
    \min)`.

    Parameters
    ----------
    tables : TotalCounts or Tables
        Counts of the total by each item, which add over data sets. `TotalCounts` sums the items itself, over
        complete rows; `Tables` need their pairs, and a column with the total. Declared answers give the range
        of an item.
    total : str
        Column of the scale's sum or mean, missing where the scale has no score.
    items : sequence of str
        Items of the scale, keyed.
    share : float
        Of each group, in (0, .5).

    Returns
    -------
    Discrimination or NotComputed
        Fewer than four respondents; totals so much alike that the groups would overlap; more different
        totals and answers than are counted.

    Raises
    ------
    ValueError
        If the tables hold no pairs.

    Notes
    -----
    R: ``t.test(item ~ group)`` with groups cut at ``sort(total)[round(.27 * n)]``; SPSS: RANK or
    FREQUENCIES, RECODE, T-TEST.

    References
    ----------
    Kelley, T. L. (1939). The selection of upper and lower groups for the validation of test items. Journal
    of Educational Psychology, 30, 17-24. Edwards, A. L. (1957). Techniques of attitude scale construction.
    """
    if isinstance(tables, TotalCounts) and tables.counts is None:
        return NotComputed("item_discrimination", "many-totals", {"items": tables.columns}, tables.rows)
    values, counts = tables.answers(total)
    n = int(counts.sum())
    if n < 4:
        return NotComputed("item_discrimination", "too-few-rows", {"needed": 4}, n)
    place = max(int(np.floor(share * n + 0.5)), 1)
    low_cut = float(values[np.searchsorted(counts.cumsum(), place)])
    high_cut = float(values[::-1][np.searchsorted(counts[::-1].cumsum(), place)])
    if low_cut >= high_cut:
        return NotComputed("item_discrimination", "extreme-groups-overlap", {"cut": low_cut}, n)
    below, above = values <= low_cut, values >= high_cut
    groups = ExtremeGroups(share, low_cut, high_cut, n, int(counts[below].sum()), int(counts[above].sum()))
    return Discrimination(
        total=total,
        groups=groups,
        items=tuple(_item(tables, total, item, np.stack([below, above])) for item in items),
        missing=tables.rows - n,
    )


def _item(
    tables: TotalTables, total: str, item: str, members: "np.ndarray[tuple[int, int], np.dtype[np.bool_]]"
) -> ItemDiscrimination:
    """Return one item's comparison; ``members``, shape (2, totals), says which totals are in which group."""
    table = tables.table(total, item)
    answers: Floats = table.columns.to_numpy(dtype=np.float64)
    counts = members.astype(np.int64) @ table.to_numpy(dtype=np.int64)
    left = int(table.to_numpy().sum() - counts.sum())
    extremes = GroupCounts(item, (LOW, HIGH), answers, counts, 0, left)
    n_low, n_high = (int(size) for size in extremes.n)
    low, high = (
        float(count @ answers / size) if size else None
        for count, size in zip(counts, (n_low, n_high), strict=True)
    )
    span = float(answers[-1] - answers[0]) if len(answers) else 0.0
    index = (high - low) / span if low is not None and high is not None and span > 0 else None
    moments = extremes.moments()
    welch = welch_t(moments, item, (HIGH, LOW))
    pooled = student_t(moments, item, (HIGH, LOW))
    variances = equal_variances(extremes, "mean")
    return ItemDiscrimination(
        item=item,
        n_low=n_low,
        n_high=n_high,
        mean_low=low,
        mean_high=high,
        index=index,
        cr=None if isinstance(welch, NotComputed) else welch,
        pooled=None if isinstance(pooled, NotComputed) else pooled,
        variances=None if isinstance(variances, NotComputed) else variances,
        reason=welch if isinstance(welch, NotComputed) else None,
    )
