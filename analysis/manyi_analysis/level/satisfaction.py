"""Satisfaction indices of scales and items, for all respondents and by group, with confidence limits."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from manyi_analysis.level.interval import Interval, mean_interval, share_interval
from manyi_analysis.level.suppression import SMALL_CELL, complementary_cells, small_cells
from manyi_analysis.records.level_sums import ALL, SQUARE, TOTAL, LevelSums, N, Outcome
from manyi_analysis.records.notcomputed import NotComputed
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.scoring import SHARES, IndexDefinition, respondent_index, score_bounds, share_cut

__all__ = [
    "ALL",
    "SHARES",
    "Cell",
    "IndexLine",
    "Satisfaction",
    "index_bounds",
    "index_levels",
    "index_outcomes",
    "respondent_values",
    "satisfaction",
]

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cell:
    """The index of one scale or item in one group.

    Parameters
    ----------
    group, level : str
        Column of the breakdown and its value; both "all" for everybody.
    index : str
        Scale or item.
    result : Interval or NotComputed
        The index from 0 to 100 and its limits, or why it is not shown.
    """

    group: str
    level: str
    index: str
    result: Interval | NotComputed


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """Satisfaction indices under one named definition.

    Parameters
    ----------
    definition : {"share_of_maximum", "share_of_range", "top2", "satisfied"}
        How a respondent's score becomes a number from 0 to 100.
    confidence : float
        Level of the limits.
    minimum_cell : int
        Smaller groups are not shown.
    cells : tuple of Cell
        Everybody first, then the groups in the order asked for.
    """

    definition: IndexDefinition
    confidence: float
    minimum_cell: int
    cells: tuple[Cell, ...]

    def to_frame(self) -> pd.DataFrame:
        """Return one row a group and index: table ``satisfaction``; cells not shown have no n either."""
        rows = [self._row(cell) for cell in self.cells]
        columns = ["group", "level", "index", "definition", "n", "value", "low", "high"]
        frame = pd.DataFrame(rows, columns=[*columns, "se", "schools", "method", "reason"])
        counts = [name for name in ("n", "schools") if len(frame) and frame[name].notna().all()]
        return frame.astype({name: np.int64 for name in counts})

    def _row(self, cell: Cell) -> dict[str, object]:
        row: dict[str, object] = {"group": cell.group, "level": cell.level, "index": cell.index}
        row |= {"definition": self.definition, "method": "", "reason": ""}
        found = cell.result
        if isinstance(found, NotComputed):
            return row | {"reason": found.reason}
        return row | {
            "n": found.n,
            "value": found.value,
            "low": found.low,
            "high": found.high,
            "se": found.se,
            "schools": found.schools,
            "method": found.method,
        }


def index_outcomes(questionnaire: Questionnaire, measures: Sequence[str]) -> tuple[Outcome, ...]:
    """Return what must be read of scored answers for the indices of scales and items.

    Measures that the questionnaire does not know or that have no bounds are left out: `index_levels` says so.

    Parameters
    ----------
    questionnaire : Questionnaire
        Tells items, reverse keys and the smallest and largest score possible.
    measures : sequence of str
        Scales and items. A reverse-keyed item is read as recoded, a sum of items as their mean.
    """
    found = []
    for measure in dict.fromkeys(measures):
        column = _column(questionnaire, measure)
        bounds = _bounds(questionnaire, measure) if column else None
        if bounds is not None:
            cuts = tuple(share_cut(definition, *bounds) for definition in SHARES)
            found.append(Outcome(measure, column, _parts(questionnaire, measure), cuts))
    return tuple(found)


def satisfaction(
    scored: pd.DataFrame,
    questionnaire: Questionnaire,
    measures: Sequence[str],
    definition: IndexDefinition,
    groups: Sequence[str] = (),
    school: str | None = "school",
    minimum_cell: int = 10,
    confidence: float = 0.95,
    hide_ungrouped: bool = False,
) -> Satisfaction:
    """Compute the satisfaction index of scales and items, overall and by group.

    A score x counts share_of_maximum = 100·x/high, share_of_range = 100·(x - low)/(high - low), top2 = 100
    from high - 1 up and else 0, satisfied = 100 from the middle of the range up and else 0; the index is the
    mean of respondents, with the limits of `mean_interval` or `share_interval`.

    Parameters
    ----------
    scored : DataFrame
        Scored answers of the respondents analysed; NaN is missing, and left out index by index.
    questionnaire : Questionnaire
        Tells items, reverse keys and the smallest and largest score possible.
    measures : sequence of str
        Scales and items. A reverse-keyed item is taken as recoded, so that higher is always better.
    definition : str
        One of ``manyi_instruments.scoring.INDEX_DEFINITIONS``.
    groups : sequence of str
        Columns to break down by; respondents without a value are in no level.
    school : str, optional
        Column of the school. Where it is there and holds two schools or more, limits allow for respondents
        of one school being alike.
    minimum_cell : int
        Levels with fewer respondents are not shown, nor those from which they could be computed.
    confidence : float
        Level of the limits.
    hide_ungrouped : bool
        Protect respondents without a value of a group as if they were a level; see `index_levels`.

    Returns
    -------
    Satisfaction
        Means with limits from t, shares with Wilson's; ``method`` says which and whether clustered.

    References
    ----------
    The four indices and who uses them: docs/methods.md. Wilson, E. B. (1927). JASA 22, 209-212; Cameron, A.
    C. & Miller, D. L. (2015). J. Human Resources 50, 317-372. R: ``t.test(x)``, ``prop.test(x, n, correct =
    FALSE)``; with schools ``clubSandwich::conf_int(lm(x ~ 1), vcovCR(fit, school, "CR1S"), test =
    "naive-t")``.
    """
    known = [group for group in groups if group in scored]
    outcomes = [entry for entry in index_outcomes(questionnaire, measures) if entry.column in scored]
    within = school if school is not None and school in scored else None
    sums = LevelSums.of(scored, outcomes, known, within)
    hidden = known if hide_ungrouped else ()
    return index_levels(
        sums, questionnaire, measures, definition, groups, school, minimum_cell, confidence, hidden
    )


def index_levels(
    sums: LevelSums,
    questionnaire: Questionnaire,
    measures: Sequence[str],
    definition: IndexDefinition,
    groups: Sequence[str] = (),
    school: str | None = "school",
    minimum_cell: int = 10,
    confidence: float = 0.95,
    ungrouped: Collection[str] = (),
) -> Satisfaction:
    """Compute the satisfaction index of scales and items from sums by level and school.

    Parameters
    ----------
    sums : LevelSums
        Of `index_outcomes`, by the groups.
    questionnaire, measures, definition, groups, minimum_cell, confidence
        As in `satisfaction`.
    school : str, optional
        Name of the school's column: its own levels have no clusters.
    ungrouped : collection of str
        Groups in which respondents without a value are protected as if they were a level: where they are
        fewer than `minimum_cell`, the smallest level shown is hidden, because everybody less all levels would
        show them. No hidden level can be computed either way. It matters where an outsider can know who has
        no value, such as the schools that are not in the school table; nobody can know who left a question
        out, and two unanswered would otherwise cost a whole level.

    Notes
    -----
    A scale scored as a sum is taken as the mean of its items, so that definitions mean the same for both.
    """
    cells: list[Cell] = []
    for group in (ALL, *groups):
        levels = sums.levels.get(group)
        if levels is None:
            reason = NotComputed(
                "satisfaction", "index-unknown-group", {"group": group}, int(sums.rows.sum())
            )
            cells += [Cell(group, ALL, measure, reason) for measure in measures]
            continue
        clustered = group != school and bool(sums.schools)
        for measure in measures:
            line = IndexLine.of(sums, questionnaire, measure, definition)
            if isinstance(line, NotComputed):
                cells += [Cell(group, level, measure, line) for level in levels]
                continue
            table = sums.sums[group][line.at]
            outside = _outside(sums, group, line.at) if group in ungrouped else 0
            count = np.rint(table[N].sum(axis=1)).astype(np.int64)
            small = small_cells(count, minimum_cell)
            complement = complementary_cells(count, minimum_cell, outside)
            for at, level in enumerate(levels):
                found: Interval | NotComputed
                if small[at] or complement[at]:
                    code = SMALL_CELL if small[at] else "small-cell-complement"
                    found = NotComputed("satisfaction", code, {"minimum": minimum_cell})
                else:
                    found = line.interval(table[:, at], clustered, confidence)
                cells.append(Cell(group, level, measure, found))
    return Satisfaction(definition, confidence, minimum_cell, tuple(cells))


@dataclass(frozen=True, slots=True)
class IndexLine:
    """The straight line from sums of a measure's values to its index.

    Parameters
    ----------
    at : int
        Place of the measure among the outcomes of `LevelSums`.
    cut : int or None
        Of an index that is a share: which of the cuts is counted.
    slope, intercept : float
        From values as they are summed, or from 0 and 1, to 0 to 100.
    """

    at: int
    cut: int | None
    slope: float
    intercept: float

    @classmethod
    def of(
        cls, sums: LevelSums, questionnaire: Questionnaire, measure: str, definition: IndexDefinition
    ) -> "IndexLine | NotComputed":
        """Return the line, or why the measure has no such index."""
        bounds = index_bounds(questionnaire, measure, definition, int(sums.rows.sum()))
        if isinstance(bounds, NotComputed):
            return bounds
        at = sums.place(measure)
        if at is None:
            return _unknown(measure, definition, int(sums.rows.sum()))
        if definition in SHARES:
            return cls(at, SHARES.index(definition), 100.0, 0.0)
        low, high = bounds
        ends = respondent_index(pd.Series([low, high]), low, high, definition).to_numpy(dtype=np.float64)
        slope = float(ends[1] - ends[0]) / (high - low)
        shifted = float(ends[0]) + slope * (float(sums.shift[at]) - low)
        return cls(at, None, slope, shifted)

    def interval(self, table: Array, clustered: bool, confidence: float) -> Interval:
        """Return the index of one level, from its sums by school, of shape (3 + cuts, S + 1)."""
        if self.cut is not None:
            found = share_interval(table[N], table[3 + self.cut], clustered, confidence)
        else:
            found = mean_interval(table[N], table[TOTAL], table[SQUARE], clustered, confidence)
        return _rescaled(found, self.slope, self.intercept)


def index_bounds(
    questionnaire: Questionnaire, measure: str, definition: IndexDefinition, n: int = 0
) -> tuple[float, float] | NotComputed:
    """Return the smallest and largest value of a measure, a sum taken as a mean, or why it has no such index.

    Parameters
    ----------
    questionnaire : Questionnaire
    measure : str
        Scale or item.
    definition : str
        One of ``manyi_instruments.scoring.INDEX_DEFINITIONS``.
    n : int
        Respondents, for the record of the reason.
    """
    if not _column(questionnaire, measure):
        return _unknown(measure, definition, n)
    details: dict[str, object] = {"measure": measure, "definition": definition}
    bounds = _bounds(questionnaire, measure)
    if bounds is None:
        return NotComputed("satisfaction", "index-no-bounds", details, n)
    low, high = bounds
    if definition == "share_of_maximum" and high <= 0:
        return NotComputed("satisfaction", "index-maximum-not-positive", details, n)
    if definition == "top2" and high - low <= 1:
        return NotComputed("satisfaction", "index-two-answers", details, n)
    return bounds


def respondent_values(
    scored: pd.DataFrame, questionnaire: Questionnaire, measure: str, definition: IndexDefinition
) -> Array | NotComputed:
    """Return what every respondent counts for, from 0 to 100, NaN where missing; shape (respondents,).

    Parameters
    ----------
    scored : DataFrame
        Scored answers.
    questionnaire : Questionnaire
        Tells items, reverse keys and bounds.
    measure : str
        Scale or item.
    definition : str
        One of ``manyi_instruments.scoring.INDEX_DEFINITIONS``.
    """
    column = _column(questionnaire, measure)
    if column not in scored:
        return _unknown(measure, definition, len(scored))
    bounds = index_bounds(questionnaire, measure, definition, len(scored))
    if isinstance(bounds, NotComputed):
        return bounds
    found = respondent_index(scored[column] / _parts(questionnaire, measure), *bounds, definition)
    return found.to_numpy(dtype=np.float64, na_value=np.nan)


def _unknown(measure: str, definition: str, n: int) -> NotComputed:
    details: dict[str, object] = {"measure": measure, "definition": definition}
    return NotComputed("satisfaction", "index-unknown-measure", details, n)


def _column(questionnaire: Questionnaire, measure: str) -> str:
    """Return the column of scored answers that holds a measure; empty where there is none."""
    if measure in {scale.id for scale in questionnaire.scales}:
        return measure
    items = {item.id: item for item in questionnaire.all_items()}
    return items[measure].keyed_name if measure in items else ""


def _parts(questionnaire: Questionnaire, measure: str) -> int:
    """Return the number of items that a scale's score is the sum of; 1 for means and items."""
    scales = {scale.id: scale for scale in questionnaire.scales}
    summed = measure in scales and scales[measure].score == "sum"
    return len(questionnaire.items_of(measure)) if summed else 1


def _bounds(questionnaire: Questionnaire, measure: str) -> tuple[float, float] | None:
    bounds, parts = score_bounds(questionnaire, measure), _parts(questionnaire, measure)
    return (bounds[0] / parts, bounds[1] / parts) if bounds is not None else None


def _outside(sums: LevelSums, group: str, at: int) -> int:
    """Return the respondents with a value who are in no level of a group."""
    return int(np.rint(sums.sums[ALL][at, N].sum() - sums.sums[group][at, N].sum()))


def _rescaled(interval: Interval, scale: float, shift: float) -> Interval:
    """Return an interval on the scale of the index."""
    return replace(
        interval,
        value=interval.value * scale + shift,
        se=interval.se * scale,
        low=interval.low * scale + shift,
        high=interval.high * scale + shift,
    )
