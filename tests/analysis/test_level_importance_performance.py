"""Importance and performance against R on SWMD, and a grid that can be read by hand."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.level.importance_performance import ImportancePerformance, importance_performance
from manyi_analysis.records import GroupedMoments, Moments, NotComputed

HERE = Path(__file__).parents[1] / "reference"
R = json.loads((HERE / "differences" / "differences.json").read_text(encoding="utf-8"))["importance"]
ITEMS = ["Item1", "Item2", "Item3"]


@pytest.fixture(scope="module")
def pupils() -> pd.DataFrame:
    frame = pd.read_csv(HERE / "explanation" / "swmd.csv", encoding="utf-8")
    return frame.assign(m=frame.filter(like="Item").mean(axis=1))


@pytest.fixture(scope="module")
def classes(pupils: pd.DataFrame) -> GroupedMoments:
    return GroupedMoments.of(pupils, ["m", *ITEMS], "classId")


def grid(found: ImportancePerformance | NotComputed) -> pd.DataFrame:
    assert isinstance(found, ImportancePerformance)
    return found.to_frame()


@pytest.mark.parametrize(
    ("measure", "name"),
    [
        ("standardized_coefficient", "standardized"),
        ("partial_correlation", "partial"),
        ("correlation", "correlation"),
    ],
)
def test_derived_importance(
    classes: GroupedMoments, measure: str, name: str, compare: Callable[..., None]
) -> None:
    frame = grid(importance_performance(classes, ITEMS, "m", measure=measure))  # type: ignore[arg-type]
    compare("ipa.importance", "r: SWMD", frame["importance"], R[name], measure.replace("_", " "))


def test_limits_of_coefficients_allow_for_schools(
    classes: GroupedMoments, compare: Callable[..., None]
) -> None:
    frame = grid(importance_performance(classes, ITEMS, "m", measure="standardized_coefficient"))
    ours, theirs = (
        frame[["importance_low", "importance_high"]],
        [R["standardized_low"], R["standardized_high"]],
    )
    compare("ipa.limits", "clubsandwich: SWMD", ours, np.transpose(theirs))


def test_performance_and_its_limits(classes: GroupedMoments, compare: Callable[..., None]) -> None:
    frame = grid(importance_performance(classes, ITEMS, "m"))
    ours = frame[["performance", "performance_low", "performance_high"]].to_numpy()
    compare("ipa.performance", "clubsandwich: SWMD", ours, R["means"])


def test_revised_ipa_of_deng(
    pupils: pd.DataFrame, classes: GroupedMoments, compare: Callable[..., None]
) -> None:
    """Partial correlations of overall satisfaction with the logarithms of the attributes."""
    logarithms = Moments.of(pupils.assign(**{item: np.log(pupils[item]) for item in ITEMS}), ["m", *ITEMS])
    frame = grid(importance_performance(classes, ITEMS, "m", importance=logarithms))
    compare("ipa.importance", "r: SWMD", frame["importance"], R["partial_log"], "partial with logarithms")
    np.testing.assert_allclose(frame["performance"], np.array(R["means"])[:, 0], rtol=1e-9)


@pytest.fixture(scope="module")
def stated() -> Moments:
    """Return performance p1-p4 = 2, 4, 2, 4 and importance i1-i4 = 5, 5, 1, 1, each ± 0.1."""
    sign = np.tile([0.1, -0.1], 50)
    columns = {f"p{at}": value + sign for at, value in enumerate((2.0, 4.0, 2.0, 4.0), start=1)}
    columns |= {f"i{at}": value - sign for at, value in enumerate((5.0, 5.0, 1.0, 1.0), start=1)}
    return Moments.of(pd.DataFrame(columns), list(columns))


STATED = {f"p{at}": f"i{at}" for at in range(1, 5)}


def test_quadrants_of_martilla_and_james(stated: Moments) -> None:
    frame = grid(importance_performance(stated, list(STATED), stated=STATED, measure="stated"))
    assert frame["quadrant"].tolist() == ["concentrate_here", "keep_up", "low_priority", "possible_overkill"]
    assert frame["certain"].all()
    assert frame["importance_cross"].iloc[0] == pytest.approx(3.0)


def test_cross_at_the_midpoint(stated: Moments) -> None:
    found = importance_performance(
        stated, list(STATED), stated=STATED, measure="stated", cross="midpoint", midpoint=4.5
    )
    frame = grid(found)
    assert frame["quadrant"].tolist() == [
        "concentrate_here",
        "concentrate_here",
        "low_priority",
        "low_priority",
    ]


def test_a_point_whose_interval_holds_the_cross_is_uncertain() -> None:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(rng.normal(3, 1, (40, 4)), columns=["p1", "p2", "i1", "i2"])
    found = importance_performance(
        Moments.of(frame, list(frame)), ["p1", "p2"], stated={"p1": "i1", "p2": "i2"}, measure="stated"
    )
    assert not grid(found)["certain"].any()


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"measure": "stated", "stated": {"p1": "i1"}}, "importance-not-stated"),
        ({"measure": "correlation", "outcome": "i1", "cross": "midpoint"}, "importance-no-midpoint"),
        ({"measure": "correlation", "outcome": "i1"}, "regression-collinear"),
    ],
)
def test_what_cannot_be_placed_says_why(stated: Moments, options: dict[str, object], code: str) -> None:
    found = importance_performance(stated, ["p1", "p2"], **options)  # type: ignore[arg-type]
    assert isinstance(found, NotComputed)
    assert found.code == code
    assert "{" not in found.fault().message("zh") + found.fault().message("en")


def test_derived_importance_needs_an_outcome(stated: Moments) -> None:
    with pytest.raises(ValueError, match="derived from an outcome"):
        importance_performance(stated, ["p1", "p2"])
