"""The sample as a workbook for the field: its size, its strata, whom to ask where, how it was drawn."""

from manyi_outputs.sample_list.assumptions import Drawing
from manyi_outputs.sample_list.sheets import sample_sheets

__all__ = ["Drawing", "sample_sheets"]
