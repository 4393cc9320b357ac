"""The result tables as CSV files at full precision, and back."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from manyi_instruments.faults import Fault, FileUnreadable, Place
from manyi_outputs.files import write_whole

#: Excel takes a file for UTF-8 only where it begins with a byte-order mark.
ENCODING = "utf-8-sig"
_FIELD = re.compile(r'("(?:[^"]|"")*"|[^",\n]*)(,|\n|\Z)')
_INTEGER = re.compile(r"-?\d+")
_TRUTH = {"True": True, "False": False}


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


def read_tables(folder: Path) -> dict[str, pd.DataFrame]:
    """Read back what `write_tables` wrote: the same columns, rows and types.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    dict
        Name -> table; empty where the folder has none.

    Raises
    ------
    FileUnreadable
        ``table-not-readable``: a file of the folder is cut short or not such a table.
    """
    return {path.stem: read_table(path) for path in sorted(folder.glob("*.csv"))}


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table, column -> value, in plain Python values."""
    names = [str(column) for column in frame.columns]
    columns = [frame[column].tolist() for column in frame.columns]
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


class StoredTables(Mapping[str, pd.DataFrame]):
    """The result tables of a folder, each read, and taken apart into rows, when it is looked at first.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder: Path) -> None:
        self._paths = {path.stem: path for path in sorted(folder.glob("*.csv"))}
        self._read: dict[str, pd.DataFrame] = {}
        self._rows: dict[str, list[dict[str, Any]]] = {}

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Return the rows of a table, the same at every call: not to be changed."""
        if name not in self._rows:
            self._rows[name] = rows_of(self[name])
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
    try:
        text = path.read_text(encoding=ENCODING).replace("\r\n", "\n")
        header, *rows = list(_rows(text))
        names = [_word(field) for field in header]
        columns = zip(*rows, strict=True) if rows else ([] for _ in names)
        return pd.DataFrame({name: _series(fields) for name, fields in zip(names, columns, strict=True)})
    except (OSError, ValueError) as error:
        details = {"file": path.name, "error": str(error)}
        raise FileUnreadable(Fault("table-not-readable", Place(file=str(path)), details)) from error


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


def _rows(text: str) -> Iterator[list[str]]:
    """Yield the fields of each line, quotation marks still on."""
    # At the end of the text the pattern finds an empty field more.
    found = _FIELD.findall(text)[:-1]
    if sum(len(field) + len(end) for field, end in found) != len(text):
        raise ValueError("a quotation mark stands where none can")
    fields: list[str] = []
    for field, end in found:
        fields.append(field)
        if end != ",":
            yield fields
            fields = []
    if fields:
        raise ValueError("the last line is cut short")


def _word(field: str) -> str:
    return field[1:-1].replace('""', '"') if field[:1] == '"' else field


def _series(fields: Iterable[str]) -> "pd.Series":
    """Return a column of the type its fields were written from."""
    values = list(fields)
    there = [value for value in values if value]
    whole = len(there) == len(values)
    if any(value.startswith('"') for value in there):
        return pd.Series([_word(value) if value else None for value in values], dtype="str")
    if there and all(value in _TRUTH for value in there):
        return pd.Series([_TRUTH.get(value) for value in values], dtype="bool" if whole else "boolean")
    if there and all(_INTEGER.fullmatch(value) for value in there):
        numbers = [int(value) if value else None for value in values]
        return pd.Series(numbers, dtype="int64" if whole else "Int64")
    return pd.Series([float(value) if value else float("nan") for value in values], dtype="float64")
