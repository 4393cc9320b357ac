"""Unrotated loadings of m common factors: unweighted least squares (minres), ML, principal axes, components.

The minimisers of minres and ML are found with the gradient written out, to full precision and in a few
milliseconds. factor-analyzer approximates the gradient by differences: its ML loadings are 1e-5 from the
minimum, and fitting fails beside scikit-learn 1.8; its rotations are used (`efa`).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from manyi_analysis.records import Correlated, NotComputed
from manyi_analysis.records.rows import Floats

#: Bound of the unique variances, as in ``psych::fa`` and ``stats::factanal``.
LOWEST_UNIQUENESS = 0.005
ITERATIONS = 2000
#: Principal axes stop when no communality moves by more.
AXES_TOLERANCE = 1e-6


class NotConverged(ArithmeticError):
    """An extraction did not come to rest."""

    def __init__(self, iterations: int) -> None:
        self.iterations = iterations
        super().__init__(f"not converged after {iterations} iterations")


class CommunalityAboveOne(ArithmeticError):
    """Principal axes gave items a communality above 1, at which the iteration has no meaning."""

    def __init__(self, items: tuple[int, ...]) -> None:
        self.items = items
        super().__init__(f"communality above 1 at positions {items}")


@dataclass(frozen=True, slots=True, eq=False)
class Extraction:
    """Unrotated loadings.

    Parameters
    ----------
    loadings : ndarray, shape (k, m)
        Columns in descending order of variance.
    uniquenesses : ndarray, shape (k,)
        Variance of each item that the factors leave.
    at_bound : tuple of int
        Positions of items whose uniqueness stopped at the bound: Heywood cases.
    """

    loadings: Floats
    uniquenesses: Floats
    at_bound: tuple[int, ...]


def unweighted_least_squares(correlation: Floats, factors: int, start: Floats | None = None) -> Extraction:
    """Minimise the squared residual correlations off the diagonal (Harman & Jones, 1966).

    Parameters
    ----------
    correlation : ndarray, shape (k, k)
        Positive definite.
    factors : int
        m, below k.
    start : ndarray, shape (k,), optional
        Unique variances to begin with; default what the other items leave of each.

    Raises
    ------
    NotConverged
        If the minimum was not reached.

    Notes
    -----
    R: ``psych::fa(r, nfactors = m, fm = "minres", rotate = "none")``.
    """

    def objective(uniquenesses: Floats) -> tuple[float, Floats]:
        reduced = correlation - np.diag(uniquenesses)
        loadings = _principal(reduced, factors)
        residual = reduced - loadings @ loadings.T
        return float((residual**2).sum() / 2), -np.diagonal(residual)

    uniquenesses = _minimum(objective, correlation, start)
    loadings = _principal(correlation - np.diag(uniquenesses), factors)
    return Extraction(loadings, uniquenesses, _at_bound(uniquenesses))


def one_factor(statistic: str, moments: Correlated) -> Extraction | NotComputed:
    """Extract one factor by `unweighted_least_squares` for a statistic, which is NotComputed without one."""
    try:
        return unweighted_least_squares(moments.correlation, 1)
    except NotConverged as stopped:
        return NotComputed(statistic, "not-converged", {"iterations": stopped.iterations}, moments.n)


def maximum_likelihood(correlation: Floats, factors: int) -> Extraction:
    """Maximise the normal likelihood of the factor model (Jöreskog, 1967).

    Parameters and errors as in `unweighted_least_squares`.

    Notes
    -----
    R: ``stats::factanal(covmat = r, factors = m, rotation = "none")``, ``psych::fa(fm = "ml")``.
    """

    def loadings_of(uniquenesses: Floats) -> tuple[Floats, Floats]:
        root = np.sqrt(uniquenesses)
        values, vectors = _descending(correlation / np.outer(root, root))
        scaled = vectors[:, :factors] * np.sqrt(np.maximum(values[:factors] - 1, 0))
        return root[:, None] * scaled, values

    def objective(uniquenesses: Floats) -> tuple[float, Floats]:
        loadings, values = loadings_of(uniquenesses)
        rest = values[factors:]
        discrepancy = float((rest - np.log(rest)).sum()) + factors - len(values)
        model_less_data = loadings @ loadings.T + np.diag(uniquenesses) - correlation
        return discrepancy, np.diagonal(model_less_data) / uniquenesses**2

    uniquenesses = _minimum(objective, correlation)
    return Extraction(loadings_of(uniquenesses)[0], uniquenesses, _at_bound(uniquenesses))


def principal_axes(correlation: Floats, factors: int) -> Extraction:
    """Iterate communalities on the principal axes of the reduced matrix, from squared multiple correlations.

    Stops when no communality moves by more than 1e-6 (SPSS and PSPP: ``ECONVERGE``, there 1e-3 unless set).

    Raises
    ------
    NotConverged
        After 2,000 iterations.
    CommunalityAboveOne
        A Heywood case; SPSS stops there too.

    Notes
    -----
    SPSS: ``FACTOR /CRITERIA=FACTORS(m) ECONVERGE(1E-6) /EXTRACTION=PAF``.
    """
    communalities = 1 - 1 / np.diagonal(np.linalg.inv(correlation))
    for _ in range(ITERATIONS):
        reduced = correlation.copy()
        np.fill_diagonal(reduced, communalities)
        loadings = _principal(reduced, factors)
        previous, communalities = communalities, (loadings**2).sum(axis=1)
        if (communalities > 1).any():
            raise CommunalityAboveOne(tuple(np.flatnonzero(communalities > 1).tolist()))
        if np.abs(communalities - previous).max() < AXES_TOLERANCE:
            return Extraction(loadings, 1 - communalities, ())
    raise NotConverged(ITERATIONS)


def principal_components(correlation: Floats, factors: int) -> Extraction:
    """Return the loadings of the first m principal components.

    Notes
    -----
    R: ``psych::principal(r, nfactors = m, rotate = "none")``; SPSS: ``/EXTRACTION=PC``.
    """
    loadings = _principal(correlation, factors)
    return Extraction(loadings, 1 - (loadings**2).sum(axis=1), ())


def _descending(matrix: Floats) -> tuple[Floats, Floats]:
    values, vectors = np.linalg.eigh(matrix)
    return values[::-1], vectors[:, ::-1]


def _principal(matrix: Floats, factors: int) -> Floats:
    """Return the first m principal axes scaled to loadings, shape (k, m)."""
    values, vectors = _descending(matrix)
    loadings: Floats = vectors[:, :factors] * np.sqrt(np.maximum(values[:factors], 0))
    return loadings


def _minimum(
    objective: Callable[[Floats], tuple[float, Floats]], correlation: Floats, start: Floats | None = None
) -> Floats:
    """Return the unique variances, shape (k,), at the minimum within their bounds."""
    if start is None:
        start = np.clip(1 / np.diagonal(np.linalg.inv(correlation)), LOWEST_UNIQUENESS, 1)
    found = minimize(
        objective,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(LOWEST_UNIQUENESS, 1.0)] * len(start),
        options={"maxiter": ITERATIONS, "maxfun": 10 * ITERATIONS, "ftol": 1e-15, "gtol": 1e-9},
    )
    uniquenesses = np.asarray(found.x, dtype=np.float64)
    if not found.success and _slope(objective, uniquenesses) > 1e-5:
        raise NotConverged(int(found.nit))
    return uniquenesses


def _slope(objective: Callable[[Floats], tuple[float, Floats]], uniquenesses: Floats) -> float:
    """Return the steepest descent left inside the bounds: the line search can stop at rounding, at rest."""
    gradient = objective(uniquenesses)[1]
    step = np.clip(uniquenesses - gradient, LOWEST_UNIQUENESS, 1.0) - uniquenesses
    return float(np.abs(step).max())


def _at_bound(uniquenesses: Floats) -> tuple[int, ...]:
    return tuple(np.flatnonzero(uniquenesses <= LOWEST_UNIQUENESS * (1 + 1e-9)).tolist())
