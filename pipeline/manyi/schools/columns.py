"""Which column of a school table is which: headings matched by id, title or other known spellings."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pandas as pd

from manyi.readers.tables.headings import JOIN, fold
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
    named : frozenset of str
        Names whose unit the heading or ``study.yaml`` names.
    faults : tuple of Fault
        Warnings: a heading that could be a column already found, a unit that is not known.
    """

    headings: dict[str, str]
    factors: dict[str, float] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    named: frozenset[str] = frozenset()
    faults: tuple[Fault, ...] = ()


def described_columns(standard: Standard) -> dict[str, Column]:
    """Return what a school table can hold by the standard: its columns, and its facts of schools.

    A yes-no fact stands as a column of 1 and 0.
    """
    facts = {
        name: Column(title=fact.title, unit=fact.unit, blank=fact.blank, minimum=None)
        for name, fact in standard.facts.items()
        if fact.level == "school" and name not in standard.columns
    }
    return {**standard.columns, **facts}


def heading_below(joined: str, schools: Schools, standard: Standard | None) -> str:
    """Return the heading a joined one stands for: its last row, or the group above where that tells more.

    ``校舍面积—教学及辅助用房面积—计`` is the group's own number; ``教学仪器设备资产值—万元`` names the unit
    below the heading; ``教学及辅助用房面积—其中：体育馆`` is a part.
    """
    rows = [row.strip() for row in joined.split(JOIN) if row.strip()]
    units = {
        fold(unit)
        for column in (standard.columns.values() if standard is not None else ())
        for unit in (*column.units, *(column.unit.values() if column.unit is not None else ()))
    }
    unit = ""
    while len(rows) > 1:
        last = fold(rows[-1])
        bare = last.strip("()[]【】").removeprefix("单位:").removeprefix("unit:")
        if bare in units:
            unit = f"({bare})"
        elif not any(fold(word).endswith(last) for word in schools.totals):
            # 计 alone is 合计 cut short.
            break
        rows.pop()
    name = rows[-1] if rows else joined.strip()
    for word in schools.parts:
        if fold(name).startswith(fold(word)):
            name = fold(name)[len(fold(word)) :].lstrip(":、,")
    return name + unit


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
        _units_given(found, schools, standard)
    return MatchedColumns(
        found.headings, found.factors, found.units, frozenset(found.named), tuple(found.faults)
    )


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
        self.named: set[str] = set()
        self.faults: list[Fault] = []

    def take(self, name: str, heading: str, unit: str | None, column: Column | None) -> None:
        if name in self.headings or heading in self.headings.values():
            return
        self.headings[name] = heading
        if unit is not None and column is not None:
            self.convert(name, unit, column)

    def convert(self, name: str, unit: str, column: Column) -> None:
        """Take a column's numbers as being in a unit."""
        heading = self.headings[name]
        self.named.add(name)
        factors = {fold(other): factor for other, factor in column.units.items()}
        if unit in factors:
            self.factors[name], self.units[name] = factors[unit], unit
        elif column.unit is not None and unit not in {fold(text) for text in column.unit.values()}:
            own = " / ".join(column.unit.values())
            place = Place(self.file, field=heading)
            self.faults.append(Fault("school-unit-unknown", place, {"unit": unit, "own": own}, "warning"))


def _match_standard(found: _Found, columns: Sequence[str], standard: Standard) -> None:
    plain = {column: fold(column) for column in columns}
    described = described_columns(standard)
    for rank in range(3):
        for name, column in described.items():
            spellings = {fold(text) for text in _ranked(name, column)[rank]}
            for heading, unit in _candidates(plain, spellings, column):
                found.take(standard.frame_name(name), heading, unit, column)
    taken = set(found.headings.values())
    names = {
        fold(text): name
        for name, column in described.items()
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


def _units_given(found: _Found, schools: Schools, standard: Standard) -> None:
    """Let the units of ``study.yaml`` stand over those of the headings."""
    for name, unit in schools.units.items():
        at = standard.frame_name(name)
        if name in standard.columns and at in found.headings:
            found.factors.pop(at, None)
            found.units.pop(at, None)
            found.convert(at, fold(unit), standard.columns[name])


def _candidates(
    plain: dict[str, str], spellings: set[str], column: Column
) -> Iterator[tuple[str, str | None]]:
    """Yield the columns with one of the spellings, those that name a unit after the others."""
    yield from ((heading, None) for heading, folded in plain.items() if folded in spellings)
    own = column.unit.values() if column.unit is not None else ()
    units = {fold(unit) for unit in (*column.units, *own)}
    for heading, folded in plain.items():
        if folded in spellings:
            continue
        match = _UNIT.match(folded)
        if match and match["base"] in spellings:
            yield heading, match["unit"]
        else:
            # The unit without brackets: 教学仪器设备资产值万元, 教学仪器设备资产值:万元.
            for spelling in spellings:
                rest = folded.removeprefix(spelling).strip(":,;/_-") if folded.startswith(spelling) else ""
                if rest in units:
                    yield heading, rest
