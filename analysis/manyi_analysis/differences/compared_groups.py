"""Which groups of a breakdown are compared, and which are too small to be shown or would give one away."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from manyi_analysis.level.suppression import SMALL_CELL, complementary_cells
from manyi_analysis.records.notcomputed import NotComputed

#: Code of the catalogue: a group that is large enough, and hidden so that a small one stays hidden.
COMPLEMENT = "small-cell-complement"


@dataclass(frozen=True, slots=True)
class ComparedGroups:
    """The groups of a breakdown, by what is done with them; groups without respondents are in none.

    Parameters
    ----------
    held : tuple of str
        Compared.
    small : tuple of str
        Left out: fewer respondents than the minimum.
    beside : tuple of str
        Left out with them, because a small group would follow from the total less the groups shown.
    minimum : int
        Smallest number compared.
    """

    held: tuple[str, ...]
    small: tuple[str, ...]
    beside: tuple[str, ...]
    minimum: int

    def reason(self, key: str) -> str:
        """Return why a group is not shown, nothing where it is."""
        if key in self.small:
            return NotComputed("group", SMALL_CELL, {"minimum": self.minimum}).reason
        if key in self.beside:
            return NotComputed("group", COMPLEMENT, {"minimum": self.minimum}).reason
        return ""


def compared_groups(
    keys: tuple[str, ...], n: npt.NDArray[np.int64], minimum: int = 2, protect: bool = False
) -> ComparedGroups:
    """Return which groups are compared.

    Parameters
    ----------
    keys : tuple of str
        The G groups.
    n : (G,) array
        Respondents of each who have a value.
    minimum : int
        Groups with fewer respondents are left out, at least 2.
    protect : bool
        Leave out further groups so that no small one follows by subtraction from the total; see
        `complementary_cells`.

    Examples
    --------
    >>> compared_groups(("a", "b", "c", "d"), np.array([80, 4, 35, 20]), 10, protect=True)
    ComparedGroups(held=('a', 'c'), small=('b',), beside=('d',), minimum=10)
    """
    least = max(minimum, 2)
    few = (n > 0) & (n < least)
    beside = complementary_cells(n, least) & (n > 0) if protect else np.zeros(len(keys), dtype=bool)
    held = (n >= least) & ~beside
    names = np.array(keys, dtype=object)
    small, further, kept = (tuple(str(name) for name in names[mask]) for mask in (few, beside, held))
    return ComparedGroups(kept, small, further, least)
