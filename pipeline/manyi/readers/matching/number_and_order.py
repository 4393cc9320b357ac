"""Columns whose headings carry only numbers: matched where number, order and answers all agree."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from manyi.readers.matching.decodability import Decodability
from manyi.readers.matching.evidence import Question
from manyi.readers.platforms.source import SourceQuestion
from manyi_instruments.definitions.questionnaire import Questionnaire

_NUMBER_ONLY = re.compile(
    r"^\s*(?:第\s*0*(?P<zh>\d{1,6})\s*[题問问題]?|[(（]?\s*(?P<prefix>[A-Za-z]{0,8})[\s._-]?0*(?P<number>\d{1,6})\s*[)）]?)\s*[、.．:：]?\s*$"
)
#: A single numbered column agrees in count and order with anything.
_FEWEST = 3


@dataclass(frozen=True, slots=True)
class NumberedColumn:
    """A question of the file of which the heading tells the number and nothing else."""

    question: SourceQuestion
    prefix: str
    number: int


def numbered(question: SourceQuestion) -> NumberedColumn | None:
    """Return the number of a question whose heading holds nothing else, or None.

    Parameters
    ----------
    question : SourceQuestion
        The question as found; one with a wording from labels or a structure is not of this kind.

    Examples
    --------
    >>> headed = [SourceQuestion(text, "", text, "", "single", (), (text,)) for text in ("第8题", "Q08", "A")]
    >>> [(one.prefix, one.number) if one else None for one in map(numbered, headed)]
    [('', 8), ('q', 8), None]
    """
    found = _NUMBER_ONLY.match(unicodedata.normalize("NFKC", question.heading))
    if found is None or any(question.texts.values()) or question.row:
        return None
    return NumberedColumn(question, (found["prefix"] or "").casefold(), int(found["zh"] or found["number"]))


def by_number_and_order(
    found: Mapping[str, SourceQuestion],
    questions_left: Sequence[Question],
    columns_left: Sequence[SourceQuestion],
    questionnaire: Questionnaire,
    decodability: Decodability,
) -> dict[str, SourceQuestion]:
    """Pair numbered columns with the questions left over, all of them or none.

    Accepted only where everything agrees: there are as many numbered columns as questions left (at least
    three); their headings have one prefix; their numbers rise as the places of the questions in the
    questionnaire do, step by step; with what was found by other evidence the order of the file is that of
    the questionnaire throughout; and under this pairing every cell of every column can be read.

    Parameters
    ----------
    found : Mapping
        Item -> question of the file, of what was found by other evidence.
    questions_left, columns_left : sequence
        What nothing was found for, in the order of the questionnaire and of the file.
    questionnaire : Questionnaire
        The questions in the order asked.
    decodability : Decodability
        Tells whether cells can be read.

    Returns
    -------
    dict
        Item -> question of the file; empty where anything disagrees.
    """
    columns = [one for column in columns_left if (one := numbered(column)) is not None]
    if len(columns) < _FEWEST or len(columns) != len(questions_left):
        return {}
    places = {question.id: place for place, question in enumerate(questionnaire.questions())}
    steps = {
        column.number - places[question.id] for column, question in zip(columns, questions_left, strict=True)
    }
    if len(steps) != 1 or len({column.prefix for column in columns}) != 1:
        return {}
    paired = {question.id: column.question for question, column in zip(questions_left, columns, strict=True)}
    if not _in_one_order({**found, **paired}, places, decodability):
        return {}
    readable = all(decodability.reads_all(question, paired[question.id]) for question in questions_left)
    return paired if readable else {}


def _in_one_order(
    paired: Mapping[str, SourceQuestion], places: Mapping[str, int], decodability: Decodability
) -> bool:
    """Return whether the columns stand in the order of the questions."""
    column_places = {str(name): place for place, name in enumerate(decodability.source.raw.cells.columns)}
    in_order = sorted(paired, key=places.__getitem__)
    at = [column_places[paired[item].columns[0]] for item in in_order]
    return all(before < after for before, after in pairwise(at))
