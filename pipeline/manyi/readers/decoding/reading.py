"""What one cell means: kept, recoded, missing or rejected, and the number that is stored."""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from manyi_instruments.definitions.questionnaire import MissingKind
from manyi_instruments.faults import Fault


class Fate(IntEnum):
    """What became of a cell: every cell read has exactly one."""

    KEPT = 0
    RECODED = 1
    MISSING = 2
    REJECTED = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """What one cell text means for one question.

    ``values`` holds the stored value (a missing code where ``fate`` is missing), or every chosen answer of a
    multiple choice; ``code`` and ``details`` are the fault of a rejected cell; ``other`` is free text.
    """

    fate: Fate
    values: tuple[float, ...] = ()
    kind: MissingKind | None = None
    code: str = ""
    details: Mapping[str, object] = field(default_factory=dict)
    other: str | None = None


Rule = Callable[[str], Reading]


def held_back(rule: Rule, held: Mapping[str, Fault]) -> Rule:
    """Return a rule that rejects the cells held back, whatever they would mean."""
    if not held:
        return rule

    def read(cell: str) -> Reading:
        fault = held.get(cell)
        return rule(cell) if fault is None else Reading(Fate.REJECTED, code=fault.code, details=fault.details)

    return read


def plain_text(cell: str) -> str:
    """Return a cell in half-width characters without blanks around it.

    >>> plain_text(" ４ ")
    '4'
    """
    return unicodedata.normalize("NFKC", cell).strip()
