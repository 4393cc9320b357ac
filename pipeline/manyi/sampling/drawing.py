"""Schools drawn stratum by stratum, and persons divided among the schools, stages and grades drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from manyi.sampling.frame import Frame
from manyi.sampling.sizes import RoleSize
from manyi.study.sampling_plan import SampledRole, Sampling
from manyi_analysis.sampling import allocate, inclusion_probabilities, systematic_sample
from manyi_instruments.faults import Fault, Place

Array = npt.NDArray[np.float64]
#: A stratum of which fewer schools are drawn has no variance between them.
LEAST_SCHOOLS = 2


@dataclass(frozen=True, slots=True, eq=False)
class DrawnSchools:
    """Which rows of the frame are surveyed.

    Parameters
    ----------
    drawn : (rows,) array of bool
    probability : (rows,) array
        Of the row's school being drawn in its stratum.
    in_stratum, drawn_in_stratum : (rows,) array of int
        Schools of the row's stratum, and those of them that are drawn.
    """

    drawn: npt.NDArray[np.bool_]
    probability: Array
    in_stratum: npt.NDArray[np.int64]
    drawn_in_stratum: npt.NDArray[np.int64]


def draw_schools(sampling: Sampling, frame: Frame, place: Place) -> tuple[DrawnSchools, list[Fault]]:
    """Draw schools in every stratum, in proportion to size or all alike, or take all.

    A school with stages in two strata is a unit of each. In proportion to size: systematically, in the order
    of school codes. The same seed draws the same schools.

    Parameters
    ----------
    sampling : Sampling
    frame : Frame
    place : Place
        For faults.
    """
    units = frame.rows[["stratum", "school"]].assign(size=frame.measure)
    sizes = units.groupby(["stratum", "school"], sort=True)["size"].sum().reset_index()
    count = sizes.groupby("stratum", sort=True)["school"].size()
    sizes["probability"], sizes["drawn"] = 1.0, True
    faults: list[Fault] = []
    if sampling.schools != "all" and len(sizes):
        least = np.minimum(count.to_numpy(), LEAST_SCHOOLS)
        if least.sum() > sampling.schools:
            details = {"schools": sampling.schools, "needed": int(least.sum())}
            faults.append(Fault("sampling-strata-exceed-schools", place, details))
        measure = sizes.groupby("stratum", sort=True)["size"].sum()
        numbers = allocate(measure.to_numpy(), sampling.schools, least, count.to_numpy())
        for number, (stratum, n) in enumerate(zip(count.index, numbers, strict=True)):
            rows = np.flatnonzero(sizes["stratum"] == stratum)
            chance = np.random.default_rng((sampling.seed, number))
            probability, drawn = _draw(sizes["size"].to_numpy()[rows], int(n), sampling.draw, chance)
            sizes.loc[rows, "probability"], sizes.loc[rows, "drawn"] = probability, drawn
    sizes["in_stratum"] = sizes.groupby("stratum")["school"].transform("size")
    sizes["drawn_in_stratum"] = sizes.groupby("stratum")["drawn"].transform("sum")
    found = units.merge(sizes.drop(columns="size"), on=["stratum", "school"], how="left", validate="m:1")
    return (
        DrawnSchools(
            found["drawn"].to_numpy(np.bool_),
            found["probability"].to_numpy(np.float64),
            found["in_stratum"].to_numpy(np.int64),
            found["drawn_in_stratum"].to_numpy(np.int64),
        ),
        faults,
    )


def _draw(
    size: Array, n: int, method: str, chance: np.random.Generator
) -> tuple[Array, npt.NDArray[np.bool_]]:
    """Draw n units; return every unit's probability and whether it was drawn."""
    if method == "pps":
        probability = inclusion_probabilities(size, n)
        return probability, systematic_sample(probability, float(chance.random()))
    drawn = np.zeros(size.size, dtype=np.bool_)
    drawn[chance.permutation(size.size)[:n]] = True
    return np.full(size.size, n / size.size), drawn


def divide_persons(
    size: RoleSize, entry: SampledRole, frame: Frame, schools: DrawnSchools, place: Place
) -> tuple[npt.NDArray[np.int64], list[Fault]]:
    """Divide the persons of one role among the rows drawn.

    Strata get their part in proportion to the role's persons (or to residents), then rows in proportion to
    persons over the school's probability, so that everybody of a stratum has the same chance.

    Parameters
    ----------
    size : RoleSize
    entry : SampledRole
        Persons of a school and stage at least.
    frame : Frame
    schools : DrawnSchools
    place : Place
        For faults.

    Returns
    -------
    (rows,) array of int
        Persons asked; 0 in rows that were not drawn.
    """
    persons = frame.population[size.role]
    available = np.where(schools.drawn, persons, 0).astype(np.int64)
    least = np.minimum(available, entry.minimum)
    faults = []
    details: dict[str, object] = {"role": size.role, "wanted": size.invited, "minimum": entry.minimum}
    if least.sum() > size.invited:
        raised = {**details, "n": int(least.sum())}
        faults.append(Fault("sample-raised-to-minimum", place, raised, "warning"))
    if available.sum() < size.invited:
        short = {**details, "n": int(available.sum())}
        faults.append(Fault("sample-exceeds-population", place, short, "warning"))
    codes, strata = pd.factorize(frame.rows["stratum"], sort=True)
    count = len(strata)

    def by_stratum(values: Array | npt.NDArray[np.int64]) -> Array:
        return np.bincount(codes, values, minlength=count).astype(np.float64)

    parts = allocate(
        by_stratum(persons * frame.residents), size.invited, by_stratum(least), by_stratum(available)
    )
    asked = np.zeros(len(persons), dtype=np.int64)
    for stratum in range(count):
        rows = np.flatnonzero((codes == stratum) & schools.drawn)
        expected = persons[rows] / schools.probability[rows]
        asked[rows] = allocate(expected, int(parts[stratum]), least[rows], available[rows])
    return asked, faults


def grade_numbers(entry: SampledRole, stages: Sequence[str], asked: Sequence[int]) -> list[dict[str, int]]:
    """Return how many are asked in each grade of every school and stage.

    Numbers of one school differ by one at most. Who gets one more goes round from school to school, so that
    over all schools of a stage the grades differ by one at most too.

    Parameters
    ----------
    entry : SampledRole
        Grades of each stage.
    stages, asked : sequence
        Stage and persons of every row, in the order of the list.

    Examples
    --------
    >>> role = SampledRole(size=5, grades={"junior": ("7", "8", "9")})
    >>> grade_numbers(role, ["junior", "junior"], [4, 1])
    [{'7': 2, '8': 1, '9': 1}, {'8': 1}]
    """
    turn: dict[str, int] = {}
    rows = []
    for stage, n in zip(stages, asked, strict=True):
        grades = entry.grades.get(stage, ())
        numbers: dict[str, int] = {}
        if grades:
            each, more = divmod(int(n), len(grades))
            start = turn.get(stage, 0)
            extra = {(start + step) % len(grades) for step in range(more)}
            turn[stage] = (start + more) % len(grades)
            counted = {grade: each + (place in extra) for place, grade in enumerate(grades)}
            numbers = {grade: count for grade, count in counted.items() if count}
        rows.append(numbers)
    return rows


def class_number(entry: SampledRole, grades: Mapping[str, int], n: int) -> int | None:
    """Return how many classes are needed at so many persons a class; None where that is not given."""
    if entry.per_class is None:
        return None
    numbers = list(grades.values()) or [n]
    return sum(-(-number // entry.per_class) for number in numbers)
