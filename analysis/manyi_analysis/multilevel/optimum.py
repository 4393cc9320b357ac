"""The relative covariance factor of the highest likelihood."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from manyi_analysis.multilevel.profiled_deviance import ProfiledDeviance
from manyi_analysis.records.rows import Floats, Indices

#: Shares of variance between schools at which the slope of the deviance is looked at for sign changes.
GRID = np.concatenate(
    [[0.0], np.geomspace(1e-7, 0.01, 12), np.linspace(0.03, 0.97, 32), [0.99, 0.999, 0.99999]]
)
#: Largest slope of the deviance, per unit of Λ and respondent, at which a search counts as ended.
FLAT = 1e-8
#: The search is ended by Newton's method, so it need not be driven to rounding.
SEARCH = {"ftol": 1e-13, "gtol": 1e-7, "maxiter": 150}
#: Steps of Newton's method after the search, and the difference that second derivatives are taken with.
NEWTON, STEP = 8, 1e-5


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """Which elements of Λ are free, row by row of the lower triangle.

    Parameters
    ----------
    q : int
        Random effects.
    rows, columns : ndarray of int, shape (m,)
        Places of the free elements.
    """

    q: int
    rows: Indices
    columns: Indices

    @classmethod
    def of(cls, q: int, correlated: bool) -> "Shape":
        """Return the lower triangle, or the diagonal where the random effects are uncorrelated."""
        rows, columns = np.tril_indices(q) if correlated else np.diag_indices(q)
        return cls(q, np.asarray(rows, dtype=np.intp), np.asarray(columns, dtype=np.intp))

    @property
    def diagonal(self) -> NDArray[np.bool_]:
        """Return which free elements lie on the diagonal, shape (m,)."""
        return np.asarray(self.rows == self.columns)

    def factor(self, theta: Floats) -> Floats:
        """Return Λ, shape (q, q)."""
        result = np.zeros((self.q, self.q))
        result[self.rows, self.columns] = theta
        return result

    def slope(self, theta: Floats, slope: Floats) -> Floats:
        """Return the derivative in the free elements from that in ΛΛ', shape (m,)."""
        return np.asarray((2.0 * slope @ self.factor(theta))[self.rows, self.columns])


def best_theta(deviance: ProfiledDeviance, shape: Shape, near: Floats | None = None) -> tuple[Floats, bool]:
    """Return the free elements of Λ at the lowest deviance, shape (m,), and whether the search ended.

    One random effect: roots of the derivative in Λ², bracketed on a grid of intraclass correlations, which
    finds every minimum and the boundary. More: quasi-Newton with bounds from several starts, then Newton
    steps on the elements off the boundary. With `near`, where a minimum is expected, only there, unless
    none is found.
    """
    if shape.q == 1:
        beside = None if near is None else _ratio_near(deviance, float(near[0]) ** 2)
        return np.sqrt(np.array([_best_ratio(deviance) if beside is None else beside])), True
    if near is not None:
        theta, ended = _searched(deviance, shape, [near])
        if ended:
            return theta, True
    alone = replace(
        deviance,
        half=deviance.half[:1],
        squares=deviance.squares[:1, :1],
        random=deviance.random[:, :1],
    )
    first = max(float(np.sqrt(_best_ratio(alone))), 0.05)
    starts = [
        np.where(shape.diagonal, np.where(shape.rows == 0, first, rest * first), 0.0)
        for rest in (0.3, 0.05, 1.0)
    ]
    return _searched(deviance, shape, starts)


def _searched(deviance: ProfiledDeviance, shape: Shape, starts: Sequence[Floats]) -> tuple[Floats, bool]:
    """Return the lowest point that the search finds from several starts, and whether it ended."""
    bounds = [(0.0, None) if on else (None, None) for on in shape.diagonal]
    found: list[tuple[float, Floats]] = []

    def both(theta: Floats) -> tuple[float, Floats]:
        point = deviance.at(shape.factor(theta))
        return point.deviance, shape.slope(theta, point.slope)

    for start in starts:
        result = optimize.minimize(both, start, jac=True, method="L-BFGS-B", bounds=bounds, options=SEARCH)
        found.append((float(result.fun), np.asarray(result.x)))
    theta = min(found, key=lambda pair: pair[0])[1]
    theta = _newton(lambda at: both(at)[1], theta, shape)
    slope = both(theta)[1]
    at_bound = shape.diagonal & (theta <= 0.0)
    return theta, bool(np.abs(np.where(at_bound, np.minimum(slope, 0.0), slope)).max() < FLAT * deviance.n)


def second_derivatives(slope: Callable[[Floats], Floats], theta: Floats) -> Floats:
    """Return the matrix of second derivatives by central differences of the first, shape (m, m)."""
    rows = []
    for position in range(len(theta)):
        step = np.zeros(len(theta))
        step[position] = STEP * max(1.0, abs(float(theta[position])))
        rows.append((slope(theta + step) - slope(theta - step)) / (2.0 * step[position]))
    result = np.array(rows)
    return np.asarray((result + result.T) / 2.0)


def _newton(slope: Callable[[Floats], Floats], theta: Floats, shape: Shape) -> Floats:
    """Return theta after Newton steps on the elements off the boundary, each kept only if it flattens."""
    free = ~(shape.diagonal & (theta < STEP))
    if not free.any():
        return theta
    here = slope(theta)[free]
    for _ in range(NEWTON):

        def of_free(part: Floats, whole: Floats = theta) -> Floats:
            moved = whole.copy()
            moved[free] = part
            return np.asarray(slope(moved)[free])

        hessian = second_derivatives(of_free, theta[free])
        if np.linalg.eigvalsh(hessian)[0] <= 0.0:
            return theta
        moved = theta.copy()
        moved[free] -= np.linalg.solve(hessian, here)
        if (moved[shape.diagonal] < 0.0).any():
            return theta
        after = slope(moved)[free]
        if np.abs(after).max() >= np.abs(here).max():
            return theta
        theta, here = moved, after
    return theta


def _ratio_near(deviance: ProfiledDeviance, ratio: float) -> float | None:
    """Return the minimum beside a ratio; None where there is none within a factor of a hundred."""

    def slope(at: float) -> float:
        return float(deviance.at(np.array([[np.sqrt(at)]])).slope[0, 0])

    if ratio <= 0.0:
        return None
    low, high = ratio / 1.5, ratio * 1.5
    while slope(low) >= 0:
        low /= 4.0
        if low < ratio / 100.0:
            return None
    while slope(high) < 0:
        high *= 4.0
        if high > ratio * 100.0:
            return None
    return float(optimize.brentq(slope, low, high, xtol=1e-300, rtol=1e-14))


def _best_ratio(deviance: ProfiledDeviance) -> float:
    """Return var(u)/var(e) of the lowest deviance of a model with one random effect."""

    def slope(ratio: float) -> float:
        return float(deviance.at(np.array([[np.sqrt(ratio)]])).slope[0, 0])

    ratios = GRID / (1.0 - GRID)
    slopes = np.array([slope(ratio) for ratio in ratios])
    valleys = np.flatnonzero((slopes[:-1] < 0) & (slopes[1:] >= 0))
    roots = [
        float(optimize.brentq(slope, ratios[at], ratios[at + 1], xtol=1e-300, rtol=1e-14)) for at in valleys
    ]
    if len(roots) == 1 and slopes[0] < 0:
        return roots[0]
    return min([0.0, *roots], key=lambda ratio: deviance.at(np.array([[np.sqrt(ratio)]])).deviance)
