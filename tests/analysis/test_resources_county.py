"""A county of four schools whose every number is worked out by hand in the table below."""

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.resources import CountyEvaluation, evaluate_county
from manyi_instruments.standards import load_standard, unlayered

NATIONAL = load_standard("national-2017")

SHARED: dict[str, object] = {
    "t_college": 20.0, "t_bachelor": 30.0, "t_master": 2.0, "t_doctor": 0.0, "t_key": 6.0,
    "t_pe": 3.0, "t_music": 2.0, "t_art": 2.0, "t_arts": 0.0,
    "area_teach": 3000.0, "area_gym": 0.0, "area_field": 4000.0, "equip": 1_200_000.0, "mm_rooms": 14.0,
    "classes": 14.0, "max_class": 44.0, "teachers": 40.0, "t_cert": 40.0, "t_360h": 39.0,
    "funds": 500_000.0, "train_funds": 30_000.0, "music_rooms": 2.0, "art_rooms": 1.0,
    "pupils_in_zone": 200.0, "ur_code": "111", "music_room_m2": 100.0, "art_room_m2": 95.0,
    "charter": 1.0, "informatized": 1.0, "technology_skilled": 1.0, "moral_education_good": 1.0,
    "curriculum_full": 1.0, "workload_fine": 1.0,
}  # fmt: skip
A = {"school": "A", "school_name": "甲", "stage": "primary", "run_type": "primary_school", "pupils": 600.0}
B = {"school": "B", "school_name": "乙", "run_type": "nine_year", "mm_rooms": 10.0}
C = {"school": "C", "school_name": "丙", "stage": "junior", "run_type": "junior_school", "pupils": 2100.0}
D = {"school": "D", "school_name": "丁", "stage": "primary", "run_type": "teaching_point", "pupils": 40.0}
SCHOOLS = pd.DataFrame(
    [
        SHARED | A,
        SHARED | B | {"stage": "primary", "pupils": 300.0},
        SHARED | B | {"stage": "junior", "pupils": 200.0},
        SHARED | C | {"max_class": 56.0},
        SHARED | D | {"funds": 30_000.0, "ur_code": "220"},
    ]
)
FACTS = {
    "layout_reasonable": 1.0, "standards_unified": 0.0, "county_rate": 650.0, "special_funds": 600_000.0,
    "special_pupils": 80.0, "teacher_pay": 90_000.0, "civil_pay": 91_000.0, "performance_pay_full": 1.0,
    "posts_allotted": 1.0, "t_eligible": 100.0, "t_rotated": 12.0, "t_rotated_key": 2.0,
    "quota_allotted": 500.0, "quota_total": 1000.0, "left_behind_care": 1.0, "migrant_public": 80.0,
    "migrant_purchased": 3.0, "migrant_eligible": 100.0, "recognition_share": 86.0,
    "monitoring_level": 3.0, "monitoring_difference": 0.15,
}  # fmt: skip


def county(schools: pd.DataFrame = SCHOOLS, **facts: float) -> CountyEvaluation:
    return evaluate_county(schools, unlayered(NATIONAL), {**FACTS, **facts}, "县")


@pytest.fixture(scope="module")
def evaluated() -> CountyEvaluation:
    return county()


def row(found: CountyEvaluation, indicator: str, bound: str, unit: str = "县", stage: str = "") -> pd.Series:
    table = found.to_frame().set_index(["indicator", "bound", "unit", "stage"])
    line = table.loc[[(indicator, bound, unit, stage)]]
    assert len(line) == 1
    return line.iloc[0]


#: indicator, bound, unit, stage, value, threshold, met, gap
BY_HAND = [
    ("R1", "value", "A", "primary", 100 * 52 / 600, 4.2, True, 0),
    ("R5", "value", "A", "primary", 4000 / 600, 7.5, False, 500),  # 7.5 * 600 - 4000
    ("R7", "value", "B", "primary", 100 * 10 * (300 / 520) / 300, 2.3, False, 2.3 * 3 - 3000 / 520),
    ("R5", "value", "B", "junior", 4000 * 220 / 520 / 200, 10.2, False, 2040 - 4000 * 220 / 520),
    ("R1", "value", "C", "junior", 100 * 32 / 2100, 5.3, False, 80),  # 111.3 teachers, 32 there
    ("R2", "value", "C", "junior", 100 * 6 / 2100, 1, False, 15),
    ("R4", "value", "C", "junior", 3000 / 2100, 5.8, False, 9180),
    ("R6", "value", "C", "junior", 1_200_000 / 2100, 2500, False, 4_050_000),
    ("R7", "value", "C", "junior", 100 * 14 / 2100, 2.4, False, 37),  # 50.4 rooms, 14 there
    ("", "met_count", "A", "primary", 6, 6, True, 0),
    ("", "lowest_share", "A", "primary", 4000 / 600 / 7.5, 0.85, True, None),
    ("", "met_count", "B", "junior", 5, 6, False, 1),
    ("", "met_count", "C", "junior", 0, 6, False, 6),
    ("G3", "music_rooms", "B", "", 2, 3, False, 1),  # 28 classes
    ("G3", "art_rooms", "A", "", 1, 2, False, 1),  # 14 classes
    ("G3", "music_size", "A", "", 100, 96, True, None),
    ("G4", "size", "C", "", 2100, 2000, False, -100),
    ("G4", "size", "B", "", 500, 2500, True, 0),
    ("G5", "largest", "C", "junior", 56, 50, False, -6),
    ("G5", "largest", "D", "primary", 44, 45, True, 0),
    ("G6", "funds", "D", "", 30_000, 65_000, False, 35_000),
    ("G7", "funds", "县", "", 7500, 6000, True, 0),
    ("G8", "pay", "县", "", 90_000, 91_000, False, 1000),
    ("G8", "performance_pay", "县", "", 1, None, True, None),
    ("G9", "trained", "县", "", 97.5, 100, False, 5),  # 195 of 200
    ("G11", "rotated", "县", "", 12, 10, True, 0),
    ("G11", "key_share", "县", "", 100 * 2 / 12, 20, False, 1),  # 2.4 of 12
    ("G12", "certified", "县", "", 100, 100, True, 0),
    ("G13", "zoned", "县", "primary", 100 * 400 / 900, 100, False, 500),
    ("G13", "zoned", "县", "junior", 100 * 400 / 2300, 95, False, 1785),
    ("G14", "allotted", "县", "", 50, 50, True, 0),
    ("G15", "migrants", "县", "", 83, 85, False, 2),
    ("Q4", "training", "A", "", 6, 5, True, 0),
    ("Q9", "level", "县", "", 3, 3, True, None),
    ("Q9", "difference", "县", "", 0.15, 0.15, False, None),  # must be below
    ("S1", "recognized", "县", "", 86, 85, True, None),
    ("G2", "judged", "县", "", 0, None, False, None),
]


@pytest.mark.parametrize("hand", BY_HAND, ids=lambda hand: "-".join(map(str, hand[:4])))
def test_every_number_is_the_one_worked_out_by_hand(
    evaluated: CountyEvaluation, hand: tuple[str, str, str, str, float, float | None, bool, float | None]
) -> None:
    indicator, bound, unit, stage, *expected = hand
    line = row(evaluated, indicator, bound, unit, stage)
    told = [None if pd.isna(line[key]) else line[key] for key in ("value", "threshold", "met", "gap")]
    assert told == [pytest.approx(number, rel=1e-9) if number is not None else None for number in expected]


def test_all_thirty_two_indicators_are_held_against_something(evaluated: CountyEvaluation) -> None:
    areas = evaluated.table.loc[evaluated.table["indicator"] != ""].groupby("area")["indicator"].nunique()
    told = areas.drop("qualification").to_dict()
    assert told == {"resource": 7, "government": 15, "quality": 9, "social": 1}


def test_each_threshold_names_the_standard(evaluated: CountyEvaluation) -> None:
    assert set(evaluated.table["layer"]) == {"national-2017"}


def test_areas_of_the_county(evaluated: CountyEvaluation) -> None:
    areas = evaluated.areas.query("part == 'area'").set_index("area")["met"]
    told = {area: None if met is pd.NA else bool(met) for area, met in areas.items()}
    assert told == {
        "resource": False, "government": False, "quality": False, "social": True,
        "qualification": None, "veto": None, "overall": False,
    }  # fmt: skip


def test_the_government_requirements_not_met_are_named(evaluated: CountyEvaluation) -> None:
    line = evaluated.areas.query("area == 'government' and part == 'requirements'").iloc[0]
    assert line["not_met"] == "G2 G3 G4 G5 G6 G8 G9 G11 G13 G15"


def test_what_schools_must_close(evaluated: CountyEvaluation) -> None:
    frame = evaluated.gaps.to_close
    assert dict(zip(frame["school"] + frame["stage"], frame["to_close"], strict=True)) == {
        "Bjunior": 1,
        "Cjunior": 6,
    }


def test_a_school_with_one_indicator_to_spare_may_choose(evaluated: CountyEvaluation) -> None:
    frame = evaluated.gaps.frame.set_index(["school", "stage", "indicator"])["needed"]
    assert (frame["A", "primary", "R5"], frame["C", "junior", "R7"]) == ("choice", "floor")


def test_a_combined_school_needs_two_rooms_for_both_its_stages(evaluated: CountyEvaluation) -> None:
    # 12 rooms: primary 12 * 300/520 / 3 = 2.308 >= 2.3, junior 12 * 220/520 / 2 = 2.538 >= 2.4; 11 do not do.
    totals = evaluated.gaps.totals().set_index("indicator")
    assert totals.loc["R7", ["schools", "stages", "gap"]].tolist() == [2, 3, 37 + 2]


def test_gap_to_the_floor(evaluated: CountyEvaluation) -> None:
    # 0.85 * 5.3 * 21 = 94.605 teachers, 32 there.
    frame = evaluated.gaps.frame.set_index(["school", "indicator"])
    assert frame.loc[("C", "R1"), "gap_to_floor"] == 63


def test_adding_the_gap_meets_the_threshold(evaluated: CountyEvaluation) -> None:
    schools = SCHOOLS.copy()
    for line in evaluated.gaps.frame.query("school in ('A', 'C')").itertuples():
        schools.loc[schools["school"] == line.school, line.column] += line.gap
    frame = county(schools).schools.indicators.frame.query("school in ('A', 'C')")
    assert frame["met"].all()


def test_one_teacher_less_than_the_gap_does_not(evaluated: CountyEvaluation) -> None:
    schools = SCHOOLS.copy()
    schools.loc[schools["school"] == "C", "t_bachelor"] += 79
    frame = county(schools).schools.indicators.frame.set_index(["school", "indicator"])
    assert frame["met"]["C", "R1"].item() is False


def test_a_missing_number_leaves_a_requirement_open() -> None:
    line = row(county(SCHOOLS.assign(t_cert=[40.0, np.nan, 40.0, 40.0, 40.0])), "G12", "certified")
    assert (line["met"] is pd.NA, line["reason"]) == (True, "indicator-input-missing: columns=t_cert")


def test_a_zero_divisor_is_told() -> None:
    line = row(county(special_pupils=0.0), "G7", "funds")
    assert line["reason"] == "indicator-division-by-zero: formula=special_funds / special_pupils"


def test_a_school_without_pupils_has_reasons_and_no_numbers() -> None:
    found = county(SCHOOLS.assign(pupils=[0.0, 300.0, 200.0, 2100.0, 40.0]))
    line = row(found, "R6", "value", "A", "primary")
    assert (line["met"] is pd.NA, line["reason"]) == (
        True,
        "indicator-division-by-zero: formula=equip / pupils",
    )


def test_a_requirement_that_is_about_no_school_does_not_apply() -> None:
    found = county(SCHOOLS.iloc[:4])
    lines = found.table.query("indicator == 'G6'")
    assert lines["reason"].tolist()[0].startswith("requirement-does-not-apply")
    government = found.areas.query("area == 'government' and part == 'requirements'").iloc[0]
    assert government["units"] == 14


def test_a_school_of_unknown_area_is_told() -> None:
    found = county(SCHOOLS.assign(ur_code=["111", None, None, "111", "220"]))
    line = row(found, "G13", "zoned", stage="primary")
    assert line["reason"].startswith("requirement-scope-unknown: columns=urban_rural, n=1")


def test_a_veto_fails_a_county(evaluated: CountyEvaluation) -> None:
    found = county(falsified=1.0)
    line = found.areas.query("area == 'veto' and part == 'vetoes'").iloc[0]
    assert (bool(line["met"]), line["not_met"]) == (False, "falsified")


def passing() -> CountyEvaluation:
    """Return a county of two good schools that meets everything."""
    good = {
        "t_key": 12.0, "t_360h": 40.0, "area_field": 9000.0, "mm_rooms": 30.0, "area_teach": 6000.0,
        "equip": 3_000_000.0, "art_rooms": 2.0, "pupils_in_zone": 600.0, "t_bachelor": 50.0,
    }  # fmt: skip
    schools = pd.DataFrame(
        [
            SHARED | A | good,
            SHARED | A | good | {"school": "E"},
            SHARED | A | good | {"school": "F", "stage": "junior", "run_type": "junior_school"},
            SHARED | A | good | {"school": "G", "stage": "junior", "run_type": "junior_school"},
        ]
    )
    facts = {
        "standards_unified": 1.0, "teacher_pay": 91_000.0, "t_rotated_key": 3.0, "migrant_purchased": 5.0,
        "monitoring_difference": 0.1499, "graduates": 950.0, "entry_pupils": 1000.0, "in_transfers": 10.0,
        "out_transfers": 12.0, "deaths": 1.0, "disabled_enrolled": 19.0, "disabled_total": 20.0,
        "certified_years": 3.0, "prior_cv_primary": 0.6, "prior_cv_junior": 0.5,
        **{veto.id: 0.0 for veto in NATIONAL.vetoes},
    }  # fmt: skip
    return county(schools, **facts)


def test_a_county_that_meets_everything_passes() -> None:
    found = passing()
    assert found.areas.loc[found.areas["met"].ne(True).fillna(True)].empty
    assert found.passes is True


def test_a_stage_with_one_school_has_no_variation_and_says_so() -> None:
    line = row(county(SCHOOLS.iloc[:3]), "R1", "cv", stage="junior")
    assert (line["met"] is pd.NA, line["reason"]) == (True, "variation-too-few-schools: schools=1")


def test_the_table_has_the_columns_of_the_contract(evaluated: CountyEvaluation) -> None:
    wanted = {"level", "unit", "indicator", "value", "threshold", "layer", "met", "gap"}
    assert wanted <= set(evaluated.to_frame().columns)


def test_the_schools_given_are_not_changed() -> None:
    before = SCHOOLS.copy()
    county()
    pd.testing.assert_frame_equal(SCHOOLS, before)
