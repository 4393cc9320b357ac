"""Columns of the school table as arrays, under the names the standard's formulas use."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi_instruments.expressions.evaluation import column_values
from manyi_instruments.standards.definition import STAGES_TAUGHT, Standard

FloatArray = NDArray[np.float64]
Facts = Mapping[str, float]


def raw_columns(
    schools: pd.DataFrame, standard: Standard, names: Iterable[str], facts: Facts | None = None
) -> dict[str, NDArray[Any]]:
    """Return columns for a formula.

    Parameters
    ----------
    schools : DataFrame
        n rows, one a school and stage.
    standard : Standard
        Says which of its columns have names of their own in the table, what groupings and derived names mean.
    names : iterable of str
        Columns, groupings, derived names and facts of the standard.
    facts : Mapping[str, float], optional
        Facts of the county; yes and no are 1 and 0. One that is not there is what the standard says a blank
        means, or missing.

    Returns
    -------
    dict
        Name -> array (n,): float64, NaN missing, or objects, None missing, for text. A column the table does
        not have is missing everywhere.
    """
    return {name: _column(schools, standard, name, facts or {}) for name in names}


def _column(schools: pd.DataFrame, standard: Standard, name: str, facts: Facts) -> NDArray[Any]:
    kind = standard.kinds().get(name, "number")
    at = standard.frame_name(name)
    if name in standard.derived:
        expression = standard.expression(standard.derived[name])
        needed = raw_columns(schools, standard, expression.column_names(), facts)
        return expression.evaluate({**needed, "": np.empty(len(schools))})  # "" gives the number of rows
    if name in standard.facts:
        return _fact(schools, standard, name, facts)
    if at in schools.columns:
        return column_values(schools[at], kind)
    if name in standard.groupings and standard.groupings[name].column in schools.columns:
        grouping = standard.groupings[name]
        codes = schools[grouping.column].astype("object")
        return column_values(codes.map(dict(grouping.group_of())), "text")
    if name == STAGES_TAUGHT:
        evaluated = schools["stage"].isin(standard.evaluated_stages)
        return evaluated.groupby(schools["school"]).transform("sum").to_numpy(np.float64)
    return np.full(len(schools), None if kind == "text" else np.nan)


def _fact(schools: pd.DataFrame, standard: Standard, name: str, facts: Facts) -> FloatArray:
    fact = standard.facts[name]
    if fact.level == "county":
        values = np.full(len(schools), facts.get(name, np.nan), dtype=np.float64)
    elif name in schools.columns:
        values = column_values(schools[name], "number")
    else:
        values = np.full(len(schools), np.nan)
    return values if fact.blank is None else np.where(np.isnan(values), fact.blank, values)
