"""Extreme groups, floor and ceiling against t.test, lm and plain shares in R."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.measurement import Discrimination, answer_range, item_discrimination
from manyi_analysis.records import NotComputed, Tables

HERE = Path(__file__).parents[1] / "reference" / "measurement"
REFERENCE = json.loads((HERE / "reliability.json").read_text(encoding="utf-8"))
R, RANGES = REFERENCE["extremes"], REFERENCE["ranges"]
BFI = pd.read_csv(HERE / "bfi.csv", encoding="utf-8")
ITEMS = ["N1", "N2", "N3", "N4", "N5"]
SCORED = BFI[ITEMS].assign(total=BFI[ITEMS].sum(axis=1, skipna=False))


def discriminate(frame: pd.DataFrame, items: list[str] = ITEMS) -> Discrimination:
    tables = Tables.of(frame, [*items, "total"], values=dict.fromkeys(items, range(1, 7)))
    result = item_discrimination(tables, "total", items)
    assert isinstance(result, Discrimination)
    return result


@pytest.mark.parametrize("quantity", ["n", "low_cut", "high_cut", "n_low", "n_high"])
def test_groups_as_r(quantity, compare):
    found = getattr(discriminate(SCORED).groups, quantity)
    compare("discrimination.groups", "r: bfi", found, R[quantity.removesuffix("_cut")])


@pytest.mark.parametrize("item", ITEMS)
@pytest.mark.parametrize(
    "quantity",
    ["mean_high", "mean_low", "cr", "df", "cr_pooled", "df_pooled", "levene_f"],
)
def test_item_as_r(item, quantity, compare):
    frame = discriminate(SCORED).to_frame().set_index("item")
    compare("discrimination.cr", "r: bfi", frame.loc[item, quantity], R["items"][item][quantity])


@pytest.mark.parametrize("item", ITEMS)
@pytest.mark.parametrize("quantity", ["p", "p_pooled", "levene_p"])
def test_probability_as_r(item, quantity, compare):
    frame = discriminate(SCORED).to_frame().set_index("item")
    compare("discrimination.p", "r: bfi", frame.loc[item, quantity], R["items"][item][quantity])


def test_index_is_the_difference_over_the_declared_range(compare):
    row = discriminate(SCORED).items[0]
    expected = (R["items"]["N1"]["mean_high"] - R["items"]["N1"]["mean_low"]) / 5
    compare("discrimination.index", "r: bfi", row.index, expected)


def test_order_of_rows_does_not_matter_although_totals_are_tied():
    mixed = SCORED.sample(frac=1.0, random_state=4)
    pd.testing.assert_frame_equal(discriminate(mixed).to_frame(), discriminate(SCORED).to_frame())


def test_rows_without_total_are_counted_as_missing():
    assert discriminate(SCORED).missing == 2800 - R["n"]


def test_tables_of_parts_add():
    parts = [SCORED.iloc[:1000], SCORED.iloc[1000:]]
    declared = dict.fromkeys(ITEMS, range(1, 7))
    whole = sum(
        (Tables.of(part, [*ITEMS, "total"], values=declared) for part in parts[1:]),
        start=Tables.of(parts[0], [*ITEMS, "total"], values=declared),
    )
    result = item_discrimination(whole, "total", ITEMS)
    pd.testing.assert_frame_equal(result.to_frame(), discriminate(SCORED).to_frame())


def test_item_that_does_not_vary_has_a_reason():
    frame = discriminate(SCORED.assign(N1=3.0)).to_frame().set_index("item")
    assert np.isnan(frame.loc["N1", "cr"])
    assert frame.loc["N1", "reason"].startswith("difference-constant-groups")


def test_totals_too_much_alike():
    frame = SCORED.assign(total=np.where(np.arange(len(SCORED)) < 2500, 3.0, 5.0))
    result = item_discrimination(Tables.of(frame, [*ITEMS, "total"]), "total", ITEMS)
    assert isinstance(result, NotComputed)
    assert result.reason == "extreme-groups-overlap: cut=3.0"


def test_three_respondents():
    result = item_discrimination(Tables.of(SCORED.iloc[:3], [*ITEMS, "total"]), "total", ITEMS)
    assert isinstance(result, NotComputed)
    assert result.code == "too-few-rows"


RANGE = answer_range(Tables.of(BFI, list(BFI.columns[:25]))).to_frame().set_index("item")


@pytest.mark.parametrize("quantity", ["floor", "ceiling"])
def test_share_of_lowest_and_highest_as_r(quantity, compare):
    expected = [RANGES[quantity][item] for item in RANGE.index]
    compare("item.floor", "r: bfi", RANGE[quantity], expected)


def test_missing_share_as_r(compare):
    expected = [RANGES["missing"][item] for item in RANGE.index]
    compare("item.missing_share", "r: bfi", RANGE["missing_share"], expected)


def test_declared_answer_that_nobody_gave_is_the_ceiling():
    frame = pd.DataFrame({"a": [1.0, 1, 2, 3]})
    row = answer_range(Tables.of(frame, ["a"], values={"a": range(1, 6)})).to_frame().iloc[0]
    assert (row["floor"], row["ceiling"], row["floor_effect"]) == (0.5, 0.0, True)


def test_item_nobody_answered_has_a_reason():
    frame = pd.DataFrame({"a": [np.nan, np.nan]})
    row = answer_range(Tables.of(frame, ["a"], values={"a": range(1, 6)})).to_frame().iloc[0]
    assert (row["reason"], row["missing_share"]) == ("item-without-answers: item=a", 1.0)
