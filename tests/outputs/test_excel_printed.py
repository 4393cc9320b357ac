"""The example county's workbook on paper, as LibreOffice prints it: one conversion, page by page."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook

Require = Callable[[str], str]


@pytest.fixture(scope="module")
def printed(
    require_program: Require, demo_study: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[list[str]]]:
    """Return the PDF, and the lines of each of its pages."""
    folder = tmp_path_factory.mktemp("printed")
    command = [require_program("libreoffice"), "--headless", f"-env:UserInstallation={folder.as_uri()}"]
    source = demo_study / "results" / "appendix.xlsx"
    subprocess.run(
        [*command, "--convert-to", "pdf", "--outdir", folder, source],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    made = folder / "appendix.pdf"
    reader = require_program("pdftotext")
    text = subprocess.run([reader, "-layout", made, "-"], check=True, capture_output=True).stdout.decode()
    pages = [[line.strip() for line in page.split("\n") if line.strip()] for page in text.split("\f")]
    return made, [lines for lines in pages if lines]


@pytest.fixture(scope="module")
def names(demo_study: Path) -> list[str]:
    return load_workbook(demo_study / "results" / "appendix.xlsx", read_only=True).sheetnames


def flat(lines: list[str]) -> str:
    return re.sub(r"\s", "", "".join(lines))


def page_of(lines: list[str]) -> tuple[str, int]:
    """Return label and number in a page's footer."""
    found = re.fullmatch(r"(\S+?)\s*第\s*(\d+)\s*页", lines[-1])
    assert found is not None, lines[-1]
    return found[1], int(found[2])


def test_every_sheet_is_printed_once_from_its_first_page(
    printed: tuple[Path, list[list[str]]], names: list[str]
) -> None:
    firsts = [label for label, number in map(page_of, printed[1]) if number == 1]
    assert firsts == names


def test_no_sheet_is_two_pages_wide(printed: tuple[Path, list[list[str]]]) -> None:
    """A sheet too wide prints its right half on pages whose title or whose first column is missing."""
    without = [
        lines[0] for lines in printed[1] if page_of(lines)[1] > 1 and not lines[0].startswith(("续", "编号"))
    ]
    assert without == []


def test_continued_stands_on_later_pages_only(printed: tuple[Path, list[list[str]]]) -> None:
    wrong = [lines[0] for lines in printed[1] if page_of(lines)[1] == 1 and lines[0].startswith("续")]
    assert wrong == []


def test_no_page_has_only_notes(printed: tuple[Path, list[list[str]]]) -> None:
    """Title and headings take two lines at least; what stands before the notes beyond these is rows."""
    alone = []
    for lines in printed[1]:
        notes = next((at for at, line in enumerate(lines) if line.startswith("注：")), None)
        numbers = sum(bool(re.search(r"\d|—", line)) for line in lines[1:notes])
        if page_of(lines)[1] > 1 and notes is not None and (notes < 3 or not numbers):
            alone.append(lines[-1])
    assert alone == []


def test_no_number_is_too_wide_for_its_column(printed: tuple[Path, list[list[str]]]) -> None:
    assert [lines[-1] for lines in printed[1] if any("###" in line for line in lines)] == []


def test_the_main_part_is_less_than_ninety_pages(printed: tuple[Path, list[list[str]]]) -> None:
    first = next(at for at, lines in enumerate(printed[1]) if lines[-1].startswith("附表"))
    assert first < 90


def test_all_fonts_are_embedded(require_program: Require, printed: tuple[Path, list[list[str]]]) -> None:
    told = subprocess.run([require_program("pdffonts"), printed[0]], check=True, capture_output=True)
    lines = told.stdout.decode().splitlines()
    position = lines[0].index("emb")
    assert {line[position : position + 3].strip() for line in lines[2:]} == {"yes"}


def test_titles_come_back_as_text(printed: tuple[Path, list[list[str]]], demo_study: Path) -> None:
    book = load_workbook(demo_study / "results" / "appendix.xlsx", read_only=True)
    contents = [
        str(row[1]) for row in book.worksheets[0].iter_rows(min_row=4, max_col=2, values_only=True) if row[1]
    ]
    text = flat([line for lines in printed[1] for line in lines])
    assert [title for title in contents if re.sub(r"\s", "", title) not in text] == []


@pytest.mark.parametrize("sign", ["\ufffd", "□", "\x00"])
def test_no_sign_is_a_box(sign: str, printed: tuple[Path, list[list[str]]]) -> None:
    assert [lines[-1] for lines in printed[1] if any(sign in line for line in lines)] == []
