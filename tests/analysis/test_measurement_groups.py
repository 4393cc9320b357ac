"""Statistics of every group equal those R computes on the group's rows."""

import json
from pathlib import Path

import pandas as pd
import pytest

from manyi_analysis.measurement import Alpha, by_group, cronbach_alpha, frame_by_group, item_analysis
from manyi_analysis.records import GroupedMoments, NotComputed

HERE = Path(__file__).parents[1] / "reference" / "measurement"
R = json.loads((HERE / "measurement.json").read_text(encoding="utf-8"))
BFI = pd.read_csv(HERE / "bfi.csv", encoding="utf-8")
ITEMS = ["A1", "A2", "A3", "A4", "A5"]
AGREE = BFI[[*ITEMS, "gender", "education"]].assign(A1=7 - BFI["A1"])
STATISTICS = {"n": "alpha.n", "alpha": "alpha", "low": "alpha.limits", "high": "alpha.limits"}
CASES = [
    (by, key, quantity)
    for by in ("gender", "education")
    for key in R[f"alpha_by_{by}"]
    for quantity in ("n", "alpha", "low", "high")
]


@pytest.mark.parametrize(("by", "key", "quantity"), CASES)
def test_alpha_of_a_group(by, key, quantity, compare):
    result = by_group(GroupedMoments.of(AGREE, ITEMS, by), cronbach_alpha)[key]
    assert isinstance(result, Alpha)
    compare(
        STATISTICS[quantity],
        "psych: bfi",
        getattr(result, quantity),
        R[f"alpha_by_{by}"][key][quantity],
        f"by {by}",
    )


def test_table_of_groups_says_why_one_is_lacking():
    frame = AGREE.assign(education=AGREE["education"].where(AGREE.index > 0, 9))
    table = frame_by_group(by_group(GroupedMoments.of(frame, ITEMS, "education"), cronbach_alpha))
    assert table["group"].tolist() == ["1", "2", "3", "4", "5", "9"]
    assert table["reason"].tolist() == [""] * 5 + ["too-few-rows: needed=2"]


def test_table_of_items_by_group():
    table = frame_by_group(by_group(GroupedMoments.of(AGREE, ITEMS, "gender"), item_analysis))
    assert table.groupby("group").size().to_dict() == {"1": 5, "2": 5}


def test_no_group_has_a_result():
    results = by_group(GroupedMoments.of(AGREE, ["A1"], "gender"), cronbach_alpha)
    assert all(isinstance(result, NotComputed) for result in results.values())
    assert frame_by_group(results)["reason"].tolist() == ["one-item-scale: items=A1"] * 2
