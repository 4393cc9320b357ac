"""Weights: raking, linear calibration, trimming and spread against R; non-response by its arithmetic."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manyi_analysis.records import NotComputed
from manyi_analysis.weights import (
    SampledCells,
    adjust_for_nonresponse,
    calibrate_linear,
    margin_codes,
    rake,
    respondent_weights,
    trim,
    weight_spread,
)

REFERENCE = Path(__file__).parents[1] / "reference" / "weights"
KNOWN = json.loads((REFERENCE / "weights.json").read_text(encoding="utf-8"))
POPULATION = {"stype": {"E": 4421, "H": 755, "M": 1018}, "sch.wide": {"No": 1072, "Yes": 5122}}


def close(found: Any, known: Any) -> None:
    np.testing.assert_allclose(np.asarray(found, float), np.asarray(known, float), rtol=1e-8, atol=1e-10)


@pytest.fixture(scope="module")
def schools() -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "apiclus1.csv", encoding="utf-8")


def base(rows: pd.DataFrame) -> np.ndarray:
    return rows["pw"].to_numpy(float)


# --- known margins -----------------------------------------------------------------------------------------


def test_raked_weights(schools, compare) -> None:
    found = rake(base(schools), margin_codes(schools, POPULATION)).weight
    compare("weights.rake", "survey: apiclus1, rake", found, KNOWN["rake"]["weights"])


def test_raked_weights_are_those_of_calibration_with_the_raking_distance(schools, compare) -> None:
    made = rake(base(schools), margin_codes(schools, POPULATION))
    compare("weights.rake", "survey: apiclus1, calibrate", made.weight, KNOWN["calibrate_raking"]["weights"])


def test_linearly_calibrated_weights(schools, compare) -> None:
    made = calibrate_linear(base(schools), margin_codes(schools, POPULATION))
    compare("weights.linear", "survey: apiclus1", made.weight, KNOWN["calibrate_linear"]["weights"])


def test_raking_to_one_margin_is_poststratification(schools, compare) -> None:
    made = rake(base(schools), margin_codes(schools, {"stype": POPULATION["stype"]}))
    compare("weights.rake", "survey: apiclus1, postStratify", made.weight, KNOWN["poststratify"]["weights"])


def shares(margins: dict[str, dict[str, float]], factor: float = 1.0) -> dict[str, dict[str, float]]:
    return {
        name: {level: factor * value / sum(known.values()) for level, value in known.items()}
        for name, known in margins.items()
    }


@pytest.mark.parametrize("factor", [1.0, 100.0])
def test_shares_keep_the_sum_of_the_weights(schools, factor: float) -> None:
    made = rake(base(schools), margin_codes(schools, shares(POPULATION, factor)))
    close(made.weight.sum(), base(schools).sum())


@pytest.mark.parametrize("factor", [1.0, 100.0])
def test_shares_give_the_weights_of_counts_but_for_their_sum(schools, factor: float) -> None:
    made = rake(base(schools), margin_codes(schools, shares(POPULATION, factor)))
    close(made.weight / made.weight.sum() * 6194, KNOWN["rake"]["weights"])


@pytest.mark.parametrize("method", [rake, calibrate_linear])
def test_an_unknown_level_is_passed_over_and_the_others_hold(schools, method) -> None:
    blank = schools.assign(stype=schools["stype"].where(schools.index % 7 != 0))
    made = method(base(blank), margin_codes(blank, shares(POPULATION)))
    found = pd.Series(made.weight).groupby(blank["stype"]).sum()
    close(found / found.sum(), [4421 / 6194, 755 / 6194, 1018 / 6194])


@pytest.mark.parametrize(
    ("margins", "code"),
    [
        ({"stype": {"E": 0.5, "H": 0.2, "M": 0.2, "X": 0.1}}, "margin-level-without-respondents"),
        ({"stype": {"E": 0.5, "H": 0.5}}, "margin-level-not-listed"),
        ({"colour": {"red": 1.0}}, "margin-variable-absent"),
        ({"stype": POPULATION["stype"], "sch.wide": {"No": 500, "Yes": 5000}}, "margins-disagree"),
    ],
)
def test_margins_that_cannot_be_used(schools, margins, code: str) -> None:
    found = margin_codes(schools, margins)
    assert isinstance(found, NotComputed)
    assert found.code == code


def test_margins_that_contradict_each_other_do_not_converge() -> None:
    # Every a is an x and every b a y, but their shares differ.
    rows = pd.DataFrame({"one": list("aabb"), "two": list("xxyy")})
    margins = margin_codes(rows, {"one": {"a": 0.5, "b": 0.5}, "two": {"x": 0.9, "y": 0.1}})
    found = rake(np.ones(4), margins)
    assert isinstance(found, NotComputed)
    assert found.code == "raking-not-converged"


def test_contradicting_margins_have_no_linear_solution_either() -> None:
    rows = pd.DataFrame({"one": list("aabb"), "two": list("xxyy")})
    margins = margin_codes(rows, {"one": {"a": 0.5, "b": 0.5}, "two": {"x": 0.9, "y": 0.1}})
    found = calibrate_linear(np.ones(4), margins)
    assert isinstance(found, NotComputed)
    assert found.code == "raking-not-converged"


def test_a_negative_weight_is_refused() -> None:
    rows = pd.DataFrame({"one": list("aaabab"), "two": list("xxyyyx")})
    margins = margin_codes(rows, {"one": {"a": 0.05, "b": 0.95}, "two": {"x": 0.04, "y": 0.96}})
    found = calibrate_linear(np.ones(6), margins)
    assert isinstance(found, NotComputed)
    assert found.code == "calibration-weight-not-positive"


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000))
def test_raking_meets_margins_and_keeps_odds_ratios(seed: int) -> None:
    # Deming & Stephan: the fitted table has the given margins and the odds ratios it started with.
    rng = np.random.default_rng(seed)
    one, two = np.divmod(np.arange(600) % 6, 3)
    rows = pd.DataFrame({"one": one, "two": two})
    start = rng.uniform(0.2, 5.0, 600)
    rows_share, columns_share = rng.dirichlet([4, 4]), rng.dirichlet([4, 4, 4])
    margins = margin_codes(
        rows,
        {
            "one": {str(level): share for level, share in enumerate(rows_share)},
            "two": {str(level): share for level, share in enumerate(columns_share)},
        },
    )
    made = rake(start, margins)
    before, after = (np.bincount(one * 3 + two, weight).reshape(2, 3) for weight in (start, made.weight))
    np.testing.assert_allclose(after.sum(axis=1) / after.sum(), rows_share, atol=1e-9)
    np.testing.assert_allclose(after.sum(axis=0) / after.sum(), columns_share, atol=1e-9)
    odds = [table[0, 0] * table[1, 1] / (table[0, 1] * table[1, 0]) for table in (before, after)]
    np.testing.assert_allclose(odds[1], odds[0], rtol=1e-8)


# --- trimming and spread -----------------------------------------------------------------------------------


def test_trimmed_weights(compare) -> None:
    known = KNOWN["trim"]
    found = trim(np.array(known["before"]), high=known["upper"]).weight
    compare("weights.trim", "survey: apistrat", found, known["after"])


def test_number_trimmed() -> None:
    known = KNOWN["trim"]
    found = trim(np.array(known["before"]), high=known["upper"])
    assert found.trimmed == np.isclose(known["after"], known["upper"], rtol=1e-9).sum() > 0


def test_trimming_that_cannot_keep_the_sum() -> None:
    found = trim(np.array([1.0, 2.0, 3.0]), high=1.5)
    assert isinstance(found, NotComputed)
    assert found.code == "trimming-impossible"


@given(st.lists(st.floats(0.1, 50), min_size=2, max_size=30), st.floats(1.05, 4))
def test_trimming_keeps_the_sum_and_the_bound(weights: list[float], ratio: float) -> None:
    weight = np.array(weights)
    found = trim(weight, high=ratio * float(weight.mean()))
    assert not isinstance(found, NotComputed)
    assert found.weight.max() <= found.high * (1 + 1e-12)
    np.testing.assert_allclose(found.weight.sum(), weight.sum())


def test_design_effect_of_kish(compare) -> None:
    found = weight_spread(np.array(KNOWN["trim"]["before"])).kish_deff
    compare("weights.kish", "r: apistrat", found, KNOWN["trim"]["kish"])


# --- non-response ------------------------------------------------------------------------------------------


def adjusted(respondents: list[int], group: list[int], minimum: int = 5):
    size = len(respondents)
    return adjust_for_nonresponse(
        np.full(size, 3.0), np.full(size, 20.0), np.array(respondents), np.array(group, np.intp), minimum
    )


def test_every_sufficient_school_stands_alone() -> None:
    close(adjusted([10, 5, 20], [0, 0, 0]).factor, [2.0, 4.0, 1.0])


def test_a_school_without_answers_is_collapsed_with_the_small_ones_of_its_class() -> None:
    # 0 and 4 are too few even together: they take in the class's smallest sufficient school, 10.
    close(adjusted([0, 4, 10, 20], [0, 0, 0, 0]).factor, [60 / 14, 60 / 14, 60 / 14, 1.0])


def test_classes_are_not_mixed_where_they_need_not_be() -> None:
    assert adjusted([2, 10, 10, 10], [0, 0, 1, 1]).pool.tolist() == [0, 0, 1, 2]


def test_a_class_without_enough_respondents_joins_the_smallest_school_of_all() -> None:
    assert adjusted([0, 1, 10, 12], [0, 0, 1, 1]).pool.tolist() == [0, 0, 0, 1]


def test_weights_adjusted_within_cells_as_poststratified(compare) -> None:
    reference = json.loads((REFERENCE / "nonresponse.json").read_text(encoding="utf-8"))
    drawn = pd.read_csv(REFERENCE / "apistrat.csv", encoding="utf-8")
    name = drawn["stype"] + drawn["sch.wide"]
    code, names = pd.factorize(name, sort=True)
    design, asked = drawn["pw"].groupby(code).first().to_numpy(), np.bincount(code).astype(float)
    answered = drawn.iloc[reference["row"]]
    cells = SampledCells(
        pd.DataFrame({"cell": names}),
        design * asked,
        asked,
        design,
        np.zeros(len(names), np.intp),
        code[reference["row"]].astype(np.intp),
    )
    found = respondent_weights(answered, cells, minimum=2)
    compare("weights.nonresponse", "survey: apistrat, postStratify", found.weight, reference["weight"])


def test_too_few_respondents_altogether() -> None:
    found = adjusted([1, 2], [0, 1])
    assert isinstance(found, NotComputed)
    assert found.code == "too-few-respondents"


@settings(max_examples=200)
@given(
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 3)), min_size=2, max_size=12).filter(
        lambda cells: sum(n for n, _ in cells) >= 5
    )
)
def test_respondents_stand_for_everybody_asked(cells: list[tuple[int, int]]) -> None:
    respondents, group = np.array([n for n, _ in cells]), [g for _, g in cells]
    found = adjusted(respondents.tolist(), group)
    # Weighted respondents of every pool add up to those asked in it, and every pool is large enough.
    close(
        np.bincount(found.pool, 3.0 * found.factor * respondents),
        np.bincount(found.pool, np.full(len(cells), 60.0)),
    )
    assert np.bincount(found.pool, respondents).min() >= 5


# --- the chain ---------------------------------------------------------------------------------------------


def sampled_cells(cell: list[int]) -> SampledCells:
    return SampledCells(
        pd.DataFrame({"school": ["1", "2"]}),
        np.array([100.0, 300.0]),
        np.array([10.0, 30.0]),
        np.array([10.0, 10.0]),
        np.zeros(2, np.intp),
        np.array(cell, np.intp),
    )


ROWS = pd.DataFrame({"sex": [1, 2, 1, 2, 1, 2, 1]})


def test_weights_add_up_to_the_population() -> None:
    found = respondent_weights(ROWS, sampled_cells([0, 0, 1, 1, 1, 1, 1]), minimum=2)
    close(found.weight, [50, 50, 60, 60, 60, 60, 60])


def test_a_respondent_without_a_cell_has_no_weight() -> None:
    found = respondent_weights(ROWS, sampled_cells([0, 0, 1, 1, 1, 1, -1]), minimum=2)
    assert np.isnan(found.weight).tolist() == [False] * 6 + [True]
    assert found.to_frame()["missing"].item() == 1


def test_margins_hold_after_everything_else() -> None:
    found = respondent_weights(
        ROWS,
        sampled_cells([0, 0, 1, 1, 1, 1, 1]),
        minimum=2,
        margins={"sex": {"1": 0.4, "2": 0.6}},
        trim_ratio=1.1,
    )
    close(found.margins_to_frame()["after"], [0.4, 0.6])


def test_nobody_in_a_cell() -> None:
    found = respondent_weights(ROWS, sampled_cells([-1] * 7), minimum=2)
    assert isinstance(found, NotComputed)
    assert found.code == "no-weighted-respondents"
