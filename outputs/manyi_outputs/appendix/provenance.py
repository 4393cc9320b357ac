"""Numbers that remember which result table, row and column they stand in.

A builder reads result tables and lays numbers out; it never names where they came from. While an appendix is
traced it is given `SourcedTables`: the same tables, whose numbers carry their place with them, through the
sums and differences of the builder into the cell. What is printed and what is traced are made by one code.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

#: Longer accounts of a calculation are cut: a total of many rows is named by its sources.
_LONGEST = 120


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """A place in a result table.

    Parameters
    ----------
    table : str
        Name, as in ``results/tables/<name>.csv``.
    row : int
        1 for the first row below the headings.
    column : str
    """

    table: str
    row: int
    column: str


class Sourced:
    """What a number with a known place adds: its origins, and a formula where it was calculated."""

    origins: tuple[Origin, ...]
    formula: str


class SourcedFloat(float, Sourced):
    """A float that knows where it stands."""

    def __new__(cls, value: float, origins: tuple[Origin, ...], formula: str = "") -> SourcedFloat:
        """Return the number with its places."""
        made = super().__new__(cls, value)
        made.origins, made.formula = origins, formula
        return made


class SourcedInt(int, Sourced):
    """An int that knows where it stands."""

    def __new__(cls, value: int, origins: tuple[Origin, ...], formula: str = "") -> SourcedInt:
        """Return the number with its places."""
        made = super().__new__(cls, value)
        made.origins, made.formula = origins, formula
        return made


def as_float(value: Any) -> float:
    """Return ``float(value)``, its place kept where it has one."""
    if isinstance(value, SourcedFloat):
        return value
    if isinstance(value, SourcedInt):
        return SourcedFloat(float(int(value)), value.origins, value.formula)
    return float(value)


def as_int(value: Any) -> int:
    """Return ``int(value)``, its place kept where it has one."""
    if isinstance(value, SourcedInt):
        return value
    if isinstance(value, SourcedFloat):
        return SourcedInt(int(float(value)), value.origins, value.formula)
    return int(value)


def _name(value: object) -> str:
    if not isinstance(value, Sourced):
        return f"{value:g}" if isinstance(value, float) else str(value)
    return value.formula or value.origins[0].column


def _operand(value: object) -> str:
    name = _name(value)
    return f"({name})" if " " in name and not name.endswith(")") else name


def _formula(sign: str, parts: tuple[object, ...]) -> str:
    if len(parts) == 1:
        return f"|{_name(parts[0])}|" if sign == "||" else f"{sign}{_operand(parts[0])}"
    total, added = _name(parts[0]), _name(parts[1])
    if sign == "+" and total in (added, f"sum({added})"):
        return f"sum({added})"
    return f" {sign} ".join(map(_operand, parts))


def _calculated(sign: str, parts: tuple[object, ...], result: object) -> object:
    if not isinstance(result, float | int) or isinstance(result, bool):
        return result
    known = (part for part in parts if isinstance(part, Sourced))
    origins = tuple(dict.fromkeys(origin for part in known for origin in part.origins))
    formula = _formula(sign, parts)
    formula = formula if len(formula) <= _LONGEST else f"{formula[:_LONGEST]} …"
    return SourcedFloat(float(result), origins, formula)


def _binary(plain: Callable[[Any, Any], Any], sign: str, reflected: bool) -> Callable[[Any, object], object]:
    def calculate(self: Any, other: object) -> object:
        if not isinstance(other, float | int):
            return NotImplemented
        parts = (other, self) if reflected else (self, other)
        # Nothing added is nothing calculated: a sum begins with 0.
        if sign == "+" and not isinstance(other, Sourced) and other == 0:
            return as_float(self)
        return _calculated(sign, parts, plain(*(_plain(part) for part in parts)))

    return calculate


def _unary(plain: Callable[[Any], Any], sign: str) -> Callable[[Any], object]:
    return lambda self: _calculated(sign, (self,), plain(_plain(self)))


def _plain(value: object) -> object:
    if isinstance(value, SourcedInt):
        return int(value)
    return float(value) if isinstance(value, SourcedFloat) else value


_SIGNS: tuple[tuple[str, Callable[[Any, Any], Any], str], ...] = (
    ("add", operator.add, "+"),
    ("sub", operator.sub, "−"),
    ("mul", operator.mul, "×"),
    ("truediv", operator.truediv, "÷"),
)
for _number in (SourcedFloat, SourcedInt):
    for _method, _function, _sign in _SIGNS:
        setattr(_number, f"__{_method}__", _binary(_function, _sign, reflected=False))
        setattr(_number, f"__r{_method}__", _binary(_function, _sign, reflected=True))
    _number.__neg__ = _unary(operator.neg, "−")  # type: ignore[method-assign, assignment]
    _number.__abs__ = _unary(abs, "||")  # type: ignore[method-assign, assignment]


class WatchedTables(Mapping[str, pd.DataFrame]):
    """Result tables that note which of them were looked at.

    Parameters
    ----------
    tables : Mapping
        Name -> tidy result table.
    """

    def __init__(self, tables: Mapping[str, pd.DataFrame]) -> None:
        self.tables = tables
        self._read: dict[str, None] = {}

    @property
    def read(self) -> tuple[str, ...]:
        """Return the tables that were looked at and are there, in the order of the first look."""
        return tuple(self._read)

    def __getitem__(self, name: str) -> pd.DataFrame:
        """Return a table; ``KeyError`` where there is none of that name."""
        found = self.tables[name]
        self.look(name)
        return found

    def look(self, name: str) -> None:
        """Note that a table is looked at."""
        self._read[name] = None

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names."""
        return iter(self.tables)

    def __len__(self) -> int:
        """Return how many tables there are."""
        return len(self.tables)

    def __contains__(self, name: object) -> bool:
        """Return whether a table is there, without having looked at it."""
        return name in self.tables


class SourcedTables(WatchedTables):
    """Result tables whose numbers, read by `manyi_outputs.appendix.records.records`, know their place.

    Parameters
    ----------
    tables : Mapping
        Name -> tidy result table.
    names : sequence of str
        Only the numbers of these get their places; none named, those of all.
    """

    def __init__(self, tables: Mapping[str, pd.DataFrame], names: Sequence[str] = ()) -> None:
        super().__init__(tables)
        self._names = frozenset(names)
        self._made: dict[str, list[SourcedRecord]] = {}

    def sources(self, name: str) -> bool:
        """Return whether the numbers of a table get their places."""
        return not self._names or name in self._names

    def sourced(self, name: str, rows: Iterable[Mapping[str, Any]]) -> list[SourcedRecord]:
        """Return the rows of a table with the place of each row and number, made at the first call."""
        if name not in self._made:
            self._made[name] = [SourcedRecord(row, name, place) for place, row in enumerate(rows, start=1)]
        return self._made[name]


class SourcedRecord(dict[str, Any]):
    """A row of a result table that knows which it is, and tells its numbers where they stand.

    A number gets its place when it is looked at: most of them never are.
    """

    __slots__ = ("place",)

    def __init__(self, values: Mapping[str, Any], table: str, row: int) -> None:
        super().__init__(values)
        self.place = (table, row)

    def __getitem__(self, column: str) -> Any:
        """Return a value, a number with its place."""
        value = super().__getitem__(column)
        if type(value) is float:
            return SourcedFloat(value, (Origin(*self.place, column),))
        return SourcedInt(value, (Origin(*self.place, column),)) if type(value) is int else value

    def get(self, column: str, default: Any = None) -> Any:
        """Return a value as by its column, or what is said where there is no such column."""
        # A missing column is common: asking first is cheaper than catching what `[]` would raise.
        if column not in self:
            return default
        return self[column]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the columns: that it is said here makes ``{**record}`` look at each value too."""
        return super().__iter__()

    def values(self) -> Any:
        """Return every value, numbers with their places."""
        return [self[column] for column in self]

    def items(self) -> Any:
        """Return columns and values, numbers with their places."""
        return [(column, self[column]) for column in self]


def calculated(value: float, formula: str, rows: Iterable[Mapping[str, Any]], *columns: str) -> float:
    """Return a number that a builder calculates from columns of several rows, its places with it.

    Parameters
    ----------
    value : float
        The number.
    formula : str
        How it was calculated, in the names of columns: ``count(met = False)``.
    rows : iterable of Mapping
        Every row looked at.
    columns : str
        Their columns looked at.
    """
    origins = _origins(rows, columns)
    return SourcedFloat(value, origins, formula) if origins else float(value)


def counted(count: int, formula: str, rows: Iterable[Mapping[str, Any]], *columns: str) -> int:
    """Return how many rows or values there are, with the places of what was counted.

    Parameters
    ----------
    count : int
    formula, rows, columns
        As of `calculated`.
    """
    origins = _origins(rows, columns)
    return SourcedInt(count, origins, formula) if origins else count


def below(limit: float) -> str:
    """Return the formula of how many p lie below a limit, for `counted`."""
    return f"count(p < {limit:g})"


def not_below(limit: float) -> str:
    """Return the formula of how many p do not lie below a limit, for `counted`."""
    return f"count(p ≥ {limit:g})"


def stated(value: float, where: str) -> float:
    """Return a number that no result table holds, with where it is set.

    Parameters
    ----------
    value : float
    where : str
        ``plan analysis.confidence``: a key of study.yaml; ``work hu1999``: a guide of a work of
        ``references.toml``; ``report``: fixed by the report.
    """
    return SourcedFloat(value, (), where)


def stated_count(value: int, where: str) -> int:
    """Return a whole number that no result table holds, with where it is set, as `stated` does."""
    return SourcedInt(value, (), where)


def _origins(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> tuple[Origin, ...]:
    return tuple(
        Origin(*row.place, column) for row in rows if isinstance(row, SourcedRecord) for column in columns
    )
