"""Models pooled over completed data sets, against mice and mitml on the same sets; warm starts; refusals."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.categorical import DistinctRows, OrdinalRegression, ordinal_regression
from manyi_analysis.explanation.bias_reduced import BiasReducedRegression, bias_reduced_ols
from manyi_analysis.missing.chained import ChainedEquations
from manyi_analysis.missing.completed_fits import (
    CompletedFit,
    PooledFit,
    completed_mixed,
    completed_ordinal,
    completed_regression,
    pool_fits,
)
from manyi_analysis.missing.imputations import Imputations, imputations
from manyi_analysis.missing.imputed_regression import ImputedRegression, imputed_regression
from manyi_analysis.multilevel import MixedModel, mixed_model
from manyi_analysis.records import GroupedMoments, NotComputed

HERE = Path(__file__).parents[1] / "reference" / "missing"
TERMS = ("ses", "minority", "public")
Compare = Callable[..., None]


@cache
def reference() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((HERE / "completed.json").read_text(encoding="utf-8"))
    return found


@cache
def sets() -> tuple[pd.DataFrame, ...]:
    frame = pd.read_csv(HERE / "completed.csv", encoding="utf-8")
    return tuple(own for _, own in frame.groupby("set"))


@cache
def moments() -> tuple[GroupedMoments, ...]:
    return tuple(GroupedMoments.of(data, ("mAch", *TERMS), "school") for data in sets())


def mixed(slopes: tuple[str, ...]) -> list[MixedModel]:
    fits = [mixed_model(one, "mAch", TERMS, slopes) for one in moments()]
    return [fit for fit in fits if isinstance(fit, MixedModel)]


def ordinal(clustered: bool, binary: bool) -> list[CompletedFit]:
    kept = []
    for data in sets():
        rows = DistinctRows.of(data, "level", TERMS, "school" if clustered else None)
        fit = ordinal_regression(rows.dichotomized(3.0) if binary else rows)
        assert isinstance(fit, OrdinalRegression)
        kept.append(completed_ordinal(fit))
    return kept


@cache
def found(name: str) -> PooledFit:
    fits: list[CompletedFit]
    if name == "cr2":
        made = [bias_reduced_ols(one, "mAch", TERMS) for one in moments()]
        fits = [completed_regression(fit) for fit in made if isinstance(fit, BiasReducedRegression)]
    elif name in ("intercept", "slope"):
        fits = [completed_mixed(fit) for fit in mixed(("ses",) if name == "slope" else ())]
    else:
        fits = ordinal(name.endswith("clustered"), name.startswith("glm"))
    assert len(fits) == 5
    result = pool_fits(fits, name)
    assert isinstance(result, PooledFit)
    return result


#: Who fitted the models of each data set, how near it comes to its own optimum, and why no nearer.
MODELS = {
    "cr2": ("clubSandwich", 1e-8, ""),
    "intercept": ("lmerTest", 1e-6, "lmer searches without slopes"),
    "slope": ("lmerTest", 1e-6, "lmer searches without slopes"),
    "clm": ("ordinal", 1e-8, ""),
    "polr": ("MASS", 2e-6, "the second derivatives of polr are differences"),
    "polr_clustered": ("MASS, sandwich", 2e-6, "the second derivatives of polr are differences"),
    "glm_clustered": ("glm, sandwich", 1e-8, ""),
}


@pytest.mark.parametrize("part", ["estimate", "se", "t", "df", "fmi"])
@pytest.mark.parametrize("name", MODELS)
def test_pooled_models_are_those_of_mitml(name: str, part: str, compare: Compare) -> None:
    program, tolerance, because = MODELS[name]
    ours, theirs = getattr(found(name).pooled, part), reference()[name][part]
    source = f"mitml_estimates: fits of {program}, hsb82"
    compare("pool.models", source, ours, theirs, f"{name}, {part}", tolerance, because=because)


@pytest.mark.parametrize("part", ["df", "fmi"])
@pytest.mark.parametrize("name", MODELS)
def test_pooled_models_are_those_of_mice(name: str, part: str, compare: Compare) -> None:
    program, tolerance, because = MODELS[name]
    ours, theirs = getattr(found(name).pooled, part), reference()[name][f"mice_{part}"]
    source = f"mice: fits of {program}, hsb82"
    compare("pool.models", source, ours, theirs, f"{name}, {part}", tolerance, because=because)


VARIANCES = {
    "intercept": {
        "Intercept~~Intercept|school": "(intercept)\x1f",
        "Residual~~Residual": "var_residual",
        "ICC|school": "icc",
    },
    "slope": {
        "Intercept~~Intercept|school": "(intercept)\x1f",
        "ses~~ses|school": "ses\x1f",
        "Intercept~~ses|school": "(intercept)\x1fses",
        "Residual~~Residual": "var_residual",
    },
}


@pytest.mark.parametrize("name", VARIANCES)
def test_pooled_variances_are_those_of_mitml(name: str, compare: Compare) -> None:
    pairs = VARIANCES[name]
    theirs = reference()[name]["extra"]
    ours = [found(name).measures[key] for key in pairs.values()]
    compare("pool.variances", "mitml_estimates: hsb82", ours, [theirs[key] for key in pairs], name)


@pytest.mark.parametrize("part", ["r2_marginal", "r2_conditional"])
@pytest.mark.parametrize("name", VARIANCES)
def test_pooled_shares_explained_are_means(name: str, part: str, compare: Compare) -> None:
    ours, theirs = found(name).measures[part], reference()[name][part]
    compare("pool.variances", "lme4: Nakagawa's formula, hsb82", ours, theirs, f"{name}, {part}")


@pytest.mark.parametrize("slopes", [(), ("ses",)])
def test_a_search_that_begins_at_another_data_set_ends_at_the_same_place(slopes: tuple[str, ...]) -> None:
    cold = mixed(slopes)
    for one, fit in zip(moments(), cold, strict=True):
        warm = mixed_model(one, "mAch", TERMS, slopes, near=cold[0])
        assert isinstance(warm, MixedModel)
        np.testing.assert_allclose(warm.b, fit.b, rtol=1e-8)
        np.testing.assert_allclose(warm.variances, fit.variances, rtol=1e-5, atol=1e-8)


def test_the_degrees_of_freedom_of_all_terms_are_those_of_each() -> None:
    fit = mixed(("ses",))[0]
    np.testing.assert_allclose(fit.df, [one.df for one in fit.coefficients()], rtol=1e-10)


def holed() -> pd.DataFrame:
    frame = sets()[0].reset_index(drop=True)
    return frame.assign(ses=frame["ses"].mask(frame.index % 7 == 0))


def test_both_errors_stand_in_the_table_of_the_imputed_regression() -> None:
    result = imputed_regression(
        holed(), "mAch", {"all": TERMS}, "school", plan=ChainedEquations(3, 1), errors=("CR2", "CR1")
    )
    assert isinstance(result, ImputedRegression)
    frame = result.to_frame()
    assert frame["se_type"].tolist() == ["CR2"] * 4 + ["CR1"] * 4
    both = frame.pivot(index="term", columns="se_type", values="b")
    assert (both["CR1"] == both["CR2"]).all()
    apart = frame.pivot(index="term", columns="se_type", values="se")
    assert (apart["CR1"] != apart["CR2"]).all()


def test_every_pass_over_the_sets_gives_the_same_data() -> None:
    given = imputations(holed(), "mAch", TERMS, (), "school", ChainedEquations(2, 1))
    assert isinstance(given, Imputations)
    assert (given.n, given.gaps) == (920, {"ses": 132})
    for one, other in zip(given.sets(), given.sets(), strict=True):
        pd.testing.assert_frame_equal(one, other)


def test_a_model_that_fails_in_one_set_is_not_pooled() -> None:
    why = NotComputed("ordinal", "answers-separated", {"outcome": "level"}, 10)
    assert pool_fits([*ordinal(True, False), why], "level") is why


def test_models_with_other_terms_are_not_pooled() -> None:
    one, *others = ordinal(True, False)
    other = CompletedFit(one.terms[:-1], one.estimate[:-1], one.covariance[:-1, :-1], one.df[:-1], "CR1")
    result = pool_fits([other, *others], "level")
    assert isinstance(result, NotComputed)
    assert result.code == "imputations-differ"


def test_without_missing_answers_the_degrees_of_freedom_are_almost_those_of_the_data() -> None:
    """Barnard and Rubin: (ν + 1)/(ν + 3)·ν where data sets do not differ; infinite ones stay so."""
    fit = ordinal(True, False)[0]
    same = pool_fits([fit, fit], "level")
    assert isinstance(same, PooledFit)
    np.testing.assert_allclose(same.pooled.df, 40.0 / 42.0 * 39.0)
    normal = ordinal(False, False)[0]
    endless = pool_fits([normal, normal], "level")
    assert isinstance(endless, PooledFit)
    assert np.isinf(endless.pooled.df).all()


def test_a_column_of_school_and_stage_is_never_imputed() -> None:
    """A combined school has a value for each stage: it differs within the school and is no answer."""
    frame = holed()
    stage = np.where(frame.index % 2 == 0, "primary", "junior")
    unit = frame["school"].astype(str) + stage
    rooms = pd.Series(pd.factorize(unit)[0] * 1.5, dtype="float64").mask(unit == unit.iloc[0])
    frame = frame.assign(unit=unit, rooms=rooms)
    plan = ChainedEquations(2, 1)
    given = imputations(frame, "mAch", [*TERMS, "rooms"], (), "school", plan, unit="unit")
    assert isinstance(given, Imputations)
    assert "rooms" not in given.gaps
    assert given.missing == int((unit == unit.iloc[0]).sum())
