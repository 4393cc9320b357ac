"""What groups are compared on: n, mean, standard deviation, median and mean rank of each."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from manyi_analysis.differences.compared_groups import ComparedGroups, compared_groups
from manyi_analysis.records.group_counts import Counts, GroupCounts
from manyi_analysis.records.rows import Floats


@dataclass(frozen=True, slots=True, eq=False)
class GroupMeans:
    """One outcome in the groups compared.

    Parameters
    ----------
    outcome : str
    keys : tuple of str
        The G groups that have respondents, also those not compared.
    compared : ComparedGroups
        Which of them are; the numbers of the others are NaN.
    n : ndarray, shape (G,)
        Respondents with a value.
    mean, sd : ndarray, shape (G,)
        Divisor n - 1.
    median : ndarray, shape (G,)
        The mean of the two middle values where n is even.
    mean_rank : ndarray, shape (G,)
        Mean of the mid-ranks among the respondents of all groups compared, as in Kruskal and Wallis.
    """

    outcome: str
    keys: tuple[str, ...]
    compared: ComparedGroups
    n: Floats
    mean: Floats
    sd: Floats
    median: Floats
    mean_rank: Floats

    def to_frame(self) -> pd.DataFrame:
        """Return one row a group: ``outcome, group, n, mean, sd, median, mean_rank, reason``."""
        return pd.DataFrame(
            {
                "outcome": self.outcome,
                "group": list(self.keys),
                "n": self.n,
                "mean": self.mean,
                "sd": self.sd,
                "median": self.median,
                "mean_rank": self.mean_rank,
                "reason": [self.compared.reason(key) for key in self.keys],
            }
        )


def group_means(counts: GroupCounts, minimum: int = 2, protect: bool = False) -> GroupMeans:
    """Describe an outcome group by group.

    x̄_g = Σ x / n_g, s_g with n_g - 1, median, and mean of the mid-ranks R̄_g.

    Parameters
    ----------
    counts : GroupCounts
        Of the outcome; respondents without a value are not in it.
    minimum : int
        Groups with fewer respondents show no number, at least 2.
    protect : bool
        Nor further groups from which, and the total, a small one would follow.

    References
    ----------
    Plain moments and ranks; Wilcoxon, F. (1945). Biometrics Bulletin 1, 80-83 (mid-ranks). R: ``tapply(y, g,
    mean)``, ``sd``, ``median``, ``tapply(rank(y), g, mean)``.
    """
    present = counts.select([key for key, n in zip(counts.keys, counts.n, strict=True) if n > 0])
    compared = compared_groups(present.keys, present.n, minimum, protect)
    used = present.select(compared.held)
    at = [present.keys.index(key) for key in compared.held]
    n, mean, sd, median, rank = (np.full(len(present.keys), np.nan) for _ in range(5))
    sizes = used.n.astype(np.float64)
    n[at] = sizes
    mean[at] = used.counts @ used.values / sizes
    squares = (used.counts * (used.values - mean[at][:, None]) ** 2).sum(axis=1)
    sd[at] = np.sqrt(squares / (sizes - 1.0))
    median[at] = [_median(used.values, row) for row in used.counts]
    rank[at] = used.counts @ used.mid_ranks / sizes
    return GroupMeans(counts.outcome, present.keys, compared, n, mean, sd, median, rank)


def _median(values: Floats, counts: Counts) -> float:
    """Return the median of values that occur so often."""
    reached = np.cumsum(counts)
    n = int(reached[-1])
    low, high = (int(np.searchsorted(reached, place)) for place in ((n + 1) // 2, n // 2 + 1))
    return float(values[low] + values[high]) / 2.0
