"""A data set as an Excel workbook: sheets of data, its codebook, and what the file holds and leaves out."""

import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from unicodedata import east_asian_width

import pandas as pd

from manyi_instruments.timeless import without_times
from manyi_outputs.data_files.about import about_lines
from manyi_outputs.data_files.codebook import codebook_table
from manyi_outputs.data_files.data_set import DataSet
from manyi_outputs.data_files.formulas import legible
from manyi_outputs.files import write_whole
from manyi_outputs.wording import wording

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.styles import Alignment
    from openpyxl.worksheet.worksheet import Worksheet

#: Rows of a sheet, the headings counted, and signs of a cell: limits of the format.
MOST_ROWS, MOST_SIGNS = 1_048_576, 32_767
#: Widths of the columns of the codebook and of the sheet about the file.
_CODEBOOK_WIDTHS = (24, 60, 8, 10, 50, 40, 10, 6, 8, 8, 8, 40, 8, 8, 12)
_DATA_WIDTH, _ABOUT_WIDTHS = 12, (36, 90)
#: Height in points of a line in the font that openpyxl writes.
_LINE = 14.5


def write_data_workbook(path: Path, data: DataSet, most_rows: int = MOST_ROWS) -> None:
    """Write the rows as numbers and words, a sheet a million rows, then the codebook.

    Words that begin like a formula are stored as words. Sheets are streamed, so that memory does not grow
    with the rows.

    Parameters
    ----------
    path : Path
        The ``.xlsx`` file.
    data : DataSet
    most_rows : int
        Rows of a sheet, the headings counted.

    Raises
    ------
    ManyiError
        ``output-not-writable``.
    """
    from openpyxl import Workbook

    words = wording(data.language)
    workbook = Workbook(write_only=True)
    name = words("export.sheet_data")
    step = most_rows - 1
    for number, start in enumerate(range(0, max(len(data.frame), 1), step), start=1):
        part = data.frame.iloc[start : start + step]
        sheet = name if number == 1 else f"{name} {number}"
        _sheet(workbook, sheet, part, [_DATA_WIDTH] * part.shape[1])
    _sheet(workbook, words("export.sheet_codebook"), codebook_table(data), _CODEBOOK_WIDTHS, wrapped=True)
    _sheet(workbook, words("export.sheet_about"), _about(data), _ABOUT_WIDTHS, wrapped=True)
    workbook.properties.title = legible(data.title)
    workbook.properties.creator = "manyi"
    workbook.properties.language = data.language
    made = io.BytesIO()
    workbook.save(made)
    write_whole(path, without_times(made.getvalue()))


def _about(data: DataSet) -> pd.DataFrame:
    return pd.DataFrame(about_lines(data), columns=["", " "], dtype="string")


def _sheet(
    workbook: "Workbook", title: str, frame: pd.DataFrame, widths: Sequence[float], wrapped: bool = False
) -> None:
    """Add a sheet with its headings in bold, which stay in sight; wrapped, long words on several lines."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    sheet = cast("Worksheet", workbook.create_sheet(title))
    sheet.freeze_panes = "B2"
    for number, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    headings = []
    for name in frame.columns:
        cell = WriteOnlyCell(sheet, legible(str(name)))
        cell.font = Font(bold=True)
        headings.append(cell)
    sheet.append(headings)
    lines = Alignment(wrap_text=True, vertical="top") if wrapped else None
    for number, height in enumerate(_heights(frame, widths) if wrapped else (), start=2):
        # Programs do not agree on fitting rows of their own accord.
        sheet.row_dimensions[number].height = height
    for row in zip(*(_cells(frame[name], sheet, lines) for name in frame.columns), strict=True):
        sheet.append(row)


def _heights(frame: pd.DataFrame, widths: Sequence[float]) -> list[float]:
    """Return the height in points that each row needs."""
    columns = [
        [math.ceil(sum(2 if east_asian_width(sign) in "WF" else 1 for sign in str(value)) / (width - 1))
         for value in frame[name]]
        for name, width in zip(frame.columns, widths, strict=True)
    ]  # fmt: skip
    return [_LINE * max(1, *lines) + 2 for lines in zip(*columns, strict=True)]


def _cells(series: "pd.Series", sheet: "Worksheet", lines: "Alignment | None") -> list[Any]:
    """Return what the format can hold: numbers, words, nothing."""
    values = series.tolist()
    if lines is not None or pd.api.types.is_string_dtype(series.dtype):
        known = {value: _cell(value, sheet, lines) for value in series.dropna().unique().tolist()}
        values = [known.get(value) for value in values]
    return [None if absent else value for value, absent in zip(values, series.isna(), strict=True)]


def _cell(value: Any, sheet: "Worksheet", lines: "Alignment | None") -> Any:
    """Return a value, or a cell where it has a look, or where openpyxl would take words for a formula."""
    from openpyxl.cell import WriteOnlyCell

    kept = legible(value)[:MOST_SIGNS] if isinstance(value, str) else value
    formula = isinstance(kept, str) and kept.startswith(("=", "#"))
    if lines is None and not formula:
        return kept
    cell = WriteOnlyCell(sheet, kept)
    if formula:
        cell.data_type = "s"
    if lines is not None:
        cell.alignment = lines
    return cell
