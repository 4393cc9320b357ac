"""Size, mean and variance of the groups compared, and what a test needs of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from manyi_analysis.records.grouped import GroupedMoments
from manyi_analysis.records.notcomputed import NotComputed

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """The groups that have respondents.

    Parameters
    ----------
    outcome : str
        What is compared.
    keys : tuple of str
        The G groups.
    n, mean, variance : ndarray, shape (G,)
        Respondents, mean, variance with divisor n - 1 (0 for a group of one).
    missing : int
        Respondents without a value or in no group.
    """

    outcome: str
    keys: tuple[str, ...]
    n: Array
    mean: Array
    variance: Array
    missing: int

    @property
    def total(self) -> int:
        """Return the respondents of all groups."""
        return int(self.n.sum())

    @property
    def sizes(self) -> tuple[int, ...]:
        """Return the respondents of each group."""
        return tuple(int(size) for size in self.n)

    @property
    def within(self) -> float:
        """Return the sum of squares within groups."""
        return float((self.n - 1.0) @ self.variance)

    @property
    def between(self) -> float:
        """Return the sum of squares between groups."""
        mean = float(self.n @ self.mean) / self.total
        return float(self.n @ (self.mean - mean) ** 2)

    def pair(self, a: int, b: int) -> "Samples":
        """Return two of the groups, by position."""
        at = [a, b]
        keys = (self.keys[a], self.keys[b])
        missing = self.missing + self.total - int(self.n[at].sum())
        return Samples(self.outcome, keys, self.n[at], self.mean[at], self.variance[at], missing)


def samples(
    groups: GroupedMoments,
    outcome: str,
    statistic: str,
    keys: Sequence[str] | None = None,
    exactly: int | None = None,
    each: int = 1,
    varying: bool = False,
) -> Samples | NotComputed:
    """Return the groups to be compared, or why they cannot be.

    Parameters
    ----------
    groups : GroupedMoments
        One group of rows a group compared.
    outcome : str
        A column of it.
    statistic : str
        Name of the test.
    keys : sequence of str, optional
        Groups to compare, in that order; default all that have respondents.
    exactly : int, optional
        Groups that the test needs; default two or more.
    each : int
        Respondents that it needs of every group.
    varying : bool
        Whether it needs variance in every group, not only in some.
    """
    column = groups.select((outcome,))
    wanted = tuple(keys) if keys is not None else column.keys
    held = [key for key in wanted if column.group(key).n > 0]
    found = [column.group(key) for key in held]
    n = np.array([moments.n for moments in found], dtype=np.float64)
    total = int(n.sum())
    details: dict[str, object] = {"outcome": outcome, "groups": tuple(held) or len(held)}
    if len(held) < 2:
        return NotComputed(statistic, "difference-few-groups", details, total)
    if exactly is not None and len(held) != exactly:
        details["needed"] = exactly
        return NotComputed(statistic, "difference-number-of-groups", details, total)
    few = tuple(key for key, size in zip(held, n, strict=True) if size < each)
    if few or total <= len(held):
        details = {"outcome": outcome, "groups": few or tuple(held), "needed": max(each, 2)}
        return NotComputed(statistic, "difference-small-groups", details, total)
    variance = np.array([float(m.covariance[0, 0]) if m.n > 1 else 0.0 for m in found])
    constant = tuple(key for key, spread in zip(held, variance, strict=True) if not spread > 0)
    if len(constant) == len(held) or (varying and constant):
        details = {"outcome": outcome, "groups": constant}
        return NotComputed(statistic, "difference-constant-groups", details, total)
    mean = np.array([float(m.mean[0]) for m in found])
    rows = int(column.n.sum()) + column.missing
    return Samples(outcome, tuple(held), n, mean, variance, rows - total)
