"""Combined schools divided into their stages before anything is computed of them."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi_instruments.standards.definition import Split, Standard


def split_combined_schools(schools: pd.DataFrame, standard: Standard) -> pd.DataFrame:
    r"""Divide the facilities of combined schools between their stages.

    A stage of :math:`P_s` pupils and weight :math:`w_s` gets

    .. math:: x_s = x \, \frac{w_s P_s}{\sum_t w_t P_t}

    of the school's total :math:`x` of every column the standard splits; pupils and teachers are counted by
    stage.

    Parameters
    ----------
    schools : DataFrame
        One row a school and stage: ``school``, ``stage``, ``run_type`` (ids of the standard; NA where not
        known), ``pupils`` and raw columns. Facilities of a combined school stand on each of its rows, or on
        one of them.
    standard : Standard
        Which run types are split, into which stages, with which weights, in which columns.

    Returns
    -------
    DataFrame
        A copy in the same order, with the split columns divided and two columns more. ``split``: ``split``;
        ``as_given`` where the rows of a school differ in a split column, which is then divided already;
        ``incomplete`` where a stage's row or pupils are missing, so that the columns are missing too; empty
        for schools that are not combined. ``split_share``: the share the stage got, NaN where not split.
        A missing run type is filled in where the school's stages are those of exactly one split rule.

    Raises
    ------
    ValueError
        If a school has two rows for one stage.

    References
    ----------
    The rule and its weights are the standard's; see its ``splits``. R: ``total * w * pupils / sum(w *
    pupils)``.
    """
    if schools.duplicated(["school", "stage"]).any():
        raise ValueError("a school has two rows for one stage")
    result = schools.copy()
    result["run_type"] = inferred_run_types(schools, standard)
    split_columns = {standard.frame_name(column) for split in standard.splits for column in split.columns}
    result = result.astype({column: "float64" for column in split_columns & set(result.columns)})
    result["split"] = ""
    result["split_share"] = np.nan
    for split in standard.splits:
        columns = [
            name for column in split.columns if (name := standard.frame_name(column)) in result.columns
        ]
        rows = (
            result["run_type"].isin(split.run_types) & result["stage"].isin(list(split.weights))
        ).to_numpy(bool)
        if rows.any():
            _divide(result, rows, split, columns)
    return result


def inferred_run_types(schools: pd.DataFrame, standard: Standard) -> pd.Series:
    """Return run types, the missing ones of schools with several stages filled in where only one rule fits.

    Parameters
    ----------
    schools : DataFrame
        ``school``, ``stage`` and, where known, ``run_type``.
    standard : Standard
        Its split rules and their stages.

    Returns
    -------
    Series
        Run types by row; NA where not known.
    """
    if "run_type" in schools.columns:
        known = schools["run_type"].astype("object")
    else:
        known = pd.Series(pd.NA, index=schools.index, dtype="object")
    fitting: dict[frozenset[str], list[str]] = {}
    for split in standard.splits:
        fitting.setdefault(frozenset(split.weights), []).extend(split.run_types)
    unknown = known.isna()
    stages = schools.loc[unknown].groupby("school", sort=False)["stage"].agg(frozenset)
    only = {school: types[0] for school, at in stages.items() if len(types := fitting.get(at, [])) == 1}
    filled = schools["school"].map(only)
    return known.where(~unknown, filled)


def _divide(result: pd.DataFrame, rows: NDArray[np.bool_], split: Split, columns: list[str]) -> None:
    """Divide one rule's columns in place, in the copy that is being built."""
    part = result.loc[rows]
    school = part["school"]
    weight = part["stage"].astype("object").map(split.weights).astype(np.float64) * part["pupils"]
    total = weight.groupby(school).transform(lambda values: values.sum(skipna=False))
    complete = (school.groupby(school).transform("size") == len(split.weights)) & (total > 0)
    distinct = part[columns].groupby(school).transform("nunique") if columns else part[columns]
    as_given = (distinct > 1).any(axis=1)
    share = (weight / total).where(complete & ~as_given)
    for column in columns:
        whole = part[column].groupby(school).transform("first")  # "first" passes over missing cells
        result.loc[rows, column] = part[column].where(as_given, whole * share).astype(np.float64)
    result.loc[rows, "split_share"] = share.to_numpy(np.float64)
    result.loc[rows, "split"] = np.select([as_given, ~complete], ["as_given", "incomplete"], "split")
