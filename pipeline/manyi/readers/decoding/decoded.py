"""The coded answers of one file, and which columns a question has among them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from manyi.readers.decoding.account import CellAccount
from manyi.readers.matching.evidence import Question
from manyi.readers.tables.column import Codes
from manyi_instruments.definitions.questionnaire import Item, Questionnaire
from manyi_instruments.faults import Fault


@dataclass(frozen=True, slots=True)
class Decoded:
    """Coded answers of one file.

    Attributes
    ----------
    answers : DataFrame
        ``ABOUT`` (``device`` still being an address) and the questions in asking order: float64
        with missing codes and never NaN for choice and number, ``{item}__{value}`` 1/0 for multiple choice
        and ranks from 1 for rankings,
        string (NA for none) for text, for a code (not yet hashed) and for ``{item}__text`` beside an answer.
    quarantine : DataFrame
        ``role, file, row, column, item, value, code, reason``: cells stored as ``invalid``, and rows that are
        no answer sheet (column and item empty).
    cells : DataFrame
        One row: ``rows_read = rows_kept + rows_quarantined + rows_elsewhere``; over the question columns of
        the kept rows ``cells_read = cells_kept + cells_recoded + cells_missing + cells_rejected``; missing by
        kind; the columns that are not questions and those unmatched, by their number.
    repaired_codes : DataFrame
        ``role, file, value, repaired, n``: school codes that had become a number (``1000303.0``).
    faults : tuple of Fault
        Warnings.
    seen : Mapping
        Of the row watched: column -> what became of its cell.
    elsewhere : Mapping
        Role -> spreadsheet rows that are its own, or listed with it; nothing where all rows are this role's.
    """

    answers: pd.DataFrame
    quarantine: pd.DataFrame
    cells: pd.DataFrame
    repaired_codes: pd.DataFrame
    faults: tuple[Fault, ...] = ()
    seen: Mapping[str, CellAccount] = field(default_factory=dict)
    elsewhere: Mapping[str, Codes] = field(default_factory=dict)


def question_columns(questionnaire: Questionnaire) -> tuple[str, ...]:
    """Return the columns of the questions in a coded table, in asking order."""
    names: list[str] = []
    for question in questionnaire.questions():
        names.extend(columns_of(question, questionnaire))
    return tuple(names)


def columns_of(question: Question, questionnaire: Questionnaire) -> tuple[str, ...]:
    """Return the columns of one question: its own, one an answer, the text beside an answer."""
    answers = questionnaire.answer_list(question)
    if answers is None:
        return (question.id,)
    other = (f"{question.id}__text",) if any(answer.other for answer in answers.answers) else ()
    if isinstance(question, Item) and question.type in ("multiple", "ranking"):
        return (*(f"{question.id}__{value}" for value in answers.values), *other)
    return (question.id, *other)
