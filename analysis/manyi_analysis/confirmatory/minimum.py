"""The minimum of a discrepancy between data and model: damped scoring with the gradient written out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import linalg, optimize

from manyi_analysis.confirmatory.implied import Implied, Jacobian, Numbers, Structure
from manyi_analysis.records.rows import Floats

#: Steps of scoring, then of the trust region, then of scoring again, before the search is given up. Of the
#: last, damping that has grown heavy on the way takes a step for each power of ten to fall again.
SCORING, TRUST_REGION, LAST = 60, 50, 40
#: Damping at which no step leads downhill any more; what rounding may add to a discrepancy.
HEAVIEST, ROUNDING = 1e12, 1e-14
#: At rest when the next step would lower the discrepancy, per row, by less.
AT_REST = 1e-15
#: Smallest eigenvalue of the information, scaled to a unit diagonal, from which a model is not identified.
UNIDENTIFIED = 1e-9


class Discrepancy(Protocol):
    """A distance between data and model, per row: F for maximum likelihood, half of it has information."""

    def value(self, implied: Sequence[Implied]) -> float:
        """Return the distance; infinity where the model's covariances are not positive definite."""

    def slopes(self, implied: Sequence[Implied]) -> list[tuple[Numbers, Numbers]]:
        """Return its derivatives by each group's covariances, shape (k, k), and means, shape (k,)."""

    def information(
        self, implied: Sequence[Implied], jacobians: Sequence[Jacobian], observed: bool = False
    ) -> Floats:
        """Return half the second derivatives, shape (q, q), without those of the implied moments themselves.

        Expected, or ``observed``: at the data as they are.
        """


class NotFound(ArithmeticError):
    """No minimum was found."""

    def __init__(self, iterations: int) -> None:
        self.iterations = iterations
        super().__init__(f"no minimum in {iterations} iterations")


@dataclass(frozen=True, slots=True, eq=False)
class Minimum:
    """Where the discrepancy is smallest.

    Parameters
    ----------
    values : ndarray, shape (q,)
        Free parameters.
    discrepancy : float
        Per row.
    implied : tuple of Implied
        Of each group.
    jacobians : tuple of Jacobian
        Of each group.
    iterations : int
    """

    values: Floats
    discrepancy: float
    implied: tuple[Implied, ...]
    jacobians: tuple[Jacobian, ...]
    iterations: int


def minimise(structure: Structure, distance: Discrepancy, start: Floats) -> Minimum:
    """Find the minimum of a discrepancy.

    By scoring, damped where a step would lead uphill (Levenberg, 1944; Marquardt, 1963); near the minimum
    with the observed information in place of the expected one (Newton's method). Along a bent valley, as a
    factor that is hardly there makes one, scoring creeps: then a trust region with the exact second
    derivatives goes on (Conn, Gould & Toint, 2000).

    Parameters
    ----------
    structure : Structure
    distance : Discrepancy
    start : ndarray, shape (q,)
        The implied covariances must be positive definite there.

    Raises
    ------
    NotFound
        Not at rest after either, or nowhere to start from.
    """
    here = _Point.at(structure, distance, start)
    if not np.isfinite(here.discrepancy):
        raise NotFound(0)
    here, found, done = _score(structure, distance, here, SCORING)
    if found is None:
        values, steps = _trust_region(structure, distance, here.values)
        here = _Point.at(structure, distance, values)
        here, found, more = _score(structure, distance, here, LAST)
        done += steps + more
    if found is None:
        raise NotFound(done)
    return Minimum(here.values, here.discrepancy, here.implied, found, done)


@dataclass(frozen=True, slots=True, eq=False)
class _Point:
    """Values of the free parameters, what they imply and how far that is from the data."""

    values: Floats
    implied: tuple[Implied, ...]
    discrepancy: float

    @classmethod
    def at(cls, structure: Structure, distance: Discrepancy, values: Floats) -> "_Point":
        implied = tuple(structure.implied(values, group) for group in structure.groups)
        return cls(values, implied, distance.value(implied))


Jacobians = tuple[Jacobian, ...]


def _score(
    structure: Structure, distance: Discrepancy, here: _Point, most: int
) -> tuple[_Point, Jacobians | None, int]:
    """Score until at rest: where, the derivatives there (None if not at rest), and the steps taken."""
    damping, close = 1e-3, False
    for iteration in range(1, most + 1):
        gradient = _gradient(structure, distance, here.implied)
        jacobians = tuple(structure.jacobian(one, group) for group, one in enumerate(here.implied))
        hessian = 2 * distance.information(here.implied, jacobians)
        if close:
            hessian = _newton(structure, distance, here, jacobians, hessian)
        promise = float(-gradient @ _step(hessian, gradient, 0.0))
        if promise < AT_REST:
            return here, jacobians, iteration
        close = promise < 1e-4
        while True:
            then = _Point.at(structure, distance, here.values + _step(hessian, gradient, damping))
            if then.discrepancy <= here.discrepancy + ROUNDING * max(abs(here.discrepancy), 1.0):
                break
            damping = max(damping * 10, 1e-6)
            if damping > HEAVIEST:
                return here, None, iteration
        damping = damping / 10 if damping > 1e-9 else 0.0
        here = then
    return here, None, most


def _trust_region(structure: Structure, distance: Discrepancy, start: Floats) -> tuple[Floats, int]:
    """Return where a trust region with exact second derivatives ends, and the steps it took."""

    def value(values: Floats) -> tuple[float, Floats]:
        point = _Point.at(structure, distance, values)
        if not np.isfinite(point.discrepancy):
            return np.inf, np.zeros(len(values))
        return point.discrepancy, _gradient(structure, distance, point.implied)

    def curvature(values: Floats) -> Floats:
        point = _Point.at(structure, distance, values)
        jacobians = tuple(structure.jacobian(one, group) for group, one in enumerate(point.implied))
        return 2 * _observed(structure, distance, point, jacobians)

    options = {"gtol": 1e-9, "maxiter": TRUST_REGION}
    found = optimize.minimize(value, start, jac=True, hess=curvature, method="trust-exact", options=options)
    return np.asarray(found.x, dtype=np.float64), int(found.nit)


def observed_information(structure: Structure, distance: Discrepancy, found: Minimum) -> Floats:
    """Return half the second derivatives of the discrepancy at a minimum, shape (q, q)."""
    here = _Point(found.values, found.implied, found.discrepancy)
    return _observed(structure, distance, here, found.jacobians)


def _observed(structure: Structure, distance: Discrepancy, here: _Point, jacobians: Jacobians) -> Floats:
    result = distance.information(here.implied, jacobians, observed=True)
    for group, (by_covariance, by_mean) in enumerate(distance.slopes(here.implied)):
        result = result + structure.bend(here.values, by_covariance, by_mean, group) / 2
    return result


def loose_direction(information: Floats) -> Floats | None:
    """Return the direction in which parameters can move without changing the model, shape (q,), or None."""
    diagonal = np.diagonal(information)
    if not np.isfinite(information).all() or (diagonal <= 0).any():
        return np.where(diagonal > 0, 0.0, 1.0)
    scale = np.sqrt(diagonal)
    values, vectors = np.linalg.eigh(information / np.outer(scale, scale))
    return None if values[0] > UNIDENTIFIED else np.asarray(vectors[:, 0])


def _gradient(structure: Structure, distance: Discrepancy, implied: Sequence[Implied]) -> Floats:
    total = np.zeros(structure.table.free)
    for group, (by_covariance, by_mean) in enumerate(distance.slopes(implied)):
        total += structure.gradient(implied[group], by_covariance, by_mean, group)
    return total


def _newton(
    structure: Structure, distance: Discrepancy, here: _Point, jacobians: Jacobians, hessian: Floats
) -> Floats:
    """Return the second derivatives if they are positive definite, else the expected ones."""
    exact = 2 * _observed(structure, distance, here, jacobians)
    try:
        np.linalg.cholesky(exact)
    except np.linalg.LinAlgError:
        return hessian
    return exact


def _step(hessian: Floats, gradient: Floats, damping: float) -> Floats:
    """Return the damped step downhill, shape (q,)."""
    diagonal = np.diagonal(hessian)
    floor = max(float(diagonal.max()), 1.0) * 1e-12
    damped = hessian + np.diag(damping * np.maximum(diagonal, floor) + floor * 1e-3)
    try:
        return np.asarray(-linalg.cho_solve(linalg.cho_factor(damped), gradient))
    except linalg.LinAlgError:
        return np.asarray(-np.linalg.lstsq(damped, gradient, rcond=None)[0])
