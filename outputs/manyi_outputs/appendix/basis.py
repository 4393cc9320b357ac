"""What a table rests on, said below it: how many were used, how many were not, by which rule."""

from dataclasses import dataclass, field, replace

from manyi_outputs.appendix.kinds import TableKind, kind_of, rest_of
from manyi_outputs.appendix.records import Record, Tables, given, grouped, number, records
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
    found: dict[str, dict[str, list[Record]]] = field(default_factory=dict)

    def rows(self, key: str) -> list[Record] | None:
        """Return the rows behind a table; None without them."""
        kind = kind_of(key)
        if kind.name not in self.found:
            self.found[kind.name] = _parted(kind, records(self.tables, kind.source))
        return self.found[kind.name].get(rest_of(key) if kind.by else "")


def _parted(kind: TableKind, rows: list[Record]) -> dict[str, list[Record]]:
    """Return the rows of a result table by what follows the kind in the keys, and all of them."""
    for column, value in kind.only:
        if rows and column in rows[0]:
            wanted, same = value.removeprefix("!"), not value.startswith("!")
            rows = [row for row in rows if (str(row[column]) == wanted) == same]
    if not rows:
        return {}
    parts = {"": rows}
    by = [column for column in kind.by if column in rows[0]]
    if by:
        for values, members in grouped(rows, *by):
            parts["-".join(values)] = members
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


def _told(kind: TableKind, rows: list[Record], context: Context) -> tuple[str, ...]:
    words, respondents = context.words, kind.who == "respondents"
    if kind.n:
        # Rows that could not be computed used nobody, and lost nobody either.
        rows = [row for row in rows if (number(row.get(kind.n)) or 0.0) > 0] or rows
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


def _range(rows: list[Record], column: str, context: Context) -> str:
    """Return the whole numbers of a column, smallest to largest; nothing where there are none."""
    numbers = [one for row in rows if (one := number(row.get(column))) is not None]
    if not numbers:
        return ""
    low, high = int(min(numbers)), int(max(numbers))
    return str(low) if low == high else context.words("basis.range", low=low, high=high)


def _rule(rows: list[Record], context: Context) -> str:
    """Return the rule of missing answers in words, where the result table names one."""
    words = context.words
    rules = dict.fromkeys(str(rule) for row in rows if given(rule := row.get("missing_rule")) and str(rule))
    told = [words(f"basis.{rule}") for rule in rules if words.among("basis", rule)]
    return (
        words("numbers.opening") + words("numbers.list").join(told) + words("numbers.closing") if told else ""
    )
