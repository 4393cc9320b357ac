"""Fitting a linear mixed model by restricted or full maximum likelihood."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from manyi_analysis.explanation.clustered import between_clusters
from manyi_analysis.explanation.ols import PERFECT, ols
from manyi_analysis.multilevel.mixed_model import SINGULAR, MixedModel
from manyi_analysis.multilevel.optimum import Shape, best_theta, second_derivatives
from manyi_analysis.multilevel.profiled_deviance import Point, ProfiledDeviance
from manyi_analysis.multilevel.standardized import Standardized
from manyi_analysis.records.grouped import GroupedMoments
from manyi_analysis.records.notcomputed import NotComputed
from manyi_analysis.records.rows import Floats

#: Eigenvalue of the matrix of second derivatives below which a direction carries no information, as lmerTest.
FLAT_DIRECTION = 1e-8


def mixed_model(
    moments: GroupedMoments,
    outcome: str,
    columns: Sequence[str] = (),
    slopes: Sequence[str] = (),
    *,
    method: str = "REML",
    correlated: bool = True,
    name: str = "",
    confidence: float = 0.95,
    near: MixedModel | None = None,
) -> MixedModel | NotComputed:
    """Fit y_ij = x_ij'b + u_0j + Σ u_sj·x_sij + e_ij from every school's counts, sums and cross-products.

    The deviance is profiled over b and σ² and minimized over the relative covariance factor Λ of the random
    effects with its analytic slope. After the one pass the cost depends on schools, not on respondents.
    Rows missing any column of `moments` were dropped by the pass (listwise): models to be compared must come
    from one record of moments.

    Parameters
    ----------
    moments : GroupedMoments
        One group a school; holds the outcome and all columns.
    outcome : str
        Column explained.
    columns : sequence of str
        Predictors of both levels; `with_school_means` and `with_products` make centred columns, school means
        and cross-level interactions. None: the null model.
    slopes : sequence of str
        Those of `columns` whose slope differs between schools.
    method : {"REML", "ML"}
        Likelihood.
    correlated : bool
        Whether intercept and slopes of a school are correlated; if not, R's ``(x || school)``.
    name : str
        Name of the model in the tables.
    confidence : float
        Level of the confidence limits.
    near : MixedModel, optional
        The same model of nearly the same answers, as of another completed data set: the search begins there.

    Returns
    -------
    MixedModel or NotComputed
        NotComputed as for `ols`; with fewer than two schools, no school with two respondents, school-level
        predictors as many as schools, a random slope that is not among the columns or does not vary within
        schools, more random effects than respondents a school allow, or nothing left within schools.
        A fit on the boundary is `singular`, as lme4 says it, and stands.

    References
    ----------
    Bates, D., Mächler, M., Bolker, B. & Walker, S. (2015). Fitting linear mixed-effects models using lme4.
    Journal of Statistical Software 67(1), eq. 30-42. Degrees of freedom: Satterthwaite (1946) as in
    Kuznetsova, Brockhoff & Christensen (2017), JSS 82(13). R: ``lmerTest::lmer(y ~ x + (x | school))``.
    """
    columns, slopes = tuple(columns), tuple(slopes)
    sums = moments.select((outcome, *columns))
    problem = _unusable(sums, outcome, columns, slopes)
    if problem is not None:
        return problem
    scaled = Standardized.of(sums)
    at = [columns.index(slope) for slope in slopes]
    n = int(sums.n.sum())
    deviance = ProfiledDeviance.of(n, scaled.cross, scaled.random(at, correlated), method == "REML")
    shape = Shape.of(len(slopes) + 1, correlated)
    try:
        theta, converged = best_theta(deviance, shape, _beside(near, shape, scaled, at))
        point = deviance.at(shape.factor(theta))
    except np.linalg.LinAlgError:
        return NotComputed("multilevel", "mixed-nothing-within", {"outcome": outcome}, n)
    residual = point.squares / deviance.df
    if not residual > FLAT_DIRECTION**2:
        return NotComputed("multilevel", "mixed-nothing-within", {"outcome": outcome}, n)
    back = scaled.fixed_back
    b = back @ point.b
    b[0] += scaled.outcome_mean
    factor = scaled.random_back(at, correlated) @ shape.factor(theta)
    relative = _lower(factor) / scaled.outcome_sd
    spread, changes = _variance_parameters(deviance, shape, theta, point)
    # Both likelihoods are those of the columns as they are: their scales are put back.
    units = 2.0 * deviance.df * np.log(scaled.outcome_sd)
    if method == "REML":
        units += 2.0 * float(np.log(scaled.sd).sum())
    fitted = scaled.cross[:, : len(b), : len(b)].sum(axis=0)
    random = deviance.random @ shape.factor(theta)
    scale = scaled.outcome_sd**2
    centred = np.concatenate([[0.0], point.b[1:]])
    return MixedModel(
        outcome=outcome,
        name=name,
        columns=columns,
        slopes=slopes,
        correlated=correlated,
        n=n,
        missing=sums.missing,
        schools=int((sums.n > 0).sum()),
        method=method,
        b=b,
        covariance=residual * back @ point.inverse @ back.T,
        variances=residual * factor @ factor.T,
        residual_variance=residual * scale,
        theta=relative[shape.rows, shape.columns],
        loglik=-0.5 * (point.deviance + float(units)),
        singular=bool((np.diag(relative) < SINGULAR).any()),
        converged=converged,
        variance_fixed=scale * float(centred @ fitted @ centred) / (n - 1),
        variance_random=scale * residual * float(np.trace(random.T @ fitted @ random)) / n,
        variance_spread=spread,
        variance_slopes=back @ changes @ back.T,
        confidence=confidence,
    )


def _beside(near: MixedModel | None, shape: Shape, scaled: Standardized, at: Sequence[int]) -> Floats | None:
    """Return where the search begins, in standardized columns; None without an earlier fit of the shape."""
    if near is None or len(near.theta) != len(shape.rows):
        return None
    relative = shape.factor(near.theta) * scaled.outcome_sd
    factor = _lower(np.asarray(np.linalg.solve(scaled.random_back(at, near.correlated), relative)))
    return factor[shape.rows, shape.columns]


def _lower(factor: Floats) -> Floats:
    """Return the lower triangular factor of F F', its diagonal not negative: shape (q, q)."""
    upper = np.linalg.qr(factor.T, mode="r")
    signs = np.where(np.diag(upper) < 0, -1.0, 1.0)
    return np.asarray((signs[:, None] * upper).T)


def _unusable(
    sums: GroupedMoments, outcome: str, columns: tuple[str, ...], slopes: tuple[str, ...]
) -> NotComputed | None:
    """Return why the model cannot be fitted, None where it can."""
    n, schools = int(sums.n.sum()), int((sums.n > 0).sum())
    details: dict[str, object] = {"outcome": outcome, "schools": schools, "rows": n}
    absent = [slope for slope in slopes if slope not in columns]
    if absent:
        return NotComputed("multilevel", "mixed-slope-not-fixed", {"outcome": outcome, "columns": absent}, n)
    if schools < 2:
        return NotComputed("multilevel", "icc-few-schools", details, n)
    if n == schools:
        return NotComputed("multilevel", "icc-one-a-school", details, n)
    fit = ols(sums.overall(), outcome, columns)
    if isinstance(fit, NotComputed):
        return fit
    between = between_clusters(sums)
    if between[0] or _share_left_within(sums, between) < PERFECT:
        return NotComputed("multilevel", "mixed-nothing-within", {"outcome": outcome}, n)
    if int(between[1:].sum()) + 1 >= schools:
        few: dict[str, object] = {
            "outcome": outcome,
            "predictors": int(between[1:].sum()),
            "clusters": schools,
        }
        return NotComputed("multilevel", "regression-few-clusters", few, n)
    fixed = [slope for slope in slopes if between[columns.index(slope) + 1]]
    if fixed:
        return NotComputed("multilevel", "mixed-slope-of-school", {"outcome": outcome, "columns": fixed}, n)
    if (len(slopes) + 1) * schools >= n:
        many: dict[str, object] = {**details, "effects": len(slopes) + 1}
        return NotComputed("multilevel", "mixed-many-effects", many, n)
    return None


def _share_left_within(sums: GroupedMoments, between: NDArray[np.bool_]) -> float:
    """Return the share of the outcome's variation within schools that the predictors do not explain there."""
    n = np.maximum(sums.n, 1)[:, None, None]
    within = (sums.cross - sums.total[:, :, None] * sums.total[:, None, :] / n).sum(axis=0)
    scale = np.sqrt(np.maximum(np.diag(within), 0.0))
    at = np.flatnonzero(~between[1:]) + 1
    correlation = within / np.outer(np.where(scale > 0, scale, 1.0), np.where(scale > 0, scale, 1.0))
    slopes = np.linalg.lstsq(correlation[np.ix_(at, at)], correlation[at, 0], rcond=None)[0]
    return float(1.0 - correlation[0, at] @ slopes)


def _variance_parameters(
    deviance: ProfiledDeviance, shape: Shape, theta: Floats, point: Point
) -> tuple[Floats, Floats]:
    """Return what Satterthwaite's degrees of freedom need, in the parameters (θ, σ).

    Returns
    -------
    (m, m) array
        Large-sample covariance of the parameters, twice the inverse of the second derivatives of the
        deviance; directions that curve down or not at all are left out, as lmerTest does.
    (m, p, p) array
        Derivative of the covariance of the coefficients in each of them.
    """
    sigma = float(np.sqrt(point.squares / deviance.df))

    def slope(at: Floats) -> Floats:
        moved = deviance.at(shape.factor(at))
        # The derivative at fixed σ; the one profiled over σ divides by the best σ² of each θ.
        fixed = deviance.df / moved.squares - 1.0 / sigma**2
        own = moved.slope + fixed * moved.residual @ moved.residual.T
        return shape.slope(at, own)

    factor = shape.factor(theta)
    size = len(theta)
    curve = np.zeros((size + 1, size + 1))
    curve[:size, :size] = second_derivatives(slope, theta)
    mixed = 2.0 / sigma**3 * point.residual @ point.residual.T
    curve[:size, size] = curve[size, :size] = shape.slope(theta, mixed)
    curve[size, size] = -2.0 * deviance.df / sigma**2 + 6.0 * point.squares / sigma**4
    values, vectors = np.linalg.eigh(curve)
    kept = values > FLAT_DIRECTION
    spread = 2.0 * (vectors[:, kept] / values[kept]) @ vectors[:, kept].T
    variance = sigma**2
    pieces = np.einsum("agp,bgr->abpr", point.crossing, point.crossing, optimize=True)
    changes = np.empty((size + 1, *point.inverse.shape))
    for position, (row, column) in enumerate(zip(shape.rows, shape.columns, strict=True)):
        # dψ = E_rc Λ' + Λ E_cr with ψ = ΛΛ'.
        moved = np.zeros((shape.q, shape.q))
        moved[row, :] += factor[:, column]
        moved[:, row] += factor[:, column]
        inside = np.tensordot(moved, pieces, axes=([0, 1], [0, 1]))
        changes[position] = variance * point.inverse @ inside @ point.inverse
    changes[size] = 2.0 * sigma * point.inverse
    return spread, changes
