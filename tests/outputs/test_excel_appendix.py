"""The appendix workbook: numbers are numbers and right, three rules, reasons, links, print setup."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from manyi_outputs.excel import write_appendix

REFERENCE = Path(__file__).parents[1] / "reference"
Tables = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def path(tables: Tables, context_in: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("附录 appendix") / "附录.xlsx"
    write_appendix(target, tables, context_in("zh"))
    return target


@pytest.fixture(scope="module")
def book(path: Path) -> Workbook:
    return load_workbook(path, rich_text=True)


@pytest.fixture(scope="module")
def english(tables: Tables, context_in: Any, tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    target = tmp_path_factory.mktemp("appendix") / "appendix.xlsx"
    write_appendix(target, tables, context_in("en"))
    return load_workbook(target, rich_text=True)


def sheet_of(book: Workbook, title: str) -> Worksheet:
    """Return the sheet whose title row holds these words."""
    return next(
        sheet for sheet in book.worksheets[1:] for row in (1, 2) if title in str(sheet.cell(row, 1).value)
    )


def row_of(sheet: Worksheet, name: str) -> list[Any]:
    """Return the cells of the first row whose first cell is this name."""
    return next(list(cells) for cells in sheet.iter_rows() if str(cells[0].value).strip() == name)


def words(sheet: Worksheet) -> str:
    return "\n".join(
        str(cell.value) for cells in sheet.iter_rows() for cell in cells if cell.value is not None
    )


def test_alpha_in_the_sheet_is_that_of_psych(book: Workbook, psych: dict[str, Any]) -> None:
    expected = psych["agree"]["listwise_scale"]["total"]["raw_alpha"]
    assert row_of(sheet_of(book, "量表信度"), "宜人性")[4].value == pytest.approx(expected, abs=1e-10)


def test_kmo_in_the_sheet_is_that_of_psych(book: Workbook) -> None:
    text = (REFERENCE / "measurement" / "psych_bfi_efa.json").read_text(encoding="utf-8")
    values = [cell.value for cell in row_of(sheet_of(book, "因子分析适切性"), "成人")]
    assert values[3] == pytest.approx(json.loads(text)["KMO"]["MSA"], abs=1e-10)


def test_regression_with_clustered_errors_keeps_full_precision(book: Workbook, tables: Tables) -> None:
    frame = tables["regression"]
    expected = frame[(frame["term"] == "stratio") & (frame["model"].astype(str) == "2")].iloc[0]
    cells = row_of(sheet_of(book, "的分层回归"), "stratio pupils per teacher")
    assert cells[7].value == pytest.approx(expected["b"], rel=1e-15)


def test_stars_stand_in_the_number_format(book: Workbook, tables: Tables) -> None:
    cells = row_of(sheet_of(book, "的分层回归"), "income")
    assert isinstance(cells[1].value, float)
    assert '"***"' in cells[1].number_format


def test_total_effect_is_bold_and_direct_effect_is_not(book: Workbook) -> None:
    cells = row_of(sheet_of(book, "的分层回归"), "stratio pupils per teacher")
    assert (cells[7].font.b, cells[13].font.b) == (True, False)


def test_the_note_names_total_and_direct_effects(book: Workbook) -> None:
    assert "模型 2 中的系数是总效应" in words(sheet_of(book, "的分层回归"))


def test_no_number_is_text(book: Workbook) -> None:
    texts = [
        (sheet.title, cell.coordinate)
        for sheet in book.worksheets[1:]
        for cells in sheet.iter_rows(min_row=2)
        for cell in cells[1:]
        if cell.data_type == "s"
        and str(cell.value).replace(".", "").lstrip("-<").isdigit()
        # Codes and the points of a scale are names.
        and not str(cell.value).startswith("00")
        and cell.row > 3
    ]
    assert texts == []


def test_chinese_keeps_the_leading_zero(book: Workbook) -> None:
    assert row_of(sheet_of(book, "量表信度"), "宜人性")[4].number_format == "0.000_0_0"


def test_apa_drops_the_leading_zero(english: Workbook) -> None:
    assert row_of(sheet_of(english, "Reliability of the Scales"), "agree")[4].number_format == ".000_0_0"


def test_a_small_p_shows_its_bound_and_stays_a_number(english: Workbook) -> None:
    cell = row_of(sheet_of(english, "Factorability"), "Adults")[6]
    assert (cell.value, cell.number_format) == (0, '[<0.001]"<.001"_0_0;.000_0_0')


def test_the_reason_stands_in_words_below_a_dash(book: Workbook) -> None:
    sheet = sheet_of(book, "量表信度")
    assert str(row_of(sheet, "全问卷")[4].value) == "—a"
    assert "a 未计算：" in words(sheet)
    assert "A1 A2" in words(sheet)


def test_a_reason_the_catalogue_lacks_is_still_told(book: Workbook) -> None:
    assert "no-such-code" in words(sheet_of(book, "各校资源配置"))


def test_a_body_cell_is_never_blank_where_a_value_is_missing(book: Workbook) -> None:
    assert str(row_of(sheet_of(book, "问卷发放"), "成人")[1].value) == "2800"
    assert str(row_of(sheet_of(book, "各校资源配置"), "0013")[3].value) == "—a"


def test_a_name_that_looks_like_a_formula_stays_words(book: Workbook) -> None:
    cell = row_of(sheet_of(book, "各校资源配置"), "0012")[1]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_weak_loadings_are_grey_and_there(book: Workbook, tables: Tables) -> None:
    sheet = sheet_of(book, "模式矩阵")
    weak = [
        cell
        for cells in sheet.iter_rows(min_row=3, min_col=3, max_col=7)
        for cell in cells
        if isinstance(cell.value, float) and abs(cell.value) < 0.4 and cell.number_format == "0.000_0_0"
    ]
    below = (tables["loadings"]["pattern"].abs() < 0.4).sum()
    assert len([cell for cell in weak if cell.font.color.rgb == "FF9A9A9A"]) == below


@pytest.mark.parametrize("title", ["量表信度", "因子分析适切性", "的分层回归", "县域校际差异系数"])
def test_a_table_has_three_rules_and_no_verticals(book: Workbook, title: str) -> None:
    sheet = sheet_of(book, title)
    columns = int(sheet.print_area.rpartition("$")[0].count("$")) and sheet.max_column
    first = [sheet.cell(row, 1).border for row in range(1, sheet.max_row + 1)]
    heavy = [side.style for border in first for side in (border.top, border.bottom) if side.style == "medium"]
    assert len(heavy) == 2
    verticals = [
        side.style
        for cells in sheet.iter_rows(max_col=columns)
        for cell in cells
        for side in (cell.border.left, cell.border.right)
        if side is not None and side.style
    ]
    assert verticals == []


def test_title_stands_above_centred_and_numbered(book: Workbook) -> None:
    cell = book["表1"].cell(1, 1)
    assert str(cell.value).startswith("表1　")
    assert cell.alignment.horizontal == "center"


def test_tables_are_numbered_by_chapter_where_one_is_given(
    tables: Tables, context_in: Any, tmp_path: Path
) -> None:
    written = write_appendix(tmp_path / "a.xlsx", tables, context_in("zh", chapter="3"))
    assert [entry.label for entry in written[:2]] == ["表3-1", "表3-2"]


def test_chinese_and_latin_have_their_own_fonts(book: Workbook) -> None:
    runs = book.worksheets[1].cell(1, 1).value
    assert {run.font.rFont for run in runs} == {"宋体", "Times New Roman"}


def test_contents_link_to_every_sheet(book: Workbook) -> None:
    targets = {
        cell.hyperlink.location
        for cells in book.worksheets[0].iter_rows()
        for cell in cells
        if cell.hyperlink
    }
    assert targets == {f"'{sheet.title}'!A1" for sheet in book.worksheets[1:]}


@pytest.mark.parametrize("position", range(1, 6))
def test_headings_stay_in_view_and_repeat_in_print(book: Workbook, position: int) -> None:
    sheet = book.worksheets[position]
    assert sheet.freeze_panes is not None
    assert sheet.print_title_rows is not None


def test_pages_after_the_first_are_headed_as_continued(book: Workbook) -> None:
    sheet = book["表1"]
    assert sheet.HeaderFooter.differentFirst
    assert sheet.oddHeader.center.text.startswith("续表1　")


def test_print_is_a4_one_page_wide(book: Workbook) -> None:
    setup = book.worksheets[1].page_setup
    assert (int(setup.paperSize), setup.fitToWidth, setup.fitToHeight) == (9, 1, 0)


def test_the_same_tables_give_the_same_bytes(
    path: Path, tables: Tables, context_in: Any, tmp_path: Path
) -> None:
    write_appendix(tmp_path / "again.xlsx", tables, context_in("zh"))
    assert (tmp_path / "again.xlsx").read_bytes() == path.read_bytes()


def test_a_study_with_few_tables_has_few_sheets(tables: Tables, context_in: Any, tmp_path: Path) -> None:
    some = {"reliability": tables["reliability"], "items": tables["reliability"].head(0)}
    assert len(write_appendix(tmp_path / "few.xlsx", some, context_in("zh"))) == 1
