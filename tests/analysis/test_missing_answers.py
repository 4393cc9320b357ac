"""EM, Little's test, pooling and imputation against lavaan, mice and mitml, and by simulation."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.explanation.icc import intraclass_correlation
from manyi_analysis.explanation.ols import WaldTest
from manyi_analysis.missing.chained import ChainedEquations, completed
from manyi_analysis.missing.expectation_maximization import NormalEstimate, em_estimate
from manyi_analysis.missing.imputed_regression import ImputedRegression, imputed_regression
from manyi_analysis.missing.little import LittleTest, little_mcar
from manyi_analysis.missing.pooling import Pooled, pool, pool_r2
from manyi_analysis.records import GroupedMoments, NotComputed, PatternMoments

REFERENCE = Path(__file__).parents[1] / "reference" / "missing" / "missing.json"


@cache
def reference() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(REFERENCE.read_text(encoding="utf-8"))
    return found


@cache
def airquality() -> pd.DataFrame:
    columns = reference()["airquality"]["columns"]
    return pd.DataFrame(reference()["data"]["airquality"])[columns].astype(float)


@cache
def nhanes() -> pd.DataFrame:
    return pd.DataFrame(reference()["data"]["nhanes"]).astype(float)


def test_patterns_are_those_of_mice() -> None:
    r = reference()["airquality"]["patterns"]
    record = PatternMoments.of(airquality(), r["names"])
    ours = {tuple(map(int, has)): n for has, n in zip(record.observed, record.n.tolist(), strict=True)}
    assert ours == {tuple(has): n for has, n in zip(r["observed"], r["n"], strict=True)}


def test_em_means_are_lavaans(compare: Callable[..., None]) -> None:
    found = em_estimate(PatternMoments.of(airquality(), airquality().columns))
    assert isinstance(found, NormalEstimate)
    compare("em.mean", "lavaan: airquality", found.mean, reference()["airquality"]["mean"])


def test_em_covariances_are_lavaans(compare: Callable[..., None]) -> None:
    found = em_estimate(PatternMoments.of(airquality(), airquality().columns))
    assert isinstance(found, NormalEstimate)
    expected = np.array(reference()["airquality"]["covariance"])
    scale = np.sqrt(np.diagonal(expected))
    ours, theirs = found.covariance / np.outer(scale, scale), expected / np.outer(scale, scale)
    compare("em.covariance", "lavaan: airquality", ours, theirs)


def test_little_is_that_of_lavaans_estimates(compare: Callable[..., None]) -> None:
    found = little_mcar(PatternMoments.of(airquality(), airquality().columns))
    expected = reference()["airquality"]["little"]
    assert isinstance(found, LittleTest)
    ours, names = [found.chi2, found.p, found.df, found.patterns], ("chi2", "p", "df", "patterns")
    compare("little", "lavaan: airquality", ours, [expected[name] for name in names])


def test_little_is_the_value_naniar_documents(compare: Callable[..., None]) -> None:
    """The page of ``naniar::mcar_test(airquality)`` prints statistic 35.1, df 14, p 0.00142, 4 patterns."""
    found = little_mcar(PatternMoments.of(airquality(), airquality().columns))
    assert isinstance(found, LittleTest)
    assert (found.df, found.patterns) == (14, 4)
    because = "prints three digits"
    compare("little", "naniar: airquality", found.chi2, 35.1, "chi²", 0.05, "", because)
    compare("little", "naniar: airquality", found.p, 0.00142, "p", 5e-6, "", because)


def test_nothing_missing_says_so() -> None:
    complete = airquality().dropna()
    found = little_mcar(PatternMoments.of(complete, complete.columns))
    assert isinstance(found, NotComputed)
    assert found.code == "nothing-missing"


def test_patterns_add_over_parts_and_shifts() -> None:
    frame = airquality()
    whole = PatternMoments.of(frame, frame.columns)
    first, second = frame.iloc[:60], frame.iloc[60:]
    parts = PatternMoments.of(first, frame.columns) + PatternMoments.of(second, frame.columns)
    ours, theirs = little_mcar(whole), little_mcar(parts)
    assert isinstance(ours, LittleTest)
    assert isinstance(theirs, LittleTest)
    assert theirs.chi2 == pytest.approx(ours.chi2, rel=1e-9)


def test_rows_without_any_answer_are_counted_apart() -> None:
    frame = pd.concat([airquality(), pd.DataFrame({"Wind": [np.nan]})], ignore_index=True)
    assert PatternMoments.of(frame, airquality().columns).unanswered == 1


def test_constant_column_is_named() -> None:
    found = em_estimate(PatternMoments.of(airquality().assign(Day=1.0), airquality().columns))
    assert isinstance(found, NotComputed)
    assert "Day" in found.reason


POOLED = {
    "estimate": "estimates",
    "variance": "total variance",
    "df": "degrees of freedom (Barnard & Rubin)",
    "fmi": "fraction of missing information",
    "increase": "relative increase of variance",
    "p": "p",
}


def pooled() -> Pooled:
    r = reference()["pool"]
    return pool([np.array(b) for b in r["b"]], [np.array(v) for v in r["covariance"]], r["dfcom"])


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("estimate", "estimate"),
        ("variance", "total"),
        ("df", "df"),
        ("fmi", "fmi"),
        ("increase", "riv"),
        ("p", "p"),
    ],
)
def test_pooling_is_that_of_mice(ours: str, theirs: str, compare: Callable[..., None]) -> None:
    compare("pool", "mice: nhanes", getattr(pooled(), ours), reference()["pool"][theirs], POOLED[ours])


@pytest.mark.parametrize("part", ["f", "df1", "df2", "p"])
def test_pooled_wald_is_d1_of_mitml(part: str, compare: Callable[..., None]) -> None:
    found = pooled().wald([2, 3], ["bmi", "hyp"])
    assert isinstance(found, WaldTest)
    compare("pool.wald", "mitml: nhanes", getattr(found, part), reference()["d1"][part])


def test_pooled_r2_is_that_of_mice(compare: Callable[..., None]) -> None:
    compare("pool.r2", "mice: nhanes", pool_r2(reference()["r2"]["values"]), reference()["r2"]["pooled"])


AIR = ("Solar.R", "Wind", "Temp")
CASES = {
    "airquality_norm": (
        "Ozone",
        ("Solar.R", "Wind", "Temp"),
        ChainedEquations(300, 10, method="normal", seed=11),
    ),
    "airquality_pmm": ("Ozone", AIR, ChainedEquations(300, 10, seed=11)),
    "nhanes_norm": ("chl", ("age", "bmi", "hyp"), ChainedEquations(600, 10, method="normal", seed=11)),
}


@pytest.mark.parametrize("case", CASES)
def test_imputed_estimates_meet_those_of_mice(case: str, compare: Callable[..., None]) -> None:
    """Both sides draw: estimates may differ by four Monte-Carlo errors, errors by a tenth."""
    outcome, terms, plan = CASES[case]
    frame = (nhanes() if case == "nhanes_norm" else airquality())[[outcome, *terms]]
    found = imputed_regression(frame, outcome, {"all": terms}, plan=plan)
    assert isinstance(found, ImputedRegression)
    ours = found.models[0].pooled
    assert isinstance(ours, Pooled)
    theirs = reference()[case]
    between = np.sqrt(np.diagonal(ours.between))
    error = between * np.sqrt(1 / plan.m + 1 / (2000 if case == "nhanes_norm" else 500))
    distance = (ours.estimate - np.array(theirs["estimate"])) / error
    data = case.partition("_")[0]
    of = "estimates, in Monte-Carlo errors, {}".format(
        {"norm": "normal", "pmm": "matching"}[case.rpartition("_")[2]]
    )
    compare("imputation", f"mice: {data}", distance, np.zeros_like(distance), of, 4.0, "")
    compare(
        "imputation",
        f"mice: {data}",
        ours.se,
        theirs["se"],
        of.replace("estimates, in Monte-Carlo errors", "standard errors"),
    )


def test_matching_gives_only_answers_that_were_given() -> None:
    frame = airquality()[["Ozone", "Wind", "Temp"]]
    given = set(frame["Ozone"].dropna())
    for data in completed(frame, frame.columns, plan=ChainedEquations(3, 2)):
        assert set(data["Ozone"]) <= given


def test_what_was_answered_stays() -> None:
    frame = airquality()
    known = frame.notna()
    for data in completed(frame, ("Ozone", "Solar.R", "Wind"), plan=ChainedEquations(2, 2)):
        pd.testing.assert_frame_equal(data.where(known), frame)


def test_same_seed_same_data() -> None:
    frame = nhanes()
    one, two = (list(completed(frame, frame.columns, plan=ChainedEquations(3, 3, seed=5))) for _ in range(2))
    for a, b in zip(one, two, strict=True):
        pd.testing.assert_frame_equal(a, b)


def test_nominal_column_keeps_its_relation() -> None:
    random = np.random.default_rng(1)
    x = random.normal(size=3000)
    kind = np.digitize(x + random.normal(scale=0.3, size=3000), [-0.7, 0.7]).astype(float)
    # The names are in no order of x.
    kind = np.array([3.0, 1.0, 2.0])[kind.astype(int)]
    frame = pd.DataFrame({"x": x, "kind": kind})
    hidden = frame.mask(random.random(frame.shape) < np.array([0.0, 0.4]))
    data = next(completed(hidden, ("x", "kind"), nominal=("kind",), plan=ChainedEquations(2, 1)))
    means = data.groupby("kind")["x"].mean()
    np.testing.assert_allclose(means, frame.groupby("kind")["x"].mean(), atol=0.1)


def two_level(seed: int, schools: int = 60, size: int = 30) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    school = np.repeat(np.arange(schools), size)
    u = random.normal(scale=0.6, size=schools)[school]
    x = random.normal(size=len(school)) + 0.5 * random.normal(size=schools)[school]
    y = 0.5 * x + u + random.normal(scale=0.8, size=len(school))
    return pd.DataFrame({"y": y, "x": x, "school": school.astype(str)})


def test_imputing_keeps_the_share_between_schools() -> None:
    """Imputation that ignores schools would draw the intraclass correlation towards zero."""
    frame = two_level(3)
    full = intraclass_correlation(GroupedMoments.of(frame, ("y",), "school"), "y")
    random = np.random.default_rng(4)
    hidden = frame.assign(y=frame["y"].mask(random.random(len(frame)) < 0.4))
    found = [
        intraclass_correlation(GroupedMoments.of(data, ("y",), "school"), "y")
        for data in completed(hidden, ("y", "x"), cluster="school", plan=ChainedEquations(10, 3))
    ]
    assert not isinstance(full, NotComputed)
    values = [one.icc_reml for one in found if not isinstance(one, NotComputed)]
    assert np.mean(values) == pytest.approx(full.icc_reml, abs=0.05)


def test_intervals_cover_the_truth() -> None:
    """95 % intervals of a slope of .5 when answers are missing at random, over 60 drawn studies."""
    inside = 0
    for seed in range(60):
        frame = two_level(100 + seed, schools=40, size=15)
        random = np.random.default_rng(seed)
        # The larger x, the likelier y is missing; complete rows alone would still do, gaps in x would not.
        at_random = random.random(len(frame)) < 1 / (1 + np.exp(-(frame["x"] - 0.5)))
        hidden = frame.assign(
            y=frame["y"].mask(at_random), x=frame["x"].mask(random.random(len(frame)) < 0.2)
        )
        found = imputed_regression(
            hidden, "y", {"all": ["x"]}, "school", plan=ChainedEquations(10, 4, seed=seed)
        )
        assert isinstance(found, ImputedRegression)
        row = found.to_frame().set_index("term").loc["x"]
        inside += bool(row["low"] <= 0.5 <= row["high"])
    assert inside >= 52


def test_a_school_column_is_never_imputed() -> None:
    frame = two_level(8)
    frame["resource"] = frame.groupby("school")["y"].transform("mean").where(frame["school"] != "7")
    frame.loc[::9, "x"] = np.nan
    found = imputed_regression(frame, "y", {"all": ["x", "resource"]}, "school", plan=ChainedEquations(2, 1))
    assert isinstance(found, ImputedRegression)
    assert (found.missing, set(found.gaps)) == (30, {"x"})


def test_nothing_missing_is_not_imputed() -> None:
    found = imputed_regression(two_level(1), "y", {"all": ["x"]}, "school")
    assert isinstance(found, NotComputed)
    assert found.code == "nothing-missing"
