"""Weights calibrated to known margins: raking by iterative proportional fitting, and linear calibration."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from manyi_analysis.records.notcomputed import NotComputed
from manyi_analysis.weights.margins import Margins, crossed

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

#: Shares of all levels must be met to within this.
TOLERANCE = 1e-10
MOST_ITERATIONS = 1000


@dataclass(frozen=True, slots=True, eq=False)
class Calibrated:
    """Weights that reproduce known margins.

    Parameters
    ----------
    weight : (n,) array
        Calibrated.
    base : (n,) array
        Before.
    combination : (n,) array of int
        Which combination of levels each respondent has.
    indicators : (combinations, levels) array
        1 where a combination has a level, of all margins side by side: with `base` what residual variances
        are computed from.
    method : {"rake", "linear"}
    iterations : int
        Rounds over all margins; 1 for linear calibration.
    distance : float
        Largest difference left between a share held and the share known.
    """

    weight: Array
    base: Array
    combination: Indices
    indicators: Array
    method: str
    iterations: int
    distance: float


def rake(
    base: Array, margins: Margins, iterations: int = MOST_ITERATIONS, tolerance: float = TOLERANCE
) -> Calibrated | NotComputed:
    """Multiply weights level by level, margin by margin, until every margin holds.

    Rounds run over the table of combinations, not over respondents. The sum of the weights stays, or becomes
    the population's size where a margin is in counts. A respondent whose level of a margin is not known keeps
    the weight in that step, and the margin holds among the others.

    w ← w · t_l / Σ_(i in l) w for every level l of every margin in turn, t_l = its known total.

    Parameters
    ----------
    base : (n,) array
        Weights before, positive.
    margins : Margins
        Known shares, places of the respondents.
    iterations : int
        Rounds at most.
    tolerance : float
        Largest difference of a share that counts as met.

    Returns
    -------
    Calibrated or NotComputed
        ``raking-not-converged``: margins contradict each other among the combinations that occur.

    References
    ----------
    Deming, W. E. & Stephan, F. F. (1940). Annals of Mathematical Statistics 11, 427-444; Deville, J.-C.,
    Särndal, C.-E. & Sautory, O. (1993). JASA 88, 1013-1020. R: ``survey::rake``, with ``epsilon`` small.
    """
    combination, levels = crossed(margins.codes, [share.size for share in margins.shares])
    sums = np.bincount(combination, base)
    held = sums.copy()
    distance = np.inf
    for done in range(1, iterations + 1):
        distance = 0.0
        for place, share in zip(levels.T, margins.shares, strict=True):
            known = place >= 0
            found = np.bincount(place[known], held[known], minlength=share.size)
            wanted = share * found.sum()
            distance = max(distance, float(np.abs(found / found.sum() - share).max()))
            held[known] *= (wanted / found)[place[known]]
        if distance <= tolerance:
            return _calibrated(base, margins, combination, levels, held / sums, "rake", done)
    details: dict[str, object] = {"iterations": iterations, "distance": f"{distance:.3g}"}
    return NotComputed("weights", "raking-not-converged", details, base.size)


def calibrate_linear(base: Array, margins: Margins) -> Calibrated | NotComputed:
    r"""Change weights as little as possible in the sense of least squares so that every margin holds.

    .. math:: w_i = d_i (1 + x_i'\lambda), \quad \lambda = (X'DX)^{-}(t - X'd)

    with the levels of all margins as indicators x. Margins and totals as in `rake`.

    Parameters
    ----------
    base : (n,) array
        Weights before, positive.
    margins : Margins
        Known shares, places of the respondents.

    Returns
    -------
    Calibrated or NotComputed
        ``calibration-weight-not-positive``: a respondent would count for nothing or less;
        ``raking-not-converged``: no weights meet all margins.

    References
    ----------
    Deville, J.-C. & Särndal, C.-E. (1992). JASA 87, 376-382. R: ``survey::calibrate(…, calfun = "linear")``.
    """
    combination, levels = crossed(margins.codes, [share.size for share in margins.shares])
    sums = np.bincount(combination, base)
    x = indicators_of(levels, [share.size for share in margins.shares])
    held = x.T @ sums
    wanted, start = np.empty_like(held), 0
    for share in margins.shares:
        part = slice(start, start + share.size)
        wanted[part] = share * held[part].sum()
        start += share.size
    factor = 1.0 + x @ (np.linalg.pinv(x.T @ (sums[:, None] * x), hermitian=True) @ (wanted - held))
    if (factor <= 0).any():
        smallest = {"smallest": f"{factor.min():.3g}"}
        return NotComputed("weights", "calibration-weight-not-positive", smallest, base.size)
    found = _calibrated(base, margins, combination, levels, factor, "linear", 1)
    if found.distance > 1e-8:
        details = {"iterations": 1, "distance": f"{found.distance:.3g}"}
        return NotComputed("weights", "raking-not-converged", details, base.size)
    return found


def indicators_of(levels: npt.NDArray[np.int64], sizes: list[int]) -> Array:
    """Return 1 where a combination has a level: shape (combinations, levels of all variables)."""
    blocks = [np.eye(size + 1)[place][:, :size] for place, size in zip(levels.T, sizes, strict=True)]
    return np.hstack(blocks)


def _calibrated(
    base: Array,
    margins: Margins,
    combination: Indices,
    levels: npt.NDArray[np.int64],
    factor: Array,
    method: str,
    iterations: int,
) -> Calibrated:
    weight = base * factor[combination]
    if margins.total is not None:
        weight *= margins.total / weight.sum()
    distance = max(
        float(np.abs(held - share).max())
        for held, share in zip(margins.held(weight), margins.shares, strict=True)
    )
    x = indicators_of(levels, [share.size for share in margins.shares])
    return Calibrated(weight, base, combination, x, method, iterations, distance)
