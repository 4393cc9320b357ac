"""Pairwise moments equal R's cov and cor with use = "pairwise", and add."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.records import PairwiseMoments

HERE = Path(__file__).parents[1] / "reference" / "measurement"
R = json.loads((HERE / "measurement.json").read_text(encoding="utf-8"))["pairwise"]
BFI = pd.read_csv(HERE / "bfi.csv", encoding="utf-8")
AGREE = BFI[["A1", "A2", "A3", "A4", "A5"]].assign(A1=7 - BFI["A1"])
ITEMS = tuple(AGREE)


@pytest.fixture(scope="module")
def moments() -> PairwiseMoments:
    return PairwiseMoments.of(AGREE, ITEMS)


def test_counts(moments):
    assert moments.counts.tolist() == R["counts"]


def test_smallest_n(moments):
    assert moments.n == np.min(R["counts"])


def test_covariance(moments, compare):
    compare("record.covariance", "r: bfi", moments.covariance, R["covariance"], "pairwise")


def test_correlation(moments, compare):
    compare("record.correlation", "r: bfi", moments.correlation, R["correlation"], "pairwise")


def test_mean_of_each_column_on_its_own_rows(moments):
    assert moments.mean == pytest.approx(AGREE.mean().to_numpy(), abs=1e-13)


def test_sd_of_each_column_on_its_own_rows(moments):
    assert moments.sd == pytest.approx(np.sqrt(np.diagonal(R["covariance"])), abs=1e-13)


def test_partitions_add_to_the_whole(moments):
    parts = [AGREE.iloc[:1], AGREE.iloc[1:2000], AGREE.iloc[2000:]]
    added = PairwiseMoments.from_partitions(parts, ITEMS, shift=moments.shift)
    assert np.array_equal(added.cross, moments.cross)
    assert np.array_equal(added.squares, moments.squares)
    assert np.array_equal(added.total, moments.total)
    assert np.array_equal(added.counts, moments.counts)


def test_records_of_different_shifts_add(moments):
    other = PairwiseMoments.of(AGREE.iloc[1000:], ITEMS, shift=np.array([0.0, 9.0, 1.0, -4.0, 2.0]))
    added = PairwiseMoments.of(AGREE.iloc[:1000], ITEMS) + other
    assert added.correlation == pytest.approx(np.array(R["correlation"]), abs=1e-13)


def test_pair_that_nobody_answered_has_no_correlation():
    frame = pd.DataFrame({"a": [1.0, 2.0, np.nan, np.nan], "b": [np.nan, np.nan, 1.0, 2.0]})
    moments = PairwiseMoments.of(frame, ["a", "b"])
    assert moments.n == 0
    assert np.isnan(moments.correlation[0, 1])


def test_constant_column(moments):
    frame = AGREE.assign(A3=4.0)
    assert "A3" in PairwiseMoments.of(frame, ITEMS).constant


def test_select(moments):
    assert moments.select(["A4", "A2"]).correlation[0, 1] == pytest.approx(R["correlation"][3][1], abs=1e-13)


def test_to_frame_has_a_row_for_each_pair(moments):
    assert moments.to_frame()["n"].tolist() == [R["counts"][i][j] for i in range(5) for j in range(i + 1, 5)]
