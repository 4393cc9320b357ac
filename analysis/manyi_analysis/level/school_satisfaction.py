"""Satisfaction indices of every school, from answer counts: thousands at the cost of a few sums."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from manyi_analysis.level.satisfaction import SHARES, respondent_values
from manyi_analysis.level.suppression import SMALL_CELL, complementary_cells, small_cells
from manyi_analysis.records.group_counts import GroupCounts
from manyi_analysis.records.notcomputed import NotComputed
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.scoring import INDEX_DEFINITIONS, IndexDefinition

Array = npt.NDArray[np.float64]


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
    hidden: npt.NDArray[np.object_]

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
    counts: GroupCounts,
    questionnaire: Questionnaire,
    definition: IndexDefinition,
    minimum: int = 10,
    confidence: float = 0.95,
) -> SchoolIndices | NotComputed:
    """Return the index of an item or scale in every school.

    Parameters
    ----------
    counts : GroupCounts
        Of a scale, an item, or the recoded twin of a reverse-keyed item, by school.
    questionnaire : Questionnaire
        Tells the smallest and largest score possible.
    definition : str
        One of ``manyi_instruments.scoring.INDEX_DEFINITIONS``.
    minimum : int
        Schools with fewer respondents are not shown, nor those from which they could be computed.
    confidence : float
        Level of the limits: of means from t on n - 1, of shares by Wilson. They are of the population that a
        school's respondents are drawn from; where all were asked and answered there is no error of sampling.

    References
    ----------
    Wilson, E. B. (1927). JASA 22, 209-212. R: ``t.test(x)``, ``prop.test(x, n, correct = FALSE)``.
    """
    measure = _measure(counts.outcome, questionnaire)
    values = respondent_values(
        pd.DataFrame({counts.outcome: counts.values}), questionnaire, measure, definition
    )
    if isinstance(values, NotComputed):
        return values
    table = counts.counts.astype(np.float64)
    n = table.sum(axis=1)
    known = np.where(n > 0, n, np.nan)
    value = table @ values / known
    if definition in SHARES:
        se, low, high = _wilson(value / 100.0, known, confidence)
        se, low, high = se * 100.0, low * 100.0, high * 100.0
    else:
        about = float(values @ table.sum(axis=0) / max(table.sum(), 1.0))
        moved = table @ (values - about)
        spread = np.maximum(table @ (values - about) ** 2 - moved**2 / known, 0.0)
        few = np.where(known > 1, known, np.nan)
        se = np.sqrt(spread / (few - 1.0) / few)
        reach = special.stdtrit(few - 1.0, 0.5 + confidence / 2.0) * se
        low, high = value - reach, value + reach
    sizes = counts.n
    small, beside = small_cells(sizes, minimum), complementary_cells(sizes, minimum)
    reasons = np.full(len(sizes), "", dtype=object)
    details = {"minimum": minimum}
    reasons[small] = NotComputed("satisfaction", SMALL_CELL, details).reason
    reasons[beside] = NotComputed("satisfaction", "small-cell-complement", details).reason
    shown = ~(small | beside)
    value, se, low, high = (np.where(shown, part, np.nan) for part in (value, se, low, high))
    return SchoolIndices(measure, definition, counts.keys, sizes, value, se, low, high, reasons)


def school_satisfaction(
    scored: pd.DataFrame,
    questionnaire: Questionnaire,
    measures: Sequence[str],
    definitions: Sequence[IndexDefinition] = tuple(INDEX_DEFINITIONS),
    school: str = "school",
    minimum: int = 10,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Return the indices of every school as rows of the table ``satisfaction``, all definitions by default.

    Parameters
    ----------
    scored : DataFrame
        Scored answers of the respondents analysed.
    questionnaire, measures
        As in ``satisfaction``.
    definitions : sequence of str
        Default the four.
    school : str
        Column of the school; respondents without one are in no row.
    minimum, confidence
        As in `school_indices`.
    """
    items = {item.id: item.keyed_name for item in questionnaire.all_items()}
    frames = []
    for measure in measures:
        column = items.get(measure, measure)
        counts = GroupCounts.of(scored, column, school) if column in scored else None
        for definition in definitions:
            found: SchoolIndices | NotComputed
            if counts is None:
                details = {"measure": measure, "definition": definition}
                found = NotComputed("satisfaction", "index-unknown-measure", details, len(scored))
            else:
                found = school_indices(counts, questionnaire, definition, minimum, confidence)
            if isinstance(found, NotComputed):
                named = {"group": school, "level": "all", "index": measure, "definition": definition}
                frames.append(pd.DataFrame([{**named, "method": "", "reason": found.reason}]))
            else:
                frames.append(found.to_frame(school))
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def _measure(column: str, questionnaire: Questionnaire) -> str:
    """Return the item or scale that a column of scored answers holds."""
    keyed = {item.keyed_name: item.id for item in questionnaire.all_items()}
    return keyed.get(column, column)


def _wilson(p: Array, n: Array, confidence: float) -> tuple[Array, Array, Array]:
    """Return standard error and Wilson's limits of shares, all of shape (S,)."""
    quantile = float(special.ndtri(0.5 + confidence / 2.0))
    widen = 1.0 + quantile**2 / n
    middle = (p + quantile**2 / (2.0 * n)) / widen
    reach = quantile / widen * np.sqrt(p * (1.0 - p) / n + quantile**2 / (4.0 * n**2))
    se = np.sqrt(np.where(n > 1, p * (1.0 - p) / np.where(n > 1, n - 1.0, np.nan), np.nan))
    # At 0 and 1 one limit is the share itself; subtraction would leave rounding outside.
    return se, np.where(p == 0.0, 0.0, middle - reach), np.where(p == 1.0, 1.0, middle + reach)
