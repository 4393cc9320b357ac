"""The styles of the Word form: what a person changes once to change it everywhere."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.shared import Mm, Pt, RGBColor

INK = RGBColor(0x33, 0x33, 0x33)
GREY = RGBColor(0x6B, 0x6B, 0x6B)

Fonts = Mapping[str, str]

#: Paragraph styles: name -> (heading's typefaces, size in pt, bold, space before and after in pt, indent in
#: mm, kept with the next paragraph).
PARAGRAPHS: Mapping[str, tuple[bool, float, bool, float, float, float, bool]] = {
    "Normal": (False, 10.5, False, 0, 3, 0, False),
    "Title": (True, 17, True, 8, 8, 0, True),
    "Heading 1": (True, 12, True, 14, 5, 0, True),
    "Head field": (True, 8.5, False, 0, 1, 0, True),
    "Introduction": (False, 10.5, False, 0, 4, 0, False),
    "How to": (False, 9, False, 1, 1, 2, False),
    "Spacer": (False, 4, False, 0, 0, 0, False),
    "Closing": (False, 10.5, True, 16, 0, 0, False),
    "Section introduction": (False, 10.5, False, 2, 5, 0, True),
    "Instruction": (True, 9, True, 8, 2, 0, True),
    "Question": (False, 10.5, False, 8, 2, 8, True),
    "Question hint": (False, 9, False, 0, 2, 8, True),
    "Answers": (False, 10.5, False, 0, 3, 8, False),
    "Answer line": (False, 10.5, False, 0, 0, 8, True),
    "Matrix heading": (False, 7.5, False, 1, 1, 0, True),
    "Matrix row": (False, 10.5, False, 2, 2, 0, False),
    "Matrix answer": (False, 10.5, False, 2, 2, 0, False),
    "Footer": (False, 8, False, 0, 0, 0, False),
}
#: Character styles, grey: name -> size in pt; and that of circles and boxes.
SECOND, SECOND_HEADING = "Second language", "Second language in headings"
CHARACTERS: Mapping[str, float] = {SECOND: 9.0, SECOND_HEADING: 6.5, "Answer code": 6.5, "Note": 8.5}
SYMBOL = "Tick box"
_CENTRED = ("Title", "Closing", "Matrix heading", "Matrix answer")
_HANGING = ("Question", "Matrix row")


@cache
def _table() -> Mapping[str, Mapping[str, Fonts]]:
    return tomllib.loads(files(__package__).joinpath("fonts.toml").read_text(encoding="utf-8"))


def typefaces(language: str) -> Mapping[str, Fonts]:
    """Return the typefaces of body and heading for a language."""
    table = _table()
    return table.get(language) or table.get(language.split("-")[0]) or table["default"]


def define_styles(document: Document, language: str, rtl: bool) -> None:
    """Define every style the form uses, each with a Latin, an East Asian and a complex typeface."""
    faces = typefaces(language)
    _defaults(document, faces["body"], language)
    for name, (heading, size, bold, before, after, indent, kept) in PARAGRAPHS.items():
        style = _paragraph_style(document, name)
        _set_fonts(style, faces["heading" if heading else "body"], size, bold)
        layout = style.paragraph_format
        layout.space_before, layout.space_after = Pt(before), Pt(after)
        layout.keep_with_next, layout.widow_control, layout.keep_together = kept, True, True
        if indent:
            layout.left_indent = Mm(indent)
        if name in _HANGING and indent:
            layout.first_line_indent = Mm(-indent)
            layout.tab_stops.add_tab_stop(Mm(indent))
        if name in _CENTRED:
            layout.alignment = WD_ALIGN_PARAGRAPH.CENTER
        if rtl:
            style.element.get_or_add_pPr().append(OxmlElement("w:bidi"))
    _ruled(document.styles["Answer line"].element)
    _shaded(document.styles["Heading 1"].element)
    title = document.styles["Title"].element.get_or_add_pPr()
    for line in title.findall(qn("w:pBdr")):
        title.remove(line)
    for name, size in CHARACTERS.items():
        style = document.styles.add_style(name, WD_STYLE_TYPE.CHARACTER)
        _set_fonts(style, faces["body"], size, False)
        style.font.color.rgb = GREY
    symbols = document.styles.add_style(SYMBOL, WD_STYLE_TYPE.CHARACTER)
    # Circles and boxes count as Latin or East Asian by what stands around them: one typeface for both.
    east_asian = faces["body"]["east_asia"]
    _set_fonts(symbols, {**faces["body"], "latin": east_asian}, 12, False)


def _paragraph_style(document: Document, name: str) -> Any:
    if name in [style.name for style in document.styles]:
        return document.styles[name]
    style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = document.styles["Normal"]
    style.quick_style = True
    return style


def _defaults(document: Document, fonts: Fonts, language: str) -> None:
    """Set the typefaces and the language of whatever has no style of its own."""
    properties = document.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    for child in list(properties):
        if child.tag in (qn("w:rFonts"), qn("w:lang")):
            properties.remove(child)
    properties.insert(0, _fonts(fonts))
    lang = OxmlElement("w:lang")
    for attribute in ("val", "eastAsia", "bidi"):
        lang.set(qn(f"w:{attribute}"), language)
    properties.append(lang)


def _set_fonts(style: Any, fonts: Fonts, size: float, bold: bool) -> None:
    properties = style.element.get_or_add_rPr()
    for child in list(properties):
        properties.remove(child)
    properties.insert(0, _fonts(fonts))
    style.font.size, style.font.bold = Pt(size), bold
    style.font.color.rgb = INK
    complex_size = OxmlElement("w:szCs")
    complex_size.set(qn("w:val"), str(round(size * 2)))
    properties.append(complex_size)


def _fonts(fonts: Fonts) -> Any:
    element = OxmlElement("w:rFonts")
    for attribute, script in (
        ("ascii", "latin"),
        ("hAnsi", "latin"),
        ("eastAsia", "east_asia"),
        ("cs", "complex"),
    ):
        element.set(qn(f"w:{attribute}"), fonts[script])
    return element


def _ruled(element: Any) -> None:
    """Give a paragraph style a line below, and one between paragraphs that follow each other."""
    borders = OxmlElement("w:pBdr")
    for side in ("bottom", "between"):
        line = OxmlElement(f"w:{side}")
        for attribute, value in (("val", "single"), ("sz", "4"), ("space", "1"), ("color", "8C8C8C")):
            line.set(qn(f"w:{attribute}"), value)
        borders.append(line)
    properties = element.get_or_add_pPr()
    properties.insert_element_before(borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:outlineLvl")
    spacing = properties.get_or_add_spacing()
    spacing.set(qn("w:line"), "480")
    spacing.set(qn("w:lineRule"), "exact")


def _shaded(element: Any) -> None:
    """Give a paragraph style a grey ground."""
    shade = OxmlElement("w:shd")
    for attribute, value in (("val", "clear"), ("color", "auto"), ("fill", "E8E8E8")):
        shade.set(qn(f"w:{attribute}"), value)
    element.get_or_add_pPr().insert_element_before(
        shade, "w:tabs", "w:bidi", "w:spacing", "w:ind", "w:jc", "w:outlineLvl"
    )
