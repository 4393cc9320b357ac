"""Satisfaction indices of every school, with limits, reliability and ranks, from sums by school."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from manyi_analysis.explanation.icc import intraclass_correlation
from manyi_analysis.level.satisfaction import SHARES, IndexLine, index_outcomes
from manyi_analysis.level.school_ranks import school_ranks
from manyi_analysis.level.school_suppression import SchoolStructure, school_suppression
from manyi_analysis.level.suppression import SMALL_CELL
from manyi_analysis.records.grouped import GroupedMoments
from manyi_analysis.records.level_sums import ALL, TOTAL, LevelSums, N
from manyi_analysis.records.notcomputed import NotComputed
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.scoring import INDEX_DEFINITIONS, IndexDefinition

Array = npt.NDArray[np.float64]
Reasons = npt.NDArray[np.object_]

#: Columns beside those of the table ``satisfaction``.
STANDING = ("reliability", "shrunken", "rank", "rank_low", "rank_high", "ranked", "against_all")

_TYPES = {
    **dict.fromkeys(("n", "value", "low", "high", "se"), "float64"),
    **{name: "object" if name == "against_all" else "float64" for name in STANDING},
    **dict.fromkeys(("method", "reason"), "object"),
}


@dataclass(frozen=True, slots=True, eq=False)
class SchoolIndices:
    """One index of every school.

    Parameters
    ----------
    index : str
        Scale or item.
    definition : str
        How a respondent's score becomes a number from 0 to 100.
    schools : tuple of str
    n : (S,) array of int
        Respondents with a value.
    value, se, low, high : (S,) array
        The index and its limits; NaN where the school is not shown, limits also where it has one respondent.
    hidden : (S,) array of str
        Why a school is not shown, as code and details; empty where it is.
    """

    index: str
    definition: IndexDefinition
    schools: tuple[str, ...]
    n: npt.NDArray[np.int64]
    value: Array
    se: Array
    low: Array
    high: Array
    hidden: Reasons

    def to_frame(self, group: str = "school") -> pd.DataFrame:
        """Return one row a school, with the columns of `Satisfaction.to_frame`; hidden schools have no n."""
        shown = self.hidden == ""
        method = "wilson" if self.definition in SHARES else "t"
        return pd.DataFrame(
            {
                "group": group,
                "level": self.schools,
                "index": self.index,
                "definition": self.definition,
                "n": np.where(shown, self.n, np.nan),
                "value": self.value,
                "low": self.low,
                "high": self.high,
                "se": self.se,
                "schools": np.where(shown, 0.0, np.nan),
                "method": np.where(shown, method, ""),
                "reason": self.hidden,
            }
        )


def school_indices(
    sums: LevelSums,
    questionnaire: Questionnaire,
    measure: str,
    definition: IndexDefinition,
    minimum: int = 10,
    confidence: float = 0.95,
    hidden: Reasons | None = None,
) -> SchoolIndices | NotComputed:
    """Return the index of an item or scale in every school.

    Formula: that of `satisfaction`, in one school.

    Parameters
    ----------
    sums : LevelSums
        Of the measure, with schools; with the groups whose levels are shown beside the schools.
    questionnaire : Questionnaire
        Tells the smallest and largest score possible.
    measure : str
        Scale or item.
    definition : str
        One of ``manyi_instruments.scoring.INDEX_DEFINITIONS``.
    minimum : int
        Schools with fewer respondents are not shown, nor those from which they could be computed.
    confidence : float
        Level of the limits: of means from t on n - 1, of shares by Wilson. They are of the population that a
        school's respondents are drawn from; where all were asked and answered there is no error of sampling.
    hidden : (S,) array of str, optional
        What `hidden_schools` returned, where it is known.

    References
    ----------
    Wilson, E. B. (1927). JASA 22, 209-212. R: ``t.test(x)``, ``prop.test(x, n, correct = FALSE)``.
    """
    moments = _moments(sums, questionnaire, measure, definition)
    if isinstance(moments, NotComputed):
        return moments
    reasons = hidden_schools(sums, measure, minimum) if hidden is None else hidden
    n, value, se = _estimates(moments)
    low, high = _limits(definition, n, value, se, confidence)
    shown = reasons == ""
    value, se, low, high = (np.where(shown, part, np.nan) for part in (value, se, low, high))
    return SchoolIndices(measure, definition, sums.schools, moments.n, value, se, low, high, reasons)


def hidden_schools(
    sums: LevelSums, measure: str, minimum: int, structure: SchoolStructure | None = None
) -> Reasons:
    """Return why each school is not shown, as code and details; empty where it is.

    Parameters
    ----------
    sums : LevelSums
        With the groups whose levels are shown beside the schools.
    measure : str
        Scale or item.
    minimum : int
        Smallest number shown; see `school_suppression`.
    structure : SchoolStructure, optional
        That of the sums, where it is known.
    """
    at = sums.place(measure)
    reasons = np.full(len(sums.schools), "", dtype=object)
    if at is None:
        return reasons
    counts = {name: np.rint(table[at, N]).astype(np.int64) for name, table in sums.sums.items()}
    by_level = {name: table[:, :-1] for name, table in counts.items()}
    own, outside = counts[ALL][0, :-1], int(counts[ALL][0, -1])
    known = structure_of(sums) if structure is None else structure
    small, beside = school_suppression(own, known, by_level, minimum, outside)
    details: dict[str, object] = {"minimum": minimum}
    reasons[small] = NotComputed("satisfaction", SMALL_CELL, details).reason
    reasons[beside] = NotComputed("satisfaction", "small-cell-complement", details).reason
    return reasons


def structure_of(sums: LevelSums) -> SchoolStructure:
    """Return which schools have respondents in which combination of the groups' levels."""
    levels = [len(sums.levels[name]) for name in sums.groups]
    return SchoolStructure.of(sums.cells, levels, len(sums.schools))


def school_levels(
    sums: LevelSums,
    questionnaire: Questionnaire,
    measures: Sequence[str],
    definitions: Sequence[IndexDefinition] = tuple(INDEX_DEFINITIONS),
    headline: IndexDefinition | None = None,
    minimum: int = 10,
    confidence: float = 0.95,
) -> pd.DataFrame:
    r"""Return the indices of every school: table ``school_satisfaction`` without ``role``.

    Parameters
    ----------
    sums : LevelSums
        Of `index_outcomes`, with schools, and with the groups whose levels are shown beside them.
    questionnaire, measures
        As in ``satisfaction``.
    definitions : sequence of str
        Default the four.
    headline : str, optional
        The definition of which ranks, reliability and shrunken values are given.
    minimum, confidence
        As in `school_indices`.

    Notes
    -----
    Reliability is :math:`\lambda_j = \tau^2 / (\tau^2 + \sigma^2 / n_j)` with the variances of
    `intraclass_correlation`, and the shrunken value :math:`\mu + \lambda_j (x_j - \mu)`, the best linear
    prediction of the school's true index (R: ``coef(lme4::lmer(y ~ 1 + (1 | school)))``). Ranks are among the
    schools shown, from limits of level 1 - α/(S - 1); ``against_all`` compares each school's limits of level
    1 - α/S with the index of everybody. Where all answers of a school are alike, both take its variance from
    the other schools.

    References
    ----------
    Snijders, T. & Bosker, R. (2012). Multilevel Analysis, 2nd ed., sec. 4.8 (empirical Bayes, reliability).
    """
    frames = []
    structure = structure_of(sums)
    for measure in measures:
        reasons = hidden_schools(sums, measure, minimum, structure)
        for definition in definitions:
            found = school_indices(
                sums, questionnaire, measure, definition, minimum, confidence, hidden=reasons
            )
            if isinstance(found, NotComputed):
                row = {"school": "", "index": measure, "definition": definition, "reason": found.reason}
                frames.append(pd.DataFrame([row]))
                continue
            frame = found.to_frame().drop(columns=["group", "schools"]).rename(columns={"level": "school"})
            if definition == headline:
                for name, column in _standing(sums, questionnaire, found, confidence).items():
                    frame[name] = column
            frames.append(frame)
    columns = [
        "school",
        "index",
        "definition",
        "n",
        "value",
        "low",
        "high",
        "se",
        "method",
        *STANDING,
        "reason",
    ]
    if not frames:
        return pd.DataFrame(columns=columns)
    # Concatenated by column, as most frames lack the standing of schools.
    whole = pd.concat([frame.reindex(columns=columns).astype(_TYPES) for frame in frames], ignore_index=True)
    return whole.fillna({"method": "", "against_all": "", "reason": ""})


def school_satisfaction(
    scored: pd.DataFrame,
    questionnaire: Questionnaire,
    measures: Sequence[str],
    definitions: Sequence[IndexDefinition] = tuple(INDEX_DEFINITIONS),
    school: str = "school",
    minimum: int = 10,
    confidence: float = 0.95,
    headline: IndexDefinition | None = None,
    groups: Sequence[str] = (),
) -> pd.DataFrame:
    """Return `school_levels` of scored answers.

    Parameters
    ----------
    scored : DataFrame
        Scored answers of the respondents analysed.
    questionnaire, measures, definitions, minimum, confidence, headline
        As in `school_levels`.
    school : str
        Column of the school; respondents without one are in no row.
    groups : sequence of str
        Groups whose levels are shown beside the schools, so that no hidden school follows from them.
    """
    outcomes = [entry for entry in index_outcomes(questionnaire, measures) if entry.column in scored]
    sums = LevelSums.of(scored, outcomes, [name for name in groups if name in scored], school)
    return school_levels(sums, questionnaire, measures, definitions, headline, minimum, confidence)


def _moments(
    sums: LevelSums, questionnaire: Questionnaire, measure: str, definition: IndexDefinition
) -> GroupedMoments | NotComputed:
    """Return the moments by school of what respondents count for, from 0 to 100."""
    line = IndexLine.of(sums, questionnaire, measure, definition)
    if isinstance(line, NotComputed):
        return line
    moments = sums.by_school(measure, line.cut)
    return replace(
        moments,
        shift=np.array([line.intercept]),
        total=line.slope * moments.total,
        cross=line.slope**2 * moments.cross,
    )


def _estimates(moments: GroupedMoments) -> tuple[Array, Array, Array]:
    """Return n (NaN for nobody), means and their standard errors, each of shape (S,)."""
    n = np.where(moments.n > 0, moments.n, np.nan)
    total, square = moments.total[:, 0], moments.cross[:, 0, 0]
    few = np.where(n > 1, n, np.nan)
    spread = np.maximum(square - total**2 / n, 0.0)
    # What is left of equal values is rounding.
    spread = np.where(spread <= 1e-12 * square, 0.0, spread)
    return n, moments.shift[0] + total / n, np.sqrt(spread / (few - 1.0) / few)


def _limits(
    definition: IndexDefinition, n: Array, value: Array, se: Array, confidence: float
) -> tuple[Array, Array]:
    """Return limits from t on n - 1, or Wilson's."""
    if definition not in SHARES:
        reach = special.stdtrit(np.where(n > 1, n, np.nan) - 1.0, 0.5 + confidence / 2.0) * se
        return value - reach, value + reach
    p, quantile = value / 100.0, float(special.ndtri(0.5 + confidence / 2.0))
    widen = 1.0 + quantile**2 / n
    middle = (p + quantile**2 / (2.0 * n)) / widen
    reach = quantile / widen * np.sqrt(p * (1.0 - p) / n + quantile**2 / (4.0 * n**2))
    # At 0 and 1 one limit is the share itself; subtraction would leave rounding outside.
    low, high = np.where(p == 0.0, 0.0, middle - reach), np.where(p == 1.0, 1.0, middle + reach)
    return 100.0 * low, 100.0 * high


def _standing(
    sums: LevelSums, questionnaire: Questionnaire, found: SchoolIndices, confidence: float
) -> dict[str, npt.NDArray[Any]]:
    """Return how sure each school's place is, by name; NaN of schools not shown."""
    line = IndexLine.of(sums, questionnaire, found.index, found.definition)
    moments = _moments(sums, questionnaire, found.index, found.definition)
    if isinstance(line, NotComputed) or isinstance(moments, NotComputed):
        return {}
    schools = len(found.schools)
    columns: dict[str, npt.NDArray[Any]] = {name: np.full(schools, np.nan) for name in STANDING}
    shown = found.hidden == ""
    icc = intraclass_correlation(moments, found.index)
    if not isinstance(icc, NotComputed):
        between = icc.variance_school * found.n
        reliability = np.where(shown, between / (between + icc.variance_residual), np.nan)
        columns["reliability"] = reliability
        columns["shrunken"] = icc.mean + reliability * (found.value - icc.mean)
    ranked = shown & (found.n > 1)
    count = int(ranked.sum())
    n, value = found.n[ranked].astype(np.float64), found.value[ranked]
    alike = float(np.sqrt((found.se[ranked] ** 2 * n * (n - 1)).sum() / max((n - 1).sum(), 1.0)))
    se = np.where(found.se[ranked] > 0, found.se[ranked], alike / np.sqrt(n))
    if count > 1:
        limits = _limits(found.definition, n, value, se, 1.0 - (1.0 - confidence) / (count - 1))
        ranks = school_ranks(value, *limits)
        for name, part in (("rank", ranks.rank), ("rank_low", ranks.low), ("rank_high", ranks.high)):
            columns[name][ranked] = part
        columns["ranked"] = np.where(ranked, float(count), np.nan)
    low, high = _limits(found.definition, n, value, se, 1.0 - (1.0 - confidence) / max(count, 1))
    everybody = _overall(sums, line)
    against = np.full(schools, "", dtype=object)
    against[ranked] = np.where(
        low > everybody, "above", np.where(high < everybody, "below", "not_told_apart")
    )
    columns["against_all"] = against
    return columns


def _overall(sums: LevelSums, line: IndexLine) -> float:
    """Return the index of everybody, those without a school with them."""
    table = sums.sums[ALL][line.at, :, 0]
    total = table[TOTAL if line.cut is None else 3 + line.cut].sum()
    return line.intercept + line.slope * float(total / table[N].sum())
