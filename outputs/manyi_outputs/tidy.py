"""The result tables as CSV files at full precision, and back."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from manyi_instruments.faults import Fault, FileUnreadable, Place
from manyi_outputs.files import write_whole

#: Excel takes a file for UTF-8 only where it begins with a byte-order mark.
ENCODING = "utf-8-sig"
#: A mark of a quoted text beside something else in one field.
_STRAY = re.compile(r'"[^",\n]|[^",\n]"')
_INTEGER = re.compile(r"-?\d+")
_TRUTH = {"True": True, "False": False}
_Type = Literal["str", "bool", "boolean", "int64", "Int64", "float64"]
Record = dict[str, Any]


def write_tables(folder: Path, tables: Mapping[str, pd.DataFrame]) -> tuple[Path, ...]:
    """Write every result table as ``<name>.csv``.

    Words stand in quotation marks and numbers do not, so that a school code ``0102`` stays text when read
    back; a missing value is nothing at all. Numbers carry every digit of the float64. Rows stay in the order
    of the table.

    Parameters
    ----------
    folder : Path
        Made where absent.
    tables : Mapping
        Name -> table.

    Returns
    -------
    tuple of Path
        The files, in the order of their names.

    Raises
    ------
    ManyiError
        ``output-not-writable``.
    """
    written = []
    for name, table in sorted(tables.items()):
        path = folder / f"{name}.csv"
        lines = [",".join(_quoted(str(column)) for column in table.columns)]
        columns = [[_field(value) for value in table[column].tolist()] for column in table.columns]
        lines += [",".join(fields) for fields in zip(*columns, strict=True)]
        write_whole(path, ("\n".join(lines) + "\n").encode(ENCODING))
        written.append(path)
    return tuple(written)


def rows_of(frame: pd.DataFrame) -> list[Record]:
    """Return the rows of a table, column -> value, in plain Python values."""
    return _rows({str(column): frame[column].tolist() for column in frame.columns})


class StoredTables(Mapping[str, pd.DataFrame]):
    """The result tables of a folder, each read, and taken apart into rows, when it is looked at first.

    They have the columns, rows and types of what `write_tables` wrote.

    Parameters
    ----------
    folder : Path

    Raises
    ------
    FileUnreadable
        ``table-not-readable``, when a table is looked at whose file is cut short or not such a table.
    """

    def __init__(self, folder: Path) -> None:
        self._paths = {path.stem: path for path in sorted(folder.glob("*.csv"))}
        self._read: dict[str, pd.DataFrame] = {}
        self._rows: dict[str, list[Record]] = {}

    def rows(self, name: str) -> list[Record]:
        """Return what `rows_of` a table returns, the same at every call: not to be changed."""
        if name not in self._rows:
            columns = _columns(self._paths[name])
            self._rows[name] = _rows({column: values for column, (_, values) in columns.items()})
        return self._rows[name]

    def __getitem__(self, name: str) -> pd.DataFrame:
        """Return a table; ``KeyError`` where there is none of that name."""
        if name not in self._read:
            self._read[name] = read_table(self._paths[name])
        return self._read[name]

    def __contains__(self, name: object) -> bool:
        """Return whether there is a table of that name, without reading it."""
        return name in self._paths

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names."""
        return iter(self._paths)

    def __len__(self) -> int:
        """Return how many tables there are."""
        return len(self._paths)


def read_table(path: Path) -> pd.DataFrame:
    """Read back one table.

    Raises
    ------
    FileUnreadable
        ``table-not-readable``.
    """
    columns = _columns(path)
    return pd.DataFrame({name: pd.Series(values, dtype=kind) for name, (kind, values) in columns.items()})


def _field(value: object) -> str:
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return ""
    return repr(value) if isinstance(value, bool | int | float) else _quoted(str(value))


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _rows(columns: Mapping[str, list[Any]]) -> list[Record]:
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _columns(path: Path) -> dict[str, tuple[_Type, list[Any]]]:
    """Return type and values of every column of a file, missing ones as pandas gives them back."""
    try:
        text = path.read_text(encoding=ENCODING).replace("\r\n", "\n")
        width, marks, fields = _fields(text)
        names = fields[:width]
        return {
            name: _typed(marks[width + at :: width], fields[width + at :: width])
            for at, name in enumerate(names)
        }
    except (OSError, ValueError) as error:
        details = {"file": path.name, "error": str(error)}
        raise FileUnreadable(Fault("table-not-readable", Place(file=str(path)), details)) from error


def _fields(text: str) -> tuple[int, list[str], list[str]]:
    """Return the number of columns and, row after row, each field as it stands and what is written in it.

    Of a field in quotation marks only marks stand in the first list: one, and one more for each inside it.
    """
    # Between marks every other piece is outside; what is inside may hold commas and ends of lines.
    pieces = text.split('"')
    bare = '"'.join(pieces[::2])
    if len(pieces) % 2 == 0 or _STRAY.search(bare):
        raise ValueError("a quotation mark stands where none can")
    lines = bare.split("\n")
    if lines.pop():
        raise ValueError("the last line is cut short")
    width = lines[0].count(",") + 1 if lines else 0
    if any(line.count(",") != width - 1 for line in lines):
        raise ValueError("a line has more or fewer fields than the first")
    marks = ",".join(lines).split(",") if lines else []
    inside = iter(pieces[1::2])
    written = [
        next(inside) if mark == '"' else '"'.join([next(inside) for _ in mark]) if mark[:1] == '"' else mark
        for mark in marks
    ]
    return width, marks, written


def _typed(marks: Sequence[str], fields: Sequence[str]) -> tuple[_Type, list[Any]]:
    """Return a column's type, that its fields were written from, and its values."""
    there = [mark for mark in marks if mark]
    whole = len(there) == len(marks)
    if any(mark[0] == '"' for mark in there):
        nothing = float("nan")
        return "str", [field if mark else nothing for mark, field in zip(marks, fields, strict=True)]
    if there and all(value in _TRUTH for value in there):
        return "bool" if whole else "boolean", [_TRUTH.get(value, pd.NA) for value in fields]
    if there and all(map(_INTEGER.fullmatch, there)):
        return "int64" if whole else "Int64", [int(value) if value else pd.NA for value in fields]
    return "float64", [float(value) if value else float("nan") for value in fields]
