"""From a model and a discrepancy to a solution: what every estimator has in common."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg

from manyi_analysis.confirmatory.fit_indices import FitIndices
from manyi_analysis.confirmatory.implied import Structure
from manyi_analysis.confirmatory.minimum import (
    Discrepancy,
    Minimum,
    NotFound,
    loose_direction,
    minimise,
)
from manyi_analysis.confirmatory.model import FactorModel, Scaling
from manyi_analysis.confirmatory.parameters import ParameterTable
from manyi_analysis.confirmatory.remarks import Remark, remarks
from manyi_analysis.confirmatory.solution import ConfirmatoryAnalysis
from manyi_analysis.confirmatory.standardized import standardized, standardized_errors
from manyi_analysis.confirmatory.starting import rescaled, starting_values
from manyi_analysis.records import NotComputed
from manyi_analysis.records.rows import Floats

#: Share of the largest weight from which a parameter counts as one of those that are not identified.
WEIGHTY = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Solved:
    """A minimum, the model it is of, and the information a row carries there.

    Parameters
    ----------
    structure : Structure
    found : Minimum
    information : ndarray, shape (q, q)
        Expected.
    """

    structure: Structure
    found: Minimum
    information: Floats

    @property
    def inverse(self) -> Floats:
        """Return the inverse of the information, shape (q, q)."""
        result: Floats = linalg.inv(self.information)
        return result


def solve(
    model: FactorModel,
    table: ParameterTable,
    distance: Discrepancy,
    covariances: Sequence[Floats],
    means: Sequence[Floats],
    moments: int,
    n: int,
    unmarked: ParameterTable | None = None,
    near: Floats | None = None,
) -> Solved | NotComputed:
    """Find the minimum of a discrepancy.

    Where no minimum is found with markers, it is looked for with factors of variance 1, which cannot turn
    negative, and the search with markers begins again from there.

    Parameters
    ----------
    model, table, distance
        What to fit.
    covariances, means
        Of each group, to start from.
    moments : int
        How many means and covariances the data give.
    n : int
        Rows.
    unmarked : ParameterTable, optional
        The same model with factors of variance 1, if the table has markers.
    near : ndarray, shape (q,), optional
        Where to look first.

    Returns
    -------
    Solved or NotComputed
        More parameters than moments; a model that is not identified; no minimum found.
    """
    if table.free > moments:
        details: dict[str, object] = {"model": model.name, "parameters": table.free, "moments": moments}
        return NotComputed("cfa", "cfa-too-few-moments", details, n)
    structure = Structure(table)
    try:
        try:
            found = _from(near, structure, distance)
            if found is None:
                found = minimise(structure, distance, starting_values(model, table, covariances, means))
        except NotFound:
            if unmarked is None:
                raise
            other = Structure(unmarked)
            turned = minimise(other, distance, starting_values(model, unmarked, covariances, means))
            found = minimise(structure, distance, rescaled(model, other, turned.values, structure))
    except NotFound as stopped:
        details = {"model": model.name, "iterations": stopped.iterations}
        return NotComputed("cfa", "cfa-not-converged", details, n)
    information = distance.information(found.implied, found.jacobians)
    loose = loose_direction(information)
    if loose is not None:
        weights = np.abs(loose)
        first = table.first()
        free = tuple(first[i].text for i in np.flatnonzero(weights >= WEIGHTY * weights.max()))
        return NotComputed("cfa", "cfa-not-identified", {"model": model.name, "loose": free}, n)
    return Solved(structure, found, information)


def _from(near: Floats | None, structure: Structure, distance: Discrepancy) -> Minimum | None:
    if near is None:
        return None
    try:
        return minimise(structure, distance, near)
    except NotFound:
        return None


def recorded(
    model: FactorModel,
    solved: Solved,
    covariance: Floats,
    fit: FitIndices,
    estimator: str,
    scaling: Scaling,
    groups: tuple[str, ...],
    group_n: tuple[int, ...],
    missing: int,
    missing_rule: str,
    method: str,
    source: str,
    left_out: Mapping[str, NotComputed] | None = None,
    further: tuple[Remark, ...] = (),
) -> ConfirmatoryAnalysis:
    """Return the record of a solution: estimates of all parameters, standardized ones, what is improper.

    Parameters
    ----------
    covariance : ndarray, shape (q, q)
        Of the free estimates.
    """
    structure, values = solved.structure, solved.found.values
    rows = structure.table.rows
    errors = np.sqrt(np.maximum(np.diagonal(covariance), 0.0))
    std = np.asarray(standardized(structure, values))
    return ConfirmatoryAnalysis(
        model=model,
        estimator=estimator,
        scaling=scaling,
        groups=groups,
        group_n=group_n,
        missing=missing,
        table=structure.table,
        estimates=_estimates(structure, values),
        errors=np.array([errors[row.free] if row.free >= 0 else 0.0 for row in rows]),
        standardized=std,
        standardized_errors=standardized_errors(structure, values, covariance),
        free=values,
        covariance=covariance,
        implied=solved.found.implied,
        fit=fit,
        remarks=(*further, *remarks(model, structure, values, std, groups)),
        iterations=solved.found.iterations,
        missing_rule=missing_rule,
        method=method,
        source=source,
        left_out=left_out or {},
    )


def _estimates(structure: Structure, values: Floats) -> Floats:
    """Return every parameter of the table, in its order."""
    result = np.empty(len(structure.table.rows))
    for group in structure.groups:
        for name, matrix in structure.matrices(values, group).items():
            at, row, column = structure.places(group, name)
            result[at] = matrix[row, column]
    return result
