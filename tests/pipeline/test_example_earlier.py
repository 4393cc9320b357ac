"""Earlier school tables of the example county: what was planted over the waves is found again."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi.example.county import HEADINGS, build_county
from manyi.example.earlier import CERTIFIED, EARLIER, TRENDS, WAVE, school_tables
from manyi.example.folder import SEED
from manyi_outputs.tidy import read_table

INDICATORS = ("R1", "R2", "R3", "R4", "R5", "R7")
EFFECTS = [(stage, name) for stage in ("primary", "junior") for name in INDICATORS]


@pytest.fixture(scope="module")
def written() -> dict[int, pd.DataFrame]:
    """Return the tables without their row of totals."""
    found = school_tables(build_county(SEED), SEED)
    return {wave: table.iloc[:-1] for wave, table in found.items()}


@pytest.fixture(scope="module")
def tables(demo_study: Path) -> dict[str, pd.DataFrame]:
    names = ("certification", "alerts", "hollowing", "staff_balance", "staff_flows", "change")
    return {name: read_table(demo_study / "results" / "tables" / f"{name}.csv") for name in names}


def overall(tables: dict[str, pd.DataFrame], stage: str, indicator: str) -> pd.Series:
    rows = tables["certification"].query("estimator == 'group_time' and effect == 'overall'")
    return rows.query("unit == @stage and indicator == @indicator").iloc[0]


def report(study: Path) -> str:
    return (study / "results" / "report.html").read_text(encoding="utf-8")


# --- what is written --------------------------------------------------------------------------------------


def test_certified_are_as_many_as_planted(written: dict[int, pd.DataFrame]) -> None:
    schools = written[WAVE].drop_duplicates(HEADINGS["school_code"])
    assert schools[CERTIFIED].value_counts().to_dict() == TRENDS.certified


def test_closed_schools_stand_in_earlier_tables_alone(written: dict[int, pd.DataFrame]) -> None:
    codes = {wave: set(table[HEADINGS["school_code"]]) for wave, table in written.items()}
    assert [len(codes[wave] - codes[WAVE]) for wave in EARLIER] == [1, 3]


def test_no_earlier_table_says_who_was_certified(written: dict[int, pd.DataFrame]) -> None:
    assert [CERTIFIED in written[wave] for wave in EARLIER] == [False, False]


def test_another_seed_certifies_other_schools() -> None:
    found = [school_tables(build_county(SEED), seed)[WAVE][CERTIFIED].to_numpy(float) for seed in (SEED, 1)]
    assert not np.array_equal(np.isnan(found[0]), np.isnan(found[1]))


# --- what the run finds -----------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["primary", "junior"])
def test_effect_of_certification_is_the_one_planted(tables: dict[str, pd.DataFrame], stage: str) -> None:
    # Planted by weighted pupil: one of the junior stage of a nine-year school weighs 1.1.
    row = overall(tables, stage, "R6")
    assert row["low"] < TRENDS.certification * (1.1 if stage == "junior" else 1.0)
    assert row["high"] > TRENDS.certification


@pytest.mark.parametrize(("stage", "indicator"), EFFECTS)
def test_certification_does_nothing_to_what_it_was_not_planted_in(
    tables: dict[str, pd.DataFrame], stage: str, indicator: str
) -> None:
    assert overall(tables, stage, indicator)["p_adjusted"] > 0.05


def test_adjusted_is_holms_of_statsmodels(tables: dict[str, pd.DataFrame]) -> None:
    from statsmodels.stats.multitest import multipletests

    rows = tables["certification"].query("estimator == 'two_way' and effect == 'overall'")
    theirs = multipletests(rows["p"].astype(float), method="holm")[1]
    np.testing.assert_allclose(rows["p_adjusted"].astype(float), theirs, rtol=1e-12)


def test_effects_before_certification_are_within_chance(tables: dict[str, pd.DataFrame]) -> None:
    # 14 outcomes: 3 or more beyond 5 % would happen three times in a hundred.
    before = tables["certification"].query("effect == 'placebo'")["p"].astype(float)
    assert len(before) == 14
    assert (before < 0.05).sum() <= 2


def test_rural_pupils_fall_as_planted(tables: dict[str, pd.DataFrame]) -> None:
    # Two waves of 12 %, and three small teaching points closed.
    row = tables["hollowing"].query("from_wave == '2021' and kind == 'rural'").iloc[0]
    assert row["change_rate"] == pytest.approx(TRENDS.pupils["rural"] ** 2 - 1, abs=0.03)
    assert row["closed"] == 3


def test_urban_classes_grow_and_rural_classes_shrink(tables: dict[str, pd.DataFrame]) -> None:
    rows = tables["hollowing"].query("from_wave == '2021'").set_index("kind")
    grown = rows["class_size_after"].astype(float) - rows["class_size_before"].astype(float)
    assert grown["urban"] > 2
    assert grown["rural"] < -2


def test_teachers_leave_the_villages_for_the_seat(tables: dict[str, pd.DataFrame]) -> None:
    net = tables["staff_balance"].set_index("kind")["net"].astype(float)
    assert net["rural"] < 0 < net["urban"]
    assert net.sum() == 0


def test_equipment_rises_at_both_stages(tables: dict[str, pd.DataFrame]) -> None:
    rows = tables["change"].query("indicator == 'R6' and measure == 'mean' and from_wave == '2021'")
    assert (rows["low"].astype(float) > 0).all()


def test_alerts_are_short_of_their_threshold_now(tables: dict[str, pd.DataFrame]) -> None:
    alerts = tables["alerts"].query("level == 'school'")
    assert len(alerts) > 0
    assert (alerts["after"].astype(float) < alerts["threshold"].astype(float)).all()
    assert (alerts["before"].astype(float) >= alerts["threshold_before"].astype(float)).all()


# --- what the report says ---------------------------------------------------------------------------------


def test_the_report_names_every_school_that_fails_now(
    demo_study: Path, tables: dict[str, pd.DataFrame]
) -> None:
    now = tables["alerts"].query("to_wave == '2025'")
    page = report(demo_study)
    assert [name for name in now["school_name"] if f"{name}（" not in page] == []


def test_the_report_tells_certification_found_and_null(demo_study: Path) -> None:
    page = report(demo_study)
    assert "14 项结果中，2 项在认定之后的变化与同期未认定的学校不同" in page
    assert "小学 R6 生均教学仪器设备值：认定之后比未认定的学校多变化" in page
    assert "未发现以下各项在认定之后有不同的变化：小学 R1" in page


def test_the_report_tells_who_lost_teachers_and_pupils(demo_study: Path) -> None:
    page = report(demo_study)
    assert "乡村净流失" in page
    assert "学生数减少最多的是乡村" in page


@pytest.mark.parametrize("role", ["家长", "教师", "学生"])
def test_the_report_calls_the_planted_null_a_null(demo_study: Path, role: str) -> None:
    """R7 has no effect on anyone: it must stand in the sentence of nulls of each role's mixed model."""
    told = report(demo_study).split("未发现以下各项与之有关：")[1:]
    ours = [part.split("这是零结果，不等于证明无关")[0] for part in told]
    assert len(ours) == 3
    at = ["家长", "教师", "学生"].index(role)
    assert "R7 " in ours[at]
