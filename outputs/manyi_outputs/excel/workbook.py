"""The workbook of the appendix, the same bytes for the same tables."""

import io
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from openpyxl import Workbook
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from manyi_outputs.appendix import Numbered, appendix
from manyi_outputs.appendix.records import Tables
from manyi_outputs.context import Context
from manyi_outputs.excel.paper import Paper, Styles
from manyi_outputs.excel.sheet import fill, page
from manyi_outputs.excel.type import TITLE_SIZE, height_of, lines_of
from manyi_outputs.files import write_whole

_LINK = "FF0B5394"
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\]")
#: The time every part of the file carries: a workbook of the same numbers is the same file.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_STAMPS = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</)")


def write_appendix(path: Path, tables: Tables, context: Context) -> tuple[Numbered, ...]:
    """Write the appendix: a contents sheet with links, then a sheet a table.

    Parameters
    ----------
    path : Path
        The ``.xlsx`` file.
    tables : Mapping
        Name -> tidy result table.
    context : Context
        Language and titles.

    Returns
    -------
    tuple of Numbered
        The tables written, with their numbers.

    Raises
    ------
    ManyiError
        ``output-not-writable``.
    """
    numbered = appendix(tables, context)
    write_workbook(path, numbered, context)
    return numbered


def write_workbook(path: Path, numbered: Sequence[Numbered], context: Context) -> None:
    """Write tables as a workbook: a contents sheet with links, then a sheet a table.

    Parameters
    ----------
    path : Path
        The ``.xlsx`` file.
    numbered : sequence of Numbered
        The tables with their numbers.
    context : Context
        Language and titles.

    Raises
    ------
    ManyiError
        ``output-not-writable``.
    """
    workbook = Workbook()
    contents = cast(Worksheet, workbook.active)
    contents.title = _name(context.words("table.contents"))
    styles = Styles()
    _contents(Paper(contents, styles), numbered, context)
    for entry in numbered:
        fill(Paper(workbook.create_sheet(_name(entry.label)), styles), entry, context)
    workbook.properties.title = context.title
    workbook.properties.creator = "manyi"
    workbook.properties.language = context.language
    buffer = io.BytesIO()
    workbook.save(buffer)
    write_whole(path, _timeless(buffer.getvalue()))


def _name(label: str) -> str:
    """Return a sheet name a workbook allows."""
    return _NOT_IN_NAMES.sub("-", label)[:31]


def _contents(paper: Paper, numbered: Sequence[Numbered], context: Context) -> None:
    words, sheet = context.words, paper.sheet
    for letter, width in {"A": 16, "B": 84, "C": 10}.items():
        sheet.column_dimensions[letter].width = width
    paper.put(1, 1, context.title, size=TITLE_SIZE + 3.5, bold=True, align="center")
    sheet.merge_cells("A1:C1")
    sheet.row_dimensions[1].height = height_of(lines_of(context.title, 70), TITLE_SIZE + 3.5) + 12
    for column, key in enumerate(("table.sheets", "table.names", "table.rows"), start=1):
        paper.put(2, column, words(key), bold=True, align="left" if column < 3 else "center")
    paper.rule(2, 1, 3, top=True, heavy=True)
    paper.rule(2, 1, 3, top=False, heavy=False)
    for row, entry in enumerate(numbered, start=3):
        for column, text in enumerate((entry.label, entry.table.title), start=1):
            cell = paper.put(row, column, text, color=_LINK)
            cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{_name(entry.label)}'!A1")
        paper.put(row, 3, "", align="center").value = entry.table.body
        sheet.row_dimensions[row].height = height_of(lines_of(entry.table.title, 84)) + 3
    paper.rule(max(2, len(numbered) + 2), 1, 3, top=False, heavy=True)
    sheet.freeze_panes = "A3"
    page(sheet, context, words("table.contents"))


def _timeless(content: bytes) -> bytes:
    """Return the same workbook without the moment it was saved at."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            if entry.filename == "docProps/core.xml":
                data = _STAMPS.sub(rb"\g<1>1980-01-01T00:00:00Z\g<2>", data)
            stamped = zipfile.ZipInfo(entry.filename, date_time=_EPOCH)
            stamped.compress_type = zipfile.ZIP_DEFLATED
            stamped.external_attr = 0o644 << 16
            new.writestr(stamped, data)
    return made.getvalue()
