"""What groups are compared on, which are, and limits with schools allowed for: against R and statsmodels."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.differences import (
    Effect,
    GroupTest,
    answer_shares,
    compared_groups,
    group_means,
    outcome_differences,
)
from manyi_analysis.records.group_counts import GroupCounts
from manyi_analysis.records.nested_counts import NestedCounts

HERE = Path(__file__).parents[1] / "reference"
R = json.loads((HERE / "differences" / "described.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def bfi() -> pd.DataFrame:
    return pd.read_csv(HERE / "measurement" / "bfi.csv", encoding="utf-8")


@pytest.mark.parametrize("name", ["n", "mean", "sd", "median", "mean_rank"])
def test_groups_are_described(bfi: pd.DataFrame, name: str, compare: Callable[..., None]) -> None:
    found = group_means(GroupCounts.of(bfi, "N1", "education"))
    compare("difference.groups", "r: bfi", getattr(found, name), R[name])


def test_adjusted_residuals(bfi: pd.DataFrame, compare: Callable[..., None]) -> None:
    found = answer_shares(GroupCounts.of(bfi, "gender", "education"))
    compare("difference.answers", "r: bfi", found.residual, R["residual"], "residual")


def test_shares_are_of_the_group(bfi: pd.DataFrame, compare: Callable[..., None]) -> None:
    frame = answer_shares(GroupCounts.of(bfi, "gender", "education")).to_frame()
    compare("difference.answers", "r: bfi", frame["share"], np.ravel(R["share"]), "share")


@pytest.mark.parametrize(("outcome", "test", "place"), [("m", "welch_t", 0), ("Item1", "mann_whitney", 1)])
def test_limits_of_the_effect_of_two_groups_with_schools(
    outcome: str, test: str, place: int, compare: Callable[..., None]
) -> None:
    import statsmodels.api as sm

    frame = pd.read_csv(HERE / "explanation" / "swmd.csv", encoding="utf-8")
    frame["m"] = frame.filter(like="Item").mean(axis=1)
    frame["g"] = (frame["Item7"] > 3).astype(int)
    kind = "scale" if outcome == "m" else "ordinal"
    found = outcome_differences(NestedCounts.of(frame, outcome, "g", "classId"), kind)[0]
    assert isinstance(found.test, GroupTest)
    assert isinstance(found.test.effect, Effect)
    assert found.test.test == test
    # The effect has the sign of the first group less the second; the dummy is of the second.
    y = frame[outcome] if outcome == "m" else frame[outcome].rank()
    codes = pd.factorize(frame["classId"])[0]
    fit = sm.OLS(y, sm.add_constant(frame["g"])).fit(
        cov_type="cluster", cov_kwds={"groups": codes}, use_t=True
    )
    low, high = sorted(-fit.conf_int().loc["g"])
    expected = np.array([low, high]) / -fit.params["g"] * found.test.effect.value
    compare("nested.limits", "statsmodels: SWMD", found.clustered_limits, expected, test.replace("_", " "))


def test_three_groups_have_no_such_limits(bfi: pd.DataFrame) -> None:
    frame = bfi.assign(school=np.arange(len(bfi)) % 40)
    found = outcome_differences(NestedCounts.of(frame, "age", "education", "school"), "scale")[0]
    assert np.isnan(found.clustered_limits).all()


def test_a_small_group_and_the_next_smallest_are_left_out() -> None:
    found = compared_groups(("a", "b", "c", "d"), np.array([80, 4, 35, 20]), 10, protect=True)
    assert (found.held, found.small, found.beside) == (("a", "c"), ("b",), ("d",))


def test_without_protection_only_the_small_group_is_left_out() -> None:
    found = compared_groups(("a", "b", "c"), np.array([80, 4, 35]), 10)
    assert (found.held, found.small, found.beside) == (("a", "c"), ("b",), ())


def test_an_empty_group_is_nowhere() -> None:
    found = compared_groups(("a", "b", "c"), np.array([80, 0, 35]), 10, protect=True)
    assert (found.held, found.small, found.beside) == (("a", "c"), (), ())


def test_a_comparison_names_who_was_left_out_beside() -> None:
    frame = pd.DataFrame({"y": np.arange(60) % 7, "g": ["a"] * 30 + ["b"] * 15 + ["c"] * 11 + ["d"] * 4})
    found = outcome_differences(NestedCounts.of(frame, "y", "g"), "scale", minimum=10, protect=True)[0]
    notes = [note.reason for note in found.notes]
    assert notes == ["difference-groups-left-out: groups=d", "difference-groups-left-beside: groups=c"]


def test_what_the_small_cell_and_the_margins_give_away_is_hidden() -> None:
    counts = GroupCounts(
        "y", ("a", "b"), np.array([1.0, 2.0, 3.0]), np.array([[40, 3, 30], [35, 40, 20]]), 0, 0
    )
    frame = answer_shares(counts, 10, protect=True).to_frame().set_index(["group", "answer"])
    hidden = frame["n"].isna()
    assert hidden["a", 2.0]
    # Two hidden in its row and two in its column: neither margin gives it away.
    assert hidden["a"].sum() >= 2
    assert hidden["b", 2.0]


def test_groups_as_many_as_schools_are_not_clustered() -> None:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"y": rng.normal(size=400), "g": np.arange(400) % 40, "school": np.arange(400) % 40})
    found = outcome_differences(NestedCounts.of(frame, "y", "g", "school"), "scale")[0]
    assert [note.code for note in found.notes if "nested" in note.code] == ["difference-many-groups-nested"]
