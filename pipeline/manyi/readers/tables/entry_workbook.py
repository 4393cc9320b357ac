"""The tables of a file of answers: one, but for an entry workbook, which holds two entries."""

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd

from manyi.readers.tables.package import Package
from manyi.readers.tables.raw_table import RawTable, read_table
from manyi_instruments.faults import FileUnreadable
from manyi_instruments.forms.definition_mark import read_definition_mark
from manyi_instruments.forms.entry.names import ABOUT, CODES, DEFINITION, ENTRIES

_SHEET = re.compile(rb"""<(?:\w+:)?sheet\s[^>]*?\bname=["']([^"']*)["']""")
_BEHIND = "#"


def answer_tables(path: Path | str) -> dict[str, RawTable]:
    """Return the tables of a file by what is put behind the file's name to tell them apart.

    Parameters
    ----------
    path : Path or str
        Any file ``read_table`` reads.

    Returns
    -------
    dict
        ``""`` -> the table. Of an entry workbook ``""`` -> sheet ``entry1`` and ``#entry2`` -> the other one,
        those that hold rows, each with a column ``definition`` that repeats the hash of the workbook.

    Raises
    ------
    FileUnreadable
        As ``read_table``; ``file-header-only`` for an entry workbook nobody typed into.
    """
    path = Path(path)
    if not is_entry_workbook(path):
        return {"": read_table(path)}
    tables: dict[str, RawTable] = {}
    empty: FileUnreadable | None = None
    for number, sheet in enumerate(ENTRIES):
        try:
            table = read_table(path, sheet)
        except FileUnreadable as error:
            if [fault.code for fault in error.faults] != ["file-header-only"]:
                raise
            empty = error
            continue
        tables["" if number == 0 else f"{_BEHIND}{sheet}"] = _defined(table, _definition(path))
    if not tables and empty is not None:
        raise empty
    return tables


def is_entry_workbook(path: Path) -> bool:
    """Return whether a file is a workbook with the four sheets of an entry workbook."""
    try:
        data = path.read_bytes()
        if not data.startswith(b"PK"):
            return False
        book = Package(path, data).read("xl/workbook.xml")
    except (OSError, FileUnreadable, KeyError):
        return False
    names = {name.decode("utf-8", "replace") for name in _SHEET.findall(book)}
    return {*ENTRIES, CODES, ABOUT} <= names


def file_of(name: str) -> str:
    """Return the name of the file a table stands in.

    >>> file_of("pupils-entry.xlsx#entry2"), file_of("a#b.csv")
    ('pupils-entry.xlsx', 'a#b.csv')
    """
    file, _, sheet = name.rpartition(_BEHIND)
    return file if file and sheet in ENTRIES else name


def _definition(path: Path) -> str:
    """Return the hash of the definition the workbook was made from; empty where it does not tell."""
    try:
        about = read_table(path, ABOUT)
    except FileUnreadable:
        return ""
    cells = [*about.headings, *about.cells.astype(str).to_numpy().ravel().tolist()]
    marks = filter(None, map(read_definition_mark, cells))
    return next((mark.hash for mark in marks), "")


def _defined(table: RawTable, definition: str) -> RawTable:
    """Return a table with the column of its definition, without the warning of other sheets."""
    faults = tuple(fault for fault in table.faults if fault.code != "file-other-sheets")
    if not definition or DEFINITION in table.cells.columns:
        return replace(table, faults=faults)
    filled = table.cells.apply(lambda column: column.str.strip() != "").any(axis=1)
    column = pd.Series(definition, index=table.cells.index, dtype="str").where(filled, "")
    cells = table.cells.assign(**{DEFINITION: column})
    return replace(table, headings=(*table.headings, DEFINITION), cells=cells, faults=faults)
