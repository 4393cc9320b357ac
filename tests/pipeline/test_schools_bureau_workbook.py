"""Workbooks as a county bureau sends them: every trap in them, and the verdicts computed by hand below.

Shape: the return of the education statistics as bureaux pass it on: a title, a note of the unit, headings in
three merged rows, one file a stage, codes that Excel took for numbers, 其中 columns, 万元, a row 合计.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from manyi.schools.files import read_school_files
from manyi.schools.table import SchoolTable
from manyi.study.definition import Schools
from manyi_analysis.resources import CountyEvaluation, evaluate_county
from manyi_instruments.standards import load_layered
from manyi_outputs.tidy import read_table

LAYERED = load_layered("national-2017")
SCHOOLS = Schools(table={"primary": "p.xlsx", "junior": "j.xlsx"}, standard="national-2017")

#: Three rows of headings: merged over the columns that are empty to their right, and down.
HEADS = [
    ["序号", "学校标识码", "学校名称", "办学类型", "在校生数（人）", "专任教师", "", "", "", "", "", "", "",
     "校舍与场地（平方米）", "", "", "教学仪器设备资产值", "网络多媒体教室间数"],
    ["", "", "", "", "", "学历", "", "", "", "县级以上骨干教师数", "学科", "", "",
     "教学及辅助用房面积", "", "运动场地面积", "{unit}", ""],
    ["", "", "", "", "", "专科毕业专任教师数", "本科毕业专任教师数", "硕士研究生毕业专任教师数",
     "博士研究生毕业专任教师数", "", "体育专任教师数", "音乐专任教师数", "美术专任教师数",
     "计", "其中：室内体育用房", "", "", ""],
]  # fmt: skip
MERGED = ["A3:A5", "B3:B5", "C3:C5", "D3:D5", "E3:E5", "F3:M3", "F4:I4", "J4:J5", "K4:M4", "N3:P3", "N4:O4",
          "P4:P5", "R3:R5"]  # fmt: skip

#: The nine-year school stands in both files, its facilities those of the whole school.
PRIMARY = [
    [1, 199000001, "甲小学", "小学", 500, 5, 18, 1, 0, 6, 3, 1, 1, 2800, 300, 3700, 110, 12],
    [2, "'0199000002", "乙小学", "小学", "400人", 6, 12, 0, 0, 4, 1, 1, 1, "1,800", 0, 3000, 80, 10],
    [3, 199000003.0, "丙小学", 211, 300, 3, 10, 0, 0, 3, 1, 1, 1, 1500, 200, 2100, 62, 7],
    [4, "0199000004", "丁教学点", "教学点", 40, 2, 1, 0, 0, 0, 1, 0, 0, 200, 0, 300, 5, 1],
    [5, 199000005, "戊学校", "九年一贯制学校", 300, 3, 10, 0, 0, 3, 1, 1, 1, 3900, 260, 4940, 104, 13],
    ["合计", "", "", "", 1540, 19, 51, 1, 0, 16, 7, 4, 4, 10200, 760, 14040, 361, 43],
]
JUNIOR = [
    [1, 199000005, "戊学校", "九年一贯制学校", 200, 3, 11, 0, 0, 2, 1, 1, 0, 3900, 260, 4940, 104, 13],
    [2, 199000006, "己中学", "初级中学", 600, 9, 30, 1, 0, 6, 2, 2, 2, 4080, 600, 5520, 138, 15],
    ["合计", "", "", "", 800, 12, 41, 1, 0, 8, 3, 3, 2, 7980, 860, 10460, 242, 28],
]

#: By hand. Nine-year school: ΣwP = 300 + 1.1 × 200 = 520; its primary stage has 300/520 of the facilities.
VERDICTS = {
    ("0199000001", "primary"): ("met", 7),
    ("0199000002", "primary"): ("not_met", 6),  # R3 0.75 is 83 % of 0.9: below the floor
    ("0199000003", "primary"): ("met", 6),  # R4 without the gym 4.33, 96 % of 4.5
    ("0199000004", "primary"): ("excluded", 5),  # a teaching point of 40: R2 0, R6 1250
    ("0199000005", "primary"): ("met", 7),
    ("0199000005", "junior"): ("met", 6),  # R6 2200, 88 % of 2500
    ("0199000006", "junior"): ("not_met", 5),  # R1 5.17 and R6 2300
}
VALUES = {
    ("0199000001", "primary"): (4.8, 1.2, 1.0, 5.0, 8.0, 2200, 2.4),
    ("0199000002", "primary"): (4.5, 1.0, 0.75, 4.5, 7.5, 2000, 2.5),
    ("0199000003", "primary"): (13 / 3, 1.0, 1.0, 13 / 3, 23 / 3, 6200 / 3, 7 / 3),
    ("0199000005", "primary"): (13 / 3, 1.0, 1.0, 7.0, 10.0, 2000, 2.5),
    ("0199000005", "junior"): (5.5, 1.0, 1.0, 7.7, 11.0, 2200, 2.75),
    ("0199000006", "junior"): (31 / 6, 1.0, 1.0, 5.8, 10.2, 2300, 2.5),
}
#: School, stage, indicator -> what is missing in this stage, what the whole school must add.
GAPS = {
    ("0199000002", "primary", "R3"): (1, 1),
    ("0199000003", "primary", "R4"): (50, 50),
    ("0199000005", "junior", "R6"): (60_000, 60_000 * 520 / 220),
    ("0199000006", "junior", "R1"): (1, 1),
    ("0199000006", "junior", "R6"): (120_000, 120_000),
}


def workbook(path: Path, unit: str, rows: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["某县义务教育学校办学条件统计表"])
    sheet.append(["单位：人、平方米、间"])
    for head in HEADS:
        sheet.append([text.format(unit=unit) or None for text in head])
    for row in rows:
        sheet.append([cell if cell != "" else None for cell in row])
    sheet.merge_cells("A1:R1")
    for cells in [*MERGED, *(["Q3:Q5"] if not unit else [])]:
        sheet.merge_cells(cells)
    book.save(path)
    return path


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> SchoolTable:
    folder = tmp_path_factory.mktemp("bureau")
    paths = {
        "primary": workbook(folder / "小学.xlsx", "万元", PRIMARY),
        # The same column without a unit.
        "junior": workbook(folder / "初中.xlsx", "", JUNIOR),
    }
    return read_school_files(paths, SCHOOLS, LAYERED.standard)


@pytest.fixture(scope="module")
def county(table: SchoolTable) -> CountyEvaluation:
    return evaluate_county(table.frame, LAYERED, {}, "某县")


def test_verdicts_are_those_computed_by_hand(county: CountyEvaluation) -> None:
    found = county.schools.verdicts.to_frame()  # type: ignore[union-attr]
    rows = found[["school", "stage", "verdict", "met_count"]].itertuples(index=False)
    assert {(school, stage): (verdict, int(met)) for school, stage, verdict, met in rows} == VERDICTS


@pytest.mark.parametrize("unit", VALUES)
def test_indicators_are_those_computed_by_hand(county: CountyEvaluation, unit: tuple[str, str]) -> None:
    frame = county.schools.indicators.to_frame()
    own = frame[(frame["school"] == unit[0]) & (frame["stage"] == unit[1])]
    assert own["value"].tolist() == pytest.approx(VALUES[unit], rel=1e-12)


@pytest.mark.parametrize("key", GAPS)
def test_gap_of_a_school(county: CountyEvaluation, key: tuple[str, str, str]) -> None:
    frame = county.gaps.to_frame().set_index(["school", "stage", "indicator"])
    assert frame.loc[key, ["gap", "gap_of_school"]].tolist() == pytest.approx(GAPS[key], rel=1e-9)


def test_no_other_gap(county: CountyEvaluation) -> None:
    frame = county.gaps.to_frame()
    assert set(zip(frame["school"], frame["stage"], frame["indicator"], strict=True)) == set(GAPS)


def test_gap_of_the_county_in_yuan(county: CountyEvaluation) -> None:
    totals = county.gaps.totals().set_index("indicator")
    assert totals.loc["R6", "gap"] == pytest.approx(120_000 + 60_000 * 520 / 220, rel=1e-9)


def test_least_the_county_must_do(county: CountyEvaluation) -> None:
    # R3 of 乙小学 must reach its floor, 0.85 × 3.6 = 3.06 teachers, so 4; 己中学 may choose R1 or R6.
    totals = county.gaps.totals().set_index("indicator")
    assert totals["least"].to_dict() == {"R3": 1.0, "R4": 0.0, "R6": 0.0, "R1": 0.0}


def test_variation_of_equipment_by_hand(county: CountyEvaluation) -> None:
    # 2200, 2000, 2066.67, 2000 with 500, 400, 300, 300 pupils: mean 2080, SD √(11 733 333 / 1500) = 88.443.
    frame = county.schools.variation.to_frame()  # type: ignore[union-attr]
    row = frame[(frame["stage"] == "primary") & (frame["indicator"] == "R6")]
    assert row["cv"].item() == pytest.approx((11_733_333.333333 / 1500) ** 0.5 / 2080, rel=1e-9)


def test_codes_got_their_zeros_back(table: SchoolTable) -> None:
    assert set(table.repaired["value"]) == {"199000001", "'0199000002", "199000003", "199000005", "199000006"}


def test_rows_of_totals_are_set_aside(table: SchoolTable) -> None:
    aside = table.quarantine[table.quarantine["code"] == "school-total-row"]
    assert aside[["file", "row"]].values.tolist() == [["小学.xlsx", 11], ["初中.xlsx", 8]]


def test_every_repair_is_told(table: SchoolTable) -> None:
    assert {fault.code for fault in table.faults} >= {
        "school-unit-converted",
        "school-unit-inferred",
        "school-total-row",
        "school-code-repaired",
        "file-headings-joined",
        "file-title-rows",
    }


def test_unit_below_a_heading_and_unit_told_by_size(table: SchoolTable) -> None:
    factors = table.columns.set_index(["file", "column"])["factor"]
    assert factors.loc[[("小学.xlsx", "equip"), ("初中.xlsx", "equip")]].tolist() == [10_000, 10_000]


def test_unit_of_the_study_stands_over_size(tmp_path: Path) -> None:
    path = workbook(tmp_path / "初中.xlsx", "", JUNIOR)
    own = Schools(table={"junior": "x"}, standard="national-2017", units={"equip": "千元"})
    read = read_school_files({"junior": path}, own, LAYERED.standard)
    assert read.frame["equip"].tolist() == [104_000, 138_000]


def test_heading_that_contradicts_its_numbers_is_told_and_left(tmp_path: Path) -> None:
    # 元 above numbers in 万元: 0.23 yuan a pupil is in no range; nobody can say which of the two is wrong.
    path = workbook(tmp_path / "初中.xlsx", "元", JUNIOR)
    read = read_school_files({"junior": path}, SCHOOLS, LAYERED.standard)
    codes = [fault.code for fault in read.faults if "unit" in fault.code]
    assert (codes, read.frame["equip"].tolist()) == (["school-unit-implausible"], [104.0, 138.0])


def test_cell_that_names_its_own_unit(tmp_path: Path) -> None:
    rows = [list(row) for row in JUNIOR]
    rows[0][16], rows[1][16] = "104万元", "1380000元"
    read = read_school_files({"junior": workbook(tmp_path / "j.xlsx", "元", rows)}, SCHOOLS, LAYERED.standard)
    assert read.frame["equip"].tolist() == [1_040_000, 1_380_000]


def test_one_school_out_of_range_is_told_and_left(tmp_path: Path) -> None:
    rows = [list(row) for row in PRIMARY]
    rows[0][16] = 1_100_000
    read = read_school_files(
        {"primary": workbook(tmp_path / "p.xlsx", "万元", rows)}, SCHOOLS, LAYERED.standard
    )
    told = [fault for fault in read.faults if fault.code == "school-value-implausible"]
    assert [(fault.place.row, fault.details["value"]) for fault in told] == [(6, "1100000")]


def test_gym_larger_than_what_holds_it_is_missing(tmp_path: Path) -> None:
    rows = [list(row) for row in PRIMARY]
    rows[2][14] = 1600
    path = workbook(tmp_path / "p.xlsx", "万元", rows)
    read = read_school_files({"primary": path}, SCHOOLS, LAYERED.standard)
    aside = read.quarantine[read.quarantine["code"] == "school-part-larger"]
    assert aside[["row", "item", "value"]].values.tolist() == [[8, "area_gym", "1600"]]


def test_school_in_two_files_of_one_stage_is_taken_once(tmp_path: Path) -> None:
    paths = {
        "primary": workbook(tmp_path / "a.xlsx", "万元", PRIMARY[:1]),
        "junior": workbook(tmp_path / "b.xlsx", "万元", JUNIOR[1:2]),
    }
    sheet = openpyxl.load_workbook(paths["junior"])
    sheet.active["S5"], sheet.active["S6"] = "学段", "小学"
    sheet.active["B6"] = 199000001
    sheet.save(paths["junior"])
    read = read_school_files(paths, SCHOOLS, LAYERED.standard)
    assert (len(read.frame), read.quarantine["code"].tolist()) == (1, ["school-row-repeated"])


# --- the same workbooks, through a whole run --------------------------------------------------------------

STAFF = {
    "questionnaire": "staff",
    "title": {"en": "Staff", "zh": "教师"},
    "languages": ["zh"],
    "answer_lists": {"five": {"values": [1, 2, 3, 4, 5], "zh": list("甲乙丙丁戊")}},
    "scales": [],
    "items": [{"id": "S1", "text": {"zh": "满意吗？"}, "answers": "five", "standalone": True}],
}


@pytest.fixture(scope="module")
def ran(
    tmp_path_factory: pytest.TempPathFactory, write_study: Callable[..., Path], run_manyi: Callable[..., Any]
) -> tuple[Path, Any]:
    """Return a study of the two workbooks, run, and the run; not to be changed."""
    study = write_study(
        tmp_path_factory.mktemp("run") / "study",
        {"staff": STAFF},
        {"staff": {"a.csv": pd.DataFrame({"S1": [1, 2, 3, 4, 5] * 6})}},
        language="zh",
        schools={"table": {"primary": "data/p.xlsx", "junior": "data/j.xlsx"}, "standard": "national-2017"},
    )
    workbook(study / "data" / "p.xlsx", "万元", PRIMARY)
    workbook(study / "data" / "j.xlsx", "", JUNIOR)
    return study, run_manyi("run", study, "--json")


def made(study: Path, name: str) -> pd.DataFrame:
    return read_table(study / "results" / "tables" / f"{name}.csv")


def test_verdicts_of_the_run_are_those_computed_by_hand(ran: tuple[Path, Any]) -> None:
    rows = made(ran[0], "school_verdicts")
    keys = zip(rows["school"], rows["stage"], strict=True)
    found = {
        key: (verdict, int(met))
        for key, verdict, met in zip(keys, rows["verdict"], rows["met_count"], strict=True)
    }
    assert found == VERDICTS


@pytest.mark.parametrize("key", GAPS)
def test_the_table_of_the_standard_holds_the_gap_and_the_layer(
    ran: tuple[Path, Any], key: tuple[str, str, str]
) -> None:
    rows = made(ran[0], "standard").query("level == 'stage'")
    own = rows[(rows["unit"] == key[0]) & (rows["stage"] == key[1]) & (rows["indicator"] == key[2])]
    row = own[own["bound"] == "value"].iloc[0]
    assert (row["layer"], str(row["met"])) == ("national-2017", "False")
    assert float(row["gap"]) == pytest.approx(GAPS[key][0], rel=1e-9)


def test_repairs_are_told_by_the_run_and_fail_nothing(ran: tuple[Path, Any]) -> None:
    assert ran[1].code == 0, ran[1].err
    told = {"school-unit-converted", "school-unit-inferred", "school-total-row", "school-code-repaired"}
    assert told <= set(ran[1].codes)
    assert set(made(ran[0], "repaired_codes")["value"]) >= {"199000001", "199000003"}


def test_the_report_counts_the_verdicts_and_names_what_is_missing(ran: tuple[Path, Any]) -> None:
    page = (ran[0] / "results" / "report.html").read_text(encoding="utf-8")
    # Of the six school stages that the standard evaluates four meet it; a teaching point of 40 is left out.
    assert "学校综合达标 4/6" in page
    assert "教学及辅助用房面积 50 平方米（1 所学校）" in page


def test_what_if_of_the_run_meets_what_was_missing(
    ran: tuple[Path, Any], run_manyi: Callable[..., Any]
) -> None:
    done = run_manyi("whatif", ran[0], "--add", "school=0199000002,t_pe=+1", "--json")
    assert done.code == 0, done.err
    assert "0199000002" in done.out
