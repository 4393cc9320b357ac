"""School tables as bureaux hold them: every row and cell is kept, recoded or told with its reason."""

from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from manyi.schools.table import SchoolTable, read_schools
from manyi.study.definition import Schools
from manyi_analysis.resources import evaluate_schools
from manyi_instruments.faults import AnswersFaulty
from manyi_instruments.standards import load_standard

NATIONAL = load_standard("national-2017")

# Row 1 is a title, row 2 the headings; the comments say what is wrong with a row.
BUREAU = """\
某县学校基本情况表,,,,,,,,,
序号,学校（机构）标识码,学校名称,办学类型,学段,在校生数（人）,教学仪器设备资产值（万元）,城乡分类代码,网络多媒体教室间数,备注
1,2133000001.0,第一小学,211,小学,"1,200",300.5,111.0,30,
2,'0033000002,一贯学校,九年一贯制学校,小学,166,23.226,121,10,x
,,,,初中,210,23.226,121,10,
3,33000003,第三中学,初级中学,,约300,50,210,６,
4,2.13E+09,坏码,小学,小学,100,1,220,3,
,合计,,,,1876,,,,
5,2133000001,第一小学,小学,小学,1,1,111,1,
6,2133000007,完中,,初中,300,100,999,8,
7,2133000007,完中,,高中,300,100,999,8,
8,2133000008,未知,怪类型,中段,300,100,111,8,
9,2133000009,怪类,怪类型,小学,300,-5,111,8,
注：本表为示例,,,,,,,,,
"""


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "学校 表.csv"
    path.write_text(text, encoding=encoding)
    return path


@pytest.fixture(scope="module")
def bureau(tmp_path_factory: pytest.TempPathFactory) -> SchoolTable:
    path = written(tmp_path_factory.mktemp("县"), BUREAU, "gb18030")
    return read_schools(path, Schools(), NATIONAL)


def cell(table: SchoolTable, school: str, column: str, stage: str | None = None) -> object:
    frame = table.frame
    rows = (frame["school"] == school) & ((frame["stage"] == stage) if stage else True)
    return frame.loc[rows, column].item()


def codes_of(table: SchoolTable) -> set[str]:
    return {fault.code for fault in table.faults}


def quarantined(table: SchoolTable, row: int) -> dict[str, str]:
    frame = table.quarantine
    entries = frame[frame["row"] == row]
    return dict(zip(entries["code"], entries["value"], strict=True))


def test_schools_in_the_order_of_the_file(bureau: SchoolTable) -> None:
    assert bureau.codes == ["2133000001", "0033000002", "0033000003", "2133000007", "2133000009"]


def test_rows_are_those_a_spreadsheet_shows(bureau: SchoolTable) -> None:
    assert bureau.rows.tolist() == [3, 4, 5, 6, 10, 11, 13]


def test_thousands_separators(bureau: SchoolTable) -> None:
    assert cell(bureau, "2133000001", "pupils") == 1200.0


def test_unit_of_the_heading(bureau: SchoolTable) -> None:
    assert cell(bureau, "2133000001", "equip") == pytest.approx(3005000.0, rel=1e-12)


def test_unit_conversion_is_told(bureau: SchoolTable) -> None:
    assert "school-unit-converted" in codes_of(bureau)


def test_own_unit_in_the_heading_is_no_conversion(bureau: SchoolTable) -> None:
    factors = bureau.columns.set_index("column")["factor"]
    assert factors["pupils"] == 1.0


def test_full_width_digits(bureau: SchoolTable) -> None:
    assert cell(bureau, "0033000003", "mm_rooms") == 6.0


def test_run_type_by_its_number(bureau: SchoolTable) -> None:
    assert cell(bureau, "2133000001", "run_type") == "primary_school"


def test_stage_follows_from_the_run_type(bureau: SchoolTable) -> None:
    assert cell(bureau, "0033000003", "stage") == "junior"


def test_merged_cells_of_a_combined_school(bureau: SchoolTable) -> None:
    assert cell(bureau, "0033000002", "pupils", "junior") == 210.0


def test_merged_names_are_filled(bureau: SchoolTable) -> None:
    assert cell(bureau, "0033000002", "school_name", "junior") == "一贯学校"


def test_run_type_inferred_from_the_stages(bureau: SchoolTable) -> None:
    assert cell(bureau, "2133000007", "run_type", "junior") == "complete_secondary"


def test_inferred_run_type_is_told(bureau: SchoolTable) -> None:
    assert "school-run-type-inferred" in codes_of(bureau)


def test_urban_or_rural(bureau: SchoolTable) -> None:
    assert cell(bureau, "0033000003", "urban_rural") == "rural"


def test_unknown_class_code_belongs_to_no_group(bureau: SchoolTable) -> None:
    assert pd.isna(cell(bureau, "2133000007", "urban_rural", "junior"))


def test_absent_column_that_means_nothing(bureau: SchoolTable) -> None:
    assert bureau.frame["t_arts"].tolist() == [0.0] * 7


def test_absent_column_is_told(bureau: SchoolTable) -> None:
    assert "school-column-assumed" in codes_of(bureau)


def test_other_columns_are_kept(bureau: SchoolTable) -> None:
    assert cell(bureau, "0033000002", "备注", "primary") == "x"


def test_text_in_a_number_is_missing(bureau: SchoolTable) -> None:
    assert np.isnan(cell(bureau, "0033000003", "pupils"))  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("row", "code", "value"),
    [
        (6, "school-cell-not-number", "约300"),
        (7, "school-code-rounded", "2.13E+09"),
        (8, "school-total-row", "合计"),
        (9, "school-row-repeated", "2133000001"),
        (12, "school-stage-unknown", "中段"),
        (13, "school-run-type-unknown", "怪类型"),
        (13, "school-cell-too-small", "-5"),
        (14, "school-row-without-code", "注：本表为示例"),
    ],
)
def test_quarantine(bureau: SchoolTable, row: int, code: str, value: str) -> None:
    assert quarantined(bureau, row)[code] == value


def test_nothing_else_is_quarantined(bureau: SchoolTable) -> None:
    assert len(bureau.quarantine) == 8


def test_cells_of_rows_set_aside_are_not_listed_again(bureau: SchoolTable) -> None:
    assert len(quarantined(bureau, 12)) == 1


def test_repaired_codes(bureau: SchoolTable) -> None:
    pairs = dict(zip(bureau.repaired["value"], bureau.repaired["repaired"], strict=True))
    assert pairs == {"2133000001.0": "2133000001", "'0033000002": "0033000002", "33000003": "0033000003"}


def test_repaired_codes_count_merged_rows(bureau: SchoolTable) -> None:
    assert bureau.repaired.set_index("value")["n"].to_dict()["'0033000002"] == 2


def test_rows_add_up(bureau: SchoolTable) -> None:
    account = bureau.cells.iloc[0]
    assert (account["rows_read"], account["rows_kept"], account["rows_quarantined"]) == (12, 7, 5)


def test_cells_add_up(bureau: SchoolTable) -> None:
    account = bureau.cells.iloc[0]
    fates = account[["cells_kept", "cells_recoded", "cells_missing", "cells_rejected"]]
    assert fates.sum() == account["cells_read"] == 7 * 10


def test_rejected_cells_are_those_listed(bureau: SchoolTable) -> None:
    listed = bureau.quarantine[bureau.quarantine["item"] != ""]
    assert bureau.cells.iloc[0]["cells_rejected"] == len(listed) == 3


def test_missing_cells_are_the_empty_ones(bureau: SchoolTable) -> None:
    lines = BUREAU.splitlines()
    empty = sum(line.split(",").count("") for line in (lines[row - 1] for row in bureau.rows if row != 3))
    assert bureau.cells.iloc[0]["cells_missing"] == empty + 1  # row 3 holds "1,200" and one empty cell


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_warning_can_be_worded(bureau: SchoolTable, language: str) -> None:
    assert all("{" not in fault.message(language) for fault in bureau.faults)


def test_reasons_in_the_language_asked_for(tmp_path: Path) -> None:
    table = read_schools(written(tmp_path, BUREAU), Schools(), NATIONAL, "en")
    assert "'约300' is not a number." in table.quarantine["reason"].tolist()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_encodings_give_the_same_table(tmp_path: Path, bureau: SchoolTable, encoding: str) -> None:
    table = read_schools(written(tmp_path, BUREAU, encoding), Schools(), NATIONAL)
    pd.testing.assert_frame_equal(table.frame, bureau.frame)


def test_a_workbook_with_merged_cells_and_numbers_for_codes(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["某县学校基本情况表"])
    sheet.append(["学校标识码", "学校名称", "办学类型", "学段", "在校生数", "教学仪器设备资产值(万元)"])
    sheet.append([33000002, "一贯学校", "九年一贯制学校", "小学", 166, 2.3226])
    sheet.append([None, None, None, "初中", 210, None])
    for column in "ABCF":
        sheet.merge_cells(f"{column}3:{column}4")
    path = tmp_path / "学校.xlsx"
    book.save(path)
    table = read_schools(path, Schools(), NATIONAL)
    schools = evaluate_schools(table.frame, NATIONAL).schools
    # The worked example of the split: 23226 becomes 9711.6 and 13514.4.
    assert dict(zip(schools["stage"], schools["equip"].round(1), strict=True)) == {
        "primary": 9711.6,
        "junior": 13514.4,
    }


def test_a_code_column_that_is_missing_names_the_headings(tmp_path: Path) -> None:
    path = written(tmp_path, "名称,在校生数,学段\n甲,10,小学\n")
    with pytest.raises(AnswersFaulty) as raised:
        read_schools(path, Schools(), NATIONAL)
    fault = raised.value.faults[0]
    assert (fault.code, "名称" in fault.message("zh")) == ("school-column-missing", True)


def test_all_missing_columns_are_told_at_once(tmp_path: Path) -> None:
    path = written(tmp_path, "学校标识码,其他\n2133000001,10\n")
    with pytest.raises(AnswersFaulty) as raised:
        read_schools(path, Schools(), NATIONAL)
    names = [str(fault.details["names"]).split(" / ")[0] for fault in raised.value.faults]
    assert names == ["pupils", "stage"]


def test_headings_of_the_study_come_first(tmp_path: Path) -> None:
    path = written(tmp_path, "学校标识码,学段,在校生数,实有学生\n2133000001,小学,10,12\n")
    table = read_schools(path, Schools(columns={"pupils": "实有学生"}), NATIONAL)
    assert table.frame["pupils"].tolist() == [12.0]


def test_a_second_heading_for_a_column_is_kept_and_told(tmp_path: Path) -> None:
    path = written(tmp_path, "学校标识码,学段,在校生数,学生数\n2133000001,小学,10,12\n")
    table = read_schools(path, Schools(), NATIONAL)
    assert (table.frame["学生数"].tolist(), "school-heading-twice" in codes_of(table)) == ([12.0], True)


def test_english_headings(tmp_path: Path) -> None:
    path = written(
        tmp_path, "school_code,stage,pupils,networked multimedia classrooms\n2133000001,primary,10,2\n"
    )
    assert read_schools(path, Schools(), NATIONAL).frame["mm_rooms"].tolist() == [2.0]


def test_an_unknown_unit_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, "学校标识码,学段,在校生数,教学仪器设备资产值（亿）\n2133000001,小学,10,2\n")
    assert "school-unit-unknown" in codes_of(read_schools(path, Schools(), NATIONAL))


def test_facilities_divided_already_are_told(tmp_path: Path) -> None:
    path = written(
        tmp_path, "学校标识码,学段,在校生数,网络多媒体教室间数\n2133000001,小学,10,2\n2133000001,初中,10,3\n"
    )
    assert "school-split-already" in codes_of(read_schools(path, Schools(), NATIONAL))


def test_a_split_without_senior_pupils_is_told(tmp_path: Path) -> None:
    path = written(
        tmp_path, "学校标识码,办学类型,学段,在校生数,网络多媒体教室间数\n2133000001,完全中学,初中,10,2\n"
    )
    assert "school-split-incomplete" in codes_of(read_schools(path, Schools(), NATIONAL))


OTHER = """\
id,学校,人数,占地,地址,编号
001,甲,10,1.5,x,007
002,乙,多,2,y,008
003,丙,7,9,y,009
004,丁,8,9,y,010
005,戊,9,9,z,011
"""


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> SchoolTable:
    path = written(tmp_path_factory.mktemp("other"), OTHER, "utf-8-sig")
    return read_schools(path, Schools(code="id", name="学校"), None)


def test_without_a_standard_codes_are_text(other: SchoolTable) -> None:
    assert other.codes == ["001", "002", "003", "004", "005"]


def test_without_a_standard_numbers_become_variables(other: SchoolTable) -> None:
    numeric = other.frame.select_dtypes("number").columns.tolist()
    assert numeric == ["人数", "占地"]


def test_without_a_standard_text_stays_text(other: SchoolTable) -> None:
    assert other.frame["编号"].tolist() == ["007", "008", "009", "010", "011"]


def test_without_a_standard_a_word_among_numbers_is_quarantined(other: SchoolTable) -> None:
    assert quarantined(other, 3) == {"school-cell-not-number": "多"}


def test_without_a_standard_there_is_no_stage(other: SchoolTable) -> None:
    assert other.frame["stage"].isna().all()


def test_without_a_standard_cells_add_up(other: SchoolTable) -> None:
    account = other.cells.iloc[0]
    fates = account[["cells_kept", "cells_recoded", "cells_missing", "cells_rejected"]]
    assert fates.tolist() == [29, 0, 0, 1]


def test_totals_in_other_words(tmp_path: Path) -> None:
    path = written(tmp_path, "id,n\n1,2\n2,3\nGesamt,5\n")
    table = read_schools(path, Schools(code="id", totals=("Gesamt",)), None)
    assert table.codes == ["1", "2"]
