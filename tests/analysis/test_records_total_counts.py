"""Counts of total by answer: what pandas counts, however the rows are divided."""

from functools import reduce
from operator import add
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.measurement import item_discrimination
from manyi_analysis.missing.expectation_maximization import em_estimate
from manyi_analysis.missing.little import little_mcar
from manyi_analysis.records import GroupTables, NotComputed, PatternMoments, Tables, TotalCounts, patterns
from manyi_analysis.records import total_counts as module

BFI = pd.read_csv(Path(__file__).parents[1] / "reference" / "measurement" / "bfi.csv", encoding="utf-8")
ITEMS = ["N1", "N2", "N3", "N4", "N5"]


@pytest.fixture(scope="module")
def counted() -> TotalCounts:
    return TotalCounts.of(BFI, ITEMS)


@pytest.mark.parametrize("item", ITEMS)
def test_totals_by_answers_as_pandas_crosstab(counted: TotalCounts, item: str) -> None:
    complete = BFI[ITEMS].dropna()
    expected = pd.crosstab(complete.sum(axis=1), complete[item])
    found = counted.table("total", item)
    np.testing.assert_array_equal(found.to_numpy(), expected.to_numpy())
    assert found.index.tolist() == expected.index.tolist()


def test_rows_count_those_without_a_total(counted: TotalCounts) -> None:
    assert counted.rows == 2800
    assert counted.answers("total")[1].sum() == len(BFI[ITEMS].dropna())


def test_discrimination_is_that_of_the_whole_table_of_pairs(counted: TotalCounts) -> None:
    scored = BFI[ITEMS].assign(total=BFI[ITEMS].sum(axis=1, skipna=False))
    pairs = item_discrimination(Tables.of(scored, [*ITEMS, "total"]), "total", ITEMS)
    pd.testing.assert_frame_equal(
        item_discrimination(counted, "total", ITEMS).to_frame(), pairs.to_frame(), rtol=1e-12
    )


def test_partitions_add_up(counted: TotalCounts) -> None:
    parts = [TotalCounts.of(BFI.iloc[rows], ITEMS) for rows in np.array_split(np.arange(len(BFI)), 7)]
    found = reduce(add, parts)
    for item in ITEMS:
        pd.testing.assert_frame_equal(found.table("t", item), counted.table("t", item), check_names=False)


def test_a_partition_without_rows_adds_nothing(counted: TotalCounts) -> None:
    found = counted + TotalCounts.of(BFI.head(0), ITEMS)
    pd.testing.assert_frame_equal(found.table("t", "N1"), counted.table("t", "N1"), check_names=False)


def test_different_items_do_not_add(counted: TotalCounts) -> None:
    with pytest.raises(ValueError, match="different columns"):
        counted + TotalCounts.of(BFI, ITEMS[:3])


def test_declared_answers_stand_though_nobody_gave_them() -> None:
    found = TotalCounts.of(BFI.replace(6, 5), ITEMS, {item: (1, 6) for item in ITEMS})
    assert found.table("t", "N1")[6.0].sum() == 0


def test_decimal_answers_of_one_total_are_one_total() -> None:
    frame = pd.DataFrame({"a": [0.1, 0.3], "b": [0.2, 0.0]})
    assert TotalCounts.of(frame, ["a", "b"]).totals.tolist() == [0.3]


def test_continuous_answers_are_not_counted_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_CELLS", 1000)
    frame = pd.DataFrame(np.random.default_rng(1).normal(size=(200, 2)), columns=["a", "b"])
    found = item_discrimination(TotalCounts.of(frame, ["a", "b"]), "total", ["a", "b"])
    assert isinstance(found, NotComputed)
    assert found.reason == "many-totals: items=a b"


def test_partitions_with_too_many_answers_together_are_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_CELLS", 1000)
    frame = pd.DataFrame(np.random.default_rng(1).normal(size=(40, 2)), columns=["a", "b"])
    halves = [TotalCounts.of(frame.iloc[rows], ["a", "b"]) for rows in (slice(20), slice(20, 40))]
    assert halves[0].counts is not None
    assert (halves[0] + halves[1]).counts is None


def test_tables_by_group_are_those_of_the_rows_of_the_group() -> None:
    found = dict(GroupTables.of(BFI, ITEMS, "gender").items())["1"]
    own = Tables.of(BFI[BFI["gender"] == 1], ITEMS)
    np.testing.assert_array_equal(found.pairs, own.pairs)


def test_tables_by_group_add_over_partitions_that_lack_a_group() -> None:
    parts = [GroupTables.of(BFI[BFI["gender"] == sex], ITEMS, "gender") for sex in (1, 2)]
    whole = dict(GroupTables.of(BFI, ITEMS, "gender").items())
    for key, tables in (parts[0] + parts[1]).items():
        np.testing.assert_array_equal(tables.pairs, whole[key].pairs)


# --- more patterns of missing answers than are held --------------------------------------------------------


@pytest.fixture
def overflowing(monkeypatch: pytest.MonkeyPatch) -> PatternMoments:
    monkeypatch.setattr(patterns, "MOST_NUMBERS", 25 * 3)
    return PatternMoments.of(BFI, ITEMS)


def test_too_many_patterns_are_not_held(overflowing: PatternMoments) -> None:
    assert (overflowing.overflow, overflowing.rows, len(overflowing.n)) == (True, 2800, 0)


def test_em_says_that_there_are_too_many_patterns(overflowing: PatternMoments) -> None:
    found = em_estimate(overflowing)
    assert isinstance(found, NotComputed)
    assert found.code == "many-patterns"


def test_littles_test_says_so_too(overflowing: PatternMoments) -> None:
    found = little_mcar(overflowing)
    assert isinstance(found, NotComputed)
    assert found.code == "many-patterns"


def test_patterns_that_are_few_apart_may_be_too_many_together(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = [PatternMoments.of(BFI.loc[BFI[item].isna()].head(3), ITEMS) for item in ("N1", "N2", "N3", "N4")]
    monkeypatch.setattr(patterns, "MOST_NUMBERS", 25 * 3)
    whole = reduce(add, parts)
    assert whole.overflow
    assert whole.rows == 12
