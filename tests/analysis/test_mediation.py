"""Mediation against R's lavaan, sandwich and lme4, and the distribution of a product by integration."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.mediation import Mediation, MultilevelMediation, mediation, multilevel_mediation
from manyi_analysis.mediation import Path as Effect
from manyi_analysis.records import GroupedMoments, Moments, NotComputed

HERE = Path(__file__).parents[1] / "reference" / "explanation"
R = json.loads((HERE / "mediation.json").read_text(encoding="utf-8"))
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


@pytest.mark.parametrize("quantity", ["estimate", "se"])
@pytest.mark.parametrize("label", list(LABELS))
def test_paths_equal_lavaan(one: Mediation, label: str, quantity: str) -> None:
    theirs = R["one"]["est" if quantity == "estimate" else "se"][R["one"]["label"].index(label)]
    # lavaan stops when its fit changes by less than 1e-9.
    assert getattr(one.path(LABELS[label]), quantity) == pytest.approx(theirs, rel=1e-7)


@pytest.mark.parametrize("label", ["a", "b", "cp", "tot"])
def test_normal_limits_equal_lavaan(one: Mediation, label: str) -> None:
    at, path = R["one"]["label"].index(label), one.path(LABELS[label])
    assert (path.low, path.high) == pytest.approx((R["one"]["low"][at], R["one"]["high"][at]), rel=1e-6)


@pytest.mark.parametrize("quantity", ["estimate", "se"])
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
    two: Mediation, label: str, path: str, mediator: str, quantity: str
) -> None:
    theirs = R["two"]["est" if quantity == "estimate" else "se"][R["two"]["label"].index(label)]
    assert getattr(two.path(path, mediator), quantity) == pytest.approx(theirs, rel=1e-6)


def test_the_indirect_effect_equals_psych() -> None:
    # R psych::mediate(reaction ~ cond + (pmi)): ab .241335464318033.
    assert pytest.approx(0.241335464318033, rel=1e-10) == R["one"]["est"][3]


def test_monte_carlo_limits_equal_the_distribution_of_the_product(one: Mediation) -> None:
    path = one.path("indirect")
    assert path.interval == "Monte Carlo"
    # A hundredth of the standard error, 0.127.
    assert (path.low, path.high) == pytest.approx(R["product"], abs=5e-4)


def test_the_total_effect_is_the_slope_without_the_mediator(media: pd.DataFrame, one: Mediation) -> None:
    # psych::mediate: total .495689655172413.
    assert one.path("total").estimate == pytest.approx(0.495689655172413, rel=1e-12)


def test_bootstrap_limits_are_near_psych(media: pd.DataFrame) -> None:
    # psych::mediate, 5000 random samples of the rows: .0067 to .5099.
    rows = GroupedMoments.of(media.assign(row=range(len(media))), ("cond", "pmi", "reaction"), "row")
    found = mediation(rows, "cond", ("pmi",), "reaction", bootstrap=5000)
    assert isinstance(found, Mediation)
    path = found.path("indirect")
    assert path.interval == "bootstrap"
    assert (path.low, path.high) == pytest.approx((0.00667, 0.50995), abs=0.03)


@pytest.mark.parametrize(("path", "estimate", "se"), [("a", 0, 0), ("b", 1, 1), ("direct", 2, 2)])
def test_clustered_paths_equal_sandwich(hsb82: GroupedMoments, path: str, estimate: int, se: int) -> None:
    found = mediation(hsb82, "public", ("ses",), "mAch")
    assert isinstance(found, Mediation)
    one = found.path(path)
    theirs = R["clustered"]
    assert (one.estimate, one.se) == pytest.approx((theirs["estimate"][estimate], theirs["se"][se]), rel=1e-8)


@pytest.mark.parametrize("path", ["indirect", "total"])
def test_clustered_delta_errors_allow_for_the_correlation_of_paths(hsb82: GroupedMoments, path: str) -> None:
    # The correlation is that of lavaan's covariance with clusters.
    found = mediation(hsb82, "public", ("ses",), "mAch")
    assert isinstance(found, Mediation)
    assert found.path(path).se == pytest.approx(R["clustered"][f"{path}_se"], rel=1e-5)


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
def test_paths_between_levels_equal_lme4(levels: MultilevelMediation, path: str, key: str) -> None:
    assert levels.mediation.path(path).estimate == pytest.approx(R["two_levels"][key], rel=1e-6)


def test_the_error_of_the_effect_between_schools_equals_lme4(levels: MultilevelMediation) -> None:
    assert levels.mediation.path("indirect").se == pytest.approx(R["two_levels"]["indirect_se"], rel=1e-6)


def test_limits_of_the_effect_between_schools_equal_the_product(levels: MultilevelMediation) -> None:
    path = levels.mediation.path("indirect")
    # A hundredth of the standard error, 0.35.
    assert (path.low, path.high) == pytest.approx(R["two_levels"]["limits"], abs=1e-3)


def test_the_effect_between_true_means_is_near_lavaans_two_levels(levels: MultilevelMediation) -> None:
    # Maximum likelihood and the method of moments weigh unequal schools differently.
    assert isinstance(levels.latent, Effect)
    assert levels.latent.estimate == pytest.approx(R["latent"]["indirect"], rel=0.02)
    assert levels.latent.se == pytest.approx(R["latent"]["se"], rel=0.1)


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
