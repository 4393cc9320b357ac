"""XLSForm sheets as an Excel workbook, the same bytes for the same form."""

import zipfile
from datetime import datetime
from io import BytesIO
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from manyi_instruments.forms.xlsform.sheets import Sheet, XlsForm

#: The time every generated workbook bears: it says nothing, and the same form gives the same file.
EPOCH = datetime(1980, 1, 1)

WIDTHS = {"type": 30, "name": 18, "list_name": 30, "relevant": 28, "constraint": 40}
HEADING_FILL = PatternFill("solid", fgColor="DCE6F1")


def xlsform_bytes(form: XlsForm) -> bytes:
    """Return an XLSForm as the content of an ``.xlsx`` file."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, sheet in (("survey", form.survey), ("choices", form.choices), ("settings", form.settings)):
        _fill(book.create_sheet(name), sheet)
    book.properties.creator = "manyi"
    book.properties.created = EPOCH
    written = BytesIO()
    book.save(written)
    return _without_times(written.getvalue())


def write_xlsform(form: XlsForm, path: Path) -> None:
    """Write an XLSForm as an ``.xlsx`` file."""
    path.write_bytes(xlsform_bytes(form))


def _fill(worksheet: Worksheet, sheet: Sheet) -> None:
    """Write headings and rows as text: a label that begins with ``=`` is no formula."""
    for number, row in enumerate((sheet.columns, *sheet.rows), start=1):
        for column, text in enumerate(row, start=1):
            if not text:
                continue
            cell = worksheet.cell(number, column)
            cell.value = text
            cell.data_type = "s"
            cell.number_format = "@"
            cell.alignment = Alignment(vertical="top", wrap_text=True)
            if number == 1:
                cell.font, cell.fill = Font(bold=True), HEADING_FILL
    for column, heading in enumerate(sheet.columns, start=1):
        worksheet.column_dimensions[get_column_letter(column)].width = WIDTHS.get(
            heading, 44 if "label" in heading else 24
        )
    worksheet.freeze_panes = "C2" if len(sheet.rows) > 1 else "A2"


def _without_times(content: bytes) -> bytes:
    """Return the archive with every time set to ``EPOCH``: openpyxl stamps the moment of saving."""
    written = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "docProps/core.xml":
                part = _core_without_times(part)
            new.writestr(zipfile.ZipInfo(name, EPOCH.timetuple()[:6]), part, zipfile.ZIP_DEFLATED)
    return written.getvalue()


def _core_without_times(core: bytes) -> bytes:
    """Return the document properties with the time of saving replaced by ``EPOCH``."""
    start = core.index(b">", core.index(b"<dcterms:modified")) + 1
    end = core.index(b"</dcterms:modified>", start)
    return core[:start] + EPOCH.strftime("%Y-%m-%dT%H:%M:%SZ").encode("ascii") + core[end:]
