"""Answers and scores for Stata: a labelled ``.dta`` a role."""

from manyi_outputs.stata.answers import write_dta

__all__ = ["write_dta"]
