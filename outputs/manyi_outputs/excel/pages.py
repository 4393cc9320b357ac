"""How a sheet prints: A4, one page wide, headings repeated as 续表, notes never alone on a page."""

import math
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from manyi_outputs.appendix import Numbered, Table
from manyi_outputs.context import Context
from manyi_outputs.excel.measure import BESIDE, points_of
from manyi_outputs.excel.paper import Paper

#: Tables wider than this many half-width characters print across the page.
_PORTRAIT = 96
#: A4 and the margins, in points and inches.
_SHORT, _LONG = 595.3, 841.9
_MARGINS = {"left": 0.6, "right": 0.6, "top": 0.8, "bottom": 0.7}
#: Rows of the body that go to the next page with notes that would stand there alone.
_KEPT = 3
#: Programs differ in what a page holds by so much.
_SAFE = 0.97
#: What a page may hold, where the program fits the sheet to it.
_ROOMS = (_SAFE, 0.985, 1.0, 1.015, 1.03, 1.045, 1.06)
#: A header or footer holds 255 characters, its signs of place and size included.
_LONGEST = 110


class Laid(NamedTuple):
    """Rows of a sheet: first of the header, first and last of the body, last of the notes."""

    header: int
    first: int
    last: int
    end: int


def set_up(paper: Paper, numbered: Numbered, context: Context, laid: Laid) -> None:
    """Set how the sheet of a table prints: A4, one page wide, headings repeated, continued pages said so."""
    table, words, sheet = numbered.table, context.words, paper.sheet
    sheet.print_area = f"A1:{get_column_letter(len(table.columns))}{laid.end}"
    sheet.print_title_rows = f"{laid.header}:{laid.first - 1}"
    wide = sum(column.width for column in table.columns) > _PORTRAIT
    sheet.page_setup.orientation = "landscape" if wide else "portrait"
    page(sheet, context, numbered.label)
    sheet.HeaderFooter.differentFirst = True
    _centre(sheet.firstFooter, words("table.page", label=numbered.label))
    # With an empty first header LibreOffice prints the other one on the first page too.
    if sheet.firstHeader is not None:
        sheet.firstHeader.right.text = "&8 " + _brief(context.title)
    _centre(
        sheet.oddHeader,
        words("table.continued", label=numbered.label) + words("layout.gap") + _brief(table.title),
    )
    _break_well(paper, table, laid, wide)


def page(sheet: Worksheet, context: Context, label: str) -> None:
    """Set what every sheet shares: A4, fitted to one page's width, centred, page numbers, no grid."""
    sheet.sheet_view.showGridLines = False
    sheet.page_setup.paperSize = 9
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_options.horizontalCentered = True
    for side, inches in _MARGINS.items():
        setattr(sheet.page_margins, side, inches)
    # Each sheet counts its own pages: only then does LibreOffice know the first page of each.
    sheet.page_setup.firstPageNumber = 1
    sheet.page_setup.useFirstPageNumber = True
    _centre(sheet.oddFooter, context.words("table.page", label=label))


def _centre(item: HeaderFooterItem | None, text: str) -> None:
    if item is not None:
        item.center.text = text


def _brief(text: str) -> str:
    """Return a text that a header can hold, ``&`` doubled."""
    cut = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    return cut.replace("&", "&&")


def _break_well(paper: Paper, table: Table, laid: Laid, wide: bool) -> None:
    """Break the pages by hand where they would break badly: behind a heading, or before the notes alone.

    A manual break counts only where the scale is set: Excel ignores it on a sheet fitted to the page.
    """
    sheet = paper.sheet
    width = sum(points_of(column.width + BESIDE) for column in table.columns)
    across, down = (_LONG, _SHORT) if wide else (_SHORT, _LONG)
    scale = min(1.0, (across - 72 * (_MARGINS["left"] + _MARGINS["right"])) / width * _SAFE)
    scale = max(math.floor(scale * 100), 10) / 100
    room = (down - 72 * (_MARGINS["top"] + _MARGINS["bottom"])) / scale
    headings = {laid.first + place for place, row in enumerate(table.rows) if row.kind == "section"}
    if not any(breaks_badly(paper.heights, headings, laid, room * part) for part in _ROOMS):
        return
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=False)
    sheet.page_setup.fitToWidth = sheet.page_setup.fitToHeight = None
    sheet.page_setup.scale = round(scale * 100)
    for row in page_breaks(paper.heights, headings, laid, room * _SAFE):
        sheet.row_breaks.append(Break(id=row - 1))


def breaks_badly(heights: Mapping[int, float], headings: AbstractSet[int], laid: Laid, room: float) -> bool:
    """Return whether pages filled to the end would part a heading or the notes from their rows."""
    starts, used = _filled(heights, laid, room)
    notes = _height(heights, laid.last + 1, laid.end)
    return any(row - 1 in headings for row in starts) or used + notes > room


def page_breaks(
    heights: Mapping[int, float], headings: AbstractSet[int], laid: Laid, room: float
) -> list[int]:
    """Return the first rows of the pages behind the first: headings stay with their rows, notes with some.

    Parameters
    ----------
    heights : Mapping
        Row -> height in points.
    headings : set of int
        Rows that are headings over those that follow.
    laid : Laid
    room : float
        Height of a page in points of the unscaled sheet.

    Examples
    --------
    >>> heights = {row: 10.0 for row in range(1, 33)}
    >>> page_breaks(heights, {30}, Laid(2, 3, 31, 32), 300)
    [29]
    >>> page_breaks(heights, set(), Laid(2, 3, 30, 31), 300)
    [28]
    """
    header, notes = _height(heights, laid.header, laid.first - 1), _height(heights, laid.last + 1, laid.end)
    starts: list[int] = []
    begun, used = laid.first, _height(heights, 1, laid.first - 1)
    row = laid.first
    while row <= laid.last:
        if used + heights.get(row, 0) > room and row > begun:
            if row - 1 in headings and row - 1 > begun:
                row -= 1
            starts.append(row)
            begun, used = row, header
        used += heights.get(row, 0)
        row += 1
    if not starts and used + notes <= room:
        return []
    kept = laid.last - _KEPT + 1
    if used + notes > room or begun > kept:
        previous = starts[-2] if len(starts) > 1 else laid.first
        kept = kept - 1 if kept - 1 in headings else kept
        if kept > previous and header + _height(heights, kept, laid.end) <= room:
            starts = [*(start for start in starts if start < kept), kept]
    return starts


def _filled(heights: Mapping[int, float], laid: Laid, room: float) -> tuple[list[int], float]:
    """Return the first rows of pages filled to the end, and what is used of the last one."""
    header = _height(heights, laid.header, laid.first - 1)
    starts, used = [], _height(heights, 1, laid.first - 1)
    for row in range(laid.first, laid.last + 1):
        if used + heights.get(row, 0) > room:
            starts.append(row)
            used = header
        used += heights.get(row, 0)
    return starts, used


def _height(heights: Mapping[int, float], first: int, last: int) -> float:
    return sum(heights.get(row, 0) for row in range(first, last + 1))
