"""Regression on school means and the reliability of means against R's lm, sandwich and multilevel."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.explanation.school_means import (
    MeanReliability,
    SchoolMeanRegression,
    mean_reliability,
    school_mean_regression,
)
from manyi_analysis.records import GroupedMoments, NotComputed

HERE = Path(__file__).parents[1] / "reference" / "explanation"
R = json.loads((HERE / "multilevel.json").read_text(encoding="utf-8"))
Compare = Callable[..., None]
KINDS = {"equal": ("equal", "HC3"), "respondents": ("respondents", "HC3"), "classical": ("equal", "OLS")}


@pytest.fixture(scope="module")
def moments() -> GroupedMoments:
    frame = pd.read_csv(HERE / "hsb82.csv", encoding="utf-8")
    return GroupedMoments.of(frame, ("mAch", "ses", "public"), "school")


def fitted(moments: GroupedMoments, kind: str) -> SchoolMeanRegression:
    weights, se_type = KINDS[kind]
    result = school_mean_regression(moments, "mAch", ("ses", "public"), weights, se_type)
    assert isinstance(result, SchoolMeanRegression)
    return result


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize(("ours", "theirs"), [("estimate", "b"), ("se", "se")])
def test_coefficients_equal_r(
    moments: GroupedMoments, kind: str, ours: str, theirs: str, compare: Compare
) -> None:
    weights, se_type = KINDS[kind]
    source = "sandwich: HSB82" if se_type == "HC3" else "r: HSB82"
    found, expected = fitted(moments, kind).to_frame()[ours], R["school_means"][kind][theirs]
    compare(f"school_mean.{theirs}", source, found, expected, f"weights {weights}")


@pytest.mark.parametrize("kind", list(KINDS))
def test_r2_equals_r(moments: GroupedMoments, kind: str, compare: Compare) -> None:
    found, theirs = fitted(moments, kind), R["school_means"][kind]
    compare("school_mean.r2", "r: HSB82", (found.r2, found.adj_r2), (theirs["r2"], theirs["adj_r2"]))


@pytest.mark.parametrize(
    ("quantity", "source"), [("icc1", "r: HSB82, aov"), ("icc2", "multilevel: HSB82, aov")]
)
def test_reliability_of_means_equals_multilevel(
    moments: GroupedMoments, quantity: str, source: str, compare: Compare
) -> None:
    found = mean_reliability(moments)
    assert isinstance(found, MeanReliability)
    compare(f"school_mean.{quantity}", source, getattr(found, quantity)[:2], R["reliability"][quantity])


def test_equal_schools_have_the_reliability_of_spearman_and_brown() -> None:
    # With schools of one size 1 - MSW/MSB is the ICC stepped up to that size (Bliese, 2000, eq. 8.3).
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"school": np.repeat(np.arange(30), 8)})
    frame["y"] = rng.normal(size=30)[frame["school"]] + rng.normal(size=240)
    found = mean_reliability(GroupedMoments.of(frame, ("y",), "school"))
    assert isinstance(found, MeanReliability)
    assert found.spearman_brown[0] == pytest.approx(found.icc2[0], rel=1e-12)


def test_slopes_between_true_means_equal_r(moments: GroupedMoments, compare: Compare) -> None:
    corrected = fitted(moments, "equal").corrected
    assert not isinstance(corrected, NotComputed)
    compare("school_mean.corrected", "r: HSB82", corrected[1:], R["school_means"]["corrected"])


def test_the_unit_is_the_school(moments: GroupedMoments) -> None:
    found = fitted(moments, "equal")
    assert (found.schools, found.df, found.n) == (160, 157, 7185)


def test_unreliable_means_are_named() -> None:
    rng = np.random.default_rng(8)
    frame = pd.DataFrame({"school": np.repeat(np.arange(40), 3)})
    frame["x"] = 0.3 * rng.normal(size=40)[frame["school"]] + rng.normal(size=120)
    frame["y"] = rng.normal(size=40)[frame["school"]] + rng.normal(size=120)
    found = school_mean_regression(GroupedMoments.of(frame, ("y", "x"), "school"), "y", ("x",))
    assert isinstance(found, SchoolMeanRegression)
    assert found.unreliable == ("x",)


@pytest.mark.parametrize(
    ("columns", "schools", "code"),
    [
        (("ses", "public"), 3, "regression-few-clusters"),
        (("ses", "double"), 160, "regression-collinear"),
        (("ses", "one"), 160, "regression-collinear"),
    ],
)
def test_what_cannot_be_regressed_says_why(columns: tuple[str, ...], schools: int, code: str) -> None:
    frame = pd.read_csv(HERE / "hsb82.csv", encoding="utf-8").assign(one=1.0)
    frame["double"] = 2 * frame["ses"]
    frame = frame[frame["school"].isin(frame["school"].unique()[:schools])]
    moments = GroupedMoments.of(frame, ("mAch", *columns), "school")
    found = school_mean_regression(moments, "mAch", columns)
    assert isinstance(found, NotComputed)
    assert found.code == code


def test_means_that_differ_by_chance_only_have_no_true_slope() -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"school": np.tile(np.arange(20), 5), "x": np.tile(np.arange(100) % 7, 1) * 1.0})
    frame["x"] -= frame.groupby("school")["x"].transform("mean") - 0.001 * frame["school"]
    frame["y"] = rng.normal(size=100)
    found = school_mean_regression(GroupedMoments.of(frame, ("y", "x"), "school"), "y", ("x",))
    assert isinstance(found, SchoolMeanRegression)
    assert isinstance(found.corrected, NotComputed)
    assert found.corrected.code == "between-not-positive"
    assert found.to_frame()["corrected"].isna().all()
