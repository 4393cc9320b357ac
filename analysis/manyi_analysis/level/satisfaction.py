"""Satisfaction indices of scales and items, for all respondents and by group, with confidence limits."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from manyi_analysis.level.interval import Interval, mean_interval, share_interval
from manyi_analysis.level.suppression import SMALL_CELL, complementary_cells, small_cells
from manyi_analysis.records.grouped import group_codes
from manyi_analysis.records.notcomputed import NotComputed
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.scoring import IndexDefinition, respondent_index, score_bounds

Array = npt.NDArray[np.float64]

ALL = "all"
#: Definitions under which a respondent counts for 0 or 100, so that the index is a share.
SHARES: tuple[IndexDefinition, ...] = ("top2", "satisfied")


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
        Treat respondents without a value of the group as a level: where they are fewer than `minimum_cell`,
        the smallest level shown is hidden, because everybody less all levels would show them. Off, because
        nobody can know who left a question out, and two unanswered would otherwise cost a whole level.

    Returns
    -------
    Satisfaction
        Means with limits from t, shares with Wilson's; ``method`` says which and whether clustered.

    Notes
    -----
    A scale scored as a sum is taken as the mean of its items, so that definitions mean the same for both.
    """
    schools: tuple[str, ...] = ()
    place = np.full(len(scored), -1, dtype=np.intp)
    if school is not None and school in scored:
        schools, place = group_codes(scored[school])
    scores = {measure: respondent_values(scored, questionnaire, measure, definition) for measure in measures}
    cells: list[Cell] = []
    for group in (ALL, *groups):
        if group == ALL:
            levels: tuple[str, ...] = (ALL,)
            position = np.zeros(len(scored), dtype=np.intp)
        elif group in scored:
            levels, position = group_codes(scored[group])
        else:
            reason = NotComputed("satisfaction", "index-unknown-group", {"group": group}, len(scored))
            cells += [Cell(group, ALL, measure, reason) for measure in measures]
            continue
        # Respondents of one school share it: its own rows have no clusters, and need no table by school.
        clusters, held = ((), np.full_like(place, -1)) if group == school else (schools, place)
        # One extra school at the end holds those without one.
        flat = position * (len(clusters) + 1) + np.where(held < 0, len(clusters), held)
        shape = (len(levels), len(clusters) + 1)
        for measure, values in scores.items():
            if isinstance(values, NotComputed):
                cells += [Cell(group, level, measure, values) for level in levels]
                continue
            answered = ~np.isnan(values)
            used = answered & (position >= 0)
            outside = int(answered.sum() - used.sum()) if hide_ungrouped else 0
            results = _breakdown(
                values[used], flat[used], shape, definition, minimum_cell, confidence, outside
            )
            cells += [
                Cell(group, level, measure, found) for level, found in zip(levels, results, strict=True)
            ]
    return Satisfaction(definition, confidence, minimum_cell, tuple(cells))


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
    scales = {scale.id: scale for scale in questionnaire.scales}
    items = {item.id: item for item in questionnaire.all_items()}
    details: dict[str, object] = {"measure": measure, "definition": definition}
    column = measure if measure in scales else items[measure].keyed_name if measure in items else ""
    if column not in scored:
        return NotComputed("satisfaction", "index-unknown-measure", details, len(scored))
    bounds = score_bounds(questionnaire, measure)
    if bounds is None:
        return NotComputed("satisfaction", "index-no-bounds", details, len(scored))
    parts = 1
    if measure in scales and scales[measure].score == "sum":
        parts = len(questionnaire.items_of(measure))
    low, high = bounds[0] / parts, bounds[1] / parts
    if definition == "share_of_maximum" and high <= 0:
        return NotComputed("satisfaction", "index-maximum-not-positive", details, len(scored))
    if definition == "top2" and high - low <= 1:
        return NotComputed("satisfaction", "index-two-answers", details, len(scored))
    found = respondent_index(scored[column] / parts, low, high, definition)
    return found.to_numpy(dtype=np.float64, na_value=np.nan)


def _breakdown(
    values: Array,
    flat: npt.NDArray[np.intp],
    shape: tuple[int, int],
    definition: IndexDefinition,
    minimum: int,
    confidence: float,
    outside: int,
) -> list[Interval | NotComputed]:
    """Return the index of every level, from n, sum and sum of squares by level and school.

    Parameters
    ----------
    values : (used,) array
        From 0 to 100.
    flat : (used,) array of int
        Position in a table of levels by schools.
    shape : tuple of int
        Levels, schools and one more for those without a school.
    outside : int
        Respondents with a value who are in no level.
    """
    scale = 100.0 if definition in SHARES else 1.0
    shift = 0.0 if definition in SHARES or not values.size else float(values.mean())
    moved = values / scale - shift
    size = shape[0] * shape[1]
    n = np.bincount(flat, minlength=size).reshape(shape).astype(np.float64)
    total = np.bincount(flat, moved, minlength=size).reshape(shape)
    square = np.bincount(flat, moved**2, minlength=size).reshape(shape)
    count = n.sum(axis=1).astype(np.int64)
    small, complement = small_cells(count, minimum), complementary_cells(count, minimum, outside)
    clustered = shape[1] > 1
    results: list[Interval | NotComputed] = []
    for level in range(shape[0]):
        if small[level] or complement[level]:
            code = SMALL_CELL if small[level] else "small-cell-complement"
            results.append(NotComputed("satisfaction", code, {"minimum": minimum}))
        elif definition in SHARES:
            results.append(
                _rescaled(share_interval(n[level], total[level], clustered, confidence), scale, 0.0)
            )
        else:
            found = mean_interval(n[level], total[level], square[level], clustered, confidence)
            results.append(_rescaled(found, 1.0, shift))
    return results


def _rescaled(interval: Interval, scale: float, shift: float) -> Interval:
    """Return an interval on the scale of the index."""
    return replace(
        interval,
        value=interval.value * scale + shift,
        se=interval.se * scale,
        low=interval.low * scale + shift,
        high=interval.high * scale + shift,
    )
