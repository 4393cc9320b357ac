"""Two-way tables with margins: what a reader could work out, solved as linear equations."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from manyi_analysis.level.two_way_suppression import recoverable, two_way_suppression

TABLES = arrays.arrays(np.int64, st.tuples(st.integers(1, 5), st.integers(1, 5)), elements=st.integers(0, 40))


def with_margins(n: np.ndarray) -> np.ndarray:
    table = np.zeros((n.shape[0] + 1, n.shape[1] + 1), dtype=np.int64)
    table[:-1, :-1], table[:-1, -1], table[-1, :-1] = n, n.sum(axis=1), n.sum(axis=0)
    table[-1, -1] = n.sum()
    return table


def test_nothing_small_hides_nothing() -> None:
    assert not two_way_suppression(np.array([[20, 30], [40, 10]]), 10).hidden.any()


def test_a_small_cell_needs_three_more() -> None:
    """The cheapest rectangle: 4 beside 12, over 15 and 30."""
    found = two_way_suppression(np.array([[4, 12, 50], [15, 30, 60], [70, 80, 90]]), 10)
    assert found.cells.tolist() == [[True, True, False], [True, True, False], [False, False, False]]
    assert not found.rows.any()
    assert not found.columns.any()


def test_rows_and_columns_are_not_enough() -> None:
    """Two hidden cells in every line can still be solved for: Gusfield's two blocks joined by one cell."""
    hidden = np.zeros((5, 5), dtype=bool)
    hidden[0, :2] = hidden[1, :2] = hidden[2, 2:4] = hidden[3, 2:4] = True
    hidden[0, 2] = True
    assert recoverable(hidden)[0, 2]
    assert recoverable(hidden).sum() == 1


def test_a_small_level_of_the_rows_alone_is_protected() -> None:
    """A level of 4 respondents: its cells and its margin are hidden, and cells or a level beside them."""
    table = np.array([[1, 3], [20, 30], [40, 50]])
    found = two_way_suppression(table, 10)
    assert found.rows[0]
    assert not (recoverable(found.hidden) & found.small).any()


@given(TABLES, st.integers(2, 12))
def test_no_small_cell_follows_from_what_is_shown(n: np.ndarray, minimum: int) -> None:
    found = two_way_suppression(n, minimum)
    table = with_margins(n)
    shown = table[~found.hidden]
    assert (shown[(shown > 0) & (shown != n.sum())] >= minimum).all()
    everything = found.hidden[table > 0].sum() == (table > 0).sum() - 1
    assert everything or not (recoverable(found.hidden) & found.small).any()


@given(TABLES, st.integers(2, 12))
def test_what_is_left_of_a_line_is_not_small(n: np.ndarray, minimum: int) -> None:
    """A line's total less its cells shown is a group of its own."""
    found = two_way_suppression(n, minimum)
    table, hidden = with_margins(n), found.hidden
    for counts, mask in ((table, hidden), (table.T, hidden.T)):
        for line, masked in zip(counts, mask, strict=True):
            if masked[-1]:
                continue
            rest = int(line[:-1][masked[:-1]].sum())
            assert rest == 0 or rest >= minimum or rest == line[-1]


@pytest.mark.parametrize("shape", [(300, 4), (4, 300)])
def test_many_schools(shape: tuple[int, int]) -> None:
    n = np.random.default_rng(3).poisson(18, shape)
    found = two_way_suppression(n, 10)
    assert found.hidden.sum() < 0.4 * n.size
    assert not (recoverable(found.hidden) & found.small).any()
