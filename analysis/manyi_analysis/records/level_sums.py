"""Sums and counts of outcomes in every level of several groups, by school: what levels are computed from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi_analysis.records.grouped import GroupedMoments, group_codes
from manyi_analysis.records.rows import HEAD, Floats, column

Positions = NDArray[np.intp]
#: The group of everybody, and its one level.
ALL = "all"
#: Tables of up to this many cells are counted whole, without sorting.
DENSE = 10_000_000
#: Sums held of every outcome before those of its cuts: n, Σx, Σx².
N, TOTAL, SQUARE = range(3)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A column whose level is wanted.

    Parameters
    ----------
    name : str
        Item or scale.
    column : str
        Its column of scored answers.
    parts : int
        Divides the column: a sum over so many items is taken as their mean.
    cuts : tuple of float
        Respondents at or above each are counted.
    """

    name: str
    column: str
    parts: int = 1
    cuts: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class LevelSums:
    """Sums of M outcomes by level and school. ``a + b`` is the record of both data sets together.

    Parameters
    ----------
    outcomes : tuple of Outcome
        All with the same number K of cuts.
    groups : tuple of str
        Columns of groups; ``all`` is held besides.
    schools : tuple of str
        The S schools.
    levels : Mapping
        Group -> its L levels.
    shift : ndarray, shape (M,)
        Subtracted from every value before it is summed.
    sums : Mapping
        Group -> array of shape (M, 3 + K, L, S + 1): n, Σ(x - shift), Σ(x - shift)², and how many reach each
        cut; the last school holds those without one. Respondents without a value of the group are in none.
    cells : ndarray of int, shape (C, G + 1)
        The combinations of school and levels of the G groups that occur, as positions; -1 for none.
    rows : ndarray of int, shape (C,)
        Respondents of each, with or without a value.
    """

    outcomes: tuple[Outcome, ...]
    groups: tuple[str, ...]
    schools: tuple[str, ...]
    levels: Mapping[str, tuple[str, ...]]
    shift: Floats
    sums: Mapping[str, Floats]
    cells: Positions
    rows: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        frame: pd.DataFrame,
        outcomes: Sequence[Outcome],
        groups: Sequence[str] = (),
        school: str | None = None,
        shift: Floats | None = None,
    ) -> "LevelSums":
        """Read the sums in one pass; every outcome is over its own values.

        Parameters
        ----------
        frame : DataFrame
            Rows are respondents; NaN and NA are missing.
        outcomes : sequence of Outcome
        groups : sequence of str
            Columns of groups; keys are their values as text, a whole number without decimals.
        school : str, optional
            Column of schools; without it nobody has one.
        shift : ndarray, shape (M,), optional
            Default near the mean of the first rows.
        """
        coded = [group_codes(frame[name]) for name in groups]
        nobody: tuple[tuple[str, ...], Positions] = ((), np.full(len(frame), -1, dtype=np.intp))
        schools, place = nobody if school is None else group_codes(frame[school])
        cells, of_row = _cells(place, len(schools), coded)
        moved = outcome_shift(frame, outcomes) if shift is None else np.asarray(shift, dtype=np.float64)
        by_cell = np.zeros((len(outcomes), 3 + _cuts(outcomes), len(cells)))
        for at, outcome in enumerate(outcomes):
            by_cell[at] = _cell_sums(frame, outcome, of_row, len(cells), float(moved[at]))
        levels = {ALL: (ALL,), **{name: keys for name, (keys, _) in zip(groups, coded, strict=True)}}
        sums = {ALL: _collapsed(by_cell, np.zeros(len(cells), dtype=np.intp), cells[:, 0], 1, len(schools))}
        for at, name in enumerate(groups, start=1):
            sums[name] = _collapsed(by_cell, cells[:, at], cells[:, 0], len(levels[name]), len(schools))
        rows = np.bincount(of_row, minlength=len(cells)).astype(np.int64)
        return cls(tuple(outcomes), tuple(groups), schools, levels, moved, sums, cells, rows)

    def __add__(self, other: "LevelSums") -> "LevelSums":
        """Return the sums of both data sets together; ``ValueError`` if outcomes or groups differ."""
        if (self.outcomes, self.groups) != (other.outcomes, other.groups):
            raise ValueError("level sums of different outcomes or groups")
        second = other.shifted(self.shift)
        schools = _joined(self.schools, second.schools)
        levels = {name: _joined(keys, second.levels[name]) for name, keys in self.levels.items()}
        sums = {}
        for name, keys in levels.items():
            whole = np.zeros((*self.sums[name].shape[:2], len(keys), len(schools) + 1))
            for record in (self, second):
                # Those without a school keep the last place.
                to_school = [*_places(record.schools, schools)[:-1], len(schools)]
                to_level = _places(record.levels[name], keys)[:-1]
                whole[:, :, to_level[:, None], to_school] += record.sums[name]
            sums[name] = whole
        axes = [schools, *(levels[name] for name in self.groups)]
        moved = np.concatenate([record._moved_cells(axes) for record in (self, second)])
        cells, of_row = np.unique(moved, axis=0, return_inverse=True)
        rows = np.bincount(of_row.ravel(), np.concatenate([self.rows, second.rows]), minlength=len(cells))
        counted = np.rint(rows).astype(np.int64)
        return LevelSums(self.outcomes, self.groups, schools, levels, self.shift, sums, cells, counted)

    def _moved_cells(self, axes: Sequence[tuple[str, ...]]) -> Positions:
        own = [self.schools, *(self.levels[name] for name in self.groups)]
        return np.column_stack(
            [
                _places(keys, axis)[self.cells[:, at]]
                for at, (keys, axis) in enumerate(zip(own, axes, strict=True))
            ]
        )

    def shifted(self, shift: Floats) -> "LevelSums":
        """Return the same sums about another shift of shape (M,)."""
        step = (self.shift - shift)[:, None, None]
        if not step.any():
            return self
        sums = {}
        for name, table in self.sums.items():
            moved = table.copy()
            moved[:, TOTAL] += step * table[:, N]
            moved[:, SQUARE] += 2.0 * step * table[:, TOTAL] + step**2 * table[:, N]
            sums[name] = moved
        return LevelSums(
            self.outcomes,
            self.groups,
            self.schools,
            self.levels,
            np.asarray(shift),
            sums,
            self.cells,
            self.rows,
        )

    def place(self, outcome: str) -> int | None:
        """Return the position of an outcome, or None where it was not read."""
        names = [entry.name for entry in self.outcomes]
        return names.index(outcome) if outcome in names else None

    def by_school(self, outcome: str, cut: int | None = None) -> GroupedMoments:
        """Return the moments of an outcome, or of reaching one of its cuts (0 or 1), one group a school."""
        at = self.place(outcome)
        if at is None:
            raise KeyError(outcome)
        table = self.sums[ALL][at, :, 0, :-1]
        n = np.rint(table[N]).astype(np.int64)
        total, square = (table[TOTAL], table[SQUARE]) if cut is None else (table[3 + cut], table[3 + cut])
        shift = np.zeros(1) if cut is not None else self.shift[[at]]
        without = int(np.rint(self.sums[ALL][at, N, 0, -1]))
        dropped = np.zeros(len(n), dtype=np.int64)
        return GroupedMoments(
            (outcome,), self.schools, n, dropped, without, shift, total[:, None], square[:, None, None]
        )


def outcome_shift(frame: pd.DataFrame, outcomes: Sequence[Outcome]) -> Floats:
    """Return a value near each outcome's mean, from the first rows; shape (M,), whole of whole values."""
    shift = np.zeros(len(outcomes))
    for at, outcome in enumerate(outcomes):
        values = column(frame.iloc[:HEAD], outcome.column) / outcome.parts
        values = values[np.isfinite(values)]
        if values.size:
            mean = values.mean()
            shift[at] = np.rint(mean) if np.array_equal(values, np.rint(values)) else mean
    return shift


def _cuts(outcomes: Sequence[Outcome]) -> int:
    counts = {len(outcome.cuts) for outcome in outcomes}
    if len(counts) > 1:
        raise ValueError("outcomes with different numbers of cuts")
    return counts.pop() if counts else 0


def _cells(
    place: Positions, schools: int, coded: Sequence[tuple[tuple[str, ...], Positions]]
) -> tuple[Positions, Positions]:
    """Return the combinations of school and levels that occur, and each row's among them.

    One column after another, so that the combinations that could be are never numbered.
    """
    found, of_row = _occurring(place + 1, schools + 1)
    cells = found[:, None] - 1
    for keys, codes in coded:
        size = len(keys) + 1
        found, of_row = _occurring(of_row * size + codes + 1, len(cells) * size)
        cells = np.column_stack([cells[found // size], found % size - 1])
    return cells, of_row


def _occurring(flat: Positions, size: int) -> tuple[Positions, Positions]:
    """Return the cells that occur, ascending, and each row's position among them."""
    if size > DENSE:
        found, of_row = np.unique(flat, return_inverse=True)
        return found, of_row
    found = np.flatnonzero(np.bincount(flat, minlength=size))
    place = np.zeros(size, dtype=np.intp)
    place[found] = np.arange(len(found))
    return found, place[flat]


def _cell_sums(frame: pd.DataFrame, outcome: Outcome, of_row: Positions, cells: int, shift: float) -> Floats:
    """Return n, sums and counts of one outcome in every cell, shape (3 + K, C)."""
    values = column(frame, outcome.column) / outcome.parts
    used = np.isfinite(values)
    values, at = values[used], of_row[used]
    moved = values - shift
    weights = [None, moved, moved**2, *((values >= cut).astype(np.float64) for cut in outcome.cuts)]
    return np.array([np.bincount(at, weight, minlength=cells) for weight in weights], dtype=np.float64)


def _collapsed(by_cell: Floats, level: Positions, school: Positions, levels: int, schools: int) -> Floats:
    """Return the sums of cells by level and school, those without a level left out."""
    used = level >= 0
    place = np.where(school < 0, schools, school)[used]
    flat = level[used] * (schools + 1) + place
    shape = by_cell.shape[:2]
    size = levels * (schools + 1)
    sums = [np.bincount(flat, row[used], minlength=size) for row in by_cell.reshape(-1, by_cell.shape[2])]
    return np.array(sums, dtype=np.float64).reshape(*shape, levels, schools + 1)


def _joined(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return first if first == second else group_codes(pd.Series([*first, *second], dtype=object))[0]


def _places(keys: tuple[str, ...], among: tuple[str, ...]) -> Positions:
    """Return each key's position among others, and -1 last: where a position of -1 leads."""
    place = {key: at for at, key in enumerate(among)}
    return np.array([*(place[key] for key in keys), -1], dtype=np.intp)
