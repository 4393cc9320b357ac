"""Three-line tables a person can edit: real rows and merged cells, headings that come again on every page."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from manyi_outputs.appendix.table import Row, Table
from manyi_outputs.context import Context
from manyi_outputs.word.columns import PADDING, TWIPS, Layout, Printed, layout, lines_in, printed
from manyi_outputs.word.marks import escaped, properties, run, words
from manyi_outputs.word.styles import Look

GREY: Final = "8A8A8A"
_RULE: Final = '<w:{side} w:val="single" w:sz="6" w:space="0" w:color="000000"/>'
#: Below a heading that columns share: not a cell's border but a paragraph's, which leaves a gap to the next.
_SHARED_RULE: Final = '<w:pBdr><w:bottom w:val="single" w:sz="6" w:space="1" w:color="000000"/></w:pBdr>'
#: Tables of so few rows are not divided over pages.
_TOGETHER: Final = 14
#: A row of more lines may be divided: Word loses what stands beyond the page.
_WHOLE_LINES: Final = 24
_KEEP: Final = "<w:keepNext/>"


def laid_out(table: Table, context: Context, look: Look) -> tuple[Layout, list[list[Printed]]]:
    """Return a table's layout and the printed cells of its rows, headings of sections left out."""
    body = [row for row in table.rows if row.kind == "body"]
    cells = [[printed(cell, context.numerals) for cell in row.cells] for row in body]
    return layout(table, cells, look.table_size), cells


def table_xml(
    table: Table,
    label: str,
    context: Context,
    look: Look,
    placed: Layout,
    cells: Sequence[Sequence[Printed]],
) -> str:
    """Return a table with its notes below.

    Parameters
    ----------
    table : Table
    label : str
        Its number, for readers who cannot see it.
    context : Context
    look : Look
    placed, cells
        From `laid_out`.
    """
    sized = 0 if placed.size == look.table_size else round(placed.size * 2)
    pen = _Pen(table, placed, look, sized)
    rows = [*pen.header(), *pen.body(cells)]
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in placed.widths)
    title = escaped(f"{label} {table.title}")
    return (
        '<w:tbl><w:tblPr><w:tblStyle w:val="ThreeLineTable"/>'
        f'<w:tblW w:w="{sum(placed.widths)}" w:type="dxa"/><w:jc w:val="center"/>'
        '<w:tblLayout w:type="fixed"/><w:tblLook w:val="0020" w:firstRow="1" w:lastRow="0" '
        f'w:firstColumn="0" w:lastColumn="0" w:noHBand="1" w:noVBand="1"/><w:tblCaption w:val="{title}"/>'
        f"</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>" + notes_xml(table, context, look)
    )


def notes_xml(table: Table, context: Context, look: Look) -> str:
    """Return the general, specific and probability notes of a table as paragraphs, then a small gap."""
    made, hint = [], look.hint
    if table.notes:
        opening = words(context.words("table.note"), italic=look.note_italic, hint=hint)
        text = context.words("layout.join").join(table.notes)
        made.append(opening + words(text, sentence=True, hint=hint))
    for letter, text in table.specific:
        made.append(run(letter, properties(raised=True)) + words(f" {text}", sentence=True, hint=hint))
    if table.probability:
        made.append(words(table.probability, sentence=True, hint=hint))
    notes = "".join(f'<w:p><w:pPr><w:pStyle w:val="TableNote"/></w:pPr>{runs}</w:p>' for runs in made)
    return notes + '<w:p><w:pPr><w:pStyle w:val="TableEnd"/></w:pPr></w:p>'


class _Pen:
    """Writes the rows of one table.

    Parameters
    ----------
    table : Table
    placed : Layout
    look : Look
    sized : int
        Size of the text in half points where it is not that of the style, else 0.
    """

    def __init__(self, table: Table, placed: Layout, look: Look, sized: int) -> None:
        self.table, self.placed, self.look, self.sized = table, placed, look, sized
        self.whole = len(table.rows) <= _TOGETHER

    def header(self) -> Iterator[str]:
        """Yield the rows of headings, which come again on every page."""
        spans = [
            (spanner, [position for position, _ in members])
            for spanner, members in groupby(enumerate(self.table.columns), lambda each: each[1].spanner)
        ]
        if self.table.spanned:
            cells = []
            for spanner, members in spans:
                if spanner:
                    cells.append(self._spanner(spanner, members))
                else:
                    cells += [self._heading(position, '<w:vMerge w:val="restart"/>') for position in members]
            yield self._row(cells, heading=True)
        cells = []
        for spanner, members in spans:
            merged = "<w:vMerge/>" if self.table.spanned and not spanner else ""
            cells += [self._heading(position, merged) for position in members]
        yield self._row(cells, heading=True)

    def _spanner(self, spanner: str, members: Sequence[int]) -> str:
        width = sum(self.placed.widths[position] for position in members)
        span = f'<w:gridSpan w:val="{len(members)}"/>' if len(members) > 1 else ""
        layout = f'{_KEEP}{_SHARED_RULE}<w:jc w:val="center"/>'
        return self._cell(width, span, "TableText", layout, self._words(spanner, symbols=True), "bottom")

    def _heading(self, position: int, merged: str) -> str:
        """Return the heading of one column; of one that runs over two rows the lower cell is empty."""
        column = self.table.columns[position]
        ruled = "" if merged.endswith('"restart"/>') else _borders("bottom")
        runs = "" if merged == "<w:vMerge/>" else self._words(column.heading, symbols=not column.words)
        style = "TableText" if column.words else "TableNumber"
        return self._cell(self.placed.widths[position], merged + ruled, style, _KEEP, runs, "bottom")

    def body(self, cells: Sequence[Sequence[Printed]]) -> Iterator[str]:
        """Yield the rows below the headings."""
        rows, printed_rows = self.table.rows, iter(cells)
        for number, row in enumerate(rows):
            # Notes never stand on a page of their own, nor a heading without a row below it.
            keep = self.whole or number == 0 or number >= len(rows) - 2 or row.kind == "section"
            ruled = _borders("top") if row.rule else ""
            if row.kind == "section":
                span = f'<w:gridSpan w:val="{len(self.table.columns)}"/>' + ruled
                runs = self._words(str(row.cells[0].value), bold=True)
                cell = self._cell(sum(self.placed.widths), span, "TableText", _KEEP, runs)
                yield self._row([cell])
            else:
                yield self._body_row(row, next(printed_rows), _KEEP if keep else "", ruled)

    def _body_row(self, row: Row, cells: Sequence[Printed], keep: str, ruled: str) -> str:
        made, most = [], 1
        for position, (cell, shown) in enumerate(zip(row.cells, cells, strict=True)):
            width = self.placed.widths[position]
            most = max(most, lines_in(shown, width, self.placed.size))
            runs = self._words(shown.text, bold=cell.bold, color=GREY if cell.faint else "")
            if shown.note:
                runs += run(shown.note, properties(raised=True, half_points=self.sized))
            if self.table.columns[position].words:
                made.append(self._cell(width, ruled, "TableText", keep, runs))
            else:
                layout = keep + self._aligned(position, shown)
                made.append(self._cell(width, ruled, "TableNumber", layout, runs))
        return self._row(made, whole=most <= _WHOLE_LINES)

    def _aligned(self, position: int, shown: Printed) -> str:
        """Return the indent that puts a number's decimal point under those of its column."""
        widest = self.placed.tails[position]
        unit = self.placed.size * TWIPS
        free = self.placed.widths[position] - PADDING - shown.width * unit
        gap = min((widest - shown.tail) * unit, free) if shown.number or shown.text == "—" else 0
        return f'<w:ind w:right="{round(gap)}"/>' if round(gap) > 0 else ""

    def _words(self, text: str, *, bold: bool = False, color: str = "", symbols: bool = False) -> str:
        return words(
            text, bold=bold, color=color, symbols=symbols, half_points=self.sized, hint=self.look.hint
        )

    def _cell(
        self, width: int, extra: str, style: str, layout: str, runs: str, vertical: str = "center"
    ) -> str:
        return (
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{extra}<w:vAlign w:val="{vertical}"/></w:tcPr>'
            f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{layout}</w:pPr>{runs}</w:p></w:tc>'
        )

    def _row(self, cells: Sequence[str], *, heading: bool = False, whole: bool = True) -> str:
        flags = ("<w:cantSplit/>" if whole else "") + ("<w:tblHeader/>" if heading else "")
        return f"<w:tr>{f'<w:trPr>{flags}</w:trPr>' if flags else ''}{''.join(cells)}</w:tr>"


def _borders(side: str) -> str:
    return f"<w:tcBorders>{_RULE.format(side=side)}</w:tcBorders>"
