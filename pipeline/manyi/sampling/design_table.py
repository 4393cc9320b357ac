"""The cells behind design weights: of the drawn sample, of a table of one's own, or of the school table."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from manyi.sampling.places import SCHOOLS, design_file
from manyi.sampling.record import read_list
from manyi.study.folder import StudyFolder
from manyi.study.sampling_plan import RoleWeights
from manyi_instruments.faults import AnswersFaulty, Fault, Place, StudyFaulty

#: Words for the sources of design weights that are no path.
NEEDED = ("population", "sample")
NUMBERS = ("population", "sample", "school_probability", "weight", "schools_in_stratum", "schools_drawn")


@dataclass(frozen=True, slots=True, eq=False)
class DesignTable:
    """The cells of one role's sample.

    Parameters
    ----------
    frame : DataFrame
        One row a cell: ``school, stage, stratum`` (text, empty where there is none), ``population, sample,
        weight`` (1/π), ``school_probability``, ``schools_in_stratum, schools_drawn`` (NaN where not known)
        and ``drawn_by``.
    """

    frame: pd.DataFrame

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the columns that name a cell: school and stage, where any cell has one."""
        return tuple(name for name in ("school", "stage") if (self.frame[name] != "").any())

    def place(self, rows: pd.DataFrame) -> npt.NDArray[np.intp]:
        """Return the cell of every respondent, −1 where there is none.

        Parameters
        ----------
        rows : DataFrame
            ``school`` and ``stage``.
        """
        keys = list(self.keys)
        if not keys:
            return np.zeros(len(rows), dtype=np.intp)
        cells = pd.MultiIndex.from_frame(self.frame[keys])
        wanted = pd.MultiIndex.from_frame(rows[keys].astype("string").fillna("").astype(str))
        return np.asarray(cells.get_indexer(wanted), dtype=np.intp)


def design_table(
    study: StudyFolder, role: str, weights: RoleWeights, schools: pd.DataFrame | None
) -> DesignTable:
    """Return the cells of a role's sample.

    Parameters
    ----------
    study : StudyFolder
    role : str
    weights : RoleWeights
        Its ``design`` is not empty.
    schools : DataFrame or None
        The school table as the schools stage leaves it.

    Raises
    ------
    StudyFaulty, AnswersFaulty, FileUnreadable
        With every fault of the source.
    """
    if weights.design == SCHOOLS:
        return _from_schools(study, role, weights, schools)
    path = design_file(study, weights)
    if path is None or not path.is_file():
        place = Place(str(study.study_file))
        raise StudyFaulty(Fault("weights-plan-missing", place, {"role": role, "path": path or ""}))
    return _from_list(path, role)


def _from_schools(
    study: StudyFolder, role: str, weights: RoleWeights, schools: pd.DataFrame | None
) -> DesignTable:
    """Return a cell a school and stage: everybody could answer, and those who did stand for the others."""
    place = Place(str(study.study_file))
    where, name = f"weights.{role}.population", weights.population
    if schools is None:
        raise StudyFaulty(Fault("sampling-without-schools", place, {"where": where, "name": name}))
    if name not in schools or not pd.api.types.is_numeric_dtype(schools[name]):
        code = "sampling-column-not-numbers" if name in schools else "sampling-column-unknown"
        raise StudyFaulty(Fault(code, place, {"where": where, "name": name, "hint": ""}))
    standard = study.standard
    if standard is not None and "stage" in schools:
        # Stages that are not evaluated have no respondents, and nobody may stand for them.
        schools = schools[schools["stage"].isin(list(standard.evaluated_stages))]
    persons = schools[name].to_numpy(np.float64)
    rows = schools[persons > 0].reset_index(drop=True)
    frame = pd.DataFrame({"school": rows["school"].astype(str)})
    frame["stage"] = rows["stage"].astype("string").fillna("").astype(str) if "stage" in rows else ""
    frame["stratum"] = ""
    frame["population"] = frame["sample"] = persons[persons > 0]
    frame["weight"] = frame["school_probability"] = 1.0
    frame["schools_in_stratum"] = frame["schools_drawn"] = np.nan
    return DesignTable(frame.assign(drawn_by="all"))


def _from_list(path: Path, role: str) -> DesignTable:
    cells = read_list(path)
    lacking = [name for name in NEEDED if name not in cells]
    if lacking:
        headings = ", ".join(map(str, cells.columns))
        details = {"file": path.name, "names": ", ".join(lacking), "headings": headings}
        raise AnswersFaulty(Fault("weights-column-missing", Place(path.name), details))
    numbers = np.arange(2, len(cells) + 2)
    if "role" in cells:
        mine = (cells["role"].str.strip() == role).to_numpy()
        cells, numbers = cells[mine].reset_index(drop=True), numbers[mine]
    if not len(cells):
        raise AnswersFaulty(
            Fault("weights-role-not-listed", Place(path.name), {"file": path.name, "role": role})
        )
    frame = pd.DataFrame(
        {
            name: cells[name].str.strip() if name in cells else pd.Series("", index=cells.index)
            for name in ("school", "stage", "stratum", "drawn_by")
        }
    )
    faults = []
    for name in NUMBERS:
        text = cells[name].str.strip() if name in cells else pd.Series("", index=cells.index)
        frame[name] = pd.to_numeric(text.where(text != ""), errors="coerce")
        wrong = (text != "") & frame[name].isna()
        faults += [
            _unusable(path, row, name, value) for row, value in zip(numbers[wrong], text[wrong], strict=True)
        ]
    faults += _out_of_bounds(path, frame, numbers)
    repeated = frame[frame.duplicated(["school", "stage"], keep=False)]
    if len(repeated):
        named = (repeated["school"] + " " + repeated["stage"]).drop_duplicates().tolist()
        details = {"file": path.name, "role": role, "cells": ", ".join(named[:5])}
        faults.append(Fault("weights-rows-repeated", Place(path.name), details))
    if faults:
        raise AnswersFaulty(faults)
    probability = frame["school_probability"].fillna(1.0)
    computed = frame["population"] / frame["sample"] / probability
    return DesignTable(frame.assign(school_probability=probability, weight=frame["weight"].fillna(computed)))


def _out_of_bounds(path: Path, frame: pd.DataFrame, numbers: npt.NDArray[np.int64]) -> list[Fault]:
    population, sample = frame["population"], frame["sample"]
    probability, weight = frame["school_probability"], frame["weight"]
    wrong: Mapping[str, pd.Series] = {
        # A role outside schools may be of unknown size where a weight is given instead.
        "population": ~((population > 0) | (population.isna() & (weight > 0))),
        "sample": ~((sample > 0) & ~(sample > population)),
        "school_probability": ~(probability.isna() | ((probability > 0) & (probability <= 1))),
        "weight": ~(weight.isna() | (weight > 0)),
    }
    return [
        _unusable(path, int(row), name, value)
        for name, rows in wrong.items()
        for row, value in zip(numbers[rows.to_numpy()], frame[name][rows], strict=True)
    ]


def _unusable(path: Path, row: int, name: str, value: object) -> Fault:
    shown = "" if value != value else value
    return Fault(
        "weights-cell-unusable", Place(path.name, row=int(row), field=name), {"name": name, "value": shown}
    )
