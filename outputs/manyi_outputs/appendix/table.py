"""A table of the appendix before it becomes a sheet or a page: columns, rows of unrounded cells, notes."""

from dataclasses import dataclass, field
from typing import Literal, get_args

from manyi_outputs.wording import Kind

Section = Literal[
    "sample",
    "items",
    "reliability",
    "validity",
    "satisfaction",
    "differences",
    "correlations",
    "regression",
    "robustness",
    "monitoring",
    "voices",
    "schools",
]
#: The parts of an appendix in the order a thesis has them.
SECTIONS: tuple[Section, ...] = get_args(Section)


@dataclass(frozen=True, slots=True)
class Cell:
    """One value with what it is and how it stands out.

    Parameters
    ----------
    value : str or float or None
        Words, an unrounded number, or None where there is none (printed as a dash).
    kind : Kind
        What a number is.
    mark : str
        Signs directly behind the number: stars, an arrow.
    note : str
        Letter of the note that explains the cell.
    faint, bold : bool
        Printed in grey; printed in bold.
    """

    value: str | float | None = None
    kind: Kind = Kind.text
    mark: str = ""
    note: str = ""
    faint: bool = False
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading, the heading it shares with its neighbours, and the room it needs.

    Parameters
    ----------
    heading, spanner : str
        Columns next to each other with the same spanner stand under one heading.
    width : float
        In half-width characters.
    room : str
        The longest mark in the column, so that decimal points stay aligned.
    words : bool
        Left-aligned words rather than numbers.
    """

    heading: str
    spanner: str = ""
    width: float = 10
    room: str = ""
    words: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row of cells; a ``section`` has one cell, a heading over the rows below it.

    Parameters
    ----------
    cells : tuple of Cell
        One a column.
    kind : {"body", "section"}
        A section's single cell spans the table.
    rule : bool
        A thin rule stands above.
    """

    cells: tuple[Cell, ...]
    kind: Literal["body", "section"] = "body"
    rule: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the appendix.

    Parameters
    ----------
    key : str
        Names the table: builder, then role and outcome where there are several.
    section : str
        The part of the appendix it belongs to.
    title : str
        Without its number.
    columns : tuple of Column
    rows : tuple of Row
    notes : tuple of str
        General notes.
    specific : tuple of (letter, str)
        Notes on single cells.
    probability : str
        Note on the stars.
    """

    key: str
    section: Section
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    specific: tuple[tuple[str, str], ...] = field(default=())
    probability: str = ""

    @property
    def body(self) -> int:
        """Return the number of rows that are not headings."""
        return sum(row.kind == "body" for row in self.rows)

    @property
    def spanned(self) -> bool:
        """Return whether any column stands under a shared heading."""
        return any(column.spanner for column in self.columns)


def section_row(text: str) -> Row:
    """Return a heading over the rows that follow."""
    return Row((Cell(text),), kind="section")
