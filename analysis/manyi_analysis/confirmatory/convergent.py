"""Convergent and discriminant validity of scales: composite reliability, AVE, Fornell-Larcker."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from manyi_analysis.confirmatory.solution import ConfirmatoryAnalysis
from manyi_analysis.records import NotComputed


@dataclass(frozen=True, slots=True)
class ScaleValidity:
    """Convergent validity of one scale.

    Parameters
    ----------
    scale : str
        The factor.
    k : int
        Its items.
    cr, ave : float or None
        Composite reliability and average variance extracted, from standardized loadings. None for a scale of
        one item, whose error cannot be told.
    cr_raw, ave_raw : float or None
        The same from loadings in the items' own units, so that items of more variance weigh more.
    largest_correlation : float or None
        The largest correlation with another factor, in size; None if there is no other.
    fornell_larcker : bool or None
        Whether the root of AVE is above it.
    """

    scale: str
    k: int
    cr: float | None
    ave: float | None
    cr_raw: float | None
    ave_raw: float | None
    largest_correlation: float | None
    fornell_larcker: bool | None

    @property
    def sqrt_ave(self) -> float | None:
        """Return the root of AVE."""
        return None if self.ave is None else float(np.sqrt(self.ave))


@dataclass(frozen=True, slots=True)
class ConvergentValidity:
    """Convergent validity of the scales of a model.

    Parameters
    ----------
    model, estimator, group : str
        Of the analysis.
    n, missing : int
        Rows used and dropped.
    scales : tuple of ScaleValidity
    """

    model: str
    estimator: str
    group: str
    n: int
    missing: int
    scales: tuple[ScaleValidity, ...]
    method: str = "CR = (Σλ)² / ((Σλ)² + Σθ), AVE = Σλ² / k, of standardized CFA loadings"
    source: str = "Fornell & Larcker (1981)"

    def to_frame(self) -> pd.DataFrame:
        """Return one row a scale: ``scale, k, n, cr, ave, sqrt_ave, cr_raw, ave_raw, …``."""
        return pd.DataFrame(
            {
                "model": self.model,
                "group": self.group,
                "scale": [one.scale for one in self.scales],
                "k": [one.k for one in self.scales],
                "n": self.n,
                "missing": self.missing,
                "cr": [one.cr for one in self.scales],
                "ave": [one.ave for one in self.scales],
                "sqrt_ave": [one.sqrt_ave for one in self.scales],
                "cr_raw": [one.cr_raw for one in self.scales],
                "ave_raw": [one.ave_raw for one in self.scales],
                "largest_correlation": [one.largest_correlation for one in self.scales],
                "fornell_larcker": [one.fornell_larcker for one in self.scales],
            }
        )


def convergent_validity(result: ConfirmatoryAnalysis, group: int = 0) -> ConvergentValidity | NotComputed:
    r"""Return composite reliability and average variance extracted of each scale.

    .. math:: CR = \frac{(\sum\lambda)^2}{(\sum\lambda)^2 + \sum_{ij}\theta_{ij}}, \quad
        AVE = \frac{1}{k}\sum\lambda^2

    with standardized loadings and errors; errors that the model lets correlate count in full. In raw units
    AVE is :math:`\sum\lambda^2\phi / \sum\sigma_{ii}`, with the implied variances of the items. The
    Fornell-Larcker criterion asks that a factor's root of AVE be above its correlations with the others.

    Parameters
    ----------
    result : ConfirmatoryAnalysis
        In which each item belongs to one factor.
    group : int
        Position of the group.

    Returns
    -------
    ConvergentValidity or NotComputed
        Items that belong to several factors, as in a bifactor or method-factor model: none of them has the
        variance to itself.

    Notes
    -----
    R: ``semTools::AVE`` and ``semTools::reliability`` give the raw ones (``avevar``, ``omega``).

    References
    ----------
    Fornell, C., & Larcker, D. F. (1981). Evaluating structural equation models with unobservable variables
    and measurement error. Journal of Marketing Research, 18, 39-50.
    """
    model = result.model
    crossed = model.cross_loaded()
    n = result.group_n[group]
    if crossed:
        return NotComputed("convergent", "cfa-cross-loadings", {"model": model.name, "items": crossed}, n)
    latents, items = result.table.latents, result.table.items
    measured = [factor for factor in latents if set(model.factors[factor]) <= set(items)]
    correlation = result.factor_correlations(group)
    found = []
    for factor in measured:
        j = latents.index(factor)
        others = [latents.index(one) for one in measured if one != factor]
        largest = float(np.abs(correlation[j, others]).max()) if others else None
        found.append(_validity(result, group, factor, largest))
    return ConvergentValidity(
        model.name, result.estimator, result.groups[group], n, result.missing, tuple(found)
    )


def _validity(result: ConfirmatoryAnalysis, group: int, factor: str, largest: float | None) -> ScaleValidity:
    names = result.model.factors[factor]
    k, j = len(names), result.table.latents.index(factor)
    if k == 1:
        return ScaleValidity(factor, 1, None, None, None, None, largest, None)
    at = [result.table.items.index(name) for name in names]
    implied = result.implied[group]
    covariance = np.asarray(implied.covariance)[np.ix_(at, at)]
    variance = float(implied.factor_covariance[j, j])
    raw = np.asarray(implied.loadings)[at, j] * np.sqrt(np.abs(variance))
    deviation = np.sqrt(np.diagonal(covariance))
    standardized, correlation = raw / deviation, covariance / np.outer(deviation, deviation)
    ave = float((standardized**2).mean())
    return ScaleValidity(
        scale=factor,
        k=k,
        cr=float(standardized.sum() ** 2 / correlation.sum()),
        ave=ave,
        cr_raw=float(raw.sum() ** 2 / covariance.sum()),
        ave_raw=float((raw**2).sum() / np.trace(covariance)),
        largest_correlation=largest,
        fornell_larcker=None if largest is None or np.isnan(largest) else bool(np.sqrt(ave) > largest),
    )
