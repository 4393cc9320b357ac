"""Confidence limits of means and shares against R: t.test, prop.test, clubSandwich (explanation.R)."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.level.interval import Interval, mean_interval, share_interval

HERE = Path(__file__).parents[1] / "reference" / "explanation"
R = json.loads((HERE / "explanation.json").read_text(encoding="utf-8"))["level"]
FRAME = pd.read_csv(HERE / "swmd.csv", encoding="utf-8")
SCORE = FRAME.filter(like="Item").mean(axis=1)


def sums(values: pd.Series) -> list[np.ndarray]:
    grouped = values.groupby(FRAME["classId"])
    parts = (grouped.size(), grouped.sum(), (values**2).groupby(FRAME["classId"]).sum())
    return [np.append(part.to_numpy(dtype=float), 0.0) for part in parts]


def mean(values: pd.Series, clustered: bool) -> Interval:
    return mean_interval(*sums(values), clustered, 0.95)


def share(values: pd.Series, clustered: bool) -> Interval:
    n, hits, _ = sums(values.astype(float))
    return share_interval(n, hits, clustered, 0.95)


def limits(interval: Interval) -> list[float]:
    return [interval.value, interval.low, interval.high]


def reference(name: str) -> list[float]:
    return [R[name]["value"], R[name]["low"], R[name]["high"]]


def test_mean_of_independent_respondents(compare: Callable[..., None]) -> None:
    found = limits(mean(100 * (SCORE - 1) / 4, False))
    compare("level.interval", "r: SWMD", found, reference("mean"), "mean")


def test_mean_clustered_by_school(compare: Callable[..., None]) -> None:
    found = limits(mean(100 * (SCORE - 1) / 4, True))
    compare("level.interval", "clubsandwich: SWMD", found, reference("clustered_mean"), "mean, clustered")


def test_standard_error_clustered_by_school(compare: Callable[..., None]) -> None:
    found = mean(100 * (SCORE - 1) / 4, True).se
    compare("level.interval", "clubsandwich: SWMD", found, R["clustered_mean"]["se"], "mean, clustered")


def test_share_of_independent_respondents(compare: Callable[..., None]) -> None:
    found = limits(share(FRAME["Item1"] >= 4, False))
    compare("level.interval", "r: SWMD", found, reference("top2"), "share (Wilson)")


def test_share_clustered_by_school(compare: Callable[..., None]) -> None:
    found = limits(share(FRAME["Item1"] >= 4, True))
    compare("level.interval", "clubsandwich: SWMD", found, reference("clustered_top2"), "share, clustered")


def test_share_of_nobody(compare: Callable[..., None]) -> None:
    found = share_interval(np.array([25.0, 0.0]), np.array([0.0, 0.0]), False, 0.95)
    compare("level.interval", "r: nobody of 25", limits(found), reference("none"), "share (Wilson)")


def test_share_of_everybody_mirrors_nobody() -> None:
    found = share_interval(np.array([25.0, 0.0]), np.array([25.0, 0.0]), True, 0.95)
    assert (found.value, found.high) == (1.0, 1.0)
    assert found.low == pytest.approx(1 - R["none"]["high"], rel=1e-10)


def test_one_school_is_not_clustered() -> None:
    n, total, square = (np.array([float(part.sum()), 0.0]) for part in sums(SCORE))
    assert mean_interval(n, total, square, True, 0.95).method == "t"


def test_respondents_without_a_school_are_groups_of_one() -> None:
    """The variance is that of statsmodels-like CR1 with the school-less as singletons, G counting schools."""
    rng = np.random.default_rng(5)
    x, school = rng.normal(size=60), np.repeat(np.arange(6), 10)
    lone = school == 5
    n = np.append(np.bincount(school[~lone]), 10).astype(float)
    total = np.append(np.bincount(school[~lone], x[~lone]), x[lone].sum())
    square = np.append(np.bincount(school[~lone], x[~lone] ** 2), (x[lone] ** 2).sum())
    found = mean_interval(n, total, square, True, 0.95)
    scores = [
        *(x[school == g] - x.mean() for g in range(5)),
        *([value] for value in x[lone] - x.mean()),
    ]
    meat = sum(float(np.sum(score)) ** 2 for score in scores)
    assert found.schools == 5
    assert found.se == pytest.approx(np.sqrt(5 / 4 * meat) / 60, rel=1e-12)


def test_one_respondent_has_no_limits() -> None:
    found = mean_interval(np.array([1.0, 0.0]), np.array([3.0, 0.0]), np.array([9.0, 0.0]), False, 0.95)
    assert found.value == 3.0
    assert np.isnan(found.low)
