"""What a table rests on, said below it: how many were used, how many were not, by which rule."""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from manyi_outputs.appendix.kinds import TableKind, kind_of, rest_of
from manyi_outputs.appendix.records import Tables
from manyi_outputs.appendix.table import Table
from manyi_outputs.context import Context


@dataclass(frozen=True, slots=True)
class Sources:
    """The rows of result tables that tables of an appendix rest on, each result table gone through once.

    Parameters
    ----------
    tables : Mapping
        Name -> tidy result table.
    """

    tables: Tables
    found: dict[str, dict[str, pd.DataFrame]] = field(default_factory=dict)

    def rows(self, key: str) -> pd.DataFrame | None:
        """Return role, n, answers not used and schools of the rows behind a table; None without them."""
        kind = kind_of(key)
        if kind.name not in self.found:
            self.found[kind.name] = _parted(kind, self.tables.get(kind.source))
        return self.found[kind.name].get(rest_of(key) if kind.by else "")


def _parted(kind: TableKind, frame: pd.DataFrame | None) -> dict[str, pd.DataFrame]:
    """Return the rows of a result table by what follows the kind in the keys, and all of them."""
    if frame is None or frame.empty:
        return {}
    # Of the widest tables few columns are looked at.
    seen = dict.fromkeys(("role", *kind.by, *(column for column, _ in kind.only), *kind.counted))
    frame = frame[[column for column in seen if column in frame]]
    for column, value in kind.only:
        if column in frame:
            same = frame[column].astype(str) == value.removeprefix("!")
            frame = frame[~same if value.startswith("!") else same]
    # A table without any of these columns has rows all the same.
    if not len(frame):
        return {}
    parts = {"": frame}
    by = [column for column in kind.by if column in frame]
    if by:
        names = ["-".join(map(str, row)) for row in zip(*(frame[column] for column in by), strict=True)]
        parts |= {str(name): rows for name, rows in frame.groupby(np.array(names, dtype=object), sort=False)}
    return parts


def with_basis(table: Table, sources: Sources, context: Context) -> Table:
    """Return the table with a note on its n, the answers not used, and the rule of missing answers.

    The numbers are those of the result table it is laid out from. A range stands where the rows differ; a
    table whose own notes say n, or whose result table counts nothing, stays as it is.

    Parameters
    ----------
    table : Table
    sources : Sources
    context : Context
    """
    kind = kind_of(table.key)
    rows = sources.rows(table.key) if kind.who else None
    return table if rows is None else replace(table, notes=(*table.notes, *_told(kind, rows, context)))


def _told(kind: TableKind, rows: pd.DataFrame, context: Context) -> tuple[str, ...]:
    words, respondents = context.words, kind.who == "respondents"
    if kind.n in rows:
        # Rows that could not be computed used nobody, and lost nobody either.
        counted = rows[pd.to_numeric(rows[kind.n]) > 0]
        rows = rows if counted.empty else counted
    n = _range(rows, kind.n, context) if kind.n else str(len(rows))
    if not n:
        return ()
    parts = [words("basis.n", n=n) if respondents else words("basis.schools", n=n)]
    lost = _range(rows, kind.missing, context)
    if lost and lost != "0":
        rule = _rule(rows, context)
        key = "basis.missing" if respondents else "basis.missing_schools"
        parts.append(words(key, n=lost) + rule)
    schools = _range(rows, kind.schools, context) if respondents else ""
    if schools not in ("", "0"):
        parts.append(words("basis.in_schools", n=schools))
    return (words("numbers.clause").join(parts) + words("numbers.stop"),)


def _range(rows: pd.DataFrame, column: str, context: Context) -> str:
    """Return the whole numbers of a column, smallest to largest; nothing where there are none."""
    if column not in rows:
        return ""
    numbers = pd.to_numeric(rows[column], errors="coerce").dropna()
    if numbers.empty:
        return ""
    low, high = int(numbers.min()), int(numbers.max())
    return str(low) if low == high else context.words("basis.range", low=low, high=high)


def _rule(rows: pd.DataFrame, context: Context) -> str:
    """Return the rule of missing answers in words, where the result table names one."""
    if "missing_rule" not in rows:
        return ""
    words = context.words
    rules = dict.fromkeys(str(rule) for rule in rows["missing_rule"].dropna() if str(rule))
    told = [words(f"basis.{rule}") for rule in rules if words.among("basis", rule)]
    return (
        words("numbers.opening") + words("numbers.list").join(told) + words("numbers.closing") if told else ""
    )
