"""Moments by group equal R's on each group's rows, and add up to the moments of all."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.records import GroupedMoments, Moments

HERE = Path(__file__).parents[1] / "reference" / "measurement"
R = json.loads((HERE / "measurement.json").read_text(encoding="utf-8"))
BFI = pd.read_csv(HERE / "bfi.csv", encoding="utf-8")
AGREE = BFI[["A1", "A2", "A3", "A4", "A5", "gender", "education"]].assign(A1=7 - BFI["A1"])
ITEMS = tuple(AGREE)[:5]


@pytest.fixture(scope="module")
def grouped() -> GroupedMoments:
    return GroupedMoments.of(AGREE, ITEMS, "education")


def test_keys_are_the_groups_as_text(grouped):
    assert grouped.keys == ("1", "2", "3", "4", "5")


@pytest.mark.parametrize("key", ["1", "2", "3", "4", "5"])
def test_means_of_each_group(grouped, key, compare):
    expected = R["mean_by_education"][key]
    compare("record.mean", "r: bfi by education", grouped.group(key).mean, expected)


@pytest.mark.parametrize("key", ["1", "2", "3", "4", "5"])
def test_moments_of_a_group_are_those_of_its_rows(grouped, key):
    rows = AGREE[AGREE["education"] == float(key)]
    alone = Moments.of(rows, ITEMS, shift=grouped.shift)
    assert np.array_equal(grouped.group(key).cross, alone.cross)


def test_rows_without_a_group_are_counted(grouped):
    assert grouped.ungrouped == int(BFI["education"].isna().sum())


def test_every_row_is_accounted_for(grouped):
    assert int(grouped.n.sum()) + grouped.missing == 2800


def test_overall_is_the_moments_of_all_grouped_rows(grouped):
    whole = Moments.of(AGREE[AGREE["education"].notna()], ITEMS, shift=grouped.shift)
    assert np.array_equal(grouped.overall().cross, whole.cross)


def test_partitions_in_any_division_give_the_same_groups(grouped):
    parts = [AGREE.iloc[:400], AGREE.iloc[400:401], AGREE.iloc[401:]]
    added = GroupedMoments.from_partitions(parts, ITEMS, "education", shift=grouped.shift)
    assert added.keys == grouped.keys
    assert np.array_equal(added.cross, grouped.cross)
    assert np.array_equal(added.n, grouped.n)
    assert np.array_equal(added.dropped, grouped.dropped)


def test_groups_of_only_one_part_are_kept():
    first = GroupedMoments.of(AGREE[AGREE["education"] < 3], ITEMS, "education")
    second = GroupedMoments.of(AGREE[AGREE["education"] > 3], ITEMS, "education")
    assert (first + second).keys == ("1", "2", "4", "5")


def test_order_of_the_rows_does_not_matter(grouped):
    shuffled = AGREE.sample(frac=1, random_state=3)
    assert np.array_equal(GroupedMoments.of(shuffled, ITEMS, "education", grouped.shift).cross, grouped.cross)


def test_groups_larger_and_smaller_than_a_chunk():
    rng = np.random.default_rng(4)
    school = np.repeat(["a", "b", "c"], [20_000, 3, 9_000])
    frame = pd.DataFrame({"x": rng.integers(1, 6, 29_003), "y": rng.integers(1, 6, 29_003), "school": school})
    grouped = GroupedMoments.of(frame, ["x", "y"], "school")
    expected = frame[frame["school"] == "a"][["x", "y"]].cov().to_numpy()
    assert grouped.group("a").covariance == pytest.approx(expected, rel=1e-12)


def test_text_codes_keep_their_zeros():
    frame = pd.DataFrame({"x": [1.0, 2.0, 3.0], "school": ["007", "7", "007"]})
    grouped = GroupedMoments.of(frame, ["x"], "school")
    assert dict(zip(grouped.keys, grouped.n.tolist(), strict=True)) == {"007": 2, "7": 1}


def test_whole_numbers_are_ordered_by_size():
    frame = pd.DataFrame({"x": [1.0, 2.0, 3.0], "grade": ["10", "9", "other"]})
    assert GroupedMoments.of(frame, ["x"], "grade").keys == ("9", "10", "other")


def test_group_whose_rows_all_lack_an_answer_stands_with_none():
    frame = pd.DataFrame({"x": [1.0, np.nan], "school": ["a", "b"]})
    grouped = GroupedMoments.of(frame, ["x"], "school")
    assert grouped.n.tolist() == [1, 0]
    assert grouped.dropped.tolist() == [0, 1]


def test_select(grouped):
    some = grouped.select(["A3", "A2"])
    assert np.array_equal(some.group("2").cross, grouped.group("2").select(["A3", "A2"]).cross)


def test_unknown_group(grouped):
    with pytest.raises(KeyError):
        grouped.group("6")


def test_different_columns_do_not_add(grouped):
    with pytest.raises(ValueError, match="different columns"):
        grouped + grouped.select(["A1"])
