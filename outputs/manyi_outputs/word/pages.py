"""Pages of the Word report: A4 upright and on its side, the line above the text, page numbers."""

from typing import Final

from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from manyi_outputs.word.fields import field_of
from manyi_outputs.word.marks import words
from manyi_outputs.word.measure import ems
from manyi_outputs.word.styles import Look

_LONG: Final = 16838
_SHORT: Final = 11906
_MARGIN: Final = 1418
#: Longer titles are cut in the line above the text, in sizes of its type.
_HEAD: Final = 44.0


def section(*, across: bool = False, numbers: str = "", references: str = "") -> str:
    """Return the properties of a section of pages.

    Parameters
    ----------
    across : bool
        Whether they lie on their side.
    numbers : str
        Attributes of ``w:pgNumType``; empty where counting goes on.
    references : str
        Its header and footer; without, it has those of the section before.
    """
    width, height = (_LONG, _SHORT) if across else (_SHORT, _LONG)
    turned = ' w:orient="landscape"' if across else ""
    margins = " ".join(f'w:{side}="{_MARGIN}"' for side in ("top", "right", "bottom", "left"))
    counted = f"<w:pgNumType {numbers}/>" if numbers else ""
    return (
        f'<w:sectPr>{references}<w:type w:val="nextPage"/><w:pgSz w:w="{width}" w:h="{height}"{turned}/>'
        f'<w:pgMar {margins} w:header="800" w:footer="800" w:gutter="0"/>{counted}</w:sectPr>'
    )


def section_end(properties: str) -> str:
    """Return the paragraph that ends a section."""
    return f'<w:p><w:pPr><w:pStyle w:val="TableEnd"/>{properties}</w:pPr></w:p>'


def header_and_footer(document: Document, title: str, look: Look) -> str:
    """Put the title above the text and page numbers below; return what a section refers to them by."""
    first = document.sections[0]
    for part, style, inside in (
        (first.header, "Header", words(shortened(title), hint=look.hint)),
        (first.footer, "Footer", field_of("PAGE", "1")),
    ):
        part.is_linked_to_previous = False
        for child in list(part._element):
            part._element.remove(child)
        paragraph = f'<w:p {nsdecls("w")}><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{inside}</w:p>'
        part._element.append(parse_xml(paragraph))
    made = ""
    for name in ("headerReference", "footerReference"):
        found = first._sectPr.find(qn(f"w:{name}"))
        made += f'<w:{name} w:type="default" r:id="{found.get(qn("r:id"))}"/>'
    return made


def shortened(title: str) -> str:
    """Return a title that fits one line above the text, with ``…`` where it was cut.

    Examples
    --------
    >>> shortened("满意度"), shortened("满" * 400) == "满" * 43 + "…"
    ('满意度', True)
    """
    if ems(title) <= _HEAD:
        return title
    room, kept = _HEAD - 1, 0
    for sign in title:
        room -= ems(sign)
        if room < 0:
            break
        kept += 1
    return title[:kept].rstrip() + "…"
