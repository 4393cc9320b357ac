"""The appendix of a thesis: its tables in their order, before they become a workbook or a page."""

from manyi_outputs.appendix.order import Numbered, appendix, numbered, sourced
from manyi_outputs.appendix.table import SECTIONS, Cell, Column, Row, Section, Table

__all__ = [
    "SECTIONS",
    "Cell",
    "Column",
    "Numbered",
    "Row",
    "Section",
    "Table",
    "appendix",
    "numbered",
    "sourced",
]
