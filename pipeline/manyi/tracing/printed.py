"""The tables of the appendix, found by number, key or words, their numbers with the places they stand in."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from manyi.tracing.account import Choice, Place, TracedNumber
from manyi.tracing.asked import Asked, Label
from manyi.tracing.tables import function_of, values_of

if TYPE_CHECKING:
    from manyi_outputs.appendix import Numbered
    from manyi_outputs.appendix.records import Tables
    from manyi_outputs.appendix.table import Cell, Row, Table
    from manyi_outputs.context import Context


@dataclass(frozen=True, slots=True)
class PrintedCell:
    """A cell with a number.

    Parameters
    ----------
    heading : str
        Of its column, behind the one it shares with its neighbours.
    column : int
        1 for the first.
    cell : Cell
    """

    heading: str
    column: int
    cell: "Cell"

    @property
    def places(self) -> tuple[Place, ...]:
        """Return where its number stands, or those it was calculated from."""
        from manyi_outputs.appendix.provenance import Sourced

        value = self.cell.value
        if not isinstance(value, Sourced):
            return ()
        return tuple(Place(one.table, one.row, one.column) for one in value.origins)

    def traced(self, tables: "Tables", context: "Context") -> TracedNumber:
        """Return its number with what computed it."""
        from manyi_outputs.appendix.provenance import Sourced

        value, places = self.cell.value, self.places
        formula = value.formula if isinstance(value, Sourced) else ""
        number = float(value or 0.0)
        printed = context.numerals.text(self.cell.kind, number) + self.cell.mark
        function = function_of(places[0], tables) if places else ""
        return TracedNumber(self.heading, self.column, printed, number, places, formula, function)


@dataclass(frozen=True, slots=True)
class PrintedRow:
    """A row of a table of the appendix.

    Parameters
    ----------
    number : int
        1 for the first; headings over rows are not counted.
    name : str
        Its words, behind those of the heading it stands under.
    cells : tuple of PrintedCell
        Those with a number.
    """

    number: int
    name: str
    cells: tuple[PrintedCell, ...]


def table_asked(numbered: "Iterable[Numbered]", asked: Asked) -> "tuple[Numbered | None, tuple[str, ...]]":
    """Return the table that is meant, and the words that narrow its rows; None where none is.

    A number is looked for among the labels, words among the keys: of ``reliability parents SAT`` the longest
    beginning that is a key, ``reliability``, names the table.
    """
    label = asked.label
    if label is not None:
        printed = ((entry, Label.of(entry.label)) for entry in numbered)
        return next((entry for entry, own in printed if own is not None and label.means(own)), None), ()
    entries = list(numbered)
    keys = {entry.table.key: entry for entry in entries}
    for length in range(len(asked.words), 0, -1):
        for glue in ("-", "_"):
            entry = keys.get(glue.join(asked.words[:length]))
            if entry is not None:
                return entry, asked.words[length:]
    return next((entry for entry in entries if entry.table.title == asked.subject), None), ()


def rows_of(table: "Table", context: "Context") -> Iterator[PrintedRow]:
    """Yield the rows of a table whose numbers know their places."""
    section, number = "", 0
    for row in table.rows:
        if row.kind == "section":
            section = str(row.cells[0].value or "")
            continue
        number += 1
        yield PrintedRow(number, _name(row, section, context), tuple(_cells(table, row)))


def choices_of(rows: Sequence[PrintedRow]) -> tuple[Choice, ...]:
    """Return the rows to choose from."""
    return tuple(Choice(str(row.number), row.name) for row in rows)


def holding(rows: Sequence[PrintedRow], words: Sequence[str], tables: "Tables") -> list[PrintedRow]:
    """Return the rows that each word is about: in a row of a result table behind it, or in its name."""
    return [row for row in rows if all(_about(row, word, tables) for word in words)]


def _about(row: PrintedRow, word: str, tables: "Tables") -> bool:
    if word in row.name.split():
        return True
    behind = {(place.table, place.row) for cell in row.cells for place in cell.places}
    return any(word in map(str, values_of(tables, table, at).values()) for table, at in behind)


def _name(row: "Row", section: str, context: "Context") -> str:
    words = [section, *(cell.value for cell in row.cells if isinstance(cell.value, str) and cell.value)]
    return context.words("numbers.colon").join(dict.fromkeys(word for word in words if word))


def _cells(table: "Table", row: "Row") -> Iterator[PrintedCell]:
    for at, (column, cell) in enumerate(zip(table.columns, row.cells, strict=False), start=1):
        if isinstance(cell.value, float | int):
            heading = " ".join(part for part in (column.spanner, column.heading) if part)
            yield PrintedCell(heading, at, cell)
