"""The file around the text: an empty document with our styles, its particulars without a clock, its bytes."""

import zipfile
from collections.abc import Iterable
from io import BytesIO
from typing import Final

from docx import Document as new_document
from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.package import OpcPackage
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from manyi_instruments.timeless import EPOCH, add_part
from manyi_outputs.word.styles import Look, style_sheet

#: What every file says it was made at: the same report gives the same bytes.
_AUTHOR: Final = "manyi"
#: Parts of the library's template that are not the report's: a preview of an empty page, old styles.
_FOREIGN: Final = ("thumbnail", "stylesWithEffects", "webSettings", "customXml", "numbering", "fontTable")
_APP: Final = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
    f"<Application>{_AUTHOR}</Application></Properties>"
)
#: Fields are brought up to date when the file is opened: only Word knows the pages of the contents.
_SETTINGS: Final = (
    '{spacing}<w:updateFields w:val="true"/><w:compat><w:compatSetting w:name="compatibilityMode" '
    'w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>'
    '<w:themeFontLang w:val="{lang}" w:eastAsia="{wide}"/><w:decimalSymbol w:val="."/>'
    '<w:listSeparator w:val=","/>'
)


def empty(look: Look, text_width: int) -> Document:
    """Return a document without text in these styles, and without what else the library's template holds."""
    document = new_document()
    part = document.part
    for holder in (part.rels, part.package.rels):
        for key in [key for key, each in holder.items() if each.reltype.endswith(_FOREIGN)]:
            del holder[key]
    for element, content in (
        (document.styles.element, style_sheet(look, text_width)),
        (
            document.settings.element,
            _SETTINGS.format(
                spacing='<w:characterSpacingControl w:val="compressPunctuation"/>' if look.hint else "",
                lang=look.lang,
                wide=look.lang_east_asia,
            ),
        ),
    ):
        for child in list(element):
            element.remove(child)
        for child in parse_xml(f"<w:body {nsdecls('w')}>{content}</w:body>"):
            element.append(child)
    for each in part.package.rels.values():
        if each.reltype == RELATIONSHIP_TYPE.EXTENDED_PROPERTIES:
            each.target_part._blob = _APP.encode()
    return document


def filled(document: Document, body: str) -> None:
    """Make the document's text what this XML says, the last section's properties at its end."""
    spaces = nsdecls("w", "r", "wp")
    # Put into the old tree, every element would be looked through for its names: half a minute for a report.
    document.part._element = parse_xml(f"<w:document {spaces}><w:body>{body}</w:body></w:document>")


def file_bytes(document: Document, title: str, subject: str, language: str) -> bytes:
    """Return the file: title, subject and language as its particulars, no clock, no person."""
    known = document.core_properties
    known.title, known.subject, known.language = title[:255], subject[:255], language
    known.author = known.last_modified_by = _AUTHOR
    known.comments = known.keywords = ""
    known.revision = 1
    known.created = known.modified = EPOCH
    return _zipped(document.part.package)


def _zipped(package: OpcPackage) -> bytes:
    """Return a package as a file; pictures, which are small already, are stored as they are.

    The library's own writer stamps every part with the time of day and deflates pictures a second time.
    """
    parts = list(package.iter_parts())
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        add_part(file, "[Content_Types].xml", _content_types(parts))
        add_part(file, "_rels/.rels", package.rels.xml)
        for part in parts:
            picture = part.partname.ext == "png"
            way = zipfile.ZIP_STORED if picture else zipfile.ZIP_DEFLATED
            add_part(file, part.partname.membername, part.blob, way)
            if part.rels:
                add_part(file, part.partname.rels_uri.membername, part.rels.xml)
    return made.getvalue()


def _content_types(parts: Iterable[Part]) -> str:
    """Return what each part of the package is (ECMA-376, part 2, 10.1.2)."""
    overrides = "".join(
        f'<Override PartName="{part.partname}" ContentType="{part.content_type}"/>'
        for part in parts
        if part.partname.ext != "png"
    )
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="png" ContentType="image/png"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )
