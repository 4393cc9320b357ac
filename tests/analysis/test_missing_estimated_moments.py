"""EM estimates in the place of moments, against lavaan's full-information estimates."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.measurement import cronbach_alpha, kmo
from manyi_analysis.missing.estimated_moments import EstimatedMoments, em_moments
from manyi_analysis.records import Moments, NotComputed, PairwiseMoments, PatternMoments

HERE = Path(__file__).parents[1] / "reference" / "measurement"
CORRELATION = np.array(json.loads((HERE / "reliability.json").read_text(encoding="utf-8"))["em"])
ITEMS = ["A1", "A2", "A3", "A4", "A5"]
AGREE = pd.read_csv(HERE / "bfi.csv", encoding="utf-8")[ITEMS].assign(A1=lambda frame: 7 - frame["A1"])


@pytest.fixture(scope="module")
def estimated() -> EstimatedMoments:
    result = em_moments(PatternMoments.of(AGREE, ITEMS))
    assert isinstance(result, EstimatedMoments)
    return result


def test_correlations_as_lavaan(estimated, compare):
    compare("em.correlation", "lavaan: bfi", estimated.correlation, CORRELATION)


def test_n_is_that_of_the_pair_with_fewest(estimated):
    pairwise = PairwiseMoments.of(AGREE, ITEMS)
    assert (estimated.n, estimated.missing) == (pairwise.n, pairwise.missing)


def test_complete_rows_give_their_own_correlations():
    complete = AGREE.dropna()
    ours = em_moments(PatternMoments.of(complete, ITEMS))
    assert ours.correlation == pytest.approx(Moments.of(complete, ITEMS).correlation, abs=1e-12)


def test_kmo_and_alpha_take_it(estimated):
    assert kmo(estimated).n == cronbach_alpha(estimated).n == estimated.n


def test_column_nobody_answered():
    assert isinstance(em_moments(PatternMoments.of(AGREE.assign(A1=np.nan), ITEMS)), NotComputed)
