"""Mediation against R's lavaan, sandwich and lme4, and the distribution of a product by integration."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.mediation import Mediation, MultilevelMediation, mediation, multilevel_mediation
from manyi_analysis.mediation import Path as Effect
from manyi_analysis.records import GroupedMoments, Moments, NotComputed

HERE = Path(__file__).parents[1] / "reference" / "explanation"
R = json.loads((HERE / "mediation.json").read_text(encoding="utf-8"))
Compare = Callable[..., None]
LABELS = {"a": "a", "b": "b", "cp": "direct", "ind": "indirect", "tot": "total"}


@pytest.fixture(scope="module")
def media() -> pd.DataFrame:
    return pd.read_csv(HERE / "tal_or.csv", encoding="utf-8")


@pytest.fixture(scope="module")
def one(media: pd.DataFrame) -> Mediation:
    result = mediation(Moments.of(media, ("cond", "pmi", "reaction")), "cond", ("pmi",), "reaction")
    assert isinstance(result, Mediation)
    return result


@pytest.fixture(scope="module")
def two(media: pd.DataFrame) -> Mediation:
    columns = ("cond", "gender", "pmi", "import", "reaction")
    result = mediation(Moments.of(media, columns), "cond", ("pmi", "import"), "reaction", ("gender",))
    assert isinstance(result, Mediation)
    return result


@pytest.fixture(scope="module")
def hsb82() -> GroupedMoments:
    frame = pd.read_csv(HERE / "hsb82.csv", encoding="utf-8")
    return GroupedMoments.of(frame, ("public", "ses", "mAch"), "school")


# lavaan stops when its fit changes by less than 1e-9.
@pytest.mark.parametrize(("quantity", "column"), [("estimate", "est"), ("se", "se")])
@pytest.mark.parametrize("label", list(LABELS))
def test_paths_equal_lavaan(one: Mediation, label: str, quantity: str, column: str, compare: Compare) -> None:
    theirs = R["one"][column][R["one"]["label"].index(label)]
    ours = getattr(one.path(LABELS[label]), quantity)
    compare(f"mediation.{quantity}", "lavaan: Tal-Or", ours, theirs, "one mediator")


@pytest.mark.parametrize("label", ["a", "b", "cp", "tot"])
def test_normal_limits_equal_lavaan(one: Mediation, label: str, compare: Compare) -> None:
    at, path = R["one"]["label"].index(label), one.path(LABELS[label])
    theirs = (R["one"]["low"][at], R["one"]["high"][at])
    compare("mediation.limits", "lavaan: Tal-Or", (path.low, path.high), theirs)


@pytest.mark.parametrize(("quantity", "column"), [("estimate", "est"), ("se", "se")])
@pytest.mark.parametrize(
    ("label", "path", "mediator"),
    [
        ("a1", "a", "pmi"),
        ("a2", "a", "import"),
        ("b1", "b", "pmi"),
        ("b2", "b", "import"),
        ("cp", "direct", ""),
        ("ind1", "indirect", "pmi"),
        ("ind2", "indirect", "import"),
        ("ind", "indirect", "(all)"),
        ("tot", "total", ""),
    ],
)
def test_two_mediators_and_a_control_equal_lavaan(
    two: Mediation, label: str, path: str, mediator: str, quantity: str, column: str, compare: Compare
) -> None:
    theirs = R["two"][column][R["two"]["label"].index(label)]
    ours = getattr(two.path(path, mediator), quantity)
    compare(f"mediation.{quantity}", "lavaan: Tal-Or", ours, theirs, "two mediators, a control")


@pytest.mark.parametrize(("path", "theirs"), [("indirect", 0.241335464318033), ("total", 0.495689655172413)])
def test_effects_equal_psych(one: Mediation, path: str, theirs: float, compare: Compare) -> None:
    # R psych::mediate(reaction ~ cond + (pmi)).
    compare(
        "mediation.estimate", "psych: Tal-Or, mediate", one.path(path).estimate, theirs, "one mediator", 1e-10
    )


def test_monte_carlo_limits_equal_the_distribution_of_the_product(one: Mediation, compare: Compare) -> None:
    path = one.path("indirect")
    assert path.interval == "Monte Carlo"
    # A hundredth of the standard error, 0.127.
    source = "r: Tal-Or, the product's distribution integrated"
    compare("mediation.drawn", source, (path.low, path.high), R["product"], tolerance=5e-4)


def test_bootstrap_limits_are_near_psych(media: pd.DataFrame, compare: Compare) -> None:
    # psych::mediate, 5000 random samples of the rows: .0067 to .5099.
    rows = GroupedMoments.of(media.assign(row=range(len(media))), ("cond", "pmi", "reaction"), "row")
    found = mediation(rows, "cond", ("pmi",), "reaction", bootstrap=5000)
    assert isinstance(found, Mediation)
    path = found.path("indirect")
    assert path.interval == "bootstrap"
    compare("mediation.bootstrap", "psych: Tal-Or, mediate", (path.low, path.high), (0.00667, 0.50995))


@pytest.mark.parametrize("quantity", ["estimate", "se"])
@pytest.mark.parametrize(("path", "at"), [("a", 0), ("b", 1), ("direct", 2)])
def test_clustered_paths_equal_sandwich(
    hsb82: GroupedMoments, path: str, at: int, quantity: str, compare: Compare
) -> None:
    found = mediation(hsb82, "public", ("ses",), "mAch")
    assert isinstance(found, Mediation)
    ours, theirs = getattr(found.path(path), quantity), R["clustered"][quantity][at]
    compare(f"mediation.{quantity}", "sandwich: HSB82", ours, theirs, "clustered", 1e-8)


@pytest.mark.parametrize("path", ["indirect", "total"])
def test_clustered_delta_errors_allow_for_the_correlation_of_paths(
    hsb82: GroupedMoments, path: str, compare: Compare
) -> None:
    # The correlation is that of lavaan's covariance with clusters.
    found = mediation(hsb82, "public", ("ses",), "mAch")
    assert isinstance(found, Mediation)
    ours, theirs = found.path(path).se, R["clustered"][f"{path}_se"]
    why = "correlation of the paths to lavaan's precision"
    compare("mediation.se", "lavaan: HSB82", ours, theirs, "clustered", 1e-5, because=why)


def test_a_cluster_bootstrap_is_as_wide_as_the_clustered_error(hsb82: GroupedMoments) -> None:
    found = mediation(hsb82, "public", ("ses",), "mAch", bootstrap=4000)
    assert isinstance(found, Mediation)
    path = found.path("indirect")
    assert (path.high - path.low) / (2 * 1.96) == pytest.approx(R["clustered"]["indirect_se"], rel=0.05)


@pytest.fixture(scope="module")
def levels(hsb82: GroupedMoments) -> MultilevelMediation:
    result = multilevel_mediation(hsb82, "public", "ses", "mAch")
    assert isinstance(result, MultilevelMediation)
    return result


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("a", "a"),
        ("b-within", "b_within"),
        ("b-between", "b_between"),
        ("direct", "direct"),
        ("indirect", "indirect"),
    ],
)
def test_paths_between_levels_equal_lme4(
    levels: MultilevelMediation, path: str, key: str, compare: Compare
) -> None:
    ours = levels.mediation.path(path).estimate
    compare("mediation_levels", "lme4: HSB82", ours, R["two_levels"][key], "estimates")


def test_the_error_of_the_effect_between_schools_equals_lme4(
    levels: MultilevelMediation, compare: Compare
) -> None:
    ours = levels.mediation.path("indirect").se
    compare("mediation_levels", "lme4: HSB82", ours, R["two_levels"]["indirect_se"], "standard error")


def test_limits_of_the_effect_between_schools_equal_the_product(
    levels: MultilevelMediation, compare: Compare
) -> None:
    path = levels.mediation.path("indirect")
    # A hundredth of the standard error, 0.35.
    source, theirs = "r: HSB82, the product's distribution integrated", R["two_levels"]["limits"]
    compare("mediation_levels.drawn", source, (path.low, path.high), theirs)


# Maximum likelihood and the method of moments weigh unequal schools differently.
@pytest.mark.parametrize(("ours", "theirs", "tolerance"), [("estimate", "indirect", 0.02), ("se", "se", 0.1)])
def test_the_effect_between_true_means_is_near_lavaans_two_levels(
    levels: MultilevelMediation, ours: str, theirs: str, tolerance: float, compare: Compare
) -> None:
    assert isinstance(levels.latent, Effect)
    source, found = "lavaan: HSB82, two levels", getattr(levels.latent, ours)
    compare("mediation_levels.latent", source, found, R["latent"][theirs], ours, tolerance)


def test_a_null_is_found_null() -> None:
    rng = np.random.default_rng(12)
    frame = pd.DataFrame({"school": np.repeat(np.arange(200), 10)})
    frame["x"] = rng.normal(size=200)[frame["school"]]
    frame["m"] = 0.5 * frame["x"] + rng.normal(size=200)[frame["school"]] + rng.normal(size=2000)
    # The mediator acts within schools only: nothing runs over it between schools.
    frame["y"] = 0.8 * (frame["m"] - frame.groupby("school")["m"].transform("mean")) + rng.normal(size=2000)
    found = multilevel_mediation(GroupedMoments.of(frame, ("x", "m", "y"), "school"), "x", "m", "y")
    assert isinstance(found, MultilevelMediation)
    path = found.mediation.path("indirect")
    assert path.low < 0 < path.high
    assert found.mediation.path("b-within").low > 0.7


def test_what_cannot_be_computed_says_why(media: pd.DataFrame, hsb82: GroupedMoments) -> None:
    frame = media.assign(one=1.0, double=2 * media["cond"], school=1)
    names = ("cond", "pmi", "reaction", "one", "double")
    moments = Moments.of(frame, names)
    single = GroupedMoments.of(frame, names, "school")
    found = [
        mediation(moments, "cond", ("one",), "reaction"),
        mediation(moments, "cond", ("double",), "reaction"),
        mediation(moments, "cond", ("pmi",), "one"),
        mediation(moments, "cond", ("pmi",), "double"),
        mediation(Moments.of(frame.iloc[:4], names), "cond", ("pmi",), "reaction"),
        mediation(single, "cond", ("pmi",), "reaction"),
        multilevel_mediation(hsb82, "ses", "mAch", "public"),
        multilevel_mediation(hsb82, "public", "public", "mAch"),
    ]
    assert [one.code for one in found if isinstance(one, NotComputed)] == [
        "predictor-constant",
        "predictor-collinear",
        "regression-constant-outcome",
        "regression-perfect-fit",
        "regression-few-rows",
        "regression-one-cluster",
        "mediation-not-of-school",
        "mediation-mediator-of-school",
    ]


def test_the_table_has_the_columns_of_the_contract(one: Mediation) -> None:
    assert {"path", "estimate", "se", "low", "high"} <= set(one.to_frame())
