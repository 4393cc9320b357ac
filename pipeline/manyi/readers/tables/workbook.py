"""Excel workbooks: the sheet that holds the data, its cells as the text a person would type."""

import datetime
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

from manyi.readers.tables.delimited import Content
from manyi_instruments.faults import Fault, FileUnreadable, Place

# An xlsx with a password is an OLE file that holds a stream of this name.
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_ERROR_CELL = b't="e"'
_EXACT = float(2**53)

Rows = list[list[object]]


def read_workbook(path: Path, data: bytes, sheet: str | None) -> Content:
    """Read one sheet of an ``.xlsx`` or ``.xls`` workbook.

    Parameters
    ----------
    path : Path
        Named in faults only.
    data : bytes
        The file's bytes.
    sheet : str or None
        Sheet to read; the first visible one with cells by default.

    Returns
    -------
    Content
        The first row with a cell is the headings. Rows and columns that are empty at the end are not
        part of the table.

    Raises
    ------
    FileUnreadable
        ``file-password``, ``file-workbook-damaged``, ``file-sheet-missing``, ``file-empty`` or
        ``file-header-only``.
    """
    place = Place(file=path.name)
    if _ENCRYPTED in data:
        raise FileUnreadable(Fault("file-password", place, {"file": path.name}))
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        name, rows, others = _choose_sheet(path, workbook, sheet)
    except PasswordError:
        raise FileUnreadable(Fault("file-password", place, {"file": path.name})) from None
    except (CalamineError, OSError, ValueError) as error:
        if "password" in str(error).lower() or "encrypt" in str(error).lower():
            raise FileUnreadable(Fault("file-password", place, {"file": path.name})) from None
        details = {"file": path.name, "reason": str(error).strip().rstrip(".")}
        raise FileUnreadable(Fault("file-workbook-damaged", place, details)) from None
    header = next(index for index, row in enumerate(rows) if not _is_empty(row))
    _restore_lost_cells(data, name, rows)
    columns = [cell_texts(column) for column in zip(*rows[header:], strict=True)]
    while columns and not any(cell.strip() for cell in columns[-1]):
        columns.pop()
    headings = tuple(column[0] for column in columns)
    if len(rows) == header + 1:
        counted: dict[str, object] = {"file": path.name, "columns": len(headings)}
        raise FileUnreadable(Fault("file-header-only", Place(file=path.name, sheet=name), counted))
    cells = pd.DataFrame({number: column[1:] for number, column in enumerate(columns)}, dtype="str")
    faults: tuple[Fault, ...] = ()
    if others:
        details = {"sheet": name, "others": "、".join(others)}
        faults = (Fault("file-other-sheets", Place(file=path.name, sheet=name), details, "warning"),)
    return Content(headings, cells, "workbook", header + 2, name, faults)


def cell_texts(column: Sequence[object]) -> list[str]:
    """Return the cells of one column as text: whole numbers without a fraction, dates in ISO 8601.

    >>> cell_texts([3.0, 3.5, "007", True, datetime.date(2024, 1, 2), ""])
    ['3', '3.5', '007', 'TRUE', '2024-01-02', '']
    """
    kinds = set(map(type, column))
    if kinds == {float}:
        numbers = np.asarray(column, dtype=np.float64)
        if bool(np.all((numbers == np.trunc(numbers)) & (np.abs(numbers) < _EXACT))):
            texts: list[str] = numbers.astype(np.int64).astype(str).tolist()
            return texts
    if kinds <= {str}:
        return [str(cell) for cell in column]
    known: dict[object, str] = {}
    texts = []
    for cell in column:
        # True == 1.0 and both hash alike: the type belongs to the key.
        key = (type(cell), cell)
        if key not in known:
            known[key] = _cell_text(cell)
        texts.append(known[key])
    return texts


def _cell_text(cell: object) -> str:
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, (datetime.date, datetime.time)):
        return cell.isoformat()
    return str(cell)


def _is_empty(row: Sequence[object]) -> bool:
    return all(isinstance(cell, str) and not cell.strip() for cell in row)


def _choose_sheet(
    path: Path, workbook: CalamineWorkbook, wanted: str | None
) -> tuple[str, Rows, tuple[str, ...]]:
    """Return name and rows of the sheet to read, and the names of other visible sheets with cells."""
    names = list(workbook.sheet_names)
    if wanted is not None and wanted not in names:
        details = {"file": path.name, "sheet": wanted, "sheets": "、".join(names)}
        raise FileUnreadable(Fault("file-sheet-missing", Place(file=path.name), details))
    visible = [
        meta.name for meta in workbook.sheets_metadata if meta.visible == SheetVisibleEnum.Visible
    ] or names
    found: list[tuple[str, Rows]] = []
    others = []
    for name in [wanted] if wanted is not None else visible:
        sheet = workbook.get_sheet_by_name(name)
        if sheet.end is None:
            continue
        if found:
            others.append(name)
            continue
        rows: Rows = [list(row) for row in sheet.to_python(skip_empty_area=False)]
        while rows and _is_empty(rows[-1]):
            rows.pop()
        if rows:
            found.append((name, rows))
    if not found:
        raise FileUnreadable(Fault("file-empty", Place(file=path.name), {"file": path.name}))
    return (*found[0], tuple(others))


def _restore_lost_cells(data: bytes, sheet: str, rows: Rows) -> None:
    """Put error values (``#N/A``) and formulas that were never calculated where the reader left a blank.

    A blank there would pass for "no answer"; as text it is refused and listed.
    """
    if not data.startswith(b"PK") or not _has_lost_cells(data):
        return
    from openpyxl import load_workbook

    workbook = load_workbook(io.BytesIO(data), read_only=True, data_only=False)
    computed = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    pairs = zip(workbook[sheet].iter_rows(), computed[sheet].iter_rows(), strict=True)
    for formulas, values in pairs:
        for formula, value in zip(formulas, values, strict=False):
            if formula.value is None or formula.data_type not in ("e", "f"):
                continue
            row, column = int(formula.row or 0) - 1, int(formula.column or 0) - 1
            if row < len(rows) and column < len(rows[row]) and rows[row][column] == "":
                rows[row][column] = str(value.value if value.value is not None else formula.value)
    workbook.close()
    computed.close()


def _has_lost_cells(data: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if not name.startswith("xl/worksheets/sheet"):
                continue
            tail = b""
            with archive.open(name) as part:
                while chunk := part.read(1 << 20):
                    text = tail + chunk
                    if _ERROR_CELL in text or b"</f></c>" in text or b"<v></v>" in text or b"<v/>" in text:
                        return True
                    if b"<v />" in text:
                        return True
                    tail = chunk[-16:]
    return False
