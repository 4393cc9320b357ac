"""Item analysis against psych's item.stats and alpha.drop and PSPP's Item-Total Statistics."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.measurement import ItemAnalysis, item_analysis
from manyi_analysis.records import Moments, NotComputed, Tables

HERE = Path(__file__).parents[1] / "reference" / "measurement"
SCALES = json.loads((HERE / "psych_bfi_reliability.json").read_text(encoding="utf-8"))["scales"]
PSPP = json.loads((HERE / "pspp_bfi.json").read_text(encoding="utf-8"))["reliability"]
BFI = pd.read_csv(HERE / "bfi.csv", encoding="utf-8")
NAMES = list(SCALES)


def keyed(scale: str) -> pd.DataFrame:
    keys = SCALES[scale]["keys"]
    return pd.DataFrame({key.lstrip("-"): 7 - BFI[key[1:]] if key[0] == "-" else BFI[key] for key in keys})


def analysis_of(frame: pd.DataFrame, tables: Tables | None = None) -> ItemAnalysis:
    result = item_analysis(Moments.of(frame, list(frame)), tables)
    assert isinstance(result, ItemAnalysis)
    return result


@pytest.mark.parametrize(
    ("table", "theirs", "ours"),
    [
        ("item_stats", "mean", "mean"),
        ("item_stats", "sd", "sd"),
        ("item_stats", "r.drop", "item_rest_r"),
        ("alpha_drop", "raw_alpha", "alpha_if_deleted"),
    ],
)
@pytest.mark.parametrize("scale", NAMES)
def test_as_psych(scale, table, theirs, ours, compare):
    expected = SCALES[scale]["listwise_scale"][table]["values"][theirs]
    compare(f"item.{ours}", "psych: bfi", analysis_of(keyed(scale)).to_frame()[ours], expected)


@pytest.mark.parametrize(
    ("heading", "ours"),
    [
        ("Scale Mean if Item Deleted", "mean_if_deleted"),
        ("Scale Variance if Item Deleted", "variance_if_deleted"),
        ("Corrected Item-Total Correlation", "item_rest_r"),
        ("Cronbach's Alpha if Item Deleted", "alpha_if_deleted"),
    ],
)
@pytest.mark.parametrize("scale", NAMES)
def test_as_pspp(scale, heading, ours, compare):
    rows = PSPP[scale]["Item-Total Statistics"]
    at = rows[0].index(heading)
    expected = [row[at] for row in rows[1:]]
    found = analysis_of(keyed(scale)).to_frame()[ours]
    compare(f"item.{ours}", "pspp: bfi", found, expected, tolerance=1e-11)


def test_skewness_comes_from_answer_counts():
    frame = keyed("conscientious")
    reference = json.loads((HERE / "measurement.json").read_text(encoding="utf-8"))["type2"]
    skew = analysis_of(frame, Tables.of(frame, list(frame), pairs=False)).to_frame().set_index("item")["skew"]
    assert skew["C1"] == pytest.approx(reference["skew"][reference["items"].index("C1")], abs=1e-12)


def test_constant_item_has_a_reason_and_the_others_their_numbers():
    rows = analysis_of(keyed("agree").assign(A3=2.0)).items
    assert rows[2].item_rest_r is None
    assert rows[2].reasons[0].reason == "constant-item: items=A3"
    assert rows[0].item_rest_r is not None


def test_two_items_have_no_alpha_if_deleted():
    rows = analysis_of(keyed("agree")[["A2", "A3"]]).items
    assert [row.alpha_if_deleted for row in rows] == [None, None]
    assert rows[0].item_rest_r == pytest.approx(BFI["A2"].corr(BFI["A3"]), abs=1e-13)


def test_one_item_has_mean_and_spread():
    result = analysis_of(keyed("agree")[["A2"]])
    assert result.items[0].sd == pytest.approx(BFI["A2"].std(), abs=1e-13)
    assert result.to_frame()["reason"].tolist() == ["one-item-scale: items=A2"]


def test_rest_that_does_not_vary():
    frame = pd.DataFrame({"x": BFI["A4"], "a": BFI["A2"], "b": 7 - BFI["A2"]})
    row = analysis_of(frame).items[0]
    assert [reason.code for reason in row.reasons] == ["no-total-variance", "no-total-variance"]


def test_no_rows():
    result = item_analysis(Moments.of(keyed("agree").assign(A1=np.nan), ["A1", "A2"]))
    assert isinstance(result, NotComputed)
    assert result.code == "too-few-rows"
