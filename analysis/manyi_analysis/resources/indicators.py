"""Resource indicators of every school and stage, held against their thresholds."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi_analysis.records.notcomputed import NotComputed
from manyi_analysis.resources.columns import raw_columns
from manyi_analysis.resources.exclusions import exclusion_reasons
from manyi_analysis.resources.thresholds import at_least, at_most
from manyi_instruments.expressions import Expression
from manyi_instruments.standards.definition import Indicator, Standard

FloatArray = NDArray[np.float64]

COLUMNS = (
    "school",
    "school_name",
    "stage",
    "pupils",
    "indicator",
    "value",
    "threshold",
    "met",
    "reason",
    "share",
)


@dataclass(frozen=True, slots=True)
class SchoolIndicators:
    """The indicators of every school and stage.

    Parameters
    ----------
    standard : str
        Id of the standard that decided.
    frame : DataFrame
        One row a school, stage and indicator: ``school, school_name, stage, pupils, indicator, value,
        threshold, met, reason, share``. ``met`` is NA where the value is missing or the school is not
        evaluated; ``reason`` then says why. ``share`` is value / threshold, threshold / value where lower is
        better: 1 or more is met.
    weight : ndarray, shape (rows,)
        What weights the school between schools: the pupils, as a rule.
    evaluated : ndarray of bool, shape (rows,)
        False for schools that the standard leaves out. Their values are computed nonetheless.
    exempt : ndarray of bool, shape (rows,)
        True where the school counts as meeting the indicator by an exemption; ``reason`` names it.
    """

    standard: str
    frame: pd.DataFrame
    weight: FloatArray
    evaluated: NDArray[np.bool_]
    exempt: NDArray[np.bool_]

    @property
    def n(self) -> int:
        """Return how many values were computed."""
        return int(self.frame["value"].notna().sum())

    @property
    def missing(self) -> int:
        """Return how many values could not be computed."""
        return len(self.frame) - self.n

    def to_frame(self) -> pd.DataFrame:
        """Return the tidy table ``school_indicators``."""
        return self.frame.copy()

    def wide(self) -> pd.DataFrame:
        """Return one row a school and stage, one column an indicator: what is joined to the answers."""
        order = list(dict.fromkeys(self.frame["indicator"]))
        pairs = self.frame[["school", "stage"]].drop_duplicates()
        values = self.frame.pivot(index=["school", "stage"], columns="indicator", values="value")
        wide = pairs.merge(values[order].reset_index(), on=["school", "stage"], how="left")
        wide.columns.name = None
        return wide


def school_indicators(schools: pd.DataFrame, standard: Standard) -> SchoolIndicators:
    """Compute every indicator of every school and stage.

    Formula: the standard's own, such as 100 * t_key / pupils; met where value ≥ threshold, or ≤ where less
    is better.

    Parameters
    ----------
    schools : DataFrame
        One row a school and stage, combined schools divided (:func:`split_combined_schools`): ``school``,
        ``stage``, ``pupils`` and the raw columns of the formulas.
    standard : Standard
        Formulas, thresholds and exclusions.

    Returns
    -------
    SchoolIndicators
        A row for each indicator that has a formula at the stage. A missing raw number makes the indicator
        missing; nothing is imputed.

    References
    ----------
    The standard's ``indicators``. R: the formula itself, ``with(schools, 100 * t_key / pupils)``.
    """
    areas = {indicator.area for indicator in standard.indicators}
    excluded = exclusion_reasons(schools, standard, areas)
    stages = schools["stage"].to_numpy(dtype=object)
    parts: list[pd.DataFrame] = []
    for number, indicator in enumerate(standard.indicators):
        for stage in standard.evaluated_stages:
            expression, threshold = indicator.expression(stage), indicator.threshold_at(stage)
            rows = np.flatnonzero(stages == stage)
            limited = indicator.threshold is not None
            if expression is not None and rows.size and (threshold is not None or not limited):
                bound = np.nan if threshold is None else threshold
                part = _at_stage(schools.iloc[rows], standard, indicator, expression, bound)
                parts.append(part.assign(position=rows, number=number))
    if not parts:
        nothing = pd.DataFrame({column: pd.Series(dtype="object") for column in COLUMNS})
        return SchoolIndicators(standard.standard, nothing, np.empty(0), *[np.empty(0, dtype=np.bool_)] * 2)
    frame = pd.concat(parts, ignore_index=True).sort_values(["position", "number"], ignore_index=True)
    position = frame["position"].to_numpy(dtype=np.intp)
    return _told(frame, schools, standard, excluded.to_numpy(dtype=object)[position], position)


def _told(
    frame: pd.DataFrame,
    schools: pd.DataFrame,
    standard: Standard,
    excluded: NDArray[np.object_],
    position: NDArray[np.intp],
) -> SchoolIndicators:
    """Add who the school is, take back verdicts on schools that are not evaluated, and say why."""
    evaluated = excluded == ""
    for column in ("school", "school_name", "stage"):
        source = schools[column] if column in schools.columns else pd.Series("", index=schools.index)
        frame[column] = source.to_numpy(dtype=object)[position]
    frame["pupils"] = schools["pupils"].to_numpy(dtype=np.float64, na_value=np.nan)[position]
    frame["met"] = frame["met"].mask(~evaluated)
    frame["reason"] = frame["reason"].mask(~evaluated, pd.Series(excluded, index=frame.index))
    exempt = np.zeros(len(frame), dtype=np.bool_)
    for exemption in standard.exemptions:
        about = frame["indicator"].isin(exemption.of).to_numpy(bool) & evaluated
        if about.any():
            condition = standard.expression(exemption.condition)
            holds = condition.evaluate(raw_columns(schools, standard, condition.column_names())) == 1
            about &= holds[position]
            exempt |= about
            told = NotComputed("school_indicators", "indicator-exempt", {"rule": exemption.id}).reason
            frame.loc[about, "reason"] = told
            frame.loc[about, "met"] = True
    weight_column = standard.rules.cv.weight if standard.rules.cv is not None else standard.keys.pupils
    weight = raw_columns(schools, standard, [weight_column])[weight_column][position]
    return SchoolIndicators(standard.standard, frame[list(COLUMNS)], weight, evaluated, exempt)


def _at_stage(
    schools: pd.DataFrame, standard: Standard, indicator: Indicator, expression: Expression, threshold: float
) -> pd.DataFrame:
    columns = raw_columns(schools, standard, expression.column_names())
    columns.setdefault(
        standard.keys.pupils, raw_columns(schools, standard, [standard.keys.pupils])[standard.keys.pupils]
    )
    result = expression.run(columns)
    values = result.values
    higher = indicator.direction == "higher"
    met = at_least(values, threshold) if higher else at_most(values, threshold)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = values / threshold if higher else threshold / values
    return pd.DataFrame(
        {
            "indicator": indicator.id,
            "value": values,
            "threshold": threshold,
            "met": pd.array(met, dtype="boolean"),
            "share": share if threshold else np.full_like(values, np.nan),
            "reason": _reasons(schools, standard, expression, columns, result.divided_by_zero, values),
        }
    ).assign(met=lambda frame: frame["met"].mask(np.isnan(values) | np.isnan(threshold)))


def _reasons(
    schools: pd.DataFrame,
    standard: Standard,
    expression: Expression,
    columns: dict[str, FloatArray],
    divided_by_zero: NDArray[np.bool_],
    values: FloatArray,
) -> NDArray[np.object_]:
    """Return why each value is missing; empty where it is not."""
    reasons = np.full(len(schools), "", dtype=object)
    lacking = np.full(len(schools), "", dtype=object)
    for name in expression.column_names():
        empty = np.isnan(columns[name])
        lacking[empty] = lacking[empty] + f" {name}"
    for names in np.unique(lacking[np.isnan(values)].astype(str)):
        told = NotComputed("school_indicators", "indicator-input-missing", {"columns": names.split()}).reason
        reasons[(lacking == names) & np.isnan(values)] = told
    zero = NotComputed(
        "school_indicators", "indicator-division-by-zero", {"formula": expression.formula}
    ).reason
    reasons[divided_by_zero] = zero
    if "split" in schools.columns:
        reasons[_unsplit(schools, standard, expression) & np.isnan(values)] = NotComputed(
            "school_indicators", "split-incomplete", {}
        ).reason
    return reasons


def _unsplit(schools: pd.DataFrame, standard: Standard, expression: Expression) -> NDArray[np.bool_]:
    """Return the rows whose facilities could not be divided and are used by the formula."""
    used = {column for split in standard.splits for column in split.columns} & set(expression.column_names())
    incomplete = (schools["split"] == "incomplete").to_numpy(bool)
    return incomplete if used else np.zeros(len(schools), dtype=np.bool_)
