"""Convergent and discriminant validity, and method variance, against lavaan and semTools."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.confirmatory import (
    ConfirmatoryAnalysis,
    ConvergentValidity,
    Heterotrait,
    MethodVariance,
    bifactor,
    cfa,
    convergent_validity,
    correlated_factors,
    htmt,
    htmt_bootstrap,
    method_variance,
    second_order,
)
from manyi_analysis.records import FourthMoments, GroupedMoments, Moments, NotComputed

HERE = Path(__file__).parents[1] / "reference" / "measurement"
LAVAAN = json.loads((HERE / "confirmatory.json").read_text(encoding="utf-8"))
HOLZINGER = pd.read_csv(HERE / "holzinger1939.csv", encoding="utf-8")
ITEMS = tuple(f"x{number}" for number in range(1, 10))
SCALES = {"visual": ITEMS[:3], "textual": ITEMS[3:6], "speed": ITEMS[6:]}
MOMENTS = Moments.of(HOLZINGER, ITEMS)
FOURTH = FourthMoments.of(HOLZINGER, ITEMS)
DATA = "Holzinger & Swineford"
PAIRS = [("visual", "textual"), ("visual", "speed"), ("textual", "speed")]


def validity(model) -> pd.DataFrame:
    result = cfa(MOMENTS, model)
    assert isinstance(result, ConfirmatoryAnalysis)
    record = convergent_validity(result)
    assert isinstance(record, ConvergentValidity)
    return record.to_frame().set_index("scale")


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("measure", ["cr", "ave", "cr_raw", "ave_raw"])
def test_convergent_validity_as_lavaan_and_semtools(scale, measure, compare):
    found = validity(correlated_factors(SCALES)).loc[scale, measure]
    source = "semtools" if measure.endswith("raw") else "lavaan"
    of = "raw units" if measure.endswith("raw") else "standardized"
    statistic = measure.removesuffix("_raw")
    compare(statistic, f"{source}: {DATA}", found, LAVAAN["convergent"][measure][scale], of)


def test_errors_that_correlate_count_in_composite_reliability(compare):
    found = validity(correlated_factors(SCALES, errors=[("x7", "x8")])).loc["speed", "cr"]
    expected = LAVAAN["convergent"]["cr_correlated_errors"]
    compare("cr", f"lavaan: {DATA}", found, expected, "correlated errors")


def test_fornell_larcker_compares_with_the_largest_factor_correlation(compare):
    listed = LAVAAN["cases"]["correlated"]["estimates"]
    correlations = [
        std
        for left, op, right, std in zip(*(listed[k] for k in ("left", "op", "right", "std")), strict=True)
        if op == "~~" and "visual" in (left, right) and left != right
    ]
    found = validity(correlated_factors(SCALES)).loc["visual", "largest_correlation"]
    compare("fornell", f"lavaan: {DATA}", found, max(correlations))


def test_a_scale_of_one_item_has_no_composite_reliability():
    scales = {"visual": ITEMS[:3], "textual": ITEMS[3:4], "speed": ITEMS[6:]}
    assert validity(correlated_factors(scales))["cr"].isna().tolist() == [False, True, False]


def test_a_second_order_factor_is_no_scale():
    assert validity(second_order(SCALES)).index.tolist() == list(SCALES)


def test_items_of_several_factors_are_refused():
    result = cfa(MOMENTS, bifactor(SCALES))
    assert isinstance(result, ConfirmatoryAnalysis)
    reason = convergent_validity(result)
    assert isinstance(reason, NotComputed)
    assert reason.code == "cfa-cross-loadings"


def ratios(record: Heterotrait | NotComputed) -> pd.DataFrame:
    assert isinstance(record, Heterotrait)
    return record.to_frame().set_index(["scale_a", "scale_b"])


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize(("ours", "theirs"), [("htmt", "arithmetic"), ("htmt2", "geometric")])
def test_htmt_as_semtools(pair, ours, theirs, compare):
    columns = LAVAAN["htmt"]["columns"]
    expected = LAVAAN["htmt"][theirs][columns.index(pair[0])][columns.index(pair[1])]
    compare(
        "htmt", f"semtools: {DATA}", ratios(htmt(MOMENTS, SCALES)).loc[pair, ours], expected, ours.upper()
    )


# lavaan's delta method, of the ratio written as a function of a saturated model's covariances.
@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize(("ours", "theirs"), [("se", "se"), ("low", "low"), ("high", "high")])
@pytest.mark.parametrize("kind", ["normal", "free"])
@pytest.mark.parametrize(("prefix", "name"), [("", "ht"), ("htmt2_", "geo")])
def test_interval_of_htmt_as_lavaan(pair, ours, theirs, kind, prefix, name, compare):
    listed = LAVAAN["htmt"][kind]
    expected = listed[theirs][listed["name"].index(f"{name}_{pair[0]}_{pair[1]}")]
    record = htmt(MOMENTS, SCALES, FOURTH if kind == "free" else None)
    of = "{}, {} data".format("HTMT2" if prefix else "HTMT", "normal" if kind == "normal" else "any")
    compare("htmt.limits", f"lavaan: {DATA}", ratios(record).loc[pair, prefix + ours], expected, of)


# Drawn one row at a time the bootstrap is the ordinary one, whose spread is that of the delta method.
@pytest.mark.parametrize("pair", PAIRS)
def test_bootstrap_spreads_as_the_delta_method_says(pair, compare):
    rows = GroupedMoments.of(HOLZINGER.assign(row=np.arange(len(HOLZINGER))), ITEMS, "row")
    listed = LAVAAN["htmt"]["free"]
    expected = listed["se"][listed["name"].index(f"ht_{pair[0]}_{pair[1]}")]
    found = ratios(htmt_bootstrap(rows, SCALES, draws=4000)).loc[pair, "se"]
    compare("htmt.bootstrap", f"lavaan: {DATA}, delta method", found, expected)


@pytest.mark.parametrize("pair", PAIRS)
def test_bootstrap_gives_the_same_ratio(pair):
    schools = GroupedMoments.of(HOLZINGER, ITEMS, "school")
    expected = ratios(htmt(MOMENTS, SCALES)).loc[pair, "htmt"]
    found = ratios(htmt_bootstrap(schools, SCALES, draws=50)).loc[pair, "htmt"]
    assert found == pytest.approx(expected, abs=1e-12)


def test_reverse_keyed_items_do_not_change_htmt():
    turned = Moments.of(HOLZINGER.assign(x4=-HOLZINGER["x4"]), ITEMS)
    expected = ratios(htmt(MOMENTS, SCALES))["htmt"].tolist()
    assert ratios(htmt(turned, SCALES))["htmt"].tolist() == pytest.approx(expected, abs=1e-12)


def test_scales_of_one_item_are_left_out_of_htmt():
    record = htmt(MOMENTS, {**SCALES, "textual": ITEMS[3:4]})
    assert isinstance(record, Heterotrait)
    assert (record.left_out, len(record.ratios)) == (("textual",), 1)


def test_one_scale_has_no_htmt():
    record = htmt(MOMENTS, {"visual": ITEMS[:3]})
    assert isinstance(record, NotComputed)
    assert record.code == "htmt-too-few-scales"


def test_one_cluster_has_no_bootstrap():
    one = GroupedMoments.of(HOLZINGER.assign(one=1), ITEMS, "one")
    record = htmt_bootstrap(one, SCALES)
    assert isinstance(record, NotComputed)
    assert record.code == "cfa-too-few-groups"


@pytest.mark.parametrize(("equal", "case"), [(False, "method"), (True, "method_equal")])
def test_method_variance_compares_the_two_models_of_lavaan(equal, case, compare):
    record = method_variance(MOMENTS, SCALES, equal)
    assert isinstance(record, MethodVariance)
    chi2 = {name: LAVAAN["cases"][name]["fit"]["chisq"] for name in ("correlated", case)}
    expected = chi2["correlated"] - chi2[case]
    compare(
        "method.chi2", f"lavaan: {DATA}", record.delta_chi2, expected, "equal loadings" if equal else "free"
    )


@pytest.mark.parametrize(("equal", "case"), [(False, "method"), (True, "method_equal")])
def test_share_of_the_method_factor_as_lavaan(equal, case, compare):
    record = method_variance(MOMENTS, SCALES, equal)
    assert isinstance(record, MethodVariance)
    listed = LAVAAN["cases"][case]["estimates"]
    squares = [
        std**2
        for left, op, std in zip(listed["left"], listed["op"], listed["std"], strict=True)
        if left == "method" and op == "=~"
    ]
    of = "equal loadings" if equal else "free"
    compare("method.share", f"lavaan: {DATA}", record.variance_share, np.mean(squares), of)


def test_an_improper_method_factor_is_said():
    record = method_variance(MOMENTS, SCALES)
    assert isinstance(record, MethodVariance)
    assert "cfa-negative-error-variance" in record.to_frame()["remarks"].item()
