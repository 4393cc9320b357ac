"""The expectation-perception gap against R on SWMD (tests/reference/differences/differences.R)."""

import json
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


def test_gap_and_its_limits(found: Gap) -> None:
    reference = R["paired"]
    assert found.plain.value == pytest.approx(reference["estimate"], rel=1e-9)
    np.testing.assert_allclose([found.plain.low, found.plain.high], reference["ci"], rtol=1e-9)


def test_paired_t(found: Gap) -> None:
    frame = found.to_frame()
    assert frame["t"].iloc[0] == pytest.approx(R["paired"]["statistic"], rel=1e-9)
    assert frame["df"].iloc[0] == R["paired"]["df"]
    assert found.p == pytest.approx(R["paired"]["p"], rel=1e-8)


def test_schools_allowed_for(found: Gap) -> None:
    assert found.clustered is not None
    ours = [found.clustered.low, found.clustered.high, found.clustered.se, found.p_clustered]
    np.testing.assert_allclose(ours, [R["clustered"][name] for name in ("low", "high", "se", "p")], rtol=1e-8)


def test_standardized_gap(found: Gap) -> None:
    ours = [found.effect.value, found.effect.low, found.effect.high]
    np.testing.assert_allclose(ours, R["dz"], rtol=1e-7)
    np.testing.assert_allclose(ours, R["dz_effectsize"], atol=1e-6)


def test_correlation_of_expectation_and_perception(found: Gap) -> None:
    assert found.correlation == pytest.approx(R["r"], rel=1e-10)


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
