"""Cluster-robust errors of a regression from per-school moments, without a pass over the respondents."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy import linalg

from manyi_analysis.explanation.ols import Regression, from_centred, ols
from manyi_analysis.records.grouped import GroupedMoments
from manyi_analysis.records.notcomputed import NotComputed

Array = npt.NDArray[np.float64]

#: Fewer clusters than this make CR1 errors too small (Cameron & Miller 2015, sec. VI: "few" is < 20 to 50).
FEW_CLUSTERS = 20
#: A column varies within clusters where its sum of squares within them exceeds this share of its total.
WITHIN = 1e-12


def clustered_ols(
    moments: GroupedMoments, outcome: str, columns: Sequence[str], confidence: float = 0.95
) -> Regression | NotComputed:
    """Regress `outcome` on `columns` by least squares, with errors clustered by the groups of `moments`.

    The score of cluster g, X_g'e_g = X_g'y_g - X_g'X_g b, needs only its cross-products, so the cost does not
    depend on respondents. V = c (X'X)⁻¹ [Σ_g X_g'e_g e_g'X_g] (X'X)⁻¹ with c = G/(G-1)·(n-1)/(n-k-1), tested
    on t(G-1).

    Parameters
    ----------
    moments : GroupedMoments
        Of outcome and columns, listwise, one group a cluster.
    outcome : str
        Column explained.
    columns : sequence of str
        Predictors, none a combination of the others.
    confidence : float
        Level of the confidence limits.

    Returns
    -------
    Regression or NotComputed
        NotComputed as for `ols`; and where there is one cluster only, or so many predictors that vary only
        between clusters that they fit the clusters' means exactly and leave no score.

    References
    ----------
    Liang, K.-Y. & Zeger, S. L. (1986). Biometrika 73, 13-22. Cameron, A. C. & Miller, D. L. (2015). Journal
    of Human Resources 50, 317-372, eq. 11 and 12. R: ``sandwich::vcovCL(fit, ~school, type = "HC1")``,
    ``clubSandwich::vcovCR(fit, school, "CR1S")``; Stata ``vce(cluster school)``.
    """
    columns = tuple(columns)
    sums = moments.select((outcome, *columns))
    fit = ols(sums.overall(), outcome, columns, confidence)
    if isinstance(fit, NotComputed):
        return fit
    occupied = sums.n > 0
    clusters = int(occupied.sum())
    if clusters < 2:
        return NotComputed("regression", "regression-one-cluster", {"outcome": outcome}, fit.n)
    between = between_clusters(sums)[1:]
    if int(between.sum()) + 1 >= clusters:
        details = {"outcome": outcome, "predictors": int(between.sum()), "clusters": clusters}
        return NotComputed("regression", "regression-few-clusters", details, fit.n)
    bread, scores = _bread_and_scores(sums, fit)
    count = len(columns) + 1
    factor = clusters / (clusters - 1) * (fit.n - 1) / (fit.n - count)
    # One product of a matrix with its own transpose, so that no variance can round below zero.
    half = scores @ bread @ from_centred(sums.overall().mean[1:]).T
    covariance = factor * (half.T @ half)
    return replace(fit, clusters=clusters, covariance=covariance, se_type="CR1", df=clusters - 1)


def _bread_and_scores(sums: GroupedMoments, fit: Regression) -> tuple[Array, Array]:
    """Return (X'X)⁻¹, shape (k+1, k+1), and every cluster's score, shape (G, k+1), of centred columns."""
    overall = sums.overall()
    n, centre = sums.n.astype(np.float64), overall.mean - overall.shift
    total = sums.total - n[:, None] * centre
    moved = np.einsum("gi,j->gij", sums.total, centre)
    cross = sums.cross - moved - moved.transpose(0, 2, 1) + n[:, None, None] * np.outer(centre, centre)
    slopes = fit.b[1:]
    scores = np.column_stack(
        [total[:, 0] - total[:, 1:] @ slopes, cross[:, 1:, 0] - cross[:, 1:, 1:] @ slopes]
    )
    spread = overall.sd[1:]
    inverse = linalg.inv(fit.correlation) if len(slopes) else np.empty((0, 0))
    within = inverse / np.outer(spread, spread) / (fit.n - 1)
    return np.asarray(linalg.block_diag(np.array([[1.0 / fit.n]]), within)), scores


def between_clusters(moments: GroupedMoments) -> npt.NDArray[np.bool_]:
    """Return which columns are the same for all respondents of a cluster, shape (k,).

    Those are the columns whose sum of squares lies between clusters only: school indicators.
    """
    n = np.maximum(moments.n, 1)[:, None]
    squares = np.diagonal(moments.cross, axis1=1, axis2=2)
    within = (squares - moments.total**2 / n).sum(axis=0)
    overall = moments.overall()
    return np.asarray(within <= WITHIN * overall.sd**2 * max(overall.n - 1, 1))
