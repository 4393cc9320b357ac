"""Reading a file of answers or schools as a table of text, whatever program wrote it."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi.readers.tables.column import Column, encode_repeating, encoded
from manyi.readers.tables.delimited import read_delimited
from manyi.readers.tables.dictionary import FileDictionary
from manyi.readers.tables.json_records import read_json_records
from manyi.readers.tables.statistics_file import read_statistics_file, statistics_format
from manyi.readers.tables.workbook import read_workbook
from manyi_instruments.faults import Fault, FileUnreadable, Place

_WORKBOOK_STARTS = (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_OTHER_FORMATS = {
    b"%PDF": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"Rar!": "RAR",
    b"7z\xbc\xaf": "7z",
    b"\x1f\x8b": "gzip",
    b"PAR1": "Parquet",
    b"SQLite format 3": "SQLite",
}


@dataclass(frozen=True, slots=True)
class RawTable:
    """A table as it stands in a file, every cell as text.

    Attributes
    ----------
    path : Path
        The file.
    sheet : str
        The worksheet read; empty for delimited text.
    headings : tuple of str
        Headings as read, in order; a heading may repeat or be empty.
    cells : DataFrame
        One row a row of the file below the headings (empty rows kept, empty rows at the end not), one
        column a heading, every cell a ``str`` (``""`` for empty). Column names are the headings made
        unique: a heading that repeats is followed by `` (1)``, `` (2)`` …, a column without a heading is
        named ``#`` and its number.
    encoding : str
        ``utf-8``, ``utf-8-sig``, ``utf-16``, ``utf-16-le``, ``utf-16-be``, ``gb18030`` or ``workbook``; of a
        statistics file the encoding of its texts.
    sha256 : str
        Digest of the file's bytes.
    first_data_row : int
        Row number, as a spreadsheet shows it, of ``cells``' first row.
    faults : tuple of Fault
        Warnings: repeated headings, rows of another length, sheets that were not read.
    dictionary : FileDictionary or None
        Labels, missing values and response sets of an SPSS or Stata file.
    heading_rows : int
        Rows of headings; where more than one, ``headings`` are ``group—row``.
    delimiter : str
        What separates the cells of delimited text, ``json`` for a list of objects; else empty.
    size : int
        Bytes.
    numbers : (n,) array or None
        Row numbers of a table that is in no file; None where rows follow each other from ``first_data_row``.
    """

    path: Path
    sheet: str
    headings: tuple[str, ...]
    cells: pd.DataFrame
    encoding: str
    sha256: str
    first_data_row: int
    faults: tuple[Fault, ...] = ()
    dictionary: FileDictionary | None = None
    heading_rows: int = 1
    delimiter: str = ""
    size: int = 0
    numbers: NDArray[np.int64] | None = field(default=None, compare=False)
    _columns: dict[str, Column] = field(init=False, default_factory=dict, repr=False, compare=False)

    def column(self, name: str) -> Column:
        """Return one column of ``cells`` as its different cells, found once and kept."""
        if name not in self._columns:
            self._columns[name] = encoded(self.cells[name])
        return self._columns[name]

    @property
    def rows(self) -> "pd.Series[int]":
        """Return the row number of every row of ``cells``, as a spreadsheet shows it."""
        if self.numbers is not None:
            return pd.Series(self.numbers, dtype="int64")
        return pd.Series(range(self.first_data_row, self.first_data_row + len(self.cells)), dtype="int64")

    def has_row(self, row: int) -> bool:
        """Return whether there is a row of that number."""
        if self.numbers is not None:
            return bool((self.numbers == row).any())
        return self.first_data_row <= row < self.first_data_row + len(self.cells)

    def cell(self, row: int, column: str) -> str:
        """Return one cell by its spreadsheet row and its column name."""
        if self.numbers is not None:
            return str(self.cells[column].iloc[int(np.flatnonzero(self.numbers == row)[0])])
        return str(self.cells[column].iloc[row - self.first_data_row])


def read_table(path: Path | str, sheet: str | None = None) -> RawTable:
    """Read a table; what the file is is told by its bytes, not by its extension.

    Parameters
    ----------
    path : Path or str
        Delimited text (``,`` ``;`` TAB or ``|``; UTF-8 with or without a byte order mark, UTF-16, GB18030),
        JSON (a list of objects, see ``read_json_records``),
        ``.xlsx``, ``.xlsm``, ``.xls``, SPSS ``.sav``, ``.zsav`` and ``.por``, Stata ``.dta``.
    sheet : str, optional
        Worksheet of a workbook; the first one that holds something by default.

    Returns
    -------
    RawTable
        Numbers of a workbook that are whole are ``"3"``, dates are ISO 8601.

    Raises
    ------
    FileUnreadable
        ``file-missing``, ``file-is-folder``, ``file-denied``, ``file-empty``, ``file-header-only``,
        ``file-binary``, ``file-other-format``, ``file-encoding``, ``file-password``, ``file-html``,
        ``file-encodings-mixed``, ``file-nul-bytes``, ``file-line-too-long``, ``file-delimiter-unknown``,
        ``file-workbook-damaged``, ``file-workbook-bomb``, ``file-too-many-cells``, ``file-too-many-columns``,
        ``file-sheet-missing``, ``file-quote-open``, ``statistics-file-damaged``,
        ``statistics-file-encoding``, ``statistics-file-password`` or ``file-too-large``.
    """
    path = Path(path)
    data = _read_bytes(path)
    _refuse_other_formats(path, data)
    statistics = statistics_format(data)
    if statistics is not None:
        content = read_statistics_file(path, data, statistics)
    elif data.startswith(_WORKBOOK_STARTS):
        content = read_workbook(path, data, sheet)
    else:
        content = read_json_records(path, data) or read_delimited(path, data)
    names, twice = unique_names(content.headings)
    cells = content.cells
    cells.columns = pd.Index(names)
    faults = [
        *content.faults,
        *(
            Fault(
                "file-heading-twice",
                Place(file=path.name, sheet=content.sheet, field=heading),
                {"heading": heading, "n": n, "first": f"{heading} (1)"},
                "warning",
            )
            for heading, n in twice.items()
        ),
    ]
    table = RawTable(
        path=path,
        sheet=content.sheet,
        headings=content.headings,
        cells=cells,
        encoding=content.encoding,
        sha256=hashlib.sha256(data).hexdigest(),
        first_data_row=content.first_data_row,
        faults=tuple(faults),
        dictionary=content.dictionary,
        heading_rows=content.heading_rows,
        delimiter=content.delimiter,
        size=len(data),
    )
    table._columns.update(encode_repeating(cells))
    return table


def unique_names(headings: Sequence[str]) -> tuple[tuple[str, ...], dict[str, int]]:
    """Return a name of its own for every column, and the headings that repeat with their counts.

    >>> unique_names(["a", "b", "a", ""])
    (('a (1)', 'b', 'a (2)', '#4'), {'a': 2})
    """
    counts = Counter(heading.strip() for heading in headings if heading.strip())
    taken = {heading for heading in headings if counts[heading.strip()] == 1}
    copies: Counter[str] = Counter()
    names = []
    for number, heading in enumerate(headings, start=1):
        plain = heading.strip()
        if counts[plain] == 1:
            names.append(heading)
            continue
        base = plain or f"#{number}"
        name = base
        while name in taken or (plain and not copies[plain]) or name == plain:
            copies[base] += 1
            name = f"{base} ({copies[base]})"
        taken.add(name)
        names.append(name)
    return tuple(names), {heading: n for heading, n in counts.items() if n > 1}


def _read_bytes(path: Path) -> bytes:
    place = Place(file=path.name)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise FileUnreadable(Fault("file-missing", place, {"file": str(path)})) from None
    except (IsADirectoryError, NotADirectoryError):
        raise FileUnreadable(Fault("file-is-folder", place, {"file": str(path)})) from None
    except OSError as error:
        # Windows answers "permission denied" for a folder.
        code = "file-is-folder" if path.is_dir() else "file-denied"
        details = {"file": str(path), "reason": error.strerror or type(error).__name__}
        raise FileUnreadable(Fault(code, place, details)) from None
    if not data.lstrip(b"\x00\t\r\n\x1a ,;\xef\xbb\xbf\xff\xfe"):
        raise FileUnreadable(Fault("file-empty", place, {"file": path.name}))
    return data


def _refuse_other_formats(path: Path, data: bytes) -> None:
    place = Place(file=path.name)
    for start, name in _OTHER_FORMATS.items():
        if data.startswith(start):
            raise FileUnreadable(Fault("file-other-format", place, {"file": path.name, "format": name}))
    opening = data[:4096].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    marks = (b"<html", b"<!doctype", b"<table", b"<?xml", b"<head", b"<meta", b"<workbook")
    if opening.startswith(marks):
        raise FileUnreadable(Fault("file-html", place, {"file": path.name}))
