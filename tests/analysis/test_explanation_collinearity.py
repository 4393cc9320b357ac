"""Variance inflation, condition indices and variance proportions against R's car and svd."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.explanation.collinearity import Collinearity, collinearity
from manyi_analysis.records import GroupedMoments, Moments, NotComputed

HERE = Path(__file__).parents[1] / "reference" / "explanation"
R = json.loads((HERE / "multilevel.json").read_text(encoding="utf-8"))
Compare = Callable[..., None]
#: R car::vif.
VIF = {
    "stratio": 1.75599833836914,
    "english": 2.34746258757021,
    "lunch": 5.70947489398855,
    "calworks": 2.58813006777882,
    "expenditure": 1.86203214736915,
    "income": 2.44443182321434,
    "computer": 1.23815480896579,
}


@pytest.fixture(scope="module")
def schools() -> pd.DataFrame:
    return pd.read_csv(HERE / "caschools.csv", encoding="utf-8")


@pytest.fixture(scope="module")
def found(schools: pd.DataFrame) -> Collinearity:
    result = collinearity(Moments.of(schools, tuple(VIF)), tuple(VIF))
    assert isinstance(result, Collinearity)
    return result


def test_variance_inflation_equals_car(found: Collinearity, compare: Compare) -> None:
    compare("collinearity.vif", "car: CASchools", found.vif, list(VIF.values()))


def test_condition_indices_equal_those_of_svd(found: Collinearity, compare: Compare) -> None:
    compare("collinearity.condition", "r: CASchools, svd", found.condition, R["belsley"]["condition"])


def test_variance_proportions_equal_those_of_svd(found: Collinearity, compare: Compare) -> None:
    compare("collinearity.proportion", "r: CASchools, svd", found.proportions, R["belsley"]["proportions"])


def test_a_near_dependency_is_named(found: Collinearity) -> None:
    named = [(one.code, one.details["columns"]) for one in found.advice]
    assert named == [("collinearity-dependency", ["stratio", "expenditure"])]


def test_inflation_among_schools_is_that_of_one_row_a_school(compare: Compare) -> None:
    frame = pd.read_csv(HERE / "hsb82.csv", encoding="utf-8")
    frame["meanses"] = frame.groupby("school")["ses"].transform("mean")
    columns = ("meanses", "public", "minority")
    result = collinearity(GroupedMoments.of(frame, columns, "school"), columns)
    assert isinstance(result, Collinearity)
    compare("collinearity.vif", "r: HSB82", result.vif_schools[:2], R["vif_schools"], "among schools")
    assert np.isnan(result.vif_schools[2])
    assert result.schools == 160


def test_many_predictors_for_few_schools_are_advised_against(schools: pd.DataFrame) -> None:
    few = schools[schools["county"].isin(sorted(schools["county"].unique())[:9])].copy()
    few["mean"] = few.groupby("county")["income"].transform("mean")
    result = collinearity(GroupedMoments.of(few, ("mean", "lunch"), "county"), ("mean", "lunch"))
    assert isinstance(result, Collinearity)
    assert [one.code for one in result.advice] == ["few-schools-a-predictor"]


def test_an_inflated_column_is_named(schools: pd.DataFrame) -> None:
    frame = schools.assign(copy=schools["lunch"] + schools["computer"] / 1000)
    result = collinearity(Moments.of(frame, ("lunch", "copy")), ("lunch", "copy"))
    assert isinstance(result, Collinearity)
    inflated = [one.details["column"] for one in result.advice if one.code == "collinearity-inflated"]
    assert inflated == ["lunch", "copy"]


@pytest.mark.parametrize(
    ("columns", "rows", "code"),
    [
        ((), 420, "collinearity-no-columns"),
        (("lunch", "income"), 3, "collinearity-few-rows"),
        (("lunch", "twice"), 420, "predictor-collinear"),
        (("lunch", "one"), 420, "predictor-constant"),
    ],
)
def test_what_cannot_be_diagnosed_says_why(
    schools: pd.DataFrame, columns: tuple[str, ...], rows: int, code: str
) -> None:
    frame = schools.assign(twice=2 * schools["lunch"], one=1.0).iloc[:rows]
    result = collinearity(Moments.of(frame, ("score", *columns)), columns)
    assert isinstance(result, NotComputed)
    assert result.code == code
