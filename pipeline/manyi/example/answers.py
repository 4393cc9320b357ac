"""The answer model: honest answers of one role, drawn from the truth.

For respondent *i* in school *j*, with ``z`` the standardized indicators of the school and stage, ``f`` the
standardized answer to the question on expectations met, and ``g`` a factor all perceptions share::

    quality_k    = Γ_k'z_j + h f_i + v_j + v_jk + s_k (a_k g_i + √(1 - a_k²) e_ik)          variance 1
    satisfaction = τ'z_j + Σ_k β_k quality_k + d f_i + background_i + stage_j + u_j + e_i    variance 1
    answer_m     = 1 + number of thresholds below (λ_m latent + √(1 - λ_m²) e_im + location_m)

``Γ_kr = c_r reach_kr`` with ``c_r`` such that ``Σ_k β_k Γ_kr`` is the mediated share of the total effect.
A reverse-keyed item stores ``low + high`` less that answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr

from manyi.example.county import AREAS, County
from manyi.example.truth import INDICATORS, BackgroundTruth, RoleTruth, ScaleTruth, Truth
from manyi_instruments.definitions.questionnaire import Questionnaire

Array = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Structure:
    """What the truth implies for the schools of one county.

    Attributes
    ----------
    felt : ndarray, shape (scales, 7)
        Γ: effect of each indicator on each perceived quality.
    mediation : ndarray, shape (scales,)
        β: effect of each perceived quality on satisfaction.
    direct, total : ndarray, shape (7,)
        Effects of the indicators on satisfaction given perceived quality, and in all.
    personal_sd : ndarray, shape (scales,)
        s: standard deviation of the personal part of each perceived quality.
    residual_sd : float
        Of satisfaction.
    share_between : float
        Share of the variance of satisfaction between schools and stages: its latent ICC.
    weights : ndarray, shape (units,)
        Share of the respondents that each school and stage has.
    """

    felt: Array
    mediation: Array
    direct: Array
    total: Array
    personal_sd: Array
    residual_sd: float
    share_between: float
    weights: Array


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """Honest answers of one role: complete, nobody careless.

    Attributes
    ----------
    values : DataFrame
        One integer column a question, as given (reverse-keyed items not yet reversed).
    unit : ndarray
        Row of the county's units each respondent belongs to.
    quality : ndarray, shape (n, scales)
        Latent perceived quality.
    satisfaction : ndarray, shape (n,)
        Latent satisfaction.
    """

    values: pd.DataFrame
    unit: Integers
    quality: Array
    satisfaction: Array


def reach(truth: Truth, role: RoleTruth) -> Array:
    """Return how strongly each indicator is felt on each scale; shape (scales, 7)."""
    return np.array(
        [[truth.halo + scale.reach.get(name, 0.0) for name in INDICATORS] for scale in role.scales]
    )


def unit_weights(county: County, role: RoleTruth) -> Array:
    """Return the share of a role's respondents in each school and stage: that of its pupils old enough."""
    grades = np.where(county.units["stage"] == "primary", 6 - max(role.minimum_grade - 1, 0), 3)
    of = np.where(county.units["stage"] == "primary", 6, 3)
    eligible = county.units["pupils"].to_numpy(dtype=float) * grades / of
    return np.asarray(eligible / eligible.sum())


def structure(truth: Truth, role: RoleTruth, county: County) -> Structure:
    """Derive the structural coefficients and residual variances of a role.

    Raises
    ------
    ValueError
        If the true parameters leave no variance for a residual.
    """
    weights = unit_weights(county, role)
    mediation = np.array([scale.mediation for scale in role.scales])
    total = np.array([role.total.get(name, 0.0) for name in INDICATORS])
    relative = reach(truth, role)
    felt = relative * (truth.mediated * total / (mediation @ relative))
    between = np.cov(county.standardized.T, aweights=weights, ddof=0)
    personal = (
        1.0
        - np.einsum("kr,rs,ks->k", felt, between, felt)
        - truth.fulfilment_perceived**2
        - truth.school_common
        - truth.school_specific
    )
    if (personal <= 0).any():
        raise ValueError(f"{role.role}: no variance is left for the personal part of a perceived quality")
    share_between, residual = _variance(truth, role, county, total, np.sqrt(personal), weights)
    return Structure(
        felt=felt,
        mediation=mediation,
        direct=total - mediation @ felt,
        total=total,
        personal_sd=np.sqrt(personal),
        residual_sd=float(np.sqrt(residual)),
        share_between=share_between,
        weights=weights,
    )


def _variance(
    truth: Truth, role: RoleTruth, county: County, total: Array, personal_sd: Array, weights: Array
) -> tuple[float, float]:
    """Return the variance of satisfaction between schools and stages, and that of its residual."""
    mediation = np.array([scale.mediation for scale in role.scales])
    background, spread = _background_moments(role, county)
    junior = (county.units["stage"] == "junior").to_numpy(dtype=float)
    unit_part = county.standardized @ total + background + role.stage_effect * junior
    between = float(np.average((unit_part - np.average(unit_part, weights=weights)) ** 2, weights=weights))
    between += (
        mediation.sum() ** 2 * truth.school_common
        + float(mediation @ mediation) * truth.school_specific
        + truth.school_satisfaction
    )
    general = np.array([scale.general for scale in role.scales])
    shared = np.outer(general, general)
    np.fill_diagonal(shared, 1.0)
    pull = mediation * personal_sd
    fulfilment = truth.fulfilment_direct + truth.fulfilment_perceived * mediation.sum()
    within = float(pull @ shared @ pull) + fulfilment**2 + float(np.average(spread, weights=weights))
    residual = 1.0 - between - within
    if residual <= 0:
        raise ValueError(f"{role.role}: no variance is left for the residual of satisfaction")
    return between, residual


def _background_moments(role: RoleTruth, county: County) -> tuple[Array, Array]:
    """Return mean and variance, in each unit, of what background does to satisfaction."""
    mean = dict.fromkeys(AREAS, 0.0)
    variance = dict.fromkeys(AREAS, 0.0)
    for question in role.background:
        if question.effects:
            effects = np.array(question.effects)
            for area in AREAS:
                shares = np.array(question.shares[area])
                mean[area] += float(shares @ effects)
                variance[area] += float(shares @ effects**2 - (shares @ effects) ** 2)
    areas = county.units["area"]
    return (
        np.array([mean[name] for name in areas], dtype=np.float64),
        np.array([variance[name] for name in areas], dtype=np.float64),
    )


def allot(weights: Array, respondents: int) -> Integers:
    """Return respondents of each unit, in proportion to the weights (largest remainders), at least two."""
    exact = weights * respondents
    counts = np.maximum(np.floor(exact), 2).astype(np.int64)
    order = np.argsort(-(exact - np.floor(exact)), kind="stable")
    short = respondents - int(counts.sum())
    counts[order[: max(short, 0)]] += 1
    return counts


def draw_answers(
    truth: Truth,
    role: RoleTruth,
    county: County,
    questionnaire: Questionnaire,
    rng: np.random.Generator,
    respondents: int | None = None,
) -> Answers:
    """Draw honest and complete answers of one role.

    Parameters
    ----------
    truth : Truth
        True parameters.
    role : RoleTruth
        Those of the role.
    county : County
        Its schools.
    questionnaire : Questionnaire
        The questions, in the order asked.
    rng : numpy.random.Generator
        Source of chance.
    respondents : int, optional
        How many, instead of the role's own number.

    Returns
    -------
    Answers
        Every question of the questionnaire has a column, open questions too (all -9: not answered).
    """
    model = structure(truth, role, county)
    unit = np.repeat(
        np.arange(len(county.units)), allot(model.weights, respondents or role.respondents)
    ).astype(np.int64)
    count = len(unit)
    area = county.units["area"].to_numpy()[unit]
    values: dict[str, Integers] = {}
    background = np.zeros(count)
    for question in role.background:
        values[question.item], effect = _draw_background(question, area, rng)
        background += effect
    values[role.fulfilment], fulfilment = _draw_fulfilment(truth, role, rng, count)
    values |= _draw_stage(role, county, unit, rng)
    quality, satisfaction = _draw_latent(truth, role, county, model, unit, fulfilment, background, rng)
    for number, scale in enumerate(role.scales):
        values |= _draw_items(truth, role, scale, quality[:, number], rng)
    values |= _draw_items(truth, role, role.satisfaction, satisfaction, rng)
    shared = rng.normal(size=count)
    for single in role.singles:
        rest = np.sqrt(1 - single.satisfaction**2 - single.shared**2)
        latent = single.satisfaction * satisfaction + single.shared * shared + rest * rng.normal(size=count)
        values[single.item] = _answer(latent + single.location, truth.cuts)
    values |= {check.id: np.full(count, check.expected) for check in questionnaire.attention}
    frame = _as_given(values, questionnaire)
    return Answers(frame, unit, quality, satisfaction)


def _draw_latent(
    truth: Truth,
    role: RoleTruth,
    county: County,
    model: Structure,
    unit: Integers,
    fulfilment: Array,
    background: Array,
    rng: np.random.Generator,
) -> tuple[Array, Array]:
    """Return perceived quality, shape (n, scales), and satisfaction, shape (n,)."""
    code = pd.factorize(county.units["school"])[0]
    school = code[unit]
    schools, scales, count = code.max() + 1, len(role.scales), len(unit)
    z = county.standardized[unit]
    common = np.sqrt(truth.school_common) * rng.normal(size=schools)
    specific = np.sqrt(truth.school_specific) * rng.normal(size=(schools, scales))
    own = np.sqrt(truth.school_satisfaction) * rng.normal(size=schools)
    general = np.array([scale.general for scale in role.scales])
    personal = rng.normal(size=(count, 1)) * general + rng.normal(size=(count, scales)) * np.sqrt(
        1 - general**2
    )
    quality = (
        z @ model.felt.T
        + truth.fulfilment_perceived * fulfilment[:, None]
        + common[school][:, None]
        + specific[school]
        + personal * model.personal_sd
    )
    junior = (county.units["stage"] == "junior").to_numpy()[unit]
    satisfaction = (
        z @ model.direct
        + quality @ model.mediation
        + truth.fulfilment_direct * fulfilment
        + background
        + role.stage_effect * junior
        + own[school]
        + model.residual_sd * rng.normal(size=count)
    )
    return quality, satisfaction


def _draw_background(
    question: BackgroundTruth, area: NDArray[np.object_], rng: np.random.Generator
) -> tuple[Integers, Array]:
    """Return answers to a background question and what they do to satisfaction."""
    chance = rng.random(len(area))
    index = np.zeros(len(area), dtype=np.int64)
    for name in AREAS:
        rows = area == name
        limits = np.cumsum(question.shares[name])[:-1]
        index[rows] = np.searchsorted(limits, chance[rows], side="right")
    effects = np.array(question.effects) if question.effects else np.zeros(len(question.values))
    return np.array(question.values, dtype=np.int64)[index], effects[index]


def _draw_fulfilment(
    truth: Truth, role: RoleTruth, rng: np.random.Generator, count: int
) -> tuple[Integers, Array]:
    """Return the answers on expectations met, and the same standardized by their true mean and SD."""
    answer = _answer(rng.normal(size=count) + role.fulfilment_location, truth.cuts)
    edges = np.concatenate([[0.0], ndtr(np.array(truth.cuts) - role.fulfilment_location), [1.0]])
    shares = np.diff(edges)
    points = np.arange(1, len(shares) + 1)
    mean = float(points @ shares)
    return answer, (answer - mean) / np.sqrt(float(points**2 @ shares) - mean**2)


def _draw_stage(
    role: RoleTruth, county: County, unit: Integers, rng: np.random.Generator
) -> dict[str, Integers]:
    """Return grade or stage taught, which follow from the school's stage."""
    primary = (county.units["stage"] == "primary").to_numpy()[unit]
    values: dict[str, Integers] = {}
    if role.grade:
        lower = rng.integers(role.minimum_grade, 7, len(unit))
        upper = rng.integers(7, 10, len(unit))
        values[role.grade] = np.where(primary, lower, upper)
    if role.stage_item:
        values[role.stage_item] = np.where(primary, 1, 2)
    return values


def _draw_items(
    truth: Truth, role: RoleTruth, scale: ScaleTruth, latent: Array, rng: np.random.Generator
) -> dict[str, Integers]:
    """Return keyed answers to the items of a scale."""
    values = {}
    for number, (loading, location) in enumerate(zip(scale.loadings, scale.locations, strict=True), start=1):
        response = loading * latent + np.sqrt(1 - loading**2) * rng.normal(size=len(latent)) + location
        values[f"{role.prefix}_{scale.scale}{number}"] = _answer(response, truth.cuts)
    return values


def _answer(response: Array, cuts: tuple[float, ...]) -> Integers:
    return np.searchsorted(np.array(cuts), response).astype(np.int64) + 1


def _as_given(values: Mapping[str, Integers], questionnaire: Questionnaire) -> pd.DataFrame:
    """Return the answers in the order asked, reverse-keyed items as a respondent gives them."""
    columns = {}
    for question in questionnaire.questions():
        answers = questionnaire.answer_list(question)
        if answers is None:
            columns[question.id] = np.full(len(next(iter(values.values()))), -9)
        elif getattr(question, "reverse", False):
            columns[question.id] = answers.low + answers.high - values[question.id]
        else:
            columns[question.id] = values[question.id]
    return pd.DataFrame(columns)
