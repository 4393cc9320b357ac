"""Mediation from moments: indirect, direct and total effects with delta, Monte Carlo and bootstrap limits."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from manyi_analysis.explanation.design import aliased_columns
from manyi_analysis.mediation.paths import ALL, NONE, Mediation, Path, delta_se, normal_path
from manyi_analysis.mediation.product import DRAWS, SEED, draws_of, percentiles
from manyi_analysis.records.grouped import GroupedMoments
from manyi_analysis.records.moments import Moments
from manyi_analysis.records.notcomputed import NotComputed
from manyi_analysis.records.rows import Floats

#: Residual share of a mediator's or the outcome's variance below which it is determined by the others.
PERFECT = 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class _Columns:
    """Positions in (predictor, controls, mediators, outcome): c controls, m mediators."""

    controls: int
    mediators: int

    @property
    def given(self) -> list[int]:
        return list(range(1 + self.controls))

    @property
    def between(self) -> list[int]:
        return [1 + self.controls + index for index in range(self.mediators)]

    @property
    def outcome(self) -> int:
        return 1 + self.controls + self.mediators

    def estimates(self, scatter: Floats) -> Floats:
        """Return (a, b, direct), shape (..., 2m + 1), from cross-products about the means, (..., k, k)."""
        given, all_but = self.given, [*self.given, *self.between]
        first = np.linalg.solve(scatter[..., given, :][..., given], scatter[..., given, :][..., self.between])
        second = np.linalg.solve(
            scatter[..., all_but, :][..., all_but], scatter[..., all_but, :][..., [self.outcome]]
        )[..., 0]
        return np.concatenate([first[..., 0, :], second[..., 1 + self.controls :], second[..., :1]], axis=-1)


def mediation(
    moments: Moments | GroupedMoments,
    predictor: str,
    mediators: Sequence[str],
    outcome: str,
    controls: Sequence[str] = (),
    *,
    bootstrap: int = 0,
    draws: int = DRAWS,
    seed: int = SEED,
    confidence: float = 0.95,
) -> Mediation | NotComputed:
    """Split the effect of a predictor into what runs over mediators side by side and what does not.

    M_j = a_j X + C'g_j + e_j; Y = c'X + Σ b_j M_j + C'h + e. The indirect effect over M_j is a_j·b_j, the
    total effect c' + Σ a_j·b_j, which equals the slope of Y on X. The data show associations: that they are
    effects rests on the order assumed and on no confounder left out.

    Parameters
    ----------
    moments : Moments or GroupedMoments
        Listwise. With `Moments` errors are those of maximum likelihood (divisor n, as lavaan's); grouped by
        school, CR1 errors of all paths together, which allow for the correlation within schools.
    predictor, outcome : str
    mediators, controls : sequence of str
    bootstrap : int
        Samples of the groups, drawn whole with replacement: their limits replace those of Monte Carlo. Needs
        `GroupedMoments`; for single rows group by a column that numbers them.
    draws : int
        Of the Monte Carlo limits of the indirect effects.
    seed : int
        Of the bootstrap.
    confidence : float

    Returns
    -------
    Mediation or NotComputed
        Limits of the indirect effects are percentiles (a product is not normal), of the others normal.
        NotComputed with few rows, a constant or dependent column, or one school.

    References
    ----------
    MacKinnon, D. P. (2008). Introduction to Statistical Mediation Analysis, ch. 3-5; Sobel, M. E. (1982).
    Sociological Methodology 13, 290-312; Preacher, K. J. & Selig, J. P. (2012). Communication Methods and
    Measures 6, 77-98. R: ``lavaan::sem("m ~ a*x; y ~ b*m + cp*x; ind := a*b")``,
    ``semTools::monteCarloCI``.
    """
    mediators, controls = tuple(mediators), tuple(controls)
    names = (predictor, *controls, *mediators, outcome)
    sums = moments.select(names)
    overall = sums.overall() if isinstance(sums, GroupedMoments) else sums
    problem = _unusable(sums, overall, outcome)
    if problem is not None:
        return problem
    at = _Columns(len(controls), len(mediators))
    scatter = overall.scatter
    estimate = at.estimates(scatter)
    if isinstance(sums, GroupedMoments):
        covariance, schools = _clustered(sums, at), int((sums.n > 0).sum())
    else:
        covariance, schools = _likelihood(scatter, overall.n, at), 0
    paths = _paths(estimate, covariance, mediators, confidence)
    sampled = draws_of(estimate, covariance, draws)
    interval = "Monte Carlo"
    if bootstrap and isinstance(sums, GroupedMoments):
        sampled, interval = _resampled(sums, at, bootstrap, seed), "bootstrap"
    m = len(mediators)
    products = sampled[:, :m] * sampled[:, m : 2 * m]
    limits = {name: percentiles(products[:, j], confidence) for j, name in enumerate(mediators)}
    limits[ALL] = percentiles(products.sum(axis=1), confidence)
    paths = [
        replace(one, low=limits[one.mediator][0], high=limits[one.mediator][1], interval=interval)
        if one.path == "indirect"
        else one
        for one in paths
    ]
    if interval == "bootstrap":
        total = percentiles(products.sum(axis=1) + sampled[:, -1], confidence)
        paths = [
            replace(one, low=total[0], high=total[1], interval=interval) if one.path == "total" else one
            for one in paths
        ]
    return Mediation(
        predictor=predictor,
        mediators=mediators,
        outcome=outcome,
        controls=controls,
        n=overall.n,
        missing=sums.missing,
        schools=schools,
        paths=tuple(paths),
        se_type="CR1" if schools else "ML",
        method="product of coefficients",
        source="MacKinnon (2008); Preacher & Selig (2012)",
    )


def _unusable(sums: Moments | GroupedMoments, overall: Moments, outcome: str) -> NotComputed | None:
    """Return why nothing can be estimated, None where it can."""
    details: dict[str, object] = {"outcome": outcome}
    if overall.n <= len(overall.columns) + 1:
        details |= {"rows": overall.n, "coefficients": len(overall.columns)}
        return NotComputed("mediation", "regression-few-rows", details, overall.n)
    aliased = aliased_columns(overall, overall.columns)
    if aliased:
        # The outcome is the last column: what it follows from exactly leaves no residual.
        if aliased[0].column == outcome and not overall.sd[-1] > 0:
            return NotComputed("mediation", "regression-constant-outcome", details, overall.n)
        if aliased[0].column == outcome:
            return NotComputed("mediation", "regression-perfect-fit", details, overall.n)
        return aliased[0].reason
    if isinstance(sums, GroupedMoments) and int((sums.n > 0).sum()) < 2:
        return NotComputed("mediation", "regression-one-cluster", details, overall.n)
    return None


def _paths(estimate: Floats, covariance: Floats, mediators: Sequence[str], confidence: float) -> list[Path]:
    """Return all paths with delta-method errors and normal limits."""
    m = len(mediators)
    a, b, direct = estimate[:m], estimate[m : 2 * m], float(estimate[-1])
    se = np.sqrt(np.diag(covariance))
    found: list[Path] = []
    products = np.zeros((m, 2 * m + 1))
    for j, name in enumerate(mediators):
        found.append(normal_path("a", name, float(a[j]), float(se[j]), confidence))
        found.append(normal_path("b", name, float(b[j]), float(se[m + j]), confidence))
        products[j, j], products[j, m + j] = b[j], a[j]
        spread = delta_se(list(products[j]), covariance)
        found.append(normal_path("indirect", name, float(a[j] * b[j]), spread, confidence))
    whole = products.sum(axis=0)
    indirect = float(a @ b)
    if m > 1:
        found.append(normal_path("indirect", ALL, indirect, delta_se(list(whole), covariance), confidence))
    found.append(normal_path("direct", NONE, direct, float(se[-1]), confidence))
    whole[-1] = 1.0
    total = normal_path("total", NONE, direct + indirect, delta_se(list(whole), covariance), confidence)
    return [*found, total]


def _likelihood(scatter: Floats, n: int, at: _Columns) -> Floats:
    """Return the covariance of (a, b, direct) by maximum likelihood; the two equations are independent."""
    m, given, both = at.mediators, at.given, [*at.given, *at.between]
    inverse = np.linalg.inv(scatter[np.ix_(given, given)])
    slopes = inverse @ scatter[np.ix_(given, at.between)]
    left = scatter[np.ix_(at.between, at.between)] - scatter[np.ix_(at.between, given)] @ slopes
    wide = np.linalg.inv(scatter[np.ix_(both, both)])
    second = wide @ scatter[both, at.outcome]
    residual = float(scatter[at.outcome, at.outcome] - scatter[at.outcome, both] @ second) / n
    result = np.zeros((2 * m + 1, 2 * m + 1))
    result[:m, :m] = left / n * inverse[0, 0]
    place = [*range(1 + at.controls, 1 + at.controls + m), 0]
    result[m:, m:] = residual * wide[np.ix_(place, place)]
    return result


def _clustered(sums: GroupedMoments, at: _Columns) -> Floats:
    """Return the covariance of (a, b, direct) from every school's scores in all equations, each CR1."""
    m = at.mediators
    first = [_influence(sums, at.given, mediator)[:, [0]] for mediator in at.between]
    second = _influence(sums, [*at.given, *at.between], at.outcome)
    place = [*range(1 + at.controls, 1 + at.controls + m), 0]
    half = np.hstack([*first, second[:, place]])
    return np.asarray(half.T @ half)


def _influence(sums: GroupedMoments, given: Sequence[int], outcome: int) -> Floats:
    """Return what each school contributes to the error of the slopes, scaled so that squares add to CR1."""
    used = sums.n > 0
    n, schools = int(sums.n.sum()), int(used.sum())
    overall = sums.overall()
    centre = overall.total / overall.n
    size, total = sums.n[used].astype(np.float64), sums.total[used]
    columns = [*given, outcome]
    scatter = overall.scatter
    inverse = np.linalg.inv(scatter[np.ix_(given, given)])
    line = np.append(-(inverse @ scatter[given, outcome]), 1.0)
    moved = total[:, columns] - size[:, None] * centre[columns]
    residual_sum = moved @ line
    # Σ (x - x̄) e in each school, with e = (y - ȳ) - (x - x̄)'b.
    cross = sums.cross[used][:, given][:, :, columns] @ line
    cross -= total[:, given] * float(centre[columns] @ line)
    scores = cross - centre[given] * residual_sum[:, None]
    factor = schools / (schools - 1) * (n - 1) / (n - len(given) - 1)
    return np.asarray(np.sqrt(factor) * scores @ inverse)


def _resampled(sums: GroupedMoments, at: _Columns, samples: int, seed: int) -> Floats:
    """Return (a, b, direct) in samples of whole schools, shape (samples, 2m + 1), without a row.

    A sample's moments are those of its schools, each times how often it was drawn. Samples in which a column
    does not vary are left out.
    """
    used = sums.n > 0
    schools, k = int(used.sum()), len(sums.columns)
    rng = np.random.default_rng(seed)
    counts = rng.multinomial(schools, np.full(schools, 1.0 / schools), samples).astype(np.float64)
    size = counts @ sums.n[used]
    total = counts @ sums.total[used]
    cross = (counts @ sums.cross[used].reshape(schools, k * k)).reshape(samples, k, k)
    scatter = cross - np.einsum("si,sj->sij", total, total) / size[:, None, None]
    variances = np.diagonal(scatter, axis1=1, axis2=2)
    whole = sums.overall().scatter.diagonal()
    varies = np.asarray((variances > PERFECT * whole).all(axis=1))
    scale = np.sqrt(np.where(varies[:, None], variances, 1.0))
    correlation = scatter / scale[:, :, None] / scale[:, None, :]
    regular = varies & (
        np.linalg.eigvalsh(np.where(varies[:, None, None], correlation, np.eye(k)))[:, 0] > PERFECT
    )
    return at.estimates(scatter[regular])
