"""The entry sheet: what can be typed where, checked in the workbook and by LibreOffice's own formulas."""

import csv
import os
import shutil
import subprocess
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from manyi_instruments.definitions.identity import definition_hash
from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.forms import FORMS
from manyi_instruments.forms.definition_mark import read_definition_mark
from manyi_instruments.forms.entry.columns import entry_columns
from manyi_instruments.forms.entry.workbook import MARK, entry_workbook

EVERYTHING = Path(__file__).with_name("forms_everything.yaml")


@pytest.fixture(scope="module")
def everything() -> Questionnaire:
    return load_questionnaire(EVERYTHING)


@pytest.fixture(scope="module")
def book(everything: Questionnaire) -> openpyxl.Workbook:
    return openpyxl.load_workbook(BytesIO(entry_workbook(everything)))


def sheet_of(book: openpyxl.Workbook, name: str = "entry1") -> Worksheet:
    sheet = book[name]
    assert isinstance(sheet, Worksheet)
    return sheet


def check_of(book: openpyxl.Workbook, code: str) -> DataValidation:
    """Return what is checked in a column."""
    sheet = sheet_of(book)
    letter = next(cell.column_letter for cell in sheet[1] if str(cell.value).split("\n")[0] == code)
    return next(one for one in sheet.data_validations.dataValidation if f"{letter}2:" in str(one.sqref))


def test_a_column_for_every_question_with_number_and_wording(book: openpyxl.Workbook) -> None:
    headings = [str(cell.value) for cell in sheet_of(book)[1]]
    assert headings[0].startswith("serial\n")
    assert headings[1].startswith("school\n")
    assert "AGE\n2. 您的年龄 / Your age" in headings
    assert (
        "WAYS/3\n5. 孩子怎样上学？ / How does your child get to school? — 公共汽车 / Public bus" in headings
    )


def test_both_entries_have_the_same_columns(book: openpyxl.Workbook) -> None:
    one, other = ([cell.value for cell in sheet_of(book, name)[1]] for name in ("entry1", "entry2"))
    assert one == other


def test_a_choice_takes_its_codes_and_the_missing_answers_it_offers(book: openpyxl.Workbook) -> None:
    assert check_of(book, "S1").formula1 == '"1,2,3,4,5,-8"'


def test_the_labels_are_shown_where_a_code_is_entered(book: openpyxl.Workbook) -> None:
    assert "4 = 同意 / agree" in str(check_of(book, "S1").prompt)


def test_a_wrong_code_is_refused(book: openpyxl.Workbook) -> None:
    check = check_of(book, "S1")
    assert (check.showErrorMessage, check.errorStyle) == (True, "stop")


def test_a_number_keeps_its_bounds_and_codes(book: openpyxl.Workbook) -> None:
    formula = check_of(book, "AGE").formula1
    assert formula == "OR(AND(ISNUMBER(D2),D2>=18,D2<=99,D2=INT(D2)),D2=-6)"


def test_school_codes_and_serial_numbers_are_text(book: openpyxl.Workbook) -> None:
    widths = sheet_of(book).column_dimensions
    assert (widths["A"].number_format, widths["B"].number_format) == ("@", "@")


def test_headings_and_numbers_stay_in_sight(book: openpyxl.Workbook) -> None:
    assert sheet_of(book).freeze_panes == "C2"


def test_prompts_keep_to_the_limits_of_excel(book: openpyxl.Workbook) -> None:
    checks = sheet_of(book).data_validations.dataValidation
    assert max(len(one.prompt or "") for one in checks) <= 255
    assert max(len(one.promptTitle or "") for one in checks) <= 32
    assert max(len(one.formula1 or "") for one in checks) <= 255


def test_codes_are_listed(book: openpyxl.Workbook) -> None:
    rows = [[cell.value for cell in row] for row in sheet_of(book, "codes").iter_rows(min_row=2)]
    assert ["BOARDS", 3, "孩子是否住校 / Does your child board?", 1, "是 / yes"] in rows


def test_a_long_list_of_codes_stands_on_its_sheet() -> None:
    values = list(range(1, 121))
    questionnaire = load_questionnaire(f"""
questionnaire: long
title: {{en: Long}}
languages: [en]
answer_lists:
  places: {{ordered: false, values: {values}, en: {[f"place {value}" for value in values]}}}
items:
  - {{id: PLACE, text: {{en: Where?}}, answers: places, standalone: true}}
""")
    book = openpyxl.load_workbook(BytesIO(entry_workbook(questionnaire)))
    assert check_of(book, "PLACE").formula1 == "codes!$D$2:$D$121"
    assert [sheet_of(book, "codes").cell(row, 4).value for row in (2, 121)] == [1, 120]


def test_the_workbook_tells_its_definition(book: openpyxl.Workbook, everything: Questionnaire) -> None:
    mark = read_definition_mark(str(sheet_of(book, "about")[MARK].value))
    assert mark is not None
    assert mark.hash == definition_hash(everything)


def test_three_hundred_items_have_three_hundred_columns() -> None:
    items = "\n".join(
        f"  - {{id: Q{n}, text: {{en: '{'x' * 400}{n}'}}, answers: a, standalone: true}}" for n in range(300)
    )
    questionnaire = load_questionnaire(
        "questionnaire: many\ntitle: {en: Many}\nlanguages: [en]\n"
        f"answer_lists: {{a: {{values: [1, 2], en: [no matter, some]}}}}\nitems:\n{items}\n"
    )
    book = openpyxl.load_workbook(BytesIO(entry_workbook(questionnaire)))
    assert sheet_of(book).max_column == len(entry_columns(questionnaire)) == 302


def test_the_same_questionnaire_gives_the_same_bytes(everything: Questionnaire) -> None:
    assert entry_workbook(everything) == entry_workbook(load_questionnaire(EVERYTHING))


def test_registry_makes_one_workbook(everything: Questionnaire) -> None:
    assert list(FORMS["entry"](everything, "parents").files) == ["parents-entry.xlsx"]


@pytest.mark.skipif(
    shutil.which("soffice") is None and "MANYI_CI" not in os.environ, reason="LibreOffice is not installed"
)
def test_the_formula_of_the_colours_finds_what_differs(book: openpyxl.Workbook, tmp_path: Path) -> None:
    """The formula is written into free cells of a copy, and LibreOffice calculates it."""
    copy = openpyxl.load_workbook(BytesIO(entry_workbook(load_questionnaire(EVERYTHING))))
    entries = {"entry1": [("0001", 40), ("0002", 0), ("0003", 50)], "entry2": [("0002", None), ("0001", 40)]}
    for name, rows in entries.items():
        for at, (serial, age) in enumerate(rows, start=2):
            sheet_of(copy, name).cell(at, 1).value = serial
            sheet_of(copy, name).cell(at, 4).value = age
    sheet = sheet_of(copy)
    (rules,) = [
        rules for area, rules in sheet.conditional_formatting._cf_rules.items() if "B2" in str(area.sqref)
    ]
    (formula,) = rules[0].formula
    for row in (2, 3, 4):
        shifted = (
            formula.replace("$A2,", f"$A{row},").replace("$A2<>", f"$A{row}<>").replace("$A2)", f"$A{row})")
        )
        shifted = shifted.replace("B2&", f"D{row}&").replace("entry2!B$2:B$", "entry2!D$2:D$")
        sheet.cell(row, 60).value = f"=IF({shifted},1,0)"
    copy.active = 0
    path = tmp_path / "filled.xlsx"
    copy.save(path)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = (
        "soffice",
        profile,
        "--headless",
        "--convert-to",
        "csv:Text - txt - csv (StarCalc):44,34,76",
        "--outdir",
        tmp_path,
        path,
    )
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    with path.with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    # 0001 agrees, 0002 has 0 against nothing, 0003 was entered once.
    assert [row[59] for row in rows[1:4]] == ["0", "1", "0"]
