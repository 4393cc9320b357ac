"""Proposals for what evidence left over: which column may hold which question, with a score from 0 to 1."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from manyi.readers.matching.decodability import Decodability
from manyi.readers.matching.evidence import Question
from manyi.readers.matching.number_and_order import numbered
from manyi.readers.matching.similarity import likeness
from manyi.readers.platforms.source import SourceQuestion
from manyi.readers.wording import question_key
from manyi_instruments.definitions.questionnaire import Questionnaire

Scores = npt.NDArray[np.float64]

#: What wording, answers, order and number count for where the column has a wording.
WORDED = (0.70, 0.15, 0.10, 0.05)
#: And where its heading is a number only: never as much as a wording.
NUMBERED = (0.0, 0.30, 0.20, 0.20)
#: Below this a proposal is not shown.
THRESHOLD = 0.5
#: Another column this near in score is shown too.
CLOSE = 0.1
_STEM_AND_NUMBER = re.compile(r"(?P<stem>.*[^\d])0*(?P<number>\d{1,9})")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A column that may hold a question.

    Attributes
    ----------
    item : str
        Id of the item or attention check.
    source : SourceQuestion
        The question of the file.
    column : str
        By what a mapping file names it.
    score : float
        0 to 1, see `propose`.
    wording : float or None
        How alike the wordings are; None where the heading is a number only.
    answers : float or None
        Share of the column's different cells that the item's answers can read; None where that tells
        nothing.
    order : float
        1 next to where its neighbours stand, 0.5 between them, else 0.
    number : bool
        Whether its number is the item's place or the number in its id.
    runner_up : str
        Another column nearly as good; empty where there is none.
    runner_up_score : float
        Its score.
    """

    item: str
    source: SourceQuestion
    column: str
    score: float
    wording: float | None
    answers: float | None
    order: float
    number: bool
    runner_up: str = ""
    runner_up_score: float = 0.0


def propose(
    found: Mapping[str, SourceQuestion],
    questions_left: Sequence[Question],
    columns_left: Sequence[SourceQuestion],
    questionnaire: Questionnaire,
    decodability: Decodability,
) -> tuple[Proposal, ...]:
    """Propose columns for questions that no evidence found, one column a question at most.

    The score is ``.70 wording + .15 answers + .10 order + .05 number`` for a column with a wording, and
    ``.30 answers + .20 order + .20 number`` for one whose heading is a number only. *Wording*: the Dice
    coefficient of character bigrams, the best over all languages, see
    `manyi.readers.matching.similarity.likeness`. *Answers*: share of the column's different cells that the
    item's answers can read; 0.5 where that tells nothing. *Order*: 1 where the column stands as far from
    the nearest question found before or after it as the item does in the questionnaire, 0.5 where it
    stands between them, else 0. *Number*: 1 where its number is the item's place or the number that ends
    the item's id. A column named as the item but with another number scores 0.

    Columns are assigned so that the sum of the scores is highest (Kuhn, 1955); those below .5 are not shown.

    Parameters
    ----------
    found : Mapping
        Item -> question of the file, of what evidence found.
    questions_left, columns_left : sequence
        What is left of the questionnaire and of the file.
    questionnaire : Questionnaire
        The questions in the order asked.
    decodability : Decodability
        Tells which cells can be read.

    Returns
    -------
    tuple of Proposal
        In the order of the questionnaire. Nothing of it is read before a person confirms it.

    References
    ----------
    Kuhn (1955), The Hungarian method for the assignment problem. Naval Research Logistics Quarterly 2, 83-97.
    """
    if not questions_left or not columns_left:
        return ()
    from scipy.optimize import linear_sum_assignment

    parts = _Parts(found, questions_left, columns_left, questionnaire, decodability)
    scores = parts.scores()
    shown = np.where(scores >= THRESHOLD, scores, 0.0)
    # Half a second to import, for files that leave something open only.

    rows, columns = linear_sum_assignment(shown, maximize=True)
    chosen = [
        (row, column)
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
        if shown[row, column]
    ]
    return tuple(parts.proposal(scores, row, column) for row, column in chosen)


class _Parts:
    """The parts of the score for every question and column left over, shape (questions, columns)."""

    def __init__(
        self,
        found: Mapping[str, SourceQuestion],
        questions: Sequence[Question],
        columns: Sequence[SourceQuestion],
        questionnaire: Questionnaire,
        decodability: Decodability,
    ) -> None:
        self.questions, self.columns, self.decodability = questions, columns, decodability
        self.worded = np.array([numbered(column) is None for column in columns])
        self.wording = likeness(
            [_wordings_asked(asked) for asked in questions], [_wordings_of(column) for column in columns]
        )
        self.wording[:, ~self.worded] = 0.0
        places = {question.id: place for place, question in enumerate(questionnaire.questions())}
        self.order = _order(found, questions, columns, places, decodability)
        self.number = _numbers(questions, columns, places)
        self.contradicted = _other_number(questions, columns)
        self.answers = np.full(self.wording.shape, np.nan)

    def scores(self) -> Scores:
        """Return the scores; answers are compared only where the rest leaves a chance."""
        weights = np.where(self.worded[:, None], WORDED, NUMBERED)
        rest = weights[:, 0] * self.wording + weights[:, 2] * self.order + weights[:, 3] * self.number
        reached = (rest + weights[:, 1] >= THRESHOLD) & ~self.contradicted
        for row, column in np.argwhere(reached).tolist():
            share = self.decodability.share(self.questions[row], self.columns[column])
            self.answers[row, column] = np.nan if share is None else share
        read = np.where(np.isnan(self.answers), 0.5, self.answers)
        return np.asarray(np.where(reached, np.clip(rest + weights[:, 1] * read, 0.0, 1.0), 0.0))

    def proposal(self, scores: Scores, row: int, column: int) -> Proposal:
        """Return the proposal of one pair, with the next best column where it is close."""
        others = scores[row].copy()
        others[column] = 0.0
        second = int(others.argmax())
        close = others[second] >= max(THRESHOLD, scores[row, column] - CLOSE)
        answers = float(self.answers[row, column])
        return Proposal(
            item=self.questions[row].id,
            source=self.columns[column],
            column=name_of(self.columns[column]),
            score=float(scores[row, column]),
            wording=float(self.wording[row, column]) if self.worded[column] else None,
            answers=None if np.isnan(answers) else answers,
            order=float(self.order[row, column]),
            number=bool(self.number[row, column]),
            runner_up=name_of(self.columns[second]) if close else "",
            runner_up_score=float(others[second]) if close else 0.0,
        )


def name_of(question: SourceQuestion) -> str:
    """Return by what a mapping file names a question of a file: its column, or what its columns share."""
    return question.columns[0].strip() if len(question.columns) == 1 else question.heading.strip()


def _wordings_asked(question: Question) -> list[str]:
    return [question.id, *question.heading, *question.text.values()]


def _wordings_of(column: SourceQuestion) -> list[str]:
    alone = (column.columns[0],) if len(column.columns) == 1 else ()
    return [
        column.heading,
        column.code,
        column.wording,
        column.text,
        column.row,
        *column.texts.values(),
        *alone,
    ]


def _order(
    found: Mapping[str, SourceQuestion],
    questions: Sequence[Question],
    columns: Sequence[SourceQuestion],
    places: Mapping[str, int],
    decodability: Decodability,
) -> Scores:
    """Return how well the place of each column fits that of each question among those found."""
    position = {asked.columns: at for at, asked in enumerate(decodability.source.questions)}
    # Of a question over columns that was taken apart, only the parts are known to the search.
    anchors = sorted(
        (places[item], position[asked.columns]) for item, asked in found.items() if asked.columns in position
    )
    ends = [(-1, -1), *anchors, (len(places), len(decodability.source.questions))]
    ranks = np.array([place for place, _ in ends])
    at = np.array([where for _, where in ends])
    own = np.array([places[question.id] for question in questions])
    after = np.searchsorted(ranks, own)
    before = after - 1
    here = np.array([position[column.columns] for column in columns])[None, :]
    from_before = at[before] + own - ranks[before]
    from_after = at[after] - (ranks[after] - own)
    beside = (here == from_before[:, None]) | (here == from_after[:, None])
    between = (here > at[before][:, None]) & (here < at[after][:, None])
    return np.asarray(np.where(beside, 1.0, np.where(between, 0.5, 0.0)))


def _numbers(
    questions: Sequence[Question], columns: Sequence[SourceQuestion], places: Mapping[str, int]
) -> Scores:
    """Return 1 where a column's number is the question's place, or the number that ends its id."""
    numbers = np.array([_number(column) for column in columns])
    of_place = np.array([places[question.id] + 1 for question in questions])
    ends = [_STEM_AND_NUMBER.fullmatch(question.id) for question in questions]
    of_id = np.array([int(end["number"]) if end else -1 for end in ends])
    same = (numbers[None, :] == of_place[:, None]) | (numbers[None, :] == of_id[:, None])
    return np.asarray((same & (numbers >= 0)[None, :]).astype(np.float64))


def _number(column: SourceQuestion) -> int:
    """Return the number of a column, -2 where it has none."""
    only = numbered(column)
    if only is not None:
        return only.number
    return int(column.number[-9:]) if column.number.isdecimal() else -2


def _other_number(questions: Sequence[Question], columns: Sequence[SourceQuestion]) -> npt.NDArray[np.bool_]:
    """Return where a column has the name of the question with another number: item 4 is not item 3."""
    numbered_alike: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for place, column in enumerate(columns):
        for stem, number in _stems((column.heading, column.code, column.columns[0])):
            numbered_alike[stem].append((place, number))
    other = np.zeros((len(questions), len(columns)), dtype=bool)
    for row, question in enumerate(questions):
        for stem, number in _stems((question.id, *question.heading)):
            for place, theirs in numbered_alike.get(stem, ()):
                other[row, place] |= theirs != number
    return other


def _stems(names: Sequence[str]) -> set[tuple[str, int]]:
    found = (_STEM_AND_NUMBER.fullmatch(question_key(name)) for name in names)
    return {(one["stem"], int(one["number"])) for one in found if one}
