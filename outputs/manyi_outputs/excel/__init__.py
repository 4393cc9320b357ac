"""The appendix as a workbook: a contents sheet and a sheet a numbered three-line table."""

from manyi_outputs.excel.workbook import write_appendix, write_workbook

__all__ = ["write_appendix", "write_workbook"]
