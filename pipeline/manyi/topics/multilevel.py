"""Tables of models with random effects of schools: ``multilevel, multilevel_models`` and others."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from manyi.topics.planned_regression import PlannedRegression, by_school, kept_columns
from manyi_analysis.level.suppression import SMALL_CELL
from manyi_analysis.multilevel import (
    LikelihoodRatio,
    MixedModel,
    VarianceIntervals,
    likelihood_ratio,
    mean_name,
    mixed_model,
    product_name,
    school_effects,
    school_variance_test,
    variance_intervals,
    with_products,
    with_school_means,
    within_name,
)
from manyi_analysis.records import GroupedMoments, NotComputed

#: Models without a predictor, with random slopes, with terms split by level, with products across levels.
NULL, SLOPES, CENTRED, INTERACTION = "empty", "slopes", "centred", "interaction"


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A model to fit.

    Parameters
    ----------
    name : str
        In the tables.
    block : str
        The block it adds; empty where none.
    moments : GroupedMoments
        By school.
    columns, slopes : tuple of str
        Fixed terms, and those of them with random slopes.
    """

    name: str
    block: str
    moments: GroupedMoments
    columns: tuple[str, ...]
    slopes: tuple[str, ...] = ()


def multilevel_tables(planned: PlannedRegression, minimum: int) -> dict[str, pd.DataFrame]:
    """Return the tables of a regression's models with random effects; none where answers have no schools.

    Parameters
    ----------
    planned : PlannedRegression
    minimum : int
        Respondents from which a single school is shown.
    """
    built = planned.schooled
    if built is None:
        return {}
    outcome = planned.entry.outcome
    coefficients, models, variances = [], [], []
    fits: dict[str, MixedModel | NotComputed] = {}
    asked: dict[str, Asked] = {}
    for one in asked_models(planned):
        if isinstance(one, tuple):
            name, problem = one
            models.append(_refused(outcome, name, "", problem))
            continue
        fit = fitted(planned, one)
        fits[one.name], asked[one.name] = fit, one
        if isinstance(fit, NotComputed):
            models.append(_refused(outcome, one.name, one.block, fit))
            continue
        coefficients.append(fit.to_frame())
        models.append(fit.model_to_frame().assign(block=one.block))
        profiled = one.name in (NULL, str(len(planned.total)))
        variances.append(_variances(fit, one.moments, profiled))
    # The pass dropped incomplete rows before the sums.
    models = [frame.assign(missing=built.missing) for frame in models]
    tests = list(_tests(planned, fits, asked))
    found = {
        "multilevel": coefficients,
        "multilevel_models": models,
        "multilevel_variances": variances,
        "multilevel_tests": tests,
        "school_effects": _effects(planned, fits, asked, minimum),
    }
    return {name: pd.concat(frames, ignore_index=True) for name, frames in found.items() if frames}


def asked_models(planned: PlannedRegression) -> Iterator[Asked | tuple[str, NotComputed]]:
    """Yield the null model, one a block, then those that the plan adds to the model of total effects.

    Parameters
    ----------
    planned : PlannedRegression
    """
    built, units, plan = planned.schooled, planned.units, planned.entry.multilevel
    if built is None or units is None:
        return
    yield Asked(NULL, "", built.moments, ())
    for number, block in enumerate(built.blocks, start=1):
        yield Asked(str(number), block, built.moments, built.kept(built.blocks[:number]))
    base = planned.columns(planned.total)
    if plan.slopes:
        slopes = planned.columns_of(plan.slopes)
        problem = planned.absent(plan.slopes)
        yield (
            (SLOPES, problem)
            if problem is not None
            else Asked(SLOPES, "", built.moments, tuple(dict.fromkeys((*base, *slopes))), slopes)
        )
    if plan.centring:
        problem = planned.absent(plan.centring)
        split = planned.columns_of(plan.centring)
        yield (CENTRED, problem) if problem is not None else _centred(units, base, split)
    if plan.interactions:
        yield _interaction(planned, units, base)


def fitted(
    planned: PlannedRegression, asked: Asked, near: MixedModel | None = None
) -> MixedModel | NotComputed:
    """Fit a model by the likelihood that the plan names.

    Parameters
    ----------
    planned : PlannedRegression
    asked : Asked
    near : MixedModel, optional
        Its fit to another completed data set, from which the search begins.
    """
    return mixed_model(
        asked.moments,
        planned.entry.outcome,
        asked.columns,
        asked.slopes,
        method=planned.entry.multilevel.method,
        name=asked.name,
        confidence=planned.confidence,
        near=near,
    )


def _centred(units: GroupedMoments, base: Sequence[str], split: Sequence[str]) -> Asked:
    """Return the model of within and between slopes; means are those of a school's stage."""
    wide = by_school(with_school_means(units, split))
    rest = [column for column in base if column not in split]
    columns = [*rest, *(within_name(name) for name in split), *(mean_name(name) for name in split)]
    return Asked(CENTRED, "", wide, kept_columns(wide, columns))


def _interaction(
    planned: PlannedRegression, units: GroupedMoments, base: Sequence[str]
) -> Asked | tuple[str, NotComputed]:
    """Return the model with products of respondents' distances from their school's mean and school terms."""
    pairs = planned.entry.multilevel.interactions
    problem = planned.absent(tuple(name for pair in pairs for name in pair))
    if problem is not None:
        return INTERACTION, problem
    columns = [
        (one, other)
        for first, second in pairs
        for one in planned.columns_of((first,))
        for other in planned.columns_of((second,))
    ]
    split = tuple(dict.fromkeys(one for one, _ in columns))
    centred = with_school_means(units, split)
    wide = with_products(centred, [(within_name(one), other) for one, other in columns])
    if isinstance(wide, NotComputed):
        return INTERACTION, wide
    moments = by_school(wide)
    rest = [
        column for column in dict.fromkeys((*base, *(other for _, other in columns))) if column not in split
    ]
    names = [*rest, *(within_name(name) for name in split), *(mean_name(name) for name in split)]
    names += [product_name(within_name(one), other) for one, other in columns]
    return Asked(INTERACTION, "", moments, kept_columns(moments, names))


def _refused(outcome: str, name: str, block: str, why: NotComputed) -> pd.DataFrame:
    row = {"outcome": outcome, "model": name, "block": block, "n": why.n, "reason": why.reason}
    return pd.DataFrame([row])


def _variances(fit: MixedModel, moments: GroupedMoments, profiled: bool) -> pd.DataFrame:
    """Return the variances, where asked with limits of their standard deviations."""
    frame = fit.variances_to_frame().assign(low=np.nan, high=np.nan, reason="")
    if not profiled:
        return frame
    limits = variance_intervals(fit, moments)
    if isinstance(limits, VarianceIntervals):
        for level, (low, high) in (("school", limits.school), ("residual", limits.residual)):
            frame.loc[frame["level"] == level, ["low", "high"]] = low, high
    else:
        frame["reason"] = limits.reason
    return frame


def _tests(
    planned: PlannedRegression, fits: dict[str, MixedModel | NotComputed], asked: dict[str, Asked]
) -> Iterator[pd.DataFrame]:
    """Yield whether schools differ at all, what each block adds, and whether slopes differ."""
    outcome = planned.entry.outcome

    def row(found: LikelihoodRatio | NotComputed, smaller: str, larger: str) -> pd.DataFrame:
        frame = found.to_frame()
        if isinstance(found, NotComputed):
            frame = frame.drop(columns="statistic").assign(smaller=smaller, larger=larger)
        frame.insert(0, "outcome", outcome)
        return frame

    for name, fit in fits.items():
        if isinstance(fit, MixedModel) and not fit.slopes:
            yield row(school_variance_test(fit, asked[name].moments), "OLS", name)
    full: dict[str, MixedModel | NotComputed] = {}
    steps = [NULL, *(str(number) for number in range(1, len(planned.blocks) + 1))]
    for name in steps:
        one = asked[name]
        full[name] = mixed_model(one.moments, outcome, one.columns, method="ML", name=name)
    for smaller, larger in pairwise(steps):
        a, b = full[smaller], full[larger]
        if isinstance(a, MixedModel) and isinstance(b, MixedModel):
            yield row(likelihood_ratio(a, b), smaller, larger)
    slopes = fits.get(SLOPES)
    if isinstance(slopes, MixedModel):
        one = asked[SLOPES]
        method = planned.entry.multilevel.method
        without = mixed_model(one.moments, outcome, one.columns, method=method, name="intercept")
        if isinstance(without, MixedModel):
            yield row(likelihood_ratio(without, slopes), "intercept", SLOPES)


def _effects(
    planned: PlannedRegression,
    fits: dict[str, MixedModel | NotComputed],
    asked: dict[str, Asked],
    minimum: int,
) -> list[pd.DataFrame]:
    """Return every school's effect in the null model and in that of total effects; small schools hidden."""
    frames = []
    for name in (NULL, str(len(planned.total))):
        fit = fits[name]
        if not isinstance(fit, MixedModel):
            continue
        frame = school_effects(fit, asked[name].moments).to_frame().assign(reason="")
        small = frame["n"] < minimum
        numbers = [column for column in frame.select_dtypes("number").columns if column not in ("n",)]
        frame = frame.astype({column: "float64" for column in numbers})
        hidden = NotComputed("school-effects", SMALL_CELL, {"minimum": minimum}, 0).reason
        frame.loc[small, numbers] = np.nan
        frame.loc[small, "reason"] = hidden
        frame["n"] = frame["n"].where(~small).astype("float64")
        frames.append(frame)
    return frames
