"""The sheet of contents: every sheet by its number and title, with a link, in one language or two."""

from collections.abc import Sequence
from itertools import groupby, zip_longest
from typing import NamedTuple

from openpyxl.utils import get_column_letter

from manyi_outputs.appendix import Numbered
from manyi_outputs.context import Context
from manyi_outputs.excel.measure import lines_of
from manyi_outputs.excel.pages import page
from manyi_outputs.excel.paper import Paper
from manyi_outputs.excel.type import BLACK, LINK, TITLE_SIZE


class Listed(NamedTuple):
    """One table with the name of its sheet and its language."""

    sheet: str
    entry: Numbered
    context: Context


#: Widths of the columns of number and title, and of the number of rows.
_ONE, _TWO, _ROWS = (16, 84), (12, 58), 10


def write_contents(paper: Paper, listed: Sequence[Sequence[Listed]]) -> None:
    """Write the contents: a line a table, its number, title and number of rows, those of both languages.

    Parameters
    ----------
    paper : Paper
        An empty sheet.
    listed : sequence of sequences of Listed
        The sheets of each language, those of one table at the same place.
    """
    contexts = [edition[0].context for edition in listed if edition]
    if not contexts:
        return
    widths = [width for _ in contexts for width in (_ONE if len(contexts) == 1 else _TWO)]
    last = len(widths) + 1
    for column, width in enumerate([*widths, _ROWS], start=1):
        paper.sheet.column_dimensions[get_column_letter(column)].width = width
    row = _head(paper, contexts, last, sum(widths) + _ROWS)
    lines = [several for several in zip_longest(*listed) if several]
    for part, members in groupby(lines, key=_part):
        titles = " / ".join(context.words(f"table.part_{part}") for context in contexts)
        paper.put(row, 1, titles, bold=True)
        paper.merge(row, 1, row, last)
        paper.tall(row, 1, more=6)
        row += 1
        for several in members:
            _line(paper, row, several, widths)
            row += 1
    paper.rule(row - 1, 1, last, top=False, heavy=True)
    sheet, words = paper.sheet, contexts[0].words
    sheet.page_setup.orientation = "portrait" if len(contexts) == 1 else "landscape"
    sheet.print_area = f"A1:{get_column_letter(last)}{row - 1}"
    page(sheet, contexts[0], words("table.contents"))


def _head(paper: Paper, contexts: Sequence[Context], last: int, total: float) -> int:
    """Write the titles of the study and the headings; return the row behind them."""
    size = TITLE_SIZE + 3.5
    for row, context in enumerate(contexts, start=1):
        paper.put(row, 1, context.title, size=size, bold=True, align="center")
        paper.merge(row, 1, row, last)
        paper.tall(row, lines_of(context.title, total, size, bold=True), size, 8)
    row = len(contexts) + 1
    column = 1
    for context in contexts:
        for key in ("table.sheets", "table.names"):
            paper.put(row, column, context.words(key), bold=True)
            column += 1
    heading = " / ".join(context.words("table.rows") for context in contexts)
    paper.put(row, last, heading, bold=True, align="center")
    paper.tall(row, lines_of(heading, _ROWS, bold=True), more=3)
    paper.rule(row, 1, last, top=True, heavy=True)
    paper.rule(row, 1, last, top=False, heavy=False)
    paper.sheet.freeze_panes = f"A{row + 1}"
    paper.sheet.print_title_rows = f"{row}:{row}"
    return row + 1


def _part(several: Sequence[Listed | None]) -> str:
    return next(one.entry.part for one in several if one is not None)


def _line(paper: Paper, row: int, several: Sequence[Listed | None], widths: Sequence[float]) -> None:
    """Write one table: number, linked, and title in each language, then its number of rows."""
    lines = 1
    for position, one in enumerate(several):
        if one is None:
            continue
        for offset, text in enumerate((one.entry.label, one.entry.table.title)):
            column = 2 * position + offset + 1
            # LibreOffice does not break the lines of a link: only the number is one.
            paper.put(row, column, text, color=BLACK if offset else LINK)
            if not offset:
                paper.link(row, column, one.sheet)
            lines = max(lines, lines_of(text, widths[column - 1]))
    rows = next(one.entry.table.body for one in several if one is not None)
    paper.number(row, len(widths) + 1, float(rows), "0", bold=False, color=BLACK)
    paper.tall(row, lines, more=3)
