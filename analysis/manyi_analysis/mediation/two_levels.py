"""Mediation 2-1-1: a property of schools acts on respondents' outcomes over what respondents perceive."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from manyi_analysis.explanation.clustered import between_clusters
from manyi_analysis.explanation.school_means import between_covariance, mean_reliability
from manyi_analysis.mediation.paths import NONE, Mediation, Path, delta_se
from manyi_analysis.mediation.product import DRAWS, SEED, draws_of, percentiles
from manyi_analysis.multilevel.fitting import mixed_model
from manyi_analysis.multilevel.mixed_model import Contrast, MixedModel
from manyi_analysis.multilevel.within_between import mean_name, with_school_means, within_name
from manyi_analysis.records.grouped import GroupedMoments
from manyi_analysis.records.notcomputed import NotComputed
from manyi_analysis.records.rows import Floats


@dataclass(frozen=True, slots=True)
class MultilevelMediation:
    """A 2-1-1 mediation, and what stands behind it.

    Parameters
    ----------
    mediation : Mediation
        Its paths: ``a``, ``b-within``, ``b-between``, ``indirect`` (between schools), ``direct``, ``total``.
    mediator_model, outcome_model : MixedModel
    reliability : float
        Of the mediator's school means, ICC(2). Below 1 the observed mean mixes some of the within slope into
        the between slope.
    latent : Path or NotComputed
        The indirect effect between the schools' true means, by the method of moments, with limits from a
        bootstrap of schools.
    """

    mediation: Mediation
    mediator_model: MixedModel
    outcome_model: MixedModel
    reliability: float
    latent: Path | NotComputed


def multilevel_mediation(
    moments: GroupedMoments,
    predictor: str,
    mediator: str,
    outcome: str,
    controls: Sequence[str] = (),
    *,
    method: str = "REML",
    samples: int = 2000,
    draws: int = DRAWS,
    seed: int = SEED,
    confidence: float = 0.95,
) -> MultilevelMediation | NotComputed:
    """Estimate the indirect effect of a school property over a perception, between schools.

    A property of the school can only change school means. The mediator is therefore split into its school
    mean and deviations from it: M = γ + aX + u + e and Y = γ + c'X + b_B·M̄ + b_W·(M - M̄) + u + e, both with
    random intercepts; the effect is a·b_B (unconflated). One slope for both would mix b_W into it.

    Parameters
    ----------
    moments : GroupedMoments
        One group a school, listwise.
    predictor : str
        The same for all respondents of a school.
    mediator, outcome : str
        Answers of respondents.
    controls : sequence of str
        Of either level; enter both models.
    method : {"REML", "ML"}
    samples : int
        Of schools, for the limits of the latent effect; 0 leaves them NaN.
    draws : int
        Of the Monte Carlo limits of the indirect effect.
    seed : int
        Of the bootstrap.
    confidence : float

    Returns
    -------
    MultilevelMediation or NotComputed
        NotComputed where the predictor varies within schools, the mediator does not, and as for
        `mixed_model`.

    References
    ----------
    Zhang, Z., Zyphur, M. J. & Preacher, K. J. (2009). Organizational Research Methods 12, 695-719, eq. 5-8;
    Preacher, K. J., Zyphur, M. J. & Zhang, Z. (2010). Psychological Methods 15, 209-233 (latent means). R:
    two ``lme4::lmer`` fits; ``lavaan::sem(..., cluster = "school")`` with two levels.
    """
    controls = tuple(controls)
    sums = moments.select((predictor, *controls, mediator, outcome))
    n = int(sums.n.sum())
    level = between_clusters(sums)
    details: dict[str, object] = {"predictor": predictor, "mediator": mediator, "outcome": outcome}
    if not level[0]:
        return NotComputed("mediation", "mediation-not-of-school", details, n)
    if level[-2]:
        return NotComputed("mediation", "mediation-mediator-of-school", details, n)
    split = with_school_means(sums, (mediator,))
    first = mixed_model(
        split, mediator, (predictor, *controls), method=method, name="mediator", confidence=confidence
    )
    if isinstance(first, NotComputed):
        return first
    parts = (within_name(mediator), mean_name(mediator))
    second = mixed_model(
        split, outcome, (predictor, *controls, *parts), method=method, name="outcome", confidence=confidence
    )
    if isinstance(second, NotComputed):
        return second
    reliability = mean_reliability(sums.select((mediator,)))
    if isinstance(reliability, NotComputed):
        return reliability
    found = Mediation(
        predictor=predictor,
        mediators=(mediator,),
        outcome=outcome,
        controls=controls,
        n=n,
        missing=sums.missing,
        schools=first.schools,
        paths=_paths(first, second, predictor, mediator, draws, confidence),
        se_type=method,
        method="unconflated 2-1-1, random intercepts, observed school means",
        source="Zhang, Zyphur & Preacher (2009)",
    )
    latent = _latent(sums, mediator, level, samples, seed, confidence)
    return MultilevelMediation(found, first, second, float(reliability.icc2[0]), latent)


def _paths(
    first: MixedModel,
    second: MixedModel,
    predictor: str,
    mediator: str,
    draws: int,
    confidence: float,
) -> tuple[Path, ...]:
    """Return the paths of both models and their product."""

    def single(path: str, one: Contrast, via: str = mediator) -> Path:
        return Path(path, via, one.estimate, one.se, one.low, one.high, "Satterthwaite")

    a = first.contrast({predictor: 1.0})
    within, between = (second.contrast({name(mediator): 1.0}) for name in (within_name, mean_name))
    direct = second.contrast({predictor: 1.0})
    at = [second.terms.index(mean_name(mediator)), second.terms.index(predictor)]
    covariance = np.zeros((3, 3))
    covariance[0, 0] = a.se**2
    covariance[1:, 1:] = second.covariance[np.ix_(at, at)]
    estimate = np.array([a.estimate, between.estimate, direct.estimate])
    sampled = draws_of(estimate, covariance, draws)
    indirect = a.estimate * between.estimate
    gradient = [between.estimate, a.estimate, 0.0]
    products = sampled[:, 0] * sampled[:, 1]
    low, high = percentiles(products, confidence)
    total_low, total_high = percentiles(products + sampled[:, 2], confidence)
    total_se = delta_se([*gradient[:2], 1.0], covariance)
    return (
        single("a", a),
        single("b-within", within),
        single("b-between", between),
        Path("indirect", mediator, indirect, delta_se(gradient, covariance), low, high, "Monte Carlo"),
        single("direct", direct, NONE),
        Path("total", NONE, indirect + direct.estimate, total_se, total_low, total_high, "Monte Carlo"),
    )


def _latent(
    sums: GroupedMoments,
    mediator: str,
    level: NDArray[np.bool_],
    samples: int,
    seed: int,
    confidence: float,
) -> Path | NotComputed:
    """Return the indirect effect between true means; predictor first, mediator and outcome last."""
    covariance = between_covariance(sums)[1]
    product = _product(covariance[None])
    n = int(sums.n.sum())
    if not np.isfinite(product[0]):
        return NotComputed("mediation", "between-not-positive", {"outcome": sums.columns[-1]}, n)
    if not samples:
        return Path("indirect-latent", mediator, float(product[0]), np.nan, np.nan, np.nan, "bootstrap")
    drawn = _product(_resampled_between(sums, level, samples, seed))
    drawn = drawn[np.isfinite(drawn)]
    if len(drawn) < max(samples // 2, 2):
        return NotComputed("mediation", "between-not-positive", {"outcome": sums.columns[-1]}, n)
    low, high = percentiles(drawn, confidence)
    return Path(
        "indirect-latent", mediator, float(product[0]), float(drawn.std(ddof=1)), low, high, "bootstrap"
    )


def _product(covariance: Floats) -> Floats:
    """Return a·b from covariances of (X, controls, M, Y), (s, k, k); NaN where not positive definite."""
    k = covariance.shape[1]
    variances = np.diagonal(covariance, axis1=1, axis2=2)[:, : k - 1]
    positive = np.asarray((variances > 0).all(axis=1))
    scale = np.sqrt(np.where(positive[:, None], variances, 1.0))
    inner = covariance[:, : k - 1, : k - 1]
    correlation = inner / scale[:, :, None] / scale[:, None, :]
    correlation = np.where(positive[:, None, None], correlation, np.eye(k - 1))
    regular = positive & (np.linalg.eigvalsh(correlation)[:, 0] > 1e-6)
    safe = np.where(regular[:, None, None], covariance, np.eye(k))
    a = np.linalg.solve(safe[:, : k - 2, : k - 2], safe[:, : k - 2, [k - 2]])[:, 0, 0]
    b = np.linalg.solve(safe[:, : k - 1, : k - 1], safe[:, : k - 1, [k - 1]])[:, k - 2, 0]
    return np.where(regular, a * b, np.nan)


def _resampled_between(sums: GroupedMoments, level: NDArray[np.bool_], samples: int, seed: int) -> Floats:
    """Return covariances of true means in samples of whole schools, shape (samples, k, k)."""
    used = sums.n > 0
    size = sums.n[used].astype(np.float64)
    schools, k = len(size), len(sums.columns)
    means = sums.total[used] / size[:, None]
    within = sums.cross[used] - np.einsum("gi,gj->gij", sums.total[used], means)
    within[:, level, :] = within[:, :, level] = 0.0
    counts = np.random.default_rng(seed).multinomial(schools, np.full(schools, 1.0 / schools), samples)
    counts = counts.astype(np.float64)
    squares = (counts @ np.einsum("gi,gj->gij", means, means).reshape(schools, k * k)).reshape(samples, k, k)
    centre = counts @ means / schools
    observed = (squares - schools * np.einsum("si,sj->sij", centre, centre)) / (schools - 1)
    pooled = (counts @ within.reshape(schools, k * k)).reshape(samples, k, k)
    left = counts @ size - schools
    pooled /= np.maximum(left, 1.0)[:, None, None]
    # Schools of one respondent each say nothing about variation within schools.
    true = observed - pooled * (counts @ (1.0 / size) / schools)[:, None, None]
    return np.where((left > 0)[:, None, None], true, 0.0)
