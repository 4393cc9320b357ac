"""The example county read back from its file: its indicators are those it was made with."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi.example.county import County, build_county
from manyi.schools.table import SchoolTable, read_schools
from manyi.study.definition import Schools
from manyi_analysis.resources import CountyVariation, Evaluation, SchoolVerdicts, evaluate_schools
from manyi_instruments.standards import load_standard

NATIONAL = load_standard("national-2017")
INDICATORS = ("R1", "R2", "R3", "R4", "R5", "R6", "R7")


@pytest.fixture(scope="module")
def county() -> County:
    return build_county(20170519)


@pytest.fixture(scope="module")
def table(county: County, tmp_path_factory: pytest.TempPathFactory) -> SchoolTable:
    path: Path = tmp_path_factory.mktemp("county") / "schools.csv"
    county.table.to_csv(path, index=False, encoding="utf-8-sig")
    return read_schools(path, Schools(), NATIONAL)


@pytest.fixture(scope="module")
def evaluation(table: SchoolTable) -> Evaluation:
    return evaluate_schools(table.frame, NATIONAL)


def test_nothing_but_totals_is_quarantined(table: SchoolTable) -> None:
    assert set(table.quarantine["code"]) <= {"school-total-row"}


def test_no_cell_is_rejected(table: SchoolTable) -> None:
    assert table.cells["cells_rejected"].item() == 0


def test_every_column_is_recognized(table: SchoolTable) -> None:
    assert set(table.columns["column"]) == {NATIONAL.frame_name(name) for name in NATIONAL.columns}


def test_every_listed_school_is_there(table: SchoolTable, county: County) -> None:
    listed = county.units.loc[county.units["listed"], "school"]
    assert set(table.codes) == set(listed)


@pytest.mark.parametrize("indicator", INDICATORS)
def test_indicator_is_the_one_the_county_was_made_with(
    evaluation: Evaluation, county: County, indicator: str
) -> None:
    keys = ["school", "stage"]
    pairs = county.units[[*keys, indicator]].merge(evaluation.schools[[*keys, indicator]], on=keys)
    assert np.allclose(pairs[f"{indicator}_x"], pairs[f"{indicator}_y"], rtol=1e-12, atol=0)


def test_every_school_but_small_teaching_points_has_a_verdict(evaluation: Evaluation, county: County) -> None:
    assert isinstance(evaluation.verdicts, SchoolVerdicts)
    verdicts = evaluation.verdicts.to_frame()
    without = verdicts.loc[
        (verdicts["stage"] != "senior") & ~verdicts["verdict"].isin(["met", "not_met"]), "school"
    ]
    small = (county.units["kind"] == "teaching_point") & (county.units["pupils"] < 50)
    assert set(without) == set(county.units.loc[small, "school"])


def test_indicators_are_one_row_a_school_stage_and_indicator(evaluation: Evaluation) -> None:
    frame = evaluation.indicators.to_frame()
    evaluated = evaluation.schools["stage"].isin(NATIONAL.evaluated_stages).sum()
    assert len(frame) == 7 * evaluated


def test_variation_has_one_row_a_stage_and_indicator(evaluation: Evaluation) -> None:
    assert isinstance(evaluation.variation, CountyVariation)
    frame = evaluation.variation.to_frame()
    assert pd.MultiIndex.from_frame(frame[["stage", "indicator"]]).is_unique
    assert len(frame) == 14


def test_variation_is_between_that_of_the_least_and_most_unequal_counties_known(
    evaluation: Evaluation,
) -> None:
    # Coefficients of variation of real counties run from 0.17 to 1.30.
    assert isinstance(evaluation.variation, CountyVariation)
    assert evaluation.variation.to_frame()["cv"].between(0.15, 1.35).all()
