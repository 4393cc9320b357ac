"""Fourth moments: against lavaan's asymptotic covariance matrix, and that they add."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.records import FourthMoments

HERE = Path(__file__).parents[1] / "reference" / "measurement"
GAMMA = np.array(json.loads((HERE / "confirmatory.json").read_text(encoding="utf-8"))["gamma"])
HOLZINGER = pd.read_csv(HERE / "holzinger1939.csv", encoding="utf-8")
ITEMS = tuple(f"x{number}" for number in range(1, 10))
WHOLE = FourthMoments.of(HOLZINGER, ITEMS)


def as_lavaan_orders(matrix: np.ndarray, k: int) -> np.ndarray:
    """Return rows and columns column by column of the lower triangle, as lavaan's vech has them."""
    rows, cols = np.tril_indices(k)
    order = np.lexsort((rows, cols))
    return matrix[np.ix_(order, order)]


def test_asymptotic_covariance_as_lavaan(compare):
    found = as_lavaan_orders(WHOLE.asymptotic_covariance(), 9)
    compare("record.gamma", "lavaan: Holzinger & Swineford", found, GAMMA)


def test_with_means_their_covariance_stands_first():
    found = WHOLE.asymptotic_covariance(means=True)[:9, :9]
    assert found == pytest.approx(np.cov(HOLZINGER[list(ITEMS)].T, bias=True), abs=1e-10)


def test_parts_add_to_the_whole():
    added = FourthMoments.of(HOLZINGER.iloc[:100], ITEMS) + FourthMoments.of(HOLZINGER.iloc[100:], ITEMS)
    assert added.asymptotic_covariance() == pytest.approx(WHOLE.asymptotic_covariance(), abs=1e-10)


def test_parts_of_different_shifts_add():
    far = FourthMoments.of(HOLZINGER.iloc[100:], ITEMS, np.full(9, 7.5))
    added = FourthMoments.of(HOLZINGER.iloc[:100], ITEMS) + far
    assert added.asymptotic_covariance() == pytest.approx(WHOLE.asymptotic_covariance(), abs=1e-9)


def test_some_columns_in_another_order():
    chosen = ("x7", "x2", "x5")
    found = WHOLE.select(chosen).asymptotic_covariance(means=True)
    expected = FourthMoments.of(HOLZINGER, chosen).asymptotic_covariance(means=True)
    assert found == pytest.approx(expected, abs=1e-10)


def test_rows_that_lack_an_answer_are_dropped_and_counted():
    frame = HOLZINGER.astype({"x3": float})
    frame.loc[:9, "x3"] = np.nan
    record = FourthMoments.of(frame, ITEMS)
    assert (record.n, record.missing) == (291, 10)


def test_moments_of_different_columns_do_not_add():
    with pytest.raises(ValueError, match="different columns"):
        WHOLE + FourthMoments.of(HOLZINGER, ITEMS[:3])
