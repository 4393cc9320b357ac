"""Spearman correlations of items, from tables of pairs of answers."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from manyi_analysis.correlations.correlation import Found, with_inference
from manyi_analysis.records.tables import Tables


def spearman(
    tables: Tables, columns: Sequence[str] | None = None, confidence: float = 0.95
) -> tuple[Found, ...]:
    """Correlate the ranks of all pairs of items, ties sharing their mean rank.

    r = s_ab / (s_a·s_b) of the mid-ranks.

    Parameters
    ----------
    tables : Tables
        With pairs counted. Each pair rests on the respondents who answered both, ranked among themselves.
    columns : sequence of str, optional
        Default all.
    confidence : float
        Level of the limits, by Fisher's z with standard error √((1 + r²/2)/(n - 3)).

    Notes
    -----
    p is from t = r√((n - 2)/(1 - r²)), which R uses where there are ties; without ties R sums the exact
    distribution below 1,290 rows.

    References
    ----------
    Spearman, C. (1904). American J. Psychology 15, 72-101; Bonett, D. G. & Wright, T. A. (2000).
    Psychometrika 65, 23-28 (limits). R: ``cor.test(a, b, method = "spearman", exact = FALSE)``.
    """
    chosen = tables.columns if columns is None else tuple(columns)
    found = []
    for a, b in combinations(chosen, 2):
        counts = tables.table(a, b).to_numpy(dtype=np.float64)
        n = int(counts.sum())
        r = rank_correlation(counts)
        widen = 1.0 if np.isnan(r) else float(np.sqrt(1.0 + r**2 / 2.0))
        found.append(with_inference(a, b, "respondent", "spearman", r, n, n - 2.0, confidence, widen))
    return tuple(found)


def rank_correlation(counts: NDArray[np.float64]) -> float:
    """Return the correlation of mid-ranks in a contingency table, NaN where one margin has a single value.

    Parameters
    ----------
    counts : (A, B) array
        Respondents by answers of the two items, both ascending.
    """
    rows, columns = counts.sum(axis=1), counts.sum(axis=0)
    if min(np.count_nonzero(rows), np.count_nonzero(columns)) < 2:
        return np.nan
    middle = (rows.sum() + 1.0) / 2.0
    first = np.cumsum(rows) - (rows - 1.0) / 2.0 - middle
    second = np.cumsum(columns) - (columns - 1.0) / 2.0 - middle
    spread = np.sqrt((rows @ first**2) * (columns @ second**2))
    return float(np.clip(first @ counts @ second / spread, -1.0, 1.0))
