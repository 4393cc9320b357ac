"""Shares of the answers to every item, weighted to the population, with design-based errors."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from manyi_analysis.design_based.estimates import DomainEstimates, category_shares
from manyi_analysis.design_based.limits import share_limits
from manyi_analysis.design_based.survey_design import SurveyDesign
from manyi_instruments.definitions.questionnaire import Item, Questionnaire

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class WeightedAnswers:
    """The shares of one item's answers.

    Parameters
    ----------
    item : str
    answers : tuple of int
        As given, not reversed.
    found : DomainEstimates
        One share an answer.
    low, high : (answers,) array
        Confidence limits.
    """

    item: str
    answers: tuple[int, ...]
    found: DomainEstimates
    low: Array
    high: Array

    def to_frame(self) -> pd.DataFrame:
        """Return one row an answer: part of the table ``weighted_answers``."""
        found = self.found
        return pd.DataFrame(
            {
                "item": self.item,
                "answer": self.answers,
                "n": found.n,
                "weighted_n": found.weighted_n,
                "share": found.value,
                "se": found.se,
                "low": self.low,
                "high": self.high,
                "df": found.df,
                "deff": found.deff,
                "unweighted": found.unweighted,
                "reason": self._reason(),
            }
        )

    def _reason(self) -> str:
        if not self.found.n.any():
            return "no-answers-to-item"
        return "" if (self.found.df > 0).all() else "no-degrees-of-freedom"


def weighted_answers(
    scored: pd.DataFrame,
    questionnaire: Questionnaire,
    items: Sequence[Item],
    design: SurveyDesign,
    confidence: float = 0.95,
) -> tuple[WeightedAnswers, ...]:
    """Estimate the share of every answer of every item with an answer list among those who answered it.

    Parameters
    ----------
    scored : DataFrame
        Scored answers of the respondents with a weight, in the order of the design; NaN is missing.
    questionnaire : Questionnaire
        Tells the answer lists.
    items : sequence of Item
        Those that are a single choice are taken.
    design : SurveyDesign
        Weights, strata, units.
    confidence : float
        Level of the limits (Korn and Graubard).
    """
    made = []
    for item in items:
        answers = questionnaire.answer_list(item)
        if item.type != "choice" or answers is None or item.id not in scored:
            continue
        values = answers.values
        given = scored[item.id].to_numpy(dtype=np.float64, na_value=np.nan)
        codes = np.full(given.size, -1, dtype=np.intp)
        for number, value in enumerate(values):
            codes[given == value] = number
        found = category_shares(design, codes, len(values))
        # A share's limits rest on everybody who answered, not on those who gave the answer.
        everybody = replace(found, n=np.full(len(values), found.n.sum()))
        low, high = share_limits(everybody, confidence)
        made.append(WeightedAnswers(item.id, values, found, low, high))
    return tuple(made)
