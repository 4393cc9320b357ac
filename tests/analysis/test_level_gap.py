"""The expectation-perception gap against R on SWMD (tests/reference/differences/differences.R)."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.level.gap import Gap, expectation_gap, gap_frame
from manyi_analysis.records import GroupedMoments, Moments, NotComputed

HERE = Path(__file__).parents[1] / "reference"
R = json.loads((HERE / "differences" / "differences.json").read_text(encoding="utf-8"))["gap"]


@pytest.fixture(scope="module")
def pupils() -> pd.DataFrame:
    return pd.read_csv(HERE / "explanation" / "swmd.csv", encoding="utf-8")


@pytest.fixture(scope="module")
def found(pupils: pd.DataFrame) -> Gap:
    """Item2 stands for expectation, Item1 for perception."""
    gap = expectation_gap(GroupedMoments.of(pupils, ["Item1", "Item2"], "classId"), "Item2", "Item1")
    assert isinstance(gap, Gap)
    return gap


def test_gap_and_its_limits(found: Gap, compare: Callable[..., None]) -> None:
    reference = R["paired"]
    ours = [found.plain.value, found.plain.low, found.plain.high]
    compare("gap", "r: SWMD", ours, [reference["estimate"], *reference["ci"]])


def test_paired_t(found: Gap, compare: Callable[..., None]) -> None:
    frame = found.to_frame()
    ours, reference = [frame["t"].iloc[0], frame["df"].iloc[0], found.p], R["paired"]
    compare("gap.t", "r: SWMD", ours, [reference["statistic"], reference["df"], reference["p"]])


def test_schools_allowed_for(found: Gap, compare: Callable[..., None]) -> None:
    assert found.clustered is not None
    ours = [found.clustered.low, found.clustered.high, found.clustered.se, found.p_clustered]
    theirs = [R["clustered"][name] for name in ("low", "high", "se", "p")]
    compare("gap.clustered", "clubsandwich: SWMD", ours, theirs)


def test_standardized_gap(found: Gap, compare: Callable[..., None]) -> None:
    ours = [found.effect.value, found.effect.low, found.effect.high]
    compare("gap.d", "r: SWMD", ours, R["dz"])
    because = "limits by a simplex search"
    compare("gap.d", "effectsize: SWMD", ours, R["dz_effectsize"], "", 1e-6, "", because)


def test_correlation_of_expectation_and_perception(found: Gap, compare: Callable[..., None]) -> None:
    compare("gap.r", "r: SWMD", found.correlation, R["r"])


def test_without_schools(pupils: pd.DataFrame, found: Gap) -> None:
    plain = expectation_gap(Moments.of(pupils, ["Item1", "Item2"]), "Item2", "Item1")
    assert isinstance(plain, Gap)
    assert plain.clustered is None
    assert plain.p == pytest.approx(found.p, rel=1e-12)


def test_gaps_are_one_family(pupils: pd.DataFrame) -> None:
    moments = Moments.of(pupils, ["Item1", "Item2", "Item3"])
    frame = gap_frame([expectation_gap(moments, a, b) for a, b in (("Item2", "Item1"), ("Item3", "Item1"))])
    assert frame["p_adjusted"].min() == pytest.approx(2 * frame["p"].min())


@pytest.mark.parametrize(
    ("perception", "code"),
    [("one_more", "gap-no-difference"), ("none", "too-few-rows"), ("e", "gap-no-difference")],
)
def test_what_has_no_gap_says_why(perception: str, code: str) -> None:
    frame = pd.DataFrame({"e": [1.0, 2, 3], "one_more": [2.0, 3, 4], "none": np.nan})
    gap = expectation_gap(Moments.of(frame, ["e", perception]), "e", perception)
    assert isinstance(gap, NotComputed)
    assert gap.code == code
    assert gap_frame([gap])["reason"].iloc[0].startswith(code)
    assert "{" not in gap.fault().message("zh") + gap.fault().message("en")
