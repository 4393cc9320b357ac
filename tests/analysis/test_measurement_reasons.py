"""Every reason of the measurement room finds its details in its wording, in both languages."""

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.measurement import (
    guttman_lambdas,
    item_discrimination,
    level_reliability,
    omega_hierarchical,
    polychoric_correlations,
    retest_reliability,
    split_half,
    two_level,
)
from manyi_analysis.records import GroupedMoments, Moments, NotComputed, Tables

RNG = np.random.default_rng(0)
X = pd.DataFrame(RNG.normal(size=(60, 25)).round(1), columns=[f"q{number}" for number in range(25)])
SCHOOLS = X.assign(school=np.repeat(np.arange(20), 3))


def moments(*columns: str) -> Moments:
    return Moments.of(X, columns)


def tables(frame: pd.DataFrame) -> Tables:
    return Tables.of(frame, list(frame))


def level(frame: pd.DataFrame, items: list[str]) -> NotComputed:
    return level_reliability(two_level(GroupedMoments.of(frame, items, "school")).between).reasons[0]


def reasons() -> dict[str, NotComputed]:
    wide = two_level(GroupedMoments.of(SCHOOLS, ["q0", "q1", "q2"], "school"))
    against = X.assign(other=-X["q0"] + 0.1 * X["q1"])
    shared = np.repeat(RNG.normal(size=20), 3)
    two = pd.DataFrame(
        {
            "q0": shared + X["q0"] / 4,
            "q1": shared + X["q1"] / 4,
            "q2": 2 * shared - X["q0"] / 2 - X["q1"] / 2,
            "school": SCHOOLS["school"],
        }
    )
    same = pd.DataFrame({"a": [1.0, 2, 1, 2], "total": [3.0, 3, 3, 3]})
    return {
        "many-splits": guttman_lambdas(moments(*X)).reasons[0],
        "halves-unrelated": split_half(Moments.of(against, ["q0", "other"])),
        "few-group-factors": omega_hierarchical(moments("q0", "q1", "q2"), 2),
        "extreme-groups-overlap": item_discrimination(tables(same), "total", ["a"]),
        "no-residual": retest_reliability(Moments.of(X.assign(later=X["q0"] + 1), ["q0", "later"])),
        "many-categories": polychoric_correlations(tables(X[["q0", "q1"]])),
        "pair-without-variance": polychoric_correlations(
            tables(pd.DataFrame({"a": [1, 2, 1, np.nan, np.nan], "b": [np.nan, np.nan, 1, 1, 2]}))
        ),
        "two-level-few-schools": two_level(GroupedMoments.of(SCHOOLS.assign(school=1), ["q0"], "school")),
        "two-level-one-a-school": two_level(
            GroupedMoments.of(SCHOOLS.assign(school=range(60)), ["q0"], "school")
        ),
        "level-without-variance": level_reliability(wide.between).reasons[0],
        "level-not-positive-definite": level_reliability(
            two_level(GroupedMoments.of(two, ["q0", "q1", "q2"], "school")).between
        ).reasons[-1],
    }


REASONS = reasons()


@pytest.mark.parametrize("code", list(REASONS))
def test_reason_is_given(code):
    assert isinstance(REASONS[code], NotComputed)
    assert REASONS[code].code == code


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("code", list(REASONS))
def test_wording_finds_its_details(code, language):
    message = REASONS[code].fault().message(language)
    assert REASONS[code].statistic in message
    assert "{" not in message
