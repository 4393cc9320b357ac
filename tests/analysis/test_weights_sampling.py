"""Planning a sample against published tables and R's package sampling."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from manyi_analysis.records import NotComputed
from manyi_analysis.sampling import (
    allocate,
    inclusion_probabilities,
    size_for_mean,
    size_for_share,
    systematic_sample,
)

REFERENCE = Path(__file__).parents[1] / "reference" / "weights"
KNOWN = json.loads((REFERENCE / "weights.json").read_text(encoding="utf-8"))
#: Census of 1790 and Hamilton's apportionment of 120 seats (Balinski & Young 2001, ch. 2).
SEATS = {
    "Connecticut": (236_841, 8),
    "Delaware": (55_540, 2),
    "Georgia": (70_835, 2),
    "Kentucky": (68_705, 2),
    "Maryland": (278_514, 9),
    "Massachusetts": (475_327, 16),
    "New Hampshire": (141_822, 5),
    "New Jersey": (179_570, 6),
    "New York": (331_589, 11),
    "North Carolina": (353_523, 12),
    "Pennsylvania": (432_879, 14),
    "Rhode Island": (68_446, 2),
    "South Carolina": (206_236, 7),
    "Vermont": (85_533, 3),
    "Virginia": (630_560, 21),
}


def test_largest_remainders_of_1790(compare) -> None:
    people, seats = zip(*SEATS.values(), strict=True)
    compare("sampling.allocate", "balinski: census of 1790", allocate(people, 120), seats)


@given(
    st.lists(st.tuples(st.floats(0.5, 1000), st.integers(0, 5), st.integers(0, 40)), min_size=1, max_size=25),
    st.integers(0, 300),
)
def test_allocation_keeps_its_bounds_and_its_total(parts: list[tuple[float, int, int]], total: int) -> None:
    size = [part[0] for part in parts]
    least = np.array([part[1] for part in parts])
    most = least + [part[2] for part in parts]
    found = allocate(size, total, least, most)
    assert (found >= least).all()
    assert (found <= most).all()
    assert found.sum() == np.clip(total, least.sum(), most.sum())


def test_inclusion_probabilities(compare) -> None:
    known = KNOWN["inclusion"]
    found = inclusion_probabilities(known["size"], known["n"])
    compare("sampling.inclusion", "sampling", found, known["probability"])


def test_systematic_sample(compare) -> None:
    known = KNOWN["systematic"]
    drawn = systematic_sample(known["probability"], known["start"])
    compare("sampling.systematic", "sampling", np.flatnonzero(drawn), known["drawn"])


@given(st.lists(st.floats(0.5, 100), min_size=2, max_size=30), st.integers(1, 30), st.floats(0, 0.999))
def test_systematic_sample_has_the_size_asked_for(sizes: list[float], n: int, start: float) -> None:
    probability = inclusion_probabilities(sizes, n)
    assert systematic_sample(probability, start).sum() == min(n, len(sizes))


def test_systematic_sample_has_its_inclusion_probabilities() -> None:
    # Over all starting points the share of samples that hold a unit is its probability.
    probability = inclusion_probabilities([3.0, 9.0, 4.0, 4.0, 30.0], 2)
    starts = (np.arange(2000) + 0.5) / 2000
    share = np.mean([systematic_sample(probability, start) for start in starts], axis=0)
    np.testing.assert_allclose(share, probability, atol=1e-3)


@pytest.mark.parametrize(
    ("population", "n"),
    [(100, 80), (500, 217), (1000, 278), (5000, 357), (10_000, 370), (50_000, 381), (75_000, 382)],
)
def test_sample_sizes_of_krejcie_and_morgan(population: int, n: int, compare) -> None:
    # Krejcie & Morgan (1970), table 1: chi-square of one degree of freedom 3.841, P = .50, d = .05; rounded.
    found, because = size_for_share(0.05, population=population).unrounded, "whole numbers"
    compare("sampling.size", "krejcie", found, n, "share", 0.5, "", because)


def test_sample_size_of_cochran_without_end(compare) -> None:
    # Cochran (1977), sec. 4.4: n0 = 400 with t = 2, p = .5, d = .05.
    found = size_for_share(0.05, confidence=0.9544997361036416)
    compare("sampling.size", "cochran", found.unrounded, 400.0, "share")


def test_sample_size_of_cochran_of_a_population(compare) -> None:
    # Cochran (1977), sec. 4.4: the same of 3,200 people needs 356.
    found = size_for_mean(0.05, 0.5, confidence=0.9544997361036416, population=3200)
    because = "whole numbers"
    compare("sampling.size", "cochran", found.unrounded, 356, "mean, finite population", 0.5, "", because)


def test_clusters_enlarge_a_sample(compare) -> None:
    # Kish (1965, sec. 5.4): 1 + (m − 1)ρ with 20 a school and .1 is 2.9.
    found = size_for_share(0.05, icc=0.1, per_cluster=20)
    compare("sampling.deff", "kish", found.unrounded / found.simple, 2.9)


def test_a_given_number_of_schools_leads_to_the_same_design_effect() -> None:
    found = size_for_share(0.05, icc=0.05, clusters=40)
    again = size_for_share(0.05, icc=0.05, per_cluster=found.unrounded / 40)
    np.testing.assert_allclose(found.unrounded, again.unrounded)


def test_too_few_schools_for_any_number_of_persons() -> None:
    found = size_for_mean(0.05, 1.0, icc=0.1, clusters=20)
    assert isinstance(found, NotComputed)
    assert (found.code, found.details["needed"]) == ("precision-needs-more-schools", 154)
