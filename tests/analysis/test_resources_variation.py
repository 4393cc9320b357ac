"""The pupil-weighted coefficient of variation: worked example, invariances, inclusive limits."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manyi_analysis.records.notcomputed import NotComputed
from manyi_analysis.resources import (
    CountyVariation,
    Variation,
    county_cv,
    school_indicators,
    split_combined_schools,
    weighted_variation,
)
from manyi_instruments.standards import Standard, load_standard

EXAMPLE = json.loads(
    (Path(__file__).parents[1] / "reference/resources_worked_examples.json").read_text(encoding="utf-8")
)["cv_books"]
PUPILS = np.array(EXAMPLE["pupils"], dtype=float)
BOOKS = np.array(EXAMPLE["books"], dtype=float)
NATIONAL = load_standard("national-2017")
#: Why the worked example is less exact.
PRINTED = "four digits"

COUNTIES = st.lists(st.tuples(st.integers(1, 3000), st.integers(0, 9000)), min_size=2, max_size=40).filter(
    lambda rows: any(amount for _, amount in rows)
)


def variation(values: np.ndarray, weights: np.ndarray) -> Variation:
    result = weighted_variation(values, weights)
    assert isinstance(result, Variation)
    return result


@pytest.fixture(scope="module")
def books() -> Variation:
    return variation(BOOKS / PUPILS, PUPILS)


def test_mean_of_the_worked_example(books: Variation, compare: Callable[..., None]) -> None:
    compare(
        "resources.cv",
        "standard: books of five schools",
        books.mean,
        EXAMPLE["mean"],
        "mean",
        5e-4,
        "",
        PRINTED,
    )


def test_sd_of_the_worked_example(books: Variation, compare: Callable[..., None]) -> None:
    compare(
        "resources.cv", "standard: books of five schools", books.sd, EXAMPLE["sd"], "SD", 5e-4, "", PRINTED
    )


def test_cv_of_the_worked_example(books: Variation, compare: Callable[..., None]) -> None:
    theirs = EXAMPLE["cv_weighted"]
    compare("resources.cv", "standard: books of five schools", books.cv, theirs, "CV", 5e-5, "", PRINTED)


@pytest.mark.parametrize("wrong", ["cv_unweighted_population", "cv_unweighted_sample"])
def test_cv_is_not_an_unweighted_one(books: Variation, wrong: str) -> None:
    assert abs(books.cv - EXAMPLE[wrong]) > 0.02


def test_the_right_formula_decides_the_verdict(books: Variation) -> None:
    # 0.4888 would pass the limit of 0.50, 0.5153 does not.
    assert EXAMPLE["cv_unweighted_population"] < 0.5 < books.cv


@settings(deadline=None, max_examples=50)
@given(COUNTIES, st.floats(1e-3, 1e4))
def test_cv_does_not_depend_on_units(rows: list[tuple[int, int]], factor: float) -> None:
    pupils, amounts = np.array(rows, dtype=float).T
    values = amounts / pupils
    assert variation(values * factor, pupils).cv == pytest.approx(variation(values, pupils).cv, rel=1e-9)


@settings(deadline=None, max_examples=50)
@given(COUNTIES)
def test_mean_is_that_of_the_county(rows: list[tuple[int, int]]) -> None:
    pupils, amounts = np.array(rows, dtype=float).T
    assert variation(amounts / pupils, pupils).mean == pytest.approx(amounts.sum() / pupils.sum(), rel=1e-12)


@settings(deadline=None, max_examples=50)
@given(COUNTIES)
def test_a_school_counts_as_often_as_it_has_pupils(rows: list[tuple[int, int]]) -> None:
    pupils, amounts = np.array(rows, dtype=float).T
    of_pupils = np.repeat(amounts / pupils, pupils.astype(int))
    expected = of_pupils.std() / of_pupils.mean()
    assert variation(amounts / pupils, pupils).cv == pytest.approx(expected, rel=1e-8, abs=1e-9)


def test_equal_schools_do_not_vary() -> None:
    assert variation(np.full(4, 7.3), np.array([10.0, 20, 30, 40])).cv == pytest.approx(0, abs=1e-15)


def test_a_school_without_a_value_is_dropped_and_counted() -> None:
    result = variation(np.array([1.0, np.nan, 3.0]), np.array([10.0, 10, 10]))
    assert (result.n, result.missing) == (2, 1)


def test_a_school_without_pupils_is_dropped_and_counted() -> None:
    result = variation(np.array([1.0, 2.0, 3.0]), np.array([10.0, 0.0, 5.0]))
    assert (result.n, result.missing) == (2, 1)


def test_one_school_gives_a_reason() -> None:
    result = weighted_variation(np.array([1.0]), np.array([10.0]))
    assert isinstance(result, NotComputed)
    assert result.code == "variation-too-few-schools"


def test_a_mean_of_zero_gives_a_reason() -> None:
    result = weighted_variation(np.zeros(3), np.ones(3))
    assert isinstance(result, NotComputed)
    assert result.code == "variation-mean-not-positive"


def schools(rooms: list[float], pupils: list[float], **columns: object) -> pd.DataFrame:
    codes = [f"{number:04d}" for number in range(len(rooms))]
    frame = pd.DataFrame({"school": codes, "stage": "primary", "pupils": pupils, "mm_rooms": rooms})
    return frame.assign(run_type="primary_school", **columns)


def of_county(frame: pd.DataFrame, standard: Standard) -> pd.DataFrame:
    indicators = school_indicators(split_combined_schools(frame, standard), standard)
    result = county_cv(indicators, standard)
    assert isinstance(result, CountyVariation)
    return result.to_frame().set_index(["stage", "indicator"])


def test_the_limit_includes_itself() -> None:
    # 0.5 and 1.5 rooms per 100 pupils, equal schools: mean 1, sd 0.5.
    table = of_county(schools([1.0, 3.0], [200.0, 200.0]), NATIONAL)
    assert table.loc[("primary", "R7"), ["cv", "met"]].tolist() == [0.5, True]


def test_above_the_limit_is_not_met() -> None:
    table = of_county(schools([1.0, 3.02], [200.0, 200.0]), NATIONAL)
    assert table["met"].to_dict()[("primary", "R7")] is False


def test_excluded_schools_do_not_enter() -> None:
    frame = schools([1.0, 3.0, 99.0], [200.0, 200.0, 30.0])
    frame.loc[2, "run_type"] = "teaching_point"
    assert of_county(frame, NATIONAL).loc[("primary", "R7"), "schools"] == 2


def test_an_indicator_without_data_says_why() -> None:
    reason = of_county(schools([1.0, 3.0], [200.0, 200.0]), NATIONAL).loc[("primary", "R2"), "reason"]
    assert reason == "variation-too-few-schools: schools=0"


def test_an_indicator_without_data_has_no_verdict() -> None:
    assert of_county(schools([1.0, 3.0], [200.0, 200.0]), NATIONAL).loc[("primary", "R2"), "met"] is pd.NA


def composite() -> Standard:
    indicators = tuple(row.model_copy(update={"cv": row.id in ("R6", "R7")}) for row in NATIONAL.indicators)
    assert NATIONAL.rules.cv is not None
    rule = NATIONAL.rules.cv.model_copy(update={"per": "composite"})
    rules = NATIONAL.rules.model_copy(update={"cv": rule})
    return NATIONAL.model_copy(update={"indicators": indicators, "rules": rules})


def test_the_composite_is_the_mean_of_the_coefficients() -> None:
    table = of_county(schools([1.0, 3.0], [200.0, 200.0], equip=[900.0, 1100.0]), composite())
    assert table.loc[("primary", "composite"), "cv"] == pytest.approx((0.5 + 0.1) / 2, rel=1e-12)


def test_the_composite_decides_instead_of_its_parts() -> None:
    table = of_county(schools([1.0, 4.0], [200.0, 200.0], equip=[900.0, 1100.0]), composite())
    assert table.loc["primary", "met"].astype("object").where(lambda met: met.notna(), None).to_dict() == {
        "R6": None,
        "R7": None,
        "composite": True,
    }


def test_an_incomplete_composite_says_why() -> None:
    reason = of_county(schools([1.0, 3.0], [200.0, 200.0]), composite()).loc[
        ("primary", "composite"), "reason"
    ]
    assert reason == "variation-composite-incomplete: indicators=R6"


def test_a_standard_without_a_limit_says_so() -> None:
    standard = NATIONAL.model_copy(update={"rules": NATIONAL.rules.model_copy(update={"cv": None})})
    indicators = school_indicators(split_combined_schools(schools([1.0], [9.0]), standard), standard)
    result = county_cv(indicators, standard)
    assert isinstance(result, NotComputed)
    assert result.code == "standard-no-cv-rule"
