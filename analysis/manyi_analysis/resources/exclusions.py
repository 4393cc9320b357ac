"""Which schools a standard does not evaluate, and why."""

from collections.abc import Collection

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi_analysis.records.notcomputed import NotComputed
from manyi_analysis.resources.columns import raw_columns
from manyi_instruments.standards.definition import Exclusion, Standard


def exclusion_reasons(
    schools: pd.DataFrame, standard: Standard, areas: Collection[str] | None = None
) -> pd.Series:
    """Return why each row is not evaluated, empty where it is.

    Parameters
    ----------
    schools : DataFrame
        One row a school and stage, as :func:`split_combined_schools` returns them.
    standard : Standard
        Its exclusions and the stages it evaluates.
    areas : collection of str, optional
        Areas that are looked at: an exclusion from other areas only does not count. Default all.

    Returns
    -------
    Series of str
        Code of the fault catalogue and details. The first exclusion that holds is told; a condition that
        cannot be decided because a number is missing does not exclude.
    """
    reasons = pd.Series("", index=schools.index, dtype="object")
    for exclusion in standard.exclusions:
        if areas is not None and exclusion.areas and not set(exclusion.areas) & set(areas):
            continue
        told = NotComputed("school_indicators", "school-excluded", {"rule": exclusion.id}).reason
        reasons = reasons.mask(_excluded(schools, standard, exclusion) & (reasons == ""), told)
    for stage, definition in standard.stages.items():
        if not definition.evaluated:
            told = NotComputed("school_indicators", "stage-not-evaluated", {"stage": stage}).reason
            reasons = reasons.mask((schools["stage"] == stage) & (reasons == ""), told)
    return reasons


def _excluded(schools: pd.DataFrame, standard: Standard, exclusion: Exclusion) -> NDArray[np.bool_]:
    rows = np.ones(len(schools), dtype=np.bool_)
    if exclusion.run_types:
        if "run_type" not in schools.columns:
            return np.zeros(len(schools), dtype=np.bool_)
        rows &= schools["run_type"].isin(exclusion.run_types).to_numpy(bool)
    if exclusion.condition is not None:
        condition = standard.expression(exclusion.condition)
        values = condition.evaluate(raw_columns(schools, standard, condition.column_names()))
        rows &= values == 1
    return rows
