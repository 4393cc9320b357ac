"""Tables by school beside tables by group: what a reader could work out, solved as linear equations."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from manyi_analysis.level.school_suppression import SchoolStructure, school_suppression

#: Respondents by school, level of a first and level of a second group; the last level stands for none.
TABLES = arrays.arrays(
    np.int64,
    st.tuples(st.integers(2, 7), st.integers(1, 3), st.integers(1, 3)),
    elements=st.sampled_from([0, 0, 0, 2, 5, 9, 14]),
)


def hidden_of(table: np.ndarray, minimum: int, outside: bool = False) -> np.ndarray:
    """Return which schools are hidden, `table` being (schools, A, B), its last school none if `outside`."""
    cells = np.argwhere(table > 0)
    schools = len(table) - outside
    cells[cells[:, 0] == schools, 0] = -1
    own = table[:schools]
    structure = SchoolStructure.of(cells, table.shape[1:], schools)
    by_level = {"all": own.sum(axis=(1, 2))[None], "a": own.sum(axis=2).T, "b": own.sum(axis=1).T}
    small, beside = school_suppression(
        own.sum(axis=(1, 2)), structure, by_level, minimum, int(table[schools:].sum())
    )
    assert not (small & beside).any()
    return small | beside


def shown_sums(table: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    """Return the sums a reader has, as rows of indicators of the cells with respondents."""
    there = table > 0
    rows = [np.ones_like(table)]
    for axis in (1, 2):
        for level in range(table.shape[axis]):
            row = np.zeros_like(table)
            np.moveaxis(row, axis, 0)[level] = 1
            rows.append(row)
    for school in np.flatnonzero(~hidden):
        row = np.zeros_like(table)
        row[school] = 1
        rows.append(row)
    return np.array([row[there] for row in rows], dtype=float)


def follows(rows: np.ndarray, wanted: np.ndarray) -> bool:
    found = np.linalg.lstsq(rows.T, wanted, rcond=None)[0]
    return bool(np.abs(rows.T @ found - wanted).max() < 1e-8)


@settings(max_examples=200, deadline=None)
@given(TABLES, st.integers(3, 12))
def test_no_few_hidden_respondents_follow_from_what_is_shown(table: np.ndarray, minimum: int) -> None:
    """Neither a small school, nor two or three hidden schools that are few together."""
    hidden = hidden_of(table, minimum)
    rows = shown_sums(table, hidden)
    n = table.sum(axis=(1, 2))
    everything = bool(hidden[n > 0].all())
    at_risk = np.flatnonzero(hidden & (n > 0))
    for size in (1, 2, 3):
        for members in combinations(at_risk, size):
            if n[list(members)].sum() < minimum and not everything:
                wanted = np.zeros_like(table)
                wanted[list(members)] = 1
                assert not follows(rows, wanted[table > 0].astype(float))


@settings(max_examples=100, deadline=None)
@given(TABLES, st.integers(3, 12))
def test_what_is_left_of_a_level_is_not_small(table: np.ndarray, minimum: int) -> None:
    """A level less the schools shown that lie in it is a group of its own."""
    hidden = hidden_of(table, minimum)
    n = table.sum(axis=(1, 2))
    for by_level in (table.sum(axis=2).T, table.sum(axis=1).T, n[None]):
        for level in by_level:
            inside = (level == n) & (level > 0)
            rest = int(level[hidden | ~inside].sum())
            assert rest == 0 or rest >= minimum or hidden[inside].all()


def test_nothing_small_hides_nothing() -> None:
    assert not hidden_of(np.full((4, 2, 1), 20), 10).any()


def test_the_school_hidden_beside_lies_in_the_same_level() -> None:
    """The smallest school of all is in the other level, from which it would follow."""
    table = np.zeros((6, 2, 1), dtype=np.int64)
    table[:3, 0, 0] = 4, 30, 40
    table[3:, 1, 0] = 11, 50, 60
    assert hidden_of(table, 10).tolist() == [True, True, False, False, False, False]


def test_one_level_crossed_with_another_is_seen_through() -> None:
    """Primary less urban leaves rural primary less urban junior: hidden schools, each alone in its cell."""
    table = np.zeros((7, 2, 2), dtype=np.int64)
    table[0, 0, 0], table[1, 0, 1], table[2, 1, 0] = 4, 5, 6
    table[3, 0, 0], table[4, 0, 1], table[5, 1, 0], table[6, 1, 1] = 31, 32, 33, 34
    hidden = hidden_of(table, 10)
    assert hidden[:6].all()
    assert not hidden[6]


def test_a_few_respondents_without_school_do_not_protect_a_few() -> None:
    """Everybody less the schools shown would be four of a school and three without one."""
    table = np.array([4, 20, 30, 3])[:, None, None]
    assert hidden_of(table, 10, outside=True).tolist() == [True, True, False]


@pytest.mark.parametrize("seed", [1, 2])
def test_three_thousand_schools(seed: int) -> None:
    random = np.random.default_rng(seed)
    table = np.zeros((3000, 2, 3), dtype=np.int64)
    stage, area = random.integers(0, 2, 3000), random.integers(0, 3, 3000)
    table[np.arange(3000), stage, area] = random.poisson(30, 3000) * (random.random(3000) < 0.97) + 4
    hidden = hidden_of(table, 10)
    assert hidden.mean() < 0.05
