"""Omega hierarchical: how much of a sum's variance one general factor explains, by Schmid and Leiman."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from manyi_analysis.measurement.conditions import unmet_by_matrix
from manyi_analysis.measurement.efa import FactorAnalysis, efa
from manyi_analysis.measurement.extraction import (
    LOWEST_UNIQUENESS,
    Extraction,
    NotConverged,
    unweighted_least_squares,
)
from manyi_analysis.records import Correlated, NotComputed
from manyi_analysis.records.rows import Floats

#: Group factors below which their general factor is not identified.
FEWEST_FACTORS = 3


@dataclass(frozen=True, slots=True, eq=False)
class HierarchicalOmega:
    """Schmid-Leiman solution of a scale and the omegas that follow from it.

    Parameters
    ----------
    items : tuple of str
        The k items, keyed so that higher means more of the scale.
    n, missing : int
        Rows used and dropped.
    omega_hierarchical : float
        Share of the sum's variance that the general factor explains.
    omega_total : float
        Share that general and group factors explain together.
    omega_limit : float
        Omega hierarchical of a scale made infinitely long: hierarchical over total.
    explained_common : float
        Explained common variance: the general factor's share of the communalities.
    general : ndarray, shape (k,)
        Loadings on the general factor.
    group : ndarray, shape (k, m)
        Loadings on the group factors, the general one taken out.
    uniquenesses : ndarray, shape (k,)
        Variance of each item that no factor explains.
    second_order : ndarray, shape (m,)
        Loadings of the group factors on the general one.
    heywood : tuple of str
        Items, and group factors (F1, F2, …), whose unique variance stopped at its bound: the solution is
        improper. A group factor's loading on the general one may then exceed 1, as in psych, and its own
        loadings are 0.
    """

    items: tuple[str, ...]
    n: int
    missing: int
    omega_hierarchical: float
    omega_total: float
    omega_limit: float
    explained_common: float
    general: Floats
    group: Floats
    uniquenesses: Floats
    second_order: Floats
    heywood: tuple[str, ...]
    method: str = (
        "Schmid-Leiman transformation of minres factors rotated by oblimin, their general factor minres"
    )
    source: str = "Schmid & Leiman (1957); Zinbarg, Revelle, Yovel & Li (2005)"

    @property
    def against_key(self) -> tuple[str, ...]:
        """Return the items that load negatively on the general factor: probably keyed the wrong way."""
        return tuple(item for item, loading in zip(self.items, self.general, strict=True) if loading < 0)

    def to_frame(self) -> pd.DataFrame:
        """Return one row: ``k, n, missing, factors, omega_total, omega_h, omega_limit, ecv``."""
        return pd.DataFrame(
            {
                "k": [len(self.items)],
                "n": [self.n],
                "missing": [self.missing],
                "factors": [len(self.second_order)],
                "omega_total": [self.omega_total],
                "omega_h": [self.omega_hierarchical],
                "omega_limit": [self.omega_limit],
                "ecv": [self.explained_common],
            }
        )

    def loadings_frame(self) -> pd.DataFrame:
        """Return one row an item: ``item, g, F1, F2, …, h2, u2, p2``; p2 is the general share of h2."""
        communality = 1 - self.uniquenesses
        group = {f"F{number}": self.group[:, number - 1] for number in range(1, self.group.shape[1] + 1)}
        return pd.DataFrame(
            {
                "item": self.items,
                "g": self.general,
                **group,
                "h2": communality,
                "u2": self.uniquenesses,
                "p2": self.general**2 / communality,
            }
        )


def omega_hierarchical(moments: Correlated, factors: int = FEWEST_FACTORS) -> HierarchicalOmega | NotComputed:
    r"""Compute omega hierarchical of a scale with group factors.

    Group factors are minres factors rotated by oblimin, with pattern :math:`\Lambda` and correlations
    :math:`\Phi`. One minres factor of :math:`\Phi`, loadings :math:`\gamma`, is the general one: items load
    on it by :math:`g = \Lambda \gamma`, on the group factors by :math:`\lambda_{im} \sqrt{1 - \gamma_m^2}`.

    .. math:: \omega_h = \frac{(\sum_i g_i)^2}{\sum_{ij} r_{ij}}, \quad
        \omega_t = 1 - \frac{\sum_i u_i^2}{\sum_{ij} r_{ij}}

    Items are taken as keyed: none is turned round, so that a wrongly keyed item shows.

    Parameters
    ----------
    moments : Moments, PairwiseMoments or PolychoricCorrelations
        Of the items, keyed.
    factors : int
        Group factors m, at least three: the correlations of fewer do not determine a general factor.

    Returns
    -------
    HierarchicalOmega or NotComputed
        Fewer than three group factors; whatever `efa` cannot do; group factors that do not correlate.

    Notes
    -----
    R: ``psych::omega(x, nfactors = m, flip = FALSE)``: ``omega_h``, ``omega.tot``, ``omega.lim``, loadings
    ``schmid$sl``.

    References
    ----------
    Schmid, J., & Leiman, J. M. (1957). The development of hierarchical factor solutions. Psychometrika, 22,
    53-61. Zinbarg, R. E., Revelle, W., Yovel, I., & Li, W. (2005). Cronbach's α, Revelle's β, and
    McDonald's ωH. Psychometrika, 70, 123-133.
    """
    statistic = "omega_hierarchical"
    if factors < FEWEST_FACTORS:
        details = {"factors": factors, "needed": FEWEST_FACTORS}
        return NotComputed(statistic, "few-group-factors", details, moments.n)
    reason = unmet_by_matrix(statistic, moments)
    if reason is not None:
        return reason
    total = float(moments.correlation.sum())
    if total <= 1e-12 * len(moments.columns):
        return NotComputed(statistic, "no-total-variance", {"items": moments.columns}, moments.n)
    solution = efa(moments, factors, "minres", "oblimin")
    if not isinstance(solution, FactorAnalysis):
        return NotComputed(statistic, solution.code, solution.details, solution.n)
    try:
        second = _general_factor(solution.phi)
    except NotConverged as stopped:
        return NotComputed(statistic, "not-converged", {"iterations": stopped.iterations}, moments.n)
    strength = second.loadings[:, 0]
    if float((strength**2).sum()) < 1e-8:
        return NotComputed(statistic, "no-general-factor", {"factors": factors}, moments.n)
    general = solution.pattern @ strength
    if general.sum() < 0:
        general, strength = -general, -strength
    return _omegas(moments, solution, general, strength, second.at_bound, total)


def _general_factor(phi: Floats) -> Extraction:
    """Return the one minres factor of the group factors' correlations, the best of several minima.

    Where a factor all but equals the general one, the search can end at a poorer minimum; begun with each
    factor's unique variance at its bound, it finds the better.
    """
    own = 1 / np.diagonal(np.linalg.inv(phi))
    starts = [np.clip(own, LOWEST_UNIQUENESS, 1.0)]
    for position in range(len(phi)):
        start = starts[0].copy()
        start[position] = LOWEST_UNIQUENESS
        starts.append(start)
    found = [unweighted_least_squares(phi, 1, start) for start in starts]
    return min(found, key=lambda one: _misfit(phi, one))


def _misfit(phi: Floats, one: Extraction) -> float:
    residual = phi - np.diag(one.uniquenesses) - one.loadings @ one.loadings.T
    return round(float((residual**2).sum()), 10)


def _omegas(
    moments: Correlated,
    solution: FactorAnalysis,
    general: Floats,
    strength: Floats,
    at_bound: tuple[int, ...],
    total: float,
) -> HierarchicalOmega:
    """Return the record of a general factor's loadings and those of the group factors on it."""
    hierarchical = float(general.sum() ** 2) / total
    together = 1 - float(solution.uniquenesses.sum()) / total
    return HierarchicalOmega(
        items=moments.columns,
        n=moments.n,
        missing=moments.missing,
        omega_hierarchical=hierarchical,
        omega_total=together,
        omega_limit=hierarchical / together,
        explained_common=float((general**2).sum() / solution.communalities.sum()),
        general=general,
        group=solution.pattern * np.sqrt(np.maximum(1 - strength**2, 0)),
        uniquenesses=solution.uniquenesses,
        second_order=strength,
        heywood=(*solution.heywood, *(solution.factors[position] for position in at_bound)),
    )
