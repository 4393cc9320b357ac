"""Files as tables: encodings, delimiters, workbooks, and every way a file can be unreadable."""

import datetime
import shutil
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from manyi.readers.tables.raw_table import read_table
from manyi_instruments.faults import FileUnreadable

REFERENCE = Path(__file__).parents[1] / "reference" / "readers"
SHARED = Path(__file__).parents[2] / ".." / "shared"
TABLE = "学校代码,满意度,说明\r\n0012345678,5,“好”\r\n0012345679,4,\r\n"


def write(folder: Path, data: bytes, name: str = "答卷 1.csv") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def workbook(folder: Path, rows: list[list[object]], name: str = "t.xlsx") -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    book.save(folder / name)
    return folder / name


def fault_of(path: Path) -> str:
    with pytest.raises(FileUnreadable) as caught:
        read_table(path)
    assert len(caught.value.faults) == 1
    assert "{" not in caught.value.faults[0].message("zh") + caught.value.faults[0].message("en")
    return caught.value.faults[0].code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
def test_every_encoding_gives_the_same_cells(tmp_path: Path, encoding: str) -> None:
    table = read_table(write(tmp_path, TABLE.encode(encoding)))
    assert table.encoding == encoding
    assert table.headings == ("学校代码", "满意度", "说明")
    assert table.cells.to_numpy().tolist() == [["0012345678", "5", "“好”"], ["0012345679", "4", ""]]


def test_rare_hanzi_outside_gb2312_still_pass_as_gb18030(tmp_path: Path) -> None:
    text = "姓名,满意度\n" + "张三,非常满意\n李㛃,不满意\n王堃,满意\n" * 5 + "𠮷田,满意\n"
    assert read_table(write(tmp_path, text.encode("gb18030"))).cells.iloc[-1, 0] == "𠮷田"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_told_by_even_records(tmp_path: Path, delimiter: str) -> None:
    other = ";" if delimiter == "," else ","
    text = f'a{delimiter}"b{other}b"{delimiter}c\n1{delimiter}"x{other}y{other}z"{delimiter}3\n'
    table = read_table(write(tmp_path, text.encode()))
    assert table.headings == ("a", f"b{other}b", "c")
    assert table.cells.iloc[0].tolist() == ["1", f"x{other}y{other}z", "3"]


def test_declared_delimiter_of_excel_is_obeyed_and_rows_count_it(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, b"sep=;\r\na,b;c\r\n1,5;2\r\n"))
    assert table.headings == ("a,b", "c")
    assert (table.first_data_row, table.cell(3, "a,b")) == (3, "1,5")


def test_line_breaks_in_quotes_stay_in_their_cell_and_rows_count_records(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, '"题\n干",b\n"一\r\n二",2\n三,"4 ""x"""\n'.encode()))
    assert table.headings == ("题\n干", "b")
    assert table.cells.iloc[0, 0] == "一\r\n二"
    assert table.cell(3, "b") == '4 "x"'


def test_text_that_looks_like_a_formula_or_a_number_stays_text(tmp_path: Path) -> None:
    cells = ["=1+1", "-3", "+86", "@x", "1e5", "TRUE", "NA", "null", "007", "1,000"]
    text = "a,b\n" + "".join(f'"{cell}",1\n' for cell in cells)
    assert read_table(write(tmp_path, text.encode())).cells["a"].tolist() == cells


def test_blank_lines_within_the_table_are_rows(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, b"a,b\n1,2\n\n3,4\n\n\n"))
    assert table.cells.to_numpy().tolist() == [["1", "2"], ["", ""], ["3", "4"]]
    assert table.faults == ()


def test_blank_lines_above_the_headings_move_the_first_row(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, b"\n,\na,b\n1,2\n"))
    assert (table.headings, table.first_data_row) == (("a", "b"), 4)


def test_rows_of_another_length_are_kept_and_told(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, b"a,b\n1,2\n3\n5,6,7\n"))
    assert table.cells.to_numpy().tolist() == [["1", "2", ""], ["3", "", ""], ["5", "6", "7"]]
    assert table.cells.columns.tolist() == ["a", "b", "#3"]
    assert [(fault.code, fault.details["n"], fault.place.row) for fault in table.faults] == [
        ("file-ragged", 2, 3)
    ]


def test_repeated_headings_stay_apart(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, b"x,x (2),x,,y\n1,2,3,4,5\n"))
    assert table.headings == ("x", "x (2)", "x", "", "y")
    assert table.cells.columns.tolist() == ["x (1)", "x (2)", "x (3)", "#4", "y"]
    assert table.cells.iloc[0].tolist() == ["1", "2", "3", "4", "5"]
    assert [fault.code for fault in table.faults] == ["file-heading-twice"]


def test_one_column_without_delimiter(tmp_path: Path) -> None:
    assert read_table(write(tmp_path, "满意吗\n是\n否\n".encode())).cells["满意吗"].tolist() == ["是", "否"]


def test_numbers_dates_and_codes_of_a_workbook_read_as_typed(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["整数", "小数", "代码", "长", "日期", "时间", "是"],
        [
            3,
            3.5,
            "0012345678",
            123456789012345,
            datetime.date(2024, 5, 1),
            datetime.datetime(2024, 5, 1, 8, 30),
            True,
        ],
        [
            4,
            0.1,
            "007",
            12345678901,
            datetime.date(2024, 12, 31),
            datetime.datetime(2024, 5, 1, 8, 30, 5),
            False,
        ],
    ]
    cells = read_table(workbook(tmp_path, rows)).cells.to_numpy().tolist()
    assert cells[0] == [
        "3",
        "3.5",
        "0012345678",
        "123456789012345",
        "2024-05-01",
        "2024-05-01 08:30:00",
        "TRUE",
    ]
    assert cells[1] == ["4", "0.1", "007", "12345678901", "2024-12-31", "2024-05-01 08:30:05", "FALSE"]


def test_error_values_and_uncalculated_formulas_do_not_become_blanks(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["a", "b"], ["#DIV/0!", "=1+1"], [1, 2]])
    assert read_table(path).cells.iloc[0].tolist() == ["#DIV/0!", "=1+1"]


def test_empty_rows_at_the_end_are_no_rows_but_those_within_are(tmp_path: Path) -> None:
    path = workbook(tmp_path, [[], ["a", "b"], [1, 2], [], [3, 4], ["", " "], []])
    table = read_table(path)
    assert table.cells.to_numpy().tolist() == [["1", "2"], ["", ""], ["3", "4"]]
    assert table.first_data_row == 3


def test_the_first_sheet_with_cells_is_read_and_others_are_told(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for name in ("空", "数据", "说明"):
        sheet = book.create_sheet(name)
        if name != "空":
            sheet.append([name])
            sheet.append([1])
    book.remove(book["Sheet"])
    book.save(tmp_path / "t.xlsx")
    table = read_table(tmp_path / "t.xlsx")
    assert table.sheet == "数据"
    assert [(fault.code, fault.details["others"]) for fault in table.faults] == [
        ("file-other-sheets", "说明")
    ]
    assert read_table(tmp_path / "t.xlsx", sheet="说明").headings == ("说明",)


def test_a_workbook_named_csv_is_read_as_what_it_is(tmp_path: Path) -> None:
    path = shutil.move(workbook(tmp_path, [["a"], [1]]), tmp_path / "t.csv")
    assert read_table(path).encoding == "workbook"


def test_missing_file(tmp_path: Path) -> None:
    assert fault_of(tmp_path / "没有.csv") == "file-missing"


def test_folder(tmp_path: Path) -> None:
    assert fault_of(tmp_path) == "file-is-folder"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file-empty"),
        (b"\xef\xbb\xbf\r\n\r\n", "file-empty"),
        (b" , ,\n,,\n", "file-empty"),
        (b"a,b\n", "file-header-only"),
        (bytes(range(256)) * 40, "file-binary"),
        (b"\x89PNG\r\n\x1a\n0000", "file-other-format"),
        (b"$FL2@(#) SPSS DATA FILE", "statistics-file-damaged"),
        ("姓名,滿意度\n張學友,非常滿意\n".encode("big5"), "file-encoding"),
        ("満足度,とても\nよい,わるい\n".encode("shift-jis"), "file-encoding"),
        ("Zufriedenheit,Größe\nMüller,schön\n".encode("latin-1"), "file-encoding"),
        ("题目,满意\n1,非常满意\n".encode()[:-3] + b"\n", "file-encoding"),
        (b'a,b\n1,"x\n2,y\n3,z\n', "file-quote-open"),
        (b"<html><body><table><tr><td>1</td></tr></table>", "file-html"),
        (
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
            "file-html",
        ),
        (b"PK\x03\x04 not a zip at all", "file-workbook-damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 4000, "file-workbook-damaged"),
    ],
)
def test_what_cannot_be_read_has_a_name(tmp_path: Path, data: bytes, code: str) -> None:
    assert fault_of(write(tmp_path, data, "数据.xls")) == code


def test_truncated_workbook(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["a"], [1]])
    path.write_bytes(path.read_bytes()[:-400])
    assert fault_of(path) == "file-workbook-damaged"


def test_workbook_of_empty_sheets(tmp_path: Path) -> None:
    assert fault_of(workbook(tmp_path, [])) == "file-empty"


def test_workbook_with_headings_only(tmp_path: Path) -> None:
    assert fault_of(workbook(tmp_path, [["a", "b"]])) == "file-header-only"


def test_password() -> None:
    assert fault_of(REFERENCE / "password.xlsx") == "file-password"


def test_sheet_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable, match="no sheet 'x'"):
        read_table(workbook(tmp_path, [["a"], [1]]), sheet="x")


def test_messages_are_in_both_languages(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable) as caught:
        read_table(write(tmp_path, b"a,b\n", "数据.csv"))
    assert caught.value.faults[0].message("zh").startswith("数据.csv: 文件“数据.csv”只有表头，没有数据行。")
    assert (
        caught.value.faults[0]
        .message("en")
        .startswith("数据.csv: The file '数据.csv' holds headings and no rows.")
    )


def test_vectorised_and_record_by_record_reading_agree(tmp_path: Path) -> None:
    rows = [f'{i},{i % 5 + 1},"文,本 {i}"' for i in range(500)]
    even = read_table(write(tmp_path, ("id,q,t\n" + "\n".join(rows)).encode(), "a.csv"))
    ragged = read_table(write(tmp_path, ("id,q,t\n" + "\n".join([*rows, "500"])).encode(), "b.csv"))
    pd.testing.assert_frame_equal(even.cells, ragged.cells.iloc[:500])


@pytest.mark.skipif(not SHARED.is_dir(), reason="the folder `shared` is not beside the checkout")
def test_old_xls_of_wenjuanxing() -> None:
    table = read_table(SHARED / "examples" / "wjx_reportgen" / "wjx_800_800_2.xls")
    assert table.cells.shape == (800, 36)
    assert table.cells["4、年龄 "].head(3).tolist() == ["5", "5", "7"]
