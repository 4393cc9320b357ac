"""CR2 errors and their degrees of freedom from per-school moments against R's clubSandwich."""

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from manyi_analysis.explanation.bias_reduced import BiasReducedRegression, bias_reduced_ols
from manyi_analysis.explanation.ols import WaldTest
from manyi_analysis.records import GroupedMoments, NotComputed

HERE = Path(__file__).parents[1] / "reference" / "explanation"
R = json.loads((HERE / "multilevel.json").read_text(encoding="utf-8"))["cr2"]
PUBLISHED = json.loads((HERE / "published.json").read_text(encoding="utf-8"))["aer_caschools_regression"]
Compare = Callable[..., None]
SEVEN = ("stratio", "english", "lunch", "calworks", "expenditure", "income", "computer")
#: Data -> outcome, columns, cluster, columns tested together.
DATA = {
    "caschools": ("score", SEVEN, "county", ("stratio", "expenditure", "computer")),
    "hsb82": ("mAch", ("meanses", "cses", "public", "minority"), "school", ("meanses", "cses", "public")),
    "alone": ("score", ("stratio", "english", "wide"), "county", ("english", "wide")),
}
STATISTICS = {"b": "cr2.b", "se": "cr2.se", "df": "cr2.df", "p": "cr2.p"}
NAMED = {
    "caschools": "clubsandwich: CASchools",
    "hsb82": "clubsandwich: HSB82",
    "alone": "clubsandwich: CASchools, a column of one county",
}


def fitted(name: str) -> BiasReducedRegression:
    outcome, columns, cluster, _ = DATA[name]
    frame = pd.read_csv(HERE / ("hsb82.csv" if name == "hsb82" else "caschools.csv"), encoding="utf-8")
    if name == "hsb82":
        frame["meanses"] = frame.groupby("school")["ses"].transform("mean")
        frame["cses"] = frame["ses"] - frame["meanses"]
    else:
        frame["wide"] = (frame["county"] == "Alameda").astype(float)
    result = bias_reduced_ols(GroupedMoments.of(frame, (outcome, *columns), cluster), outcome, columns)
    assert isinstance(result, BiasReducedRegression)
    return result


@pytest.mark.parametrize("name", list(DATA))
@pytest.mark.parametrize("quantity", ["b", "se", "df", "p", "low", "high"])
def test_cr2_equals_clubsandwich(name: str, quantity: str, compare: Compare) -> None:
    ours = fitted(name).to_frame()[quantity]
    compare(STATISTICS.get(quantity, "cr2.limits"), NAMED[name], ours, R[name][quantity])


@pytest.mark.parametrize("name", ["caschools", "hsb82"])
@pytest.mark.parametrize("quantity", ["f", "df1", "df2", "p"])
def test_wald_test_equals_clubsandwich_htz(name: str, quantity: str, compare: Compare) -> None:
    found = fitted(name).wald(DATA[name][3])
    assert isinstance(found, WaldTest)
    compare("cr2.wald", NAMED[name], getattr(found, quantity), R[name]["wald"][quantity])


@pytest.mark.parametrize(
    ("ours", "theirs"), [("b", "beta"), ("se", "SE"), ("df", "df_Satt"), ("p", "p_Satt")]
)
def test_cr2_equals_the_values_handed_over(ours: str, theirs: str, compare: Compare) -> None:
    published = PUBLISHED["cluster_county"]["b4_CR2_clubSandwich"]["values"][theirs]
    found = fitted("caschools").to_frame()[ours]
    compare(STATISTICS[ours], "clubsandwich: CASchools, published", found, published)


def test_a_test_of_one_coefficient_is_its_t() -> None:
    fit = fitted("caschools")
    found = fit.wald(("income",))
    assert isinstance(found, WaldTest)
    at = fit.fit.columns.index("income") + 1
    assert (found.f, found.df2) == pytest.approx((fit.t[at] ** 2, fit.df[at]), rel=1e-10)


def test_a_block_of_nothing_says_why() -> None:
    found = fitted("caschools").wald(())
    assert isinstance(found, NotComputed)
    assert found.code == "block-adds-nothing"


def test_one_school_says_why() -> None:
    frame = pd.read_csv(HERE / "caschools.csv", encoding="utf-8").assign(county="one")
    found = bias_reduced_ols(GroupedMoments.of(frame, ("score", "stratio"), "county"), "score", ("stratio",))
    assert isinstance(found, NotComputed)
    assert found.code == "regression-one-cluster"
