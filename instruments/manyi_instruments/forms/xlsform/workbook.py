"""XLSForm sheets as an Excel workbook, the same bytes for the same form."""

from io import BytesIO
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from manyi_instruments.forms.xlsform.sheets import Sheet, XlsForm
from manyi_instruments.timeless import EPOCH, without_times

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
    return without_times(written.getvalue())


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
