"""One table as one sheet: title, three rules, rows, notes."""

from dataclasses import replace
from itertools import takewhile

from openpyxl.utils import get_column_letter

from manyi_outputs.appendix import Column, Numbered, Row, Table
from manyi_outputs.context import Context
from manyi_outputs.excel.fitting import fitted
from manyi_outputs.excel.measure import BESIDE, lines_of
from manyi_outputs.excel.pages import Laid, set_up
from manyi_outputs.excel.paper import Paper
from manyi_outputs.excel.type import (
    BLACK,
    BODY_SIZE,
    GREY,
    LINK,
    TITLE_SIZE,
    heading_pieces,
    most_lines,
    note_pieces,
)

DASH = "—"


def fill(paper: Paper, numbered: Numbered, context: Context, contents: str) -> None:
    """Write one table on an empty sheet.

    Parameters
    ----------
    paper : Paper
    numbered : Numbered
        The table and its number.
    context : Context
        Language, style and titles.
    contents : str
        Name of the sheet of contents.
    """
    table = fitted(numbered.table, context.numerals)
    numbered = replace(numbered, table=table)
    for position, column in enumerate(table.columns, start=1):
        paper.sheet.column_dimensions[get_column_letter(position)].width = column.width + BESIDE
    heading = _title(paper, numbered, context)
    first = _header(paper, table, heading, context)
    last = _body(paper, table, context, first)
    end = _notes(paper, table, context, last + 1)
    paper.sheet.freeze_panes = f"{get_column_letter(_frozen(table) + 1)}{first}"
    back = len(table.columns) + 2
    paper.put(1, back, context.words("table.back"), color=LINK, wrap=False)
    paper.link(1, back, contents)
    set_up(paper, numbered, context, Laid(heading, first, last, end))


def units_of(table: Table) -> float:
    """Return the width of a table in the units of columns."""
    return sum(column.width + BESIDE for column in table.columns)


def _title(paper: Paper, numbered: Numbered, context: Context) -> int:
    """Write the number and title; return the row the header begins in."""
    columns, total = len(numbered.table.columns), units_of(numbered.table)
    if context.table_style == "apa":
        paper.put(1, 1, numbered.label, size=TITLE_SIZE, bold=True)
        paper.put(2, 1, numbered.table.title, size=TITLE_SIZE, italic=True)
        texts = {1: numbered.label, 2: numbered.table.title}
    else:
        text = numbered.label + context.words("layout.gap") + numbered.table.title
        paper.put(1, 1, text, size=TITLE_SIZE, bold=True, align="center")
        texts = {1: text}
    for row, text in texts.items():
        paper.merge(row, 1, row, columns)
        paper.tall(row, lines_of(text, total, TITLE_SIZE, bold=True), TITLE_SIZE, 4)
    return len(texts) + 1


def _header(paper: Paper, table: Table, row: int, context: Context) -> int:
    """Write the headings, one row or two; return the first row of the body."""
    bottom = row + 1 if table.spanned else row
    lines, whole = {row: 1, bottom: 1}, 1
    position = 1
    while position <= len(table.columns):
        column = table.columns[position - 1]
        parts = table.columns[position - 1 : position - 1 + _span(table, position)]
        if column.spanner:
            paper.put(row, position, column.spanner, align="center")
            paper.merge(row, position, row, position + len(parts) - 1)
            paper.rule(row, position, position + len(parts) - 1, top=False, heavy=False)
            width = sum(part.width + BESIDE for part in parts)
            lines[row] = max(lines[row], lines_of(column.spanner, width))
            for offset, part in enumerate(parts):
                _heading(paper, bottom, position + offset, part)
                lines[bottom] = max(lines[bottom], _lines(part.heading, part, position + offset))
        else:
            _heading(paper, row, position, column)
            paper.merge(row, position, bottom, position)
            whole = max(whole, _lines(column.heading, column, position))
        position += len(parts)
    # A heading beside the shared ones has the room of both rows.
    lines[bottom] = max(lines[bottom], whole - (lines[row] if table.spanned else 0))
    for line, count in lines.items():
        paper.tall(line, count, more=3)
    paper.rule(row, 1, len(table.columns), top=True, heavy=_heavy(context))
    paper.rule(bottom, 1, len(table.columns), top=False, heavy=False)
    return bottom + 1


def _heading(paper: Paper, row: int, position: int, column: Column) -> None:
    """Write a column's heading where its values stand: words left, numbers right."""
    pieces = () if column.words else heading_pieces(column.heading)
    across = "left" if column.words else "right"
    paper.put(row, position, column.heading, pieces=pieces, align=across, indent=_indent(column, position))


def _heavy(context: Context) -> bool:
    """Return whether the rules above and below a table are heavy: APA 7 draws all of them thin."""
    return context.table_style != "apa"


def _indent(column: Column, position: int) -> int:
    """Return 1 for what stands right-aligned, and for words beside another column."""
    return 1 if position > 1 or not column.words else 0


def _lines(text: str, column: Column, position: int, *, bold: bool = False) -> int:
    """Return the lines of a text in its column."""
    return lines_of(text, column.width + BESIDE, bold=bold, indent=_indent(column, position))


def _span(table: Table, position: int) -> int:
    """Return how many neighbours share the heading of the column at this 1-based position."""
    spanner = table.columns[position - 1].spanner
    if not spanner:
        return 1
    return len(list(takewhile(lambda column: column.spanner == spanner, table.columns[position - 1 :])))


def _body(paper: Paper, table: Table, context: Context, row: int) -> int:
    """Write the rows; return the last one's number."""
    count, total = len(table.columns), units_of(table)
    for line in table.rows:
        if line.kind == "section":
            text = str(line.cells[0].value)
            paper.put(row, 1, text, bold=True)
            paper.merge(row, 1, row, count)
            paper.tall(row, lines_of(text, total, bold=True), more=2)
        else:
            _line(paper, table, line, context, row)
        if line.rule:
            paper.rule(row, 1, count, top=True, heavy=False)
        row += 1
    paper.rule(row - 1, 1, count, top=False, heavy=_heavy(context))
    return row - 1


def _line(paper: Paper, table: Table, line: Row, context: Context, row: int) -> None:
    lines, numerals = 1, context.numerals
    for position, (column, cell) in enumerate(zip(table.columns, line.cells, strict=True), start=1):
        across = "left" if column.words else "right"
        if isinstance(cell.value, str) or cell.value is None:
            text = DASH if cell.value is None else cell.value
            indent = _indent(column, position)
            paper.put(row, position, text, bold=cell.bold, align=across, superscript=cell.note, indent=indent)
            lines = max(lines, _lines(text + cell.note, column, position, bold=cell.bold))
        else:
            value = float(cell.value)
            shown = numerals.cell_format(cell.kind, value, cell.mark + cell.note, column.room)
            color = GREY if cell.faint else BLACK
            paper.number(row, position, value, shown, bold=cell.bold, color=color)
    paper.tall(row, lines)


def _notes(paper: Paper, table: Table, context: Context, row: int) -> int:
    """Write general, specific and probability notes; return the last row used."""
    total, opening = units_of(table), context.words("table.note")
    for text in _paragraphs(table, context, total):
        lead, opening = opening, ""
        pieces = [(lead, context.table_style == "apa")] if lead else []
        row = _note(paper, row, [*pieces, *note_pieces(text)], table)
    for sign, text in table.specific:
        row = _note(paper, row, [(f"{sign} ", False), *note_pieces(text)], table)
    if table.probability:
        row = _note(paper, row, note_pieces(table.probability), table)
    return row - 1


def _paragraphs(table: Table, context: Context, total: float) -> list[str]:
    """Return the general notes as one paragraph, or as several where a row cannot hold them all."""
    paragraphs: list[str] = []
    join = context.words("layout.join")
    # No character is wider than two units: so many fit whatever they are.
    fits = most_lines() * total / 2
    for note in table.notes:
        longer = f"{paragraphs[-1]}{join}{note}" if paragraphs else note
        if paragraphs and (len(longer) < fits or lines_of(longer, total) < most_lines()):
            paragraphs[-1] = longer
        else:
            paragraphs.append(note)
    return paragraphs


def _note(paper: Paper, row: int, pieces: list[tuple[str, bool]], table: Table) -> int:
    text = "".join(part for part, _ in pieces)
    paper.put(row, 1, text, pieces=pieces, vertical="top")
    paper.merge(row, 1, row, len(table.columns))
    paper.tall(row, lines_of(text, units_of(table), BODY_SIZE))
    return row + 1


def _frozen(table: Table) -> int:
    """Return how many leading columns stay in view: the first, or an item's id."""
    return 1 if len(table.columns) > 3 else 0
