"""A sheet under the pen: words, numbers, rules and merged cells, every distinct look made once a workbook."""

from copy import copy
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.cell.rich_text import CellRichText
from openpyxl.styles import Alignment, Border, Font
from openpyxl.styles.cell_style import StyleArray
from openpyxl.worksheet.worksheet import Worksheet

from manyi_outputs.excel.type import BLACK, BODY_SIZE, HEAVY, LIGHT, face_of, typeset

#: Behind every number, as wide as the indent of right-aligned words.
GAP = "_0_0"


class Look(NamedTuple):
    """How a cell looks, its rules apart; cells that look alike share one style."""

    face: str
    size: float = BODY_SIZE
    bold: bool = False
    italic: bool = False
    color: str = BLACK
    horizontal: str = "left"
    vertical: str = "center"
    wrap: bool = False
    indent: int = 0
    number_format: str = "General"


@dataclass(slots=True)
class Styles:
    """The styles of one workbook.

    openpyxl looks a style's every part up by its whole content each time a cell is given one; of thousands
    of cells few look different, so that each look is put together once and its number kept.
    """

    looks: dict[Look, StyleArray] = field(default_factory=dict)
    ruled: dict[tuple[tuple[int, ...], bool, bool], StyleArray] = field(default_factory=dict)

    def dress(self, cell: SheetCell, look: Look) -> None:
        """Give a cell a look."""
        made = self.looks.get(look)
        if made is None:
            cell.font = Font(
                name=look.face, size=look.size, bold=look.bold, italic=look.italic, color=look.color
            )
            cell.number_format = look.number_format
            cell.alignment = Alignment(
                horizontal=look.horizontal,
                vertical=look.vertical,
                wrap_text=look.wrap or None,
                indent=look.indent,
            )
            self.looks[look] = _style(cell)
        else:
            cast(Any, cell)._style = copy(made)

    def rule(self, cell: SheetCell, *, top: bool, heavy: bool) -> None:
        """Draw a rule above or below a cell, keeping what is drawn on its other side."""
        key = (tuple(_style(cell)), top, heavy)
        made = self.ruled.get(key)
        if made is None:
            side = HEAVY if heavy else LIGHT
            above, below = cell.border.top, cell.border.bottom
            cell.border = Border(top=side if top else above, bottom=below if top else side)
            self.ruled[key] = _style(cell)
        else:
            cast(Any, cell)._style = copy(made)


def _style(cell: SheetCell) -> StyleArray:
    """Return the numbers of a cell's style; openpyxl's own way to give one cell another's style."""
    return cast(StyleArray, copy(cast(Any, cell)._style))


@dataclass(frozen=True, slots=True)
class Paper:
    """One sheet of a workbook and the styles its cells share with those of the other sheets."""

    sheet: Worksheet
    styles: Styles

    def put(
        self,
        row: int,
        column: int,
        text: str,
        *,
        size: float = BODY_SIZE,
        bold: bool = False,
        italic: bool = False,
        align: str = "left",
        vertical: str = "center",
        wrap: bool = True,
        superscript: str = "",
        symbols: bool = False,
        color: str = BLACK,
        indent: int | None = None,
    ) -> SheetCell:
        """Write words into a cell in the right fonts; words that begin with ``=`` stay words."""
        cell = cast(SheetCell, self.sheet.cell(row, column))
        if indent is None:
            indent = 1 if align == "right" else 0
        cell.value = shown = typeset(text, size, bold, italic, superscript, symbols)
        look = Look(face_of(text), size, bold, italic, color, align, vertical, wrap, indent)
        self.styles.dress(cell, look)
        if not isinstance(shown, CellRichText) and shown.startswith("="):
            cell.data_type = "s"
            cell.quotePrefix = True
        return cell

    def number(self, row: int, column: int, value: float, shown: str, *, bold: bool, color: str) -> None:
        """Write an unrounded number with the number format that shows it rounded."""
        cell = cast(SheetCell, self.sheet.cell(row, column))
        cell.value = int(value) if value.is_integer() else value
        # A gap, not an indent: LibreOffice drops that of every number on a sheet but the first.
        spaced = ";".join(f"{part}{GAP}" for part in shown.split(";"))
        look = Look(face_of(""), bold=bold, color=color, horizontal="right", number_format=spaced)
        self.styles.dress(cell, look)

    def rule(self, row: int, left: int, right: int, *, top: bool, heavy: bool) -> None:
        """Draw a rule above or below a row, from one column to another."""
        for position in range(left, right + 1):
            self.styles.rule(cast(SheetCell, self.sheet.cell(row, position)), top=top, heavy=heavy)

    def merge(self, top: int, left: int, bottom: int, right: int) -> None:
        """Make one cell of several; a single one stays what it is."""
        if (top, left) != (bottom, right):
            self.sheet.merge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)
