"""Named faults: what a user did, where, why it cannot stand and what to do, in every language."""

from manyi_instruments.faults.catalogue import Entry, wordings
from manyi_instruments.faults.fault import (
    AnswersFaulty,
    DefinitionFaulty,
    Fault,
    FileUnreadable,
    ManyiError,
    Place,
    ResultNotComputed,
    Severity,
    StudyFaulty,
)

__all__ = [
    "AnswersFaulty",
    "DefinitionFaulty",
    "Entry",
    "Fault",
    "FileUnreadable",
    "ManyiError",
    "Place",
    "ResultNotComputed",
    "Severity",
    "StudyFaulty",
    "wordings",
]
