"""The Word report of the example county: its pages in LibreOffice, its numbers beside the workbook's."""

import re
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from docx import Document
from docx.document import Document as WordDocument
from lxml import etree
from openpyxl import load_workbook

from manyi.stages.report_facts import facts_of
from manyi.stages.writing import context_of
from manyi.study.folder import open_study
from manyi_outputs.figures.pixels import png_file
from manyi_outputs.tidy import StoredTables
from manyi_outputs.word import write_word

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
PICTURE = png_file(np.full((300, 600, 4), 200, dtype=np.uint8), 300)
WIDE = re.compile("[\u3400-\u9fff]+")


class _Same(dict[str, bytes]):
    """One picture for every figure: figures have tests of their own."""

    def get(self, name: str, default: Any = None) -> bytes:
        return PICTURE


@pytest.fixture(scope="module")
def word(demo_study: Path) -> WordDocument:
    return Document(str(demo_study / "results" / "report.docx"))


@pytest.fixture(scope="module")
def english(demo_study: Path, tmp_path_factory: pytest.TempPathFactory) -> WordDocument:
    path = tmp_path_factory.mktemp("english") / "report.docx"
    write_demo(demo_study, "en", path)
    return Document(str(path))


def write_demo(demo_study: Path, language: str, path: Path) -> None:
    study = open_study(demo_study)
    tables = StoredTables(demo_study / "results" / "tables")
    write_word(path, tables, context_of(study, language), facts=facts_of(study), pictures=_Same())


@pytest.fixture(scope="module")
def pdf(
    demo_study: Path, require_program: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return the report as LibreOffice prints it, with small pictures in place of its figures."""
    folder = tmp_path_factory.mktemp("pdf")
    office = require_program("libreoffice")
    write_demo(demo_study, "zh", folder / "report.docx")
    done = subprocess.run(
        [office, "--headless", f"-env:UserInstallation={folder.as_uri()}", "--convert-to", "pdf",
         "--outdir", folder, folder / "report.docx"],
        capture_output=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder / "report.pdf"


@pytest.fixture(scope="module")
def pages(pdf: Path, require_program: Callable[[str], str]) -> list[str]:
    """Return the text of every page without blanks, which line breaks would put anywhere."""
    reader = require_program("pdftotext")
    done = subprocess.run([reader, "-enc", "UTF-8", pdf, "-"], check=True, capture_output=True)
    return [re.sub(r"\s+", "", page).replace("\u2011", "-") for page in done.stdout.decode().split("\f")]


def shown(element: Any) -> str:
    signs = {"noBreakHyphen": "-", "br": "\n"}
    return "".join(
        signs.get(name, each.text or "")
        for each in element.iter()
        if (name := etree.QName(each).localname) in (*signs, "t")
    )


def captions(word: WordDocument) -> list[str]:
    return [shown(each._p) for each in word.paragraphs if each.style.name == "Caption"]


# Pages.


def test_every_caption_is_printed_with_the_number_the_office_counts(
    word: WordDocument, pages: list[str]
) -> None:
    """LibreOffice counts the fields itself: what it prints is what is stored only where both count alike."""
    text = "".join(pages)
    assert len(captions(word)) > 30
    assert [one for one in captions(word) if re.sub(r"\s+", "", one) not in text] == []


def test_cross_references_are_printed_with_the_number_the_office_finds(
    word: WordDocument, pages: list[str]
) -> None:
    said = [each for each in word.paragraphs if "REF _RefTable" in etree.tostring(each._p).decode()]
    text = "".join(pages)
    assert len(said) > 10
    for paragraph in said:
        assert re.sub(r"\s+", "", shown(paragraph._p))[-30:] in text


def test_no_reference_is_lost(pages: list[str]) -> None:
    assert [page for page in pages if "Error:" in page or "错误：" in page] == []


def test_every_typeface_is_embedded(pdf: Path, require_program: Callable[[str], str]) -> None:
    reader = require_program("pdffonts")
    told = subprocess.run([reader, pdf], check=True, capture_output=True).stdout.decode().splitlines()
    at = told[0].index("emb")
    assert len(told) > 3
    assert {line[at : at + 3].strip() for line in told[2:]} == {"yes"}


def test_no_page_is_empty(pages: list[str]) -> None:
    """Every page but the cover has a head and a number; a blank one would have nothing else."""
    head = pages[1][:12]
    assert [number for number, page in enumerate(pages[1:-1], start=2) if not page.startswith(head)] == []


def test_headings_come_again_on_the_next_page(word: WordDocument, pages: list[str]) -> None:
    longest = max(word.tables, key=lambda table: len(table.rows))
    header = re.sub(r"\s+", "", shown(longest._tbl.findall(f"{W}tr")[-0])[:12])
    assert sum(header[:4] in page for page in pages) > 1


# Numbers.


def printed(value: Any, form: str) -> str:
    """Return what a spreadsheet shows of a number in this format: written apart from the program's rule."""
    if isinstance(value, str) or value is None:
        return str(value or "")
    form = re.sub(r"_.", "", form)
    small = re.fullmatch(r'\[<([\d.]+)\]"(.*?)";(.*)', form)
    if small:
        if value < float(small[1]):
            return small[2]
        form = small[3]
    parts = re.fullmatch(r'(0?)(?:\.(0+))?(%?)((?:"[^"]*")*)', form)
    assert parts is not None, form
    places = len(parts[2] or "")
    scaled = value * 100 if parts[3] else value
    # Fifteen digits, then half away from zero, as spreadsheets round.
    digits = f"{float(f'{abs(scaled):.15g}') + 1e-12:.{places}f}"
    if not parts[1]:
        digits = re.sub(r"^0\.", ".", digits)
    sign = "−" if scaled < 0 and float(digits) else ""
    return sign + digits + parts[3] + parts[4].replace('"', "")


@pytest.fixture(scope="module")
def book(demo_study: Path) -> Any:
    return load_workbook(demo_study / "results" / "appendix.xlsx")


def test_every_row_is_printed_as_in_the_workbook(word: WordDocument, book: Any) -> None:
    checked, wrong = 0, []
    for label, table in labelled(word):
        rows = {
            tuple(printed(cell.value, cell.number_format).strip() for cell in row if cell.value is not None)
            for row in book[label].iter_rows()
        }
        for row in table.findall(f"{W}tr"):
            if row.find(f"{W}trPr/{W}tblHeader") is None:
                cells = tuple(text for cell in row.findall(f"{W}tc") if (text := shown(cell).strip()))
                checked += 1
                if cells not in rows:
                    wrong.append((label, cells))
    assert checked > 500
    assert wrong == []


def labelled(word: WordDocument) -> Iterator[tuple[str, Any]]:
    """Yield number and table of every caption that stands over one."""
    for paragraph in word.paragraphs:
        following = paragraph._p.getnext()
        if paragraph.style.name == "Caption" and following.tag == f"{W}tbl":
            yield shown(paragraph._p).partition("　")[0], following


# Language.


def entries(language: str) -> dict[str, str]:
    source = files("manyi_outputs.wording").joinpath(f"{language}.toml").read_text(encoding="utf-8")
    return {
        f"{section}.{key}": text
        for section, keys in tomllib.loads(source).items()
        for key, text in keys.items()
    }


def test_no_english_wording_is_left_in_the_chinese_report(word: WordDocument) -> None:
    ours = "\n".join(entries("zh").values())
    parts = {
        part.strip()
        for text in entries("en").values()
        for part in re.split(r"\{\w+\}|[.;:]", text)
        if re.search(r"[a-z]{3,} [a-z]{3,}", part) and part.strip() not in ours
    }
    text = "\n".join(shown(each) for each in word.element.body.iter(f"{W}p") if each.style != "Bibliography")
    assert len(parts) > 500
    assert sorted(part for part in parts if part in text) == []


def test_no_id_is_left_in_the_text(word: WordDocument) -> None:
    """A name of ours, such as ``cut_short``, stands in no sentence; ids of questions are the study's own."""
    said = "\n".join(shown(each._p) for each in word.paragraphs if each.style.name == "Body Text")
    assert re.findall(r"\b[a-z]+_[a-z_]+\b", said) == []


def test_no_chinese_but_names_of_the_data_is_left_in_the_english_report(
    english: WordDocument, demo_study: Path
) -> None:
    data = "".join(
        path.read_text(encoding="utf-8-sig") for path in (demo_study / "results" / "tables").glob("*.csv")
    )
    found = set(WIDE.findall(shown(english.element.body)))
    assert sorted(run for run in found if run not in data) == []


def test_file_is_at_most_twenty_megabytes(demo_study: Path) -> None:
    """What a mailbox takes."""
    assert (demo_study / "results" / "report.docx").stat().st_size < 20_000_000
