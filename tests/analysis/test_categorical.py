"""Ordinal and logistic regression against R's ordinal, rms, glm, sandwich and published Brant tests."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.categorical import (
    DistinctRows,
    OrdinalRegression,
    ProportionalOdds,
    average_marginal_effects,
    ordinal_regression,
    proportional_odds_test,
)
from manyi_analysis.records import NotComputed

HERE = Path(__file__).parents[1] / "reference" / "explanation"
R = json.loads((HERE / "categorical.json").read_text(encoding="utf-8"))
UCLA = ("pared", "public", "gpa")
Compare = Callable[..., None]
#: Name in R -> data, outcome, columns, link, cluster.
ORDINAL: dict[str, tuple[str, str, tuple[str, ...], str, str | None]] = {
    "ucla_logit": ("ologit_ucla", "apply", UCLA, "logit", None),
    "ucla_probit": ("ologit_ucla", "apply", UCLA, "probit", None),
    "wine_logit": ("wine", "rating", ("warm", "contact"), "logit", "judge"),
    "wine_probit": ("wine", "rating", ("warm", "contact"), "probit", "judge"),
    "smoking": ("smoking", "smoke", ("male", "height"), "logit", None),
}
#: Name in R -> data, outcome, columns, link, cluster, lowest answer that counts as 1.
BINARY = {
    "ucla_logit": ("ologit_ucla", "apply", UCLA, "logit", None, 1.0),
    "ucla_probit": ("ologit_ucla", "apply", UCLA, "probit", None, 1.0),
    "wine_clustered": ("wine", "rating", ("warm", "contact", "judge"), "logit", "judge", 4.0),
}


def read(name: str) -> pd.DataFrame:
    frame = pd.read_csv(HERE / f"{name}.csv", encoding="utf-8")
    if "apply" in frame:
        frame["apply"] = frame["apply"].map({"unlikely": 0, "somewhat likely": 1, "very likely": 2})
    return frame


def rows_of(name: str, clustered: bool = True) -> DistinctRows:
    data, outcome, columns, _, cluster = ORDINAL[name]
    return DistinctRows.of(read(data), outcome, columns, cluster if clustered else None)


def fitted(name: str, clustered: bool = True) -> OrdinalRegression:
    result = ordinal_regression(rows_of(name, clustered), ORDINAL[name][3])
    assert isinstance(result, OrdinalRegression)
    return result


def binary(name: str) -> tuple[OrdinalRegression, DistinctRows]:
    data, outcome, columns, link, cluster, least = BINARY[name]
    rows = DistinctRows.of(read(data), outcome, columns, cluster).dichotomized(least)
    result = ordinal_regression(rows, link)
    assert isinstance(result, OrdinalRegression)
    return result, rows


def data_and_link(name: str) -> tuple[str, str]:
    """Return the data of a model as the page names them, and the link."""
    data, link = name.split("_") if "_" in name else (name, "logit")
    return {"ucla": "UCLA", "wine": "wine", "smoking": "MASS survey"}[data], link


@pytest.mark.parametrize("name", list(ORDINAL))
def test_estimates_equal_clm(name: str, compare: Compare) -> None:
    data, link = data_and_link(name)
    compare("ordinal.b", f"ordinal: {data}", fitted(name).estimate, R["ordinal"][name]["estimate"], link)


@pytest.mark.parametrize("name", list(ORDINAL))
def test_standard_errors_equal_clm(name: str, compare: Compare) -> None:
    data, link = data_and_link(name)
    ours = fitted(name, clustered=False).se
    compare("ordinal.se", f"ordinal: {data}", ours, R["ordinal"][name]["se"], link)


@pytest.mark.parametrize("name", list(ORDINAL))
def test_log_likelihood_and_criteria_equal_clm(name: str, compare: Compare) -> None:
    (data, link), found, parts = data_and_link(name), fitted(name), ("loglik", "aic", "bic")
    theirs = [R["ordinal"][name][part] for part in parts]
    compare("ordinal.loglik", f"ordinal: {data}", [getattr(found, part) for part in parts], theirs, link)


@pytest.mark.parametrize("name", ["wine_logit", "wine_probit"])
def test_clustered_errors_equal_scores_derived_numerically(name: str, compare: Compare) -> None:
    found, (data, link) = fitted(name), data_and_link(name)
    assert (found.se_type, found.df) == ("CR1", 8.0)
    compare("ordinal.clustered", f"numderiv: {data}", found.se, R["ordinal"][name]["clustered"], link)


def test_clustered_errors_equal_rms(compare: Compare) -> None:
    # rms::robcov leaves out G/(G - 1) with nine judges.
    ours = fitted("wine_logit").se[:2] * np.sqrt(8 / 9)
    compare("ordinal.clustered", "rms: wine", ours, R["robcov_se"], "logit, without G/(G - 1)")


def test_estimates_equal_the_stata_page(compare: Compare) -> None:
    # UCLA, "Ordinal logistic regression, Stata annotated output": ologit apply pared public gpa.
    found, theirs = fitted("ucla_logit"), [1.047664, -0.0586828, 0.6157458, 2.203323, 4.298767]
    printed = {"tolerance": 1e-6, "scale": "", "because": "seven digits"}
    compare("ordinal.b", "stata: ologit", found.estimate, theirs, "logit", **printed)
    compare(
        "ordinal.loglik", "stata: ologit", found.loglik, -358.51244, "logit", 1e-5, because="five decimals"
    )


@pytest.mark.parametrize("name", list(BINARY))
@pytest.mark.parametrize(("quantity", "statistic"), [("estimate", "binary.b"), ("se", "binary.se")])
def test_binary_regression_equals_glm(name: str, quantity: str, statistic: str, compare: Compare) -> None:
    (data, link), ours = data_and_link(name), getattr(binary(name)[0], quantity)
    compare(statistic, f"r: {data}", ours, R["binary"][name][quantity], link)


@pytest.mark.parametrize("name", list(BINARY))
@pytest.mark.parametrize(
    ("ours", "theirs", "statistic"), [("effect", "effect", "ame"), ("se", "effect_se", "ame.se")]
)
def test_average_marginal_effects_equal_differences_of_glm(
    name: str, ours: str, theirs: str, statistic: str, compare: Compare
) -> None:
    frame, (data, link) = average_marginal_effects(*binary(name)).to_frame(), data_and_link(name)
    compare(statistic, f"r: {data}", frame[ours], R["binary"][name][theirs], link)


def test_average_marginal_effects_equal_statsmodels(compare: Compare) -> None:
    from statsmodels.discrete.discrete_model import Logit

    frame = read("ologit_ucla")
    design = frame[list(UCLA)].assign(const=1.0)
    theirs = Logit((frame["apply"] >= 1).astype(float), design).fit(disp=0, tol=1e-12).get_margeff(dummy=True)
    ours = average_marginal_effects(*binary("ucla_logit")).to_frame()
    compare("ame", "statsmodels: UCLA", ours["effect"], theirs.margeff, "logit")
    compare("ame.se", "statsmodels: UCLA", ours["se"], theirs.margeff_se, "logit")


def test_effects_on_a_level_of_an_ordinal_answer_equal_statsmodels_probabilities(compare: Compare) -> None:
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    frame = read("ologit_ucla")
    fit = OrderedModel(frame["apply"], frame[list(UCLA)], distr="logit").fit(method="bfgs", disp=0, gtol=1e-9)
    on, off = (fit.predict(frame[list(UCLA)].assign(pared=value)) for value in (1, 0))
    theirs = float((np.asarray(on)[:, 2] - np.asarray(off)[:, 2]).mean())
    found = average_marginal_effects(fitted("ucla_logit"), rows_of("ucla_logit"))
    assert found.at_least == 2.0
    compare("ame", "statsmodels: UCLA", found.effect[0], theirs, "ordered logit")


def test_dummies_of_one_predictor_exclude_each_other() -> None:
    frame = read("wine").assign(low=0.0, high=0.0)
    frame["low"] = (frame["judge"] <= 3) * 1.0
    frame["high"] = (frame["judge"] >= 7) * 1.0
    rows = DistinctRows.of(frame, "rating", ("low", "high")).dichotomized(3.0)
    fit = ordinal_regression(rows)
    assert isinstance(fit, OrdinalRegression)
    found = average_marginal_effects(fit, rows, dummies=[("low", "high")])
    share = (frame["rating"] >= 3).groupby([frame["low"], frame["high"]]).mean()
    # The model is saturated: effects are differences of observed shares.
    expected = [share[1.0, 0.0] - share[0.0, 0.0], share[0.0, 1.0] - share[0.0, 0.0]]
    np.testing.assert_allclose(found.effect, expected, rtol=1e-8)


@pytest.mark.parametrize(("name", "key"), [("ucla_logit", "ucla"), ("smoking", "smoking")])
@pytest.mark.parametrize("quantity", ["chi2", "df", "p"])
def test_brant_equals_glm_written_out(name: str, key: str, quantity: str, compare: Compare) -> None:
    found = proportional_odds_test(rows_of(name))
    assert isinstance(found, ProportionalOdds)
    source = f"r: {data_and_link(name)[0]}, Brant's test with glm"
    compare("parallel.test", source, found.to_frame()[quantity], R["brant"][key][quantity], quantity)


@pytest.mark.parametrize(
    ("name", "source", "quantity", "theirs", "digits"),
    [
        # Stata brant after ologit, UCLA page.
        ("ucla_logit", "stata: brant", "chi2", [4.34, 0.13, 3.44, 0.18], 2),
        ("ucla_logit", "stata: brant", "p", [0.227, 0.716, 0.064, 0.672], 3),
        # R brant, its manual: polr(Smoke ~ Sex + Height, MASS::survey).
        ("smoking", "brant: MASS survey", "chi2", [3.28, 1.58, 0.02], 2),
        ("smoking", "brant: MASS survey", "p", [0.51, 0.45, 0.99], 2),
    ],
)
def test_brant_equals_published_output(
    name: str, source: str, quantity: str, theirs: list[float], digits: int, compare: Compare
) -> None:
    found = proportional_odds_test(rows_of(name))
    assert isinstance(found, ProportionalOdds)
    rounded = {"tolerance": 0.5 * 10.0**-digits, "scale": "", "because": f"{digits} decimals"}
    compare("parallel.test", source, found.to_frame()[quantity], theirs, quantity, **rounded)


def test_slopes_at_the_thresholds_are_those_of_glm(compare: Compare) -> None:
    found = proportional_odds_test(rows_of("smoking"))
    assert isinstance(found, ProportionalOdds)
    compare("parallel.slopes", "r: MASS survey", found.slopes, R["brant"]["smoking"]["slopes"])


def test_a_clustered_test_of_single_rows_is_near_brants() -> None:
    # With every row its own cluster the scores estimate what the model says: equal as n grows.
    frame = read("ologit_ucla").assign(row=range(400))
    clustered = proportional_odds_test(DistinctRows.of(frame, "apply", UCLA, "row"))
    plain = proportional_odds_test(rows_of("ucla_logit"))
    assert isinstance(clustered, ProportionalOdds)
    assert isinstance(plain, ProportionalOdds)
    assert clustered.se_type == "CR1"
    np.testing.assert_allclose(clustered.se, plain.se, rtol=0.2)


def test_distinct_rows_and_their_counts_are_the_same_as_single_rows() -> None:
    frame = read("wine")
    rows = DistinctRows.of(frame, "rating", ("warm", "contact"))
    different = len(frame[["rating", "warm", "contact"]].drop_duplicates())
    assert (rows.n, len(rows.x), rows.weight.sum()) == (72, different, 72.0)
    three = pd.concat([frame] * 3)
    found = ordinal_regression(DistinctRows.of(three, "rating", ("warm", "contact")))
    assert isinstance(found, OrdinalRegression)
    np.testing.assert_allclose(found.se * np.sqrt(3), fitted("wine_logit", clustered=False).se, rtol=1e-8)


def test_missing_values_drop_their_rows() -> None:
    frame = read("wine").astype(float)
    frame.loc[0, "rating"] = frame.loc[1, "warm"] = frame.loc[2, "judge"] = np.nan
    rows = DistinctRows.of(frame, "rating", ("warm", "contact"), "judge")
    assert (rows.n, rows.missing) == (69, 3)


SEPARATED = pd.DataFrame({"y": [1, 1, 2, 2, 3, 3] * 4, "x": [0, 0, 1, 1, 2, 2] * 4, "one": 1.0, "g": 1})


@pytest.mark.parametrize(
    ("frame", "columns", "cluster", "code"),
    [
        (SEPARATED, ("x",), None, "answers-separated"),
        (SEPARATED, ("one",), None, "regression-collinear"),
        (SEPARATED.assign(y=1), ("x",), None, "regression-constant-outcome"),
        (SEPARATED.iloc[[0, 2]], ("x",), None, "regression-few-rows"),
        (SEPARATED, ("x",), "g", "regression-one-cluster"),
        (SEPARATED.assign(w=lambda rows: 2 * rows["x"] + 1), ("x", "w"), None, "regression-collinear"),
        (SEPARATED.assign(y=np.nan), ("x",), None, "regression-constant-outcome"),
    ],
)
def test_what_cannot_be_fitted_says_why(
    frame: pd.DataFrame, columns: tuple[str, ...], cluster: str | None, code: str
) -> None:
    found = ordinal_regression(DistinctRows.of(frame, "y", columns, cluster))
    assert isinstance(found, NotComputed)
    assert found.code == code


def test_tests_of_parallel_slopes_say_why_there_is_none() -> None:
    two = proportional_odds_test(rows_of("ucla_logit").dichotomized(1.0))
    none = proportional_odds_test(rows_of("ucla_logit").select(()))
    separated = proportional_odds_test(DistinctRows.of(SEPARATED, "y", ("x",)))
    codes = [one.code for one in (two, none, separated) if isinstance(one, NotComputed)]
    assert codes == ["parallel-two-levels", "parallel-no-columns", "answers-separated"]


def test_the_lowest_level_has_no_effects() -> None:
    with pytest.raises(ValueError, match="lowest"):
        average_marginal_effects(fitted("ucla_logit"), rows_of("ucla_logit"), at_least=0.0)


def test_the_table_names_thresholds_by_their_answers() -> None:
    frame = fitted("wine_logit").to_frame()
    assert list(frame["term"]) == ["warm", "contact", "1|2", "2|3", "3|4", "4|5"]
    assert frame["odds_ratio"].isna().tolist() == [False, False, True, True, True, True]
