"""Parallel analysis: psych's numbers of factors and components, its observed and its drawn eigenvalues."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.measurement import ParallelAnalysis, parallel_analysis
from manyi_analysis.measurement.extraction import unweighted_least_squares
from manyi_analysis.measurement.parallel import draw_correlations, drawn_eigenvalues, one_factor_loadings
from manyi_analysis.records import Moments, NotComputed

HERE = Path(__file__).parents[1] / "reference" / "measurement"
R = json.loads((HERE / "psych_bfi_efa.json").read_text(encoding="utf-8"))["parallel"]
BFI = pd.read_csv(HERE / "bfi.csv", encoding="utf-8")
ITEMS = tuple(BFI.columns[:25])
MOMENTS = Moments.of(BFI, ITEMS)


def analysis(**options: float) -> ParallelAnalysis:
    result = parallel_analysis(MOMENTS, **options)
    assert isinstance(result, ParallelAnalysis)
    return result


@pytest.fixture(scope="module")
def bfi() -> ParallelAnalysis:
    return analysis()


def test_number_of_factors(bfi, compare):
    compare("parallel.number", "psych: bfi", bfi.number_of_factors, R["nfact"], "factors")


def test_number_of_components(bfi, compare):
    compare("parallel.number", "psych: bfi", bfi.number_of_components, R["ncomp"], "components")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_numbers_do_not_hang_on_the_seed(seed):
    other = analysis(seed=seed, draws=200)
    assert (other.number_of_factors, other.number_of_components) == (6, 5)


def test_observed_component_eigenvalues(bfi, compare):
    compare("eigenvalues", "psych: bfi", bfi.components, R["pc_values"])


def test_observed_factor_eigenvalues(bfi, compare):
    compare("eigenvalues.factors", "psych: bfi", bfi.factors, R["fa_values"])


# psych drew 100 data sets: its means are within four standard errors of a hundred of ours.
@pytest.mark.parametrize(("kind", "theirs"), [(0, "pc_sim_mean"), (1, "fa_sim_mean")])
def test_drawn_eigenvalues_as_psych(kind, theirs, compare):
    drawn = drawn_eigenvalues(25, 2436, 1000, 1)[kind]
    mean, of = drawn.mean(axis=0), ("components", "factors")[kind]
    assert (np.abs(mean - np.array(R[theirs])) < 4 * drawn.std(axis=0) / 10).all()
    compare("parallel.drawn", "psych: 100 drawn data sets", mean, R[theirs], of)


def test_same_seed_same_numbers(bfi):
    assert analysis().factors_percentile == bfi.factors_percentile


def test_drawn_correlations_have_the_variance_theory_gives():
    # Of n rows of independent items, r has mean 0 and variance 1 / (n - 1).
    drawn = draw_correlations(np.random.default_rng(7), 6, 50, 4000)
    r = drawn[:, *np.tril_indices(6, -1)]
    assert r.mean() == pytest.approx(0, abs=4 / 7 / np.sqrt(r.size))
    assert r.var() == pytest.approx(1 / 49, rel=4 * np.sqrt(2 / r.size))


def test_many_one_factor_solutions_at_once_are_the_least_squares_ones():
    drawn = draw_correlations(np.random.default_rng(8), 8, 60, 5)
    drawn += 0.5 * (1 - np.eye(8)) * (1 - drawn)
    values, vectors = np.linalg.eigh(drawn)
    together = one_factor_loadings(drawn, vectors[:, :, -1] * np.sqrt(values[:, -1:]))
    alone = [np.abs(unweighted_least_squares(matrix, 1).loadings[:, 0]) for matrix in drawn]
    assert np.abs(together) == pytest.approx(np.array(alone), abs=1e-4)


def test_table_has_the_contract_columns(bfi):
    assert list(bfi.to_frame()) == ["number", "component", "component_95", "factor", "factor_95"]


def test_unrelated_items_have_no_factor():
    rng = np.random.default_rng(11)
    frame = pd.DataFrame(rng.normal(size=(400, 12)), columns=[f"q{i}" for i in range(12)])
    result = parallel_analysis(Moments.of(frame, list(frame)), percentile=99.9)
    assert isinstance(result, ParallelAnalysis)
    assert (result.number_of_components, result.number_of_factors) == (0, 0)


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (BFI[["A1", "A2"]], "too-few-items"),
        (BFI[["A1"]], "one-item-scale"),
        (BFI[["A1", "A2", "A3"]].assign(A1=1.0), "constant-item"),
        (BFI[["A1", "A2", "A3"]].assign(A1=BFI["A2"]), "singular-correlations"),
        (BFI[list(ITEMS)].dropna().iloc[:25], "fewer-rows-than-items"),
    ],
)
def test_reason(frame, code):
    result = parallel_analysis(Moments.of(frame, list(frame)))
    assert isinstance(result, NotComputed)
    assert result.code == code
