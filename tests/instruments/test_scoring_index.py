"""Satisfaction indices: worked examples of each definition, and where each draws its line."""

import numpy as np
import pandas as pd
import pytest

from manyi_instruments.scoring import (
    INDEX_DEFINITIONS,
    IndexDefinition,
    respondent_index,
    satisfied,
    share_of_maximum,
    share_of_range,
    top2,
)

# Ten answers on 1-5: one 1, one 2, two 3, four 4, two 5. Mean 3.5.
ANSWERS = pd.Series([1, 2, 3, 3, 4, 4, 4, 4, 5, 5], dtype=float)


@pytest.mark.parametrize(
    ("definition", "index"),
    [("share_of_maximum", 70.0), ("share_of_range", 62.5), ("top2", 60.0), ("satisfied", 80.0)],
)
def test_index_of_ten_answers(definition: IndexDefinition, index: float) -> None:
    assert respondent_index(ANSWERS, 1, 5, definition).mean() == pytest.approx(index, abs=1e-12)


@pytest.mark.parametrize(
    ("low", "high", "first"),
    [(1, 3, 2), (1, 4, 3), (1, 5, 3), (1, 7, 4), (0, 1, 1), (0, 10, 5)],
)
def test_first_answer_that_counts_as_satisfied(low: int, high: int, first: int) -> None:
    answers = pd.Series(range(low, high + 1), dtype=float)
    assert answers[satisfied(answers, low, high) == 100].min() == first


def test_top_two_of_seven() -> None:
    assert top2(pd.Series([4.0, 5.0, 6.0, 7.0]), 1, 7).tolist() == [0, 0, 100, 100]


@pytest.mark.parametrize("definition", INDEX_DEFINITIONS)
def test_highest_score_is_100(definition: IndexDefinition) -> None:
    assert respondent_index(pd.Series([5.0]), 1, 5, definition).tolist() == [100]


@pytest.mark.parametrize(
    ("definition", "index"), [("share_of_maximum", 20), ("share_of_range", 0), ("top2", 0), ("satisfied", 0)]
)
def test_lowest_score(definition: IndexDefinition, index: float) -> None:
    assert respondent_index(pd.Series([1.0]), 1, 5, definition).tolist() == [index]


@pytest.mark.parametrize("definition", INDEX_DEFINITIONS)
def test_missing_stays_missing(definition: IndexDefinition) -> None:
    assert np.isnan(respondent_index(pd.Series([np.nan]), 1, 5, definition).iloc[0])


@pytest.mark.parametrize("definition", INDEX_DEFINITIONS)
def test_index_and_name_of_the_scores_are_kept(definition: IndexDefinition) -> None:
    found = respondent_index(pd.Series([3.0, 4.0], index=[9, 2], name="SAT"), 1, 5, definition)
    assert (list(found.index), found.name) == ([9, 2], "SAT")


@pytest.mark.parametrize("definition", INDEX_DEFINITIONS)
def test_scores_are_left_as_they_were(definition: IndexDefinition) -> None:
    scores = ANSWERS.copy()
    respondent_index(scores, 1, 5, definition)
    pd.testing.assert_series_equal(scores, ANSWERS)


def test_unknown_definition_is_refused() -> None:
    with pytest.raises(ValueError, match="share_of_maximum, share_of_range, top2, satisfied"):
        respondent_index(ANSWERS, 1, 5, "mean")  # type: ignore[arg-type]


@pytest.mark.parametrize("function", [share_of_maximum, share_of_range, top2, satisfied])
def test_bounds_that_are_no_range_are_refused(function: object) -> None:
    assert callable(function)
    with pytest.raises(ValueError, match="low must be below high"):
        function(ANSWERS, 5, 5)


def test_share_of_maximum_needs_a_positive_maximum() -> None:
    with pytest.raises(ValueError, match="positive"):
        share_of_maximum(ANSWERS, -2, 0)
