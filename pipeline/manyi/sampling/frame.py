"""The sampling frame: schools and stages that may be drawn, their strata, how many of each role they have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
import numpy.typing as npt
import pandas as pd

from manyi.study.sampling_plan import Sampling
from manyi_instruments.faults import Fault, Place

Array = npt.NDArray[np.float64]
#: Between the levels of a stratum's name.
SEPARATOR = " · "


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """What the sample is drawn from.

    Parameters
    ----------
    rows : DataFrame
        One row a school and stage: ``school, school_name, stage, stratum`` and the stratum columns.
    measure : (rows,) array
        Size of each row, for draws in proportion to it.
    population : Mapping
        Role -> persons of each row, shape (rows,); roles outside schools are not in it.
    residents : (rows,) array
        By how much the row counts when strata are served in proportion to residents; 1 where they are not.
    faults : tuple of Fault
        What was found on the way.
    """

    rows: pd.DataFrame
    measure: Array
    population: Mapping[str, Array]
    residents: Array
    faults: tuple[Fault, ...] = ()


def sampling_frame(
    sampling: Sampling,
    schools: pd.DataFrame | None,
    evaluated: Sequence[str] | None,
    place: Place,
) -> Frame:
    """Take the frame from the school table.

    Parameters
    ----------
    sampling : Sampling
        The part ``sampling`` of ``study.yaml``.
    schools : DataFrame or None
        The school table as the schools stage leaves it; None where there is none.
    evaluated : sequence of str or None
        Stages that belong to the study; None for all.
    place : Place
        Of ``study.yaml``, for faults.

    Returns
    -------
    Frame
        With error faults and no rows where a column is not there.
    """
    columns = {f"roles.{role}.population": entry.population for role, entry in sampling.roles.items()}
    wanted = {where: name for where, name in columns.items() if isinstance(name, str) and name}
    if not wanted:
        return _frame(pd.DataFrame({"school": pd.Series(dtype="str")}), (), np.zeros(0), {}, np.zeros(0))
    needed = {**wanted, "measure": sampling.measure}
    needed |= {f"strata[{number}]": name for number, name in enumerate(sampling.strata, start=1)}
    faults = list(_unusable(needed, set(wanted) | {"measure"}, schools, place))
    if faults or schools is None:
        empty = pd.DataFrame({"school": pd.Series(dtype="str")})
        return _frame(empty, (), np.zeros(0), {}, np.zeros(0), tuple(faults))
    rows = schools
    if evaluated is not None and "stage" in rows:
        rows = rows[rows["stage"].isin(list(evaluated))]
    rows = rows.reset_index(drop=True)
    sizes = {
        name: pd.to_numeric(rows[name]).to_numpy(np.float64) for name in {*wanted.values(), sampling.measure}
    }
    known = np.ones(len(rows), dtype=np.bool_)
    for name, size in sorted(sizes.items()):
        lacking = ~(size > 0)
        known &= ~lacking
        # A stage without a single person has nobody to ask; only a number that is not there is told.
        blank = rows.loc[np.isnan(size), "school"].astype(str).drop_duplicates().tolist()
        if blank:
            details = {"n": int(np.isnan(size).sum()), "name": name, "schools": ", ".join(blank[:5])}
            faults.append(Fault("sampling-rows-without-number", place, details, "warning"))
    rows = rows[known].reset_index(drop=True)
    population = {}
    for role, entry in sampling.roles.items():
        if isinstance(entry.population, str) and entry.population:
            part = pd.Series(1.0, index=rows.index)
            if entry.factor and "stage" in rows:
                part = rows["stage"].astype("object").map(entry.factor).fillna(1.0)
            population[role] = np.rint(sizes[entry.population][known] * part.to_numpy(np.float64))
    residents, level_faults = _residents(sampling, rows, sizes[sampling.measure][known], place)
    faults += level_faults
    return _frame(rows, sampling.strata, sizes[sampling.measure][known], population, residents, tuple(faults))


def _frame(
    rows: pd.DataFrame,
    strata: tuple[str, ...],
    measure: Array,
    population: Mapping[str, Array],
    residents: Array,
    faults: tuple[Fault, ...] = (),
) -> Frame:
    kept = rows[["school"]].astype(str)
    for name in ("school_name", "stage"):
        kept[name] = rows[name].astype("string").fillna("").astype(str) if name in rows else ""
    for name in strata:
        kept[name] = rows[name].astype("string").fillna("").astype(str)
    # Ids, not titles: a sample must not depend on the language it is printed in.
    kept["stratum"] = kept[strata[0]] if strata else ""
    for more in strata[1:]:
        kept["stratum"] += SEPARATOR + kept[more]
    return Frame(kept, measure, population, residents, faults)


def _unusable(
    needed: Mapping[str, str], numbers: set[str], schools: pd.DataFrame | None, place: Place
) -> list[Fault]:
    faults = []
    for where, name in needed.items():
        if schools is None:
            faults.append(Fault("sampling-without-schools", place, {"where": where, "name": name}))
        elif name not in schools:
            close = get_close_matches(name, [str(column) for column in schools.columns], n=3)
            hint = f" ({', '.join(close)}?)" if close else ""
            faults.append(
                Fault("sampling-column-unknown", place, {"where": where, "name": name, "hint": hint})
            )
        elif where in numbers and not pd.api.types.is_numeric_dtype(schools[name]):
            faults.append(Fault("sampling-column-not-numbers", place, {"where": where, "name": name}))
    return faults


def _residents(
    sampling: Sampling, rows: pd.DataFrame, measure: Array, place: Place
) -> tuple[Array, list[Fault]]:
    """Return by how much each row counts so that levels are served in proportion to their residents."""
    factor, faults = np.ones(len(rows)), []
    for name, known in sampling.residents_by.items():
        if name not in rows:
            details = {"where": f"residents_by.{name}", "name": name, "hint": ""}
            faults.append(Fault("sampling-column-unknown", place, details))
            continue
        levels = rows[name].astype("string").fillna("").astype(str)
        differ = sorted(set(levels) ^ known.keys())
        if differ:
            faults.append(Fault("sampling-level-unknown", place, {"name": name, "levels": ", ".join(differ)}))
            continue
        sums = pd.Series(measure).groupby(levels.to_numpy()).sum()
        factor *= levels.map(lambda level, of=known, total=sums: of[level] / total[level]).to_numpy(
            np.float64
        )
    return factor, faults
