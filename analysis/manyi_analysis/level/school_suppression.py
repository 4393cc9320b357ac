"""Which schools of a table by school to hide, where levels of groups are shown beside it.

The levels of a group are sums over schools as well: primary schools add up to the primary level. What is
shown of one table can be subtracted from the other, so a school must be hidden from both together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from manyi_analysis.level.suppression import small_cells

Array = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class SchoolStructure:
    """Which schools have respondents in which combination of the groups' levels.

    Parameters
    ----------
    schools : int
        The S schools.
    design : (J, K) array
        The J combinations: 1 for everybody, then an indicator a level.
    school, combination : (C,) array of int
        The cells that occur; schools from 0, S for respondents without a school.
    """

    schools: int
    design: Array
    school: Positions
    combination: Positions

    @classmethod
    def of(cls, cells: Positions, levels: Sequence[int], schools: int) -> "SchoolStructure":
        """Read it off the cells of `LevelSums`.

        Parameters
        ----------
        cells : (C, G + 1) array of int
            Position of the school and of the level in each group, -1 for none.
        levels : sequence of int
            Levels of each group.
        schools : int
        """
        found, of_cell = np.unique(cells[:, 1:], axis=0, return_inverse=True)
        design = np.zeros((len(found), 1 + sum(levels)))
        design[:, 0] = 1.0
        start = 1
        for at, size in enumerate(levels):
            rows = np.flatnonzero(found[:, at] >= 0)
            design[rows, start + found[rows, at]] = 1.0
            start += size
        school = np.where(cells[:, 0] < 0, schools, cells[:, 0])
        return cls(schools, design, school, of_cell.ravel())

    def classes(self, hidden: Mask) -> tuple[Positions, Array]:
        """Return the class of each combination, and what tells the classes apart, shape (classes, r).

        A sum of shown levels gives every combination a number. Where the sum is to show hidden schools only,
        a school shown must have the same number everywhere, so that it can be subtracted; combinations in one
        class then have the same number in all such sums.
        """
        shown = ~np.append(hidden, True)[self.school]
        school, combination = self.school[shown], self.combination[shown]
        first = np.full(self.schools + 1, -1, dtype=np.intp)
        first[school[::-1]] = combination[::-1]
        pairs = np.unique(first[school] * len(self.design) + combination)
        rows = self.design[pairs // len(self.design)] - self.design[pairs % len(self.design)]
        values, vectors = np.linalg.eigh(rows.T @ rows)
        free = vectors[:, values < 1e-9 * max(1.0, float(values[-1]))]
        told, of_combination = np.unique(np.round(self.design @ free, 9), axis=0, return_inverse=True)
        return of_combination.ravel(), told


def school_suppression(
    n: Counts, structure: SchoolStructure, by_level: Mapping[str, Counts], minimum: int, outside: int = 0
) -> tuple[Mask, Mask]:
    """Return the schools that are small, and those to hide beside them.

    Parameters
    ----------
    n : (S,) array of int
        Respondents of every school.
    structure : SchoolStructure
        Schools and levels.
    by_level : Mapping
        Group -> respondents by level and school, shape (L, S).
    minimum : int
        Smallest number shown.
    outside : int
        Respondents without a school.

    Returns
    -------
    small, beside : (S,) array of bool

    Notes
    -----
    Hidden schools that no sum of shown numbers can tell apart (see `SchoolStructure.classes`) are taken
    together; where they have fewer than `minimum` respondents, the smallest school shown that cannot be told
    from them is hidden too, and where there is none and they can be computed, the smallest of all. Besides,
    what is left of a level after its schools shown is nobody or has `minimum` respondents. All levels count
    as shown.

    References
    ----------
    Willenborg, L. & de Waal, T. (2001). Elements of Statistical Disclosure Control, ch. 6 (linked tables).
    """
    small = small_cells(n, minimum)
    hidden = small.copy()
    inside = {group: (table == n) & (table > 0) for group, table in by_level.items()}
    while True:
        wanted = _of_class(n, small, hidden, structure, minimum, outside)
        if wanted is None:
            wanted = _of_level(n, hidden, inside, by_level, minimum)
        if wanted is None:
            return small, hidden & ~small
        hidden[wanted] = True


def _smallest(n: Counts, among: Mask) -> int | None:
    """Return the school with fewest respondents among some; None where there is none."""
    found = np.flatnonzero(among & (n > 0))
    return int(found[np.argmin(n[found])]) if len(found) else None


def _of_level(
    n: Counts, hidden: Mask, inside: Mapping[str, Mask], by_level: Mapping[str, Counts], minimum: int
) -> int | None:
    """Return a school to hide because what is left of a level would be small."""
    for group, table in by_level.items():
        within = inside[group]
        rest = np.where(hidden | ~within, table, 0).sum(axis=1)
        for level in np.flatnonzero((rest > 0) & (rest < minimum)):
            wanted = _smallest(n, within[level] & ~hidden)
            if wanted is not None:
                return wanted
    return None


def _of_class(
    n: Counts, small: Mask, hidden: Mask, structure: SchoolStructure, minimum: int, outside: int
) -> int | None:
    """Return a school to hide because hidden ones could be computed."""
    at_risk = hidden & (n > 0)
    if not (small & at_risk).any():
        return None
    alike, told = structure.classes(hidden)
    schools = structure.schools
    has = np.zeros((schools + 1, len(told)), dtype=bool)
    has[structure.school, alike[structure.combination]] = True
    label = _linked(has, np.append(at_risk, True))
    for part in np.unique(label[:schools][small & at_risk]):
        members = at_risk & (label[:schools] == part)
        with_others = int(part == label[schools]) * outside
        if members.sum() + (with_others > 0) > 1 and n[members].sum() + with_others >= minimum:
            continue
        of_members = has[:schools][members].any(axis=0)
        alike_shown = _smallest(n, ~hidden & (has[:schools] & of_members).any(axis=1))
        if alike_shown is not None:
            return alike_shown
        others = has[np.append(at_risk & ~members, True)].any(axis=0)
        if not (of_members & others).any() and _computable(told, of_members, others):
            return _smallest(n, ~hidden)
    return None


def _linked(has: Mask, among: Mask) -> Positions:
    """Return a label for every school: the same for those that share a class, directly or through others."""
    school, of_class = np.nonzero(has & among[:, None])
    size = len(has) + has.shape[1]
    links = coo_array((np.ones(len(school)), (school, len(has) + of_class)), shape=(size, size))
    label: Positions = connected_components(links, directed=False)[1]
    return label[: len(has)]


def _computable(told: Array, members: Mask, others: Mask) -> bool:
    """Return whether a sum of shown numbers is 1 on the members' classes and 0 on those of the others."""
    used = members | others
    wanted = members[used].astype(np.float64)
    found = np.linalg.lstsq(told[used], wanted, rcond=None)[0]
    return bool(np.abs(told[used] @ found - wanted).max() < 1e-7)
