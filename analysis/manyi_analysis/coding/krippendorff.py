"""Krippendorff's alpha: agreement of any number of coders, with gaps, on any level of measurement."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from manyi_analysis.coding.agreement import Agreement
from manyi_analysis.records.notcomputed import NotComputed

FloatArray = NDArray[np.float64]
Metric = Literal["nominal", "ordinal", "interval", "ratio"]


def krippendorff_alpha(ratings: FloatArray, metric: Metric = "nominal") -> Agreement | NotComputed:
    r"""Krippendorff's alpha.

    .. math::

        \alpha = 1 - \frac{D_o}{D_e}, \quad
        D_o = \frac{1}{n} \sum_{c k} o_{ck} \delta^2_{ck}, \quad
        D_e = \frac{1}{n (n - 1)} \sum_{c k} n_c n_k \delta^2_{ck}

    with :math:`o_{ck}` the coincidences of two values in a text, each pair weighted by 1 / (m - 1) for a text
    of m values, and :math:`\delta^2` the metric's squared difference.

    Parameters
    ----------
    ratings : ndarray, shape (coders, texts)
        Codes as numbers; NaN where a coder did not code a text.
    metric : {"nominal", "ordinal", "interval", "ratio"}
        What the codes are.

    Returns
    -------
    Agreement or NotComputed
        Texts with fewer than two codes are dropped and counted. ``observed`` and ``expected`` are 1 less the
        disagreements for the nominal metric, NaN for the others, whose disagreements have the metric's units.

    References
    ----------
    Krippendorff, K. (2011). Computing Krippendorff's alpha-reliability. University of Pennsylvania.
    Python: ``krippendorff.alpha``. R: ``irr::kripp.alpha(ratings, method)``.
    """
    name = f"krippendorff_alpha({metric})"
    given = np.isfinite(ratings)
    pairable = given.sum(axis=0) >= 2
    n = int(pairable.sum())
    if n == 0:
        return NotComputed(name, "agreement-no-texts", {}, 0)
    values = np.unique(ratings[:, pairable][given[:, pairable]])
    if len(values) < 2:
        return NotComputed(name, "agreement-one-category", {"category": float(values[0])}, n)
    kept = ratings[:, pairable]
    counts = np.stack([(kept == value).sum(axis=0) for value in values], axis=1).astype(np.float64)
    m = counts.sum(axis=1)
    weighted = counts / (m - 1)[:, None]
    coincidences = counts.T @ weighted - np.diag(weighted.sum(axis=0))
    totals = coincidences.sum(axis=1)
    delta = squared_difference(values, totals, metric)
    pairs = totals.sum()
    observed = float((coincidences * delta).sum() / pairs)
    expected = float((np.outer(totals, totals) * delta).sum() / (pairs * (pairs - 1)))
    shares = (1 - observed, 1 - expected) if metric == "nominal" else (np.nan, np.nan)
    return Agreement(
        name, 1 - observed / expected, *shares, np.nan, np.nan, np.nan, n, len(ratings), len(values),
        ratings.shape[1] - n,
    )  # fmt: skip


def squared_difference(values: FloatArray, totals: FloatArray, metric: Metric) -> FloatArray:
    """Return the squared difference of every two values.

    Parameters
    ----------
    values : ndarray, shape (k,)
        Ascending.
    totals : ndarray, shape (k,)
        How often each occurs; the ordinal difference counts the values in between.
    metric : str
        See :func:`krippendorff_alpha`.
    """
    first, second = values[:, None], values[None, :]
    difference: FloatArray
    if metric == "nominal":
        difference = (first != second).astype(np.float64)
    elif metric == "interval":
        difference = (first - second) ** 2
    elif metric == "ratio":
        total = first + second
        difference = np.divide(first - second, total, out=np.zeros_like(total), where=total != 0) ** 2
    else:
        cumulated = np.cumsum(totals) - totals / 2
        difference = np.subtract.outer(cumulated, cumulated) ** 2
    return difference
