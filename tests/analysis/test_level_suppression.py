"""Small cells: what a reader of the tables could still work out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from manyi_analysis.level.suppression import complementary_cells, small_cells

COUNTS = st.lists(st.integers(0, 60), min_size=1, max_size=8).map(lambda n: np.array(n, dtype=np.int64))


def test_small_cells_are_those_below_the_minimum() -> None:
    assert small_cells(np.array([10, 9, 0]), 10).tolist() == [False, True, True]


@pytest.mark.parametrize(
    ("n", "hidden"),
    [
        ([80, 4, 35, 20], [False, False, False, True]),
        ([80, 35, 20], [False, False, False]),
        ([80, 3, 4, 20], [False, False, False, True]),
        ([80, 8, 4, 20], [False, False, False, False]),
        ([80, 4, 0], [True, False, False]),
        ([80, 0], [False, False]),
        ([4], [False]),
    ],
)
def test_next_smallest_is_hidden_too(n: list[int], hidden: list[bool]) -> None:
    assert complementary_cells(np.array(n), 10).tolist() == hidden


@given(COUNTS, st.integers(2, 15))
def test_what_subtraction_leaves_is_never_a_small_cell(n: np.ndarray, minimum: int) -> None:
    """Total less everything shown is 0, or at least the minimum over two levels; or nothing is shown."""
    hidden = small_cells(n, minimum) | complementary_cells(n, minimum)
    left = int(n[hidden].sum())
    one_level = int((hidden & (n > 0)).sum()) == 1
    assert hidden.all() or left == 0 or (left >= minimum and not one_level)
