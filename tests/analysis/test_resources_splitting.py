"""Combined schools are divided as the worked example divides them, and nothing gets lost."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manyi_analysis.resources import split_combined_schools
from manyi_instruments.standards import load_standard

EXAMPLE = json.loads(
    (Path(__file__).parents[1] / "reference/resources_worked_examples.json").read_text(encoding="utf-8")
)["split_nine_year"]
STANDARD = load_standard("national-2017")
STAGES = {
    "nine_year": ("primary", "junior"),
    "complete_secondary": ("junior", "senior"),
    "twelve_year": ("primary", "junior", "senior"),
}


def school(run_type: object, stages: dict[str, float], **columns: object) -> pd.DataFrame:
    rows = [{"school": "0001", "stage": stage, "pupils": pupils} for stage, pupils in stages.items()]
    return pd.DataFrame(rows).assign(run_type=run_type, **columns)


@pytest.fixture
def nine_year() -> pd.DataFrame:
    pupils = {"primary": EXAMPLE["primary_pupils"], "junior": EXAMPLE["junior_pupils"]}
    return school("nine_year", pupils, area_teach=EXAMPLE["total"])


def area(frame: pd.DataFrame, stage: str) -> float:
    return float(frame.loc[frame["stage"] == stage, "area_teach"].item())


@pytest.mark.parametrize("stage", ["primary", "junior"])
def test_worked_example(nine_year: pd.DataFrame, stage: str, compare: Callable[..., None]) -> None:
    found, because = area(split_combined_schools(nine_year, STANDARD), stage), "one decimal"
    compare("resources.split", "standard: nine-year school", found, EXAMPLE[stage], "", 0.05, "", because)


def test_input_is_not_changed(nine_year: pd.DataFrame) -> None:
    before = nine_year.copy()
    split_combined_schools(nine_year, STANDARD)
    pd.testing.assert_frame_equal(nine_year, before)


def test_facilities_given_on_one_row_only(nine_year: pd.DataFrame) -> None:
    nine_year["area_teach"] = [float(EXAMPLE["total"]), np.nan]
    assert area(split_combined_schools(nine_year, STANDARD), "junior") == pytest.approx(
        EXAMPLE["junior"], abs=0.05
    )


def test_facilities_that_differ_are_divided_already(nine_year: pd.DataFrame) -> None:
    nine_year["area_teach"] = [9000.0, 14226.0]
    assert split_combined_schools(nine_year, STANDARD)["area_teach"].tolist() == [9000.0, 14226.0]


def test_facilities_that_differ_are_marked(nine_year: pd.DataFrame) -> None:
    nine_year["area_teach"] = [9000.0, 14226.0]
    assert split_combined_schools(nine_year, STANDARD)["split"].tolist() == ["as_given", "as_given"]


def test_one_differing_column_means_all_are_divided_already(nine_year: pd.DataFrame) -> None:
    nine_year = nine_year.assign(mm_rooms=[8.0, 12.0])
    assert area(split_combined_schools(nine_year, STANDARD), "primary") == EXAMPLE["total"]


def test_teachers_are_not_split(nine_year: pd.DataFrame) -> None:
    split = split_combined_schools(nine_year.assign(t_key=[5.0, 5.0]), STANDARD)
    assert split["t_key"].tolist() == [5.0, 5.0]


def test_a_missing_stage_leaves_facilities_missing() -> None:
    split = split_combined_schools(
        school("twelve_year", {"primary": 100, "junior": 50}, area_teach=9.0), STANDARD
    )
    assert split["area_teach"].isna().all()


def test_a_missing_stage_is_marked() -> None:
    split = split_combined_schools(
        school("twelve_year", {"primary": 100, "junior": 50}, area_teach=9.0), STANDARD
    )
    assert split["split"].tolist() == ["incomplete", "incomplete"]


def test_missing_pupils_leave_facilities_missing(nine_year: pd.DataFrame) -> None:
    nine_year["pupils"] = [np.nan, 210.0]
    assert split_combined_schools(nine_year, STANDARD)["area_teach"].isna().all()


def test_a_stage_without_pupils_gets_nothing() -> None:
    frame = school("nine_year", {"primary": 0, "junior": 50}, area_teach=9.0)
    assert split_combined_schools(frame, STANDARD)["area_teach"].tolist() == [0.0, 9.0]


def test_simple_schools_are_left_alone() -> None:
    frame = school("primary_school", {"primary": 100}, area_teach=9.0)
    assert split_combined_schools(frame, STANDARD)["split"].tolist() == [""]


@pytest.mark.parametrize("run_type", list(STAGES))
def test_run_type_follows_from_the_stages(run_type: str) -> None:
    frame = school(pd.NA, dict.fromkeys(STAGES[run_type], 100.0), area_teach=9.0)
    assert split_combined_schools(frame, STANDARD)["run_type"].tolist() == [run_type] * len(STAGES[run_type])


def test_run_type_follows_without_a_column_for_it() -> None:
    frame = school(pd.NA, {"primary": 100.0, "junior": 100.0}, area_teach=21.0).drop(columns="run_type")
    assert split_combined_schools(frame, STANDARD)["area_teach"].tolist() == pytest.approx([10.0, 11.0])


def test_two_rows_for_one_stage_are_refused(nine_year: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="two rows"):
        split_combined_schools(pd.concat([nine_year, nine_year]), STANDARD)


@settings(deadline=None, max_examples=50)
@given(
    st.sampled_from(list(STAGES)),
    st.lists(st.integers(1, 5000), min_size=3, max_size=3),
    st.floats(0.01, 1e7),
)
def test_parts_sum_to_the_whole(run_type: str, pupils: list[int], total: float) -> None:
    stages = dict(zip(STAGES[run_type], map(float, pupils), strict=False))
    split = split_combined_schools(school(run_type, stages, equip=total), STANDARD)
    assert split["equip"].sum() == pytest.approx(total, rel=1e-12)


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 5000), st.integers(1, 5000))
def test_a_pupil_weighs_as_the_standard_says(primary: int, junior: int) -> None:
    frame = school("nine_year", {"primary": float(primary), "junior": float(junior)}, equip=1e6)
    per_pupil = split_combined_schools(frame, STANDARD)["equip"] / [primary, junior]
    assert per_pupil[1] / per_pupil[0] == pytest.approx(1.1, rel=1e-12)
