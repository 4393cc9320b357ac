"""The proposed sample: what it follows from, and one row for everybody to be asked in a school and stage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from manyi.sampling.drawing import DrawnSchools, class_number, divide_persons, draw_schools, grade_numbers
from manyi.sampling.frame import Frame, sampling_frame
from manyi.sampling.sizes import RoleSize, role_sizes
from manyi.study.sampling_checks import rule_total
from manyi.study.sampling_plan import Sampling
from manyi_instruments.faults import Fault, Place

#: Columns of ``plan/sample.csv``, in order.
COLUMNS = (
    "role",
    "stratum",
    "school",
    "school_name",
    "stage",
    "population",
    "schools_in_stratum",
    "schools_drawn",
    "drawn_by",
    "school_probability",
    "sample",
    "probability",
    "weight",
    "grades",
    "classes",
)


@dataclass(frozen=True, slots=True, eq=False)
class SamplePlan:
    """A sample, drawn.

    Parameters
    ----------
    sampling : Sampling
        What ``study.yaml`` asked for.
    confidence : float
        Level of the intervals behind a precision.
    total : int or None
        Persons by the rule.
    sizes : Mapping
        Role -> its number and what it follows from.
    schools, drawn : int
        Schools in the frame and drawn; a school in two strata counts once.
    frame : DataFrame
        One row a role, school and stage: the columns of ``plan/sample.csv``.
    faults : tuple of Fault
        Errors: then nothing was drawn. Warnings.
    """

    sampling: Sampling
    confidence: float
    total: int | None
    sizes: Mapping[str, RoleSize]
    schools: int
    drawn: int
    frame: pd.DataFrame
    faults: tuple[Fault, ...]

    @property
    def sound(self) -> bool:
        """Return whether the sample may be used."""
        return not any(fault.severity == "error" for fault in self.faults)


def propose_sample(
    sampling: Sampling,
    schools: pd.DataFrame | None,
    confidence: float = 0.95,
    evaluated: Sequence[str] | None = None,
    place: Place | None = None,
) -> SamplePlan:
    """Propose a sample and draw it; the same seed and school table give the same sample.

    Parameters
    ----------
    sampling : Sampling
        The part ``sampling`` of ``study.yaml``.
    schools : DataFrame or None
        The school table as the schools stage leaves it.
    confidence : float
        Level of the intervals behind a precision.
    evaluated : sequence of str, optional
        Stages that belong to the study; default all.
    place : Place, optional
        Of ``study.yaml``, for faults.
    """
    where = place or Place()
    frame = sampling_frame(sampling, schools, evaluated, where)
    drawn, draw_faults = draw_schools(sampling, frame, where)
    surveyed = int(frame.rows["school"][drawn.drawn].nunique())
    population = {
        role: float(frame.population[role].sum()) if role in frame.population else _outside(entry.population)
        for role, entry in sampling.roles.items()
    }
    sizes, size_faults = role_sizes(sampling, population, surveyed or None, confidence, where)
    faults = [*frame.faults, *draw_faults, *size_faults]
    pieces: list[pd.DataFrame] = []
    if not any(fault.severity == "error" for fault in faults):
        for role, size in sizes.items():
            if role in frame.population:
                piece, more = _in_schools(sampling, size, frame, drawn, where)
                faults += more
            else:
                piece = _outside_schools(size)
            pieces.append(piece)
    table = pd.concat(pieces, ignore_index=True) if pieces else pd.DataFrame(columns=list(COLUMNS))
    return SamplePlan(
        sampling,
        confidence,
        rule_total(sampling),
        sizes,
        int(frame.rows["school"].nunique()),
        surveyed,
        table,
        tuple(faults),
    )


def _outside(population: str | int) -> float | None:
    return float(population) if isinstance(population, int) else None


def _in_schools(
    sampling: Sampling, size: RoleSize, frame: Frame, drawn: DrawnSchools, place: Place
) -> tuple[pd.DataFrame, list[Fault]]:
    entry = sampling.roles[size.role]
    asked, faults = divide_persons(size, entry, frame, drawn, place)
    rows = np.flatnonzero(asked > 0)
    persons, n = frame.population[size.role][rows], asked[rows]
    probability = drawn.probability[rows] * n / persons
    head = frame.rows.iloc[rows]
    by_grade = grade_numbers(entry, head["stage"].tolist(), n.tolist())
    classes = [class_number(entry, grades, int(number)) for grades, number in zip(by_grade, n, strict=True)]
    piece = pd.DataFrame(
        {
            "role": size.role,
            "stratum": head["stratum"].to_numpy(),
            "school": head["school"].to_numpy(),
            "school_name": head["school_name"].to_numpy(),
            "stage": head["stage"].to_numpy(),
            "population": persons.astype(np.int64),
            "schools_in_stratum": drawn.in_stratum[rows],
            "schools_drawn": drawn.drawn_in_stratum[rows],
            "drawn_by": "all" if sampling.schools == "all" else sampling.draw,
            "school_probability": drawn.probability[rows],
            "sample": n,
            "probability": probability,
            "weight": 1.0 / probability,
            "grades": [
                " ".join(f"{grade}={number}" for grade, number in grades.items()) for grades in by_grade
            ],
            "classes": pd.array(classes, dtype="Int64"),
        }
    )
    return piece[list(COLUMNS)], faults


def _outside_schools(size: RoleSize) -> pd.DataFrame:
    """Return the one row of a role that is not found in schools; without its number there is no weight."""
    n = size.invited if size.population is None else min(size.invited, int(size.population))
    known = size.population is not None
    row: dict[str, object] = dict.fromkeys(COLUMNS, "")
    row |= {
        "role": size.role,
        "population": size.population,
        "schools_in_stratum": pd.NA,
        "schools_drawn": pd.NA,
        "drawn_by": "all",
        "school_probability": 1.0,
        "sample": n,
        "probability": n / size.population if known and size.population else np.nan,
        "weight": size.population / n if known and size.population else np.nan,
        "classes": pd.NA,
    }
    frame = pd.DataFrame([row])[list(COLUMNS)]
    whole = ("population", "schools_in_stratum", "schools_drawn", "classes")
    return frame.astype(dict.fromkeys(whole, "Int64"))
