"""Answers as JSON: a list of objects, one a response, or one object a line."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from manyi.readers.tables.delimited import Content
from manyi_instruments.faults import Fault, FileUnreadable, Place

#: What ``RawTable.delimiter`` says of such a file.
JSON = "json"
#: Joins the answers of a list in one cell, and the names of an object within an object.
SEPARATOR, PATH = ", ", "."


def read_json_records(path: Path, data: bytes) -> Content | None:
    """Read a list of objects as a table.

    Parameters
    ----------
    path : Path
        Named in faults only.
    data : bytes
        The file's bytes.

    Returns
    -------
    Content or None
        A column a name, in the order of first appearance; of an object within an object one a name of it
        (``matrix.row``); the values of a list joined by ``, ``. Rows are numbered from 2, as below headings.
        None where the bytes are no JSON of this form.

    Raises
    ------
    FileUnreadable
        ``file-header-only`` where the list is empty.
    """
    opening = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not opening.startswith((b"[", b"{")):
        return None
    records = _records(data)
    if records is None:
        return None
    if not records:
        details: dict[str, object] = {"file": path.name, "columns": 0}
        raise FileUnreadable(Fault("file-header-only", Place(file=path.name), details))
    rows = [dict(_cells(record)) for record in records]
    headings = tuple(dict.fromkeys(name for row in rows for name in row))
    cells = pd.DataFrame([[row.get(name, "") for name in headings] for row in rows], dtype="object")
    return Content(headings, cells, "utf-8", 2, delimiter=JSON)


def _records(data: bytes) -> list[dict[str, object]] | None:
    try:
        text = data.decode("utf-8-sig")
        try:
            found = json.loads(text)
        except json.JSONDecodeError:
            found = [json.loads(line) for line in text.splitlines() if line.strip()]
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        return None
    listed = found if isinstance(found, list) else [found]
    return listed if all(isinstance(one, dict) for one in listed) else None


def _cells(record: Mapping[str, object], before: str = "") -> Iterator[tuple[str, str]]:
    for name, value in record.items():
        if isinstance(value, dict):
            yield from _cells(value, f"{before}{name}{PATH}")
        else:
            yield f"{before}{name}", _cell(value)


def _cell(value: object) -> str:
    if isinstance(value, list):
        return SEPARATOR.join(map(_cell, value))
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)
