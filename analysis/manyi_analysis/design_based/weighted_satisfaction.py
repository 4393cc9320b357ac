"""Satisfaction indices weighted to the population, with design-based errors, for everybody and by group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from manyi_analysis.design_based.estimates import DomainEstimates, domain_means
from manyi_analysis.design_based.limits import mean_limits, share_limits
from manyi_analysis.design_based.score_table import ScoreTable
from manyi_analysis.design_based.survey_design import SurveyDesign
from manyi_analysis.level.satisfaction import ALL, SHARES, respondent_values
from manyi_analysis.level.suppression import SMALL_CELL, complementary_cells, small_cells
from manyi_analysis.records.grouped import group_codes
from manyi_analysis.records.notcomputed import NotComputed
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.scoring import INDEX_DEFINITIONS, IndexDefinition

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]
#: The indices, and the mean score as it is.
Estimated = IndexDefinition | Literal["mean"]

MEAN: Literal["mean"] = "mean"
NUMBERS = ("n", "weighted_n", "value", "se", "low", "high", "df", "deff", "unweighted", "units")
COUNTS = ("n", "df", "units")
#: A value without limits is shown all the same.
NO_DF = "no-degrees-of-freedom"


@dataclass(frozen=True, slots=True, eq=False)
class WeightedIndex:
    """One index under one definition in the levels of one group.

    Parameters
    ----------
    group : str
        Column of the breakdown; "all" for everybody.
    levels : tuple of str
        Its values.
    index, definition : str
        Scale or item; how its score becomes a number, ``mean`` for the score as it is.
    found : DomainEstimates or NotComputed
        One estimate a level.
    confidence : float
        Level of the limits.
    minimum_cell : int
        Levels with fewer respondents are not shown.
    """

    group: str
    levels: tuple[str, ...]
    index: str
    definition: Estimated
    found: DomainEstimates | NotComputed
    confidence: float
    minimum_cell: int

    @property
    def limits(self) -> tuple[Array, Array]:
        """Return the confidence limits of every level: t for means, Korn and Graubard's for shares."""
        if isinstance(self.found, NotComputed):
            none = np.full(len(self.levels), np.nan)
            return none, none
        if self.definition not in SHARES:
            return mean_limits(self.found, self.confidence)
        share = replace(self.found, value=self.found.value / 100.0, variance=self.found.variance / 100.0**2)
        low, high = share_limits(share, self.confidence)
        return low * 100.0, high * 100.0

    @property
    def reasons(self) -> tuple[str, ...]:
        """Return why each level is not shown, or has no limits; empty where nothing is to be said."""
        if isinstance(self.found, NotComputed):
            return (self.found.reason,) * len(self.levels)
        n, details = self.found.n, {"minimum": self.minimum_cell}
        small, beside = small_cells(n, self.minimum_cell), complementary_cells(n, self.minimum_cell)
        reasons = []
        for level in range(n.size):
            if small[level]:
                reasons.append(NotComputed("satisfaction", SMALL_CELL, details).reason)
            elif beside[level]:
                reasons.append(NotComputed("satisfaction", "small-cell-complement", details).reason)
            else:
                reasons.append("" if self.found.df[level] > 0 else NO_DF)
        return tuple(reasons)

    def rows(self) -> list[dict[str, object]]:
        """Return one row a level of the table ``weighted_satisfaction``; hidden ones have no numbers."""
        reasons = self.reasons
        numbers: dict[str, list[float]] = {name: [np.nan] * len(self.levels) for name in NUMBERS}
        if not isinstance(self.found, NotComputed):
            low, high = self.limits
            sources = {"low": low, "high": high}
            for name in NUMBERS:
                numbers[name] = np.asarray(sources.get(name, getattr(self.found, name, None))).tolist()
        made = []
        for place, (level, reason) in enumerate(zip(self.levels, reasons, strict=True)):
            row: dict[str, object] = {"group": self.group, "level": level, "index": self.index}
            row["definition"] = self.definition
            shown = not reason or reason == NO_DF
            row |= {name: numbers[name][place] if shown else None for name in NUMBERS}
            made.append(row | {"reason": reason})
        return made


def satisfaction_frame(indices: Sequence[WeightedIndex]) -> pd.DataFrame:
    """Return the table ``weighted_satisfaction``: one row a group, level, index and definition."""
    frame = pd.DataFrame([row for index in indices for row in index.rows()])
    if not len(frame):
        return frame
    whole = frame[list(COUNTS)].astype(np.float64).astype("Int64")
    return frame.assign(**{name: whole[name] for name in COUNTS}).astype(
        {name: np.float64 for name in NUMBERS if name not in COUNTS}
    )


def weighted_satisfaction(
    scored: pd.DataFrame,
    questionnaire: Questionnaire,
    measures: Sequence[str],
    design: SurveyDesign,
    groups: Sequence[str] = (),
    minimum_cell: int = 10,
    confidence: float = 0.95,
) -> tuple[WeightedIndex, ...]:
    """Estimate every index of scales and items for the population, overall and by group.

    Parameters
    ----------
    scored : DataFrame
        Scored answers of the respondents with a weight, in the order of the design.
    questionnaire : Questionnaire
        Tells items, reverse keys and bounds.
    measures : sequence of str
        Scales and items.
    design : SurveyDesign
        Weights, strata, units.
    groups : sequence of str
        Columns to break down by; respondents without a value are in no level, a column that is not there is
        passed over.
    minimum_cell : int
        Levels with fewer respondents are not shown, nor those from which they could be computed.
    confidence : float
        Level of the limits.

    Returns
    -------
    tuple of WeightedIndex
        Everybody first, then the groups in the order asked for.

    Notes
    -----
    R: ``survey::svyby(~score, ~group, design, svymean, na.rm = TRUE)``.
    """
    scores = {measure: _scores(scored, questionnaire, measure) for measure in measures}
    made = []
    for group in (ALL, *groups):
        if group == ALL:
            levels: tuple[str, ...] = (ALL,)
            place = np.zeros(len(scored), dtype=np.intp)
        elif group in scored:
            levels, place = group_codes(scored[group])
        else:
            continue
        for measure, definitions in scores.items():
            estimates = _estimates(design, definitions, place, len(levels))
            made += [
                WeightedIndex(group, levels, measure, definition, found, confidence, minimum_cell)
                for definition, found in estimates.items()
            ]
    return tuple(made)


def _scores(
    scored: pd.DataFrame, questionnaire: Questionnaire, measure: str
) -> dict[Estimated, Array | NotComputed]:
    """Return what every respondent counts for under each definition, and the score itself."""
    found: dict[Estimated, Array | NotComputed] = {
        definition: respondent_values(scored, questionnaire, measure, definition)
        for definition in INDEX_DEFINITIONS
    }
    items = {item.id: item for item in questionnaire.all_items()}
    column = items[measure].keyed_name if measure in items else measure
    if column in scored:
        found[MEAN] = scored[column].to_numpy(dtype=np.float64, na_value=np.nan)
    return found


def _estimates(
    design: SurveyDesign, definitions: Mapping[Estimated, Array | NotComputed], place: Indices, levels: int
) -> dict[Estimated, DomainEstimates | NotComputed]:
    """Estimate all definitions of one score in all levels, from one table where that is shorter."""
    score = definitions.get(MEAN)
    table = ScoreTable.of(design, score, place, levels) if isinstance(score, np.ndarray) else None
    found: dict[Estimated, DomainEstimates | NotComputed] = {}
    for definition, values in definitions.items():
        if isinstance(values, NotComputed):
            found[definition] = values
        elif table is not None:
            found[definition] = table.means(values[table.first])
        else:
            found[definition] = domain_means(design, values, place, levels)
    return found
