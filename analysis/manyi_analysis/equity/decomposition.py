"""Inequality divided into what lies between groups of schools and what lies within them."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi_analysis.equity.inequality import FloatArray, usable
from manyi_analysis.records.notcomputed import NotComputed


@dataclass(frozen=True, slots=True)
class Decomposition:
    """Theil's index, divided.

    Parameters
    ----------
    index : str
        ``theil_t`` or ``theil_l``.
    total, between, within : float
        ``total = between + within``.
    groups : DataFrame
        One row a group: ``group, schools, weight_share, resource_share, mean, theil, contribution``; the
        contributions add up to ``within``.
    n, missing : int
        Schools used; schools dropped: no value, no weight or no group.
    """

    index: str
    total: float
    between: float
    within: float
    groups: pd.DataFrame
    n: int
    missing: int

    @property
    def between_share(self) -> float:
        """Return which part of all inequality lies between the groups; 0 where there is none at all."""
        return self.between / self.total if self.total > 0 else 0.0

    def to_frame(self) -> pd.DataFrame:
        """Return ``component, value``: total, between, within, the share between, each group's part."""
        rows = [("total", self.total), ("between", self.between), ("within", self.within)]
        rows += [("between_share", self.between_share)]
        rows += [
            (f"within:{group}", part)
            for group, part in zip(self.groups["group"], self.groups["contribution"], strict=True)
        ]
        return pd.DataFrame(rows, columns=["component", "value"])


def theil_decomposition(
    values: FloatArray,
    weights: FloatArray,
    groups: NDArray[np.object_],
    index: Literal["T", "L"] = "T",
) -> Decomposition | NotComputed:
    r"""Divide Theil's T or L between and within groups of schools, urban and rural for example.

    .. math::

        T = \sum_g s_g \ln \frac{\bar x_g}{\bar x} + \sum_g s_g T_g, \quad s_g = p_g \bar x_g / \bar x

    and the same for L with :math:`p_g`, the share of the weights, in the place of :math:`s_g`, the share of
    what there is, and :math:`\ln (\bar x / \bar x_g)` between.

    Parameters
    ----------
    values, weights : ndarray, shape (n,)
        Indicator and pupils of each school; NaN and weights of zero drop the school.
    groups : ndarray of object, shape (n,)
        Group of each school; None and NaN drop the school.
    index : {"T", "L"}
        T weighs groups by what they have, L by their pupils.

    Returns
    -------
    Decomposition or NotComputed
        NotComputed with fewer than two groups. A group whose schools all have nothing adds nothing to T.

    References
    ----------
    Shorrocks, A. F. (1980). The class of additively decomposable inequality measures. Econometrica 48,
    613-625. Python: ``inequality.theil.TheilD``. R: with shares s and means m by group
    ``sum(s * log(m / weighted.mean(x, w)))``.
    """
    name = f"theil_{index.lower()}"
    known = ~np.asarray(pd.isna(groups), dtype=np.bool_)
    found = usable(np.where(known, values, np.nan), weights, name, positive=index == "L")
    if isinstance(found, NotComputed):
        return found
    codes, labels = pd.factorize(groups[found.position], sort=True)
    if len(labels) < 2:
        return NotComputed(name, "equity-one-group", {"groups": len(labels)}, len(codes))
    x, share = found.values, found.weights / found.weights.sum()
    p = np.bincount(codes, share)
    total_x = np.bincount(codes, share * x)
    mean, means = found.mean, total_x / p
    s = total_x / mean
    ratio = x / np.where(means > 0, means, 1.0)[codes]
    logs = np.log(ratio, out=np.zeros_like(ratio), where=ratio > 0)
    own = np.bincount(codes, share * (ratio * logs if index == "T" else -logs)) / p
    relative = means / mean
    log_means = np.log(relative, out=np.zeros_like(relative), where=relative > 0)
    part = s if index == "T" else p
    between = float(s @ log_means) if index == "T" else -float(p @ log_means)
    within = float(part @ own)
    table = pd.DataFrame(
        {
            "group": [str(label) for label in labels],
            "schools": np.bincount(codes),
            "weight_share": p,
            "resource_share": s,
            "mean": means,
            "theil": own,
            "contribution": part * own,
        }
    )
    return Decomposition(name, between + within, between, within, table, len(codes), found.missing)
