"""A sample of rows: the same however the rows are divided, each row with the same chance."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from manyi_analysis.records import GroupedMoments, Moments, RowSample, composite

KEYS = ("file", "row")


def rows_of(n: int, seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"a": rng.integers(1, 6, n), "b": rng.integers(1, 6, n)}, dtype=float)
    frame = frame.mask(rng.random(frame.shape) < 0.2)
    return frame.assign(file=np.where(np.arange(n) % 2, "x.csv", "y.csv"), row=np.arange(n) // 2 + 2)


@given(cuts=st.lists(st.integers(0, 300), max_size=4), size=st.integers(1, 350))
def test_the_sample_does_not_depend_on_how_rows_are_divided(cuts: list[int], size: int) -> None:
    frame = rows_of(300)
    whole = RowSample.of(frame, ("a", "b"), size, KEYS, ("a", "b"))
    edges = [0, *sorted(cuts), 300]
    parts = [
        RowSample.of(frame.iloc[start:stop], ("a", "b"), size, KEYS, ("a", "b"))
        for start, stop in pairwise(edges)
    ]
    together = parts[0]
    for part in parts[1:]:
        together = together + part
    pd.testing.assert_frame_equal(together.frame, whole.frame)
    assert together.rows == whole.rows == 300


def test_the_order_of_rows_does_not_matter() -> None:
    frame = rows_of(500)
    shuffled = frame.sample(frac=1, random_state=1)
    first = RowSample.of(frame, ("a", "row"), 50, KEYS)
    pd.testing.assert_frame_equal(RowSample.of(shuffled, ("a", "row"), 50, KEYS).frame, first.frame)


def test_all_complete_rows_where_there_are_no_more_than_asked_for() -> None:
    frame = rows_of(100)
    drawn = RowSample.of(frame, ("file", "row"), 1000, KEYS, ("a",)).frame
    expected = frame.dropna(subset=["a"])[["file", "row"]]
    assert set(drawn.itertuples(index=False)) == set(expected.itertuples(index=False))


def test_only_rows_that_have_the_columns_asked_for() -> None:
    drawn = RowSample.of(rows_of(3000), ("a", "b"), 200, KEYS, ("b",)).frame
    assert len(drawn) == 200
    assert drawn["b"].notna().all()
    assert drawn["a"].isna().any()


def test_every_row_has_the_same_chance() -> None:
    frame = rows_of(400)
    drawn = np.zeros(400)
    for seed in range(300):
        chosen = RowSample.of(frame, ("file", "row"), 100, KEYS, seed=seed).frame
        drawn[(chosen["row"] - 2) * 2 + (chosen["file"] == "x.csv")] += 1
    # Of 300 draws of a quarter each row is in 75; the chi-square of all is not beyond its 99.9 %.
    statistic = ((drawn - 75) ** 2 / (75 * 0.75)).sum()
    assert stats.chi2.sf(statistic, 399) > 0.001


def test_another_seed_draws_other_rows() -> None:
    frame = rows_of(1000)
    first, second = (
        set(RowSample.of(frame, ("file", "row"), 100, KEYS, seed=seed).frame.itertuples(index=False))
        for seed in (1, 2)
    )
    assert len(first & second) < 30


def test_without_keys_the_index_tells_rows_apart() -> None:
    frame = rows_of(1000)
    assert len(RowSample.of(frame, ("a",), 100).frame) == 100


def test_samples_of_different_sizes_are_not_added() -> None:
    frame = rows_of(10)
    with pytest.raises(ValueError, match="different columns or sizes"):
        RowSample.of(frame, ("a",), 2, KEYS) + RowSample.of(frame, ("a",), 3, KEYS)


def test_moments_of_a_mean_are_those_of_the_mean_itself() -> None:
    frame = rows_of(200).assign(c=lambda rows: rows["a"] * 2 + 1, school=np.arange(200) % 7)
    complete = frame.dropna()
    complete = complete.assign(mean=complete[["a", "b", "c"]].mean(axis=1))
    found = composite(GroupedMoments.of(frame, ("a", "b", "c"), "school"), "mean", ("a", "b", "c"))
    expected = GroupedMoments.of(complete, ("mean",), "school")
    np.testing.assert_allclose(found.mean, expected.mean, rtol=1e-13)
    for key in found.keys:
        own: Moments = found.group(key)
        np.testing.assert_allclose(own.covariance, expected.group(key).covariance, rtol=1e-12)
