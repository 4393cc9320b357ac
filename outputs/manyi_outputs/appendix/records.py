"""The rows of a result table as dictionaries, and those rows in groups."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from manyi_outputs.appendix.provenance import SourcedTables, WatchedTables, as_float
from manyi_outputs.tidy import Record as Record
from manyi_outputs.tidy import StoredTables, rows_of

Tables = Mapping[str, pd.DataFrame]


def records(tables: Tables, name: str) -> list[Record]:
    """Return the rows of a result table; none where the study has no such table."""
    if name not in tables:
        return []
    within = tables
    while isinstance(within, WatchedTables):
        within.look(name)
        within = within.tables
    rows = within.rows(name) if isinstance(within, StoredTables) else rows_of(within[name])
    if isinstance(tables, SourcedTables) and tables.sources(name):
        return list(tables.sourced(name, rows))
    return list(rows)


def grouped(rows: Sequence[Record], *keys: str) -> Iterator[tuple[tuple[str, ...], list[Record]]]:
    """Yield the rows that share the keys' values, in the order these first appear."""
    groups: dict[tuple[str, ...], list[Record]] = {}
    for row in rows:
        groups.setdefault(tuple(str(row.get(key, "")) for key in keys), []).append(row)
    yield from groups.items()


def given(value: object) -> bool:
    """Return whether a value is there."""
    if isinstance(value, float):
        return value == value
    # What plain text and numbers are needs no question to pandas, which is slow at single values.
    return isinstance(value, str | int) or (value is not None and not pd.isna(value))  # type: ignore[call-overload]


def number(value: Any) -> float | None:
    """Return a number, or None where it is missing."""
    return as_float(value) if given(value) else None


def true(value: object) -> bool | None:
    """Return a truth value that may have been to a file and back; None where undecided.

    Examples
    --------
    >>> true("True"), true(0.0), true(float("nan")), true("")
    (True, False, None, None)
    """
    if not given(value) or value == "":
        return None
    if isinstance(value, str):
        return value.strip().lower() in {"true", "1", "1.0", "yes"}
    return bool(value)
