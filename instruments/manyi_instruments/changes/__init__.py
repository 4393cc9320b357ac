"""What an edit of a questionnaire does to answers that are there already."""

from manyi_instruments.changes.change import VERDICTS, Change, Verdict
from manyi_instruments.changes.comparison import compare_definitions

__all__ = ["VERDICTS", "Change", "Verdict", "compare_definitions"]
