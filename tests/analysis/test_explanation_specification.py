"""A curve over twelve specifications of the California schools against the same loop in R."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
import pytest

from manyi_analysis.explanation.ols import ols
from manyi_analysis.explanation.specification import (
    Estimate,
    Specification,
    SpecificationCurve,
    specification_curve,
    specifications,
    standardized_estimates,
)
from manyi_analysis.records import Moments, NotComputed

HERE = Path(__file__).parents[1] / "reference" / "explanation"
R = json.loads((HERE / "multilevel.json").read_text(encoding="utf-8"))["specification"]
Compare = Callable[..., None]
CONTROLS = {"none": (), "poverty": ("lunch", "calworks"), "all": ("lunch", "calworks", "english")}
SCHOOLS = pd.read_csv(HERE / "caschools.csv", encoding="utf-8")


def fit(asked: Specification) -> Sequence[Estimate] | NotComputed:
    rows = SCHOOLS if asked.cleaning == "all" else SCHOOLS[SCHOOLS["grades"] == asked.cleaning]
    columns = ("stratio", *CONTROLS[asked.controls])
    result = ols(Moments.of(rows, (asked.outcome, *columns)), asked.outcome, columns)
    return result if isinstance(result, NotComputed) else standardized_estimates(result, ("stratio",))


@pytest.fixture(scope="module")
def curve() -> SpecificationCurve:
    return specification_curve(specifications(["score", "income"], ["all", "KK-08"], CONTROLS), fit)


def test_the_specifications_are_those_of_r(curve: SpecificationCurve) -> None:
    names = ["outcome", "cleaning", "controls"]
    assert curve.to_frame()[names].to_dict("records") == [
        {key: row[key] for key in names} for row in R["rows"]
    ]


@pytest.mark.parametrize("quantity", ["estimate", "low", "high", "p", "n"])
def test_estimates_equal_lm_on_standardized_columns(
    curve: SpecificationCurve, quantity: str, compare: Compare
) -> None:
    ours, theirs = curve.to_frame()[quantity], [row[quantity] for row in R["rows"]]
    compare("specification.estimate", "r: CASchools, lm", ours, theirs, quantity)


@pytest.mark.parametrize("quantity", ["median", "negative", "significant"])
def test_the_summary_equals_r(curve: SpecificationCurve, quantity: str, compare: Compare) -> None:
    (one,) = curve.summaries()
    compare("specification.summary", "r: CASchools, lm", getattr(one, quantity), R[quantity], quantity)


def test_a_specification_that_fails_keeps_its_reason() -> None:
    def failing(asked: Specification) -> Sequence[Estimate] | NotComputed:
        if asked.cleaning == "none left":
            return NotComputed("regression", "regression-few-rows", {"outcome": "y"}, 2)
        return (Estimate("x", 0.5, 0.1, 0.9, 0.02, 40),)

    curve = specification_curve(specifications(["y"], ["all", "none left"], ["none"]), failing)
    frame = curve.to_frame()
    assert list(frame["reason"]) == ["", "regression-few-rows: outcome=y"]
    assert (curve.summaries()[0].specifications, curve.summaries()[0].computed) == (2, 1)


def test_where_all_fail_the_table_says_so_and_there_is_nothing_to_summarize() -> None:
    failed = NotComputed("regression", "regression-few-rows", {"outcome": "y"}, 2)
    curve = specification_curve(specifications(["y"], ["all"], ["none"]), lambda asked: failed)
    assert list(curve.to_frame()["reason"]) == [failed.reason]
    assert curve.summary_to_frame().empty
