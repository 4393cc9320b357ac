"""Polychoric correlations, thresholds and their covariances against lavaan, psych and polycor."""

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.measurement import (
    PolychoricCorrelations,
    efa,
    kmo,
    parallel_analysis,
    polychoric_correlations,
)
from manyi_analysis.measurement.bivariate_normal import bivariate_normal_cdf
from manyi_analysis.records import Moments, NotComputed, Tables

HERE = Path(__file__).parents[1] / "reference" / "measurement"
R = json.loads((HERE / "polychoric.json").read_text(encoding="utf-8"))
PSYCH = json.loads((HERE / "psych_bfi_polychoric.json").read_text(encoding="utf-8"))
BFI = pd.read_csv(HERE / "bfi.csv", encoding="utf-8")
FIVE = ("A1", "A2", "A3", "A4", "A5")
MIXED = ("gender", "education", "A2", "N1")


def poly(frame: pd.DataFrame, rows: bool = False) -> PolychoricCorrelations:
    result = polychoric_correlations(Tables.of(frame, list(frame)), rows=frame if rows else None)
    assert isinstance(result, PolychoricCorrelations)
    return result


def data(case: str) -> pd.DataFrame:
    five = BFI[list(FIVE)]
    frames = {
        "listwise": five.dropna(),
        "pairwise": five,
        "mixed": BFI[list(MIXED)].dropna(),
        "tetrachoric": (five.dropna() >= 5).astype(float),
    }
    return frames[case]


CASES = ["listwise", "pairwise", "mixed", "tetrachoric"]


def test_bivariate_normal_distribution_as_pbivnorm(compare):
    grid = pd.DataFrame(R["bivariate_normal"])
    ours = bivariate_normal_cdf(grid["h"].to_numpy(), grid["k"].to_numpy(), grid["rho"].to_numpy())
    compare("polychoric.normal", "pbivnorm", ours, grid["p"])


def test_bivariate_normal_distribution_at_infinity():
    h, k = np.array([np.inf, -np.inf, np.inf]), np.array([0.0, 0.0, np.inf])
    assert bivariate_normal_cdf(h, k, np.array(0.4)).tolist() == [0.5, 0.0, 1.0]


@pytest.mark.parametrize("case", CASES)
def test_correlations_as_lavaan(case, compare):
    compare("polychoric", "lavaan: bfi", poly(data(case)).correlation, R[case]["correlation"], case, 1e-7)


@pytest.mark.parametrize("case", CASES)
def test_thresholds_as_lavaan(case, compare):
    found = np.concatenate(poly(data(case)).thresholds)
    compare("polychoric.thresholds", "lavaan: bfi", found, R[case]["thresholds"], case)


@pytest.mark.parametrize("case", CASES)
def test_covariances_of_the_estimates_as_lavaan(case, compare):
    result = poly(data(case), rows=True)
    assert result.acov is not None
    compare("polychoric.acov", "lavaan: bfi", result.acov * R[case]["n"], R[case]["gamma"], case)


@pytest.mark.parametrize("case", CASES)
def test_standard_errors_from_pair_tables_as_lavaan(case, compare):
    gamma, result = np.array(R[case]["gamma"]), poly(data(case))
    upper = np.triu_indices(len(result.columns), 1)
    expected = np.sqrt(np.diagonal(gamma)[-len(upper[0]) :] / R[case]["n"])
    compare("polychoric.se", "lavaan: bfi", result.se[upper], expected, case)


@pytest.mark.parametrize("case", CASES)
def test_standard_errors_of_thresholds_as_lavaan(case, compare):
    result = poly(data(case))
    own = np.concatenate(result.threshold_se)
    expected = np.sqrt(np.diagonal(np.array(R[case]["gamma"]))[: len(own)] / R[case]["n"])
    compare("polychoric.se", "lavaan: bfi", own, expected, f"thresholds, {case}", 1e-9)


def test_correlations_as_psych_without_correction(compare):
    # psych searches by optimize(), which stops 1e-5 short.
    theirs = R["psych_no_correction"]
    compare(
        "polychoric", "psych: bfi, correct = 0", poly(data("listwise")).correlation, theirs, "listwise", 5e-5
    )


@pytest.mark.parametrize("pair", list(R["polychor"]))
def test_pair_as_polychor(pair, compare):
    a, b = pair.split("_")
    r = poly(data("listwise")[[a, b]]).correlation[0, 1]
    compare("polychoric", "polycor: bfi", r, R["polychor"][pair], "listwise", 5e-5)


def test_25_items_as_psych(compare):
    # psych adds .5 to empty cells of these tables.
    ours = poly(BFI[PSYCH["items"]].dropna()).correlation
    compare("polychoric", "psych: bfi, all 25 items", ours, PSYCH["rho"], "listwise")


def test_empty_cell_of_two_by_two_as_lavaan(compare):
    frame = pd.DataFrame(R["few"]["rows"])
    result = poly(frame)
    assert result.empty_cells.max() == 1
    compare("polychoric", "lavaan: bfi", result.correlation, R["few"]["correlation"], "empty cell", 1e-7)


def test_order_of_rows_and_declared_answers_do_not_matter():
    frame = data("listwise")
    declared = {item: range(1, 9) for item in FIVE}
    other = polychoric_correlations(Tables.of(frame.iloc[::-1], FIVE, values=declared))
    assert isinstance(other, PolychoricCorrelations)
    assert other.correlation == pytest.approx(poly(frame).correlation, abs=1e-14)


def test_parts_of_the_rows_give_covariances_of_the_whole_size():
    frame = data("listwise")
    tables = Tables.of(frame, FIVE)
    part = polychoric_correlations(tables, rows=pd.concat([frame, frame]))
    whole = poly(frame, rows=True)
    assert isinstance(part, PolychoricCorrelations)
    assert part.acov == pytest.approx(whole.acov, rel=1e-12)


def test_selected_items_have_their_own_correlations():
    frame = data("pairwise")
    items = ["A4", "A2", "A5"]
    assert poly(frame).select(items).correlation == pytest.approx(poly(frame[items]).correlation, abs=1e-12)


def test_selected_items_keep_the_covariances_of_their_estimates():
    frame, items = data("listwise"), ["A4", "A2", "A5"]
    own = poly(frame[items], rows=True)
    assert poly(frame, rows=True).select(items).acov == pytest.approx(own.acov, abs=1e-14)


def test_n_is_that_of_the_pair_with_fewest():
    frame = data("pairwise")
    fewest = min(int(frame[list(pair)].notna().all(axis=1).sum()) for pair in combinations(FIVE, 2))
    result = poly(frame)
    assert (result.n, result.missing) == (fewest, len(frame) - fewest)


def test_smoothed_as_psych(compare):
    matrix = np.array(R["smoothed"]["matrix"])
    k, whole = len(matrix), np.full((3, 3), 50)
    record = PolychoricCorrelations(
        ("a", "b", "c"), 50, whole, ((),) * k, (), matrix, np.zeros((k, k)), (), 0 * whole, ()
    )
    assert record.smallest_eigenvalue < 0
    compare("polychoric.smoothed", "psych", record.smoothed().correlation, R["smoothed"]["smooth"])


def test_smoothing_is_named():
    frame = data("listwise")
    assert poly(frame).smoothed().method == poly(frame).method
    matrix = np.array(R["smoothed"]["matrix"])
    record = PolychoricCorrelations(
        ("a", "b", "c"), 9, np.full((3, 3), 9), ((),) * 3, (), matrix, matrix, (), np.zeros((3, 3), int), ()
    )
    assert "smoothed" in record.smoothed().method


def shuffled() -> PolychoricCorrelations:
    return poly(BFI[R["shuffled"]["items"]].dropna().iloc[: R["shuffled"]["n"]])


@pytest.mark.parametrize(
    ("ours", "theirs"), [("components_percentile", "components"), ("factors_percentile", "factors")]
)
def test_parallel_analysis_as_of_shuffled_answers(ours, theirs, compare):
    # 300 shuffles: a percentile of eigenvalues has an error of about .005.
    result = parallel_analysis(shuffled(), draws=2000)
    found, of = getattr(result, ours), f"polychoric {theirs}"
    compare("parallel.drawn", "lavaan: bfi, 300 times shuffled", found, R["shuffled"][theirs], of, 0.015)


def test_spread_of_unrelated_polychoric_correlations_as_of_shuffled_answers():
    record = shuffled()
    shares = record.score_variance
    expected = np.mean([1 / (a * b) for a, b in combinations(shares, 2)]) / record.n
    assert expected == pytest.approx(R["shuffled"]["mean_square"], rel=0.02)


def test_parallel_analysis_of_polychoric_asks_more_than_of_pearson():
    frame = BFI[R["shuffled"]["items"]].dropna().iloc[: R["shuffled"]["n"]]
    pearson = parallel_analysis(Moments.of(frame, list(frame)))
    ours = parallel_analysis(shuffled())
    assert ours.components_percentile[0] > pearson.components_percentile[0]


def test_factor_analysis_and_kmo_take_polychoric_correlations():
    record = poly(BFI[PSYCH["items"]].dropna())
    solution, adequacy = efa(record, 5), kmo(record)
    assert solution.n == adequacy.n == 2436
    assert solution.communalities.mean() > efa(Moments.of(BFI, PSYCH["items"]), 5).communalities.mean()


def test_frame():
    frame = poly(data("mixed")).to_frame()
    names = ["a", "b", "method", "n", "r", "se", "p", "empty_cells", "reason"]
    assert (list(frame), len(frame)) == (names, 6)


def test_thresholds_stand_between_the_answers_given():
    frame = poly(data("mixed")).thresholds_frame()
    first = frame.iloc[0]
    assert (first["item"], first["answer_below"], first["answer_above"]) == ("gender", 1, 2)
    assert len(frame) == 1 + 4 + 5 + 5


def test_item_beside_itself_reaches_the_bound_and_says_so():
    result = poly(data("listwise").assign(again=data("listwise")["A2"])[["A2", "again", "A3"]])
    row = result.to_frame().iloc[0]
    assert result.at_bound == (("A2", "again"),)
    assert row["reason"] == "correlation-at-bound: items=A2 again"
    assert np.isnan(row["se"])


@pytest.mark.parametrize("sign", [1, -1])
def test_perfectly_ordered_answers_of_few_rows_come_to_rest(sign):
    values = np.array([1.0, 2, 3, 3, 4, 5, 5, 6])
    result = poly(pd.DataFrame({"a": values, "b": sign * np.array([1.0, 1, 2, 2, 3, 4, 4, 4])}))
    assert result.correlation[0, 1] == sign * 0.999


@pytest.mark.parametrize("seed", range(5))
def test_small_samples_with_many_answers_give_proper_numbers(seed):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.integers(1, 8, size=(12, 5)).astype(float), columns=list("abcde"))
    result = poly(frame)
    assert np.abs(result.correlation).max() <= 1
    assert np.isfinite(result.correlation).all()


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (data("listwise")[["A1"]], "one-item-scale: items=A1"),
        (data("listwise").assign(A2=3), "constant-item: items=A2"),
        (data("listwise").assign(A2=np.nan), "too-few-rows: needed=2"),
        (BFI[["A1", "age"]], "many-categories: items=age, most=20"),
        (
            pd.DataFrame({"a": [1, 2, 1, np.nan, np.nan], "b": [np.nan, np.nan, 1, 1, 2]}),
            "pair-without-variance: items=a b",
        ),
    ],
)
def test_reason(frame, reason):
    result = polychoric_correlations(Tables.of(frame, list(frame)))
    assert isinstance(result, NotComputed)
    assert result.reason == reason


def test_tables_without_pairs():
    with pytest.raises(ValueError, match="pairs"):
        polychoric_correlations(Tables.of(BFI, FIVE, pairs=False))
