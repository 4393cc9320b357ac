"""Requirements of a standard held against the county, its schools and their stages."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi_analysis.records.notcomputed import NotComputed
from manyi_analysis.resources.columns import Facts, FloatArray, raw_columns
from manyi_analysis.resources.exclusions import exclusion_reasons
from manyi_analysis.resources.gaps import closing_amount
from manyi_analysis.resources.thresholds import at_least, at_most
from manyi_instruments.expressions import Expression
from manyi_instruments.standards.definition import STAGES_TAUGHT, Standard
from manyi_instruments.standards.requirement_checks import names_by_row
from manyi_instruments.standards.requirements import Bound, Requirement

#: A formula and its columns; None where a threshold is a number.
Inputs = tuple[Expression, Mapping[str, NDArray[Any]]] | None
COLUMNS = (
    "level",
    "school",
    "stage",
    "area",
    "indicator",
    "bound",
    "value",
    "threshold",
    "met",
    "gap",
    "column",
    "exemption",
    "reason",
)


@dataclass(frozen=True, slots=True)
class Requirements:
    """The requirements of a standard, bound by bound.

    Parameters
    ----------
    standard : str
        Id of the standard.
    frame : DataFrame
        One row a requirement, bound and unit it is about: ``level, school, stage, area, indicator, bound,
        value, threshold, met, gap, column, exemption, reason``. ``school`` is empty at the level of the
        county, ``stage`` for whole schools. A condition has value 1 or 0 and no threshold. ``gap`` is what
        must be added to ``column`` (negative: taken away). ``met`` is NA where it cannot be told or does not
        apply; ``reason`` says which.
    """

    standard: str
    frame: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return the rows as a tidy table."""
        return self.frame.copy()


def evaluate_requirements(
    schools: pd.DataFrame, standard: Standard, facts: Facts | None = None
) -> Requirements:
    """Hold the county and its schools against every requirement.

    Parameters
    ----------
    schools : DataFrame
        One row a school and stage, not divided: facilities of a combined school stand on each of its rows or
        on one of them; ``school, stage, pupils``, raw columns and facts of schools by their ids.
    standard : Standard
        Its requirements.
    facts : Mapping[str, float], optional
        Facts of the county; yes and no are 1 and 0.

    Returns
    -------
    Requirements
        A missing number makes its bounds undecided, with the reason; nothing is imputed.

    Notes
    -----
    Met where value >= threshold, <= where lower is better, without equality where the bound excludes it; the
    gap is that of `closing_amount`. R: the formulas themselves, ``100 * sum(t_cert) / sum(teachers) >= 100``;
    tests/reference/resources/requirements.R.

    References
    ----------
    The standard's ``requirements``.
    """
    given = facts or {}
    rows: list[pd.DataFrame] = []
    schools = _shared(schools, standard)
    about: dict[tuple[str, bool], pd.DataFrame] = {}
    for requirement in standard.requirements:
        key = (requirement.area, requirement.level == "school")
        if key not in about:
            kept = schools[exclusion_reasons(schools, standard, (requirement.area,)) == ""]
            about[key] = whole_schools(kept, standard) if key[1] else kept
        rows += _rows(about[key], standard, requirement, given)
    empty = pd.DataFrame({column: pd.Series(dtype="object") for column in COLUMNS})
    frame = pd.concat(rows, ignore_index=True)[list(COLUMNS)] if rows else empty
    return Requirements(standard.standard, frame.astype({"met": "boolean"}))


def _shared(schools: pd.DataFrame, standard: Standard) -> pd.DataFrame:
    """Let each row of a school hold the facilities that stand on one of them, senior rows among these."""
    names = {standard.frame_name(n) for n, column in standard.columns.items() if column.counted == "school"}
    present = [name for name in schools.columns if name in names]
    filled = schools.groupby("school", sort=False)[present].transform("first") if present else schools[[]]
    return schools.assign(**{name: schools[name].fillna(filled[name]) for name in present})


def whole_schools(schools: pd.DataFrame, standard: Standard) -> pd.DataFrame:
    """Return one row a school: what is counted by stage added up, facilities once.

    Parameters
    ----------
    schools : DataFrame
        One row a school and evaluated stage, facilities not divided.
    standard : Standard
        Says of each column how it is counted.

    Returns
    -------
    DataFrame
        In the order of first mention. A sum is missing where a stage is; other columns are the first value
        there is. ``stages_taught`` counts the stages.
    """
    added = {
        standard.frame_name(name)
        for name, column in standard.columns.items()
        if column.type == "number" and column.counted == "stage"
    } & set(schools.columns)
    groups = schools.groupby("school", sort=False)
    result = groups.first()
    counted = [column for column in result.columns if column in added]
    if counted:
        complete = groups[counted].count().eq(groups.size(), axis=0)
        result[counted] = groups[counted].sum().where(complete)
    taught = groups.size().to_numpy(np.float64)
    result = result.reset_index()[list(schools.columns)].assign(stage="")
    result[STAGES_TAUGHT] = taught
    return result


def _rows(
    schools: pd.DataFrame, standard: Standard, requirement: Requirement, facts: Facts
) -> Iterator[pd.DataFrame]:
    if requirement.level == "county":
        for stage in requirement.stages or ("",):
            part = schools[schools["stage"] == stage] if stage else schools
            kept, reason = _where(part, standard, requirement, facts)
            for name, bound in requirement.bounds.items():
                yield _county_row(kept, standard, requirement, (name, bound), stage, reason, facts)
        return
    kept, reason = _where(schools, standard, requirement, facts)
    for name, bound in requirement.bounds.items():
        yield _school_rows(kept, standard, requirement, (name, bound), facts)
    if reason:
        for name in requirement.bounds:
            yield pd.DataFrame([_named(requirement, name, met=pd.NA, reason=reason)])


def _where(
    schools: pd.DataFrame, standard: Standard, requirement: Requirement, facts: Facts
) -> tuple[pd.DataFrame, str]:
    """Return the rows a requirement is about, and why that cannot be told or is none."""
    if requirement.where is None:
        return schools, ""
    condition = standard.expression(requirement.where)
    columns = raw_columns(schools, standard, condition.column_names(), facts)
    holds = condition.evaluate(columns) if len(schools) else np.empty(0)
    unknown = int(np.isnan(holds).sum())
    kept = schools[holds == 1]
    if unknown:
        details = {"columns": _lacking(columns), "n": unknown, "where": requirement.where}
        return kept, NotComputed("requirements", "requirement-scope-unknown", details).reason
    if not len(kept):
        details = {"where": requirement.where}
        return kept, NotComputed("requirements", "requirement-does-not-apply", details).reason
    return kept, ""


def _lacking(columns: Mapping[str, NDArray[Any]]) -> list[str]:
    return [name for name, values in columns.items() if pd.isna(values).any()]


def _named(requirement: Requirement, bound: str, **values: object) -> dict[str, object]:
    row: dict[str, object] = dict.fromkeys(COLUMNS, "")
    row |= {"level": requirement.level, "area": requirement.area, "indicator": requirement.id}
    return {**row, "bound": bound, "value": np.nan, "threshold": np.nan, "gap": np.nan, **values}


def _placed(found: pd.DataFrame, requirement: Requirement, bound: str) -> pd.DataFrame:
    """Add what the rows are about."""
    exemption = found["exemption"] if "exemption" in found.columns else ""
    return found.assign(
        level=requirement.level,
        area=requirement.area,
        indicator=requirement.id,
        bound=bound,
        exemption=exemption,
    )


def _county_row(
    schools: pd.DataFrame,
    standard: Standard,
    requirement: Requirement,
    named: tuple[str, Bound],
    stage: str,
    reason: str,
    facts: Facts,
) -> pd.DataFrame:
    """Return the one row of a bound of the county; a formula over schools needs to know which they are."""
    name, bound = named
    formula = standard.expression(bound.formula)
    if reason and formula.over_rows:
        return pd.DataFrame([_named(requirement, name, stage=stage, met=pd.NA, reason=reason)])
    rows = schools if len(schools) else pd.DataFrame({"school": [""], "stage": [""]})
    sums_schools = {n.name for n in names_by_row(formula)} != set(formula.column_names())
    one_row = np.arange(len(rows)) == 0 if sums_schools else None
    result = _bound(rows, standard, bound, stage, facts, one_row).iloc[[0]]
    return _placed(result, requirement, name).assign(school="", stage=stage)


def _school_rows(
    schools: pd.DataFrame,
    standard: Standard,
    requirement: Requirement,
    named: tuple[str, Bound],
    facts: Facts,
) -> pd.DataFrame:
    name, bound = named
    parts = []
    for stage in dict.fromkeys(schools["stage"]):
        part = schools[schools["stage"] == stage]
        found = _bound(part, standard, bound, stage, facts, None)
        found = _exempted(found, part, standard, requirement, facts)
        parts.append(
            _placed(found, requirement, name).assign(
                school=part["school"].to_numpy(), stage=part["stage"].to_numpy()
            )
        )
    return pd.concat(parts) if parts else pd.DataFrame(columns=list(COLUMNS))


def _bound(
    rows: pd.DataFrame,
    standard: Standard,
    bound: Bound,
    stage: str,
    facts: Facts,
    one_row: NDArray[np.bool_] | None,
) -> pd.DataFrame:
    """Return ``value, threshold, met, gap, column, reason`` of a bound in each row."""
    formula = standard.expression(bound.formula)
    columns = raw_columns(rows, standard, formula.column_names(), facts)
    result = formula.run({**columns, "": np.empty(len(rows))})
    values: FloatArray = result.values
    threshold, lacking = _threshold(rows, standard, bound, stage, facts)
    higher = bound.direction == "higher"
    if bound.threshold is None:
        met = values == 1
        open_ = np.isnan(values)
    else:
        compared = at_least(values, threshold) if higher else at_most(values, threshold)
        on_it = at_least(values, threshold) & at_most(values, threshold)
        met = compared & (bound.inclusive | ~on_it)
        open_ = np.isnan(values) | np.isnan(threshold)
    gap = np.full(len(rows), np.nan)
    if bound.closed_by is not None and bound.threshold is not None:
        gap = closing_amount(
            formula, columns, bound.closed_by, threshold,
            higher=higher, whole=bound.whole, added_to=one_row,
        )  # fmt: skip
    told = _told_missing([(formula, columns), lacking], open_)
    zero = NotComputed("requirements", "indicator-division-by-zero", {"formula": bound.formula}).reason
    linear = NotComputed("requirements", "gap-not-linear", {"column": bound.closed_by}).reason
    unclosed = ~met & ~open_ & np.isnan(gap) & (bound.closed_by is not None)
    return pd.DataFrame(
        {
            "value": values,
            "threshold": threshold,
            "met": pd.Series(pd.array(met, dtype="boolean")).mask(open_).to_numpy(dtype=object),
            "gap": np.where(met, 0.0, gap) if bound.closed_by is not None else gap,
            "column": bound.closed_by or "",
            "reason": np.select([result.divided_by_zero, open_, unclosed], [zero, told, linear], "").astype(
                object
            ),
        },
        index=rows.index,
    )


def _threshold(
    rows: pd.DataFrame, standard: Standard, bound: Bound, stage: str, facts: Facts
) -> tuple[FloatArray, Inputs]:
    """Return the threshold of each row and what it was computed from."""
    if isinstance(bound.threshold, str):
        formula = standard.expression(bound.threshold)
        columns = raw_columns(rows, standard, formula.column_names(), facts)
        return formula.evaluate({**columns, "": np.empty(len(rows))}), (formula, columns)
    value = bound.threshold.get(stage) if isinstance(bound.threshold, dict) else bound.threshold
    return np.full(len(rows), np.nan if value is None else value), None


def _told_missing(inputs: Iterable[Inputs], undecided: NDArray[np.bool_]) -> NDArray[np.object_]:
    """Return for each undecided row which of its inputs are missing; a sum lacks what any row lacks."""
    lacking = np.full(len(undecided), "", dtype=object)
    for formula, columns in (pair for pair in inputs if pair is not None):
        by_row = {name.name for name in names_by_row(formula)}
        for name in formula.column_names():
            empty = np.asarray(pd.isna(columns[name]))
            if name not in by_row:
                empty = np.full(len(undecided), bool(empty.any()))
            lacking[empty] = lacking[empty] + f" {name}"
    told = np.full(len(undecided), "", dtype=object)
    for names in np.unique(lacking[undecided].astype(str)):
        details = {"columns": list(dict.fromkeys(names.split()))}
        reason = NotComputed("requirements", "indicator-input-missing", details).reason
        told[(lacking == names) & undecided] = reason
    return told


def _exempted(
    found: pd.DataFrame, rows: pd.DataFrame, standard: Standard, requirement: Requirement, facts: Facts
) -> pd.DataFrame:
    """Let exempted schools count as meeting a requirement, and say by which exemption."""
    found = found.assign(exemption="")
    for exemption in standard.exemptions:
        if requirement.id in exemption.of:
            condition = standard.expression(exemption.condition)
            columns = raw_columns(rows, standard, condition.column_names(), facts)
            holds = condition.evaluate(columns) == 1
            told = NotComputed("requirements", "indicator-exempt", {"rule": exemption.id}).reason
            exempt = holds & ~found["met"].eq(True).fillna(False).to_numpy(bool)
            for column, value in (("met", True), ("gap", 0.0), ("exemption", exemption.id), ("reason", told)):
                found.loc[exempt, column] = value
    return found
