"""Polychoric correlations as a table of correlations: with probabilities and limits."""

from itertools import combinations

import numpy as np
from scipy import special

from manyi_analysis.correlations.correlation import Correlation, Found, NoCorrelation
from manyi_analysis.measurement.polychoric import PolychoricCorrelations
from manyi_analysis.records.notcomputed import NotComputed


def polychoric_pairs(found: PolychoricCorrelations, confidence: float = 0.95) -> tuple[Found, ...]:
    """Return all pairs of items with what their polychoric correlations tell.

    Formula: that of `polychoric_correlations`; z = r/se.

    Parameters
    ----------
    found : PolychoricCorrelations
        Of the items, each pair on its own rows.
    confidence : float
        Level of the limits tanh(atanh r ± z·se/(1 - r²)), which keep inside -1 and 1.

    Notes
    -----
    p is from z = r/se. A pair at the bound has no error, and no p.

    References
    ----------
    Olsson, U. (1979). Psychometrika 44, 443-460. R: ``lavaan::lavCor(data, ordered = TRUE, se = "standard",
    output = "fit")``.
    """
    quantile = float(special.ndtri(0.5 + confidence / 2.0))
    pairs: list[Found] = []
    for (i, a), (j, b) in combinations(enumerate(found.columns), 2):
        r, error, n = float(found.correlation[i, j]), float(found.se[i, j]), int(found.counts[i, j])
        if not np.isfinite(r):
            reason = NotComputed("polychoric", "correlation-constant", {"a": a, "b": b}, n)
            pairs.append(NoCorrelation(a, b, "respondent", "polychoric", reason))
            continue
        p = low = high = np.nan
        if np.isfinite(error) and error > 0:
            p = 2.0 * float(special.ndtr(-abs(r) / error))
            middle, reach = np.arctanh(r), quantile * error / (1.0 - r**2)
            low, high = float(np.tanh(middle - reach)), float(np.tanh(middle + reach))
        pairs.append(Correlation(a, b, "respondent", "polychoric", n, r, p, low, high, np.nan))
    return tuple(pairs)
