"""The indices of careless answering against R: careless 1.2.2, and by hand where answers are missing."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.careless import (
    ItemPairs,
    MahalanobisMetric,
    average_string,
    contradictory_pairs,
    even_odd,
    long_string,
    mahalanobis_metric,
    psychometric_pairs,
    response_variability,
    within_person_correlation,
)
from manyi_analysis.records import NotComputed, PairwiseMoments

REFERENCE = Path(__file__).parents[1] / "reference"
COMPLETE = json.loads((REFERENCE / "careless" / "careless_1_2_2.json").read_text(encoding="utf-8"))
MISSING = json.loads((REFERENCE / "careless" / "missing_answers.json").read_text(encoding="utf-8"))
BFI = pd.read_csv(REFERENCE / "measurement" / "bfi.csv", encoding="utf-8").iloc[:, :25].astype(float)
SIMULATED = pd.read_csv(REFERENCE / "careless" / "careless_dataset.csv", encoding="utf-8").astype(float)
REVERSED = ["A1", "C4", "C5", "E1", "E2", "O2", "O5"]
Told = dict[str, Any]


def by_item(frame: pd.DataFrame) -> np.ndarray:
    return np.ascontiguousarray(frame.to_numpy().T)


def keyed(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(**{name: 7 - frame[name] for name in REVERSED})


def blocks(frame: pd.DataFrame) -> list[range]:
    return [range(start, start + 5) for start in range(0, frame.shape[1], 5)]


def metric(frame: pd.DataFrame) -> MahalanobisMetric:
    found = mahalanobis_metric(PairwiseMoments.of(frame, list(frame)))
    assert isinstance(found, MahalanobisMetric)
    return found


def pairs(critical: float) -> ItemPairs:
    found = psychometric_pairs(PairwiseMoments.of(BFI, list(BFI)), critical)
    assert isinstance(found, ItemPairs)
    return found


def cases() -> dict[str, tuple[np.ndarray, Told]]:
    """Return every index computed, and what R says of it."""
    whole = BFI.dropna().reset_index(drop=True)
    bfi, simulated = COMPLETE["bfi25"], COMPLETE["careless_dataset"]
    return {
        "bfi longstring": (long_string(by_item(whole)), bfi["longstring"]),
        "bfi average string": (average_string(by_item(whole)), bfi["avgstring"]),
        "bfi irv": (response_variability(by_item(whole)), bfi["irv"]),
        "bfi mahad": (metric(whole).squared(by_item(whole)), bfi["mahad"]),
        "bfi evenodd": (even_odd(by_item(keyed(whole)), blocks(whole)), bfi["evenodd_reversed"]),
        "simulated longstring": (long_string(by_item(SIMULATED)), simulated["longstring"]),
        "simulated irv": (response_variability(by_item(SIMULATED)), simulated["irv"]),
        "simulated mahad": (metric(SIMULATED).squared(by_item(SIMULATED)), simulated["mahad"]),
        "simulated evenodd": (even_odd(by_item(SIMULATED), blocks(SIMULATED)), simulated["evenodd"]),
        "missing longstring": (long_string(by_item(BFI)), MISSING["longstring"]),
        "missing average string": (average_string(by_item(BFI)), MISSING["avgstring"]),
        "missing irv": (response_variability(by_item(BFI)), MISSING["irv"]),
        "missing mahad": (metric(BFI).squared(by_item(BFI)), MISSING["mahad"]),
        "missing evenodd": (even_odd(by_item(keyed(BFI)), blocks(BFI)), MISSING["evenodd"]),
        "synonyms": (within_person_correlation(by_item(BFI), pairs(0.45)), MISSING["synonyms"]),
        "antonyms": (within_person_correlation(by_item(BFI), pairs(-0.35)), MISSING["antonyms"]),
    }


CASES = cases()
#: Statistic of the catalogue, and source, of each case.
STATISTICS = {name: f"careless.{name.partition(' ')[2] or 'pairs'}" for name in CASES}
SOURCES = {
    "bfi": "careless: bfi, complete rows",
    "simulated": "careless: careless_dataset",
    "missing": "psych: bfi with missing answers",
    "synonyms": "r: bfi, synonyms",
    "antonyms": "r: bfi, antonyms",
}


@pytest.mark.parametrize("name", CASES)
def test_index_of_each_of_the_first_respondents(name: str, compare: Callable[..., None]) -> None:
    found, told = CASES[name]
    theirs = np.array(told["first20" if "first20" in told else "first"], dtype=float)
    compare(STATISTICS[name], SOURCES[name.split()[0]], found[: len(theirs)], theirs)


def test_answers_as_bytes_beside_which_were_given_have_the_same_indices() -> None:
    given = BFI.notna().to_numpy().T
    asked, turned = (frame.fillna(0).to_numpy().T.astype(np.int8) for frame in (BFI, keyed(BFI)))
    found = {
        "missing longstring": long_string(asked, given),
        "missing irv": response_variability(asked, given),
        "missing evenodd": even_odd(turned, blocks(BFI), given),
    }
    for name, index in found.items():
        np.testing.assert_array_equal(index, CASES[name][0], err_msg=name)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("moment", ["mean", "sd", "min", "max"])
def test_distribution_over_all_respondents(name: str, moment: str, compare: Callable[..., None]) -> None:
    found, told = CASES[name]
    given = found[~np.isnan(found)]
    ours = {"mean": given.mean(), "sd": given.std(ddof=1), "min": given.min(), "max": given.max()}
    compare(STATISTICS[name], SOURCES[name.split()[0]], ours[moment], told[moment], "distribution")


@pytest.mark.parametrize("name", CASES)
def test_respondents_of_whom_the_index_says_nothing(name: str) -> None:
    found, told = CASES[name]
    assert np.isnan(found).sum() == told["n_na"]


def test_flagged_by_chi_square_as_mahad_does() -> None:
    whole = BFI.dropna()
    found = metric(whole)
    assert (found.squared(by_item(whole)) > found.cut(0.01)).sum() == COMPLETE["bfi25"]["mahad_flag99"]


@pytest.mark.parametrize(("critical", "name"), [(0.45, "synonyms"), (-0.35, "antonyms")])
def test_number_of_psychometric_pairs(critical: float, name: str, compare: Callable[..., None]) -> None:
    compare("careless.pairs", SOURCES[name], len(pairs(critical)), MISSING[name]["pairs"], "number of pairs")


def test_pairs_are_named_in_the_order_asked() -> None:
    assert ("N1", "N2") in pairs(0.45).names


def test_too_few_pairs_are_a_reason() -> None:
    found = psychometric_pairs(PairwiseMoments.of(BFI, list(BFI)), 0.65)
    assert isinstance(found, NotComputed)
    assert (found.code, found.details["found"]) == ("too-few-item-pairs", 1)


def test_a_constant_item_has_no_distance() -> None:
    found = mahalanobis_metric(PairwiseMoments.of(BFI.assign(A1=3.0), list(BFI)))
    assert isinstance(found, NotComputed)
    assert (found.code, found.details["items"]) == ("constant-item", ("A1",))


def test_an_item_that_stands_twice_has_no_distance() -> None:
    doubled = BFI.assign(again=BFI["A1"])
    found = mahalanobis_metric(PairwiseMoments.of(doubled, list(doubled)))
    assert isinstance(found, NotComputed)
    assert found.code == "singular-correlations"


def test_distance_does_not_depend_on_the_key() -> None:
    turned = keyed(BFI)
    np.testing.assert_allclose(metric(turned).squared(by_item(turned)), CASES["missing mahad"][0], atol=1e-9)


EMPTY = np.full((6, 1), np.nan)


@pytest.mark.parametrize(
    "found",
    [
        long_string(EMPTY),
        average_string(EMPTY),
        response_variability(EMPTY),
        even_odd(EMPTY, [[0, 1, 2], [3, 4, 5]]),
    ],
    ids=["long", "average", "variability", "even-odd"],
)
def test_no_answers_no_index(found: np.ndarray) -> None:
    assert np.isnan(found).all()


def test_one_answer_throughout_has_variability_zero() -> None:
    assert response_variability(np.full((7, 2), 4.0)).tolist() == [0.0, 0.0]


def test_a_scale_without_both_halves_does_not_count() -> None:
    answers = np.array([[1.0], [2.0], [5.0], [4.0], [3.0]])
    assert np.isnan(even_odd(answers, [[0, 1], [4]])).all()


@pytest.mark.parametrize(("position", "name"), [(0, "contradictory"), (1, "answered")])
def test_contradictory_pairs_as_counted_row_by_row(
    position: int, name: str, compare: Callable[..., None]
) -> None:
    reference = json.loads((REFERENCE / "careless" / "contradictions.json").read_text(encoding="utf-8"))
    answers = by_item(keyed(BFI)[["A1", "A2", "A3", "E1", "E2", "E3"]])
    places = [(0, 1), (0, 2), (3, 5), (4, 5)]
    found = contradictory_pairs(answers, places, np.full(6, 2.0), np.full(6, 5.0))
    compare("careless.contradictions", "r: bfi", found[position], reference[name], name)


def test_contradiction_is_the_same_in_both_directions() -> None:
    answers = np.array([[5.0, 1.0, 3.0], [1.0, 5.0, 3.0]])
    found, answered = contradictory_pairs(answers, [(0, 1)], np.full(2, 1.0), np.full(2, 5.0))
    assert (found.tolist(), answered.tolist()) == ([1, 1, 0], [1, 1, 1])
