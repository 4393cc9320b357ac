"""Paper typed in twice: the two entries compared cell by cell, and what differs held back."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from manyi.readers.decoding.code_cells import MASKED
from manyi.readers.platforms.entry import ENTRY, code_of
from manyi.readers.platforms.source import NUMERIC, SourceTable
from manyi_instruments.definitions.questionnaire import Item
from manyi_instruments.faults import Fault, Place
from manyi_instruments.forms.entry.names import DEFINITION, ENTRIES, SCHOOL, SERIAL

#: Table of what differs, a row a cell.
DISAGREEMENTS = (
    *("role", "serial", "school", "item", "column", "first", "second"),
    *("first_file", "first_row", "second_file", "second_row"),
)
_TYPES = {name: "int64" if name.endswith("_row") else "str" for name in DISAGREEMENTS}
#: Joins both entries of a cell that is held back.
BETWEEN = " ‖ "
#: Disagreements told one by one; the table holds all.
_TOLD = 30

_Key = tuple[str, str]


@dataclass(slots=True)
class Entries:
    """What comparing gave.

    Attributes
    ----------
    changed : dict
        File -> its table with held cells and rows set aside; files nothing changes are not there.
    disagreements : DataFrame
        ``DISAGREEMENTS``.
    faults : list of Fault
        One error a disagreement, up to 30; ``entries-compared`` counts them all; rows entered once.
    """

    changed: dict[str, SourceTable] = field(default_factory=dict)
    disagreements: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=pd.Index(DISAGREEMENTS)).astype(_TYPES)
    )
    faults: list[Fault] = field(default_factory=list)


def compare_entries(tables: Mapping[str, SourceTable], role_id: str, secret: Item | None = None) -> Entries:
    """Compare the entries of the same questionnaires in all entry sheets of a role.

    Parameters
    ----------
    tables : Mapping
        File -> its table, in the order read; tables of other platforms are left alone.
    role_id : str
        Stands in the column ``role``.
    secret : Item, optional
        The item of self-generated codes, of which no entry is shown.

    Returns
    -------
    Entries
        Rows are the same questionnaire if serial number and school agree, or if the serial number does and
        stands once in each. The first entry is that in a sheet ``entry1``, then that of the earlier file. A
        cell that differs shows both entries in the first and is held back; the row of the second entry is
        set aside as ``row-second-entry``. A row of a sheet ``entry2`` that no first entry has is set aside
        as ``row-entry-unpaired``, and so are all rows of a serial number that stands twice in one sheet.

    Notes
    -----
    Cells are compared as what they mean: ``3`` and ``3.0`` agree, as do full and half width and texts that
    differ in blanks only.
    """
    sheets = [_Sheet.of(name, table) for name, table in tables.items() if table.source == ENTRY.name]
    found = Entries()
    if not sheets:
        return found
    sheets.sort(key=lambda sheet: sheet.second)
    for sheet in sheets:
        sheet.set_twice_aside(found)
    work = _Comparison(role_id, found, secret.id if secret is not None else "")
    for place, sheet in enumerate(sheets):
        for earlier in sheets[:place]:
            work.compare(earlier, sheet)
    firsts = any(len(sheet.cells) for sheet in sheets if not sheet.second)
    for sheet in sheets:
        sheet.set_alone_aside(found, firsts, len(work.pairs) > 0)
    work.finish()
    found.changed = {sheet.name: sheet.changed() for sheet in sheets if sheet.is_changed}
    return found


@dataclass(slots=True)
class _Sheet:
    """One sheet under way: its cells by the code of the column, and what is to be changed in it."""

    name: str
    table: SourceTable
    cells: pd.DataFrame
    rows: "pd.Series[int]"
    columns: dict[str, str]
    second: bool
    paired: set[int] = field(default_factory=set)
    aside: "defaultdict[str, list[int]]" = field(default_factory=lambda: defaultdict(list))
    held: dict[tuple[int, str], str] = field(default_factory=dict)
    masked: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, name: str, table: SourceTable) -> "_Sheet":
        raw = table.raw
        pairs = zip(map(str, raw.cells.columns), raw.headings, strict=True)
        columns = {code_of(heading): column for column, heading in pairs if code_of(heading)}
        cells = raw.cells.reset_index(drop=True)
        return cls(name, table, cells, raw.rows, columns, raw.sheet == ENTRIES[1])

    def numbered(self) -> Iterator[tuple[int, _Key]]:
        """Yield the rows not set aside that have a serial number, and serial number and school of each."""
        aside = {row for rows in self.aside.values() for row in rows}
        serial = [_meaning(cell) for cell in self.cells[self.columns[SERIAL]]]
        school = [_meaning(cell) for cell in self.cells[self.columns[SCHOOL]]]
        for at, key in enumerate(zip(serial, school, strict=True)):
            if key[0] and at not in aside:
                yield at, key

    def place(self, at: int, column: str = "") -> Place:
        """Return where a row, or a cell of it, stands."""
        return Place(
            file=self.table.raw.path.name, sheet=self.table.raw.sheet, row=int(self.rows[at]), field=column
        )

    def set_twice_aside(self, found: Entries) -> None:
        """Set all rows of a serial number aside that stands twice with one school."""
        rows: defaultdict[_Key, list[int]] = defaultdict(list)
        for at, key in self.numbered():
            rows[key].append(at)
        for (serial, school), several in rows.items():
            if len(several) > 1:
                self.aside["row-serial-twice"] += several
                listed = "、".join(str(int(self.rows[at])) for at in several)
                details = {"serial": serial, "school": school, "rows": listed}
                found.faults.append(Fault("serial-twice", self.place(several[0]), details))

    def set_alone_aside(self, found: Entries, firsts: bool, compared: bool) -> None:
        """Set rows of the second sheet aside that no first entry has; tell rows that were entered once."""
        alone = [(at, key[0]) for at, key in self.numbered() if at not in self.paired]
        if not alone or not (compared or (self.second and firsts)):
            return
        serials = "、".join(serial for _, serial in alone[:20]) + ("…" if len(alone) > 20 else "")
        details = {"n": len(alone), "serials": serials}
        if self.second and firsts:
            self.aside["row-entry-unpaired"] += [at for at, _ in alone]
            found.faults.append(Fault("entries-unpaired", self.place(alone[0][0]), details))
        else:
            found.faults.append(Fault("entered-once", self.place(alone[0][0]), details, "warning"))

    @property
    def is_changed(self) -> bool:
        return bool(self.aside or self.held)

    def changed(self) -> SourceTable:
        """Return the table with held cells and rows set aside."""
        raw = self.table.raw
        cells = raw.cells.copy()
        held: dict[str, Fault] = {}
        for (at, column), text in self.held.items():
            cells.iloc[at, cells.columns.get_loc(column)] = text  # type: ignore[index]
            first, _, second = text.partition(BETWEEN)
            if column in self.masked:
                first = second = MASKED
            held[text] = Fault("entries-disagree", details={"first": first, "second": second})
        aside = {code: tuple(int(self.rows[at]) for at in rows) for code, rows in self.aside.items()}
        return replace(
            self.table,
            raw=replace(raw, cells=cells),
            held={**self.table.held, **held},
            set_aside={**self.table.set_aside, **aside},
        )


@dataclass(slots=True)
class _Comparison:
    """The pairs of rows found, and what differs in them."""

    role_id: str
    found: Entries
    secret: str = ""
    pairs: list[tuple[int, int]] = field(default_factory=list)
    records: list[tuple[object, ...]] = field(default_factory=list)
    told: list[Fault] = field(default_factory=list)
    cells: int = 0

    def compare(self, first: _Sheet, second: _Sheet) -> None:
        """Compare two sheets, column by column over the rows that are the same questionnaire."""
        pairs = _pairs(first, second)
        if not pairs:
            return
        left, right = (list(side) for side in zip(*pairs, strict=True))
        first.paired |= set(left)
        second.paired |= set(right)
        second.aside["row-second-entry"] += right
        self.pairs += pairs
        for code, column in first.columns.items():
            if code in (SERIAL, DEFINITION) or code not in second.columns:
                continue
            ours = first.cells[column].iloc[left].tolist()
            theirs = second.cells[second.columns[code]].iloc[right].tolist()
            self.cells += len(ours)
            differ = [_meaning(one) != _meaning(other) for one, other in zip(ours, theirs, strict=True)]
            for at in np.flatnonzero(differ).tolist():
                self.disagree(first, left[at], second, right[at], code)

    def disagree(self, first: _Sheet, left: int, second: _Sheet, right: int, code: str) -> None:
        """Note one cell that differs, and hold it back."""
        column = first.columns[code]
        ours = str(first.cells[column].iloc[left]).strip()
        theirs = str(second.cells[second.columns[code]].iloc[right]).strip()
        first.held[left, column] = f"{ours}{BETWEEN}{theirs}"
        if code == self.secret:
            ours, theirs = MASKED, MASKED
            first.masked.add(column)
        serial = str(first.cells[first.columns[SERIAL]].iloc[left]).strip()
        school = str(first.cells[first.columns[SCHOOL]].iloc[left]).strip()
        item = "" if code == SCHOOL else code.split("/")[0].removesuffix("__text")
        rows = (first.name, int(first.rows[left]), second.name, int(second.rows[right]))
        self.records.append((self.role_id, serial, school, item, code, ours, theirs, *rows))
        details = {"serial": serial, "column": code, "first": ours or "·", "second": theirs or "·"}
        where = {"other": second.name, "row": rows[3]}
        self.told.append(Fault("entry-disagrees", first.place(left, code), {**details, **where}))

    def finish(self) -> None:
        """Order what differs, and tell how much."""
        if self.records:
            frame = pd.DataFrame(self.records, columns=pd.Index(DISAGREEMENTS)).astype(_TYPES)
            by_row = frame.sort_values(["first_file", "first_row"], kind="stable", ignore_index=True)
            self.found.disagreements = by_row
        told = sorted(self.told, key=lambda fault: (fault.place.file, fault.place.row or 0))
        self.found.faults += told[:_TOLD]
        if self.pairs:
            n = len(self.records)
            share = f"{100 * n / self.cells:.2f}" if self.cells else "0"
            counted = {"n": n, "cells": self.cells, "pairs": len(self.pairs), "share": share}
            details: dict[str, object] = {**counted, "role": self.role_id}
            self.found.faults.append(Fault("entries-compared", Place(), details, "warning"))


def _pairs(first: _Sheet, second: _Sheet) -> list[tuple[int, int]]:
    """Return the rows of two sheets that are one questionnaire, in the order of the first."""
    theirs = {key: at for at, key in second.numbered()}
    pairs = [(at, theirs.pop(key)) for at, key in first.numbered() if key in theirs]
    done = {at for at, _ in pairs}
    ours: defaultdict[str, list[int]] = defaultdict(list)
    for at, (serial, _) in first.numbered():
        if at not in done:
            ours[serial].append(at)
    left: defaultdict[str, list[int]] = defaultdict(list)
    for (serial, _), at in theirs.items():
        left[serial].append(at)
    alone = [
        (rows[0], left[serial][0])
        for serial, rows in ours.items()
        if len(rows) == 1 and len(left.get(serial, ())) == 1
    ]
    return sorted(pairs + alone)


def _meaning(cell: object) -> str:
    """Return what a cell means, for comparing: half width, blanks joined, numbers without idle zeros.

    >>> _meaning(" ３.0 "), _meaning("a  b"), _meaning("0102")
    ('3', 'a b', '0102')
    """
    text = " ".join(unicodedata.normalize("NFKC", str(cell)).split())
    if NUMERIC.fullmatch(text) and "." in text:
        return text.rstrip("0").rstrip(".")
    return text
