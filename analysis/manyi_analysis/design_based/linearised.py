"""The variance of linearised totals: between units within strata, then within units."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from manyi_analysis.design_based.survey_design import SurveyDesign

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Influence:
    """The influence u of every respondent on L estimates, summed up.

    Parameters
    ----------
    by_unit : (L, units) array
        Σ w u by first-stage unit.
    by_combination : (L, combinations) array or None
        Σ d u by combination of calibrated levels, d the weights before; None where not calibrated.
    of_rows : callable or None
        ``of_rows(l)`` is u of every respondent for estimate l, shape (n,): for the second stage, which there
        cannot be without.
    """

    by_unit: Array
    by_combination: Array | None
    of_rows: Callable[[int], Array] | None


def variances(design: SurveyDesign, influence: Influence, present: npt.NDArray[np.bool_]) -> Array:
    r"""Return the variance of every estimate.

    .. math:: v = \sum_h (1 - f_h) \frac{n_h}{n_h - 1} \sum_{i} (z_{hi} - \bar z_h)^2
        + \sum_h f_h \sum_i (1 - f_{hi}) \frac{m_{hi}}{m_{hi} - 1} \sum_j (z_{hij} - \bar z_{hi})^2

    with z = w u, or w times the residual of u on the calibrated levels (weighted by the weights before).
    Units without a respondent of a domain count with 0.

    Parameters
    ----------
    design : SurveyDesign
    influence : Influence
    present : (L, strata) array of bool
        Strata with respondents of the domain: those over which ``average`` averages.

    Returns
    -------
    (L,) array
        NaN where every stratum is a single unit and ``lonely`` is ``average``.

    References
    ----------
    Lumley, T. (2010). Complex Surveys, sec. 2.1, 7.2; Deville, J.-C. & Särndal, C.-E. (1992). JASA 87,
    376-382 (residuals). R: ``survey::svyrecvar``.
    """
    z, fitted = influence.by_unit, None
    if design.calibrated is not None and design.crossing is not None and influence.by_combination is not None:
        x = design.calibrated.indicators
        sums = np.bincount(design.calibrated.combination, design.calibrated.base, minlength=len(x))
        slopes = np.linalg.pinv(x.T @ (sums[:, None] * x), hermitian=True) @ (
            x.T @ influence.by_combination.T
        )
        fitted = x @ slopes
        z = z - (design.crossing @ fitted).T
    found = _between(design, z, present)
    if design.within is not None and (design.fraction > 0).any():
        found = found + _within(design, influence, fitted, design.within)
    return found


def _between(design: SurveyDesign, z: Array, present: npt.NDArray[np.bool_]) -> Array:
    """Return the first stage's part."""
    sizes = design.sizes
    means = np.add.reduceat(z, design.starts, axis=1) / sizes
    single = sizes == 1
    if design.lonely == "adjust":
        means[:, single] = 0.0
    spread = np.add.reduceat((z - np.repeat(means, sizes, axis=1)) ** 2, design.starts, axis=1)
    scale = (1.0 - design.fraction) * np.where(single, 1.0, sizes / np.maximum(sizes - 1, 1))
    if design.lonely != "average":
        return np.asarray((spread * scale).sum(axis=1))
    lost = single & (design.fraction < 1.0)
    total = (spread * scale)[:, ~lost].sum(axis=1)
    strata, sound = present.sum(axis=1), (present & ~lost).sum(axis=1)
    return np.asarray(np.where(sound > 0, total * strata / np.maximum(sound, 1), np.nan))


def _within(design: SurveyDesign, influence: Influence, fitted: Array | None, within: Array) -> Array:
    """Return the second stage's part: respondents are its units."""
    sizes = np.bincount(design.unit, minlength=design.units).astype(np.float64)
    stratum = np.repeat(np.arange(design.starts.size), design.sizes)
    single = sizes == 1
    scale = (
        design.fraction[stratum]
        * (1.0 - within)
        * np.where(single, 1.0, sizes / np.maximum(sizes - 1.0, 1.0))
    )
    found = np.zeros(len(influence.by_unit))
    if influence.of_rows is None:
        raise ValueError("the second stage needs the influence of every respondent")
    for number in range(found.size):
        u = influence.of_rows(number)
        if fitted is not None and design.calibrated is not None:
            u = u - fitted[design.calibrated.combination, number]
        row = design.weight * u
        mean = np.bincount(design.unit, row, minlength=design.units) / sizes
        if design.lonely == "adjust":
            mean[single] = 0.0
        spread = np.bincount(design.unit, (row - mean[design.unit]) ** 2, minlength=design.units)
        found[number] = float((spread * scale).sum())
    return found
