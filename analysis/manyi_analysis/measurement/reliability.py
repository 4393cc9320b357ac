"""Internal consistency of a scale: Cronbach's alpha and McDonald's omega total."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from manyi_analysis.measurement.conditions import unmet, unmet_by_matrix
from manyi_analysis.measurement.extraction import one_factor
from manyi_analysis.records import Correlated, NotComputed


@dataclass(frozen=True, slots=True)
class Alpha:
    """Cronbach's alpha of one scale.

    Parameters
    ----------
    items : tuple of str
        The k items, keyed so that higher means more of the scale.
    n, missing : int
        Rows used and dropped.
    alpha : float
        From covariances.
    low, high : float
        Feldt interval at ``confidence``.
    standardized : float
        From correlations.
    mean_r : float
        Mean correlation between items.
    """

    items: tuple[str, ...]
    n: int
    missing: int
    alpha: float
    low: float
    high: float
    confidence: float
    standardized: float
    mean_r: float
    method: str = "Cronbach's alpha from covariances, interval by Feldt"
    source: str = "Cronbach (1951); Feldt, Woodruff & Salih (1987)"

    @property
    def k(self) -> int:
        """Return the number of items."""
        return len(self.items)

    def to_frame(self) -> pd.DataFrame:
        """Return one row: ``k, n, missing, alpha, alpha_low, alpha_high, alpha_standardized, mean_r``."""
        return pd.DataFrame(
            {
                "k": [self.k],
                "n": [self.n],
                "missing": [self.missing],
                "alpha": [self.alpha],
                "alpha_low": [self.low],
                "alpha_high": [self.high],
                "alpha_standardized": [self.standardized],
                "mean_r": [self.mean_r],
            }
        )


def cronbach_alpha(moments: Correlated, confidence: float = 0.95) -> Alpha | NotComputed:
    r"""Compute Cronbach's alpha.

    .. math:: \alpha = \frac{k}{k-1}\Bigl(1 - \frac{\sum_i s_i^2}{\sum_{ij} s_{ij}}\Bigr)

    The interval is Feldt's: :math:`1 - (1-\alpha) F` at both tails of the F distribution with
    :math:`n-1` and :math:`(n-1)(k-1)` degrees of freedom. Rows missing an item are not used.

    Parameters
    ----------
    moments : Moments or PairwiseMoments
        Of the scale's items. Pairwise, n and so the interval is that of the pair with fewest rows.
    confidence : float
        Of the interval.

    Returns
    -------
    Alpha or NotComputed
        One item, a constant item, fewer than two rows, or a sum without variance.

    Notes
    -----
    R: ``psych::alpha(x)$total``, ``$feldt``; Python: ``pingouin.cronbach_alpha`` (0.7 takes the wrong n for
    the interval of a listwise alpha).

    References
    ----------
    Cronbach, L. J. (1951). Coefficient alpha and the internal structure of tests. Psychometrika, 16, 297-334.
    Feldt, L. S., Woodruff, D. J., & Salih, F. A. (1987). Statistical inference for coefficient alpha.
    Applied Psychological Measurement, 11, 93-103.
    """
    reason = unmet("cronbach_alpha", moments)
    if reason is not None:
        return reason
    k, n = len(moments.columns), moments.n
    covariance = moments.covariance
    total = float(covariance.sum())
    variances = float(np.trace(covariance))
    # A sum that only rounding keeps from being constant, as of an item and its reverse.
    if total <= 1e-12 * variances:
        return NotComputed("cronbach_alpha", "no-total-variance", {"items": moments.columns}, n)
    alpha = k / (k - 1) * (1 - variances / total)
    mean_r = float((moments.correlation.sum() - k) / (k * (k - 1)))
    tail = (1 - confidence) / 2
    df1, df2 = n - 1, (n - 1) * (k - 1)
    return Alpha(
        items=moments.columns,
        n=n,
        missing=moments.missing,
        alpha=alpha,
        low=1 - (1 - alpha) * float(stats.f.isf(tail, df1, df2)),
        high=1 - (1 - alpha) * float(stats.f.ppf(tail, df1, df2)),
        confidence=confidence,
        standardized=k * mean_r / (1 + (k - 1) * mean_r),
        mean_r=mean_r,
    )


@dataclass(frozen=True, slots=True)
class Omega:
    """McDonald's omega total of one scale, from one common factor.

    Parameters
    ----------
    items : tuple of str
        The k items, keyed so that higher means more of the scale.
    n, missing : int
        Rows used and dropped.
    omega_total : float
        Share of the variance of the standardized sum that is not unique to an item.
    loadings : tuple of float
        Of the one factor, standardized, signed so that they sum to a positive number.
    heywood : tuple of str
        Items whose unique variance came out at the bound: omega is then too high.
    """

    items: tuple[str, ...]
    n: int
    missing: int
    omega_total: float
    loadings: tuple[float, ...]
    heywood: tuple[str, ...]
    method: str = "omega total from correlations, one factor by minres"
    source: str = "McDonald (1999, eq. 6.20b)"

    @property
    def against_key(self) -> tuple[str, ...]:
        """Return the items that load negatively: probably keyed the wrong way."""
        pairs = zip(self.items, self.loadings, strict=True)
        return tuple(item for item, loading in pairs if loading < 0)

    def to_frame(self) -> pd.DataFrame:
        """Return one row: ``k, n, missing, omega_total``."""
        return pd.DataFrame(
            {
                "k": [len(self.items)],
                "n": [self.n],
                "missing": [self.missing],
                "omega_total": [self.omega_total],
            }
        )


def omega_total(moments: Correlated) -> Omega | NotComputed:
    r"""Compute omega total of a scale that has one factor.

    .. math:: \omega_t = 1 - \frac{\sum_i u_i^2}{\sum_{ij} r_{ij}}

    with the unique variances :math:`u_i^2` of a one-factor minres solution of the correlation matrix.
    Items are taken as keyed: none is turned round, so that a wrongly keyed item shows.

    Parameters
    ----------
    moments : Moments or PairwiseMoments
        Of the scale's items.

    Returns
    -------
    Omega or NotComputed
        Fewer than three items (one factor is not identified), a constant item, not more rows than items,
        a singular correlation matrix.

    Notes
    -----
    R: ``psych::omega(x, nfactors = 1)$omega.tot``, which turns negatively loading items round.

    References
    ----------
    McDonald, R. P. (1999). Test theory: A unified treatment, eq. 6.20b. Erlbaum.
    """
    reason = unmet_by_matrix("omega_total", moments, items=3)
    if reason is not None:
        return reason
    correlation = moments.correlation
    total = float(correlation.sum())
    if total <= 1e-12 * len(correlation):
        return NotComputed("omega_total", "no-total-variance", {"items": moments.columns}, moments.n)
    extraction = one_factor("omega_total", moments)
    if isinstance(extraction, NotComputed):
        return extraction
    loadings = extraction.loadings[:, 0]
    sign = -1.0 if loadings.sum() < 0 else 1.0
    return Omega(
        items=moments.columns,
        n=moments.n,
        missing=moments.missing,
        omega_total=1 - float(extraction.uniquenesses.sum()) / total,
        loadings=tuple((sign * loadings).tolist()),
        heywood=tuple(moments.columns[i] for i in extraction.at_bound),
    )
