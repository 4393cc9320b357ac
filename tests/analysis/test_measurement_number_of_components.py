"""Velicer's test, Harman's single factor and factor solutions against psych and O'Connor's program."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.measurement import (
    FactorAnalysis,
    MinimumAveragePartial,
    SingleFactor,
    efa,
    harman_single_factor,
    minimum_average_partial,
)
from manyi_analysis.records import Moments, NotComputed

HERE = Path(__file__).parents[1] / "reference" / "measurement"
R = json.loads((HERE / "reliability.json").read_text(encoding="utf-8"))
PSYCH = json.loads((HERE / "psych_bfi_efa.json").read_text(encoding="utf-8"))["fa"]
BFI = pd.read_csv(HERE / "bfi.csv", encoding="utf-8").iloc[:, :25]
MOMENTS = Moments.of(BFI, list(BFI))
EFA = R["efa"]
SOURCE = "psych: bfi"


def physical() -> Moments:
    """Return moments of 305 rows with the correlations of Harman's eight physical variables."""
    given = R["map"]["harman"]
    raw = np.random.default_rng(1).normal(size=(given["n"], 8))
    whole = np.linalg.qr(raw - raw.mean(axis=0))[0]
    frame = pd.DataFrame(whole @ np.linalg.cholesky(np.array(given["correlation"])).T, columns=given["items"])
    return Moments.of(frame, given["items"])


def partials(record: Moments) -> MinimumAveragePartial:
    result = minimum_average_partial(record)
    assert isinstance(result, MinimumAveragePartial)
    return result


@pytest.mark.parametrize(("case", "record"), [("bfi", MOMENTS), ("harman", physical())])
@pytest.mark.parametrize("power", ["squared", "fourth"])
def test_average_partials_as_oconnor(case, record, power, compare):
    source = {"bfi": "oconnor: bfi", "harman": "oconnor: Harman's eight physical variables"}[case]
    compare("map", source, getattr(partials(record), power), R["map"][case][power], f"{power} powers")


def test_average_squared_partials_as_vss(compare):
    compare("map", "psych: bfi", partials(MOMENTS).squared[1:9], R["map"]["vss"], "squared powers")


@pytest.mark.parametrize(("record", "number"), [(physical(), 2), (MOMENTS, 5)])
def test_number_of_components_by_both_rules(record, number):
    # Velicer (1976) and O'Connor (2000): two for the eight physical variables.
    assert (partials(record).number, partials(record).number_revised) == (number, number)


def test_number_of_components_of_the_eight_physical_variables_as_published(compare):
    found = partials(physical())
    compare("map.number", "velicer: Harman's eight physical variables", found.number, 2)


def test_items_that_do_not_correlate_have_no_component():
    raw = np.random.default_rng(3).normal(size=(400, 6))
    frame = pd.DataFrame(np.linalg.qr(raw - raw.mean(axis=0))[0] + 0.0, columns=list("abcdef"))
    assert partials(Moments.of(frame, list(frame))).number == 0


def test_two_items():
    result = minimum_average_partial(MOMENTS.select(["A1", "A2"]))
    assert isinstance(result, NotComputed)
    assert result.reason == "too-few-items: k=2, needed=3"


@pytest.fixture(scope="module")
def harman() -> SingleFactor:
    result = harman_single_factor(MOMENTS)
    assert isinstance(result, SingleFactor)
    return result


def test_share_of_the_first_component_as_psych(harman, compare):
    first = PSYCH["pca_none"]["Vaccounted"]["values"][1][0]
    compare("harman.component", "psych: bfi", harman.component_share, first)


def test_share_of_one_factor_as_psych(harman, compare):
    # psych_bfi_efa.json of the project, harman: 17.4565538950163 %.
    compare("harman.factor", "psych: bfi", harman.factor_share, 0.174565538950163)


def test_single_factor_is_called_weak_evidence(harman):
    assert harman.to_frame()["evidence"].tolist() == ["weak"]


def named(name: str) -> str:
    return name.replace("_", ", ")


def solve(name: str) -> FactorAnalysis:
    extraction, rotation = name.split("_")
    result = efa(MOMENTS, 5, extraction, rotation)
    assert isinstance(result, FactorAnalysis)
    return result


def matched(name: str) -> tuple[FactorAnalysis, np.ndarray, np.ndarray]:
    """Return our solution, and the order and signs that bring psych's factors to ours."""
    result, theirs = solve(name), np.array(EFA[name]["pattern"])
    order = np.argsort(-np.array(EFA[name]["ss"]))
    return result, order, np.sign((result.pattern * theirs[:, order]).sum(axis=0))


@pytest.mark.parametrize("name", list(EFA))
def test_pattern_as_psych(name, compare):
    result, order, sign = matched(name)
    expected = np.array(EFA[name]["pattern"])[:, order] * sign
    compare("efa.pattern", SOURCE, result.pattern, expected, named(name))


@pytest.mark.parametrize("name", list(EFA))
def test_structure_as_psych(name, compare):
    result, order, sign = matched(name)
    expected = np.array(EFA[name]["structure"])[:, order] * sign
    compare("efa.structure", SOURCE, result.structure, expected, named(name))


@pytest.mark.parametrize("name", list(EFA))
def test_variance_explained_as_psych(name, compare):
    result, order, _ = matched(name)
    compare("efa.variance", SOURCE, result.ss_loadings, np.array(EFA[name]["ss"])[order], named(name))


@pytest.mark.parametrize("name", [name for name in EFA if EFA[name]["phi"]])
def test_correlations_of_factors_as_psych(name, compare):
    result, order, sign = matched(name)
    theirs = np.array(EFA[name]["phi"])[np.ix_(order, order)] * np.outer(sign, sign)
    compare("efa.phi", SOURCE, result.phi, theirs, named(name))
