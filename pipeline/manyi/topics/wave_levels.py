"""An index of one wave of a role's answers, overall and by school, with weights and without."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from manyi_analysis.design_based import SurveyDesign, domain_means
from manyi_analysis.level.satisfaction import index_levels, index_outcomes, respondent_values
from manyi_analysis.level.suppression import SMALL_CELL
from manyi_analysis.records import LevelSums, NotComputed
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.scoring import IndexDefinition


@dataclass(frozen=True, slots=True)
class WaveAnswers:
    """One wave of a role's answers.

    Parameters
    ----------
    questionnaire : Questionnaire
    rows : DataFrame
        The rows kept: ``school`` and the columns of the measures.
    weighted : DataFrame, optional
        Those of them that have a weight.
    design : SurveyDesign, optional
        The design behind these; both are there or neither.
    """

    questionnaire: Questionnaire
    rows: pd.DataFrame
    weighted: pd.DataFrame | None = None
    design: SurveyDesign | None = None


@dataclass(frozen=True, slots=True)
class WaveLevel:
    """An index of one wave.

    Parameters
    ----------
    value, se, df : float
        From 0 to 100, its error, and the degrees of freedom of that.
    n : int
        Respondents.
    """

    value: float
    se: float
    df: float
    n: int


def wave_level(
    answers: WaveAnswers, measure: str, definition: IndexDefinition, minimum: int, confidence: float
) -> WaveLevel | NotComputed:
    """Return the index of a wave without weights, errors clustered by school.

    Parameters
    ----------
    answers : WaveAnswers
    measure : str
        Scale or item.
    definition : str
        Of the index.
    minimum : int
        Smaller groups are not shown.
    confidence : float
    """
    outcomes = index_outcomes(answers.questionnaire, [measure])
    known = [outcome for outcome in outcomes if outcome.column in answers.rows]
    school = "school" if answers.rows["school"].notna().any() else None
    sums = LevelSums.of(answers.rows, known, (), school)
    if known and answers.rows[known[0].column].notna().sum() == 0:
        return NotComputed("satisfaction", SMALL_CELL, {"minimum": minimum})
    found = index_levels(sums, answers.questionnaire, [measure], definition, (), school, minimum, confidence)
    result = found.cells[0].result
    if isinstance(result, NotComputed):
        return result
    return WaveLevel(result.value, result.se, float((result.schools or result.n) - 1), result.n)


def weighted_wave_level(
    answers: WaveAnswers,
    measure: str,
    definition: IndexDefinition,
    plain: WaveLevel | NotComputed,
    minimum: int,
) -> WaveLevel | NotComputed:
    """Return the weighted index of a wave with its design-based error.

    Parameters
    ----------
    answers, measure, definition, minimum
        As of `wave_level`.
    plain : WaveLevel or NotComputed
        The index without weights: where it is not shown, the weighted one is not.
    """
    if isinstance(plain, NotComputed) or answers.design is None or answers.weighted is None:
        return plain
    values = respondent_values(answers.weighted, answers.questionnaire, measure, definition)
    if isinstance(values, NotComputed):
        return values
    found = domain_means(answers.design, values)
    n = int(found.n[0])
    if n < minimum:
        return NotComputed("satisfaction", SMALL_CELL, {"minimum": minimum}, n)
    if found.df[0] < 1:
        return NotComputed("change", "change-without-error", {}, n)
    return WaveLevel(float(found.value[0]), float(found.se[0]), float(found.df[0]), n)


def school_means(
    answers: WaveAnswers, measure: str, definition: IndexDefinition, smallest: int
) -> "pd.Series[float] | NotComputed":
    """Return the index of every school with enough respondents, by school."""
    values = respondent_values(answers.rows, answers.questionnaire, measure, definition)
    if isinstance(values, NotComputed):
        return values
    grouped = pd.Series(values).groupby(answers.rows["school"].to_numpy(dtype=object))
    means = grouped.mean()
    return means[grouped.count().to_numpy() >= smallest]


def school_table(
    answers: WaveAnswers, measure: str, definition: IndexDefinition, smallest: int, weighed: bool
) -> pd.DataFrame | NotComputed:
    """Return index and weight of every school with enough respondents, by school; all alike without weights.

    A school's index is the weighted mean of its respondents, its weight the sum of theirs.
    """
    if not weighed or answers.design is None or answers.weighted is None:
        means = school_means(answers, measure, definition, smallest)
        return means if isinstance(means, NotComputed) else pd.DataFrame({"mean": means, "weight": 1.0})
    values = respondent_values(answers.weighted, answers.questionnaire, measure, definition)
    if isinstance(values, NotComputed):
        return values
    weight = np.where(np.isnan(values), 0.0, answers.design.weight)
    sums = pd.DataFrame({"n": weight > 0, "weight": weight, "total": weight * np.nan_to_num(values)})
    by_school = sums.groupby(answers.weighted["school"].to_numpy(dtype=object)).sum()
    shown = by_school[by_school["n"] >= smallest]
    return pd.DataFrame({"mean": shown["total"] / shown["weight"], "weight": shown["weight"]})
