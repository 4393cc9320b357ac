"""The report: a document of findings, figures and tables, and one self-contained page of it."""

from manyi_outputs.report.document import Chapter, Document, Passage, Picture, document, report_drawings
from manyi_outputs.report.facts import Facts
from manyi_outputs.report.finding import Finding
from manyi_outputs.report.page import write_report

__all__ = [
    "Chapter",
    "Document",
    "Facts",
    "Finding",
    "Passage",
    "Picture",
    "document",
    "report_drawings",
    "write_report",
]
