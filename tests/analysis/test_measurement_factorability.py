"""KMO, Bartlett's test and eigenvalues against psych and PSPP."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.measurement import Bartlett, Eigenvalues, Kmo, bartlett, eigenvalues, kmo
from manyi_analysis.records import Moments, NotComputed, PairwiseMoments

REFERENCE = Path(__file__).parents[1] / "reference"
HERE = REFERENCE / "measurement"
R = json.loads((HERE / "psych_bfi_efa.json").read_text(encoding="utf-8"))
PSPP = json.loads((HERE / "pspp_bfi.json").read_text(encoding="utf-8"))["factor"]["pc_varimax"]
BFI = pd.read_csv(HERE / "bfi.csv", encoding="utf-8")
ITEMS = tuple(BFI.columns[:25])
TURKIYE = (
    Path(__file__).parents[3] / "shared" / "examples" / "turkiye" / "turkiye-student-evaluation_generic.csv"
)


@pytest.fixture(scope="module")
def moments() -> Moments:
    return Moments.of(BFI, ITEMS)


def kmo_of(moments) -> Kmo:
    result = kmo(moments)
    assert isinstance(result, Kmo)
    return result


def bartlett_of(moments) -> Bartlett:
    result = bartlett(moments)
    assert isinstance(result, Bartlett)
    return result


def test_kmo(moments, compare):
    compare("kmo", "psych: bfi", kmo_of(moments).overall, 0.84864523094684, "listwise")


def test_kmo_of_each_item(moments, compare):
    compare("kmo.item", "psych: bfi", kmo_of(moments).per_item, list(R["KMO"]["MSAi"].values()))


def test_kmo_pairwise(compare):
    result = kmo_of(PairwiseMoments.of(BFI, ITEMS))
    compare("kmo", "psych: bfi", result.overall, R["KMO_pairwise2800"]["MSA"], "pairwise")


def test_kmo_as_pspp(moments, compare):
    printed = PSPP["KMO and Bartlett's Test"][0][-1]
    compare("kmo", "pspp: bfi", kmo_of(moments).overall, printed, "listwise", 1e-11)


def test_bartlett_chi2(moments, compare):
    compare("bartlett.chi2", "psych: bfi", bartlett_of(moments).chi2, 18146.065577235)


def test_bartlett_df(moments, compare):
    compare("bartlett.df", "psych: bfi", bartlett_of(moments).df, R["bartlett"]["df"])


def test_bartlett_p_of_a_small_sample(compare):
    # R: psych::cortest.bartlett(cor(x), n = 40), x the first 40 rows of O1, N1, C1 that are complete.
    frame = BFI[["O1", "N1", "C1"]].dropna().iloc[:40]
    reference = json.loads((HERE / "measurement.json").read_text(encoding="utf-8"))["bartlett_small"]
    compare(
        "bartlett.p", "psych: bfi, 40 rows", bartlett_of(Moments.of(frame, list(frame))).p, reference["p"]
    )


def test_eigenvalues(moments, compare):
    result = eigenvalues(moments)
    assert isinstance(result, Eigenvalues)
    compare("eigenvalues", "r: bfi", result.values, R["eigen"])


def test_number_above_one(moments, compare):
    result = eigenvalues(moments)
    assert isinstance(result, Eigenvalues)
    compare("eigenvalues.kaiser", "r: bfi", result.kaiser, sum(np.array(R["eigen"]) > 1))


@pytest.mark.skipif(not TURKIYE.exists(), reason="the folder 'shared' is not beside the checkout")
def test_turkiye_kmo():
    items = pd.read_csv(TURKIYE, encoding="utf-8").iloc[:, 5:]
    assert kmo_of(Moments.of(items, list(items))).overall == pytest.approx(0.988535, abs=5e-7)


@pytest.mark.skipif(not TURKIYE.exists(), reason="the folder 'shared' is not beside the checkout")
def test_turkiye_bartlett():
    items = pd.read_csv(TURKIYE, encoding="utf-8").iloc[:, 5:]
    assert bartlett_of(Moments.of(items, list(items))).chi2 == pytest.approx(297_891.39, abs=0.005)


def code(result: object) -> str:
    assert isinstance(result, NotComputed)
    return result.code


@pytest.mark.parametrize("statistic", [kmo, bartlett])
def test_total_beside_its_parts(statistic):
    frame = BFI[["N1", "N2", "N3"]].assign(total=BFI[["N1", "N2", "N3"]].sum(axis=1, skipna=False))
    result = statistic(Moments.of(frame, list(frame)))
    assert code(result) == "singular-correlations"
    assert result.details["items"] == ("N1", "N2", "N3", "total")


@pytest.mark.parametrize("statistic", [kmo, bartlett])
def test_fewer_rows_than_items(statistic):
    assert code(statistic(Moments.of(BFI.dropna().iloc[:20], ITEMS))) == "fewer-rows-than-items"


@pytest.mark.parametrize("statistic", [kmo, bartlett, eigenvalues])
def test_one_item(statistic):
    assert code(statistic(Moments.of(BFI, ["A1"]))) == "one-item-scale"


@pytest.mark.parametrize("statistic", [kmo, bartlett, eigenvalues])
def test_constant_item(statistic):
    assert code(statistic(Moments.of(BFI.assign(A1=1.0), ["A1", "A2", "A3"]))) == "constant-item"


def test_pairwise_matrix_that_contradicts_itself():
    rng = np.random.default_rng(0)
    x, nan = rng.normal(size=300), np.full(100, np.nan)
    # Each pair seen on its own third: a with b and b with c agree, a with c are opposite.
    frame = pd.DataFrame(
        {
            "a": np.concatenate([x[:100], nan, -x[200:]]),
            "b": np.concatenate([x[:100], x[100:200], nan]),
            "c": np.concatenate([nan, x[100:200], x[200:]]),
        }
    )
    frame += rng.normal(0, 0.1, frame.shape)
    assert code(kmo(PairwiseMoments.of(frame, list(frame)))) == "not-positive-definite"


def test_items_that_do_not_correlate_at_all():
    frame = pd.DataFrame([[1, 1], [1, -1], [-1, 1], [-1, -1]], columns=["a", "b"], dtype=float)
    assert code(kmo(Moments.of(frame, ["a", "b"]))) == "no-correlation"
