"""Excel workbooks: the sheet that holds the data, its cells as the text a person would type."""

from pathlib import Path

import pandas as pd

from manyi.readers.tables.delimited import MOST_COLUMNS, Content
from manyi.readers.tables.headings import SAMPLE_ROWS, find_headings
from manyi.readers.tables.sheet import cell_texts, is_empty
from manyi_instruments.faults import Fault, FileUnreadable, Place

# An xlsx with a password is an OLE file that holds a stream of this name.
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def read_workbook(path: Path, data: bytes, sheet: str | None) -> Content:
    """Read one sheet of an ``.xlsx``, ``.xlsm`` or ``.xls`` workbook.

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
        Titles above the headings are passed over and headings in several rows are joined, each with a
        warning. Rows and columns that are empty at the end are not part of the table.

    Raises
    ------
    FileUnreadable
        ``file-password``, ``file-workbook-damaged``, ``file-workbook-bomb``, ``file-too-many-cells``,
        ``file-too-many-columns``, ``file-other-format``, ``file-sheet-missing``, ``file-empty`` or
        ``file-header-only``.
    """
    if _ENCRYPTED in data:
        raise FileUnreadable(Fault("file-password", Place(file=path.name), {"file": path.name}))
    if data.startswith(b"PK"):
        from manyi.readers.tables.xlsx import read_xlsx

        found = read_xlsx(path, data, sheet)
    else:
        from manyi.readers.tables.xls import read_xls

        found = read_xls(path, data, sheet)
    place = Place(file=path.name, sheet=found.name)
    top = [cell_texts(row) for row in found.rows[:SAMPLE_ROWS]]
    headings = find_headings(top, found.merged)
    body = found.rows[headings.last + 1 :]
    columns = [cell_texts(column) for column in zip(*body, strict=True)]
    width = max(len(headings.texts), len(columns))
    texts = [*headings.texts, *[""] * (width - len(headings.texts))]
    while columns and not texts[-1].strip() and not any(cell.strip() for cell in columns[-1]):
        columns.pop()
        texts.pop()
    if not columns or all(is_empty(row) for row in body):
        counted: dict[str, object] = {"file": path.name, "columns": sum(bool(text.strip()) for text in texts)}
        raise FileUnreadable(Fault("file-header-only", place, counted))
    if len(columns) > MOST_COLUMNS:
        counted = {"file": path.name, "columns": len(columns), "most": MOST_COLUMNS}
        raise FileUnreadable(Fault("file-too-many-columns", place, counted))
    cells = pd.DataFrame({number: column for number, column in enumerate(columns)}, dtype="str")
    faults = list(headings.faults(path, found.name))
    if found.others:
        details = {"sheet": found.name, "others": "、".join(found.others)}
        faults.append(Fault("file-other-sheets", place, details, "warning"))
    return Content(
        tuple(texts),
        cells,
        "workbook",
        headings.last + 2,
        found.name,
        tuple(faults),
        heading_rows=headings.last - headings.first + 1,
    )
