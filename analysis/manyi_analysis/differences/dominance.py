"""How often one group exceeds another: Cliff's delta, which is the rank-biserial correlation, and limits."""

import numpy as np
import numpy.typing as npt
from scipy import stats

from manyi_analysis.differences.comparison import Effect

Counts = npt.NDArray[np.int64]


def cliffs_delta(first: Counts, second: Counts, confidence: float = 0.95) -> Effect:
    """Return P(X > Y) - P(X < Y) for a respondent of each of two groups.

    It equals 2U/(n₁n₂) - 1, Glass's rank-biserial correlation.

    δ = (n(x > y) - n(x < y)) / (n₁n₂).

    Parameters
    ----------
    first, second : (V,) array of int
        How often each group gave each value, values ascending; two respondents or more in each.
    confidence : float
        Level of the limits, which rest on the unbiased estimate of the variance of δ (at least (1 - δ²) /
        (n₁n₂ - 1)), t on n₁ + n₂ - 2 and Cliff's asymmetric formula; they do not assume that the
        distributions have one shape. Where no two respondents overlap (δ = ±1), the other limit is (m - z²) /
        (m + z²) with m the smaller group.

    References
    ----------
    Cliff, N. (1993). Psychological Bulletin 114, 494-509, eq. 6-9; Feng, D. & Cliff, N. (2004). J. Modern
    Applied Statistical Methods 3, 322-332; Ruscio, J. & Mullen, T. (2012). Multivariate Behavioral Research
    47, 201-223. R: ``effsize::cliff.delta``, ``effectsize::rank_biserial`` (same estimate, limits by
    Fisher's z).
    """
    x, y = first.astype(np.float64), second.astype(np.float64)
    n1, n2 = float(x.sum()), float(y.sum())
    over_y = (2.0 * np.cumsum(y) - y - n2) / n2
    over_x = (n1 - 2.0 * np.cumsum(x) + x) / n1
    delta = float(x @ over_y) / n1
    if abs(delta) >= 1.0:
        square = float(stats.norm.ppf(0.5 + confidence / 2.0)) ** 2
        inner = (min(n1, n2) - square) / (min(n1, n2) + square)
        limits = (inner, 1.0) if delta > 0 else (-1.0, -inner)
        return Effect("cliffs_delta", delta, *limits, confidence, "no overlap")
    of_first = float(x @ (over_y - delta) ** 2)
    of_second = float(y @ (over_x - delta) ** 2)
    decided = n1 * n2 - float(x @ y)
    of_both = decided - n1 * n2 * delta**2
    free = n1 * n2 * (n1 - 1.0) * (n2 - 1.0)
    variance = max(
        (n2**2 * of_first + n1**2 * of_second - of_both) / free, (1.0 - delta**2) / (n1 * n2 - 1.0)
    )
    width = float(stats.t.ppf(0.5 + confidence / 2.0, n1 + n2 - 2.0)) ** 2 * variance
    middle = delta - delta**3
    reach = float(np.sqrt(width * ((1.0 - delta**2) ** 2 + width)))
    bottom = 1.0 - delta**2 + width
    low, high = (middle - reach) / bottom, (middle + reach) / bottom
    return Effect("cliffs_delta", delta, low, high, confidence, "Cliff")
