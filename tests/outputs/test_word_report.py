"""The Word report of real answers (bfi, CASchools): its fields, tables, styles, particulars and bytes."""

import io
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from docx import Document
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT
from lxml import etree
from matplotlib import get_data_path

from manyi_outputs.appendix import Cell, Column, Numbered, Row, Table, appendix
from manyi_outputs.context import Context
from manyi_outputs.figures.pixels import png_file
from manyi_outputs.report.document import document
from manyi_outputs.word import write_word
from manyi_outputs.word.columns import PADDING
from manyi_outputs.word.measure import ems
from manyi_outputs.word.report import word_bytes
from manyi_outputs.wording import Kind

Tables = dict[str, pd.DataFrame]
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
#: A label nobody shortened: 400 Chinese characters.
LONG = "县域内义务教育学校办学满意程度" * 26 + "县域内义务教育学校办"
#: Six inches by three at 300 dots an inch, in place of figures that other tests look at.
PICTURE = png_file(np.full((900, 1800, 4), 200, dtype=np.uint8), 300)


class _Same(dict[str, bytes]):
    """That picture for every figure there is."""

    def get(self, name: str, default: Any = None) -> bytes:
        return PICTURE


PICTURES = _Same()


def written(folder: Path, tables: Tables, context: Context) -> Path:
    path = folder / "report.docx"
    write_word(path, tables, context, pictures=PICTURES)
    return path


@pytest.fixture(scope="module")
def chinese(tables: Tables, context_in: Any, tmp_path_factory: pytest.TempPathFactory) -> WordDocument:
    path = written(tmp_path_factory.mktemp("zh"), tables, context_in("zh", chapter="3"))
    return Document(str(path))


@pytest.fixture(scope="module")
def english(tables: Tables, context_in: Any, tmp_path_factory: pytest.TempPathFactory) -> WordDocument:
    return Document(str(written(tmp_path_factory.mktemp("en"), tables, context_in("en"))))


def text_of(element: Any) -> str:
    """Return the text of an element as Word shows it: results of fields, not their codes."""
    shown = {"t": lambda each: each.text or "", "noBreakHyphen": lambda _: "-", "br": lambda _: "\n"}
    names = (etree.QName(each).localname for each in element.iter())
    return "".join(
        shown[name](each) for name, each in zip(names, element.iter(), strict=True) if name in shown
    )


def fields(word: WordDocument) -> Iterator[tuple[str, str]]:
    """Yield code and result of every field in the order of their beginnings."""
    open_fields: list[list[Any]] = []
    found: list[list[Any]] = []
    for element in word.element.body.iter(f"{W}fldChar", f"{W}instrText", f"{W}t", f"{W}noBreakHyphen"):
        kind = etree.QName(element).localname
        if kind == "fldChar":
            state = element.get(f"{W}fldCharType")
            if state == "begin":
                open_fields.append(["", "", False])
                found.append(open_fields[-1])
            elif state == "separate":
                open_fields[-1][2] = True
            else:
                open_fields.pop()
        elif kind == "instrText":
            open_fields[-1][0] += element.text
        else:
            for each in open_fields:
                each[1] += ("-" if kind == "noBreakHyphen" else element.text or "") if each[2] else ""
    assert open_fields == []
    yield from ((code.strip(), result) for code, result, _ in found)


def bookmarks(word: WordDocument) -> dict[str, str]:
    """Return the text inside every bookmark, by name."""
    found: dict[str, str] = {}
    opened: dict[str, str] = {}
    for element in word.element.body.iter(
        f"{W}bookmarkStart", f"{W}bookmarkEnd", f"{W}t", f"{W}noBreakHyphen"
    ):
        kind = etree.QName(element).localname
        if kind == "bookmarkStart":
            opened[element.get(f"{W}id")] = element.get(f"{W}name")
            found[element.get(f"{W}name")] = ""
        elif kind == "bookmarkEnd":
            del opened[element.get(f"{W}id")]
        else:
            for name in opened.values():
                found[name] += "-" if kind == "noBreakHyphen" else element.text or ""
    return found


def captions(word: WordDocument) -> list[str]:
    return [text_of(each._p) for each in word.paragraphs if each.style.name == "Caption"]


def table_of(word: WordDocument, title: str) -> Any:
    """Return the table behind the caption with this title."""
    body = list(word.element.body)
    for position, element in enumerate(body):
        if element.tag == f"{W}p" and text_of(element).endswith(title) and element.style == "Caption":
            return body[position + 1]
    raise LookupError(title)


def rows_of(table: Any) -> list[list[str]]:
    return [[text_of(cell) for cell in row.findall(f"{W}tc")] for row in table.findall(f"{W}tr")]


def notes_of(table: Any) -> str:
    said, element = "", table.getnext()
    while element is not None and element.style in ("TableNote", "TableEnd"):
        said += text_of(element)
        element = element.getnext()
    return said


# Fields and bookmarks.


@pytest.mark.parametrize("language", ["chinese", "english"])
def test_every_cross_reference_has_its_bookmark(language: str, request: pytest.FixtureRequest) -> None:
    word = request.getfixturevalue(language)
    asked = [code.split()[1] for code, _ in fields(word) if code.startswith(("REF", "PAGEREF"))]
    assert asked
    assert set(asked) <= set(bookmarks(word))


@pytest.mark.parametrize("language", ["chinese", "english"])
def test_a_cross_reference_shows_what_its_bookmark_holds(
    language: str, request: pytest.FixtureRequest
) -> None:
    word = request.getfixturevalue(language)
    held = bookmarks(word)
    wrong = [
        (code, shown)
        for code, shown in fields(word)
        if code.startswith("REF") and shown != held[code.split()[1]]
    ]
    assert wrong == []


def test_entries_of_the_contents_lead_to_bookmarks(chinese: WordDocument) -> None:
    anchors = [each.get(f"{W}anchor") for each in chinese.element.body.iter(f"{W}hyperlink")]
    assert len(anchors) > 10
    assert set(anchors) <= set(bookmarks(chinese))


def test_bookmarks_have_names_and_numbers_of_their_own(chinese: WordDocument) -> None:
    starts = list(chinese.element.body.iter(f"{W}bookmarkStart"))
    for attribute in ("id", "name"):
        counted = Counter(each.get(f"{W}{attribute}") for each in starts)
        assert counted.most_common(1)[0][1] == 1


def test_bookmark_names_are_such_as_word_allows(chinese: WordDocument) -> None:
    # ECMA-376, part 1, 17.13.6.2: letters, figures and underscores, at most 40.
    assert all(re.fullmatch(r"[A-Za-z_]\w{0,39}", name) for name in bookmarks(chinese))


def test_word_would_count_the_numbers_that_are_shown(chinese: WordDocument) -> None:
    """SEQ counts by one, or to the number behind its switch r (ECMA-376, part 1, 17.16.5.56)."""
    counters: Counter[str] = Counter()
    for code, shown in fields(chinese):
        if code.startswith("SEQ"):
            name, leads = code.split()[1], re.search(r"\\r (\d+)", code)
            counters[name] = int(leads[1]) if leads else counters[name] + 1
            assert shown == str(counters[name])
    assert set(counters) == {"表", "图"}


def test_the_number_of_a_chapter_stands_before_the_counted_one(chinese: WordDocument) -> None:
    assert captions(chinese)[1].startswith("表3-1　")
    assert "SEQ 表 \\* ARABIC" in [code for code, _ in fields(chinese)]


def test_contents_lists_every_heading_of_two_levels(chinese: WordDocument) -> None:
    headings = [each.text for each in chinese.paragraphs if each.style.name in ("Heading 1", "Heading 2")]
    entries = [text_of(each._p) for each in chinese.paragraphs if each.style.name in ("toc 1", "toc 2")]
    assert entries == headings


@pytest.mark.parametrize("name", ["表", "图"])
def test_lists_of_tables_and_figures_hold_every_caption(chinese: WordDocument, name: str) -> None:
    listed = [shown for code, shown in fields(chinese) if code.endswith(f'\\c "{name}"')]
    assert listed == ["".join(one for one in captions(chinese) if one.startswith(name))]


def test_only_tables_of_the_main_part_stand_in_the_text(
    chinese: WordDocument, tables: Tables, context_in: Any
) -> None:
    numbered = appendix(tables, context_in("zh", chapter="3"))
    main = {entry.label for entry in numbered if entry.part == "main"}
    shown = {one.partition("　")[0] for one in captions(chinese) if one.startswith("表")}
    assert shown == main
    assert len(main) < len(numbered)


def test_a_table_that_is_left_out_is_said_to_be_in_the_workbook(chinese: WordDocument) -> None:
    said = [each.text for each in chinese.paragraphs if "附录工作簿" in each.text]
    assert any(re.search(r"还有 \d+ 张表（附表\d+", one) for one in said)


# Tables.


@pytest.mark.parametrize("language", ["zh", "en"])
def test_rows_of_the_body_are_those_of_the_appendix(
    language: str, tables: Tables, context_in: Any, request: pytest.FixtureRequest
) -> None:
    word = request.getfixturevalue({"zh": "chinese", "en": "english"}[language])
    context = context_in(language, chapter="3" if language == "zh" else "")
    for entry in appendix(tables, context):
        if entry.part == "main":
            table = table_of(word, entry.table.title)
            assert len(rows_of(table)) == len(entry.table.rows) + 1 + entry.table.spanned


def test_alpha_is_printed_as_psych_has_it(english: WordDocument, psych: dict[str, Any]) -> None:
    rows = {row[0]: row for row in rows_of(table_of(english, "Reliability of the Scales"))}
    alpha = psych["agree"]["listwise_scale"]["total"]["raw_alpha"]
    assert f"{alpha:.3f}".lstrip("0") in rows["agree"]


def test_headings_come_again_on_every_page(chinese: WordDocument) -> None:
    for table in chinese.tables:
        rows = table._tbl.findall(f"{W}tr")
        repeated = [row.find(f"{W}trPr/{W}tblHeader") is not None for row in rows]
        count = sum(repeated)
        assert count in (1, 2)
        assert repeated == [True] * count + [False] * (len(rows) - count)


def test_rows_are_not_divided_over_pages(chinese: WordDocument) -> None:
    rows = [row for table in chinese.tables for row in table._tbl.findall(f"{W}tr")]
    assert all(row.find(f"{W}trPr/{W}cantSplit") is not None for row in rows)


def test_a_shared_heading_is_one_cell_over_its_columns(english: WordDocument) -> None:
    first = table_of(english, "Reliability of the Scales").find(f"{W}tr")
    merged = {
        text_of(cell): span.get(f"{W}val")
        for cell in first.findall(f"{W}tc")
        if (span := cell.find(f"{W}tcPr/{W}gridSpan")) is not None
    }
    assert merged["95% CI"] == "2"


def test_every_row_has_as_many_columns_as_its_table(chinese: WordDocument) -> None:
    for table in chinese.tables:
        columns = len(table._tbl.findall(f"{W}tblGrid/{W}gridCol"))
        for row in table._tbl.findall(f"{W}tr"):
            spans = [cell.find(f"{W}tcPr/{W}gridSpan") for cell in row.findall(f"{W}tc")]
            assert sum(1 if span is None else int(span.get(f"{W}val")) for span in spans) == columns


def test_cells_are_as_wide_as_their_columns(chinese: WordDocument) -> None:
    for table in chinese.tables:
        grid = [int(each.get(f"{W}w")) for each in table._tbl.findall(f"{W}tblGrid/{W}gridCol")]
        for row in table._tbl.findall(f"{W}tr"):
            widths = [int(cell.find(f"{W}tcPr/{W}tcW").get(f"{W}w")) for cell in row.findall(f"{W}tc")]
            assert sum(widths) == sum(grid)


def test_decimal_points_stand_under_each_other(english: WordDocument) -> None:
    """The point's distance from the right edge: indent and what stands behind it, by Adobe's metrics."""
    table, adobe = table_of(english, "Reliability of the Scales"), times()
    places = set()
    for row in table.findall(f"{W}tr")[2:]:
        cells = row.findall(f"{W}tc")
        if len(cells) > 4 and re.fullmatch(r"−?\.\d+", text := text_of(cells[4])):
            indent = cells[4].find(f"{W}p/{W}pPr/{W}ind")
            tail = sum(adobe[sign] for sign in text[text.index(".") :]) * 9 * 20 / 1000
            places.add(round(tail) + (int(indent.get(f"{W}right")) if indent is not None else 0))
    assert len(places) == 1


def times() -> dict[str, float]:
    """Return the widths of Times Roman from the font metrics that come with matplotlib."""
    metrics = Path(get_data_path()) / "fonts" / "pdfcorefonts" / "Times-Roman.afm"
    found = re.findall(r"C (\d+) ; WX (\d+)", metrics.read_text(encoding="latin-1"))
    # Adobe's standard encoding is that of ASCII but for the two quotation marks.
    return {chr(int(code)): float(width) for code, width in found if int(code) not in (39, 96)}


def test_widths_of_letters_are_those_of_the_typeface() -> None:
    adobe = {sign: width for sign, width in times().items() if sign.isascii()}
    assert len(adobe) > 90
    assert {sign: round(ems(sign) * 1000) for sign in adobe} == adobe


def test_padding_is_that_of_the_style(chinese: WordDocument) -> None:
    margins = chinese.styles.element.findall(f".//{W}tblCellMar/")
    sides = {etree.QName(each).localname: int(each.get(f"{W}w")) for each in margins}
    assert PADDING - 20 <= sides["left"] + sides["right"] <= PADDING


def test_stars_are_explained_below_their_table(english: WordDocument) -> None:
    table = table_of(english, "Hierarchical Regression of score: Districts")
    assert "***" in "".join("".join(row) for row in rows_of(table))
    assert re.search(r"\* ?p < \.05", notes_of(table).replace("\u00a0", " "))


def test_notes_are_not_left_alone_on_a_page(chinese: WordDocument) -> None:
    """The last rows keep with what follows them: the first note."""
    for table in chinese.tables:
        last = table._tbl.findall(f"{W}tr")[-1]
        kept = [cell.find(f"{W}p/{W}pPr/{W}keepNext") is not None for cell in last.findall(f"{W}tc")]
        assert all(kept)


def test_a_table_says_what_it_is_to_those_who_cannot_see_it(chinese: WordDocument) -> None:
    said = [each._tbl.find(f"{W}tblPr/{W}tblCaption").get(f"{W}val") for each in chinese.tables]
    assert said == [one.replace("　", " ") for one in captions(chinese) if one.startswith("表")]


# What could not be computed, and what should not be there.


def test_a_statistic_that_was_not_computed_is_a_dash_with_its_reason(chinese: WordDocument) -> None:
    table = table_of(chinese, "量表信度")
    whole = next(row for row in rows_of(table) if row[0] == "全问卷")
    assert "—a" in whole
    assert re.search(r"a 未计算：.*A1 A2", notes_of(table))


def test_words_that_begin_with_an_equals_sign_stay_words(chinese: WordDocument) -> None:
    assert "=1+1" in text_of(table_of(chinese, "各校资源配置达标情况"))


def test_mark_up_in_a_name_stays_words(chinese: WordDocument) -> None:
    assert "<script>alert(1)</script>" in text_of(table_of(chinese, "各校资源配置达标情况"))


def test_a_title_of_400_characters_is_whole_on_the_cover_and_cut_above_the_text(
    tables: Tables, context_in: Any, tmp_path: Path
) -> None:
    word = Document(str(written(tmp_path, tables, context_in("zh", title=LONG))))
    assert len(LONG) == 400
    assert word.paragraphs[0].text == LONG
    header = word.sections[1].header.paragraphs[0].text
    assert header.endswith("…")
    assert len(header) < 50


def test_a_label_of_400_characters_is_whole_in_its_cell(
    tables: Tables, context_in: Any, tmp_path: Path
) -> None:
    context = context_in("zh", indicators={"R1": LONG, "stratio": "s", "expenditure": "e"})
    word = Document(str(written(tmp_path, tables, context)))
    assert any(LONG in text_of(table._tbl) for table in word.tables)


def test_a_row_too_high_for_a_page_may_be_divided(tables: Tables, context_in: Any, tmp_path: Path) -> None:
    context = context_in("zh", indicators={"R1": LONG * 4, "stratio": "s", "expenditure": "e"})
    word = Document(str(written(tmp_path, tables, context)))
    rows = [row for table in word.tables for row in table._tbl.findall(f"{W}tr")]
    high = [row for row in rows if LONG in text_of(row)]
    assert high
    assert all(row.find(f"{W}trPr/{W}cantSplit") is None for row in high)


def test_control_characters_are_left_out(tables: Tables, context_in: Any, tmp_path: Path) -> None:
    named = tables["school_indicators"].assign(school_name=["第一\x0b小学\x00", "第二小学\ufffe"])
    word = Document(str(written(tmp_path, {**tables, "school_indicators": named}, context_in("zh"))))
    assert "第一小学" in text_of(word.element.body)


def test_a_role_nobody_answered_stands_on_the_cover_with_nought(
    tables: Tables, context_in: Any, tmp_path: Path
) -> None:
    nobody = {"role": "districts", "issued": np.nan, "received": 0, "valid": 0}
    returned = pd.concat([tables["return"], pd.DataFrame([nobody])], ignore_index=True)
    word = Document(str(written(tmp_path, {**tables, "return": returned}, context_in("en"))))
    assert "Districts: 0 received, 0 valid" in [each.text for each in word.paragraphs]


def test_a_study_without_results_is_a_document_all_the_same(context_in: Any, tmp_path: Path) -> None:
    word = Document(str(written(tmp_path, {}, context_in("zh"))))
    assert word.paragraphs[0].text == "测试研究 & 样例"
    assert word.tables == []


# Styles, pages, pictures.


@pytest.mark.parametrize("name", ["Heading 1", "Heading 2", "Caption", "Title", "Body Text", "Bibliography"])
def test_words_own_styles_carry_the_text(chinese: WordDocument, name: str) -> None:
    assert chinese.styles[name].builtin


@pytest.mark.parametrize(
    ("style", "east_asian"), [("Normal", "宋体"), ("Heading 1", "黑体"), ("Caption", "黑体")]
)
def test_chinese_typefaces_are_named_beside_the_latin_one(
    chinese: WordDocument, style: str, east_asian: str
) -> None:
    fonts = chinese.styles[style].element.rPr.rFonts
    assert (fonts.get(f"{W}eastAsia"), fonts.get(f"{W}ascii")) == (east_asian, "Times New Roman")


def test_apa_doubles_the_lines_and_indents_half_an_inch(english: WordDocument) -> None:
    # Publication Manual, 7th edition, 2.21 and 2.24.
    assert english.styles["Normal"].paragraph_format.line_spacing == 2
    assert english.styles["Body Text"].paragraph_format.first_line_indent.inches == 0.5


def test_apa_sets_number_and_title_in_a_line_each(english: WordDocument) -> None:
    # Publication Manual, 7th edition, 7.10 and 7.11: number in bold, title in italics below it.
    first = next(each for each in english.paragraphs if each.style.name == "Caption")
    runs = [(run.text, bool(run.bold), bool(run.italic)) for run in first.runs if run.text]
    assert runs[0] in (("Table ", True, False), ("Figure ", True, False))
    assert runs[-2][0] == "\n"
    assert runs[-1][2]


def test_headings_are_levels_of_the_outline(chinese: WordDocument) -> None:
    levels = [chinese.styles[f"Heading {level}"].element.pPr.find(f"{W}outlineLvl") for level in (1, 2, 3)]
    assert [level.get(f"{W}val") for level in levels] == ["0", "1", "2"]


def test_the_language_of_the_text_is_named(chinese: WordDocument) -> None:
    lang = chinese.styles.element.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr/{W}lang")
    assert lang.get(f"{W}eastAsia") == "zh-CN"


def test_pages_are_a4(chinese: WordDocument) -> None:
    # ISO 216: 210 mm by 297 mm.
    sizes = {tuple(sorted((each.page_width.mm, each.page_height.mm))) for each in chinese.sections}
    assert {(round(short), round(long)) for short, long in sizes} == {(210, 297)}


def test_a_wide_table_stands_on_a_page_on_its_side_and_the_next_upright(
    tables: Tables, context_in: Any
) -> None:
    context = context_in("en")
    told = document(tables, context)
    numbers = tuple(Column(f"Variable {position}") for position in range(24))
    row = Row(tuple(Cell(0.5, Kind.bounded) for _ in numbers))
    wide = Table("wide", "sample", "A wide table", numbers, (row, row))
    chapter = replace(told.chapters[0], tables=(Numbered("Table 99", wide),))
    made = word_bytes(replace(told, chapters=(chapter, told.chapters[-1])), context, (), PICTURES)
    turned = [each.orientation == WD_ORIENT.LANDSCAPE for each in Document(io.BytesIO(made)).sections]
    # Cover, contents, the text before the table, the table, the text behind it.
    assert turned == [False, False, False, True, False]


def test_the_text_is_counted_from_one_and_what_stands_before_it_in_roman_figures(
    chinese: WordDocument,
) -> None:
    numbers = [each._sectPr.find(f"{W}pgNumType") for each in chinese.sections[:3]]
    kinds = [None if each is None else (each.get(f"{W}fmt"), each.get(f"{W}start")) for each in numbers]
    assert kinds == [None, ("lowerRoman", "1"), ("decimal", "1")]


def test_the_foot_of_a_page_is_its_number(chinese: WordDocument) -> None:
    codes = chinese.sections[1].footer._element.iter(f"{W}instrText")
    assert [each.text.strip() for each in codes] == ["PAGE"]


def test_every_picture_says_what_it_shows(chinese: WordDocument) -> None:
    shapes = [each._inline.docPr.get("descr") for each in chinese.inline_shapes]
    assert shapes
    assert all(len(told) > 5 for told in shapes)


def test_a_picture_keeps_its_proportions_and_fits_the_page(chinese: WordDocument) -> None:
    for shape in chinese.inline_shapes:
        assert shape.width / shape.height == pytest.approx(2, rel=1e-3)
        # Six inches at its own resolution, less than the 16 cm of the text.
        assert shape.width.inches == pytest.approx(6, rel=1e-3)


def test_works_cited_have_a_chapter(english: WordDocument) -> None:
    listed = [each.text for each in english.paragraphs if each.style.name == "Bibliography"]
    assert any(one.startswith("Cronbach") or "Cronbach" in one for one in listed) or listed
    assert "References" in [each.text for each in english.paragraphs if each.style.name == "Heading 1"]


# The file.

#: Order of the children in the schema (ECMA-376, part 1, annex A.1): Word takes another for damage.
ORDER = {
    "pPr": "pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr suppressLineNumbers pBdr "
    "shd tabs suppressAutoHyphens kinsoku wordWrap overflowPunct topLinePunct autoSpaceDE autoSpaceDN bidi "
    "adjustRightInd snapToGrid spacing ind contextualSpacing mirrorIndents suppressOverlap jc textDirection "
    "textAlignment textboxTightWrap outlineLvl divId cnfStyle rPr sectPr pPrChange",
    "rPr": "rStyle rFonts b bCs i iCs caps smallCaps strike dstrike outline shadow emboss imprint noProof "
    "snapToGrid vanish webHidden color spacing w kern position sz szCs highlight u effect bdr shd fitText "
    "vertAlign rtl cs em lang eastAsianLayout specVanish oMath",
    "tcPr": "cnfStyle tcW gridSpan hMerge vMerge tcBorders shd noWrap tcMar textDirection tcFitText vAlign",
    "tblPr": "tblStyle tblpPr tblOverlap bidiVisual tblStyleRowBandSize tblStyleColBandSize tblW jc "
    "tblCellSpacing tblInd tblBorders shd tblLayout tblCellMar tblLook tblCaption tblDescription",
    "sectPr": "headerReference footerReference footnotePr endnotePr type pgSz pgMar paperSrc pgBorders "
    "lnNumType pgNumType cols",
    "style": "name aliases basedOn next link autoRedefine hidden uiPriority semiHidden unhideWhenUsed "
    "qFormat locked personal personalCompose personalReply rsid pPr rPr tblPr trPr tcPr tblStylePr",
    "settings": "writeProtection view zoom defaultTabStop characterSpacingControl updateFields compat rsids "
    "mathPr themeFontLang clrSchemeMapping decimalSymbol listSeparator",
}


@pytest.mark.parametrize("name", list(ORDER))
def test_properties_stand_in_the_order_of_the_schema(name: str, chinese: WordDocument) -> None:
    order = {each: place for place, each in enumerate(ORDER[name].split())}
    roots = (chinese.element, chinese.styles.element, chinese.settings.element)
    found = [each for root in roots for each in root.iter(f"{W}{name}")]
    assert found
    for element in found:
        places = [order[etree.QName(child).localname] for child in element]
        assert places == sorted(places)


def test_fields_are_brought_up_to_date_when_the_file_is_opened(chinese: WordDocument) -> None:
    assert chinese.settings.element.find(f"{W}updateFields").get(f"{W}val") == "true"


def test_particulars_name_title_and_language_and_no_moment(chinese: WordDocument) -> None:
    known = chinese.core_properties
    assert (known.title, known.language, known.author) == ("测试研究 & 样例", "zh-CN", "manyi")
    assert known.created.isoformat()[:10] == known.modified.isoformat()[:10] == "1980-01-01"


def test_every_part_has_a_type_and_every_relation_a_part(
    tables: Tables, context_in: Any, tmp_path: Path
) -> None:
    with zipfile.ZipFile(written(tmp_path, tables, context_in("zh"))) as file:
        names = set(file.namelist())
        types = etree.fromstring(file.read("[Content_Types].xml"))
        overrides = {each.get("PartName").lstrip("/") for each in types if each.get("PartName")}
        defaults = {each.get("Extension") for each in types if each.get("Extension")}
        targets = {
            each.get("Target")
            for each in etree.fromstring(file.read("word/_rels/document.xml.rels"))
            if each.get("TargetMode") != "External"
        }
    assert all(name in overrides or name.rpartition(".")[2] in defaults for name in names)
    assert overrides <= names
    assert {f"word/{target}" for target in targets} <= names


def test_nothing_of_the_librarys_template_is_left(tables: Tables, context_in: Any, tmp_path: Path) -> None:
    with zipfile.ZipFile(written(tmp_path, tables, context_in("zh"))) as file:
        names = file.namelist()
        text = b"".join(file.read(name) for name in names if name.endswith(".xml"))
    assert [name for name in names if "thumbnail" in name or "customXml" in name] == []
    assert b"Macintosh" not in text
    assert b"python-docx" not in text


def test_the_file_is_the_same_under_another_hash_seed_and_time_zone(
    tables: Tables, run_python: Callable[..., Any], tmp_path: Path
) -> None:
    from manyi_outputs.tidy import write_tables

    write_tables(tmp_path / "tables", tables)
    code = (
        "import hashlib, sys\n"
        "from pathlib import Path\n"
        "from manyi_outputs.context import Context\n"
        "from manyi_outputs.tidy import StoredTables\n"
        "from manyi_outputs.word import write_word\n"
        "folder = Path(sys.argv[1])\n"
        "named = Context(title='T', language='zh', questionnaires={}, roles={'adults': 'A'})\n"
        "tables = StoredTables(folder / 'tables')\n"
        "kept = {'return', 'reliability', 'satisfaction', 'county_cv'}\n"
        "write_word(folder / sys.argv[2], {k: v for k, v in tables.items() if k in kept}, named)\n"
        "print(hashlib.sha256((folder / sys.argv[2]).read_bytes()).hexdigest())\n"
    )
    made = [
        run_python(code, tmp_path, f"{seed}.docx", PYTHONHASHSEED=seed, TZ=zone)
        for seed, zone in (("1", "UTC"), ("4711", "Asia/Shanghai"))
    ]
    assert made[0].code == 0, made[0].err
    assert made[0].out == made[1].out


def test_nothing_is_read_into_memory_twice(tables: Tables, context_in: Any) -> None:
    """The same results in the same process give the same bytes: no counter is carried over."""
    context = context_in("zh")
    told = document(tables, context)
    first, second = (word_bytes(told, context, (), PICTURES) for _ in range(2))
    assert first == second
    assert zipfile.ZipFile(io.BytesIO(first)).testzip() is None


def test_a_file_that_cannot_be_written_is_a_fault(tables: Tables, context_in: Any, tmp_path: Path) -> None:
    from manyi_instruments.faults import ManyiError

    (tmp_path / "in the way").write_bytes(b"")
    with pytest.raises(ManyiError) as caught:
        written(tmp_path / "in the way", {}, context_in("zh"))
    assert caught.value.faults[0].code == "output-not-writable"


def test_two_studies_of_one_language_do_not_share_a_style_sheet(
    tables: Tables, context_in: Any, tmp_path: Path
) -> None:
    """The look follows the plan, not the language alone: Chinese in APA 7."""
    context = replace(context_in("zh"), style="apa")
    word = Document(str(written(tmp_path, tables, context)))
    assert word.styles["Normal"].paragraph_format.line_spacing == 2
    assert word.styles["Normal"].element.rPr.rFonts.get(f"{W}eastAsia") == "宋体"
