"""Funnel limits: how far a school or county of its size lies from all of them by chance alone."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi_analysis.records.notcomputed import NotComputed

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FunnelLimits:
    """Each unit against the limits for its size.

    Parameters
    ----------
    target : float
        The value all are held against.
    dispersion : float
        How much larger the spread is than chance would have it, after winsorizing; 1 where it is not used.
    frame : DataFrame
        One row a unit: ``value, se, z, low_95, high_95, low_998, high_998, place``. ``place`` is ``inside``,
        ``beyond_95`` or ``beyond_998``.
    n, missing : int
        Units used and dropped.
    """

    target: float
    dispersion: float
    frame: pd.DataFrame
    n: int
    missing: int

    def to_frame(self) -> pd.DataFrame:
        """Return one row a unit, in the order given; those dropped are not there."""
        return self.frame.copy()


def funnel_limits(
    values: FloatArray,
    se: FloatArray,
    target: float | None = None,
    overdispersion: Literal["none", "multiplicative"] = "none",
    winsorized: float = 0.1,
) -> FunnelLimits | NotComputed:
    r"""Return the limits around a target: :math:`\theta_0 \pm z_p \sqrt{\phi} \, SE_i`.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Mean or share of each unit; NaN drops it.
    se : ndarray, shape (n,)
        Its standard error under the target: :math:`\sigma / \sqrt{n_i}`, or
        :math:`\sqrt{\theta_0 (1 - \theta_0) / n_i}` for shares. Zero and less drop the unit.
    target : float, optional
        Default the mean weighted by precision.
    overdispersion : {"none", "multiplicative"}
        Widen the limits by :math:`\phi = \frac{1}{n} \sum z_i^2` of winsorized z, where it is above 1.
    winsorized : float
        Share of units at each end whose z is drawn in.

    Returns
    -------
    FunnelLimits or NotComputed
        Units are told apart from chance, not ranked.

    References
    ----------
    Spiegelhalter, D. J. (2005). Funnel plots for comparing institutional performance. Statistics in Medicine
    24, 1185-1202, sections 3 and A.1. R: ``target + qnorm(.975) * se``; tests/reference/change/funnel.R.
    """
    from scipy.stats import norm

    kept = np.isfinite(values) & np.isfinite(se) & (np.nan_to_num(se) > 0)
    n = int(kept.sum())
    if n < 2:
        return NotComputed("funnel_limits", "comparison-too-few-units", {"units": n}, n)
    x, error = values[kept], se[kept]
    centre = float(np.average(x, weights=error**-2)) if target is None else target
    z = (x - centre) / error
    phi = 1.0
    if overdispersion == "multiplicative":
        low, high = np.quantile(z, [winsorized, 1 - winsorized])
        phi = max(1.0, float(np.mean(np.clip(z, low, high) ** 2)))
    scaled = np.abs(z) / np.sqrt(phi)
    frame = pd.DataFrame({"value": x, "se": error, "z": z})
    cuts = {"95": float(norm.ppf(0.975)), "998": float(norm.ppf(0.999))}
    for name, cut in cuts.items():
        frame[f"low_{name}"] = centre - cut * np.sqrt(phi) * error
        frame[f"high_{name}"] = centre + cut * np.sqrt(phi) * error
    frame["place"] = np.select(
        [scaled > cuts["998"], scaled > cuts["95"]], ["beyond_998", "beyond_95"], "inside"
    )
    return FunnelLimits(centre, phi, frame, n, len(values) - n)
