"""The schools of the example county look like a county's: sizes, codes, combined schools, variation."""

import numpy as np
import pandas as pd
import pytest

from manyi.example.county import HEADINGS, County, build_county
from manyi.example.folder import SEED
from manyi.example.truth import INDICATORS

FACILITIES = [HEADINGS[name] for name in ("area_teach", "area_gym", "area_field", "equip", "mm_rooms")]
LIMITS = {"primary": 0.50, "junior": 0.45}


@pytest.fixture(scope="module", params=[SEED, 1, 2])
def county(request: pytest.FixtureRequest) -> County:
    return build_county(request.param)


@pytest.fixture(scope="module")
def table(county: County) -> pd.DataFrame:
    return county.table.iloc[:-1]


def variation(county: County) -> dict[tuple[str, str], float]:
    """Return the pupil-weighted CV of every stage and indicator, from its definition."""
    found = {}
    listed = county.units[county.units["listed"]]
    for stage, rows in listed.groupby("stage"):
        pupils = rows["pupils"].to_numpy(dtype=float)
        for name in INDICATORS:
            values = rows[name].to_numpy(dtype=float)
            mean = (values * pupils).sum() / pupils.sum()
            found[str(stage), name] = float(
                np.sqrt((pupils * (values - mean) ** 2).sum() / pupils.sum()) / mean
            )
    return found


def test_seventy_schools_are_in_the_table(table: pd.DataFrame) -> None:
    assert table[HEADINGS["school_code"]].nunique() == 70


def test_three_more_schools_have_answers(county: County) -> None:
    assert county.units.loc[~county.units["listed"], "school"].nunique() == 3


def test_names_are_unique(county: County) -> None:
    names = county.units.drop_duplicates("school")["school_name"]
    assert names.is_unique


def test_codes_have_ten_digits(table: pd.DataFrame) -> None:
    assert table[HEADINGS["school_code"]].str.fullmatch(r"\d{10}").all()


def test_some_codes_begin_with_a_zero_and_some_do_not(table: pd.DataFrame) -> None:
    assert set(table[HEADINGS["school_code"]].str.startswith("0")) == {True, False}


def test_codes_without_their_zeros_stay_different(table: pd.DataFrame) -> None:
    codes = table[HEADINGS["school_code"]].drop_duplicates()
    assert codes.str.lstrip("0").is_unique


def test_nine_year_schools_have_a_row_a_stage(table: pd.DataFrame) -> None:
    rows = table[table[HEADINGS["run_type"]] == "九年一贯制学校"]
    stages = rows.groupby(HEADINGS["school_code"])[HEADINGS["stage"]].agg(list)
    assert stages.tolist() == [["小学", "初中"]] * 8


def test_facilities_of_a_school_are_the_same_on_all_its_rows(table: pd.DataFrame) -> None:
    different = table.groupby(HEADINGS["school_code"])[FACILITIES].nunique()
    assert (different == 1).all(axis=None)


def test_teachers_by_degree_are_no_more_than_the_teachers(table: pd.DataFrame) -> None:
    degrees = [HEADINGS[name] for name in ("t_college", "t_bachelor", "t_master", "t_doctor")]
    assert (table[degrees].sum(axis=1) <= table[HEADINGS["teachers"]]).all()


def test_variation_of_the_default_county_is_that_of_real_ones() -> None:
    """Real counties: 0.17 to 1.30, by indicator."""
    assert all(0.17 < cv < 1.30 for cv in variation(build_county(SEED)).values())


def test_variation_stays_plausible_for_other_seeds(county: County) -> None:
    assert all(0.10 < cv < 2.0 for cv in variation(county).values())


@pytest.mark.parametrize("stage", ["primary", "junior"])
def test_some_indicators_keep_to_the_limit_of_variation_and_some_do_not(county: County, stage: str) -> None:
    kept = {cv <= LIMITS[stage] for (of, _), cv in variation(county).items() if of == stage}
    assert kept == {True, False}


def test_standardized_indicators_have_variance_one(county: County) -> None:
    weights = (county.units["pupils"] * county.units["listed"]).to_numpy(dtype=float)
    assert np.allclose(np.average(county.standardized**2, axis=0, weights=weights), 1.0, atol=1e-12)
