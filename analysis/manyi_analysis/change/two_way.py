"""Two-way fixed effects: what treatment changes, apart from what is the unit's own and the wave's."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi_analysis.records.notcomputed import NotComputed

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TwoWayEffect:
    """The coefficient of treatment with fixed effects of units and waves.

    Parameters
    ----------
    estimate, se, df, low, high, p : float
        CR1 errors clustered by unit, on t(units − 1).
    n, units, periods : int
        Rows, units and waves used.
    treated : int
        Units that are ever treated.
    staggered : bool
        Whether units begin at different waves. The coefficient then also compares late beginners with those
        treated already and can have the wrong sign where effects grow: use the group-time estimator.
    missing : int
        Rows dropped.
    """

    estimate: float
    se: float
    df: float
    low: float
    high: float
    p: float
    n: int
    units: int
    periods: int
    treated: int
    staggered: bool
    missing: int

    def to_frame(self) -> pd.DataFrame:
        """Return one row."""
        return pd.DataFrame({name: [getattr(self, name)] for name in self.__slots__})


def two_way_fixed_effects(
    outcome: FloatArray,
    treated: FloatArray,
    unit: NDArray[np.object_],
    period: FloatArray,
    level: float = 0.95,
) -> TwoWayEffect | NotComputed:
    r"""Estimate :math:`y_{it} = \alpha_i + \gamma_t + \tau D_{it} + e_{it}`.

    Units are taken out by their means, waves enter as dummies; panels need not be balanced. Errors are
    clustered by unit, :math:`c = \frac{G}{G - 1} \frac{n - 1}{n - k}` with k counting all
    dummies but those of units, which are nested in the clusters.

    Parameters
    ----------
    outcome, treated : ndarray, shape (n,)
        One row a unit and wave; NaN drops the row.
    unit : ndarray of object, shape (n,)
        School or county.
    period : ndarray, shape (n,)
        Wave.
    level : float
        Of the interval.

    Returns
    -------
    TwoWayEffect or NotComputed
        NotComputed where treatment is told by unit and wave alone: nobody begins, or everybody at once.

    References
    ----------
    Goodman-Bacon, A. (2021). J. Econometrics 225, 254-277. R: ``plm(y ~ d, effect = "twoways")``; errors
    ``vcovHC(fit, type = "sss", cluster = "group")``.
    """
    from scipy.stats import t

    kept = np.isfinite(outcome) & np.isfinite(treated) & np.isfinite(period) & ~pd.isna(unit)
    y, d = outcome[kept], treated[kept]
    units, names = pd.factorize(unit[kept])
    waves, times = pd.factorize(period[kept], sort=True)
    n, clusters = len(y), len(names)
    if clusters < 2 or len(times) < 2:
        return NotComputed(
            "two_way_fixed_effects", "panel-too-small", {"units": clusters, "waves": len(times)}, n
        )
    dummies = (waves[:, None] == np.arange(1, len(times))).astype(np.float64)
    columns = within(np.column_stack([d, dummies]), units, clusters)
    centred = within(y[:, None], units, clusters)[:, 0]
    d_alone = columns[:, 0] - columns[:, 1:] @ np.linalg.lstsq(columns[:, 1:], columns[:, 0], rcond=None)[0]
    spread = float(d_alone @ d_alone)
    if spread <= 1e-12 * max(1.0, float(d @ d)):
        return NotComputed("two_way_fixed_effects", "treatment-not-separable", {"units": clusters}, n)
    estimate = float(d_alone @ centred / spread)
    coefficients = np.linalg.lstsq(columns, centred, rcond=None)[0]
    residuals = centred - columns @ coefficients
    scores = np.bincount(units, d_alone * residuals, minlength=clusters)
    k = columns.shape[1] + 1
    factor = clusters / (clusters - 1) * (n - 1) / (n - k)
    se = float(np.sqrt(factor * (scores @ scores)) / spread)
    df = clusters - 1
    half = float(t.ppf((1 + level) / 2, df)) * se
    p = float(2 * t.sf(abs(estimate) / se, df)) if se > 0 else 0.0
    begins = pd.Series(period[kept][d > 0]).groupby(units[d > 0]).min()
    return TwoWayEffect(
        estimate, se, float(df), estimate - half, estimate + half, p, n, clusters, len(times),
        len(begins), begins.nunique() > 1, len(outcome) - n,
    )  # fmt: skip


def within(columns: FloatArray, units: NDArray[np.intp], n_units: int) -> FloatArray:
    """Return columns less the means of their units."""
    counts = np.bincount(units, minlength=n_units).astype(np.float64)
    means = np.stack([np.bincount(units, column, minlength=n_units) / counts for column in columns.T], axis=1)
    return np.asarray(columns - means[units])
