"""The report: one self-contained page that opens with the answer."""

from manyi_outputs.report.page import write_report

__all__ = ["write_report"]
