"""Tables of the Word form: fixed widths, hairlines, rows that are never split, headings that come again."""

from collections.abc import Sequence
from typing import Any

from docx.document import Document
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.shared import Mm
from docx.table import Table, _Cell, _Row

HAIRLINE, RULE = "B3B3B3", "333333"


def add_table(document: Document, rows: int, widths: Sequence[float], rtl: bool) -> Table:
    """Add a table without lines whose columns have these widths in mm; rows are never split."""
    table: Table = document.add_table(rows, len(widths))
    table.autofit = False
    properties = table._tbl.tblPr
    for name, attributes in (
        ("w:tblCellMar", None),
        ("w:tblW", {"w:w": str(round(sum(widths) * 56.7)), "w:type": "dxa"}),
    ):
        for old in properties.findall(qn(name)):
            properties.remove(old)
        element = OxmlElement(name)
        for key, value in (attributes or {}).items():
            element.set(qn(key), value)
        properties.append(element)
    margins = properties.find(qn("w:tblCellMar"))
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "40")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    if rtl:
        properties.append(OxmlElement("w:bidiVisual"))
    _ordered(properties)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Mm(width)
        _flag(row, "w:cantSplit")
    return table


def repeat_row(row: _Row) -> None:
    """Let a row come again at the top of every page."""
    _flag(row, "w:tblHeader")


def line_below(cell: _Cell, colour: str, eighths: int) -> None:
    """Draw a line below a cell, as thick as so many eighths of a point."""
    _border(cell, ("bottom",), colour, eighths)


def boxed(cell: _Cell, colour: str = RULE) -> None:
    """Draw a box round a cell."""
    _border(cell, ("top", "left", "bottom", "right"), colour, 6)


def shaded(cell: _Cell, fill: str) -> None:
    """Give a cell a ground."""
    shade = OxmlElement("w:shd")
    for attribute, value in (("val", "clear"), ("color", "auto"), ("fill", fill)):
        shade.set(qn(f"w:{attribute}"), value)
    properties = cell._tc.get_or_add_tcPr()
    properties.append(shade)
    _ordered_cell(properties)


def _border(cell: _Cell, sides: Sequence[str], colour: str, eighths: int) -> None:
    borders = OxmlElement("w:tcBorders")
    for side in sides:
        line = OxmlElement(f"w:{side}")
        for attribute, value in (("val", "single"), ("sz", str(eighths)), ("space", "0"), ("color", colour)):
            line.set(qn(f"w:{attribute}"), value)
        borders.append(line)
    properties = cell._tc.get_or_add_tcPr()
    properties.append(borders)
    _ordered_cell(properties)


def _flag(row: _Row, name: str) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement(name))


#: Order of the properties in the schema: Word takes a file with another order for damaged.
_TABLE = ("tblStyle", "bidiVisual", "tblW", "jc", "tblBorders", "tblLayout", "tblCellMar", "tblLook")
_CELL = ("tcW", "gridSpan", "vMerge", "tcBorders", "shd", "tcMar", "vAlign")


def _ordered(properties: Any, order: Sequence[str] = _TABLE) -> None:
    known = {qn(f"w:{name}"): place for place, name in enumerate(order)}
    children = sorted(list(properties), key=lambda child: known.get(child.tag, 99))
    for child in children:
        properties.append(child)


def _ordered_cell(properties: Any) -> None:
    _ordered(properties, _CELL)
