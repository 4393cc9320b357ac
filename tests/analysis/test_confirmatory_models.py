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


#: Statistic of the catalogue of each measure of fit.
FIT = {
    **dict.fromkeys(("chi2", "baseline_chi2"), "cfa.chi2"),
    **dict.fromkeys(("df", "parameters", "baseline_df"), "cfa.df"),
    **dict.fromkeys(("p", "rmsea_close_p"), "cfa.p"),
    **dict.fromkeys(("cfi", "tli"), "cfa.cfi"),
    **dict.fromkeys(("rmsea", "rmsea_low", "rmsea_high"), "cfa.rmsea"),
    "srmr": "cfa.srmr",
}
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
NAMES = {
    **dict.fromkeys(("correlated", "standardized_factors", "means"), "ML, correlated factors"),
    "errors": "ML, correlated errors",
    **dict.fromkeys(("second_order", "second_order_variance", "bfi_second_order"), "ML, second order"),
    **dict.fromkeys(("method", "method_equal"), "ML, method factor"),
    "single": "ML, one factor",
    "uncorrelated": "ML, uncorrelated factors",
    "single_item": "ML, factor of one item",
    **dict.fromkeys(("scalar_school", "scalar_school_variance"), "ML, two groups, scalar"),
    "mlm": "MLM",
    **dict.fromkeys(("mlr", "mlr_means"), "MLR"),
    "fiml": "FIML",
    "fiml_groups": "FIML, two groups, metric",
    **dict.fromkeys(("wlsmv", "wlsmv_variance"), "DWLS (WLSMV)"),
    "wlsmv_second_order": "DWLS (WLSMV), second order",
}
#: Where lavaan's search could not be carried on to full precision (see confirmatory.R).
ROUGH = {"fiml_groups": 5e-5}
EARLY = "search stops early"
ORDINAL = [name for name in CASES if name.startswith("wlsmv")]
NORMAL = [name for name in CASES if name not in ORDINAL]
SCALED = ["mlm", "mlr", "mlr_means", *ORDINAL]


def source(name: str) -> str:
    """Return where lavaan's values of a case come from, as the page of comparisons names it."""
    return "lavaan: bfi" if name.startswith(("bfi", "wlsmv")) else "lavaan: Holzinger & Swineford"


def named(name: str) -> str:
    """Return estimator and model of a case, as the page of comparisons names them."""
    return NAMES.get(name, f"ML, {name.replace('_', ' ')}")


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


def compared(compare, statistic: str, name: str, found: list[float], expected: list[float]) -> None:
    of = named(name)
    if name in ROUGH:
        compare(statistic, source(name), found, expected, of, ROUGH[name], because=EARLY)
    else:
        compare(statistic, source(name), found, expected, of)


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
    ("ours", "measure"),
    [
        ("chi2", "chisq"),
        ("df", "df"),
        ("p", "pvalue"),
        ("cfi", "cfi"),
        ("tli", "tli"),
        ("rmsea", "rmsea"),
        ("rmsea_low", "rmsea.ci.lower"),
        ("rmsea_high", "rmsea.ci.upper"),
        ("rmsea_close_p", "rmsea.pvalue"),
        ("srmr", "srmr"),
        ("parameters", "npar"),
        ("baseline_chi2", "baseline.chisq"),
        ("baseline_df", "baseline.df"),
    ],
)
def test_fit_as_lavaan(name, ours, measure, compare):
    value, of = solved(name).fit_frame()[ours].item(), named(name)
    compare(FIT[ours], source(name), value, theirs(name, measure), of)


@pytest.mark.parametrize("name", NORMAL)
@pytest.mark.parametrize(("ours", "measure"), [("aic", "aic"), ("bic", "bic"), ("log_likelihood", "logl")])
def test_likelihood_as_lavaan(name, ours, measure, compare):
    value, of = solved(name).fit_frame()[ours].item(), named(name)
    compare("cfa.likelihood", source(name), value, theirs(name, measure), of)


@pytest.mark.parametrize("name", ORDINAL)
def test_no_information_criterion_without_a_likelihood(name):
    assert solved(name).fit.aic is None


@pytest.mark.parametrize("name", CASES)
def test_estimates_as_lavaan(name, compare):
    compared(compare, "cfa.estimate", name, *parameters(name, "estimate", "est"))


@pytest.mark.parametrize("name", CASES)
def test_standard_errors_as_lavaan(name, compare):
    compared(compare, "cfa.se", name, *parameters(name, "se", "se"))


@pytest.mark.parametrize("name", CASES)
def test_standardized_solution_as_lavaan(name, compare):
    compared(compare, "cfa.std", name, *parameters(name, "std", "std"))


@pytest.mark.parametrize("name", CASES)
def test_errors_of_the_standardized_solution_as_lavaan(name, compare):
    compared(compare, "cfa.std_se", name, *parameters(name, "std_se", "std_se"))


@pytest.mark.parametrize("name", ["mlm", "mlr", "mlr_means"])
@pytest.mark.parametrize(
    ("ours", "measure"),
    [("cfi_robust", "cfi.robust"), ("tli_robust", "tli.robust"), ("rmsea_robust", "rmsea.robust")],
)
def test_robust_indices_as_lavaan(name, ours, measure, compare):
    expected = LAVAAN["cases"][name]["fit"][measure]
    compare("cfa.robust", source(name), solved(name).fit_frame()[ours].item(), expected, named(name))


@pytest.mark.parametrize("name", ["mlm", "mlr", "mlr_means"])
@pytest.mark.parametrize(("ours", "measure"), [("low", "lower"), ("high", "upper")])
def test_robust_rmsea_interval_as_lavaan(name, ours, measure, compare):
    robust = solved(name).fit.robust
    assert robust is not None
    expected = LAVAAN["cases"][name]["fit"][f"rmsea.ci.{measure}.robust"]
    compare("cfa.robust", source(name), getattr(robust.rmsea, ours), expected, named(name))


@pytest.mark.parametrize("name", SCALED)
def test_scaling_factor_as_lavaan(name, compare):
    expected = LAVAAN["cases"][name]["fit"]["chisq.scaling.factor"]
    compare("cfa.scaling", source(name), solved(name).fit.test.scaling, expected, named(name))


@pytest.mark.parametrize("name", SCALED)
def test_statistic_before_scaling_as_lavaan(name, compare):
    expected = LAVAAN["cases"][name]["fit"]["chisq"]
    compare(
        "cfa.chi2", source(name), solved(name).fit.test.unscaled, expected, f"{named(name)}, before scaling"
    )


@pytest.mark.parametrize(("ours", "in_lavaan"), [("mi", "mi"), ("epc", "epc"), ("epc_std", "std")])
def test_modification_indices_as_lavaan(ours, in_lavaan, compare):
    frame = modification_indices(solved("correlated"), MOMENTS).to_frame()
    listed = LAVAAN["modification"]
    names = [f"{a} {op} {b}" for a, op, b in zip(listed["left"], listed["op"], listed["right"], strict=True)]
    found = frame.set_index("parameter")[ours]
    found = [found[name] for name in names]
    compare(f"mi.{ours}", "lavaan: Holzinger & Swineford", found, listed[in_lavaan])


def test_modification_indices_are_all_that_lavaan_lists():
    frame = modification_indices(solved("correlated"), MOMENTS).to_frame()
    assert len(frame) == len(LAVAAN["modification"]["mi"])


def test_modification_indices_of_groups_as_lavaan(compare):
    groups = {key: Moments.of(rows, ITEMS) for key, rows in schools(HOLZINGER).items()}
    result = cfa_groups(groups, MODEL)
    assert isinstance(result, ConfirmatoryAnalysis)
    frame = modification_indices(result, groups).to_frame()
    expected = LAVAAN["modification_groups"]["mi"]
    compare("mi.mi", "lavaan: Holzinger & Swineford", frame["mi"][:20], expected, "two groups")


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
