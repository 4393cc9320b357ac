"""Proposals for wordings of answers that the questionnaire does not have: which answer each may mean."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from manyi.readers.decoding.described import code_key
from manyi.readers.matching.similarity import likeness
from manyi.readers.platforms.source import SourceQuestion
from manyi.readers.wording import answer_key
from manyi_instruments.definitions.questionnaire import Answer, Questionnaire

#: Why cells were set aside that a person may give a meaning.
UNKNOWN = ("unknown-answer", "described-answer-unknown")
#: Below this likeness a proposal is not shown.
THRESHOLD = 0.6
#: Nor where another answer is nearly as alike: "agree" says nothing between "rather" and "fully agree".
CLOSE = 0.1
#: A question with more different unknown cells holds something else than answers.
_MOST_CELLS = 30


@dataclass(frozen=True, slots=True)
class AnswerProposal:
    """An answer that a wording in the file may mean.

    Attributes
    ----------
    item : str
        Id of the item.
    cell : str
        Wording in the file.
    answer : int
        Stored value of the answer.
    label : str
        The label of the answer it is like.
    score : float
        0 to 1, see `manyi.readers.matching.similarity.likeness`.
    n : int
        Cells that hold it.
    """

    item: str
    cell: str
    answer: int
    label: str
    score: float
    n: int


def propose_answers(
    quarantine: pd.DataFrame,
    questionnaire: Questionnaire,
    used: Mapping[str, Mapping[str, int]],
    sources: Mapping[str, SourceQuestion] | None = None,
) -> tuple[AnswerProposal, ...]:
    """Propose an answer for each unknown wording, one wording an answer, by the likeness of the labels.

    Parameters
    ----------
    quarantine : DataFrame
        ``item, value, code``: cells set aside; those that are ``unknown-answer`` or
        ``described-answer-unknown`` are looked at.
    questionnaire : Questionnaire
        Labels of the answers.
    used : Mapping
        Item -> wording -> value of what was confirmed already.
    sources : Mapping, optional
        Item -> question of the file: where its labels say what a code means, the labels are compared.

    Returns
    -------
    tuple of AnswerProposal
        By item and answer, where one answer is clearly the nearest. Numbers are never proposed: what a
        number without a label means no wording tells. Nothing is read before a person confirms it.
    """
    unknown = quarantine[quarantine["code"].isin(UNKNOWN)]
    questions = {question.id: question for question in questionnaire.questions()}
    found: list[AnswerProposal] = []
    for item, cells in unknown.groupby("item", sort=False)["value"]:
        question = questions.get(str(item))
        answers = questionnaire.answer_list(question) if question is not None else None
        known = used.get(str(item), {})
        counts = {str(cell): int(n) for cell, n in cells.value_counts().items()}
        wordings = {cell: _wordings(cell, (sources or {}).get(str(item))) for cell in counts}
        counts = {cell: n for cell, n in counts.items() if wordings[cell] and cell not in known}
        if answers is not None and 0 < len(counts) <= _MOST_CELLS:
            found.extend(_best(str(item), counts, wordings, answers.answers))
    return tuple(sorted(found, key=lambda one: (one.item, one.answer)))


def _best(
    item: str,
    counts: Mapping[str, int],
    wordings: Mapping[str, list[str]],
    answers: tuple[Answer, ...],
) -> list[AnswerProposal]:
    from scipy.optimize import linear_sum_assignment

    cells = list(counts)
    labels = [list(answer.label.values()) for answer in answers]
    alike = likeness([wordings[cell] for cell in cells], labels)
    second = np.sort(alike, axis=1)[:, -2:-1]
    clear = (alike >= THRESHOLD) & (alike >= second + CLOSE)
    shown = np.where(clear, alike, 0.0)
    # Half a second to import, for files that leave something open only.

    rows, columns = linear_sum_assignment(shown, maximize=True)
    return [
        AnswerProposal(
            item,
            cells[row],
            answers[column].value,
            _nearest(wordings[cells[row]], labels[column]),
            float(alike[row, column]),
            counts[cells[row]],
        )
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
        if shown[row, column]
    ]


def _nearest(wordings: list[str], labels: list[str]) -> str:
    """Return the label, of all languages, that a wording is most like."""
    return labels[int(likeness([wordings], [[label] for label in labels]).argmax())]


def _wordings(cell: str, source: SourceQuestion | None) -> list[str]:
    """Return what the file calls the answer of a cell: its labels, else the cell if it is a wording."""
    told = [
        answer for answer in (source.answers if source else ()) if code_key(answer.code) == code_key(cell)
    ]
    labels = [label for answer in told for label in answer.labels.values()]
    return [text for text in labels or [cell] if any(sign.isalpha() for sign in answer_key(text))]
