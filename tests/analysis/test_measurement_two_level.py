"""Within- and between-school covariances against psych, multilevel and lavaan; reliability of each level."""

import json
from pathlib import Path

import pandas as pd
import pytest

from manyi_analysis.explanation.icc import intraclass_correlation
from manyi_analysis.measurement import TwoLevel, efa, level_reliability, two_level
from manyi_analysis.records import GroupedMoments, NotComputed

REFERENCE = Path(__file__).parents[1] / "reference"
R = json.loads((REFERENCE / "measurement" / "reliability.json").read_text(encoding="utf-8"))["two_level"]
ITEMS = ["A2", "A3", "A5", "E4"]
NESTED = pd.read_csv(REFERENCE / "measurement" / "bfi.csv", encoding="utf-8")[[*ITEMS, "age"]].dropna()
BALANCED = pd.concat([part.iloc[:40] for _, part in NESTED.groupby("age") if len(part) >= 40])
SWMD = pd.read_csv(REFERENCE / "explanation" / "swmd.csv", encoding="utf-8")


def split(frame: pd.DataFrame, items: list[str], by: str) -> TwoLevel:
    result = two_level(GroupedMoments.of(frame, items, by))
    assert isinstance(result, TwoLevel)
    return result


def test_correlations_within_as_statsby(compare):
    found = split(NESTED, ITEMS, "age").within.correlation
    compare("two_level.within_r", "psych: bfi by age", found, R["statsby"]["rwg"])


def test_icc_as_multilevel(compare):
    found = split(BALANCED, ITEMS, "age").icc
    compare("two_level.icc", "multilevel: bfi by age, balanced", found, R["balanced"]["icc"])


@pytest.mark.parametrize("item", ITEMS)
def test_icc_of_unequal_schools_is_that_of_one_way_analysis_of_variance(item):
    grouped = GroupedMoments.of(NESTED, ITEMS, "age")
    ours = split(NESTED, ITEMS, "age").icc[ITEMS.index(item)]
    assert ours == pytest.approx(intraclass_correlation(grouped, item).icc_anova, abs=1e-12)


def test_balanced_within_as_lavaan(compare):
    ours = split(BALANCED, ITEMS, "age").within.covariance
    compare("two_level.within", "lavaan: bfi by age, balanced", ours, R["balanced"]["within"])


def test_balanced_between_as_lavaan(compare):
    # Maximum likelihood divides by the schools, the unbiased estimate by one less.
    found, schools = split(BALANCED, ITEMS, "age"), R["balanced"]["groups"]
    likely = (found.means * (schools - 1) / schools - found.within.covariance) / found.size
    compare("two_level.between", "lavaan: bfi by age, balanced", likely, R["balanced"]["between"])


def test_size_of_equal_schools_is_theirs():
    assert split(BALANCED, ITEMS, "age").size == pytest.approx(40, abs=1e-12)


def test_levels_add_up_to_the_variance_of_one_way_analysis():
    found = split(NESTED, ITEMS, "age")
    scatter = found.within.covariance * (found.n - found.schools) + found.means * (found.schools - 1)
    assert scatter / (found.n - 1) == pytest.approx(NESTED[ITEMS].cov().to_numpy(), abs=1e-12)


def swmd() -> TwoLevel:
    return split(SWMD, R["swmd"]["items"], R["swmd"]["group"])


@pytest.mark.parametrize("level", ["within", "between"])
def test_alpha_of_a_level_as_r(level, compare):
    result = level_reliability(getattr(swmd(), level))
    compare("two_level.alpha", "r: SWMD", result.alpha, R["swmd"][level]["alpha"], level)


def test_omega_within_as_r(compare):
    found = level_reliability(swmd().within).omega
    compare("two_level.omega", "psych: SWMD", found, R["swmd"]["within"]["omega"], "within")


def test_matrix_between_that_is_not_positive_definite_has_alpha_but_no_omega():
    result = level_reliability(swmd().between)
    assert result.omega is None
    assert [reason.code for reason in result.reasons] == ["level-not-positive-definite"]


def test_item_without_variance_between_is_named():
    result = level_reliability(split(BALANCED, ITEMS, "age").between)
    assert result.to_frame()["reason"].iloc[0].startswith("level-without-variance: level=between, items=A2")


def test_factor_analysis_takes_the_within_level():
    assert efa(swmd().within, 1).n == swmd().n - swmd().schools + 1


def test_correlations_have_a_row_for_each_level_and_pair():
    frame = swmd().correlations_frame()
    assert list(frame) == ["level", "a", "b", "method", "n", "r"]
    assert frame["level"].value_counts().to_dict() == {"within": 21, "between": 21}


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (NESTED.assign(age=1), "two-level-few-schools"),
        (NESTED.assign(age=range(len(NESTED))), "two-level-one-a-school"),
    ],
)
def test_reason(frame, code):
    result = two_level(GroupedMoments.of(frame, ITEMS, "age"))
    assert isinstance(result, NotComputed)
    assert result.code == code
