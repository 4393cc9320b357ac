"""One table as one sheet: title, three rules, rows, notes, and how it prints."""

from itertools import takewhile

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from manyi_outputs.appendix import Column, Numbered, Row, Table
from manyi_outputs.context import Context
from manyi_outputs.excel.paper import Paper
from manyi_outputs.excel.type import BLACK, GREY, TITLE_SIZE, height_of, lines_of

DASH = "—"
#: Tables wider than this many half-width characters print across the page.
_PORTRAIT = 96
_LINK = "FF0B5394"


def fill(paper: Paper, numbered: Numbered, context: Context) -> None:
    """Write one table on an empty sheet.

    Parameters
    ----------
    paper : Paper
    numbered : Numbered
        The table and its number.
    context : Context
        Language and titles.
    """
    table, sheet = numbered.table, paper.sheet
    for position, column in enumerate(table.columns, start=1):
        sheet.column_dimensions[get_column_letter(position)].width = column.width + 1.5
    heading = _title(paper, numbered, context)
    first = _header(paper, table, heading)
    last = _body(paper, table, context, first)
    end = _notes(paper, table, context, last + 1)
    sheet.freeze_panes = f"{get_column_letter(_frozen(table) + 1)}{first}"
    _back(paper, context, len(table.columns) + 2)
    _print(sheet, numbered, context, (heading, first - 1), end)


def _title(paper: Paper, numbered: Numbered, context: Context) -> int:
    """Write the number and title; return the row the header begins in."""
    words, columns = context.words, len(numbered.table.columns)
    total = sum(column.width + 1 for column in numbered.table.columns)
    if words("layout.title") == "stacked":
        paper.put(1, 1, numbered.label, size=TITLE_SIZE, bold=True)
        paper.put(2, 1, numbered.table.title, size=TITLE_SIZE, italic=True)
        texts = {1: numbered.label, 2: numbered.table.title}
    else:
        text = numbered.label + words("layout.gap") + numbered.table.title
        paper.put(1, 1, text, size=TITLE_SIZE, bold=True, align="center")
        texts = {1: text}
    for row, text in texts.items():
        paper.merge(row, 1, row, columns)
        paper.sheet.row_dimensions[row].height = height_of(lines_of(text, total), TITLE_SIZE) + 4
    return len(texts) + 1


def _header(paper: Paper, table: Table, row: int) -> int:
    """Write the headings, one row or two; return the first row of the body."""
    bottom = row + 1 if table.spanned else row
    lines = {row: 1, bottom: 1}
    position = 1
    while position <= len(table.columns):
        column = table.columns[position - 1]
        span = _span(table, position)
        if column.spanner:
            paper.put(row, position, column.spanner, align="center")
            paper.merge(row, position, row, position + span - 1)
            paper.rule(row, position, position + span - 1, top=False, heavy=False)
            width = sum(part.width for part in table.columns[position - 1 : position - 1 + span])
            lines[row] = max(lines[row], lines_of(column.spanner, width))
            for offset in range(span):
                part = table.columns[position - 1 + offset]
                _heading(paper, bottom, position + offset, part)
                lines[bottom] = max(lines[bottom], lines_of(part.heading, part.width))
        else:
            _heading(paper, row, position, column)
            paper.merge(row, position, bottom, position)
            lines[bottom] = max(lines[bottom], lines_of(column.heading, column.width))
        position += span
    for line, count in lines.items():
        paper.sheet.row_dimensions[line].height = height_of(count) + 3
    paper.rule(row, 1, len(table.columns), top=True, heavy=True)
    paper.rule(bottom, 1, len(table.columns), top=False, heavy=False)
    return bottom + 1


def _heading(paper: Paper, row: int, position: int, column: Column) -> None:
    """Write a column's heading where its values stand: words left, numbers right."""
    across = "left" if column.words else "right"
    indent = _indent(column, position)
    paper.put(row, position, column.heading, symbols=not column.words, align=across, indent=indent)


def _indent(column: Column, position: int) -> int:
    """Return 1 for what stands right-aligned, and for words beside another column."""
    return 1 if position > 1 or not column.words else 0


def _span(table: Table, position: int) -> int:
    """Return how many neighbours share the heading of the column at this 1-based position."""
    spanner = table.columns[position - 1].spanner
    if not spanner:
        return 1
    return len(list(takewhile(lambda column: column.spanner == spanner, table.columns[position - 1 :])))


def _body(paper: Paper, table: Table, context: Context, row: int) -> int:
    """Write the rows; return the last one's number."""
    count = len(table.columns)
    for line in table.rows:
        if line.kind == "section":
            paper.put(row, 1, str(line.cells[0].value), bold=True)
            paper.merge(row, 1, row, count)
            total = sum(column.width for column in table.columns)
            paper.sheet.row_dimensions[row].height = height_of(lines_of(str(line.cells[0].value), total)) + 2
        else:
            _line(paper, table, line, context, row)
        if line.rule:
            paper.rule(row, 1, count, top=True, heavy=False)
        row += 1
    paper.rule(row - 1, 1, count, top=False, heavy=True)
    return row - 1


def _line(paper: Paper, table: Table, line: Row, context: Context, row: int) -> None:
    lines, numerals = 1, context.numerals
    for position, (column, cell) in enumerate(zip(table.columns, line.cells, strict=True), start=1):
        if isinstance(cell.value, str):
            align, indent = "left" if column.words else "right", _indent(column, position)
            paper.put(
                row, position, cell.value, bold=cell.bold, align=align, superscript=cell.note, indent=indent
            )
            lines = max(lines, lines_of(cell.value, column.width - 2 * indent))
        elif cell.value is None:
            across = "left" if column.words else "right"
            indent = _indent(column, position)
            paper.put(row, position, DASH, align=across, superscript=cell.note, indent=indent)
        else:
            value = float(cell.value)
            shown = numerals.cell_format(cell.kind, value, cell.mark, column.room)
            color = GREY if cell.faint else BLACK
            paper.number(row, position, value, shown, bold=cell.bold, color=color)
    paper.sheet.row_dimensions[row].height = height_of(lines)


def _notes(paper: Paper, table: Table, context: Context, row: int) -> int:
    """Write general, specific and probability notes; return the last row used."""
    paragraphs = [context.words("layout.join").join(table.notes)] if table.notes else []
    texts = [context.words("table.note") + text for text in paragraphs]
    count, total = len(table.columns), sum(column.width + 1 for column in table.columns)
    for text in texts:
        row = _note(paper, row, text, count, total)
    for letter, text in table.specific:
        row = _note(paper, row, f"{letter} {text}", count, total)
    if table.probability:
        row = _note(paper, row, table.probability, count, total)
    return row - 1


def _note(paper: Paper, row: int, text: str, count: int, total: float) -> int:
    paper.put(row, 1, text, vertical="top")
    paper.merge(row, 1, row, count)
    paper.sheet.row_dimensions[row].height = height_of(lines_of(text, total))
    return row + 1


def _frozen(table: Table) -> int:
    """Return how many leading columns stay in view: the first, or an item's id."""
    return 1 if len(table.columns) > 3 else 0


def _back(paper: Paper, context: Context, column: int) -> None:
    """Write a link to the contents beside the table, outside what prints."""
    words = context.words
    cell = paper.put(1, column, words("table.back"), color=_LINK, wrap=False)
    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{words('table.contents')}'!A1")


def _print(sheet: Worksheet, numbered: Numbered, context: Context, header: tuple[int, int], end: int) -> None:
    """Set A4, one page wide, headings repeated, and 续表 on every page but the first."""
    table, words = numbered.table, context.words
    sheet.print_area = f"A1:{get_column_letter(len(table.columns))}{end}"
    sheet.print_title_rows = f"{header[0]}:{header[1]}"
    wide = sum(column.width for column in table.columns) > _PORTRAIT
    sheet.page_setup.orientation = "landscape" if wide else "portrait"
    page(sheet, context, numbered.label)
    sheet.HeaderFooter.differentFirst = True
    _centre(sheet.firstFooter, words("table.page", label=numbered.label))
    # With an empty first header LibreOffice prints the other one on the first page too.
    if sheet.firstHeader is not None:
        sheet.firstHeader.right.text = "&8 " + context.title.replace("&", "&&")
    title = words("table.continued", label=numbered.label) + words("layout.gap") + table.title
    _centre(sheet.oddHeader, title.replace("&", "&&"))


def page(sheet: Worksheet, context: Context, label: str) -> None:
    """Set what every sheet shares: A4, fitted to one page's width, centred, page numbers, no grid."""
    sheet.sheet_view.showGridLines = False
    sheet.page_setup.paperSize = 9
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_options.horizontalCentered = True
    for side, inches in {"left": 0.6, "right": 0.6, "top": 0.8, "bottom": 0.7}.items():
        setattr(sheet.page_margins, side, inches)
    # Each sheet counts its own pages: only then does LibreOffice know the first page of each.
    sheet.page_setup.firstPageNumber = 1
    sheet.page_setup.useFirstPageNumber = True
    _centre(sheet.oddFooter, context.words("table.page", label=label))


def _centre(item: HeaderFooterItem | None, text: str) -> None:
    if item is not None:
        item.center.text = text
