"""Confidence limits of the standard deviations of a random-intercept model, from the profile likelihood."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize, stats

from manyi_analysis.multilevel.mixed_model import MixedModel
from manyi_analysis.multilevel.optimum import Shape, best_theta
from manyi_analysis.multilevel.profiled_deviance import ProfiledDeviance
from manyi_analysis.multilevel.standardized import Standardized
from manyi_analysis.records.grouped import GroupedMoments
from manyi_analysis.records.notcomputed import NotComputed

#: Logarithms of var(u)/var(e) searched.
LOG_RATIOS = (-18.0, 12.0)


@dataclass(frozen=True, slots=True)
class VarianceIntervals:
    """Limits of standard deviations and of the intraclass correlation.

    Parameters
    ----------
    outcome, name : str
        As in the model.
    school, residual, icc : tuple of float
        Lower and upper limit of the school's and the residual standard deviation, and of the share of
        variance between schools.
    confidence : float
        Level.
    """

    outcome: str
    name: str
    school: tuple[float, float]
    residual: tuple[float, float]
    icc: tuple[float, float]
    confidence: float
    method: str = "profile likelihood (ML)"
    source: str = "Bates et al. (2015), sec. 5.1"

    def to_frame(self) -> pd.DataFrame:
        """Return one row a parameter: ``outcome, model, parameter, low, high``."""
        limits = {"sd_school": self.school, "sd_residual": self.residual, "icc": self.icc}
        return pd.DataFrame(
            {
                "outcome": self.outcome,
                "model": self.name,
                "parameter": list(limits),
                "low": [low for low, _ in limits.values()],
                "high": [high for _, high in limits.values()],
            }
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Surface:
    """Deviance by ML in the ratio λ = var(u)/var(e) and σ², the fixed effects profiled out."""

    deviance: ProfiledDeviance

    def parts(self, ratio: float) -> tuple[float, float]:
        """Return log |H| and the weighted sum of squares at a ratio."""
        size, half = self.deviance.squares[0, 0], self.deviance.half[0]
        left = self.deviance.total - (half * (ratio / (1.0 + ratio * size))[:, None]).T @ half
        return float(np.log1p(ratio * size).sum()), float(np.linalg.cholesky(left)[-1, -1] ** 2)

    def at(self, ratio: float, variance: float) -> float:
        """Return the deviance at a ratio and a residual variance."""
        determinant, squares = self.parts(ratio)
        n = self.deviance.n
        return float(n * np.log(2.0 * np.pi * variance) + determinant + squares / variance)

    def profiled(self, ratio: float) -> float:
        """Return the deviance at a ratio, at its best residual variance."""
        return self.at(ratio, self.parts(ratio)[1] / self.deviance.n)

    def given_school(self, variance: float, residual: float) -> float:
        """Return the lowest deviance with var(u) fixed, searched from a value of var(e)."""
        if variance <= 0.0:
            return self.profiled(0.0)
        start = float(np.log(variance / residual))
        found = optimize.minimize_scalar(
            lambda log: self.at(_ratio(log), variance / _ratio(log)),
            bracket=(start, start + 0.05),
            tol=1e-7,
        )
        return float(found.fun)

    def given_residual(self, variance: float) -> float:
        """Return the lowest deviance with var(e) fixed; the ratio may be zero."""
        found = optimize.minimize_scalar(
            lambda log: self.at(float(np.exp(log)), variance), bounds=LOG_RATIOS, options={"xatol": 1e-5}
        )
        return min(float(found.fun), self.at(0.0, variance))


def _ratio(log: float) -> float:
    """Return var(u)/var(e) from its logarithm, held where a search may not run off to infinity."""
    return float(np.exp(np.clip(log, -60.0, 60.0)))


def variance_intervals(model: MixedModel, moments: GroupedMoments) -> VarianceIntervals | NotComputed:
    r"""Return profile-likelihood limits of the standard deviations of a random-intercept model.

    .. math::

        \{\sigma : \min_{\text{others}} d(\sigma, \cdot) - \min d \le \chi^2_{1, 1 - \alpha}\}, \quad d = -2 l

    Of all values of a parameter those are kept at which the deviance, lowest over the others, lies within
    χ²(1) of its minimum. As in lme4, the full likelihood is profiled also where the fit was restricted. A
    lower limit that would pass the boundary is zero.

    Parameters
    ----------
    model : MixedModel
        With a random intercept only.
    moments : GroupedMoments
        It was fitted to.

    Returns
    -------
    VarianceIntervals or NotComputed
        NotComputed where the model has random slopes, or the profile does not cross the allowed value.

    References
    ----------
    Bates, D. et al. (2015). Journal of Statistical Software 67(1), sec. 5.1. R: ``confint(fit, c(".sig01",
    ".sigma"), method = "profile")``.
    """
    if model.slopes:
        return NotComputed("variance-intervals", "profile-of-slopes", {"outcome": model.outcome}, model.n)
    scaled = Standardized.of(moments.select((model.outcome, *model.columns)))
    try:
        limits = _profile(model, scaled)
    except (np.linalg.LinAlgError, ValueError):
        return NotComputed("variance-intervals", "profile-not-found", {"outcome": model.outcome}, model.n)
    school, left, share = limits
    unit = scaled.outcome_sd
    return VarianceIntervals(
        outcome=model.outcome,
        name=model.name,
        school=(unit * float(np.sqrt(school[0])), unit * float(np.sqrt(school[1]))),
        residual=(unit * float(np.sqrt(left[0])), unit * float(np.sqrt(left[1]))),
        icc=(share[0] / (1.0 + share[0]), share[1] / (1.0 + share[1])),
        confidence=model.confidence,
    )


def _profile(model: MixedModel, scaled: Standardized) -> tuple[tuple[float, float], ...]:
    """Return the limits of var(u), var(e) and their ratio, of standardized columns.

    Raises ``ValueError`` or ``numpy.linalg.LinAlgError`` where a deviance does not cross the allowed value:
    almost nothing is left within schools, or the likelihood has no bound.
    """
    surface = _Surface(ProfiledDeviance.of(model.n, scaled.cross, scaled.random([], True), reml=False))
    ratio = float(best_theta(surface.deviance, Shape.of(1, True))[0][0] ** 2)
    residual = surface.parts(ratio)[1] / model.n
    allowed = surface.profiled(ratio) + float(stats.chi2.ppf(model.confidence, 1))
    groups = model.schools
    school = _limits(lambda v: surface.given_school(v, residual) - allowed, ratio * residual, groups)
    left = _limits(lambda v: surface.given_residual(v) - allowed, residual, model.n - groups)
    share = _limits(lambda r: surface.profiled(r) - allowed, ratio, groups)
    return school, left, share


def _limits(excess: Callable[[float], float], best: float, df: int) -> tuple[float, float]:
    """Return where a deviance crosses the allowed value below and above its best variance.

    The search starts 4 standard errors away, those of a variance with `df` degrees of freedom.
    """
    step = 1.0 + 4.0 * float(np.sqrt(2.0 / df))
    low, under = 0.0, best / step
    while under > 1e-9 and excess(under) <= 0.0:
        under /= step**2
    if under > 1e-9:
        low = float(optimize.brentq(excess, under, best, rtol=1e-8))
    over = step * max(best, 1e-6)
    while excess(over) <= 0.0:
        over *= step
    return low, float(optimize.brentq(excess, best, over, rtol=1e-8))
