"""Word forms: read back by python-docx, their XML, and what LibreOffice makes of them."""

import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from docx import Document
from docx.document import Document as WordDocument

from manyi_instruments.definitions.identity import definition_hash
from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.faults import DefinitionFaulty
from manyi_instruments.forms import FORMS
from manyi_instruments.forms.layout import numbers, parts
from manyi_instruments.forms.word.document import word_form
from manyi_instruments.questionnaires import bundled_questionnaires

EVERYTHING = Path(__file__).with_name("forms_everything.yaml")
CAREGIVERS = Path(__file__).with_name("forms_caregivers.yaml")
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
BUNDLED = [
    (name, language, second)
    for name in sorted(bundled_questionnaires())
    for language, second in (("zh", None), ("en", None), ("zh", "en"))
]

writer = pytest.mark.skipif(
    (shutil.which("soffice") is None or shutil.which("pdftotext") is None) and "MANYI_CI" not in os.environ,
    reason="LibreOffice Writer or poppler-utils is not installed",
)


@cache
def made(path: Path, language: str = "zh") -> bytes:
    return word_form(load_questionnaire(path), language)


@pytest.fixture(scope="module")
def everything() -> Questionnaire:
    return load_questionnaire(EVERYTHING)


def bundled(name: str) -> Questionnaire:
    return load_questionnaire(Path(str(bundled_questionnaires()[name])))


def opened(content: bytes) -> WordDocument:
    return Document(BytesIO(content))


def blocks(document: WordDocument) -> Iterator[str]:
    """Yield the text of every paragraph and cell; a cell merged over several columns once."""
    for element in document.element.body.iter(f"{W}p"):
        yield "".join(
            node.text or "" if node.tag == f"{W}t" else "\n" if node.tag == f"{W}br" else "\t"
            for node in element.iter(f"{W}t", f"{W}br", f"{W}tab")
            if node.tag != f"{W}tab" or node.getparent().tag == f"{W}r"
        )


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def said(content: bytes) -> str:
    return squeezed("".join(blocks(opened(content))))


@pytest.mark.parametrize(("name", "language", "second"), BUNDLED)
def test_every_wording_is_there(name: str, language: str, second: str | None) -> None:
    questionnaire = bundled(name)
    text = said(word_form(questionnaire, language, second))
    languages = [language] if second is None else [language, second]
    absent = [
        (question.id, one)
        for question in questionnaire.questions()
        for one in languages
        if squeezed(question.text[one]) not in text
    ]
    assert absent == []


def test_questions_are_numbered_as_on_every_form(everything: Questionnaire) -> None:
    text = said(made(EVERYTHING))
    number_of = numbers(everything)
    absent = [
        question.id
        for question in everything.questions()
        if f"{number_of[question.id]}{squeezed(question.text['zh'])}" not in text
        and squeezed(f"{number_of[question.id]}（") not in text  # a row that begins with who answers it
    ]
    assert absent == []


@pytest.mark.parametrize(
    ("language", "instruction"),
    [
        ("zh", "（第7–8题：仅当第5题选了“公共汽车”或“校车”时回答）"),
        ("zh", "（本部分仅当第3题选“是”时回答）"),
        ("en", "(Answer only if question 4 is “no”)"),
    ],
)
def test_skip_instructions_are_those_of_the_pdf(
    language: str, instruction: str, everything: Questionnaire
) -> None:
    assert said(made(EVERYTHING, language)).count(squeezed(instruction)) == 1


def test_a_matrix_is_a_table_of_one_row_a_question(everything: Questionnaire) -> None:
    expected = [
        len(block.questions) + 1 for part in parts(everything) for block in part.blocks if block.matrix
    ]
    tables = opened(made(EVERYTHING)).tables
    # The first two tables are the head and how to fill in.
    assert [len(table.rows) for table in tables[2:]] == expected


def test_headings_of_matrices_come_again_on_every_page(everything: Questionnaire) -> None:
    matrices = opened(made(EVERYTHING)).tables[2:]
    flagged = [[row._tr.find(f"{W}trPr/{W}tblHeader") is not None for row in one.rows] for one in matrices]
    assert all(rows[0] and not any(rows[1:]) for rows in flagged)


def test_no_row_is_split_across_pages(everything: Questionnaire) -> None:
    rows = [row for table in opened(made(EVERYTHING)).tables for row in table.rows]
    assert all(row._tr.find(f"{W}trPr/{W}cantSplit") is not None for row in rows)


def test_every_paragraph_has_a_style_of_the_form(everything: Questionnaire) -> None:
    document = opened(made(EVERYTHING))
    used = {paragraph.style.name for paragraph in document.paragraphs}
    assert {"Title", "Heading 1", "Question", "Answers", "Instruction", "Answer line"} <= used
    # Word closes every cell with a paragraph; outside of cells none is without a style.
    assert "Normal" not in used


@pytest.mark.parametrize(("language", "face"), [("zh", "宋体"), ("en", "宋体")])
def test_every_style_names_an_east_asian_typeface(
    language: str, face: str, everything: Questionnaire
) -> None:
    archive = zipfile.ZipFile(BytesIO(made(EVERYTHING, language)))
    styles = ET.fromstring(archive.read("word/styles.xml"))
    default = styles.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr/{W}rFonts")
    assert default is not None
    assert default.get(f"{W}eastAsia") == face
    named = {"Title", "Heading 1", "Question", "Answers", "Matrix row", "Second language", "Tick box"}
    found = {
        name.get(f"{W}val"): fonts.get(f"{W}eastAsia")
        for style in styles.iter(f"{W}style")
        if (name := style.find(f"{W}name")) is not None
        and (fonts := style.find(f"{W}rPr/{W}rFonts")) is not None
    }
    # Word stores the built-in names in lower case.
    lower = {str(name).lower(): face for name, face in found.items()}
    assert all(lower[name.lower()] in ("宋体", "黑体") for name in named)


def test_no_theme_font_overrides_the_typefaces(everything: Questionnaire) -> None:
    archive = zipfile.ZipFile(BytesIO(made(EVERYTHING)))
    styles = ET.fromstring(archive.read("word/styles.xml"))
    default = styles.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr/{W}rFonts")
    assert default is not None
    assert not any("Theme" in attribute for attribute in default.attrib)


def test_pages_are_counted_by_fields(everything: Questionnaire) -> None:
    (section,) = opened(made(EVERYTHING)).sections
    fields = [node.text.strip() for node in section.footer._element.iter(f"{W}instrText")]
    assert fields == ["PAGE", "NUMPAGES"]


def test_the_footer_bears_the_hash_of_the_definition(everything: Questionnaire) -> None:
    (section,) = opened(made(EVERYTHING)).sections
    assert definition_hash(everything) in section.footer.paragraphs[0].text


def test_a_right_to_left_form_is_one() -> None:
    document = opened(word_form(load_questionnaire(CAREGIVERS), "ar"))
    assert all(table._tbl.tblPr.find(f"{W}bidiVisual") is not None for table in document.tables)
    assert document.styles["Question"].element.find(f"{W}pPr/{W}bidi") is not None


def test_the_same_questionnaire_gives_the_same_bytes(everything: Questionnaire) -> None:
    assert made(EVERYTHING) == word_form(load_questionnaire(EVERYTHING), "zh")


def test_the_file_bears_no_name_of_a_person(everything: Questionnaire) -> None:
    about = opened(made(EVERYTHING)).core_properties
    assert (about.author, about.last_modified_by) == ("manyi", "manyi")


def test_language_the_questionnaire_lacks_is_refused(everything: Questionnaire) -> None:
    with pytest.raises(DefinitionFaulty) as raised:
        word_form(everything, "fr", "ar")
    assert [fault.code for fault in raised.value.faults] == ["form-language-unknown"] * 2


def test_registry_makes_a_file_a_language_and_one_of_both() -> None:
    names = list(FORMS["word"](bundled("society"), "public").files)
    assert names == ["public.zh.docx", "public.en.docx", "public.zh-en.docx"]


# --- as LibreOffice lays it out -----------------------------------------------------------------------------

Rendered = Callable[[Questionnaire, str, str | None], list[str]]


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    """Return what lays a form out; pages as text."""
    folder = tmp_path_factory.mktemp("word")

    def lay_out(questionnaire: Questionnaire, language: str, second: str | None) -> list[str]:
        path = folder / f"{questionnaire.questionnaire}.{language}{second or ''}.docx"
        path.write_bytes(word_form(questionnaire, language, second))
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        command = ("soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", folder, path)
        subprocess.run(command, check=True, capture_output=True, timeout=180)
        text = subprocess.run(
            ("pdftotext", "-raw", path.with_suffix(".pdf"), "-"), check=True, capture_output=True
        ).stdout.decode()
        return [squeezed(page) for page in text.split("\f")[:-1]]

    return lay_out


@writer
@pytest.mark.parametrize(
    ("language", "second"), [("zh", None), ("en", None), ("zh", "en")], ids=["zh", "en", "both"]
)
def test_every_wording_is_laid_out(
    language: str, second: str | None, everything: Questionnaire, rendered: Rendered
) -> None:
    text = "".join(rendered(everything, language, second))
    languages = [language] if second is None else [language, second]
    absent = [
        (question.id, one)
        for question in everything.questions()
        for one in languages
        if squeezed(question.text[one]) not in text
    ]
    assert absent == []


@writer
def test_headings_come_again_where_a_matrix_goes_over_pages(rendered: Rendered) -> None:
    questionnaire = bundled("parents")
    pages = rendered(questionnaire, "zh", None)
    agree = [squeezed(one.text["zh"]) for one in questionnaire.items[:29] if one.answers == "agree5"]
    with_rows = [page for page in pages if any(row in page for row in agree)]
    assert len(with_rows) >= 2
    assert all("非常不同意" in page and "非常同意" in page for page in with_rows)


@writer
def test_pages_are_numbered(everything: Questionnaire, rendered: Rendered) -> None:
    pages = rendered(everything, "zh", None)
    found = [f"第{number}页，共{len(pages)}页" in page for number, page in enumerate(pages, start=1)]
    assert all(found)
