"""Every title, heading, note and term of the outputs, a TOML file a language, and how numbers are written."""

from manyi_outputs.wording.numerals import Kind, Numerals, statistic_runs
from manyi_outputs.wording.words import Wording, languages, wording

__all__ = ["Kind", "Numerals", "Wording", "languages", "statistic_runs", "wording"]
