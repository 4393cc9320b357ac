"""Syntax that reproduces a role's tables from its ``.sav``, in the order of the tables."""

from manyi_outputs.spss.syntax.study import TABLES, study_syntax, write_opening, write_syntax

__all__ = ["TABLES", "study_syntax", "write_opening", "write_syntax"]
