"""Alpha and omega against psych, PSPP and pingouin; the reasons where they cannot be computed."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.measurement import Alpha, Omega, cronbach_alpha, omega_total
from manyi_analysis.records import Moments, NotComputed, PairwiseMoments

REFERENCE = Path(__file__).parents[1] / "reference"
HERE = REFERENCE / "measurement"
SCALES = json.loads((HERE / "psych_bfi_reliability.json").read_text(encoding="utf-8"))["scales"]
PSPP = json.loads((HERE / "pspp_bfi.json").read_text(encoding="utf-8"))["reliability"]
BFI = pd.read_csv(HERE / "bfi.csv", encoding="utf-8")
SWMD = pd.read_csv(REFERENCE / "explanation" / "swmd.csv", encoding="utf-8")
TURKIYE = (
    Path(__file__).parents[3] / "shared" / "examples" / "turkiye" / "turkiye-student-evaluation_generic.csv"
)
NAMES = list(SCALES)


def keyed(scale: str) -> pd.DataFrame:
    """Return a scale's items, keyed, on all 2,800 rows."""
    keys = SCALES[scale]["keys"]
    return pd.DataFrame({key.lstrip("-"): 7 - BFI[key[1:]] if key[0] == "-" else BFI[key] for key in keys})


def alpha_of(frame: pd.DataFrame, confidence: float = 0.95) -> Alpha:
    result = cronbach_alpha(Moments.of(frame, list(frame)), confidence)
    assert isinstance(result, Alpha)
    return result


def omega_of(frame: pd.DataFrame) -> Omega:
    result = omega_total(Moments.of(frame, list(frame)))
    assert isinstance(result, Omega)
    return result


def total(scale: str, quantity: str, rows: str = "listwise_scale") -> float:
    return SCALES[scale][rows]["total"][quantity]


def test_the_alpha_of_agreeableness_listwise_on_its_own_items():
    assert alpha_of(keyed("agree")).alpha == pytest.approx(0.703755894374836, abs=1e-14)


@pytest.mark.parametrize("scale", NAMES)
def test_alpha(scale, compare):
    compare("alpha", "psych: bfi", alpha_of(keyed(scale)).alpha, total(scale, "raw_alpha"), "listwise")


@pytest.mark.parametrize("scale", NAMES)
def test_alpha_on_the_rows_complete_on_all_items(scale, compare):
    frame = keyed(scale)[BFI.iloc[:, :25].notna().all(axis=1)]
    expected = total(scale, "raw_alpha", "listwise_all25")
    compare("alpha", "psych: bfi", alpha_of(frame).alpha, expected, "rows complete on all 25 items")


@pytest.mark.parametrize("scale", NAMES)
def test_alpha_pairwise(scale, compare):
    frame = keyed(scale)
    result = cronbach_alpha(PairwiseMoments.of(frame, list(frame)))
    assert isinstance(result, Alpha)
    expected = total(scale, "raw_alpha", "pairwise_all2800")
    compare("alpha", "psych: bfi", result.alpha, expected, "pairwise")


@pytest.mark.parametrize("scale", NAMES)
def test_lower_limit(scale, compare):
    feldt = SCALES[scale]["listwise_scale"]["feldt"]
    compare("alpha.limits", "psych: bfi", alpha_of(keyed(scale)).low, feldt["lower.ci"], "listwise")


@pytest.mark.parametrize("scale", NAMES)
def test_upper_limit(scale, compare):
    feldt = SCALES[scale]["listwise_scale"]["feldt"]
    compare("alpha.limits", "psych: bfi", alpha_of(keyed(scale)).high, feldt["upper.ci"], "listwise")


@pytest.mark.parametrize("scale", NAMES)
def test_standardized_alpha(scale, compare):
    found = alpha_of(keyed(scale)).standardized
    compare("alpha.standardized", "psych: bfi", found, total(scale, "std.alpha"))


@pytest.mark.parametrize("scale", NAMES)
def test_mean_correlation_between_items(scale, compare):
    compare("alpha.mean_r", "psych: bfi", alpha_of(keyed(scale)).mean_r, total(scale, "average_r"))


@pytest.mark.parametrize("scale", NAMES)
def test_alpha_as_pspp(scale, compare):
    printed = PSPP[scale]["Reliability Statistics"][1][0]
    compare("alpha", "pspp: bfi", alpha_of(keyed(scale)).alpha, printed, "listwise", 1e-11)


@pytest.mark.parametrize("scale", NAMES)
def test_n_as_pspp(scale, compare):
    cases = {row[0]: row[1] for row in PSPP[scale]["Case Processing Summary"][1:]}
    result = alpha_of(keyed(scale))
    expected = (cases["Valid"], cases["Excluded"])
    compare("alpha.n", "pspp: bfi", (result.n, result.missing), expected, "listwise")


@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
def test_alpha_and_interval_as_pingouin(confidence, compare):
    import pingouin

    frame = keyed("neuroticism").dropna()
    expected, limits = pingouin.cronbach_alpha(data=frame, ci=confidence)
    result = alpha_of(frame, confidence)
    compare("alpha", "pingouin: bfi", result.alpha, expected, "listwise")
    found, because = [result.low, result.high], "rounds to three decimals"
    compare("alpha.limits", "pingouin: bfi", found, limits, "listwise", 5e-4, because=because)


@pytest.mark.parametrize("scale", NAMES)
def test_omega_total(scale, compare):
    expected = SCALES[scale]["omega_nf1_listwise_scale"]["omega_tot"]
    compare("omega", "psych: bfi", omega_of(keyed(scale)).omega_total, expected, tolerance=1e-7)


@pytest.mark.parametrize("scale", NAMES)
def test_loadings_of_the_one_factor(scale, compare):
    schmid = SCALES[scale]["omega_nf1_listwise_scale"]["schmid_loadings"]["values"]
    expected = [row[0] for row in schmid]
    compare("omega.loadings", "psych: bfi", omega_of(keyed(scale)).loadings, expected)


def test_swmd():
    assert alpha_of(SWMD.filter(like="Item")).alpha == pytest.approx(0.866623, abs=5e-7)


@pytest.mark.skipif(not TURKIYE.exists(), reason="the folder 'shared' is not beside the checkout")
def test_turkiye():
    items = pd.read_csv(TURKIYE, encoding="utf-8").iloc[:, 5:]
    assert items.shape == (5820, 28)
    assert alpha_of(items).alpha == pytest.approx(0.991956, abs=5e-7)


def test_item_keyed_the_wrong_way_shows():
    frame = keyed("agree").assign(A1=BFI["A1"])
    assert omega_of(frame).against_key == ("A1",)


def test_unreversed_items_of_extraversion_give_the_notorious_alpha():
    # STATISTICS of the project, mistake 1: alpha .761 -> -.624.
    assert round(alpha_of(BFI[["E1", "E2", "E3", "E4", "E5"]]).alpha, 3) == -0.624


def reason(statistic, frame: pd.DataFrame) -> str:
    result = statistic(Moments.of(frame, list(frame)))
    assert isinstance(result, NotComputed)
    return result.reason


def test_one_item():
    assert reason(cronbach_alpha, keyed("agree")[["A2"]]) == "one-item-scale: items=A2"


def test_constant_item():
    assert reason(cronbach_alpha, keyed("agree").assign(A2=3.0)) == "constant-item: items=A2"


def test_one_row():
    assert reason(cronbach_alpha, keyed("agree").iloc[:1]) == "too-few-rows: needed=2"


def test_nobody_answered():
    assert reason(cronbach_alpha, keyed("agree").assign(A2=np.nan)) == "too-few-rows: needed=2"


def test_item_beside_its_own_reverse():
    frame = pd.DataFrame({"a": BFI["A2"], "b": 7 - BFI["A2"]})
    assert reason(cronbach_alpha, frame) == "no-total-variance: items=a b"


def test_omega_of_two_items():
    assert reason(omega_total, keyed("agree")[["A2", "A3"]]) == "too-few-items: k=2, needed=3"


def test_omega_with_no_more_rows_than_items():
    assert reason(omega_total, keyed("agree").dropna().iloc[:5]) == "fewer-rows-than-items: k=5"


def test_omega_of_an_item_twice_names_it():
    frame = keyed("agree").assign(again=keyed("agree")["A3"])
    assert reason(omega_total, frame) == "singular-correlations: items=A3 again"


def test_not_computed_says_how_many_rows_there_were():
    result = cronbach_alpha(Moments.of(keyed("agree").assign(A2=3.0), ["A1", "A2"]))
    assert result.n == int(BFI["A1"].notna().sum())
