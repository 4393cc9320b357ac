"""Counts of an outcome's values by group within school: differences naive and clustered from one record."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi_analysis.records.group_counts import GroupCounts
from manyi_analysis.records.grouped import GroupedMoments, group_codes
from manyi_analysis.records.rows import Floats, column

Counts = NDArray[np.int64]
Positions = NDArray[np.intp]
#: The keys of a column of groups, and each row's position among them, -1 where it has none.
Codes = tuple[tuple[str, ...], Positions]
#: Tables of up to this many cells are counted whole, without sorting.
DENSE = 10_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """Where every respondent stands among schools and groups: found once, used for every outcome.

    Parameters
    ----------
    by : str
        Column of groups.
    schools, keys : tuple of str
        The S schools and the G groups.
    cell : ndarray of int, shape (rows,)
        ``(school + 1) (G + 1) + group + 1``, a position of -1 standing for none.
    """

    by: str
    schools: tuple[str, ...]
    keys: tuple[str, ...]
    cell: Positions

    @classmethod
    def of(
        cls,
        frame: pd.DataFrame,
        by: str,
        school: str | None = None,
        codes: Callable[[str], Codes] | None = None,
    ) -> "Placed":
        """Find them; `codes` returns a column's `group_codes` where these are kept between calls."""
        keys, groups = group_codes(frame[by]) if codes is None else codes(by)
        if school is None:
            return cls(by, (), keys, groups + 1)
        schools, place = group_codes(frame[school]) if codes is None else codes(school)
        return cls(by, schools, keys, (place + 1) * (len(keys) + 1) + (groups + 1))


def positions(scores: Floats) -> tuple[Floats, Positions]:
    """Return the distinct finite values, ascending, and each score's position among them, -1 if missing.

    >>> positions(np.array([2.5, np.nan, 1.0]))[1].tolist()
    [1, -1, 0]
    """
    codes, values = pd.factorize(np.where(np.isfinite(scores), scores, np.nan))
    order = np.argsort(values)
    place = np.full(len(values) + 1, -1, dtype=np.intp)
    place[order] = np.arange(len(values))
    return np.asarray(values[order]), place[codes]


@dataclass(frozen=True, slots=True, eq=False)
class NestedCounts:
    """How often each value of one outcome was given in each group of each school; only cells that occur.

    ``a + b`` is the record of both data sets together. From it follow the group counts (rank tests), the
    moments by group (t, analysis of variance) and the moments by school (clustered errors), all exact.

    Parameters
    ----------
    outcome, by : str
        Outcome and column of groups.
    schools, keys : tuple of str
        Schools and groups.
    values : ndarray, shape (V,)
        Distinct values, ascending.
    school, group, value : ndarray of int, shape (C,)
        Position of every cell among schools (-1 without one), groups and values.
    count : ndarray of int, shape (C,)
        Respondents of the cell.
    missing : int
        Respondents of a group who have no value.
    ungrouped : int
        Respondents in no group.
    """

    outcome: str
    by: str
    schools: tuple[str, ...]
    keys: tuple[str, ...]
    values: Floats
    school: Positions
    group: Positions
    value: Positions
    count: Counts
    missing: int
    ungrouped: int

    @classmethod
    def of(cls, frame: pd.DataFrame, outcome: str, by: str, school: str | None = None) -> "NestedCounts":
        """Count in one pass.

        Parameters
        ----------
        frame : DataFrame
            Rows are respondents; NaN and NA are missing.
        outcome : str
            Numeric column.
        by : str
            Column of groups; keys are its values as text, a whole number without decimals.
        school : str, optional
            Column of schools; without it all respondents are without a school.
        """
        return cls.placed(outcome, positions(column(frame, outcome)), Placed.of(frame, by, school))

    @classmethod
    def placed(cls, outcome: str, given: tuple[Floats, Positions], at: Placed) -> "NestedCounts":
        """Count an outcome whose `positions` are known, of respondents whose places are known."""
        values, value = given
        # One row more in each direction holds those without a school, a group or a value.
        shape = (len(at.schools) + 1, len(at.keys) + 1, len(values) + 1)
        (school, group, place), count = _counted(at.cell * shape[2] + (value + 1), shape)
        used = (group > 0) & (place > 0)
        return cls(
            outcome,
            at.by,
            at.schools,
            at.keys,
            values,
            school[used] - 1,
            group[used] - 1,
            place[used] - 1,
            count[used],
            missing=int(count[(group > 0) & (place == 0)].sum()),
            ungrouped=int(count[group == 0].sum()),
        )

    def __add__(self, other: "NestedCounts") -> "NestedCounts":
        """Return the counts of both data sets together; ``ValueError`` if outcome or groups differ."""
        if (self.outcome, self.by) != (other.outcome, other.by):
            raise ValueError(f"counts of {self.outcome} by {self.by} and of {other.outcome} by {other.by}")
        schools, _ = group_codes(pd.Series([*self.schools, *other.schools], dtype=object))
        keys, _ = group_codes(pd.Series([*self.keys, *other.keys], dtype=object))
        values = np.union1d(self.values, other.values)
        place_of = {name: position for position, name in enumerate(schools)}
        parts = []
        for record in (self, other):
            # The last entry stands for -1, no school.
            school = np.array([*(place_of[name] for name in record.schools), -1], dtype=np.intp)
            group = np.array([keys.index(key) for key in record.keys], dtype=np.intp)
            value = np.searchsorted(values, record.values)
            cell = (school[record.school] + 1) * len(keys) + group[record.group]
            parts.append(cell * len(values) + value[record.value])
        shape = (len(schools) + 1, len(keys), len(values))
        cells, count = _counted(np.concatenate(parts), shape, np.concatenate([self.count, other.count]))
        return NestedCounts(
            self.outcome,
            self.by,
            schools,
            keys,
            values,
            cells[0] - 1,
            cells[1],
            cells[2],
            count,
            self.missing + other.missing,
            self.ungrouped + other.ungrouped,
        )

    @property
    def nested(self) -> bool:
        """Return whether two schools or more have respondents."""
        held = self.school[self.school >= 0]
        return bool(held.size) and bool(held.min() != held.max())

    @property
    def without_school(self) -> int:
        """Return the respondents used who have no school."""
        return int(self.count[self.school < 0].sum())

    def select(self, keys: Sequence[str]) -> "NestedCounts":
        """Return the counts of some of the groups; respondents of the others count as in no group."""
        if tuple(keys) == self.keys:
            return self
        place = np.full(len(self.keys), -1, dtype=np.intp)
        for position, key in enumerate(keys):
            place[self.keys.index(key)] = position
        kept = place[self.group] >= 0
        left = int(self.count[~kept].sum())
        return replace(
            self,
            keys=tuple(keys),
            school=self.school[kept],
            group=place[self.group[kept]],
            value=self.value[kept],
            count=self.count[kept],
            ungrouped=self.ungrouped + left,
        )

    def by_group(self) -> GroupCounts:
        """Return the counts by group, over all schools."""
        size = (len(self.keys), len(self.values))
        flat = self.group * size[1] + self.value
        counts = np.bincount(flat, self.count, minlength=size[0] * size[1]).reshape(size)
        given = counts.sum(axis=0) > 0
        return GroupCounts(
            self.outcome,
            self.keys,
            self.values[given],
            np.rint(counts[:, given]).astype(np.int64),
            self.missing,
            self.ungrouped,
        )

    def dummies(self) -> tuple[str, ...]:
        """Return the names of the dummies of every group but the first."""
        return tuple(f"{self.by}={key}" for key in self.keys[1:])

    def by_school(self, scores: Floats | None = None, dummies: bool = True) -> GroupedMoments:
        """Return the moments of the outcome and of the groups' dummies, one group of rows a school.

        Respondents without a school are left out, and counted in ``ungrouped``.

        Parameters
        ----------
        scores : ndarray, shape (V,), optional
            What each value counts for, such as its rank; default the value itself.
        dummies : bool
            False for the moments of the outcome alone.
        """
        given = self.values if scores is None else np.asarray(scores, dtype=np.float64)
        known = self.school >= 0
        # Where all have a school, as mostly, nothing is copied.
        used = slice(None) if known.all() else known
        school = self.school[used]
        group = self.group[used] if dummies else np.zeros(len(school), dtype=np.intp)
        weight = self.count[used].astype(np.float64)
        score = given[self.value[used]]
        shift = float(weight @ score / weight.sum()) if weight.size else 0.0
        moved = score - shift
        schools, groups = len(self.schools), len(self.keys) if dummies else 1
        flat = school * groups + group
        shape = (schools, groups)
        n = np.bincount(flat, weight, minlength=schools * groups).reshape(shape)
        total = np.bincount(flat, weight * moved, minlength=schools * groups).reshape(shape)
        square = np.bincount(school, weight * moved**2, minlength=schools)
        sums = np.column_stack([total.sum(axis=1), n[:, 1:]])
        cross = np.zeros((schools, groups, groups))
        cross[:, 0, 0] = square
        cross[:, 0, 1:] = cross[:, 1:, 0] = total[:, 1:]
        inner = np.arange(1, groups)
        cross[:, inner, inner] = n[:, 1:]
        rows = np.rint(n.sum(axis=1)).astype(np.int64)
        shifts = np.concatenate([[shift], np.zeros(groups - 1)])
        out = self.ungrouped + self.missing + self.without_school
        return GroupedMoments(
            (self.outcome, *(self.dummies() if dummies else ())),
            self.schools,
            rows,
            np.zeros(schools, np.int64),
            out,
            shifts,
            sums,
            cross,
        )

    def to_frame(self) -> pd.DataFrame:
        """Return one row a cell: ``outcome, by, school, group, value, n``."""
        names = np.array([*self.schools, ""], dtype=object)
        return pd.DataFrame(
            {
                "outcome": self.outcome,
                "by": self.by,
                "school": names[self.school],
                "group": np.array(self.keys, dtype=object)[self.group],
                "value": self.values[self.value],
                "n": self.count,
            }
        )


def _counted(
    flat: Positions, shape: tuple[int, int, int], weight: Counts | None = None
) -> tuple[tuple[Positions, Positions, Positions], Counts]:
    """Return the cells that occur, as positions in each of three directions, and their counts.

    Parameters
    ----------
    flat : (rows,) array of int
        Position of each row in the table of that shape, last direction fastest.
    shape : tuple of int
    weight : (rows,) array of int, optional
        What each row counts for.
    """
    size = shape[0] * shape[1] * shape[2]
    if size <= DENSE:
        whole = np.bincount(flat, weight, minlength=size)
        cells = np.flatnonzero(whole)
        count = whole[cells]
    else:
        cells, position = np.unique(flat, return_inverse=True)
        count = np.bincount(position, weight, minlength=len(cells))
    plane = shape[1] * shape[2]
    parts = (cells // plane, cells // shape[2] % shape[1], cells % shape[2])
    return parts, np.rint(count).astype(np.int64)
