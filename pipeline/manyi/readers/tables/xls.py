"""Workbooks of Excel 97–2003 (``.xls``), which 问卷星 gave out for years."""

import datetime
import io
from pathlib import Path
from typing import TYPE_CHECKING

from manyi.readers.tables.sheet import Merged, Rows, Sheet, is_empty
from manyi_instruments.faults import Fault, FileUnreadable, Place

if TYPE_CHECKING:
    import xlrd

_VISIBLE = 0


def read_xls(path: Path, data: bytes, wanted: str | None) -> Sheet:
    """Read one sheet of an ``.xls`` workbook with xlrd.

    Not with the reader of ``.xlsx``: that one drops error values and, on a damaged file, asks for memory
    until the process ends.

    Parameters
    ----------
    path : Path
        Named in faults only.
    data : bytes
        The file's bytes.
    wanted : str or None
        Sheet to read; the first visible one with cells by default.

    Returns
    -------
    Sheet
        Formulas as they were last calculated, error values as their text (``#N/A``).

    Raises
    ------
    FileUnreadable
        ``file-password``, ``file-workbook-damaged``, ``file-sheet-missing`` or ``file-empty``.
    """
    import xlrd

    place = Place(file=path.name)
    try:
        book = xlrd.open_workbook(
            file_contents=data, logfile=io.StringIO(), formatting_info=True, on_demand=True
        )
        return _chosen(path, book, wanted)
    except FileUnreadable:
        raise
    # A damaged file makes xlrd fail wherever the damage is: index, key, struct, decoding, assertion.
    except Exception as error:
        if "encrypt" in str(error).lower() or "password" in str(error).lower():
            raise FileUnreadable(Fault("file-password", place, {"file": path.name})) from None
        reason = str(error).strip().rstrip(".") or type(error).__name__
        details = {"file": path.name, "reason": reason}
        raise FileUnreadable(Fault("file-workbook-damaged", place, details)) from None


def _chosen(path: Path, book: "xlrd.book.Book", wanted: str | None) -> Sheet:
    names = book.sheet_names()
    if wanted is not None and wanted not in names:
        details = {"file": path.name, "sheet": wanted, "sheets": "、".join(names)}
        raise FileUnreadable(Fault("file-sheet-missing", Place(file=path.name), details))
    sheets = [book.sheet_by_name(name) for name in ([wanted] if wanted is not None else names)]
    visible = [sheet for sheet in sheets if sheet.visibility == _VISIBLE] or sheets
    found: list[tuple[xlrd.sheet.Sheet, Rows]] = []
    for sheet in visible:
        rows = _rows(book, sheet)
        if rows:
            found.append((sheet, rows))
    if not found:
        raise FileUnreadable(Fault("file-empty", Place(file=path.name), {"file": path.name}))
    sheet, rows = found[0]
    # xlrd gives the first row and column and those behind the last.
    merged: list[Merged] = [
        (top, bottom - 1, left, right - 1) for top, bottom, left, right in sheet.merged_cells
    ]
    return Sheet(sheet.name, rows, tuple(merged), tuple(other.name for other, _ in found[1:]))


def _rows(book: "xlrd.book.Book", sheet: "xlrd.sheet.Sheet") -> Rows:
    rows: Rows = [
        [
            _cell(book, kind, value)
            for kind, value in zip(sheet.row_types(row), sheet.row_values(row), strict=True)
        ]
        for row in range(sheet.nrows)
    ]
    while rows and is_empty(rows[-1]):
        rows.pop()
    return rows


def _cell(book: "xlrd.book.Book", kind: int, value: object) -> object:
    import xlrd

    if kind == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(value, "#ERROR"))
    if kind == xlrd.XL_CELL_BOOLEAN:
        return bool(value)
    if kind == xlrd.XL_CELL_DATE and isinstance(value, float):
        return _moment(value, book.datemode)
    return value if isinstance(value, float) else str(value)


def _moment(value: float, datemode: int) -> object:
    """Return a date, a time of day, or both; the number itself where it is none."""
    import xlrd

    try:
        moment = xlrd.xldate_as_datetime(value, datemode)
    except (xlrd.XLDateError, OverflowError, ValueError):
        return value
    if value < 1:
        return moment.time()
    return moment.date() if moment.time() == datetime.time() else moment
