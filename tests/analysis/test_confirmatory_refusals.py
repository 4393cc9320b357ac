"""Models and data that give no confirmatory solution, or an improper one: each is said by name."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.confirmatory import (
    ConfirmatoryAnalysis,
    FactorModel,
    cfa,
    cfa_full_information,
    cfa_ordinal,
    correlated_factors,
    method_factor,
    second_order,
    single_factor,
)
from manyi_analysis.measurement.polychoric import PolychoricCorrelations, polychoric_correlations
from manyi_analysis.records import Moments, NotComputed, PatternMoments, Tables

HERE = Path(__file__).parents[1] / "reference" / "measurement"
HOLZINGER = pd.read_csv(HERE / "holzinger1939.csv", encoding="utf-8")
BFI = pd.read_csv(HERE / "bfi.csv", encoding="utf-8")
ITEMS = tuple(f"x{number}" for number in range(1, 10))
SCALES = {"visual": ITEMS[:3], "textual": ITEMS[3:6], "speed": ITEMS[6:]}
MOMENTS = Moments.of(HOLZINGER, ITEMS)


def refused(result: ConfirmatoryAnalysis | NotComputed) -> str:
    assert isinstance(result, NotComputed)
    assert result.fault().message("zh") != result.fault().message("en")
    return result.code


def test_one_factor_of_two_items_has_too_many_parameters():
    assert refused(cfa(MOMENTS, single_factor({"visual": ITEMS[:2]}))) == "cfa-too-few-moments"


def test_a_single_item_has_no_factor():
    assert refused(cfa(MOMENTS, single_factor({"visual": ITEMS[:1]}))) == "one-item-scale"


def test_a_second_order_factor_of_two_is_not_identified():
    scales = {scale: SCALES[scale] for scale in ("visual", "textual")}
    result = cfa(MOMENTS, second_order(scales))
    assert refused(result) == "cfa-not-identified"


def test_what_is_not_identified_is_named():
    scales = {scale: SCALES[scale] for scale in ("visual", "textual")}
    result = cfa(MOMENTS, second_order(scales))
    assert isinstance(result, NotComputed)
    assert "general =~ textual" in str(result.details["loose"])


def test_two_uncorrelated_factors_of_two_items_are_not_identified():
    model = FactorModel("pairs", {"a": ITEMS[:2], "b": ITEMS[2:4]}, uncorrelated=(("a", "b"),))
    assert refused(cfa(MOMENTS, model)) == "cfa-not-identified"


def test_items_that_follow_from_each_other_are_refused():
    frame = HOLZINGER.assign(x3=HOLZINGER["x1"] + HOLZINGER["x2"])
    assert refused(cfa(Moments.of(frame, ITEMS), correlated_factors(SCALES))) == "singular-correlations"


def test_a_constant_item_is_refused():
    frame = HOLZINGER.assign(x3=3.0)
    assert refused(cfa(Moments.of(frame, ITEMS), correlated_factors(SCALES))) == "constant-item"


def test_an_item_nobody_answered_is_refused_listwise():
    frame = HOLZINGER.assign(x3=np.nan)
    assert refused(cfa(Moments.of(frame, ITEMS), correlated_factors(SCALES))) == "too-few-rows"


def test_an_item_nobody_answered_is_refused_with_all_answers():
    frame = HOLZINGER.assign(x3=np.nan)
    result = cfa_full_information(PatternMoments.of(frame, ITEMS), correlated_factors(SCALES))
    assert refused(result) == "missing-column-empty"


def test_fewer_rows_than_items_are_refused():
    result = cfa(Moments.of(HOLZINGER.iloc[:8], ITEMS), correlated_factors(SCALES))
    assert refused(result) == "fewer-rows-than-items"


# Answers of one factor a scale and nothing else: a loading of the method factor grows without end.
def test_a_factor_that_is_not_there_does_not_converge_and_is_said():
    random = np.random.default_rng(2)
    factors = random.normal(size=(2000, 3)) @ np.linalg.cholesky(0.4 + 0.6 * np.eye(3)).T
    values = np.repeat(factors, 3, axis=1) + random.normal(size=(2000, 9))
    frame = pd.DataFrame(values, columns=list(ITEMS))
    assert refused(cfa(Moments.of(frame, ITEMS), method_factor(SCALES))) == "cfa-not-converged"


def test_factors_that_cannot_be_told_apart_are_said():
    split = {"a": ["x4", "x5"], "b": ["x6", "x4b"]}
    frame = HOLZINGER.assign(x4b=HOLZINGER["x4"] + 0.3 * np.sin(np.arange(len(HOLZINGER))))
    model = correlated_factors(split)
    result = cfa(Moments.of(frame, model.items), model)
    assert isinstance(result, ConfirmatoryAnalysis)
    assert not result.proper


def test_every_remark_reads_in_both_languages():
    frame = HOLZINGER.assign(x4b=HOLZINGER["x4"] + 0.3 * np.sin(np.arange(len(HOLZINGER))))
    model = correlated_factors({"a": ["x4", "x5"], "b": ["x6", "x4b"]})
    result = cfa(Moments.of(frame, model.items), model)
    assert isinstance(result, ConfirmatoryAnalysis)
    fault = result.remarks[0].fault()
    assert (fault.severity, "correlated" in fault.message("en")) == ("warning", True)


def test_a_polychoric_correlation_at_its_bound_is_refused():
    frame = BFI[["A2", "A3", "A5"]].dropna().assign(A6=lambda rows: rows["A5"])
    items = list(frame.columns)
    polychoric = polychoric_correlations(Tables.of(frame, items), rows=frame)
    assert isinstance(polychoric, PolychoricCorrelations)
    assert refused(cfa_ordinal(polychoric, single_factor({"a": items}))) == "correlation-at-bound"


def test_polychoric_correlations_without_their_covariances_are_no_input():
    frame = BFI[["A2", "A3", "A5"]].dropna()
    polychoric = polychoric_correlations(Tables.of(frame, list(frame.columns)))
    assert isinstance(polychoric, PolychoricCorrelations)
    with pytest.raises(ValueError, match="covariances"):
        cfa_ordinal(polychoric, single_factor({"a": list(frame.columns)}))


def test_a_robust_estimator_needs_fourth_moments():
    with pytest.raises(ValueError, match="fourth"):
        cfa(MOMENTS, correlated_factors(SCALES), estimator="MLM")


@pytest.mark.parametrize(
    "wrong",
    [
        {"factors": {}},
        {"factors": {"a": ()}},
        {"factors": {"a": ("x1", "x1", "x2")}},
        {"factors": {"a": ("b",), "b": ("a",)}},
        {"factors": {"a": ("x1", "x2")}, "errors": (("x1", "x9"),)},
        {"factors": {"a": ("x1", "x2")}, "errors": (("x1", "x1"),)},
        {"factors": {"a": ("x1", "x2")}, "uncorrelated": (("a", "b"),)},
        {"factors": {"a": ("x1", "x2")}, "equal_loadings": ("b",)},
    ],
)
def test_a_model_that_contradicts_itself_is_no_model(wrong):
    with pytest.raises(ValueError, match=r".+"):
        FactorModel("wrong", **wrong)


def test_a_factor_may_not_take_the_name_of_a_scale():
    with pytest.raises(ValueError, match="visual"):
        second_order(SCALES, "visual")


def test_empty_scales_are_left_out_of_a_draft():
    assert correlated_factors({**SCALES, "empty": []}).latents == tuple(SCALES)
