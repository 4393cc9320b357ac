"""What Excel asks of a workbook, and what a user's data do to it: nothing that would need a repair."""

import json
import re
import xml.etree.ElementTree as ET
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils import range_boundaries

from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_outputs.appendix import Cell, Column, Numbered, Row, Table
from manyi_outputs.context import Context
from manyi_outputs.excel import write_appendix, write_workbook
from manyi_outputs.wording import Kind

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
#: Parts of a worksheet in the order the schema has them (ECMA-376, CT_Worksheet).
ORDER = [
    "sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "mergeCells", "hyperlinks",
    "printOptions", "pageMargins", "pageSetup", "headerFooter", "rowBreaks",
]  # fmt: skip
LONG = "满意" * 200
Sheets = dict[str, ET.Element]


@pytest.fixture(scope="module", params=["demo", "hostile"])
def path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if request.param == "demo":
        study: Path = request.getfixturevalue("demo_study")
        return study / "results" / "appendix.xlsx"
    target = tmp_path_factory.mktemp("hostile") / "a.xlsx"
    write_appendix(target, hostile_tables(), hostile_context())
    return target


@pytest.fixture(scope="module")
def sheets(path: Path) -> Sheets:
    with zipfile.ZipFile(path) as book:
        names = [entry for entry in book.namelist() if entry.startswith("xl/worksheets/sheet")]
        return {name: ET.fromstring(book.read(name)) for name in names}


def hostile_questionnaire() -> Questionnaire:
    """Return labels of 400 characters, value labels that are alike once cut, signs of XML."""
    alike = [{"value": value, "label": {"zh": "很" * 60 + str(value)}} for value in (1, 2, 3)]
    text = {
        "questionnaire": "hostile",
        "title": {"zh": LONG},
        "languages": ["zh"],
        "answer_lists": {"alike": {"answers": alike}},
        "scales": [{"id": "S", "title": {"zh": LONG}}],
        "items": [
            {"id": name, "text": {"zh": words}, "answers": "alike", "scale": "S"}
            for name, words in (("W", LONG), ("w_2", "=1+1"), ("Q1", "a\u0007b & <c> _x0041_ ]]>"))
        ],
    }
    return load_questionnaire(json.dumps(text, ensure_ascii=False))


def hostile_context(**more: Any) -> Context:
    settings: dict[str, Any] = {
        "title": LONG + "&",
        "language": "zh",
        "roles": {"r": "=家长", "none": "学生"},
    }
    settings["questionnaires"] = {"r": hostile_questionnaire()}
    return Context(**{**settings, **more})


def hostile_tables() -> dict[str, pd.DataFrame]:
    """Return items of one role, a role of which nobody was kept, and a statistic that is not there."""
    unit = {"role": "r", "scale": "S", "reversed": False, "n": 3, "missing": 1, "missing_rule": "listwise"}
    numbers = {"mean": 1e9, "sd": float("inf"), "skew": -0.00001, "kurtosis": None, "item_rest_r": None}
    items = [{**unit, **numbers, "item": name, "alpha_if_deleted": None} for name in ("W", "w_2", "Q1")]
    frame = pd.DataFrame(items).assign(reason="constant-item: items=Q1, statistic=alpha, n=3")
    steps = [("r", "received", 4), ("r", "kept", 4), ("none", "received", 0), ("none", "kept", 0)]
    ledger = pd.DataFrame([{"role": role, "step": step, "reason": "", "n": n} for role, step, n in steps])
    row = {"issued": 5, "return_rate": 0.8, "valid_rate": 1.0, "note": ""}
    returned = pd.DataFrame(
        [
            {"role": "r", **row, "received": 4, "valid": 4},
            {"role": "none", **row, "received": 0, "valid": 0, "return_rate": 0.0, "valid_rate": None},
        ]
    )
    return {"items": frame, "ledger": ledger, "return": returned}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    target = tmp_path_factory.mktemp("hostile") / "a.xlsx"
    write_appendix(target, hostile_tables(), hostile_context())
    return load_workbook(target)


def words(book: Workbook, sheet: str) -> list[str]:
    return [str(cell.value) for row in book[sheet].iter_rows() for cell in row if cell.value is not None]


# --- what Excel asks ---------------------------------------------------------------------------------------


def test_parts_of_a_sheet_stand_in_the_order_of_the_schema(sheets: Sheets) -> None:
    for name, sheet in sheets.items():
        found = [part.tag.removeprefix(MAIN) for part in sheet]
        assert found == [part for part in ORDER if part in found], name


def test_cells_of_a_row_stand_in_order_and_once(sheets: Sheets) -> None:
    for sheet in sheets.values():
        for row in sheet.iter(f"{MAIN}row"):
            columns = [range_boundaries(cell.get("r"))[0] for cell in row]
            assert columns == sorted(set(columns))


def test_rows_stand_in_order_and_once(sheets: Sheets) -> None:
    for sheet in sheets.values():
        rows = [int(row.get("r", 0)) for row in sheet.iter(f"{MAIN}row")]
        assert rows == sorted(set(rows))


def test_merged_cells_do_not_overlap(sheets: Sheets) -> None:
    for name, sheet in sheets.items():
        covered: Counter[tuple[int, int]] = Counter()
        for merged in sheet.iter(f"{MAIN}mergeCell"):
            left, top, right, bottom = range_boundaries(merged.get("ref"))
            covered.update(
                (row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)
            )
        assert not [place for place, times in covered.items() if times > 1], name


def test_no_cell_is_a_formula(sheets: Sheets) -> None:
    assert [name for name, sheet in sheets.items() if next(sheet.iter(f"{MAIN}f"), None) is not None] == []


def test_no_row_is_taller_than_a_row_can_be(sheets: Sheets) -> None:
    tall = [float(row.get("ht", 0)) for sheet in sheets.values() for row in sheet.iter(f"{MAIN}row")]
    assert max(tall) <= 409.5


def test_headers_and_footers_hold_255_characters(sheets: Sheets) -> None:
    texts = [part.text or "" for sheet in sheets.values() for part in sheet.iter() if "Header" in part.tag]
    texts += [part.text or "" for sheet in sheets.values() for part in sheet.iter() if "Footer" in part.tag]
    assert max(map(len, texts)) <= 255


def test_every_style_of_a_cell_is_there(path: Path, sheets: Sheets) -> None:
    with zipfile.ZipFile(path) as book:
        styles = ET.fromstring(book.read("xl/styles.xml"))
    count = len(list(styles.find(f"{MAIN}cellXfs") or []))
    used = {int(cell.get("s", 0)) for sheet in sheets.values() for cell in sheet.iter(f"{MAIN}c")}
    assert max(used) < count < 64_000


def test_names_of_sheets_are_short_and_not_alike(path: Path, read_workbook: Callable[[Path], Any]) -> None:
    names = read_workbook(path).sheetnames
    assert max(map(len, names)) <= 31
    assert len({name.lower() for name in names}) == len(names)


def test_links_lead_to_sheets(path: Path, sheets: Sheets, read_workbook: Callable[[Path], Any]) -> None:
    names = set(read_workbook(path).sheetnames)
    targets = {
        link.get("location", "") for sheet in sheets.values() for link in sheet.iter(f"{MAIN}hyperlink")
    }
    assert {re.sub(r"^'(.*)'!A1$", r"\1", target) for target in targets} == names


def test_widths_are_counted_in_a_font_every_program_has_the_measures_of(path: Path) -> None:
    with zipfile.ZipFile(path) as book:
        styles = ET.fromstring(book.read("xl/styles.xml"))
    first = next(styles.iter(f"{MAIN}font"))
    assert [name.get("val") for name in first.iter(f"{MAIN}name")] == ["Times New Roman"]


# --- what users bring --------------------------------------------------------------------------------------


def test_a_label_of_400_characters_stands_in_full_in_the_codebook(hostile: Workbook) -> None:
    assert LONG in words(hostile, "编码本")


def test_the_codebook_says_which_labels_spss_shortens(hostile: Workbook) -> None:
    row = next(row for row in hostile["编码本"].iter_rows(values_only=True) if row[0] == "W")
    assert row[8] == "标签缩短；取值标签缩短"


def test_value_labels_alike_once_cut_stand_apart_in_the_codebook(hostile: Workbook) -> None:
    values = next(row[3] for row in hostile["编码本"].iter_rows(values_only=True) if row[0] == "Q1")
    assert values == "；".join(f"{value}=" + "很" * 60 + str(value) for value in (1, 2, 3))


def test_text_that_begins_like_a_formula_is_text(hostile: Workbook) -> None:
    cell = next(cell for row in hostile["编码本"].iter_rows() for cell in row if cell.value == "=1+1")
    assert (cell.data_type, cell.quotePrefix) == ("s", True)


def test_signs_of_xml_come_back_and_control_characters_do_not(hostile: Workbook) -> None:
    # openpyxl leaves the escape of an escape, which Excel and LibreOffice take back.
    assert "ab & <c> _x005F_x0041_ ]]>" in words(hostile, "编码本")


def test_a_role_of_which_nobody_answered_has_its_row(hostile: Workbook) -> None:
    row = next(row for row in hostile["表1"].iter_rows(values_only=True) if row[0] == "学生")
    assert row[:6] == ("学生", 5, 0, 0, 0, "—")


def test_the_ledger_shows_a_role_of_which_nobody_answered(hostile: Workbook) -> None:
    rows = [row[:5] for row in hostile["样本台账"].iter_rows(values_only=True)]
    at = next(place for place, row in enumerate(rows) if row[0] == "学生")
    assert [row[4] for row in rows[at + 1 : at + 3]] == [0, 0]


def test_a_statistic_that_is_not_there_says_why_in_words(hostile: Workbook) -> None:
    told = [text for text in words(hostile, "表2") if text.startswith("a ")]
    assert len(told) == 1
    assert told[0].startswith("a 未计算：")
    assert "constant-item" not in told[0]


def test_an_infinite_number_is_shown_as_one(hostile: Workbook) -> None:
    row = next(row for row in hostile["表2"].iter_rows(values_only=True) if row[0] == "Q1")
    assert "∞" in row


def test_a_number_too_long_for_its_column_gets_a_wider_one(tmp_path: Path) -> None:
    columns = (Column("a", width=8, words=True), Column("b", width=4))
    rows = tuple(Row((Cell("x"), Cell(value, Kind.mean))) for value in (1.0, 123456789.0))
    table = Table("t", "sample", "t", columns, rows)
    write_workbook(tmp_path / "a.xlsx", [Numbered("表1", table)], hostile_context())
    width = load_workbook(tmp_path / "a.xlsx")["表1"].column_dimensions["B"].width
    # 11 figures of 6 pixels, a point of 3, the gap of two figures; a unit is 7 pixels, 5 at the sides.
    assert width * 7 + 5 >= 11 * 6 + 3 + 2 * 6


def test_sheets_of_one_label_get_names_of_their_own(tmp_path: Path) -> None:
    table = Table("t", "sample", "t", (Column("a", words=True),), (Row((Cell("x"),)),))
    write_workbook(tmp_path / "a.xlsx", [Numbered("x" * 40, table)] * 2, hostile_context())
    assert load_workbook(tmp_path / "a.xlsx").sheetnames[1:] == ["x" * 31, "x" * 27 + " (2)"]


def test_long_notes_take_several_rows(tmp_path: Path) -> None:
    table = Table("t", "sample", "t", (Column("a", width=20, words=True),), (Row((Cell("x"),)),), (LONG,) * 3)
    write_workbook(tmp_path / "a.xlsx", [Numbered("表1", table)], hostile_context())
    assert [text for text in words(load_workbook(tmp_path / "a.xlsx"), "表1") if "满意" in text] == [
        "注：" + LONG, LONG, LONG,
    ]  # fmt: skip
