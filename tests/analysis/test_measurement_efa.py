"""Factor analysis against psych (minres, ML, components), PSPP (axes, components) and factanal (Heywood)."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.measurement import FactorAnalysis, efa
from manyi_analysis.records import Moments, NotComputed

HERE = Path(__file__).parents[1] / "reference" / "measurement"
FA = json.loads((HERE / "psych_bfi_efa.json").read_text(encoding="utf-8"))["fa"]
PSPP = json.loads((HERE / "pspp_bfi.json").read_text(encoding="utf-8"))["factor"]
HARMAN = json.loads((HERE / "measurement.json").read_text(encoding="utf-8"))["harman5"]
BFI = pd.read_csv(HERE / "bfi.csv", encoding="utf-8")
ITEMS = tuple(BFI.columns[:25])
MOMENTS = Moments.of(BFI, ITEMS)
COMMON = [
    f"{method}_{rotation}"
    for method in ("minres", "ml")
    for rotation in ("none", "varimax", "promax", "oblimin")
]
OBLIQUE = [solution for solution in COMMON if solution.endswith(("promax", "oblimin"))]


def named(name: str) -> str:
    """Return extraction and rotation as the page of comparisons names them."""
    return name.replace("_", ", ")


def solve(name: str, factors: int = 5, **options: float) -> FactorAnalysis:
    extraction, rotation = name.split("_")
    result = efa(MOMENTS, factors, extraction, rotation, **options)
    assert isinstance(result, FactorAnalysis)
    return result


def signs(ours: FactorAnalysis, theirs: np.ndarray) -> np.ndarray:
    """Return the sign of each factor in the other program; order must agree: both sort by variance."""
    return np.sign((ours.pattern * theirs).sum(axis=0))


@pytest.mark.parametrize("name", [*COMMON, "pca_none", "pca_varimax"])
def test_pattern_as_psych(name, compare):
    result, theirs = solve(name), np.array(FA[name]["loadings"]["values"])
    compare("efa.pattern", "psych: bfi", result.pattern, theirs * signs(result, theirs), named(name))


@pytest.mark.parametrize("name", OBLIQUE)
def test_phi_as_psych(name, compare):
    result, theirs = solve(name), np.array(FA[name]["loadings"]["values"])
    sign = signs(result, theirs)
    expected = np.array(FA[name]["Phi"]["values"]) * np.outer(sign, sign)
    compare("efa.phi", "psych: bfi", result.phi, expected, named(name))


@pytest.mark.parametrize("name", [*COMMON, "pca_none", "pca_varimax"])
def test_variance_explained_as_psych(name, compare):
    theirs = FA[name]["Vaccounted"]["values"]
    compare("efa.variance", "psych: bfi", solve(name).ss_loadings, theirs[0], named(name))


@pytest.mark.parametrize("name", COMMON)
def test_cumulative_variance_as_psych(name, compare):
    frame, expected = solve(name).factors_frame(), FA[name]["Vaccounted"]["values"][2]
    compare("efa.cumulative", "psych: bfi", frame["cumulative"], expected, named(name))


@pytest.mark.parametrize("name", COMMON)
def test_communalities_as_psych(name, compare):
    found, expected = solve(name).communalities, FA[name]["communality"]
    compare("efa.communalities", "psych: bfi", found, expected, named(name))


@pytest.mark.parametrize("name", COMMON)
def test_chi2_as_psych(name, compare):
    fit = solve(name).fit
    assert fit is not None
    compare("efa.chi2", "psych: bfi", fit.chi2, FA[name]["chi2_ml"], named(name))


@pytest.mark.parametrize("name", ["minres_oblimin", "ml_oblimin"])
@pytest.mark.parametrize(("ours", "theirs"), [("rmsr", "rms"), ("tli", "TLI"), ("df", "dof")])
def test_fit_as_psych(name, ours, theirs, compare):
    compare("efa.fit", "psych: bfi", getattr(solve(name).fit, ours), FA[name][theirs], named(name))


@pytest.mark.parametrize("name", ["minres_oblimin", "ml_oblimin"])
def test_rmsea_as_psych(name, compare):
    fit = solve(name).fit
    assert fit is not None
    compare("efa.fit", "psych: bfi", fit.rmsea, FA[name]["RMSEA"]["RMSEA"], named(name))


def test_four_factors_as_psych(compare):
    result, theirs = solve("minres_oblimin", 4), np.array(FA["minres_oblimin_4"]["loadings"]["values"])
    expected = theirs * signs(result, theirs)
    compare("efa.pattern", "psych: bfi, four factors", result.pattern, expected, "minres, oblimin")


def pspp(analysis: str, table: str) -> np.ndarray:
    return np.array([row[1:] for row in PSPP[analysis][table][2:]], dtype=float)


def test_components_as_pspp(compare):
    result, theirs = solve("pca_none"), pspp("pc_varimax", "Component Matrix")
    compare("efa.pattern", "pspp: bfi", result.pattern, theirs * signs(result, theirs), "pca, none", 1e-10)


def test_principal_axes_as_pspp(compare):
    result, theirs = solve("paf_none"), pspp("paf_varimax", "Factor Matrix")
    compare("efa.pattern", "pspp: bfi", result.pattern, theirs * signs(result, theirs), "paf, none", 1e-8)


def test_communalities_of_principal_axes_as_pspp(compare):
    theirs = [row[2] for row in PSPP["paf_varimax"]["Communalities"][1:]]
    compare("efa.communalities", "pspp: bfi", solve("paf_none").communalities, theirs, "paf, none", 1e-8)


# PSPP turns varimax on until it rests and leaves the factors in another order.
@pytest.mark.parametrize(
    ("name", "analysis", "table"),
    [
        ("pca_varimax", "pc_varimax", "Rotated Component Matrix"),
        ("paf_varimax", "paf_varimax", "Rotated Factor Matrix"),
    ],
)
def test_varimax_run_on_as_pspp(name, analysis, table, compare):
    theirs = pspp(analysis, table)
    theirs = theirs[:, np.argsort(-(theirs**2).sum(axis=0))]
    result = solve(name, tolerance=1e-12)
    expected, because = theirs * signs(result, theirs), "its rotation stops at RCONVERGE, 1e-4"
    compare("efa.pattern", "pspp: bfi", result.pattern, expected, named(name), 1e-4, because=because)


@pytest.mark.parametrize("name", ["minres", "ml"])
def test_extraction_as_factor_analyzer(name, compare):
    import warnings

    from factor_analyzer import FactorAnalyzer

    other = FactorAnalyzer(5, rotation=None, method=name, is_corr_matrix=True)
    with warnings.catch_warnings():
        # scikit-learn renamed an argument that factor-analyzer 0.5.1 passes.
        warnings.simplefilter("ignore", FutureWarning)
        other.fit(MOMENTS.correlation)
    result = solve(f"{name}_none")
    expected = other.loadings_ * signs(result, other.loadings_)
    compare("efa.pattern", "factor_analyzer: bfi", result.pattern, expected, named(f"{name}_none"))


@pytest.mark.parametrize("name", OBLIQUE)
def test_pattern_and_phi_reproduce_the_communalities(name):
    result = solve(name)
    reproduced = np.diagonal(result.pattern @ result.phi @ result.pattern.T)
    assert reproduced == pytest.approx(result.communalities, abs=1e-10)


@pytest.mark.parametrize("name", OBLIQUE)
def test_structure_is_what_items_and_factors_share(name):
    result = solve(name)
    assert result.structure == pytest.approx(result.pattern @ result.phi, abs=1e-12)


@pytest.mark.parametrize("name", [*COMMON, "paf_promax", "pca_oblimin"])
def test_factors_stand_in_order_of_variance(name):
    assert (np.diff(solve(name).ss_loadings) <= 0).all()


@pytest.mark.parametrize("name", [*COMMON, "paf_promax", "pca_oblimin"])
def test_factors_sum_to_a_positive_number(name):
    assert (solve(name).pattern.sum(axis=0) > 0).all()


def test_order_of_the_items_does_not_change_the_solution():
    back = efa(MOMENTS.select(ITEMS[::-1]), 5)
    assert isinstance(back, FactorAnalysis)
    assert back.pattern[::-1] == pytest.approx(solve("minres_oblimin").pattern, abs=1e-6)


def test_one_factor_is_not_rotated():
    result = solve("minres_oblimin", 1)
    assert (result.rotation, result.phi.tolist()) == ("none", [[1.0]])


@pytest.fixture(scope="module")
def harman() -> FactorAnalysis:
    frame = pd.DataFrame(HARMAN["data"], columns=HARMAN["columns"])
    result = efa(Moments.of(frame, list(frame)), 2, "ml", "none")
    assert isinstance(result, FactorAnalysis)
    return result


def test_heywood_case_is_said(harman):
    at_bound = np.array(HARMAN["uniquenesses"]) <= 0.005 + 1e-9
    expected = tuple(name for name, one in zip(HARMAN["columns"], at_bound, strict=True) if one)
    assert len(expected) > 0
    assert harman.heywood == expected


def test_uniquenesses_of_a_heywood_case_as_factanal(harman, compare):
    expected = HARMAN["uniquenesses"]
    compare("efa.heywood", "r: Harman's five socio-economic variables", harman.uniquenesses, expected)


def test_common_part_of_a_heywood_case_as_factanal(harman, compare):
    common = harman.pattern @ harman.pattern.T
    compare("efa.heywood", "r: Harman's five socio-economic variables", common, HARMAN["common"])


def test_principal_axes_stop_at_a_communality_above_one():
    frame = pd.DataFrame(HARMAN["data"], columns=HARMAN["columns"])
    result = efa(Moments.of(frame, list(frame)), 2, "paf", "none")
    assert isinstance(result, NotComputed)
    assert result.code == "communality-above-one"


@pytest.mark.parametrize(
    ("items", "factors", "code"),
    [
        (["A1"], 1, "one-item-scale"),
        (["A1", "A2"], 1, "too-many-factors"),
        (["A1", "A2", "A3"], 0, "no-factors"),
        (["A1", "A2", "A3", "A4"], 2, "too-many-factors"),
        (["A1", "A2", "A2x"], 1, "singular-correlations"),
        (["A1", "A2", "one"], 1, "constant-item"),
    ],
)
def test_reason(items, factors, code):
    frame = BFI.assign(A2x=BFI["A2"], one=1.0)
    result = efa(Moments.of(frame, items), factors)
    assert isinstance(result, NotComputed)
    assert result.code == code


def test_no_more_rows_than_items():
    result = efa(Moments.of(BFI.dropna().iloc[:25], ITEMS), 5)
    assert isinstance(result, NotComputed)
    assert result.code == "fewer-rows-than-items"


def test_loadings_table_has_a_row_for_each_item_and_factor():
    frame = solve("minres_oblimin").to_frame()
    assert list(frame) == ["item", "factor", "pattern", "structure", "communality"]
    assert len(frame) == 25 * 5


def test_rotation_that_does_not_come_to_rest_is_not_a_result():
    result = efa(MOMENTS, 5, "minres", "oblimin", iterations=10)
    assert isinstance(result, NotComputed)
    assert result.reason == "not-converged: iterations=10"


def test_empty_factor():
    # One factor of equal loadings .6: the reduced matrix has rank one, so a second factor is empty.
    correlation = np.full((6, 6), 0.36) + 0.64 * np.eye(6)
    rng = np.random.default_rng(1)
    columns = [f"q{number}" for number in range(6)]
    exact = np.linalg.qr(rng.normal(size=(200, 7)))[0]
    centred = np.linalg.qr(exact[:, :6] - exact[:, :6].mean(axis=0))[0]
    frame = pd.DataFrame(centred @ np.linalg.cholesky(correlation).T, columns=columns)
    result = efa(Moments.of(frame, columns), 2)
    assert isinstance(result, NotComputed)
    assert result.reason == "empty-factor: factors=2, found=1"
