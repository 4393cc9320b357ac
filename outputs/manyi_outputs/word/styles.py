"""The styles of the Word report: what a person changes once to change it everywhere."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from manyi_outputs.word.marks import escaped

#: Twentieths of a point, the unit of distances in Word.
TWIPS = 20
#: Line spacing is in 240ths of a line.
_LINE = 240
#: Styles of Word itself keep its names; the others are listed with them.
_OWN = ("CoverFact", "Figure", "TableText", "TableNumber", "TableNote", "TableEnd", "FieldHint")


@dataclass(frozen=True, slots=True)
class Look:
    """How a report in one language looks.

    Parameters
    ----------
    latin, east_asia, heading_east_asia : str
        Typefaces.
    lang, lang_east_asia : str
        Languages the text is checked in.
    hint : str
        Script of the signs both scripts use.
    caption_above : bool
        Whether a figure's caption stands over it.
    caption_break : bool
        Whether number and title of a caption stand in a line each, the title in italics.
    note_italic : bool
        Whether the word that opens a note is in italics.
    table_size : float
        Of the text in tables, in points.
    styles : Mapping
        Id -> what the style is.
    """

    latin: str
    east_asia: str
    heading_east_asia: str
    lang: str
    lang_east_asia: str
    hint: str
    caption_above: bool
    caption_break: bool
    note_italic: bool
    table_size: float
    styles: Mapping[str, Mapping[str, Any]]


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("styles.toml").read_text(encoding="utf-8"))


@cache
def look_of(language: str, style: Literal["thesis", "apa"]) -> Look:
    """Return the look of a report in a language, thesis or APA 7."""
    table = _table()
    faces = table["faces"].get(language, table["faces"]["default"])
    layout = table[style]["layout"]
    return Look(
        **faces,
        caption_above=layout["figure_caption"] == "above",
        caption_break=layout["caption_break"],
        note_italic=layout["note_italic"],
        table_size=layout["table_size"],
        styles=table[style]["styles"],
    )


def style_sheet(look: Look, text_width: int) -> str:
    """Return the document's defaults and styles as XML, to stand in ``w:styles``.

    Parameters
    ----------
    look : Look
    text_width : int
        Of a page upright, in twips: where the page numbers of a table of contents end.
    """
    styles = [_paragraph(key, entry, look, text_width) for key, entry in look.styles.items()]
    return _defaults(look) + "".join(styles) + _CHARACTERS + _TABLES


def _defaults(look: Look) -> str:
    return (
        "<w:docDefaults><w:rPrDefault><w:rPr>"
        f"{_fonts(look, heading=False)}"
        '<w:sz w:val="24"/><w:szCs w:val="24"/>'
        f'<w:lang w:val="{look.lang}" w:eastAsia="{look.lang_east_asia}" w:bidi="ar-SA"/>'
        "</w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults>"
    )


def _fonts(look: Look, *, heading: bool) -> str:
    wide = escaped(look.heading_east_asia if heading else look.east_asia)
    latin = escaped(look.latin)
    return f'<w:rFonts w:ascii="{latin}" w:eastAsia="{wide}" w:hAnsi="{latin}" w:cs="{latin}"/>'


def _paragraph(key: str, entry: Mapping[str, Any], look: Look, text_width: int) -> str:
    first = ' w:default="1"' if key == "Normal" else ""
    own = ' w:customStyle="1"' if key in _OWN else ""
    based = "" if key == "Normal" else f'<w:basedOn w:val="{entry.get("based", "Normal")}"/>'
    following = '<w:next w:val="BodyText"/>' if entry.get("outline") else ""
    return (
        f'<w:style w:type="paragraph"{first}{own} w:styleId="{key}"><w:name w:val="{entry["name"]}"/>'
        f'{based}{following}<w:uiPriority w:val="{39 if key.startswith("T") else 9}"/><w:qFormat/>'
        f"<w:pPr>{_layout(entry, look, text_width)}</w:pPr><w:rPr>{_letters(entry, look)}</w:rPr></w:style>"
    )


def _layout(entry: Mapping[str, Any], look: Look, text_width: int) -> str:
    """Return a paragraph's properties in the order of the schema."""
    parts = []
    if entry.get("keep"):
        parts.append("<w:keepNext/><w:keepLines/>")
    if entry.get("page"):
        parts.append("<w:pageBreakBefore/>")
    parts.append("<w:widowControl/>")
    if entry.get("ruled"):
        parts.append('<w:pBdr><w:bottom w:val="single" w:sz="4" w:space="4" w:color="808080"/></w:pBdr>')
    if entry.get("dots"):
        parts.append(f'<w:tabs><w:tab w:val="right" w:leader="dot" w:pos="{text_width}"/></w:tabs>')
    before, after = (round(entry.get(side, 0) * TWIPS) for side in ("before", "after"))
    line = f' w:line="{round(entry["line"] * _LINE)}" w:lineRule="auto"' if "line" in entry else ""
    parts.append(f'<w:spacing w:before="{before}" w:after="{after}"{line}/>')
    size = entry.get("size", look.styles["Normal"]["size"])
    for name, attribute in (("first", "firstLine"), ("left", "left")):
        if entry.get(name):
            chars, width = round(entry[name] * 100), round(entry[name] * size * TWIPS)
            parts.append(f'<w:ind w:{attribute}Chars="{chars}" w:{attribute}="{width}"/>')
    if entry.get("hanging"):
        width = round(entry["hanging"] * size * TWIPS)
        parts.append(f'<w:ind w:left="{width}" w:hanging="{width}"/>')
    if entry.get("align"):
        parts.append(f'<w:jc w:val="{entry["align"]}"/>')
    if entry.get("outline"):
        parts.append(f'<w:outlineLvl w:val="{entry["outline"] - 1}"/>')
    return "".join(parts)


def _letters(entry: Mapping[str, Any], look: Look) -> str:
    parts = [_fonts(look, heading=entry.get("face") == "heading")]
    if entry.get("bold"):
        parts.append("<w:b/><w:bCs/>")
    if entry.get("italic"):
        parts.append("<w:i/><w:iCs/>")
    if entry.get("color"):
        parts.append(f'<w:color w:val="{entry["color"]}"/>')
    if "size" in entry:
        half = round(entry["size"] * 2)
        parts.append(f'<w:sz w:val="{half}"/><w:szCs w:val="{half}"/>')
    return "".join(parts)


_CHARACTERS = (
    '<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont">'
    '<w:name w:val="Default Paragraph Font"/><w:uiPriority w:val="1"/><w:semiHidden/></w:style>'
    '<w:style w:type="character" w:styleId="Hyperlink"><w:name w:val="Hyperlink"/>'
    '<w:basedOn w:val="DefaultParagraphFont"/><w:uiPriority w:val="99"/>'
    '<w:rPr><w:color w:val="0B5394"/></w:rPr></w:style>'
)
#: Rules of 1.5 and 0.75 points: the outer ones here, that below the headings at its cells.
_TABLES = (
    '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/>'
    '<w:uiPriority w:val="99"/><w:semiHidden/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar>'
    '<w:top w:w="0" w:type="dxa"/><w:left w:w="60" w:type="dxa"/>'
    '<w:bottom w:w="0" w:type="dxa"/><w:right w:w="60" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>'
    '<w:style w:type="table" w:customStyle="1" w:styleId="ThreeLineTable">'
    '<w:name w:val="Three-Line Table"/><w:basedOn w:val="TableNormal"/><w:uiPriority w:val="40"/><w:qFormat/>'
    '<w:tblPr><w:tblBorders><w:top w:val="single" w:sz="12" w:space="0" w:color="000000"/>'
    '<w:bottom w:val="single" w:sz="12" w:space="0" w:color="000000"/></w:tblBorders></w:tblPr></w:style>'
)
