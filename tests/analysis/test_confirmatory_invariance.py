"""Measurement invariance against lavaan 0.6-14, step by step."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.confirmatory import (
    ConfirmatoryAnalysis,
    Invariance,
    cfa_groups,
    correlated_factors,
    invariance,
)
from manyi_analysis.confirmatory.modification import likelihood_of, score_tests
from manyi_analysis.records import FourthMoments, Moments, NotComputed, PatternMoments

HERE = Path(__file__).parents[1] / "reference" / "measurement"
LAVAAN = json.loads((HERE / "confirmatory.json").read_text(encoding="utf-8"))["invariance"]
HOLZINGER = pd.read_csv(HERE / "holzinger1939.csv", encoding="utf-8")
BFI = pd.read_csv(HERE / "bfi.csv", encoding="utf-8")
ITEMS = tuple(f"x{number}" for number in range(1, 10))
MODEL = correlated_factors({"visual": ITEMS[:3], "textual": ITEMS[3:6], "speed": ITEMS[6:]})
BIG = correlated_factors({scale: [f"{scale}{number}" for number in range(1, 6)] for scale in "ACN"})
STEPS = ("configural", "metric", "scalar", "strict")
SCHOOLS = {str(key): Moments.of(rows, ITEMS) for key, rows in HOLZINGER.groupby("school", sort=False)}
FOURTH = {str(key): FourthMoments.of(rows, ITEMS) for key, rows in HOLZINGER.groupby("school", sort=False)}
LEVELS = {str(key): Moments.of(rows, BIG.items) for key, rows in BFI.groupby("education")}

RUNS = {
    "education": lambda: invariance(LEVELS, BIG, "education", STEPS, partial=False),
    "school": lambda: invariance(SCHOOLS, MODEL, "school", STEPS, scaling="marker", partial=False),
    "school_robust": lambda: invariance(
        SCHOOLS, MODEL, "school", STEPS, estimator="MLR", fourth=FOURTH, partial=False
    ),
    "school_mlm": lambda: invariance(
        SCHOOLS, MODEL, "school", STEPS, estimator="MLM", fourth=FOURTH, partial=False
    ),
}


OF = {"education": "ML", "school": "ML", "school_robust": "MLR", "school_mlm": "MLM"}
SOURCES = {
    name: "lavaan: bfi by education" if name == "education" else "lavaan: Holzinger & Swineford by school"
    for name in RUNS
}


@cache
def run(name: str) -> Invariance:
    result = RUNS[name]()
    assert isinstance(result, Invariance)
    return result


@pytest.mark.parametrize("position", range(4))
@pytest.mark.parametrize("name", ["education", "school", "school_robust"])
@pytest.mark.parametrize(
    ("ours", "measure"),
    [
        ("chi2", "chisq"),
        ("df", "df"),
        ("cfi", "cfi"),
        ("tli", "tli"),
        ("rmsea", "rmsea"),
        ("rmsea_low", "rmsea.ci.lower"),
        ("rmsea_high", "rmsea.ci.upper"),
        ("srmr", "srmr"),
        ("aic", "aic"),
        ("bic", "bic"),
    ],
)
def test_steps_as_lavaan(name, position, ours, measure, compare):
    fit = LAVAAN[name][STEPS[position]]
    expected = fit.get(f"{measure}.scaled", fit[measure]) if "robust" in name else fit[measure]
    found = run(name).to_frame()[ours].iloc[position]
    compare("invariance.fit", SOURCES[name], found, expected, f"{STEPS[position]}, {OF[name]}")


@pytest.mark.parametrize("position", range(1, 4))
@pytest.mark.parametrize("name", ["education", "school", "school_robust", "school_mlm"])
@pytest.mark.parametrize(("ours", "measure"), [("delta_chi2", "chi2"), ("delta_df", "df"), ("p", "p")])
def test_changes_as_lavaan(name, position, ours, measure, compare):
    expected = LAVAAN[f"{name}_changes"][measure][position]
    found, of = run(name).to_frame()[ours].iloc[position], f"{STEPS[position]}, {OF[name]}"
    compare("invariance.change", SOURCES[name], found, expected, of)


def test_change_of_cfi_as_lavaan(compare):
    fits = LAVAAN["school"]
    found = run("school").to_frame()["delta_cfi"].iloc[2]
    expected = fits["scalar"]["cfi"] - fits["metric"]["cfi"]
    compare("invariance.delta_cfi", SOURCES["school"], found, expected)


def test_score_tests_of_equal_parameters_as_lavaan(compare):
    result = cfa_groups(SCHOOLS, MODEL, equal=["loadings", "intercepts"])
    assert isinstance(result, ConfirmatoryAnalysis)
    table = [row for row in result.table.rows if row.group == 1 and row.matrix in ("Lambda", "nu")]
    table = [row for row in table if row.free >= 0]
    gains = score_tests(result, likelihood_of(result, SCHOOLS), table)
    found = {row.text: gain[0] for row, gain in zip(table, gains, strict=True)}
    expected = dict(zip(LAVAAN["scalar_scores"]["parameter"], LAVAAN["scalar_scores"]["x2"], strict=True))
    assert found.keys() == expected.keys()
    ours = [found[parameter] for parameter in expected]
    compare("invariance.score", SOURCES["school"], ours, list(expected.values()))


# The example of the lavaan tutorial: the intercepts of x3 and x7 differ between the two schools.
def test_partial_invariance_releases_what_the_score_tests_name():
    result = invariance(SCHOOLS, MODEL, "school")
    assert isinstance(result, Invariance)
    assert result.steps[-1].released == ("x3 ~1", "x7 ~1")


@pytest.mark.parametrize(("ours", "measure"), [("chi2", "chisq"), ("df", "df"), ("cfi", "cfi")])
def test_partial_invariance_as_lavaan(ours, measure, compare):
    result = invariance(SCHOOLS, MODEL, "school")
    assert isinstance(result, Invariance)
    expected = LAVAAN["school_partial"][measure]
    found = result.to_frame()[ours].iloc[-1]
    compare("invariance.fit", SOURCES["school"], found, expected, "partial scalar, ML")


def test_partial_scalar_invariance_makes_means_comparable():
    result = invariance(SCHOOLS, MODEL, "school")
    assert isinstance(result, Invariance)
    assert result.comparable


def test_means_are_not_compared_where_scalar_invariance_does_not_hold():
    result = invariance(SCHOOLS, MODEL, "school", partial=False)
    assert isinstance(result, Invariance)
    assert (result.comparable, len(result.factor_means_frame())) == (False, 0)


def test_fit_does_not_depend_on_the_scaling():
    marker = run("school").to_frame()["chi2"]
    variance = invariance(SCHOOLS, MODEL, "school", STEPS, partial=False)
    assert isinstance(variance, Invariance)
    assert variance.to_frame()["chi2"].tolist() == pytest.approx(marker.tolist(), abs=1e-8)


# With no answer missing the likelihood of all answers is that of complete rows.
def test_steps_of_all_answers_equal_those_of_complete_rows():
    patterns = {
        str(key): PatternMoments.of(rows, ITEMS) for key, rows in HOLZINGER.groupby("school", sort=False)
    }
    result = invariance(patterns, MODEL, "school", STEPS, partial=False)
    assert isinstance(result, Invariance)
    expected = [LAVAAN["school"][step]["chisq"] for step in STEPS]
    assert result.to_frame()["chi2"].tolist() == pytest.approx(expected, abs=1e-6)


def test_columns_of_the_contract():
    columns = {"by", "step", "chi2", "df", "cfi", "rmsea", "delta_cfi", "delta_chi2", "p"}
    assert columns <= set(run("school").to_frame().columns)


def test_groups_too_small_are_left_out_and_named():
    groups = {**SCHOOLS, "tiny": Moments.of(HOLZINGER.iloc[:6], ITEMS)}
    result = invariance(groups, MODEL, "school")
    assert isinstance(result, Invariance)
    assert {key: one.code for key, one in result.left_out.items()} == {"tiny": "fewer-rows-than-items"}


def test_a_group_that_all_answered_alike_is_left_out():
    alike = HOLZINGER.iloc[:100].assign(x5=3.0)
    result = invariance({**SCHOOLS, "alike": Moments.of(alike, ITEMS)}, MODEL, "school")
    assert isinstance(result, Invariance)
    assert result.left_out["alike"].code == "constant-item"


def test_an_empty_group_is_left_out():
    result = invariance({**SCHOOLS, "none": Moments.of(HOLZINGER.iloc[:0], ITEMS)}, MODEL, "school")
    assert isinstance(result, Invariance)
    assert tuple(result.left_out) == ("none",)


def test_with_all_answers_a_group_without_an_item_is_left_out():
    groups = {
        **{str(key): PatternMoments.of(rows, ITEMS) for key, rows in HOLZINGER.groupby("school", sort=False)},
        "unasked": PatternMoments.of(HOLZINGER.assign(x5=np.nan), ITEMS),
    }
    result = invariance(groups, MODEL, "school")
    assert isinstance(result, Invariance)
    assert result.left_out["unasked"].code == "missing-column-empty"


def test_one_group_cannot_be_compared():
    only = {"Pasteur": SCHOOLS["Pasteur"]}
    result = invariance(only, MODEL, "school")
    assert isinstance(result, NotComputed)
    assert result.code == "cfa-too-few-groups"


def test_two_groups_of_which_one_is_too_small_cannot_be_compared():
    groups = {"Pasteur": SCHOOLS["Pasteur"], "tiny": Moments.of(HOLZINGER.iloc[:1], ITEMS)}
    result = invariance(groups, MODEL, "school")
    assert isinstance(result, NotComputed)
    assert result.code == "cfa-too-few-groups"
