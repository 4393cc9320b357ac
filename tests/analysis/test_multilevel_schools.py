"""School effects, profile limits and likelihood ratio tests against R's lme4 and lmerTest on HSB82."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.multilevel import (
    LikelihoodRatio,
    MixedModel,
    VarianceIntervals,
    likelihood_ratio,
    mixed_model,
    school_effects,
    school_variance_test,
    variance_intervals,
    with_school_means,
)
from manyi_analysis.records import GroupedMoments, NotComputed

HERE = Path(__file__).parents[1] / "reference" / "explanation"
R = json.loads((HERE / "multilevel.json").read_text(encoding="utf-8"))
COLUMNS = ("mean(ses)", "within(ses)", "public")
Compare = Callable[..., None]


@pytest.fixture(scope="module")
def hsb82() -> GroupedMoments:
    frame = pd.read_csv(HERE / "hsb82.csv", encoding="utf-8")
    return with_school_means(
        GroupedMoments.of(frame, ("mAch", "ses", "public", "minority"), "school"), ("ses",)
    )


def fitted(
    moments: GroupedMoments, slopes: tuple[str, ...] = (), method: str = "REML", extra: tuple[str, ...] = ()
) -> MixedModel:
    result = mixed_model(moments, "mAch", (*COLUMNS, *extra), slopes, method=method, name=f"{slopes}{extra}")
    assert isinstance(result, MixedModel)
    return result


@pytest.mark.parametrize(("name", "slopes"), [("intercept", ()), ("slope", ("within(ses)",))])
@pytest.mark.parametrize("quantity", ["effect", "se"])
def test_school_effects_equal_ranef(
    hsb82: GroupedMoments, name: str, slopes: tuple[str, ...], quantity: str, compare: Compare
) -> None:
    ours = school_effects(fitted(hsb82, slopes), hsb82).to_frame().set_index(["school", "term"])[quantity]
    terms = {"(Intercept)": "(intercept)", "cses": "within(ses)"}
    theirs = R["effects"][name]
    at = [(school, terms[term]) for school, term in zip(theirs["school"], theirs["term"], strict=True)]
    compare(f"school_effect.{quantity}", "lme4: HSB82", ours.loc[at], theirs[quantity], name)


def test_a_random_intercept_is_the_raw_residual_shrunken(hsb82: GroupedMoments) -> None:
    effects = school_effects(fitted(hsb82), hsb82)
    np.testing.assert_allclose(effects.effect[:, 0], effects.raw * effects.shrinkage, rtol=1e-10)


def test_effects_of_some_schools_come_in_the_order_asked(hsb82: GroupedMoments) -> None:
    model = fitted(hsb82)
    every, two = school_effects(model, hsb82), school_effects(model, hsb82, ["1308", "1224"])
    assert two.keys == ("1308", "1224")
    assert two.effect[0, 0] == every.effect[every.keys.index("1308"), 0]


@pytest.mark.parametrize("part", ["school", "residual"])
def test_profile_limits_equal_lme4(hsb82: GroupedMoments, part: str, compare: Compare) -> None:
    # lme4 reads its limits off a spline through the profile.
    found = variance_intervals(fitted(hsb82), hsb82)
    assert isinstance(found, VarianceIntervals)
    compare("mixed.limits", "lme4: HSB82", getattr(found, part), R["intervals"][part], part)


def test_limits_of_a_variance_of_zero_begin_there(compare: Compare) -> None:
    frame = pd.read_csv(HERE / "boundary_singular.csv", encoding="utf-8")
    moments = GroupedMoments.of(frame, ("y",), "g")
    model = mixed_model(moments, "y")
    assert isinstance(model, MixedModel)
    found = variance_intervals(model, moments)
    assert isinstance(found, VarianceIntervals)
    assert found.school[0] == found.icc[0] == 0.0
    # R confint(lmer(y ~ 1 + (1 | g))): 0 to 0.0777, .sigma 0.902848931 to 1.011059768.
    boundary = "lme4: variance of zero"
    compare("mixed.limits", boundary, found.school[1], 0.0777, "school", 7e-4, because="four decimals")
    compare("mixed.limits", boundary, found.residual, (0.902848931, 1.011059768), "residual")


def test_limits_of_random_slopes_say_why(hsb82: GroupedMoments) -> None:
    found = variance_intervals(fitted(hsb82, ("within(ses)",)), hsb82)
    assert isinstance(found, NotComputed)
    assert found.code == "profile-of-slopes"


@pytest.mark.parametrize("part", ["chi2", "p"])
def test_the_school_variance_is_tested_on_the_mixture(
    hsb82: GroupedMoments, part: str, compare: Compare
) -> None:
    found = school_variance_test(fitted(hsb82), hsb82)
    assert isinstance(found, LikelihoodRatio)
    compare(f"school_variance.{part}", "lmertest: HSB82", getattr(found, part), R["variance_test"][part])


def test_a_school_variance_of_zero_has_p_one() -> None:
    frame = pd.read_csv(HERE / "boundary_singular.csv", encoding="utf-8")
    moments = GroupedMoments.of(frame, ("y",), "g")
    model = mixed_model(moments, "y", method="ML")
    assert isinstance(model, MixedModel)
    found = school_variance_test(model, moments)
    assert isinstance(found, LikelihoodRatio)
    assert (found.chi2, found.p) == (0.0, 1.0)


@pytest.mark.parametrize("part", ["chi2", "p"])
def test_a_random_slope_is_tested_on_the_mixture(hsb82: GroupedMoments, part: str, compare: Compare) -> None:
    found = likelihood_ratio(fitted(hsb82), fitted(hsb82, ("within(ses)",)))
    assert isinstance(found, LikelihoodRatio)
    assert found.distribution == "0.5 chi2(1) + 0.5 chi2(2)"
    ours, theirs = getattr(found, part), R["ratios"]["random"][part]
    compare(f"likelihood_ratio.{part}", "lme4: HSB82", ours, theirs, "random slope")


@pytest.mark.parametrize("part", ["chi2", "df", "p"])
def test_a_fixed_effect_is_tested_by_ml(hsb82: GroupedMoments, part: str, compare: Compare) -> None:
    found = likelihood_ratio(fitted(hsb82, (), "ML"), fitted(hsb82, (), "ML", ("minority",)))
    assert isinstance(found, LikelihoodRatio)
    ours, theirs = getattr(found, part), R["ratios"]["fixed"][part]
    compare(f"likelihood_ratio.{part}", "lme4: HSB82", ours, theirs, "fixed effect")


def test_models_that_cannot_be_compared_say_why(hsb82: GroupedMoments) -> None:
    small, large = fitted(hsb82), fitted(hsb82, (), "REML", ("minority",))
    both = fitted(hsb82, ("within(ses)", "minority"), "REML", ("minority",))
    codes = [
        likelihood_ratio(small, large),
        likelihood_ratio(large, small),
        likelihood_ratio(small, fitted(hsb82, (), "ML")),
        likelihood_ratio(large, both),
        school_variance_test(both, hsb82),
    ]
    assert [one.code for one in codes if isinstance(one, NotComputed)] == [
        "restricted-likelihoods-differ",
        "models-not-nested",
        "models-of-other-rows",
        "boundary-mixture-unknown",
        "boundary-mixture-unknown",
    ]


def test_limits_that_the_profile_does_not_cross_say_why() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"school": np.repeat(np.arange(3), 3)})
    frame["y"] = np.array([0.0, 3e3, -3e3])[frame["school"]] + rng.normal(size=9)
    moments = GroupedMoments.of(frame, ("y",), "school")
    model = mixed_model(moments, "y")
    assert isinstance(model, MixedModel)
    found = variance_intervals(model, moments)
    assert isinstance(found, NotComputed)
    assert found.code == "profile-not-found"
    assert found.fault().what("en")
