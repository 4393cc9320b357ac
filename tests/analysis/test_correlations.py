"""Correlations of respondents and schools against R (tests/reference/differences/differences.R)."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.correlations import (
    Correlation,
    NoCorrelation,
    clustered_pearson,
    correlation_frame,
    partial,
    pearson,
    polychoric_pairs,
    school_means,
    spearman,
    within_schools,
)
from manyi_analysis.measurement.polychoric import PolychoricCorrelations, polychoric_correlations
from manyi_analysis.records import GroupedMoments, Moments, PairwiseMoments, Tables

HERE = Path(__file__).parents[1] / "reference"
R = json.loads((HERE / "differences" / "differences.json").read_text(encoding="utf-8"))["correlations"]
AGREE = [f"A{number}" for number in range(1, 6)]


@pytest.fixture(scope="module")
def bfi() -> pd.DataFrame:
    return pd.read_csv(HERE / "measurement" / "bfi.csv", encoding="utf-8")


@pytest.fixture(scope="module")
def classes() -> GroupedMoments:
    frame = pd.read_csv(HERE / "explanation" / "swmd.csv", encoding="utf-8")
    return GroupedMoments.of(frame, ["Item1", "Item2"], "classId")


def only(found: tuple[Correlation | NoCorrelation, ...], a: str, b: str) -> Correlation:
    pair = next(each for each in found if (each.a, each.b) == (a, b))
    assert isinstance(pair, Correlation)
    return pair


def test_pearson(bfi: pd.DataFrame, compare: Callable[..., None]) -> None:
    found, reference = only(pearson(Moments.of(bfi, AGREE)), "A1", "A2"), R["pearson"]
    compare("r.pearson", "r: bfi", found.r, reference["estimate"], "respondents")
    compare("r.p", "r: bfi", found.p, reference["p"], "Pearson, respondents")
    compare("r.limits", "r: bfi", [found.low, found.high], reference["ci"], "Pearson, respondents")


def test_pairwise_correlations_state_their_own_n(bfi: pd.DataFrame) -> None:
    found = only(pearson(PairwiseMoments.of(bfi, AGREE)), "A1", "A2")
    assert found.n == R["spearman"]["n"]
    assert found.r == pytest.approx(bfi["A1"].corr(bfi["A2"]), rel=1e-10)


def test_spearman(bfi: pd.DataFrame, compare: Callable[..., None]) -> None:
    found, reference = only(spearman(Tables.of(bfi, AGREE)), "A1", "A2"), R["spearman"]
    assert found.n == reference["n"]
    compare("r.spearman", "r: bfi", found.r, reference["estimate"])
    compare("r.p", "r: bfi", found.p, reference["p"], "Spearman")


@pytest.mark.parametrize(
    ("a", "b", "controls", "name"),
    [("A1", "A2", None, "partial_rest"), ("A2", "A3", ["A1", "A5"], "partial_two")],
)
def test_partial(
    bfi: pd.DataFrame, a: str, b: str, controls: list[str] | None, name: str, compare: Callable[..., None]
) -> None:
    found, reference = only(partial(Moments.of(bfi, AGREE), None, controls), a, b), R[name]
    assert found.n == reference["n"]
    compare("r.partial", "r: bfi", found.r, reference["r"])
    compare("r.p", "r: bfi", found.p, reference["p"], "partial")


def test_correlation_of_school_means(classes: GroupedMoments, compare: Callable[..., None]) -> None:
    found, reference = only(school_means(classes), "Item1", "Item2"), R["between"]
    assert (found.level, found.n) == ("school_means", 30)
    compare("r.pearson", "r: SWMD", found.r, reference["estimate"], "school means")
    compare("r.p", "r: SWMD", found.p, reference["p"], "Pearson, school means")
    compare("r.limits", "r: SWMD", [found.low, found.high], reference["ci"], "Pearson, school means")


def test_correlation_within_schools(classes: GroupedMoments, compare: Callable[..., None]) -> None:
    found, reference = only(within_schools(classes), "Item1", "Item2"), R["within"]
    compare("r.pearson", "r: SWMD", found.r, reference["r"], "within schools")
    compare("r.p", "r: SWMD", found.p, reference["p"], "Pearson, within schools")


def test_p_with_schools_allowed_for(classes: GroupedMoments, compare: Callable[..., None]) -> None:
    found = only(clustered_pearson(classes), "Item1", "Item2")
    compare("r.p", "clubsandwich: SWMD", found.p_clustered, R["clustered_p"], "Pearson, clustered by school")
    compare("r.p", "r: SWMD", found.p, R["respondents"]["p"], "Pearson, respondents")
    assert found.clusters == 30


def test_columns_of_the_contract(bfi: pd.DataFrame) -> None:
    frame = correlation_frame(pearson(Moments.of(bfi, AGREE)))
    assert {"level", "a", "b", "method", "n", "r", "p"} <= set(frame.columns)
    assert len(frame) == 10


SMALL = pd.DataFrame({"x": [1.0, 2, 3, 4], "same": 2.0, "twice": [2.0, 4, 6, 8], "none": np.nan})


@pytest.mark.parametrize(
    ("columns", "code"), [(["x", "same"], "correlation-constant"), (["x", "none"], "correlation-few-rows")]
)
def test_what_cannot_be_correlated_says_why(columns: list[str], code: str) -> None:
    for found in (pearson(Moments.of(SMALL, columns)), spearman(Tables.of(SMALL, columns))):
        assert isinstance(found[0], NoCorrelation)
        assert found[0].reason.code == code
        assert correlation_frame(found)["r"].isna().all()


def test_perfect_correlation() -> None:
    found = only(pearson(Moments.of(SMALL, ["x", "twice"])), "x", "twice")
    assert (found.r, found.p, found.low, found.high) == (1.0, 0.0, 1.0, 1.0)


def test_controls_that_determine_a_variable_are_said() -> None:
    frame = SMALL.assign(y=[1.0, 3, 2, 5], z=[1.0, 0, 1, 0])
    found = partial(Moments.of(frame, ["x", "y", "twice"]), ["x", "y"], ["twice"])
    assert isinstance(found[0], NoCorrelation)
    assert found[0].reason.code == "correlation-controls-determine"


def test_a_variable_of_schools_has_no_correlation_within_them() -> None:
    u, v = [1.1, 1.1, 2.3, 2.3, 0.7, 0.7], [1.0, 2, 3, 5, 8, 13]
    frame = pd.DataFrame({"s": list("aabbcc"), "u": u, "v": v})
    found = within_schools(GroupedMoments.of(frame, ["u", "v"], "s"))
    assert isinstance(found[0], NoCorrelation)


def test_polychoric_pairs(bfi: pd.DataFrame, compare: Callable[..., None]) -> None:
    """Estimates and limits of lavaan::lavCor, at the tolerance of polychoric correlations."""
    record = polychoric_correlations(Tables.of(bfi.dropna(subset=AGREE), AGREE[:3]))
    assert isinstance(record, PolychoricCorrelations)
    reference, found = R["polychoric"], polychoric_pairs(record)
    for a, b, r, low, high in zip(*(reference[name] for name in ("a", "b", "r", "low", "high")), strict=True):
        pair = only(found, a, b)
        compare("r.polychoric", "lavaan: bfi", [pair.r, pair.low, pair.high], [r, low, high])
