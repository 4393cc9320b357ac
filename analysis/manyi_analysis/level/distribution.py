"""How often each answer of each question was given, and how often respondents said they do not know."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from manyi_analysis.records.tables import Tables
from manyi_instruments.definitions.questionnaire import Item, Questionnaire

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class AnswerDistribution:
    """Answer counts of choice and multiple-choice questions.

    Parameters
    ----------
    items : tuple of str
        Question of each row.
    answers : tuple of int
        Answer of each row; answers nobody gave stand with 0.
    n : (rows,) array of int
        Respondents who gave it.
    answered : (rows,) array of int
        Respondents who answered the question; the denominator of `share`.
    missing : (rows,) array of int
        Respondents who did not, for whatever reason.
    """

    items: tuple[str, ...]
    answers: tuple[int, ...]
    n: Counts
    answered: Counts
    missing: Counts

    def to_frame(self) -> pd.DataFrame:
        """Return one row a question and answer: table ``answers``. `share` is empty where nobody answered."""
        answered = np.where(self.answered > 0, self.answered, np.nan)
        return pd.DataFrame(
            {
                "item": self.items,
                "answer": np.array(self.answers, dtype=np.int64),
                "n": self.n,
                "share": self.n / answered,
                "answered": self.answered,
                "missing": self.missing,
            }
        )


@dataclass(frozen=True, slots=True, eq=False)
class DontKnow:
    """How often "don't know" was answered where it was offered.

    Parameters
    ----------
    items : tuple of str
        Questions that offer the answer, or on which it occurs.
    n : (items,) array of int
        Respondents who gave it.
    asked : (items,) array of int
        Respondents who were asked; the denominator of `share`.
    """

    items: tuple[str, ...]
    n: Counts
    asked: Counts

    def to_frame(self) -> pd.DataFrame:
        """Return one row a question: table ``dont_know``. `share` is empty where nobody was asked."""
        asked = np.where(self.asked > 0, self.asked, np.nan)
        return pd.DataFrame({"item": self.items, "n": self.n, "share": self.n / asked, "asked": self.asked})


def answer_distribution(
    coded: pd.DataFrame, questionnaire: Questionnaire, items: Sequence[Item] | None = None
) -> AnswerDistribution:
    """Count the answers of choice and multiple-choice questions.

    share = n(answer) / n(answered).

    Parameters
    ----------
    coded : DataFrame
        Coded answers of the respondents counted; missing answers carry the questionnaire's codes.
    questionnaire : Questionnaire
        Names the answers of every question.
    items : sequence of Item, optional
        Questions counted; default demographics and items. Numbers and texts have no answer list and are
        left out, as are questions the table does not hold.

    Returns
    -------
    AnswerDistribution
        A multiple-choice question has a row an answer, of the respondents who answered the question, so its
        shares add up to more than 1.

    References
    ----------
    Counting; who is counted is said under Returns. R: ``prop.table(table(x))``.
    """
    codes = [float(missing.code) for missing in questionnaire.missing_codes.values()]
    chosen = questionnaire.all_items() if items is None else tuple(items)
    single = [item for item in chosen if item.type == "choice" and item.id in coded]
    values = {item.id: _answers(questionnaire, item) for item in single}
    given = coded[list(values)]
    tables = Tables.of(given.mask(given.isin(codes)), tuple(values), values, pairs=False)
    rows: list[tuple[str, int, int, int]] = []
    for item in chosen:
        if item.id in values:
            listed = dict(zip(*(part.tolist() for part in tables.answers(item.id)), strict=True))
            total = tables.n(item.id)
            rows += [(item.id, int(value), int(count), total) for value, count in listed.items()]
        elif item.type == "multiple":
            rows += _multiple(coded, questionnaire, item, codes)
    n, answered = (np.array([row[part] for row in rows], dtype=np.int64) for part in (2, 3))
    return AnswerDistribution(
        items=tuple(row[0] for row in rows),
        answers=tuple(row[1] for row in rows),
        n=n,
        answered=answered,
        missing=len(coded) - answered,
    )


def dont_know(
    coded: pd.DataFrame, questionnaire: Questionnaire, items: Sequence[Item] | None = None
) -> DontKnow:
    """Count the don't-know answers, which are missing for scores and a finding by themselves.

    share = n(don't know) / n(asked).

    Parameters
    ----------
    coded : DataFrame
        Coded answers of the respondents counted.
    questionnaire : Questionnaire
        Tells which questions offer the answer, and its code.
    items : sequence of Item, optional
        Questions counted; default demographics and items.

    Returns
    -------
    DontKnow
        Of those asked: everyone but respondents who skipped the question by design ("not asked").

    References
    ----------
    Counting; who is counted is said under Returns. R: ``mean(x[x != -7] == -8)``.
    """
    missing = questionnaire.missing_codes
    unknown, skipped = float(missing["dont_know"].code), float(missing["not_asked"].code)
    chosen = questionnaire.all_items() if items is None else tuple(items)
    numeric = [item for item in chosen if item.type in ("choice", "number") and item.id in coded]
    answers = coded[[item.id for item in numeric]].to_numpy(dtype=np.float64)
    n, asked = (answers == unknown).sum(axis=0), (answers != skipped).sum(axis=0)
    shown = [at for at, item in enumerate(numeric) if item.dont_know or n[at] > 0]
    return DontKnow(
        items=tuple(numeric[at].id for at in shown),
        n=n[shown].astype(np.int64),
        asked=asked[shown].astype(np.int64),
    )


def _answers(questionnaire: Questionnaire, item: Item) -> tuple[int, ...]:
    answers = questionnaire.answer_list(item)
    return answers.values if answers is not None else ()


def _multiple(
    coded: pd.DataFrame, questionnaire: Questionnaire, item: Item, codes: Sequence[float]
) -> list[tuple[str, int, int, int]]:
    """Return question, answer, respondents who ticked it and respondents who answered, one row an answer."""
    names = {value: f"{item.id}__{value}" for value in _answers(questionnaire, item)}
    held = {value: name for value, name in names.items() if name in coded}
    if not held:
        return []
    ticks = coded[list(held.values())].to_numpy(dtype=np.float64)
    answered = int((~np.isin(ticks, list(codes)) & ~np.isnan(ticks)).any(axis=1).sum())
    ticked = (ticks == 1.0).sum(axis=0)
    return [(item.id, value, int(count), answered) for value, count in zip(held, ticked, strict=True)]
