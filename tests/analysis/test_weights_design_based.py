"""Design-based estimates on the api samples of schools, against R's package survey."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.design_based import (
    LONELY,
    SurveyDesign,
    category_shares,
    domain_means,
    domain_ratios,
    mean_limits,
    share_limits,
)
from manyi_analysis.design_based.score_table import ScoreTable
from manyi_analysis.weights import calibrate_linear, margin_codes, rake

REFERENCE = Path(__file__).parents[1] / "reference" / "weights"
KNOWN = json.loads((REFERENCE / "weights.json").read_text(encoding="utf-8"))
STAGES = ("E", "H", "M")
DESIGNS = ("strat", "strat_nofpc", "clus1", "clus2", "clus2_wr")
NAMES = {"value": "estimate", "se": "SE", "deff": "design effect"}
POPULATION = {"stype": {"E": 4421, "H": 755, "M": 1018}, "sch.wide": {"No": 1072, "Yes": 5122}}


def close(found: Any, known: Any) -> None:
    np.testing.assert_allclose(np.asarray(found, float), np.asarray(known, float), rtol=1e-8, atol=1e-10)


def sample(name: str) -> pd.DataFrame:
    return pd.read_csv(REFERENCE / f"api{name.partition('_')[0]}.csv", encoding="utf-8", dtype={"cds": str})


def design(name: str, rows: pd.DataFrame) -> SurveyDesign:
    weight = rows["pw"].to_numpy(float)
    if name.startswith("strat"):
        drawn = rows.groupby("stype")["cds"].transform("size")
        fraction = (drawn / rows["fpc"]).to_numpy() if name == "strat" else None
        return SurveyDesign.of(weight, rows["stype"], rows["cds"], fraction)
    if name == "clus1":
        return SurveyDesign.of(weight, None, rows["dnum"], np.full(len(rows), 15) / rows["fpc"].to_numpy())
    if name == "clus2_wr":
        return SurveyDesign.of(weight, None, rows["dnum"])
    first = np.full(len(rows), rows["dnum"].nunique()) / rows["fpc1"].to_numpy()
    second = (rows.groupby("dnum")["cds"].transform("size") / rows["fpc2"]).to_numpy()
    return SurveyDesign.of(1.0 / (first * second), None, rows["dnum"], first, second)


@pytest.fixture(params=DESIGNS)
def case(request: pytest.FixtureRequest) -> tuple[pd.DataFrame, SurveyDesign, dict[str, Any]]:
    rows = sample(request.param)
    return rows, design(request.param, rows), KNOWN[request.param]


def test_sum_of_weights(case, compare) -> None:
    compare("design.weights", "survey: api samples", case[1].weight.sum(), case[2]["total_weight"])


@pytest.mark.parametrize("variable", ["api00", "enroll"])
def test_mean(case, variable: str, compare) -> None:
    found = domain_means(case[1], case[0][variable].to_numpy(float))
    compare("design.mean", "survey: api samples", found.value[0], case[2][variable]["value"], "estimate")


@pytest.mark.parametrize("variable", ["api00", "enroll"])
def test_standard_error_of_a_mean(case, variable: str, compare) -> None:
    found = domain_means(case[1], case[0][variable].to_numpy(float))
    compare("design.mean", "survey: api samples", found.se[0], np.ravel(case[2][variable]["se"])[0], "SE")


def test_design_effect_of_a_mean(case, compare) -> None:
    found = domain_means(case[1], case[0]["api00"].to_numpy(float)).deff
    known = np.ravel(case[2]["api00"]["deff"])
    compare("design.mean", "survey: api samples", found, known, "design effect")


def test_degrees_of_freedom(case) -> None:
    assert domain_means(case[1], case[0]["api00"].to_numpy(float)).df == case[2]["api00"]["df"]


def test_limits_of_a_mean(case, compare) -> None:
    found = domain_means(case[1], case[0]["api00"].to_numpy(float))
    limits = np.ravel(mean_limits(found, 0.95))
    compare("design.limits", "survey: api samples", limits, case[2]["api00"]["limits"][0], "mean")


@pytest.mark.parametrize("statistic", ["value", "se"])
def test_ratio(case, statistic: str, compare) -> None:
    rows, drawn, known = case
    found = domain_ratios(drawn, rows["api.stu"].to_numpy(float), rows["enroll"].to_numpy(float))
    expected = np.ravel(known["ratio"][statistic])
    compare("design.ratio", "survey: api samples", getattr(found, statistic), expected, NAMES[statistic])


@pytest.mark.parametrize("statistic", ["value", "se"])
def test_means_of_domains(case, statistic: str, compare) -> None:
    rows, drawn, known = case
    place = rows["stype"].map(STAGES.index).to_numpy()
    found = domain_means(drawn, rows["api00"].to_numpy(float), place, 3)
    expected = np.ravel([entry[statistic] for entry in known["by_stype"]])
    compare("design.domain", "survey: api samples", getattr(found, statistic), expected, NAMES[statistic])


def test_degrees_of_freedom_of_domains(case, compare) -> None:
    rows, drawn, known = case
    place = rows["stype"].map(STAGES.index).to_numpy()
    found = domain_means(drawn, rows["api00"].to_numpy(float), place, 3)
    expected = [entry["df"] for entry in known["by_stype"]]
    compare("design.df", "survey: api samples", found.df, expected)


def test_design_effects_of_domains(case, compare) -> None:
    rows, drawn, known = case
    place = rows["stype"].map(STAGES.index).to_numpy()
    found = domain_means(drawn, rows["api00"].to_numpy(float), place, 3)
    expected = np.ravel([entry["deff"] for entry in known["by_stype"]])
    compare("design.domain", "survey: api samples", found.deff, expected, "design effect")


@pytest.mark.parametrize("statistic", ["value", "se"])
def test_shares_of_categories(case, statistic: str, compare) -> None:
    rows, drawn, known = case
    found = category_shares(drawn, rows["stype"].map(STAGES.index).to_numpy(), 3)
    expected = np.ravel(known["stype"][statistic])
    compare("design.shares", "survey: api samples", getattr(found, statistic), expected, NAMES[statistic])


def test_limits_of_a_share(case, compare) -> None:
    rows, drawn, known = case
    found = domain_means(drawn, (rows["sch.wide"] == "Yes").to_numpy(float))
    limits = np.ravel(share_limits(found, 0.95))
    compare("design.limits", "survey: api samples", limits, np.ravel(known["target"]["limits"]), "share")


def test_missing_answers_are_a_domain_left_out() -> None:
    rows = sample("strat")
    drawn, values = design("strat", rows), rows["api00"].to_numpy(float)
    blank = np.where(rows["stype"] == "H", values, np.nan)
    close(domain_means(drawn, blank).se, KNOWN["strat"]["by_stype"][1]["se"])


@pytest.mark.parametrize("rule", LONELY)
def test_stratum_of_a_single_unit(rule, compare) -> None:
    rows = sample("strat")
    rows = rows[(rows["stype"] != "H") | (rows["cds"] == KNOWN["lonely_row"])]
    drawn = SurveyDesign.of(rows["pw"].to_numpy(float), rows["stype"], rows["cds"], lonely=rule)
    found = domain_means(drawn, rows["api00"].to_numpy(float))
    expected = np.ravel([KNOWN[f"lonely_{rule}"][key] for key in ("value", "se")])
    compare("design.lonely", "survey: apistrat", [found.value[0], found.se[0]], expected, rule)


def test_only_single_units_have_no_average_to_take() -> None:
    drawn = SurveyDesign.of(np.ones(3), pd.Series(["a", "b", "c"]), lonely="average")
    assert np.isnan(domain_means(drawn, np.array([1.0, 2.0, 3.0])).variance[0])


# --- calibrated weights ------------------------------------------------------------------------------------


def calibrated_design(method) -> tuple[pd.DataFrame, SurveyDesign]:
    rows = sample("clus1")
    margins = margin_codes(rows, POPULATION)
    made = method(rows["pw"].to_numpy(float), margins)
    return rows, SurveyDesign.of(made.weight, None, rows["dnum"], calibrated=made)


@pytest.mark.parametrize("variable", ["api00", "enroll"])
@pytest.mark.parametrize("statistic", ["value", "se", "deff"])
def test_mean_with_raked_weights(variable: str, statistic: str, compare) -> None:
    rows, drawn = calibrated_design(rake)
    found = domain_means(drawn, rows[variable].to_numpy(float))
    expected = np.ravel(KNOWN["calibrate_raking"][variable][statistic])
    compare(
        "design.calibrated",
        "survey: apiclus1",
        getattr(found, statistic),
        expected,
        f"raked, {NAMES[statistic]}",
    )


@pytest.mark.parametrize("statistic", ["value", "se"])
def test_domains_with_raked_weights(statistic: str, compare) -> None:
    rows, drawn = calibrated_design(rake)
    place = (rows["comp.imp"] == "Yes").to_numpy().astype(int)
    found = domain_means(drawn, rows["api00"].to_numpy(float), place, 2)
    expected = np.ravel([entry[statistic] for entry in KNOWN["calibrate_raking"]["by_comp"]])
    of = f"raked, domains, {NAMES[statistic]}"
    compare("design.calibrated", "survey: apiclus1", getattr(found, statistic), expected, of)


@pytest.mark.parametrize("statistic", ["value", "se"])
def test_mean_with_linearly_calibrated_weights(statistic: str, compare) -> None:
    rows, drawn = calibrated_design(calibrate_linear)
    found = domain_means(drawn, rows["api00"].to_numpy(float))
    expected = np.ravel(KNOWN["calibrate_linear"]["api00"][statistic])
    compare(
        "design.calibrated",
        "survey: apiclus1",
        getattr(found, statistic),
        expected,
        f"linear, {NAMES[statistic]}",
    )


@pytest.mark.parametrize("statistic", ["value", "se"])
def test_categories_with_linearly_calibrated_weights(statistic: str, compare) -> None:
    rows, drawn = calibrated_design(calibrate_linear)
    found = category_shares(drawn, (rows["comp.imp"] == "Yes").to_numpy().astype(int), 2)
    expected = np.ravel(KNOWN["calibrate_linear"]["stype"][statistic])
    of = f"linear, shares, {NAMES[statistic]}"
    compare("design.calibrated", "survey: apiclus1", getattr(found, statistic), expected, of)


@pytest.mark.parametrize("statistic", ["value", "se"])
def test_one_margin_is_poststratification(statistic: str, compare) -> None:
    rows = sample("clus1")
    made = rake(rows["pw"].to_numpy(float), margin_codes(rows, {"stype": POPULATION["stype"]}))
    drawn = SurveyDesign.of(made.weight, None, rows["dnum"], calibrated=made)
    found = domain_means(drawn, rows["api00"].to_numpy(float))
    expected, of = np.ravel(KNOWN["poststratify"]["api00"][statistic]), f"post-stratified, {NAMES[statistic]}"
    compare("design.calibrated", "survey: apiclus1", getattr(found, statistic), expected, of)


def test_calibration_leaves_no_variance_in_what_it_fixes() -> None:
    rows, drawn = calibrated_design(rake)
    found = category_shares(drawn, rows["stype"].map(STAGES.index).to_numpy(), 3)
    np.testing.assert_allclose(found.se, 0.0, atol=1e-9)


# --- what holds for any sample -----------------------------------------------------------------------------


def test_units_of_the_same_name_in_two_strata_are_two() -> None:
    drawn = SurveyDesign.of(np.ones(4), pd.Series(["a", "a", "b", "b"]), pd.Series(["x", "y", "x", "y"]))
    assert drawn.units == 4


def test_respondents_without_a_unit_are_units_alone() -> None:
    drawn = SurveyDesign.of(np.ones(4), None, pd.Series(["x", "x", None, None]))
    assert drawn.units == 3


def test_order_of_rows_does_not_matter() -> None:
    rows = sample("clus2")
    turned = rows.sample(frac=1.0, random_state=3)
    close(
        domain_means(design("clus2", turned), turned["api00"].to_numpy(float)).se,
        KNOWN["clus2"]["api00"]["se"],
    )


def test_second_stage_by_rows_equals_the_same_sample_with_strata() -> None:
    # Units taken with certainty are strata, and their persons the units of the first stage.
    rng = np.random.default_rng(7)
    school = pd.Series(np.repeat(np.arange(6), 9))
    values, weight = rng.normal(size=54), rng.uniform(1, 3, 54)
    share = np.repeat(rng.uniform(0.1, 0.9, 6), 9)
    two = SurveyDesign.of(weight, None, school, np.ones(54), share)
    one = SurveyDesign.of(weight, school, None, share)
    close(domain_means(two, values).se, domain_means(one, values).se)


def test_everybody_alike_has_limits_from_the_number_of_respondents(compare) -> None:
    # Clopper & Pearson (1934): for 0 of n the upper limit is 1 - (alpha/2)^(1/n).
    found = domain_means(SurveyDesign.of(np.ones(10)), np.zeros(10))
    compare("design.limits", "clopper", np.ravel(share_limits(found, 0.95)), [0.0, 1.0 - 0.025**0.1], "share")


def test_a_domain_all_alike_has_no_variance_and_its_limits() -> None:
    # Others differ, and weights are such that sums are not exact.
    rng = np.random.default_rng(2)
    values, place = rng.integers(0, 2, 90).astype(float), np.repeat([0, 1, 2], 30)
    values[place == 1] = 1.0
    found = domain_means(SurveyDesign.of(rng.uniform(1, 2, 90)), values, place, 3)
    assert (found.variance[1], np.isnan(found.deff[1])) == (0.0, True)
    low, high = share_limits(found, 0.95)
    close([low[1], high[1]], [0.025 ** (1 / 30), 1.0])


def test_an_empty_domain_has_no_value() -> None:
    found = domain_means(SurveyDesign.of(np.ones(3)), np.ones(3), np.zeros(3, int), 2)
    assert np.isnan(found.value[1])
    assert np.isnan(found.variance[1])


@pytest.mark.parametrize("statistic", ["n", "weighted_n", "value", "variance", "deff", "unweighted", "units"])
def test_estimates_from_the_table_of_scores_are_those_of_the_rows(statistic: str) -> None:
    rows, drawn = calibrated_design(rake)
    place = rows["stype"].map(STAGES.index).to_numpy()
    scores = np.where(rows.index % 4 == 1, np.nan, rows["api00"] // 100)
    scores[[0, -1]] = np.nan
    table = ScoreTable.of(drawn, scores, place, 3)
    assert table is not None
    by_table = table.means((scores >= 6).astype(float)[table.first])
    by_rows = domain_means(drawn, np.where(np.isnan(scores), np.nan, scores >= 6), place, 3)
    close(getattr(by_table, statistic), getattr(by_rows, statistic))


def test_a_raked_domain_from_the_table_of_scores_has_the_error_of_r() -> None:
    rows, drawn = calibrated_design(rake)
    place = (rows["comp.imp"] == "Yes").to_numpy().astype(int)
    table = ScoreTable.of(drawn, rows["api00"].to_numpy(float), place, 2)
    assert table is not None
    found = table.means(rows["api00"].to_numpy(float)[table.first])
    close(found.se, [entry["se"] for entry in KNOWN["calibrate_raking"]["by_comp"]])
