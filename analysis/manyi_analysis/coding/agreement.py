"""Kappa: agreement of coders beyond what chance would bring, two of them or several."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi_analysis.records.notcomputed import NotComputed

FloatArray = NDArray[np.float64]
Weights = Literal["none", "linear", "quadratic"]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement between coders.

    Parameters
    ----------
    measure : str
        ``cohen_kappa``, ``fleiss_kappa``, ``krippendorff_alpha``; the weights or the metric in brackets.
    value : float
        1 is perfect; 0 is what chance would bring.
    observed, expected : float
        Share of agreement observed, and expected by chance; for alpha 1 less each disagreement.
    se, low, high : float
        Standard error and interval; NaN where the measure has none here.
    n, coders, categories : int
        Texts, coders and categories used.
    missing : int
        Texts dropped because too few coded them.
    """

    measure: str
    value: float
    observed: float
    expected: float
    se: float
    low: float
    high: float
    n: int
    coders: int
    categories: int
    missing: int

    def to_frame(self) -> pd.DataFrame:
        """Return one row."""
        return pd.DataFrame({name: [getattr(self, name)] for name in self.__slots__})


def cohen_kappa(
    first: NDArray[np.object_],
    second: NDArray[np.object_],
    weights: Weights = "none",
    level: float = 0.95,
) -> Agreement | NotComputed:
    r"""Cohen's kappa of two coders, weighted where categories are ordered.

    .. math::

        \kappa = \frac{p_o - p_e}{1 - p_e}, \quad p_o = \sum w_{ij} p_{ij}, \quad p_e = \sum w_{ij} p_i q_j

    with :math:`w_{ij} = 1 - |i - j| / (k - 1)` (linear), its square for the distance (quadratic), or 1 on the
    diagonal. The standard error is that for a kappa that is not zero.

    Parameters
    ----------
    first, second : ndarray of object, shape (n,)
        Codes; None and NaN drop the text. Ordered categories in sorted order.
    weights : {"none", "linear", "quadratic"}
        How near misses count.
    level : float
        Of the interval.

    Returns
    -------
    Agreement or NotComputed
        NotComputed without texts that both coded, or where both used one and the same category.

    References
    ----------
    Cohen, J. (1960, 1968). Fleiss, J. L., Cohen, J. & Everitt, B. S. (1969). Psychological Bulletin 72,
    323-327, eq. 9 and 13. R: ``psych::cohen.kappa``.

    Examples
    --------
    >>> found = cohen_kappa(np.array(["a", "a", "b", "b"]), np.array(["a", "b", "b", "b"]))
    >>> found.value
    0.5
    """
    from scipy.stats import norm

    kept = ~(pd.isna(first) | pd.isna(second))
    n = int(kept.sum())
    name = f"cohen_kappa({weights})"
    if n == 0:
        return NotComputed(name, "agreement-no-texts", {}, 0)
    codes, labels = pd.factorize(np.concatenate([first[kept], second[kept]]), sort=True)
    k = len(labels)
    if k < 2:
        return NotComputed(name, "agreement-one-category", {"category": labels[0]}, n)
    p = np.zeros((k, k))
    np.add.at(p, (codes[:n], codes[n:]), 1 / n)
    apart = np.abs(np.subtract.outer(np.arange(k), np.arange(k))) / (k - 1)
    w = {"none": np.eye(k), "linear": 1 - apart, "quadratic": 1 - apart**2}[weights]
    rows, columns = p.sum(axis=1), p.sum(axis=0)
    observed, expected = float((w * p).sum()), float(rows @ w @ columns)
    kappa = (observed - expected) / (1 - expected)
    # Fleiss, Cohen & Everitt (1969), eq. 13: mean weights of a row and a column stand beside each weight.
    beside = (w @ columns)[:, None] + (rows @ w)[None, :]
    inner = (w * (1 - expected) - beside * (1 - observed)) ** 2
    variance = (p * inner).sum() - (observed * expected - 2 * expected + observed) ** 2
    se = float(np.sqrt(max(variance, 0.0) / n) / (1 - expected) ** 2)
    half = float(norm.ppf((1 + level) / 2)) * se
    return Agreement(name, kappa, observed, expected, se, kappa - half, kappa + half, n, 2, k, len(first) - n)


def fleiss_kappa(counts: FloatArray, level: float = 0.95) -> Agreement | NotComputed:
    r"""Fleiss' kappa of several coders, not necessarily the same for every text.

    .. math::

        \bar P = \frac{1}{N m (m - 1)} \sum_i \left( \sum_j n_{ij}^2 - m \right), \quad
        \bar P_e = \sum_j p_j^2, \quad \kappa = \frac{\bar P - \bar P_e}{1 - \bar P_e}

    Parameters
    ----------
    counts : ndarray, shape (texts, categories)
        How many coders gave each text each category; every text by the same number m. Texts coded by fewer
        than most are dropped and counted.
    level : float
        Of the interval, from the standard error under no agreement.

    References
    ----------
    Fleiss, J. L. (1971). Psychological Bulletin 76, 378-382. Standard error: Fleiss, Nee & Landis (1979),
    Psychological Bulletin 86, 974-977. R: ``irr::kappam.fleiss``.
    """
    from scipy.stats import norm

    coders = counts.sum(axis=1)
    m = float(coders.max()) if len(counts) else 0.0
    kept = coders == m
    n, missing = int(kept.sum()), int((~kept).sum())
    if n == 0 or m < 2:
        return NotComputed("fleiss_kappa", "agreement-no-texts", {}, n)
    table = counts[kept]
    p = table.sum(axis=0) / (n * m)
    used = int((p > 0).sum())
    if used < 2:
        return NotComputed("fleiss_kappa", "agreement-one-category", {"category": int(p.argmax()) + 1}, n)
    observed = float(((table**2).sum() - n * m) / (n * m * (m - 1)))
    expected = float(p @ p)
    kappa = (observed - expected) / (1 - expected)
    pq = float(p @ (1 - p))
    variance = 2 / (n * m * (m - 1)) * (pq**2 - p @ ((1 - p) * (1 - 2 * p))) / pq**2
    se = float(np.sqrt(variance))
    half = float(norm.ppf((1 + level) / 2)) * se
    return Agreement(
        "fleiss_kappa", kappa, observed, expected, se, kappa - half, kappa + half, n, int(m), used, missing
    )
