"""Counts of an outcome's values by group within school: differences naive and clustered from one record."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi_analysis.records.group_counts import GroupCounts, distinct
from manyi_analysis.records.grouped import GroupedMoments, group_codes
from manyi_analysis.records.rows import Floats, column

Counts = NDArray[np.int64]
Positions = NDArray[np.intp]
#: Tables of up to this many cells are counted whole, without sorting.
DENSE = 10_000_000


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
        scores = column(frame, outcome)
        keys, groups = group_codes(frame[by])
        schools: tuple[str, ...] = ()
        place = np.full(len(frame), -1, dtype=np.intp)
        if school is not None:
            schools, place = group_codes(frame[school])
        grouped = groups >= 0
        used = grouped & np.isfinite(scores)
        values, position = distinct(scores[used])
        shape = (len(schools) + 1, len(keys), len(values))
        cells, count = _counted(place[used] + 1, groups[used], position, shape)
        missing = int(np.count_nonzero(grouped)) - int(np.count_nonzero(used))
        ungrouped = int(np.count_nonzero(~grouped))
        return cls(
            outcome, by, schools, keys, values, cells[0] - 1, cells[1], cells[2], count, missing, ungrouped
        )

    def __add__(self, other: "NestedCounts") -> "NestedCounts":
        """Return the counts of both data sets together; ``ValueError`` if outcome or groups differ."""
        if (self.outcome, self.by) != (other.outcome, other.by):
            raise ValueError(f"counts of {self.outcome} by {self.by} and of {other.outcome} by {other.by}")
        schools, _ = group_codes(pd.Series([*self.schools, *other.schools], dtype=object))
        keys, _ = group_codes(pd.Series([*self.keys, *other.keys], dtype=object))
        values = np.union1d(self.values, other.values)
        parts = []
        for record in (self, other):
            # The last entry stands for -1, no school.
            school = np.array([*(schools.index(name) for name in record.schools), -1], dtype=np.intp)
            group = np.array([keys.index(key) for key in record.keys], dtype=np.intp)
            value = np.searchsorted(values, record.values)
            parts.append((school[record.school] + 1, group[record.group], value[record.value]))
        at = [np.concatenate(pieces) for pieces in zip(*parts, strict=True)]
        shape = (len(schools) + 1, len(keys), len(values))
        cells, count = _counted(at[0], at[1], at[2], shape, np.concatenate([self.count, other.count]))
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

    def by_school(self, scores: Floats | None = None) -> GroupedMoments:
        """Return the moments of the outcome and of the groups' dummies, one group of rows a school.

        Respondents without a school are left out, and counted in ``ungrouped``.

        Parameters
        ----------
        scores : ndarray, shape (V,), optional
            What each value counts for, such as its rank; default the value itself.
        """
        given = self.values if scores is None else np.asarray(scores, dtype=np.float64)
        used = self.school >= 0
        school, group = self.school[used], self.group[used]
        weight = self.count[used].astype(np.float64)
        score = given[self.value[used]]
        shift = float(weight @ score / weight.sum()) if weight.size else 0.0
        moved = score - shift
        schools, groups = len(self.schools), len(self.keys)
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
            (self.outcome, *self.dummies()),
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
    school: Positions,
    group: Positions,
    value: Positions,
    shape: tuple[int, int, int],
    weight: Counts | None = None,
) -> tuple[tuple[Positions, ...], Counts]:
    """Return the cells that occur, as positions in each direction, and their counts."""
    flat = (school * shape[1] + group) * shape[2] + value
    size = shape[0] * shape[1] * shape[2]
    if size <= DENSE:
        whole = np.bincount(flat, weight, minlength=size)
        cells = np.flatnonzero(whole)
        count = whole[cells]
    else:
        cells, position = np.unique(flat, return_inverse=True)
        count = np.bincount(position, weight, minlength=len(cells))
    group_and_value = shape[1] * shape[2]
    parts = (cells // group_and_value, cells // shape[2] % shape[1], cells % shape[2])
    return parts, np.rint(count).astype(np.int64)
