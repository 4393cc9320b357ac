"""Listwise moments: equal R's, exact however the rows are divided, right where sums cancel."""

import json
import tracemalloc
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_info

from manyi_analysis.records import Moments
from manyi_analysis.records.threads import one_thread

HERE = Path(__file__).parents[1] / "reference" / "measurement"
R = json.loads((HERE / "measurement.json").read_text(encoding="utf-8"))["listwise"]
BFI = pd.read_csv(HERE / "bfi.csv", encoding="utf-8")
AGREE = BFI[["A1", "A2", "A3", "A4", "A5"]].assign(A1=7 - BFI["A1"])
ITEMS = tuple(AGREE)


def read_bfi(first: int, last: int) -> pd.DataFrame:
    """Load a partition where it is used, as a worker of another process does."""
    return pd.read_csv(HERE / "bfi.csv", encoding="utf-8").iloc[first:last]


@pytest.fixture(scope="module")
def moments() -> Moments:
    return Moments.of(AGREE, ITEMS)


def test_n(moments):
    assert moments.n == R["n"]


def test_missing_and_n_make_up_the_rows(moments):
    assert moments.n + moments.missing == 2800


def test_mean(moments, compare):
    compare("record.mean", "r: bfi", moments.mean, R["mean"])


def test_covariance(moments, compare):
    compare("record.covariance", "r: bfi", moments.covariance, R["covariance"], "listwise")


def test_correlation(moments, compare):
    compare("record.correlation", "r: bfi", moments.correlation, R["correlation"], "listwise")


def test_whole_numbers_are_exact_whatever_the_partition(moments):
    bounds = [0, 1, 17, 900, 2799, 2800]
    parts = [AGREE.iloc[a:b] for a, b in pairwise(bounds)]
    whole = Moments.of(AGREE, ITEMS)
    added = Moments.from_partitions(parts, ITEMS, shift=whole.shift)
    assert np.array_equal(added.cross, whole.cross)
    assert np.array_equal(added.total, whole.total)
    assert (added.n, added.missing) == (whole.n, whole.missing)


def test_partitions_with_their_own_shifts_add_to_the_whole(moments):
    parts = [AGREE.sort_values("A2").iloc[:900], AGREE.sort_values("A2").iloc[900:]]
    first, second = (Moments.of(part, ITEMS) for part in parts)
    assert not np.array_equal(first.shift, second.shift)
    assert np.array_equal((first + second).shifted(moments.shift).cross, moments.cross)


def test_sum_does_not_depend_on_the_number_of_workers():
    wide = pd.DataFrame(np.random.default_rng(5).normal(1e6, 1, (40_000, 4)), columns=list("abcd"))
    parts = [wide.iloc[at : at + 7_000] for at in range(0, 40_000, 7_000)]
    alone = Moments.from_partitions(parts, list("abcd"))
    with ThreadPoolExecutor(3) as executor:
        together = Moments.from_partitions(parts, list("abcd"), executor=executor)
    assert np.array_equal(alone.cross, together.cross)


def test_partitions_are_loaded_by_workers_in_other_processes():
    columns = [f"C{number}" for number in range(1, 6)]
    loaders = [partial(read_bfi, 0, 1500), partial(read_bfi, 1500, 2800)]
    with ProcessPoolExecutor(1) as executor:
        added = Moments.from_partitions(loaders, columns, executor=executor)
    assert np.array_equal(added.covariance, Moments.of(BFI, columns).covariance)


def test_a_large_mean_costs_no_digits():
    rng = np.random.default_rng(1)
    small = rng.normal(0, 1, (20_000, 2))
    frame = pd.DataFrame(small + 1e8, columns=["a", "b"])
    expected = np.cov(frame.to_numpy() - 1e8, rowvar=False)
    assert Moments.of(frame, ["a", "b"]).covariance == pytest.approx(expected, rel=1e-12)


def test_continuous_partitions_agree_to_the_last_digits():
    frame = pd.DataFrame(np.random.default_rng(2).normal(50, 3, (30_001, 3)), columns=list("xyz"))
    whole = Moments.of(frame, list("xyz"))
    parts = [frame.iloc[:10_000], frame.iloc[10_000:10_001], frame.iloc[10_001:]]
    added = Moments.from_partitions(parts, list("xyz"))
    assert added.covariance == pytest.approx(whole.covariance, rel=1e-13)


def test_constant_column_has_no_spread_at_all():
    frame = pd.DataFrame({"a": np.full(5000, 0.1), "b": np.arange(5000.0)})
    moments = Moments.of(frame, ["a", "b"], shift=np.zeros(2))
    assert moments.constant == ("a",)


def test_constant_column_found_after_adding():
    frame = pd.DataFrame({"a": np.full(50, 1 / 3), "b": np.arange(50.0)})
    added = Moments.of(frame.iloc[:20], ["a", "b"]) + Moments.of(frame.iloc[20:], ["a", "b"])
    assert added.constant == ("a",)


def test_select_keeps_the_listwise_rows_of_the_whole_set(moments):
    assert moments.select(["A5", "A1"]).correlation[0, 1] == pytest.approx(R["correlation"][0][4], abs=1e-13)


def test_missing_values_of_every_kind_are_dropped():
    frame = pd.DataFrame(
        {"a": pd.array([1, 2, None, 4, 5], dtype="Int64"), "b": [1.0, np.nan, 3.0, np.inf, 5.0]}
    )
    assert Moments.of(frame, ["a", "b"]).n == 2


def test_frame_is_left_as_it_was():
    frame = AGREE.copy()
    Moments.of(frame, ITEMS)
    pd.testing.assert_frame_equal(frame, AGREE)


def test_no_rows():
    moments = Moments.of(AGREE.iloc[:0], ITEMS)
    assert moments.n == 0
    assert np.isnan(moments.mean).all()


def test_different_columns_do_not_add():
    with pytest.raises(ValueError, match="different columns"):
        Moments.of(AGREE, ["A1", "A2"]) + Moments.of(AGREE, ["A1", "A3"])


def test_no_partition_is_an_error():
    with pytest.raises(ValueError, match="at least one partition"):
        Moments.from_partitions([], ITEMS)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(*[st.one_of(st.none(), st.integers(1, 7)) for _ in range(3)]), min_size=2, max_size=60
    ),
    st.data(),
)
def test_any_split_adds_to_the_whole(rows, data):
    frame = pd.DataFrame(rows, columns=["a", "b", "c"], dtype="float64")
    cut = data.draw(st.integers(1, len(frame) - 1))
    whole = Moments.of(frame, ["a", "b", "c"])
    added = Moments.of(frame.iloc[:cut], ["a", "b", "c"]) + Moments.of(frame.iloc[cut:], ["a", "b", "c"])
    moved = added.shifted(whole.shift)
    assert np.array_equal(moved.cross, whole.cross)
    assert (moved.n, moved.missing) == (whole.n, whole.missing)


def test_memory_does_not_grow_with_the_rows():
    frame = pd.DataFrame(np.ones((300_000, 8)), columns=list("abcdefgh"))
    tracemalloc.start()
    try:
        Moments.of(frame, list(frame))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # The frame holds 19 MB; a chunk of eight columns half a megabyte.
    assert peak < 3e6


def blas_threads() -> list[int]:
    return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]


def test_passes_side_by_side_leave_the_threads_as_they_were():
    before = blas_threads()
    with ThreadPoolExecutor(4) as executor:
        Moments.from_partitions([AGREE] * 12, ITEMS, executor=executor)
        list(executor.map(partial(Moments.of, columns=ITEMS), [AGREE] * 12))
    assert blas_threads() == before


def test_a_pass_takes_one_thread():
    with one_thread():
        assert set(blas_threads()) == {1}
