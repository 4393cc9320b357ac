"""Indicators and the school rule: hand-made schools whose verdict is known."""

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.records.notcomputed import NotComputed
from manyi_analysis.resources import SchoolVerdicts, evaluate_schools
from manyi_instruments.standards import Standard, load_standard
from manyi_instruments.standards.definition import Indicator

NATIONAL = load_standard("national-2017")

# A junior school that lies on every threshold exactly; of 20,000 pupils, so that 4.505 per 100 are whole
# teachers.
ON_EVERY_THRESHOLD: dict[str, object] = {
    "school": "0000000001",
    "school_name": "甲校",
    "stage": "junior",
    "run_type": "junior_school",
    "pupils": 20000.0,
    "t_college": 500.0,
    "t_bachelor": 1000.0,
    "t_master": 50.0,
    "t_doctor": 10.0,
    "t_key": 200.0,
    "t_pe": 90.0,
    "t_music": 40.0,
    "t_art": 30.0,
    "t_arts": 20.0,
    "area_teach": 20000 * 5.8 + 4000,
    "area_gym": 4000.0,
    "area_field": 20000 * 10.2 - 4000,
    "equip": 20000 * 2500.0,
    "mm_rooms": 480.0,
}


def verdict(standard: Standard = NATIONAL, **changes: object) -> pd.Series:
    result = evaluate_schools(pd.DataFrame([{**ON_EVERY_THRESHOLD, **changes}]), standard)
    assert isinstance(result.verdicts, SchoolVerdicts)
    return result.verdicts.to_frame().iloc[0]


def indicators(**changes: object) -> pd.DataFrame:
    result = evaluate_schools(pd.DataFrame([{**ON_EVERY_THRESHOLD, **changes}]), NATIONAL)
    return result.indicators.to_frame().set_index("indicator")


@pytest.mark.parametrize(
    ("indicator", "value"),
    [("R1", 5.3), ("R2", 1.0), ("R3", 0.9), ("R4", 5.8), ("R5", 10.2), ("R6", 2500.0), ("R7", 2.4)],
)
def test_value_by_hand(indicator: str, value: float) -> None:
    assert indicators().loc[indicator, "value"] == pytest.approx(value, rel=1e-12)


def test_college_teachers_count_in_primary_only() -> None:
    values = indicators(stage="primary", run_type="primary_school")
    assert values.loc["R1", "value"] == pytest.approx(7.8, rel=1e-12)


def test_thresholds_include_themselves() -> None:
    assert verdict()["met_count"] == 7


def test_a_school_on_every_threshold_passes() -> None:
    assert verdict()["verdict"] == "met"


def test_lowest_share_of_a_school_on_every_threshold() -> None:
    assert verdict()["lowest_share"] == pytest.approx(1, rel=1e-12)


def test_one_indicator_on_its_floor_still_passes() -> None:
    # 901 of 20,000 are 4.505 per 100, which is 85 per cent of 5.3.
    assert verdict(t_bachelor=841.0)["verdict"] == "met"


def test_one_teacher_below_the_floor_fails() -> None:
    assert verdict(t_bachelor=840.0)["verdict"] == "not_met"


def test_the_indicator_below_its_floor_is_named() -> None:
    assert verdict(t_bachelor=840.0)["below_floor"] == "R1"


def test_two_indicators_short_fail_though_above_their_floors() -> None:
    assert verdict(t_bachelor=990.0, t_key=190.0)["verdict"] == "not_met"


def test_the_indicators_short_are_named() -> None:
    assert verdict(t_bachelor=990.0, t_key=190.0)["not_met"] == "R1 R2"


def test_one_missing_indicator_leaves_the_verdict_open() -> None:
    assert verdict(equip=np.nan)["verdict"] == "not_computed"


def test_an_open_verdict_names_what_is_missing() -> None:
    assert verdict(equip=np.nan)["reason"] == "verdict-undecided: indicators=R6"


def test_a_missing_indicator_cannot_save_a_school() -> None:
    assert verdict(equip=np.nan, t_key=100.0)["verdict"] == "not_met"


def test_missing_input_is_named() -> None:
    reasons = indicators(t_pe=np.nan, t_art=np.nan)["reason"]
    assert reasons["R3"] == "indicator-input-missing: columns=t_pe t_art"


def test_missing_input_leaves_met_open() -> None:
    assert indicators(t_pe=np.nan).loc["R3", "met"] is pd.NA


def test_no_pupils_is_told_as_division_by_zero() -> None:
    assert indicators(pupils=0.0).loc["R6", "reason"] == "indicator-division-by-zero: formula=equip / pupils"


def test_a_small_teaching_point_is_listed_as_excluded() -> None:
    row = verdict(stage="primary", run_type="teaching_point", pupils=49.0)
    assert (row["verdict"], row["reason"]) == ("excluded", "school-excluded: rule=small_teaching_point")


def test_a_teaching_point_of_fifty_is_evaluated() -> None:
    assert verdict(stage="primary", run_type="teaching_point", pupils=50.0)["verdict"] == "met"


def test_a_special_school_is_listed_as_excluded() -> None:
    assert verdict(run_type="special")["reason"] == "school-excluded: rule=special"


def test_an_excluded_school_keeps_its_values() -> None:
    assert indicators(run_type="special").loc["R7", "value"] == pytest.approx(2.4)


def test_an_excluded_school_is_held_against_nothing() -> None:
    assert indicators(run_type="special")["met"].isna().all()


def test_the_senior_stage_is_listed_as_not_evaluated() -> None:
    rows = [{**ON_EVERY_THRESHOLD, "run_type": "complete_secondary"}]
    rows.append({**rows[0], "stage": "senior"})
    result = evaluate_schools(pd.DataFrame(rows), NATIONAL)
    assert isinstance(result.verdicts, SchoolVerdicts)
    assert result.verdicts.to_frame()["reason"].tolist() == ["", "stage-not-evaluated: stage=senior"]


def test_every_row_comes_back_with_its_indicators() -> None:
    rows = [ON_EVERY_THRESHOLD, {**ON_EVERY_THRESHOLD, "school": "0000000002", "stage": "senior"}]
    schools = evaluate_schools(pd.DataFrame(rows), NATIONAL).schools
    assert schools["R7"].tolist() == pytest.approx([2.4, np.nan], nan_ok=True)


def test_an_incomplete_split_is_the_reason_told() -> None:
    assert indicators(run_type="nine_year").loc["R5", "reason"] == "split-incomplete"


def test_an_incomplete_split_leaves_teachers_alone() -> None:
    assert indicators(run_type="nine_year").loc["R2", "met"]


def crowding(floor_share: float) -> Standard:
    """Return a standard of one indicator in which less is better."""
    size = Indicator(
        id="SIZE",
        title={"zh": "班额", "en": "class size"},
        area="resource",
        unit={"zh": "人", "en": "pupils"},
        formula="pupils / classes",
        threshold=45,
        direction="lower",
    )
    assert NATIONAL.rules.school is not None
    rule = NATIONAL.rules.school.model_copy(update={"min_met": 0, "of": 1, "floor_share": floor_share})
    rules = NATIONAL.rules.model_copy(update={"school": rule})
    return NATIONAL.model_copy(update={"indicators": (size,), "rules": rules})


@pytest.mark.parametrize(("classes", "met"), [(20.0, 1), (21.0, 1), (19.0, 0)])
def test_lower_may_be_better(classes: float, met: int) -> None:
    assert verdict(crowding(0.0), pupils=900.0, classes=classes)["met_count"] == met


@pytest.mark.parametrize(("classes", "expected"), [(18.0, "met"), (17.9, "not_met")])
def test_floor_where_lower_is_better(classes: float, expected: str) -> None:
    # 900 / 18 = 50 pupils a class: the threshold of 45 is 90 per cent of it.
    assert verdict(crowding(0.9), pupils=900.0, classes=classes)["verdict"] == expected


def test_a_standard_without_a_school_rule_says_so() -> None:
    standard = NATIONAL.model_copy(update={"rules": NATIONAL.rules.model_copy(update={"school": None})})
    result = evaluate_schools(pd.DataFrame([ON_EVERY_THRESHOLD]), standard)
    assert isinstance(result.verdicts, NotComputed)
    assert result.verdicts.code == "standard-no-school-rule"


def test_counts_of_verdicts() -> None:
    rows = [
        {**ON_EVERY_THRESHOLD, "school": code, "t_bachelor": n}
        for code, n in (("1", 1000.0), ("2", 500.0), ("3", 0.0))
    ]
    result = evaluate_schools(pd.DataFrame(rows), NATIONAL).verdicts
    assert isinstance(result, SchoolVerdicts)
    assert result.counts().set_index("verdict")["schools"].to_dict() == {"met": 1, "not_met": 2}
