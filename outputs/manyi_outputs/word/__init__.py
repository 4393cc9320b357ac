"""The report as a Word file: styles, captions as fields, cross-references, tables that can be edited."""

from manyi_outputs.word.report import write_word

__all__ = ["write_word"]
