"""What a topic is: the records it needs of the one pass over the answers, and the tables it makes of them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from manyi.study.analysis_plan import Analysis
from manyi.topics.one_pass import Gathered, Wanted
from manyi_instruments.definitions.questionnaire import Questionnaire

if TYPE_CHECKING:
    import pandas as pd

#: Column of the school in scored answers.
SCHOOL = "school"


@dataclass(frozen=True, slots=True)
class Subject:
    """One role's answers before they are read: what is asked of them.

    Parameters
    ----------
    role : str
    questionnaire : Questionnaire
    plan : Analysis
        The part of the plan that the answers can carry out.
    columns : collection of str
        Columns of the scored answers, those of the schools joined.
    schooled : bool
        Whether any answer carries a school.
    blank : collection of str
        Columns without any value.
    words : collection of str
        Columns of text, not numbers.
    """

    role: str
    questionnaire: Questionnaire
    plan: Analysis
    columns: Collection[str] = ()
    schooled: bool = False
    blank: Collection[str] = frozenset()
    words: Collection[str] = frozenset()


class Topic(Protocol):
    """One subject's results on one question."""

    def sets(self) -> Mapping[object, Wanted]:
        """Return what the pass must gather, by the key the tables look it up with."""
        ...

    def tables(self, gathered: Mapping[object, Gathered]) -> "dict[str, pd.DataFrame]":
        """Return the result tables by name, without the column ``role``; a planned result is never absent."""
        ...
