"""Confirmatory factor analysis against lavaan 0.6-14: models, estimators, missing and ordered answers."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.confirmatory import (
    ConfirmatoryAnalysis,
    bifactor,
    cfa,
    cfa_full_information,
    cfa_groups,
    cfa_ordinal,
    correlated_factors,
    method_factor,
    modification_indices,
    second_order,
    single_factor,
    uncorrelated_factors,
)
from manyi_analysis.measurement.polychoric import PolychoricCorrelations, polychoric_correlations
from manyi_analysis.records import FourthMoments, Moments, PatternMoments, Tables

HERE = Path(__file__).parents[1] / "reference" / "measurement"
LAVAAN = json.loads((HERE / "confirmatory.json").read_text(encoding="utf-8"))
HOLZINGER = pd.read_csv(HERE / "holzinger1939.csv", encoding="utf-8")
BFI = pd.read_csv(HERE / "bfi.csv", encoding="utf-8")
ITEMS = tuple(f"x{number}" for number in range(1, 10))
SCALES = {"visual": ITEMS[:3], "textual": ITEMS[3:6], "speed": ITEMS[6:]}
BIG = {scale: [f"{scale}{number}" for number in range(1, 6)] for scale in "ACN"}
BIG_ITEMS = [item for items in BIG.values() for item in items]
MOMENTS = Moments.of(HOLZINGER, ITEMS)
FOURTH = FourthMoments.of(HOLZINGER, ITEMS)
MODEL = correlated_factors(SCALES)
ALONE = {"visual": ITEMS[:3], "textual": ITEMS[3:4], "speed": ITEMS[6:]}


def holes() -> pd.DataFrame:
    """Return the data with the answers missing that the R script takes away."""
    frame = HOLZINGER.astype({item: float for item in ITEMS})
    row = np.arange(1, len(frame) + 1)
    frame.loc[row % 5 == 0, "x3"] = np.nan
    frame.loc[row % 7 == 0, "x7"] = np.nan
    frame.loc[row % 11 == 0, ["x1", "x2", "x9"]] = np.nan
    frame.loc[np.isin(row, (17, 130)), list(ITEMS)] = np.nan
    return frame


@cache
def ordinal() -> PolychoricCorrelations:
    frame = BFI[BIG_ITEMS].dropna()
    result = polychoric_correlations(Tables.of(frame, BIG_ITEMS), rows=frame)
    assert isinstance(result, PolychoricCorrelations)
    return result


def complete() -> Moments:
    return Moments.of(BFI[[*BIG_ITEMS, "education"]].dropna(), BIG_ITEMS)


def schools(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the schools in the order in which lavaan meets them."""
    return {str(key): rows for key, rows in frame.groupby("school", sort=False)}


CASES = {
    "correlated": lambda: cfa(MOMENTS, MODEL),
    "standardized_factors": lambda: cfa(MOMENTS, MODEL, "variance"),
    "means": lambda: cfa(MOMENTS, MODEL, means=True),
    "errors": lambda: cfa(MOMENTS, correlated_factors(SCALES, errors=[("x7", "x8")])),
    "second_order": lambda: cfa(MOMENTS, second_order(SCALES)),
    "second_order_variance": lambda: cfa(MOMENTS, second_order(SCALES), "variance"),
    "bifactor": lambda: cfa(MOMENTS, bifactor(SCALES)),
    "method": lambda: cfa(MOMENTS, method_factor(SCALES)),
    "method_equal": lambda: cfa(MOMENTS, method_factor(SCALES, equal=True)),
    "single": lambda: cfa(MOMENTS, single_factor(SCALES)),
    "uncorrelated": lambda: cfa(MOMENTS, uncorrelated_factors(SCALES)),
    "single_item": lambda: cfa(MOMENTS, correlated_factors(ALONE)),
    "mlm": lambda: cfa(MOMENTS, MODEL, estimator="MLM", fourth=FOURTH),
    "mlr": lambda: cfa(MOMENTS, MODEL, estimator="MLR", fourth=FOURTH),
    "mlr_means": lambda: cfa(MOMENTS, MODEL, means=True, estimator="MLR", fourth=FOURTH),
    "bfi_second_order": lambda: cfa(complete(), second_order(BIG), "variance"),
    "fiml": lambda: cfa_full_information(PatternMoments.of(holes(), ITEMS), MODEL),
    "fiml_groups": lambda: cfa_full_information(
        {key: PatternMoments.of(rows, ITEMS) for key, rows in schools(holes()).items()},
        MODEL,
        equal=["loadings"],
    ),
    "scalar_school": lambda: cfa_groups(
        {key: Moments.of(rows, ITEMS) for key, rows in schools(HOLZINGER).items()},
        MODEL,
        equal=["loadings", "intercepts"],
    ),
    "scalar_school_variance": lambda: cfa_groups(
        {key: Moments.of(rows, ITEMS) for key, rows in schools(HOLZINGER).items()},
        MODEL,
        "variance",
        equal=["loadings", "intercepts"],
    ),
    "wlsmv": lambda: cfa_ordinal(ordinal(), correlated_factors(BIG)),
    "wlsmv_variance": lambda: cfa_ordinal(ordinal(), correlated_factors(BIG), "variance"),
    "wlsmv_second_order": lambda: cfa_ordinal(ordinal(), second_order(BIG), "variance"),
}
#: Where lavaan's search could not be carried on to full precision (see confirmatory.R).
ROUGH = {"fiml_groups": 5e-5}
ORDINAL = [name for name in CASES if name.startswith("wlsmv")]
NORMAL = [name for name in CASES if name not in ORDINAL]
SCALED = ["mlm", "mlr", "mlr_means", *ORDINAL]


@cache
def solved(name: str) -> ConfirmatoryAnalysis:
    result = CASES[name]()
    assert isinstance(result, ConfirmatoryAnalysis)
    return result


def theirs(name: str, measure: str) -> float:
    """Return lavaan's fit measure, scaled where the estimator is."""
    fit = LAVAAN["cases"][name]["fit"]
    if name in SCALED and f"{measure}.scaled" in fit:
        measure += ".scaled"
    return float(fit[measure])


def parameters(name: str, ours: str, in_lavaan: str) -> tuple[list[float], list[float]]:
    """Return a column of all parameters that both programs list, in lavaan's order."""
    result = solved(name)
    frame = result.parameters_frame()
    order = {group: position for position, group in enumerate(result.groups, start=1)}
    known = {
        (order[row.group], row.left, row.op, row.right): getattr(row, ours)
        for row in frame.itertuples(index=False)
    }
    found, expected = [], []
    listed = LAVAAN["cases"][name]["estimates"]
    turned = signs(name) if ours in ("estimate", "std") else {}
    for group, left, op, right, value in zip(
        *(listed[key] for key in ("group", "left", "op", "right", in_lavaan)), strict=True
    ):
        key = (group, left, op, right)
        mine = known.get(key, known.get((group, right, op, left)))
        if mine is not None and value is not None:
            sign = 1.0 if left == right and op == "~~" else turned.get(left, 1.0) * turned.get(right, 1.0)
            found.append(mine * sign)
            expected.append(value)
    assert len(found) >= len(frame[frame["free"]])
    return found, expected


@cache
def signs(name: str) -> dict[str, float]:
    """Return the sign of each factor in lavaan: with its variance fixed a factor may point either way."""
    listed = LAVAAN["cases"][name]["estimates"]
    frame = solved(name).parameters_frame()
    ours = frame.groupby(["left", "op", "right"])["std"].first().to_dict()
    products: dict[str, float] = {}
    for left, op, right, std in zip(*(listed[key] for key in ("left", "op", "right", "std")), strict=True):
        if op == "=~" and right not in solved(name).model.factors:
            products[left] = products.get(left, 0.0) + ours[left, op, right] * std
    found = {factor: float(np.sign(product)) for factor, product in products.items()}
    for left, op, right, std in zip(*(listed[key] for key in ("left", "op", "right", "std")), strict=True):
        if op == "=~" and right in solved(name).model.factors:
            found.setdefault(left, float(np.sign(ours[left, op, right] * std)) * found[right])
    return found


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(
    ("ours", "measure", "tolerance"),
    [
        ("chi2", "chisq", 1e-6),
        ("df", "df", 0),
        ("p", "pvalue", 1e-6),
        ("cfi", "cfi", 1e-6),
        ("tli", "tli", 1e-6),
        ("rmsea", "rmsea", 1e-6),
        ("rmsea_low", "rmsea.ci.lower", 1e-6),
        ("rmsea_high", "rmsea.ci.upper", 1e-6),
        ("rmsea_close_p", "rmsea.pvalue", 1e-6),
        ("srmr", "srmr", 1e-6),
        ("parameters", "npar", 0),
        ("baseline_chi2", "baseline.chisq", 1e-6),
        ("baseline_df", "baseline.df", 0),
    ],
)
def test_fit_as_lavaan(name, ours, measure, tolerance):
    relative = 1e-6 if name in SCALED or "chi2" in ours else 0
    value = solved(name).fit_frame()[ours].item()
    assert value == pytest.approx(theirs(name, measure), abs=tolerance, rel=relative)


@pytest.mark.parametrize("name", NORMAL)
@pytest.mark.parametrize(("ours", "measure"), [("aic", "aic"), ("bic", "bic"), ("log_likelihood", "logl")])
def test_likelihood_as_lavaan(name, ours, measure):
    assert solved(name).fit_frame()[ours].item() == pytest.approx(theirs(name, measure), abs=1e-6)


@pytest.mark.parametrize("name", ORDINAL)
def test_no_information_criterion_without_a_likelihood(name):
    assert solved(name).fit.aic is None


@pytest.mark.parametrize("name", CASES)
def test_estimates_as_lavaan(name):
    found, expected = parameters(name, "estimate", "est")
    assert found == pytest.approx(expected, abs=ROUGH.get(name, 1e-5), rel=1e-5)


@pytest.mark.parametrize("name", CASES)
def test_standard_errors_as_lavaan(name):
    found, expected = parameters(name, "se", "se")
    assert found == pytest.approx(expected, abs=ROUGH.get(name, 1e-5), rel=1e-5)


@pytest.mark.parametrize("name", CASES)
def test_standardized_solution_as_lavaan(name):
    found, expected = parameters(name, "std", "std")
    assert found == pytest.approx(expected, abs=ROUGH.get(name, 1e-5), rel=1e-5)


@pytest.mark.parametrize("name", CASES)
def test_errors_of_the_standardized_solution_as_lavaan(name):
    found, expected = parameters(name, "std_se", "std_se")
    assert found == pytest.approx(expected, abs=ROUGH.get(name, 1e-5), rel=1e-5)


@pytest.mark.parametrize("name", ["mlm", "mlr", "mlr_means"])
@pytest.mark.parametrize(
    ("ours", "measure"),
    [("cfi_robust", "cfi.robust"), ("tli_robust", "tli.robust"), ("rmsea_robust", "rmsea.robust")],
)
def test_robust_indices_as_lavaan(name, ours, measure):
    expected = LAVAAN["cases"][name]["fit"][measure]
    assert solved(name).fit_frame()[ours].item() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("name", ["mlm", "mlr", "mlr_means"])
@pytest.mark.parametrize(("ours", "measure"), [("low", "lower"), ("high", "upper")])
def test_robust_rmsea_interval_as_lavaan(name, ours, measure):
    robust = solved(name).fit.robust
    assert robust is not None
    expected = LAVAAN["cases"][name]["fit"][f"rmsea.ci.{measure}.robust"]
    assert getattr(robust.rmsea, ours) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("name", SCALED)
def test_scaling_factor_as_lavaan(name):
    expected = LAVAAN["cases"][name]["fit"]["chisq.scaling.factor"]
    assert solved(name).fit.test.scaling == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("name", SCALED)
def test_statistic_before_scaling_as_lavaan(name):
    expected = LAVAAN["cases"][name]["fit"]["chisq"]
    assert solved(name).fit.test.unscaled == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(("ours", "in_lavaan"), [("mi", "mi"), ("epc", "epc"), ("epc_std", "std")])
def test_modification_indices_as_lavaan(ours, in_lavaan):
    frame = modification_indices(solved("correlated"), MOMENTS).to_frame()
    listed = LAVAAN["modification"]
    names = [f"{a} {op} {b}" for a, op, b in zip(listed["left"], listed["op"], listed["right"], strict=True)]
    found = frame.set_index("parameter")[ours]
    assert [found[name] for name in names] == pytest.approx(listed[in_lavaan], abs=1e-6)


def test_modification_indices_are_all_that_lavaan_lists():
    frame = modification_indices(solved("correlated"), MOMENTS).to_frame()
    assert len(frame) == len(LAVAAN["modification"]["mi"])


def test_modification_indices_of_groups_as_lavaan():
    groups = {key: Moments.of(rows, ITEMS) for key, rows in schools(HOLZINGER).items()}
    result = cfa_groups(groups, MODEL)
    assert isinstance(result, ConfirmatoryAnalysis)
    frame = modification_indices(result, groups).to_frame()
    assert frame["mi"][:20].tolist() == pytest.approx(LAVAAN["modification_groups"]["mi"], abs=1e-6)


def test_bifactor_says_that_an_error_variance_is_negative():
    codes = [(remark.code, remark.details["items"]) for remark in solved("bifactor").remarks]
    assert codes == [("cfa-negative-error-variance", ("x1",))]


def test_a_factor_of_one_item_is_said():
    assert [remark.code for remark in solved("single_item").remarks] == ["cfa-single-item-factor"]


def test_a_proper_solution_has_no_remark():
    assert solved("correlated").remarks == ()


def test_rows_without_any_answer_are_counted():
    assert (solved("fiml").n, solved("fiml").missing) == (299, 2)


def test_to_frame_has_the_columns_of_the_contract():
    frame = solved("correlated").to_frame()
    assert {"model", "factor", "item", "estimate", "se", "std"} <= set(frame.columns)


def test_fit_frame_has_the_columns_of_the_contract():
    columns = {"model", "estimator", "n", "chi2", "df", "p", "cfi", "tli", "rmsea", "rmsea_low", "rmsea_high"}
    assert columns | {"srmr", "aic", "bic"} <= set(solved("correlated").fit_frame().columns)
