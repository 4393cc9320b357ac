"""Test-retest reliability against Shrout & Fleiss (1979) and psych::ICC."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.measurement import Retest, link_occasions, retest_reliability
from manyi_analysis.records import Moments, NotComputed

HERE = Path(__file__).parents[1] / "reference" / "measurement"
R = json.loads((HERE / "reliability.json").read_text(encoding="utf-8"))["retest"]
RATINGS = pd.DataFrame(R["sf"], columns=["a", "b", "c", "d"])
WAVES = pd.DataFrame(R["waves"])


def of(frame: pd.DataFrame) -> Retest:
    result = retest_reliability(Moments.of(frame, list(frame)))
    assert isinstance(result, Retest)
    return result


def test_agreement_as_published(compare):
    # Shrout & Fleiss (1979), table 4: ICC(2,1) = .29.
    compare("retest.icc", "shrout", of(RATINGS).agreement, 0.29, "agreement", 5e-3, because="two decimals")


def test_consistency_as_published(compare):
    # Shrout & Fleiss (1979), table 4: ICC(3,1) = .71.
    found = of(RATINGS).consistency
    compare("retest.icc", "shrout", found, 0.71, "consistency", 5e-3, because="two decimals")


@pytest.mark.parametrize(("frame", "key"), [(RATINGS, "sf_icc"), (WAVES, "waves_icc")])
@pytest.mark.parametrize(("name", "icc"), [("agreement", "icc2"), ("consistency", "icc3")])
def test_icc_and_limits_as_psych(frame, key, name, icc, compare):
    result = of(frame)
    ours = [getattr(result, name), getattr(result, f"{name}_low"), getattr(result, f"{name}_high")]
    compare("retest.icc", "psych: Shrout & Fleiss, two waves", ours, R[key][icc], name)


def test_pearson_and_limits_as_cor_test(compare):
    result = of(WAVES)
    found = [result.pearson, result.pearson_low, result.pearson_high]
    compare("retest.pearson", "r: two waves", found, R["pearson"])


def test_standard_error_of_measurement_as_aov(compare):
    compare("retest.error", "r: two waves", of(WAVES).error, R["error"])


def test_pearson_is_for_two_occasions():
    assert of(RATINGS).pearson is None


def test_shift_lowers_agreement_not_consistency():
    moved = WAVES.assign(second=WAVES["second"] + 1)
    assert of(moved).consistency == pytest.approx(of(WAVES).consistency, abs=1e-12)
    assert of(moved).agreement < of(WAVES).agreement - 0.1


def test_frame():
    frame = of(WAVES).to_frame()
    assert frame["coefficient"].tolist() == ["icc_2_1", "icc_3_1", "pearson"]


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (WAVES[["first"]], "one-item-scale"),
        (WAVES.iloc[:3], "too-few-rows"),
        (WAVES.assign(second=2.0), "constant-item"),
        (WAVES.assign(second=WAVES["first"] + 1), "no-residual"),
    ],
)
def test_reason(frame, code):
    result = retest_reliability(Moments.of(frame, list(frame)))
    assert isinstance(result, NotComputed)
    assert result.code == code


FIRST = pd.DataFrame({"code": ["a", "b", "c", "c", "", None, "d", "e"], "score": [1.0, 2, 3, 4, 5, 6, 7, 8]})
SECOND = pd.DataFrame({"code": ["b", "a", "c", "f", "d", "e", None], "score": [2.5, 1.5, 3, 4, np.nan, 9, 1]})


def test_only_codes_found_once_at_each_occasion_are_linked():
    linked = link_occasions(FIRST, SECOND, "code", "score")
    # a, b, d, e; c stands twice at the first occasion.
    assert (linked.linked, linked.ambiguous) == (4, 1)


def test_linked_scores_belong_to_the_same_person():
    linked = link_occasions(FIRST, SECOND, "code", "score").moments
    # (1, 1.5), (2, 2.5), (8, 9); d has no second score.
    assert (linked.n, linked.missing, linked.mean.tolist()) == (3, 1, [11 / 3, 13 / 3])


def test_answers_that_could_not_be_linked_are_counted():
    linked = link_occasions(FIRST, SECOND, "code", "score")
    assert (linked.only_first, linked.only_second, linked.without_code) == (0, 1, 3)
