"""Pearson and partial correlations of respondents, from moments."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt

from manyi_analysis.correlations.correlation import Found, NoCorrelation, with_inference
from manyi_analysis.records.correlated import Correlated
from manyi_analysis.records.moments import Moments
from manyi_analysis.records.notcomputed import NotComputed
from manyi_analysis.records.pairwise import PairwiseMoments

#: 1 - R² of a variable on the controls below which nothing is left of it.
DETERMINED = 1e-10


def pearson(
    moments: Moments | PairwiseMoments, columns: Sequence[str] | None = None, confidence: float = 0.95
) -> tuple[Found, ...]:
    """Correlate all pairs of columns.

    r = s_ab / (s_a·s_b), tested by t = r√((n - 2)/(1 - r²)) on n - 2.

    Parameters
    ----------
    moments : Moments or PairwiseMoments
        Listwise, every pair on the same rows; or pairwise, each pair on its own, with its own n.
    columns : sequence of str, optional
        Default all.
    confidence : float
        Level of the limits, by Fisher's z = atanh r with standard error 1/√(n - 3).

    References
    ----------
    Fisher, R. A. (1921). Metron 1, 3-32. R: ``cor.test(a, b)``.
    """
    chosen = moments if columns is None else moments.select(columns)
    r, n = chosen.correlation, _rows(chosen)
    return tuple(
        with_inference(
            a, b, "respondent", "pearson", float(r[i, j]), int(n[i, j]), int(n[i, j]) - 2.0, confidence
        )
        for (i, a), (j, b) in combinations(enumerate(chosen.columns), 2)
    )


def _rows(moments: Moments | PairwiseMoments) -> npt.NDArray[np.int64]:
    k = len(moments.columns)
    return moments.counts if isinstance(moments, PairwiseMoments) else np.full((k, k), moments.n)


def partial(
    moments: Correlated,
    columns: Sequence[str] | None = None,
    controls: Sequence[str] | None = None,
    confidence: float = 0.95,
) -> tuple[Found, ...]:
    """Correlate all pairs of columns with others held constant.

    r = -p_ab / √(p_aa·p_bb) with P the inverse of the correlation matrix of a, b and the controls, tested on
    n - 2 - c degrees of freedom for c controls.

    Parameters
    ----------
    moments : Moments or PairwiseMoments
        Of the columns and controls; pairwise with the n of the pair that has fewest rows.
    columns : sequence of str, optional
        Default all that are no controls.
    controls : sequence of str, optional
        Held constant for every pair. Default all other columns of the pair.
    confidence : float
        Level of the limits, by Fisher's z with standard error 1/√(n - c - 3).

    References
    ----------
    Fisher, R. A. (1924). Metron 3, 329-332. R: ``ppcor::pcor.test(a, b, controls)``, ``psych::partial.r``.
    """
    fixed = tuple(controls or ())
    chosen = tuple(columns) if columns is not None else tuple(c for c in moments.columns if c not in fixed)
    correlation, place = moments.correlation, {name: at for at, name in enumerate(moments.columns)}
    found: list[Found] = []
    for a, b in combinations(chosen, 2):
        held = fixed if controls is not None else tuple(c for c in chosen if c not in (a, b))
        at = [place[name] for name in (a, b, *held)]
        matrix = correlation[np.ix_(at, at)]
        r = _partial(matrix)
        if r is None:
            constant = bool(np.isnan(matrix).any())
            code = "correlation-constant" if constant else "correlation-controls-determine"
            reason = NotComputed("partial", code, {"a": a, "b": b}, moments.n)
            found.append(NoCorrelation(a, b, "respondent", "partial", reason))
            continue
        df = moments.n - 2.0 - len(held)
        found.append(
            with_inference(a, b, "respondent", "partial", r, moments.n, df, confidence, controls=tuple(held))
        )
    return tuple(found)


def _partial(matrix: npt.NDArray[np.float64]) -> float | None:
    """Return the correlation of the first two given the others, None where they leave nothing of one."""
    if not np.isfinite(matrix).all():
        return None
    rest = matrix[:2, :2]
    if len(matrix) > 2:
        inner = matrix[2:, 2:]
        # Controls may depend on each other: what they explain is still defined.
        rest = rest - matrix[:2, 2:] @ np.linalg.pinv(inner, hermitian=True) @ matrix[2:, :2]
    if rest[0, 0] < DETERMINED or rest[1, 1] < DETERMINED:
        return None
    return float(np.clip(rest[0, 1] / np.sqrt(rest[0, 0] * rest[1, 1]), -1.0, 1.0))
