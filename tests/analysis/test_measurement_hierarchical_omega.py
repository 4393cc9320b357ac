"""Omega hierarchical against psych::omega."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.measurement import HierarchicalOmega, omega_hierarchical, omega_total
from manyi_analysis.records import Moments, NotComputed

HERE = Path(__file__).parents[1] / "reference" / "measurement"
R = json.loads((HERE / "reliability.json").read_text(encoding="utf-8"))["omega"]
GIVEN = json.loads((HERE / "psych_bfi_omega.json").read_text(encoding="utf-8"))
BFI = pd.read_csv(HERE / "bfi.csv", encoding="utf-8")
ITEMS = list(BFI.columns[:25])
COMPLETE = BFI[ITEMS].dropna()


def rows_with(correlation: np.ndarray, items: list[str], n: int) -> Moments:
    """Return moments of n rows that have these correlations exactly."""
    rng = np.random.default_rng(1)
    raw = rng.normal(size=(n, len(items)))
    whole = np.linalg.qr(raw - raw.mean(axis=0))[0] * np.sqrt(n - 1)
    return Moments.of(pd.DataFrame(whole @ np.linalg.cholesky(correlation).T, columns=items), items)


def cases() -> dict[str, tuple[Moments, int, dict[str, float]]]:
    keyed = COMPLETE * np.array(GIVEN["bfi25_nf5"]["keys"])
    ten = [f"{scale}{number}" for scale in "AE" for number in range(1, 6)]
    turned = COMPLETE[ten].assign(**{item: 7 - COMPLETE[item] for item in ("A1", "E1", "E2")})
    fifteen = [f"{scale}{number}" for scale in "NCE" for number in range(1, 6)]
    wide = BFI[fifteen].assign(**{item: 7 - BFI[item] for item in ("C4", "C5", "E1", "E2")})
    thurstone = R["thurstone"]
    own = rows_with(np.array(thurstone["correlation"]), thurstone["items"], 213)
    return {
        "bfi25_nf5": (Moments.of(keyed, ITEMS), 5, GIVEN["bfi25_nf5"]),
        "agree_extraversion10_nf3": (Moments.of(turned, ten), 3, GIVEN["agree_extraversion10_nf3"]),
        "fifteen": (Moments.of(wide, fifteen), 3, R["fifteen"]),
        "thurstone": (own, 3, thurstone),
    }


CASES = cases()
SOURCES = {case: "psych: Thurstone" if case == "thurstone" else "psych: bfi" for case in CASES}


def solve(case: str) -> HierarchicalOmega:
    record, factors, _ = CASES[case]
    result = omega_hierarchical(record, factors)
    assert isinstance(result, HierarchicalOmega)
    return result


def theirs(case: str, *names: str) -> float:
    return next(CASES[case][2][name] for name in names if name in CASES[case][2])


@pytest.mark.parametrize("case", list(CASES))
def test_omega_hierarchical(case, compare):
    found = solve(case).omega_hierarchical
    compare("omega.hierarchical", SOURCES[case], found, theirs(case, "omega_h"))


@pytest.mark.parametrize("case", list(CASES))
def test_omega_total(case, compare):
    found = solve(case).omega_total
    compare("omega.total_of_groups", SOURCES[case], found, theirs(case, "omega_tot"))


@pytest.mark.parametrize("case", list(CASES))
def test_omega_limit(case, compare):
    found = solve(case).omega_limit
    compare("omega.limit", SOURCES[case], found, theirs(case, "omega_lim"))


@pytest.mark.parametrize("case", ["thurstone", "fifteen"])
def test_loadings_on_the_general_factor(case, compare):
    compare("omega.general", SOURCES[case], solve(case).general, CASES[case][2]["g"])


@pytest.mark.parametrize("case", ["thurstone", "fifteen"])
def test_explained_common_variance(case, compare):
    compare("omega.ecv", SOURCES[case], solve(case).explained_common, theirs(case, "ecv"))


@pytest.mark.parametrize("case", ["thurstone", "fifteen"])
def test_loadings_of_the_group_factors_on_the_general_one(case, compare):
    expected = sorted(CASES[case][2]["second_order"])
    compare("omega.second_order", SOURCES[case], sorted(solve(case).second_order), expected)


def test_group_factor_that_is_the_general_one_is_a_heywood_case():
    # psych warns of an "ultra-Heywood case" here: its second factor loads by 1.008.
    result = solve("agree_extraversion10_nf3")
    assert (result.heywood, result.second_order.max() > 1) == (("F1",), True)


def test_general_and_group_loadings_reproduce_the_communalities():
    result = solve("thurstone")
    communalities = result.general**2 + (result.group**2).sum(axis=1)
    assert communalities == pytest.approx(1 - result.uniquenesses, abs=0.02)


def test_item_keyed_the_wrong_way_shows():
    wrong = BFI.assign(E3=7 - BFI["E3"])
    fifteen = list(CASES["fifteen"][0].columns)
    turned = wrong[fifteen].assign(**{item: 7 - BFI[item] for item in ("C4", "C5", "E1", "E2")})
    assert "E3" in omega_hierarchical(Moments.of(turned, fifteen), 3).against_key


@pytest.mark.parametrize("factors", [1, 2])
def test_fewer_than_three_group_factors(factors):
    result = omega_hierarchical(CASES["fifteen"][0], factors)
    assert isinstance(result, NotComputed)
    assert result.reason == f"few-group-factors: factors={factors}, needed=3"


def test_more_factors_than_items_identify():
    result = omega_hierarchical(CASES["fifteen"][0].select(["N1", "N2", "N3", "N4", "N5"]), 3)
    assert isinstance(result, NotComputed)
    assert (result.statistic, result.code) == ("omega_hierarchical", "too-many-factors")


def test_total_with_group_factors_is_above_total_of_one_factor():
    record = CASES["fifteen"][0]
    assert solve("fifteen").omega_total > omega_total(record).omega_total


def test_frame():
    frame = solve("thurstone").to_frame()
    assert list(frame) == ["k", "n", "missing", "factors", "omega_total", "omega_h", "omega_limit", "ecv"]


def test_loadings_table():
    frame = solve("thurstone").loadings_frame()
    assert list(frame) == ["item", "g", "F1", "F2", "F3", "h2", "u2", "p2"]
