"""Plain tables as people make them: titles, merged headings, totals, units, notes, decimal commas."""

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from manyi.readers.decoding.decode import Decoded, decode
from manyi.readers.matching.match import match
from manyi.readers.platforms.detect import read_source
from manyi.readers.platforms.source import SourceTable
from manyi.readers.tables.foot_rows import rows_aside
from manyi.readers.tables.headings import find_headings
from manyi.readers.tables.raw_table import RawTable, read_table
from manyi.schools.table import read_schools
from manyi.study.definition import Role, Schools
from manyi_instruments.definitions.loader import load_questionnaire

ROLE = Role.model_validate({"title": {"en": "x"}, "questionnaire": "q.yaml"})
QUESTIONNAIRE = load_questionnaire("""
questionnaire: q
title: {zh: 问卷}
languages: [zh]
answer_lists:
  five: {values: [1, 2, 3, 4, 5], zh: [甲, 乙, 丙, 丁, 戊]}
  club: {values: [1, 2], zh: [足球, 合唱], ordered: false}
items:
  - {id: TEACH, text: {zh: 教学质量}, answers: five, standalone: true}
  - {id: MANAGE, text: {zh: 管理水平}, answers: five, standalone: true}
  - {id: KM, text: {zh: 上学距离}, type: number, integer: false, minimum: 0, maximum: 100, standalone: true}
  - {id: CLUB, text: {zh: 社团}, type: multiple, answers: club}
""")


def text(folder: Path, lines: list[str], encoding: str = "utf-8-sig", name: str = "t.csv") -> RawTable:
    (folder / name).write_text("\n".join(lines) + "\n", encoding=encoding)
    return read_table(folder / name)


def book(folder: Path, rows: list[list[object]], merged: list[str], name: str = "t.xlsx") -> RawTable:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    for cells in merged:
        sheet.merge_cells(cells)
    workbook.save(folder / name)
    return read_table(folder / name)


def decoded(raw: RawTable) -> Decoded:
    source: SourceTable = read_source(raw)
    return decode(source, match(source, QUESTIONNAIRE, ROLE), QUESTIONNAIRE, ROLE, "t", "x", "en")


def codes(raw: RawTable) -> list[str]:
    return [fault.code for fault in raw.faults]


ANSWERS = [["0101", 5, 4, 1.5], ["0102", 3, 2, 2], ["0103", 1, 5, 0.5], ["0104", 4, 4, 12]]


def test_title_rows_above_the_headings(tmp_path: Path) -> None:
    lines = ["2024 年家长满意度调查,,,", "填报单位：某县教育局,,,", "", "学校,教学质量,管理水平,上学距离"]
    raw = text(tmp_path, [*lines, *(",".join(map(str, row)) for row in ANSWERS)])
    assert raw.headings == ("学校", "教学质量", "管理水平", "上学距离")
    assert (raw.first_data_row, len(raw.cells), codes(raw)) == (5, 4, ["file-title-rows"])
    assert raw.cell(6, "教学质量") == "3"


def test_a_title_without_delimiters(tmp_path: Path) -> None:
    raw = text(tmp_path, ["满意度调查", "学校;教学质量;管理水平", "0101;5;4", "0102;4;3"])
    assert raw.headings == ("学校", "教学质量", "管理水平")
    assert raw.cells.iloc[0].tolist() == ["0101", "5", "4"]


def test_a_title_merged_over_the_table(tmp_path: Path) -> None:
    rows = [["满意度调查"], ["学校", "教学质量", "管理水平", "上学距离"], *ANSWERS]
    raw = book(tmp_path, rows, ["A1:D1"])
    assert (raw.headings, raw.first_data_row) == (("学校", "教学质量", "管理水平", "上学距离"), 3)


def test_merged_headings_in_two_rows(tmp_path: Path) -> None:
    rows = [["学校", "您对学校", None, "上学距离"], [None, "教学质量", "管理水平", None], *ANSWERS]
    raw = book(tmp_path, rows, ["A1:A2", "B1:C1", "D1:D2"])
    assert raw.headings == ("学校", "您对学校—教学质量", "您对学校—管理水平", "上学距离")
    assert (raw.heading_rows, raw.first_data_row) == (2, 3)
    told = next(fault for fault in raw.faults if fault.code == "file-headings-joined")
    assert "B1:C1" in told.message("en")


def test_merged_headings_in_three_rows_below_a_title(tmp_path: Path) -> None:
    rows = [
        ["满意度调查"],
        ["学校", "评价", None, None, None],
        [None, "学校方面", None, "政府方面", None],
        [None, "教学", "管理", "经费", "师资"],
        *([code, 5, 4, 3, 2] for code in ("0101", "0102", "0103")),
    ]
    raw = book(tmp_path, rows, ["A1:E1", "A2:A4", "B2:E2", "B3:C3", "D3:E3"])
    assert raw.headings == (
        "学校",
        "评价—学校方面—教学",
        "评价—学校方面—管理",
        "评价—政府方面—经费",
        "评价—政府方面—师资",
    )
    assert raw.first_data_row == 5


def test_group_headings_in_csv_leave_blanks_to_their_right(tmp_path: Path) -> None:
    lines = ["学校,您对学校,,上学距离", ",教学质量,管理水平,", *(",".join(map(str, row)) for row in ANSWERS)]
    raw = text(tmp_path, lines)
    assert raw.headings == ("学校", "您对学校—教学质量", "您对学校—管理水平", "上学距离")
    assert codes(raw) == ["file-headings-joined"]


@pytest.mark.parametrize(
    "lines",
    [
        ["姓名,,性别", "张三,A,男", "李四,B,女", "王五,A,男"],
        ["编号,评价,,距离", "1,满意,一般,3", "2,一般,满意,4", "3,满意,满意,5"],
        ["编号,评价,,距离", "1,5,4,3", "2,4,4,4", "3,3,5,5"],
        ["学校,教学,管理", "某小学,满意,一般", "另一小学,一般,满意"],
    ],
)
def test_answers_below_an_empty_heading_are_no_headings(tmp_path: Path, lines: list[str]) -> None:
    raw = text(tmp_path, lines)
    assert (raw.heading_rows, len(raw.cells)) == (1, len(lines) - 1)


def test_merged_heading_over_answers_is_no_group(tmp_path: Path) -> None:
    rows = [["学校", "意见", None], ["0101", 5, 4], ["0102", 3, 2], ["0103", 1, 5]]
    raw = book(tmp_path, rows, ["B1:C1"])
    assert (raw.headings, len(raw.cells)) == (("学校", "意见", ""), 3)


def test_columns_below_a_group_are_rows_of_a_matrix(tmp_path: Path) -> None:
    rows = [["学校", "您对学校", None, "上学距离"], [None, "教学质量", "管理水平", None], *ANSWERS]
    questions = read_source(book(tmp_path, rows, ["A1:A2", "B1:C1", "D1:D2"])).questions
    assert [(q.text, q.row, q.kind) for q in questions[1:3]] == [
        ("您对学校", "教学质量", "matrix"),
        ("您对学校", "管理水平", "matrix"),
    ]


def test_ticks_below_a_group_are_one_multiple_choice(tmp_path: Path) -> None:
    rows = [["学校", "社团", None], [None, "足球", "合唱"], ["0101", 1, 0], ["0102", 0, 1], ["0103", 1, 1]]
    found = decoded(book(tmp_path, rows, ["A1:A2", "B1:C1"]))
    assert found.answers[["CLUB__1", "CLUB__2"]].to_numpy().tolist() == [[1, 0], [0, 1], [1, 1]]


def test_items_are_matched_below_their_group(tmp_path: Path) -> None:
    rows = [["学校", "您对学校", None, "上学距离"], [None, "教学质量", "管理水平", None], *ANSWERS]
    found = decoded(book(tmp_path, rows, ["A1:A2", "B1:C1", "D1:D2"]))
    assert found.answers["TEACH"].tolist() == [5, 3, 1, 4]
    assert found.answers["row"].tolist() == [3, 4, 5, 6]


def test_totals_means_and_notes_at_the_foot_are_quarantined(tmp_path: Path) -> None:
    foot = ["合计,13,15,16", "平均,3.25,3.75,4", "", "注：距离为公里,,,"]
    lines = ["学校,教学质量,管理水平,上学距离", *(",".join(map(str, row)) for row in ANSWERS), *foot]
    found = decoded(text(tmp_path, lines))
    assert found.answers["TEACH"].tolist() == [5, 3, 1, 4]
    assert found.quarantine[["row", "code"]].to_numpy().tolist() == [
        [6, "total-row"],
        [7, "total-row"],
        [8, "empty-row"],
        [9, "note-row"],
    ]
    account = found.cells.iloc[0]
    assert (account["rows_read"], account["rows_kept"], account["rows_quarantined"]) == (8, 4, 4)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([["a", "1", "2"], ["Total", "1", "2"]], {"total-row": (1,)}),
        ([["Total", "1", "2"], ["a", "1", "2"]], {}),
        ([["a", "1", "2"], ["合计", "很好", "2"]], {}),
        ([["a", "1", "2"], ["Source: survey", "", ""]], {"note-row": (1,)}),
        ([["a", "1", "2"], ["* without absentees", "", ""]], {"note-row": (1,)}),
        ([["a", "1", "2"], ["b", "", ""]], {}),
        ([["a", "1", "2"], ["希望小学", "", ""]], {}),
    ],
)
def test_what_is_a_foot(rows: list[list[str]], expected: dict[str, tuple[int, ...]]) -> None:
    assert rows_aside(pd.DataFrame(rows, dtype="str")) == expected


def test_a_row_of_units_is_quarantined(tmp_path: Path) -> None:
    lines = [
        "学校,教学质量,管理水平,上学距离",
        "单位,分,分,公里",
        *(",".join(map(str, row)) for row in ANSWERS),
    ]
    found = decoded(text(tmp_path, lines))
    assert found.quarantine[["row", "code"]].to_numpy().tolist() == [[2, "unit-row"]]
    assert found.answers["KM"].tolist() == [1.5, 2.0, 0.5, 12.0]


@pytest.mark.parametrize(
    "first", ["0100,(跳过),(空),3", "0100,NA,NA,NA", "0100,甲乙丙丁戊己庚辛壬,丁,3", "0100,丁,4,3"]
)
def test_an_answer_sheet_of_words_is_no_row_of_units(tmp_path: Path, first: str) -> None:
    lines = ["学校,教学质量,管理水平,上学距离", first, *(",".join(map(str, row)) for row in ANSWERS)]
    assert len(decoded(text(tmp_path, lines)).answers) == 5


def test_a_column_of_row_numbers_is_no_question(tmp_path: Path) -> None:
    source = read_source(text(tmp_path, [",教学质量,管理水平", "0,5,4", "1,4,3", "2,3,2"]))
    assert [q.heading for q in source.questions] == ["教学质量", "管理水平"]


def test_a_first_column_without_heading_that_does_not_count_is_one(tmp_path: Path) -> None:
    source = read_source(text(tmp_path, [",教学质量,管理水平", "3,5,4", "1,4,3", "2,3,2"]))
    assert len(source.questions) == 3


def test_gb18030(tmp_path: Path) -> None:
    raw = text(tmp_path, ["学校,教学质量,管理水平", "某小学,5,4", "另一小学,4,3"], encoding="gb18030")
    assert (raw.encoding, raw.cell(3, "学校")) == ("gb18030", "另一小学")


def test_decimal_commas_between_semicolons(tmp_path: Path) -> None:
    raw = text(
        tmp_path, ["学校;教学质量;上学距离", "0101;5;2,5", "0102;4;12,25", "0103;3;1.234,5", "0104;3;7"]
    )
    found = decoded(raw)
    assert found.answers["KM"].tolist() == [2.5, 12.25, -5.0, 7.0]
    assert read_source(raw).decimal == ","


@pytest.mark.parametrize(
    "cells",
    [["1,3", "2", "1,2"], ["1,234", "2,500", "900"], ["2.5", "3,1", "4,0"], ["很好,但是", "4,0", "3,0"]],
)
def test_commas_that_are_no_decimals(tmp_path: Path, cells: list[str]) -> None:
    raw = text(tmp_path, ["学校;上学距离", *(f"010{row};{cell}" for row, cell in enumerate(cells))])
    assert read_source(raw).decimal == "."


def test_thousands_are_read(tmp_path: Path) -> None:
    questionnaire = load_questionnaire("""
questionnaire: q
title: {zh: 问卷}
languages: [zh]
items:
  - {id: FEE, text: {zh: 学费}, type: number, minimum: 0, maximum: 100000, standalone: true}
""")
    source = read_source(text(tmp_path, ["学校,学费", '0101,"1,234"', '0102,"12,500"', "0103,900"]))
    found = decode(source, match(source, questionnaire, ROLE), questionnaire, ROLE, "t", "x", "en")
    assert found.answers["FEE"].tolist() == [1234, 12500, 900]


def test_a_school_table_with_a_title_and_merged_headings(tmp_path: Path) -> None:
    rows = [
        ["某县学校基本情况"],
        ["学校代码", "办学条件", None, "学生数"],
        [None, "图书", "教师", None],
        ["0012345678", 100, 10, 300],
        ["0012345679", 200, 20, 400],
        ["合计", 300, 30, 700],
    ]
    book(tmp_path, rows, ["A1:D1", "A2:A3", "B2:C2", "D2:D3"], "schools.xlsx")
    found = read_schools(tmp_path / "schools.xlsx", Schools(table="schools.xlsx", code="学校代码"))
    assert found.frame["school"].tolist() == ["0012345678", "0012345679"]
    assert found.frame["办学条件—图书"].tolist() == [100.0, 200.0]
    assert found.quarantine["code"].tolist() == ["school-total-row"]


def test_one_row_of_headings_is_left_as_it_is() -> None:
    found = find_headings([["a", "b", "c"], ["x", "y", "z"], ["1", "2", "3"]])
    assert (found.texts, found.first, found.last, found.titles) == (("a", "b", "c"), 0, 0, ())


def test_headings_of_a_school_table_are_known_below_their_group(tmp_path: Path) -> None:
    rows = [
        ["学校", None, "教学条件", None],
        ["学校代码", "学校名称", "图书册数", "学生数"],
        ["0012345678", "一小", 100, 300],
        ["0012345679", "二小", 200, 400],
        ["0012345670", "三小", 150, 250],
    ]
    book(tmp_path, rows, ["A1:B1", "C1:D1"], "schools.xlsx")
    found = read_schools(tmp_path / "schools.xlsx", Schools(table="schools.xlsx", code="学校代码"))
    assert found.frame["school"].tolist() == ["0012345678", "0012345679", "0012345670"]
    assert found.frame["图书册数"].tolist() == [100.0, 200.0, 150.0]
