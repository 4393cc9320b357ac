"""A sheet under the pen: words, numbers, rules and merged cells, every distinct look made once a workbook.

Cells are written down as the XML of the sheet at once. openpyxl makes an object of each, and of tens of
thousands that alone takes longer than all the rest; it still writes styles, print set-up and the package.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple
from xml.sax.saxutils import escape

from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from manyi_outputs.excel.type import (
    BLACK,
    BODY_SIZE,
    HEAVY,
    LIGHT,
    NARROW_FONT,
    face_of,
    height_of,
    printable,
    runs,
)

#: Behind every number, as wide as the indent of right-aligned words.
GAP = "_0_0"
#: Characters a cell can hold.
_LONGEST = 32_000
#: What looks like the escape of a character in a workbook and is none.
_ESCAPE = re.compile(r"_(x[0-9A-Fa-f]{4}_)")

letter = lru_cache(maxsize=None)(get_column_letter)


class Look(NamedTuple):
    """How a cell looks; cells that look alike share one style."""

    face: str = NARROW_FONT
    size: float = BODY_SIZE
    bold: bool = False
    italic: bool = False
    color: str = BLACK
    horizontal: str | None = None
    vertical: str | None = None
    wrap: bool = False
    indent: int = 0
    number_format: str = "General"
    quoted: bool = False
    above: str = ""
    below: str = ""


@dataclass(slots=True)
class Styles:
    """The styles of one workbook: each look is put together once and its number kept."""

    sheet: Worksheet
    numbers: dict[Look, int] = field(default_factory=dict)

    def number(self, look: Look) -> int:
        """Return the number of a look among the styles of the workbook."""
        found = self.numbers.get(look)
        if found is None:
            found = self.numbers[look] = self._made(look)
        return found

    def _made(self, look: Look) -> int:
        cell = SheetCell(self.sheet, 1, 1)
        cell.font = Font(name=look.face, size=look.size, bold=look.bold, italic=look.italic, color=look.color)
        cell.number_format = look.number_format
        cell.alignment = Alignment(
            horizontal=look.horizontal,
            vertical=look.vertical,
            wrap_text=look.wrap or None,
            indent=look.indent,
        )
        sides = {"": Side(), "light": LIGHT, "heavy": HEAVY}
        if look.above or look.below:
            cell.border = Border(top=sides[look.above], bottom=sides[look.below])
        if look.quoted:
            cell.quotePrefix = True
        return int(cell.style_id)


@dataclass(slots=True)
class Paper:
    """One sheet of a workbook and the styles its cells share with those of the other sheets."""

    sheet: Worksheet
    styles: Styles
    cells: dict[int, dict[int, tuple[Look, str]]] = field(default_factory=dict)
    heights: dict[int, float] = field(default_factory=dict)
    merged: list[str] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)

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
        pieces: Sequence[tuple[str, bool]] = (),
        color: str = BLACK,
        indent: int | None = None,
    ) -> None:
        """Write words into a cell in the right fonts; words that begin with ``=`` stay words.

        Parameters
        ----------
        row, column : int
        text : str
        size, bold, italic, align, vertical, wrap, color, indent
            Of the cell; words beside another column are indented one step where they stand right.
        superscript : str
            A raised letter behind the text.
        pieces : sequence of (text, bool)
            The text in parts, each with whether it stands in italics.
        """
        if indent is None:
            indent = 1 if align == "right" else 0
        parts = tuple(pieces) or ((text, italic),)
        italic = italic or (len(parts) == 1 and parts[0][1])
        look = Look(
            face_of(text), size, bold, italic, color, align, vertical, wrap, indent, quoted=text[:1] == "="
        )
        self.place(row, column, look, _words(parts, size, bold, color, superscript))

    def number(self, row: int, column: int, value: float, shown: str, *, bold: bool, color: str) -> None:
        """Write an unrounded number with the number format that shows it rounded."""
        if not math.isfinite(value):
            self.put(row, column, "−∞" if value < 0 else "∞", align="right", bold=bold, color=color)
            return
        # A gap, not an indent: LibreOffice drops that of every number on a sheet but the first.
        spaced = ";".join(f"{part}{GAP}" for part in shown.split(";"))
        look = Look(bold=bold, color=color, horizontal="right", vertical="center", number_format=spaced)
        digits = str(int(value)) if value.is_integer() else repr(float(value))
        self.place(row, column, look, f"<v>{digits}</v>")

    def place(self, row: int, column: int, look: Look, content: str) -> None:
        """Put a look and what stands in it into a cell; rules drawn there before stay."""
        line = self.cells.setdefault(row, {})
        if column in line:
            look = look._replace(above=line[column][0].above, below=line[column][0].below)
        line[column] = (look, content)

    def rule(self, row: int, left: int, right: int, *, top: bool, heavy: bool) -> None:
        """Draw a rule above or below a row, from one column to another."""
        line, weight = self.cells.setdefault(row, {}), "heavy" if heavy else "light"
        for column in range(left, right + 1):
            look, content = line.get(column, (Look(), ""))
            look = look._replace(above=weight) if top else look._replace(below=weight)
            line[column] = (look, content)

    def merge(self, top: int, left: int, bottom: int, right: int) -> None:
        """Make one cell of several; a single one stays what it is."""
        if (top, left) != (bottom, right):
            self.merged.append(f"{letter(left)}{top}:{letter(right)}{bottom}")

    def tall(self, row: int, lines: int, size: float = BODY_SIZE, more: float = 0) -> None:
        """Give a row the height of so many lines."""
        self.heights[row] = min(height_of(lines, size) + more, height_of(10**6))

    def link(self, row: int, column: int, sheet: str) -> None:
        """Make a cell a link to another sheet."""
        target = "'" + sheet.replace("'", "''") + "'!A1"
        self.links.append((f"{letter(column)}{row}", target))

    def body(self) -> bytes:
        """Return the rows, merged cells and links as the XML of a worksheet, in the order it has them."""
        number = self.styles.number
        parts = ["<sheetData>"]
        for row in sorted(self.cells.keys() | self.heights.keys()):
            height = self.heights.get(row)
            tall = f' ht="{height:g}" customHeight="1"' if height is not None else ""
            parts.append(f'<row r="{row}"{tall}>')
            for column, (look, content) in sorted(self.cells.get(row, {}).items()):
                kind = ' t="inlineStr"' if content[:3] == "<is" else ""
                parts.append(f'<c r="{letter(column)}{row}" s="{number(look)}"{kind}>{content}</c>')
            parts.append("</row>")
        parts.append("</sheetData>")
        if self.merged:
            parts.append(f'<mergeCells count="{len(self.merged)}">')
            parts += [f'<mergeCell ref="{area}"/>' for area in self.merged]
            parts.append("</mergeCells>")
        if self.links:
            parts.append("<hyperlinks>")
            parts += [
                f'<hyperlink ref="{cell}" location="{escape(target, {chr(34): "&quot;"})}"/>'
                for cell, target in self.links
            ]
            parts.append("</hyperlinks>")
        return "".join(parts).encode()

    @property
    def extent(self) -> str:
        """Return the area of the sheet that has cells."""
        right = max((max(line, default=1) for line in self.cells.values()), default=1)
        return f"A1:{letter(right)}{max(self.cells, default=1)}"


@lru_cache(maxsize=1 << 14)
def _words(
    pieces: tuple[tuple[str, bool], ...], size: float, bold: bool, color: str, superscript: str
) -> str:
    """Return words as the XML of a cell: plain for one script, runs with a font each for a mixture."""
    parts = [(part, italic) for piece, italic in pieces for part in runs(printable(piece)[:_LONGEST])]
    if not parts and not superscript:
        return ""
    if len(parts) == 1 and len(pieces) == 1 and not superscript:
        return f"<is>{_text(parts[0][0])}</is>"
    blocks = [_run(part, size, bold, italic, color, "") for part, italic in parts]
    if superscript:
        blocks.append(_run(superscript, size, bold, False, color, "superscript"))
    return f"<is>{''.join(blocks)}</is>"


def _run(text: str, size: float, bold: bool, italic: bool, color: str, raised: str) -> str:
    font = f'<rFont val="{face_of(text)}"/>'
    font += ('<b val="1"/>' if bold else "") + ('<i val="1"/>' if italic else "")
    font += f'<color rgb="{color}"/>' if color != BLACK else ""
    font += f'<sz val="{size:g}"/>' + (f'<vertAlign val="{raised}"/>' if raised else "")
    return f"<r><rPr>{font}</rPr>{_text(text)}</r>"


def _text(text: str) -> str:
    return f'<t xml:space="preserve">{escape(_ESCAPE.sub("_x005F_" + chr(92) + "1", text))}</t>'
