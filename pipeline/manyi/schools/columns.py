"""Which column of a school table is which: headings matched by id, title or other known spellings."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pandas as pd

from manyi.readers.tables.headings import fold
from manyi.study.definition import Schools
from manyi_instruments.faults import Fault, Place
from manyi_instruments.standards.definition import Column, Standard

_UNIT = re.compile(r"^(?P<base>.+?)[(\[【](?:单位[::]?|unit:?)?(?P<unit>[^()\[\]【】]+)[)\]】]$")
#: Titles, dates and notes stand above the headings of many tables; further down than this they do not.
_HIGHEST_HEADING_ROW = 10


@dataclass(frozen=True, slots=True)
class MatchedColumns:
    """Headings of a school table and what they are.

    Attributes
    ----------
    headings : dict
        Name in the school table (``school``, ``stage``, ``t_key`` …) -> column of the file.
    factors : dict
        Name -> factor that turns the unit the heading names into the standard's.
    units : dict
        Name -> the unit named, where it is another than the standard's.
    faults : tuple of Fault
        Warnings: a heading that could be a column already found, a unit that is not known.
    """

    headings: dict[str, str]
    factors: dict[str, float] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()


def match_columns(
    columns: Sequence[str], schools: Schools, standard: Standard | None, file: str
) -> MatchedColumns:
    """Find the columns of the school table among those of a file.

    Parameters
    ----------
    columns : sequence of str
        Columns of the file.
    schools : Schools
        What ``study.yaml`` says: its own headings come first.
    standard : Standard or None
        Its column ids, titles in every language and other headings, in this order.
    file : str
        Name shown in places.
    """
    found = _Found(file)
    by_fold: dict[str, str] = {}
    for column in columns:
        by_fold.setdefault(fold(column), column)
    own = {"school": schools.code, "school_name": schools.name, **_renamed(schools, standard)}
    for name, heading in own.items():
        if fold(heading) in by_fold:
            found.take(name, by_fold[fold(heading)], None, None)
    if standard is None:
        for name in ("stage", "pupils"):
            if name in by_fold:
                found.take(name, by_fold[name], None, None)
    else:
        _match_standard(found, columns, standard)
    return MatchedColumns(found.headings, found.factors, found.units, tuple(found.faults))


def heading_row(cells: pd.DataFrame, schools: Schools, standard: Standard | None) -> int | None:
    """Return the position of the row that holds the headings, for a table with titles above them.

    Parameters
    ----------
    cells : DataFrame of str
        Rows below the file's first row.
    schools, standard
        As in :func:`match_columns`.

    Returns
    -------
    int or None
        Position in ``cells``; None where no row has a heading for the school's code.
    """
    for position in range(min(len(cells), _HIGHEST_HEADING_ROW)):
        headings = [str(cell) for cell in cells.iloc[position] if str(cell).strip()]
        if "school" in match_columns(headings, schools, standard, "").headings:
            return position
    return None


def _renamed(schools: Schools, standard: Standard | None) -> dict[str, str]:
    return {
        standard.frame_name(name) if standard is not None else name: heading
        for name, heading in schools.columns.items()
    }


class _Found:
    """Columns found so far; a column of the file is taken once."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.headings: dict[str, str] = {}
        self.factors: dict[str, float] = {}
        self.units: dict[str, str] = {}
        self.faults: list[Fault] = []

    def take(self, name: str, heading: str, unit: str | None, column: Column | None) -> None:
        if name in self.headings or heading in self.headings.values():
            return
        self.headings[name] = heading
        if unit is None or column is None:
            return
        factors = {fold(other): factor for other, factor in column.units.items()}
        if unit in factors:
            self.factors[name], self.units[name] = factors[unit], unit
        elif column.unit is not None and unit not in {fold(text) for text in column.unit.values()}:
            own = " / ".join(column.unit.values())
            place = Place(self.file, field=heading)
            self.faults.append(Fault("school-unit-unknown", place, {"unit": unit, "own": own}, "warning"))


def _match_standard(found: _Found, columns: Sequence[str], standard: Standard) -> None:
    plain = {column: fold(column) for column in columns}
    for rank in range(3):
        for name, column in standard.columns.items():
            spellings = {fold(text) for text in _ranked(name, column)[rank]}
            for heading, unit in _candidates(plain, spellings):
                found.take(standard.frame_name(name), heading, unit, column)
    taken = set(found.headings.values())
    names = {
        fold(text): name
        for name, column in standard.columns.items()
        for part in _ranked(name, column)
        for text in part
    }
    for heading, folded in plain.items():
        match = _UNIT.match(folded)
        known = names.get(folded) or (names.get(match["base"]) if match else None)
        if known is not None and heading not in taken:
            used = found.headings.get(standard.frame_name(known), "")
            place = Place(found.file, field=heading)
            found.faults.append(
                Fault("school-heading-twice", place, {"heading": heading, "used": used}, "warning")
            )


def _ranked(name: str, column: Column) -> tuple[tuple[str, ...], ...]:
    """Return the spellings of a column, the surest first."""
    return (name,), tuple(column.title.values()), column.headings


def _candidates(plain: dict[str, str], spellings: set[str]) -> Iterator[tuple[str, str | None]]:
    """Yield the columns with one of the spellings, those that name a unit after the others."""
    yield from ((heading, None) for heading, folded in plain.items() if folded in spellings)
    for heading, folded in plain.items():
        match = _UNIT.match(folded)
        if match and match["base"] in spellings and folded not in spellings:
            yield heading, match["unit"]
