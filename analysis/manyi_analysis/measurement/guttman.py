"""Guttman's six lower bounds of reliability, among them the best of all split halves."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from manyi_analysis.measurement.conditions import unmet, unmet_by_matrix
from manyi_analysis.records import Correlated, NotComputed
from manyi_analysis.records.rows import Floats
from manyi_analysis.records.threads import one_thread

#: Items up to which every split is looked at: 92,378 splits of 20.
MOST_ITEMS = 20


@dataclass(frozen=True, slots=True)
class SplitHalves:
    """All splits of a scale into two halves, as equal as can be.

    Parameters
    ----------
    splits : int
        How many there are.
    best, mean, worst : float
        Guttman's split-half reliability over them: lambda 4, the mean, and the lowest.
    best_half, worst_half : tuple of str
        Items of one half of each.
    """

    splits: int
    best: float
    mean: float
    worst: float
    best_half: tuple[str, ...]
    worst_half: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GuttmanLambdas:
    """Guttman's lower bounds; the largest of them is the best bound, in large samples.

    Parameters
    ----------
    items : tuple of str
        The k items, keyed so that higher means more of the scale.
    n, missing : int
        Rows used and dropped.
    lambda_1, lambda_2, lambda_3, lambda_5 : float
        Lambda 3 is Cronbach's alpha.
    lambda_6 : float or None
        From the variance of each item that the others leave.
    halves : SplitHalves or None
        Lambda 4 is its ``best``, which a small sample flatters: it is the highest of many.
    reasons : tuple of NotComputed
        Why a bound is None.
    """

    items: tuple[str, ...]
    n: int
    missing: int
    lambda_1: float
    lambda_2: float
    lambda_3: float
    lambda_5: float
    lambda_6: float | None
    halves: SplitHalves | None
    reasons: tuple[NotComputed, ...]
    method: str = "Guttman's lower bounds, from covariances"
    source: str = "Guttman (1945)"

    @property
    def lambda_4(self) -> float | None:
        """Return the highest split-half reliability."""
        return None if self.halves is None else self.halves.best

    def rows(self) -> list[tuple[str, float, str]]:
        """Return name, value and reason of each coefficient; NaN where it could not be computed.

        After the six bounds the mean and the worst of all split halves.
        """
        halves = self.halves
        values = {
            "lambda_1": self.lambda_1,
            "lambda_2": self.lambda_2,
            "lambda_3": self.lambda_3,
            "lambda_4": self.lambda_4,
            "lambda_5": self.lambda_5,
            "lambda_6": self.lambda_6,
            "split_half_mean": None if halves is None else halves.mean,
            "split_half_worst": None if halves is None else halves.worst,
        }
        reasons = {reason.statistic: reason.reason for reason in self.reasons}
        of_halves = dict.fromkeys(("split_half_mean", "split_half_worst"), reasons.get("lambda_4", ""))
        told = {**of_halves, **reasons}
        return [
            (name, float("nan") if value is None else value, told.get(name, ""))
            for name, value in values.items()
        ]

    def to_frame(self) -> pd.DataFrame:
        """Return one row a coefficient: ``coefficient, k, n, missing, value, reason``."""
        names, values, reasons = zip(*self.rows(), strict=True)
        return pd.DataFrame(
            {
                "coefficient": names,
                "k": len(self.items),
                "n": self.n,
                "missing": self.missing,
                "value": np.array(values, dtype=np.float64),
                "reason": reasons,
            }
        )


def guttman_lambdas(moments: Correlated) -> GuttmanLambdas | NotComputed:
    r"""Compute Guttman's lower bounds of the reliability of a sum of items.

    With variance :math:`V` of the sum and covariances :math:`c_{ij}`:
    :math:`\lambda_1 = 1 - \sum c_{ii} / V`;
    :math:`\lambda_2 = \lambda_1 + \sqrt{\tfrac{k}{k-1} \sum_{i \ne j} c_{ij}^2} / V`;
    :math:`\lambda_3 = \tfrac{k}{k-1} \lambda_1`;
    :math:`\lambda_4 = \max 4 c_{AB} / V` over the splits into :math:`\lfloor k/2 \rfloor` items and the rest;
    :math:`\lambda_5 = \lambda_1 + 2 \sqrt{\max_j \sum_{i \ne j} c_{ij}^2} / V`;
    :math:`\lambda_6 = 1 - \sum e_i^2 / V` with :math:`e_i^2` what the other items leave of item i.

    Parameters
    ----------
    moments : Moments or PairwiseMoments
        Of the scale's items, keyed. Of standardized items give a record whose covariances are correlations.

    Returns
    -------
    GuttmanLambdas or NotComputed
        One item, a constant item, fewer than two rows, a sum without variance. Lambda 4 is left out above
        20 items, lambda 6 where the matrix has no inverse.

    Notes
    -----
    R: ``psych::splitHalf(x, covar = TRUE)``: ``lambda2``, ``alpha``, ``maxrb``, ``meanr``, ``minrb`` (with an
    odd number of items psych 2.2.9 looks at half of the splits only); ``psych::guttman`` standardizes; SPSS:
    RELIABILITY /MODEL=GUTTMAN, whose lambda 4 is that of first and second half.

    References
    ----------
    Guttman, L. (1945). A basis for analyzing test-retest reliability. Psychometrika, 10, 255-282.
    """
    reason = unmet("guttman_lambdas", moments)
    if reason is not None:
        return reason
    covariance = moments.covariance
    k, total, variances = len(covariance), float(covariance.sum()), float(np.trace(covariance))
    if total <= 1e-12 * variances:
        return NotComputed("guttman_lambdas", "no-total-variance", {"items": moments.columns}, moments.n)
    squares = covariance**2
    np.fill_diagonal(squares, 0)
    reasons = []
    first = 1 - variances / total
    singular = unmet_by_matrix("lambda_6", moments)
    sixth = None
    if singular is None:
        sixth = 1 - float((1 / np.diagonal(np.linalg.inv(covariance))).sum()) / total
    else:
        reasons.append(singular)
    halves = None
    if k <= MOST_ITEMS:
        halves = split_halves(moments.columns, covariance)
    else:
        reasons.append(NotComputed("lambda_4", "many-splits", {"k": k, "most": MOST_ITEMS}, moments.n))
    return GuttmanLambdas(
        items=moments.columns,
        n=moments.n,
        missing=moments.missing,
        lambda_1=first,
        lambda_2=first + float(np.sqrt(k / (k - 1) * squares.sum())) / total,
        lambda_3=k / (k - 1) * first,
        lambda_5=first + 2 * float(np.sqrt(squares.sum(axis=0).max())) / total,
        lambda_6=sixth,
        halves=halves,
        reasons=tuple(reasons),
    )


def split_halves(items: tuple[str, ...], covariance: Floats) -> SplitHalves:
    """Compute Guttman's split-half reliability of every split of k items, shape (k, k), at once."""
    k = len(items)
    # Of an even number each split would come twice, with its halves swapped: the first item stays in one.
    chosen = (
        np.array([(0, *rest) for rest in combinations(range(1, k), k // 2 - 1)])
        if k % 2 == 0
        else np.array(list(combinations(range(k), k // 2)))
    )
    half = np.zeros((len(chosen), k))
    np.put_along_axis(half, chosen, 1.0, axis=1)
    with one_thread():
        between = ((half @ covariance) * (1 - half)).sum(axis=1)
    reliability = 4 * between / covariance.sum()
    best, worst = int(reliability.argmax()), int(reliability.argmin())
    return SplitHalves(
        splits=len(chosen),
        best=float(reliability[best]),
        mean=float(reliability.mean()),
        worst=float(reliability[worst]),
        best_half=tuple(items[i] for i in chosen[best]),
        worst_half=tuple(items[i] for i in chosen[worst]),
    )
