"""What is missing to a threshold, in what can be hired, built or bought: teachers, square metres, yuan."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi_analysis.resources.columns import FloatArray, raw_columns
from manyi_analysis.resources.indicators import SchoolIndicators
from manyi_analysis.resources.thresholds import TOLERANCE, at_least, at_most
from manyi_instruments.expressions import Expression
from manyi_instruments.standards.definition import Indicator, Standard

KEYS = ["school", "school_name", "stage", "indicator"]
COLUMNS = (*KEYS, "column", "gap", "gap_to_floor", "gap_of_school", "needed", "least")


@dataclass(frozen=True, slots=True)
class Gaps:
    """What each school lacks of each raw column, and the county in total.

    Parameters
    ----------
    frame : DataFrame
        One row a school, stage and indicator that is not met: ``school, school_name, stage, indicator,
        column, gap, gap_to_floor, gap_of_school, needed, least``. ``gap``: what must be added to the column
        to meet the threshold; whole teachers and rooms, unless they are a stage's share of a combined
        school. ``gap_to_floor``: to reach the floor of the school rule, 0 where it is reached.
        ``gap_of_school``: of facilities that a combined school shares, what the whole school needs so that
        this stage's share grows by the gap; else the gap. ``needed``: ``floor`` where the school fails by its
        floor whatever else it has; ``threshold`` where it has no indicator to spare; ``choice`` where some of
        its gaps may stay.
    to_close : DataFrame
        One row a school and stage that fails: ``school, school_name, stage, to_close``, how many indicators
        more must be met.
    """

    frame: pd.DataFrame
    to_close: pd.DataFrame

    def totals(self) -> pd.DataFrame:
        """Return the county's gaps: ``indicator, column, schools, stages, gap, least``.

        What a combined school adds to a facility that its stages share serves them all: of its stages the
        largest gap counts. Everything else adds up. ``gap`` meets every threshold; ``least`` is what no
        choice avoids: up to the floor where a school fails by it, up to the threshold where it has no
        indicator to spare, nothing where it may choose.
        """
        frame = self.frame
        shared = frame["gap"].ne(frame["gap_of_school"]) & frame["gap_of_school"].notna()
        keys = ["indicator", "column"]
        rows = frame[[*keys, "school"]].assign(stages=1)
        for name, own, of_school in (("gap", "gap", "gap_of_school"), ("least", "least", "least")):
            rows[f"own_{name}"] = frame[own].astype("float64").where(~shared, 0.0)
            rows[f"common_{name}"] = frame[of_school].astype("float64").where(shared, 0.0)
        by_school = rows.groupby([*keys, "school"], sort=False)
        schools = by_school.agg(stages=("stages", "sum"))
        for name in ("gap", "least"):
            schools[name] = by_school[f"own_{name}"].sum() + by_school[f"common_{name}"].max()
        return (
            schools.groupby(level=keys, sort=False)
            .agg(
                schools=("gap", "size"), stages=("stages", "sum"), gap=("gap", "sum"), least=("least", "sum")
            )
            .reset_index()
        )

    def to_frame(self) -> pd.DataFrame:
        """Return the tidy table of gaps."""
        return self.frame.copy()


def closing_amount(
    expression: Expression,
    columns: Mapping[str, NDArray[Any]],
    column: str,
    threshold: FloatArray | float,
    *,
    higher: bool = True,
    whole: bool = False,
    added_to: NDArray[np.bool_] | None = None,
) -> FloatArray:
    r"""Return what must be added to a raw column until a formula meets its threshold.

    For a formula :math:`f` that grows in proportion to the column :math:`x`, slope
    :math:`a = (f(x + h) - f(x)) / h`, the amount is :math:`(t - f(x)) / a`. It is tried: where :math:`f` does
    not meet the threshold with it, there is none.

    Parameters
    ----------
    expression : Expression
        The formula.
    columns : Mapping[str, ndarray (n,)]
        Every name of it.
    column : str
        The raw column that is added to.
    threshold : ndarray (n,) or float
        What is to be met.
    higher : bool
        False where less is better; the amount is then negative.
    whole : bool
        Round away from zero to whole numbers.
    added_to : ndarray of bool (n,), optional
        The rows that are added to, all by default. For a formula that sums over rows, one of them.

    Returns
    -------
    ndarray (n,)
        0 where the threshold is met; NaN where a value is missing or the amount cannot be told.

    References
    ----------
    The standard's thresholds; ``closed_by`` names the column. R: ``uniroot(function(a) f(x + a) - t)``, or
    adding one by one: tests/reference/resources/gaps.R.

    Examples
    --------
    >>> from manyi_instruments.expressions import parse_expression
    >>> rooms = {"mm_rooms": np.array([4.0, 5.0]), "pupils": np.array([200.0, 200.0])}
    >>> closing_amount(parse_expression("100 * mm_rooms / pupils"), rooms, "mm_rooms", 2.3, whole=True)
    array([1., 0.])
    """
    values = expression.evaluate(columns)
    met = at_least(values, threshold) if higher else at_most(values, threshold)
    at = columns[column]
    rows = np.ones(len(at), dtype=np.bool_) if added_to is None else added_to
    step = np.where(rows, np.maximum(1.0, np.abs(at)), 0.0)
    stepped = expression.evaluate({**columns, column: at + step})
    with np.errstate(divide="ignore", invalid="ignore"):
        width = step if added_to is None else step[rows].sum()
        amount = (threshold - values) / ((stepped - values) / width)
        if whole:
            amount = np.sign(amount) * np.ceil(np.abs(amount) - 1e-9 * np.maximum(1.0, np.abs(amount)))
        reached = expression.evaluate({**columns, column: at + np.where(rows, amount, 0.0)})
        slack = 2 * TOLERANCE * np.abs(threshold)
        closes = reached >= threshold - slack if higher else reached <= threshold + slack
    return np.where(met, 0.0, np.where(closes & np.isfinite(amount), amount, np.nan))


def school_gaps(schools: pd.DataFrame, indicators: SchoolIndicators, standard: Standard) -> Gaps:
    r"""Return what each school lacks to meet each indicator.

    The least :math:`a \ge 0` with :math:`f(x + a) \ge t`, as `closing_amount`; of a facility that a combined
    school shares, a over the stage's share of it.

    Parameters
    ----------
    schools : DataFrame
        One row a school and stage, combined schools divided (``Evaluation.schools``).
    indicators : SchoolIndicators
        Computed from them.
    standard : Standard
        Its ``closed_by`` says in which column an indicator's gap is told; indicators without it have none.

    Returns
    -------
    Gaps
        Schools that are not evaluated and values that are missing have no row.

    References
    ----------
    The standard's ``indicators`` and ``rules.school``. R: tests/reference/resources/gaps.R.
    """
    floor = standard.rules.school.floor_share if standard.rules.school is not None else 0.0
    parts = []
    for indicator in standard.indicators:
        for stage in standard.evaluated_stages:
            part = schools[(schools["stage"] == stage).to_numpy(bool)]
            expression, threshold = indicator.expression(stage), indicator.threshold_at(stage)
            if len(part) and expression is not None and threshold is not None and indicator.closed_by:
                parts.append(_of_indicator(part, standard, indicator, expression, threshold, floor))
    empty = pd.DataFrame({column: pd.Series(dtype="object") for column in COLUMNS})
    frame = pd.concat(parts, ignore_index=True) if parts else empty
    open_rows = indicators.frame["met"].eq(False).fillna(False).to_numpy(bool)
    wanted = indicators.frame.loc[open_rows, ["school", "stage", "indicator"]]
    frame = wanted.merge(frame, on=["school", "stage", "indicator"], how="inner")
    to_close = _to_close(indicators, standard)
    frame = frame.merge(to_close[["school", "stage", "to_close", "open"]], on=["school", "stage"], how="left")
    below = frame["gap_to_floor"].to_numpy(np.float64) > 0
    all_needed = (frame["to_close"] >= frame["open"]).to_numpy(bool)
    frame["needed"] = np.select([below, all_needed], ["floor", "threshold"], "choice")
    frame["least"] = _least(frame, standard)
    return Gaps(frame[list(COLUMNS)], to_close.loc[to_close["to_close"] > 0].drop(columns="open"))


def _least(frame: pd.DataFrame, standard: Standard) -> FloatArray:
    """Return what a school must add whatever it chooses, whole teachers and rooms."""
    gap, of_school, to_floor = (
        frame[name].to_numpy(np.float64) for name in ("gap", "gap_of_school", "gap_to_floor")
    )
    # As much more as the stage's share makes the gap of the school.
    scale = np.divide(of_school, gap, out=np.ones_like(gap), where=gap > 0)
    shared = frame["gap"].ne(frame["gap_of_school"]).to_numpy(bool)
    needed = frame["needed"].to_numpy(dtype=object)
    least = np.select([needed == "floor", needed == "threshold"], [to_floor * scale, of_school], 0.0)
    whole = frame["indicator"].isin([one.id for one in standard.indicators if one.whole]).to_numpy(bool)
    rounded: FloatArray = np.where(whole & shared, np.ceil(least - TOLERANCE * np.maximum(1.0, least)), least)
    return rounded


def _of_indicator(
    schools: pd.DataFrame,
    standard: Standard,
    indicator: Indicator,
    expression: Expression,
    threshold: float,
    floor: float,
) -> pd.DataFrame:
    column = indicator.closed_by or ""
    columns = raw_columns(schools, standard, expression.column_names())
    higher = indicator.direction == "higher"
    floor_at = floor * threshold if higher else (threshold / floor if floor else np.inf)
    share = np.full(len(schools), np.nan)
    if "split_share" in schools.columns and column in {n for split in standard.splits for n in split.columns}:
        share = schools["split_share"].to_numpy(np.float64)
    divided = np.isfinite(share)
    gap, to_floor = (
        np.where(
            divided, *(_closing(expression, columns, indicator, bound, whole) for whole in (False, True))
        )
        for bound in (threshold, floor_at)
    )
    of_school = np.where(divided, gap / share, gap)
    if indicator.whole:
        of_school = np.ceil(of_school - TOLERANCE * np.maximum(1.0, of_school))
    return pd.DataFrame(
        {
            "school": schools["school"].to_numpy(),
            "school_name": schools["school_name"].to_numpy() if "school_name" in schools.columns else "",
            "stage": schools["stage"].to_numpy(),
            "indicator": indicator.id,
            "column": column,
            "gap": gap,
            "gap_to_floor": to_floor,
            "gap_of_school": of_school,
        }
    )


def _closing(
    expression: Expression,
    columns: Mapping[str, NDArray[Any]],
    indicator: Indicator,
    bound: float,
    whole: bool,
) -> FloatArray:
    return closing_amount(
        expression,
        columns,
        indicator.closed_by or "",
        bound,
        higher=indicator.direction == "higher",
        whole=whole and indicator.whole,
    )


def _to_close(indicators: SchoolIndicators, standard: Standard) -> pd.DataFrame:
    """Return how many indicators each evaluated school has open and how many of them it must close."""
    frame = indicators.frame[indicators.evaluated]
    frame = frame[frame["indicator"].isin(standard.school_rule_indicators)]
    names = ["school", "school_name", "stage"]
    counts = frame.assign(
        met=frame["met"].eq(True).fillna(False), open=frame["met"].eq(False).fillna(False)
    ).groupby(["school", "stage"], sort=False)
    result = counts.agg(school_name=("school_name", "first"), met=("met", "sum"), open=("open", "sum"))
    result = result.reset_index()
    least = standard.rules.school.min_met if standard.rules.school is not None else 0
    result["to_close"] = (least - result["met"]).clip(lower=0).astype("int64")
    return result[[*names, "to_close", "open"]]
