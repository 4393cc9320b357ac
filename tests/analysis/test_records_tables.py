"""Answer counts equal R's table(); shape of distributions equals psych::describe(type = 2) and PSPP."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.records import Shape, Tables

HERE = Path(__file__).parents[1] / "reference" / "measurement"
R = json.loads((HERE / "measurement.json").read_text(encoding="utf-8"))
PSPP = json.loads((HERE / "pspp_bfi.json").read_text(encoding="utf-8"))["descriptives"]
BFI = pd.read_csv(HERE / "bfi.csv", encoding="utf-8")
ITEMS = tuple(BFI.columns[:25])


@pytest.fixture(scope="module")
def tables() -> Tables:
    return Tables.of(BFI, ITEMS)


def test_counts_of_an_item(tables, compare):
    compare("record.counts", "r: bfi", tables.answers("A1")[1], list(R["answers_A1"].values()))


def test_contingency_table(tables, compare):
    compare("record.counts", "r: bfi", tables.table("A1", "A2"), R["table_A1_A2"])


def test_table_of_an_item_with_itself_is_its_counts(tables):
    assert np.array_equal(np.diagonal(tables.table("C4", "C4")), tables.answers("C4")[1])


@pytest.mark.parametrize("quantity", ["n", "mean", "sd", "skew", "kurtosis"])
def test_shape_as_psych_type_2(tables, quantity, compare):
    ours = [getattr(tables.shape(item), quantity) for item in R["type2"]["items"]]
    compare(f"item.{quantity}", "psych: bfi, describe(type = 2)", ours, R["type2"][quantity])


@pytest.mark.parametrize(("heading", "quantity"), [("Skewness", "skew"), ("Kurtosis", "kurtosis")])
def test_shape_as_pspp(tables, heading, quantity, compare):
    at = PSPP[0].index(heading)
    rows = [row for row in PSPP[1:] if row[0] in ITEMS]
    assert len(rows) == 25
    ours = [getattr(tables.shape(row[0]), quantity) for row in rows]
    compare(f"item.{quantity}", "pspp: bfi", ours, [row[at] for row in rows], tolerance=1e-11)


def test_partitions_add_even_where_an_answer_is_lacking(tables):
    low = BFI[BFI["A1"] <= 2]
    rest = BFI[~(BFI["A1"] <= 2)]
    added = Tables.of(low, ITEMS) + Tables.of(rest, ITEMS)
    assert added.values == tables.values
    assert np.array_equal(added.counts, tables.counts)
    assert np.array_equal(added.pairs, tables.pairs)


def test_from_partitions(tables):
    added = Tables.from_partitions([BFI.iloc[:5], BFI.iloc[5:]], ITEMS)
    assert np.array_equal(added.pairs, tables.pairs)
    assert added.rows == 2800


def test_declared_answers_stand_even_if_nobody_gave_them():
    frame = pd.DataFrame({"q": [1.0, 3.0, np.nan]})
    tables = Tables.of(frame, ["q"], values={"q": [1, 2, 3, 4]})
    assert tables.answers("q")[1].tolist() == [1, 0, 1, 0]


def test_answers_not_declared_are_not_lost():
    frame = pd.DataFrame({"q": [1.0, 99.0]})
    assert Tables.of(frame, ["q"], values={"q": [1, 2]}).values == ((1.0, 2.0, 99.0),)


def test_answers_that_are_not_whole_numbers():
    frame = pd.DataFrame({"q": [0.5, 1.5, 0.5, np.nan]})
    values, counts = Tables.of(frame, ["q"]).answers("q")
    assert (values.tolist(), counts.tolist()) == ([0.5, 1.5], [2, 1])


def test_shares_are_of_those_who_answered(tables):
    frame = tables.to_frame()
    shares = frame[frame["item"] == "A1"]["share"]
    assert shares.to_numpy() == pytest.approx(BFI["A1"].value_counts(normalize=True, sort=False).sort_index())


def test_item_nobody_answered():
    tables = Tables.of(pd.DataFrame({"q": [np.nan, np.nan]}), ["q"], values={"q": [1, 2]})
    assert tables.shape("q") == Shape(0, None, None, None, None)
    assert tables.to_frame()["share"].isna().all()


def test_item_without_variance_has_no_skew():
    shape = Tables.of(pd.DataFrame({"q": [2.0] * 9}), ["q"]).shape("q")
    assert (shape.sd, shape.skew, shape.kurtosis) == (0.0, None, None)


def test_pairs_not_counted():
    with pytest.raises(ValueError, match="not counted"):
        Tables.of(BFI, ["A1", "A2"], pairs=False).table("A1", "A2")
