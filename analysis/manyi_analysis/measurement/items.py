"""Items of a scale: mean, spread, shape, correlation with the rest, alpha if deleted."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from manyi_analysis.records import Correlated, NotComputed, Shape, Tables
from manyi_analysis.records.rows import Floats


@dataclass(frozen=True, slots=True)
class ItemStatistics:
    """One item of a scale. A quantity that could not be computed is None, and ``reasons`` says why.

    Parameters
    ----------
    item : str
        Its column.
    mean, sd : float
        On the rows of the whole scale.
    item_rest_r : float or None
        Correlation with the sum of the other items (corrected item-total correlation).
    alpha_if_deleted : float or None
        Cronbach's alpha of the other items.
    mean_if_deleted, variance_if_deleted : float or None
        Of the sum of the other items.
    shape : Shape or None
        Skewness and kurtosis, from answer counts.
    reasons : tuple of NotComputed
        Why a quantity is None.
    """

    item: str
    mean: float
    sd: float
    item_rest_r: float | None
    alpha_if_deleted: float | None
    mean_if_deleted: float | None
    variance_if_deleted: float | None
    shape: Shape | None
    reasons: tuple[NotComputed, ...]


@dataclass(frozen=True, slots=True)
class ItemAnalysis:
    """Item analysis of one scale.

    Parameters
    ----------
    items : tuple of ItemStatistics
        In the order of the scale.
    n, missing : int
        Rows used and dropped.
    """

    items: tuple[ItemStatistics, ...]
    n: int
    missing: int
    method: str = "corrected item-total correlation and alpha if deleted, from covariances; skewness type 2"
    source: str = "Cronbach (1951); Joanes & Gill (1998)"

    def to_frame(self) -> pd.DataFrame:
        """Return one row an item.

        Columns ``item, n, missing, mean, sd, skew, kurtosis, item_rest_r, alpha_if_deleted,
        mean_if_deleted, variance_if_deleted, answered, reason``; ``answered`` is the number of answers
        skewness and kurtosis rest on.
        """
        shapes = [
            row.shape if row.shape is not None else Shape(0, None, None, None, None) for row in self.items
        ]
        columns = {
            "item": [row.item for row in self.items],
            "n": self.n,
            "missing": self.missing,
            "mean": [row.mean for row in self.items],
            "sd": [row.sd for row in self.items],
            "skew": [shape.skew for shape in shapes],
            "kurtosis": [shape.kurtosis for shape in shapes],
            "item_rest_r": [row.item_rest_r for row in self.items],
            "alpha_if_deleted": [row.alpha_if_deleted for row in self.items],
            "mean_if_deleted": [row.mean_if_deleted for row in self.items],
            "variance_if_deleted": [row.variance_if_deleted for row in self.items],
            "answered": [shape.n for shape in shapes],
            "reason": ["; ".join(reason.reason for reason in row.reasons) for row in self.items],
        }
        numbers = list(columns)[3:-2]
        return pd.DataFrame(columns).astype(dict.fromkeys(numbers, "float64"))


def item_analysis(moments: Correlated, tables: Tables | None = None) -> ItemAnalysis | NotComputed:
    r"""Analyse the items of a scale.

    With :math:`C` the covariances and :math:`c_i` the sum of row i, item i correlates with the rest by
    :math:`(c_i - C_{ii}) / \sqrt{C_{ii} (\sum C - 2 c_i + C_{ii})}`; alpha if deleted is alpha of the others.

    Parameters
    ----------
    moments : Moments or PairwiseMoments
        Of the scale's items, keyed. One item has mean and spread only.
    tables : Tables, optional
        Answer counts of the same items, on the same rows, for skewness and kurtosis.

    Returns
    -------
    ItemAnalysis or NotComputed
        Fewer than two rows.

    Notes
    -----
    R: ``psych::alpha(x)``: ``item.stats$r.drop``, ``alpha.drop$raw_alpha``; SPSS: RELIABILITY
    /SUMMARY=TOTAL.

    References
    ----------
    Cureton, E. E. (1966). Corrected item-test correlations. Psychometrika, 31, 93-96. Joanes, D. N., & Gill,
    C. A. (1998). Comparing measures of sample skewness and kurtosis. The Statistician, 47, 183-189 (type 2).
    """
    if moments.n < 2:
        return NotComputed("item_analysis", "too-few-rows", {"needed": 2}, moments.n)
    means, covariance = moments.mean, moments.covariance
    rows = tuple(
        _item(moments, position, means, covariance, tables) for position in range(len(moments.columns))
    )
    return ItemAnalysis(rows, moments.n, moments.missing)


def _item(
    moments: Correlated, position: int, means: Floats, covariance: Floats, tables: Tables | None
) -> ItemStatistics:
    """Return the statistics of the item at a position."""
    name, k, n = moments.columns[position], len(means), moments.n
    variance = float(covariance[position, position])
    shared = float(covariance[position].sum()) - variance
    total, variances = float(covariance.sum()), float(np.trace(covariance))
    rest = total - 2 * shared - variance
    reasons: list[NotComputed] = []
    item_rest_r: float | None = None
    alpha: float | None = None
    if k == 1:
        reasons.append(NotComputed("item_rest_r", "one-item-scale", {"items": (name,)}, n))
    elif variance == 0:
        reasons.append(NotComputed("item_rest_r", "constant-item", {"items": (name,)}, n))
    elif rest <= 1e-12 * variances:
        reasons.append(NotComputed("item_rest_r", "no-total-variance", {"items": _without(moments, name)}, n))
    else:
        item_rest_r = shared / float(np.sqrt(variance * rest))
    if k == 2:
        reasons.append(NotComputed("alpha_if_deleted", "too-few-items", {"k": k, "needed": 3}, n))
    elif k > 2 and rest <= 1e-12 * variances:
        others = _without(moments, name)
        reasons.append(NotComputed("alpha_if_deleted", "no-total-variance", {"items": others}, n))
    elif k > 2:
        alpha = (k - 1) / (k - 2) * (1 - (variances - variance) / rest)
    return ItemStatistics(
        item=name,
        mean=float(means[position]),
        sd=float(np.sqrt(variance)),
        item_rest_r=item_rest_r,
        alpha_if_deleted=alpha,
        mean_if_deleted=float(means.sum() - means[position]) if k > 1 else None,
        variance_if_deleted=max(rest, 0.0) if k > 1 else None,
        shape=tables.shape(name) if tables is not None else None,
        reasons=tuple(reasons),
    )


def _without(moments: Correlated, name: str) -> tuple[str, ...]:
    return tuple(column for column in moments.columns if column != name)
