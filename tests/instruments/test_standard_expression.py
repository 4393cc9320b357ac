"""Formulas: arithmetic against Python's own, missing values and zero divisors, faults with their position."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manyi_instruments.expressions import parse_expression
from manyi_instruments.faults import DefinitionFaulty

COLUMNS = {
    "a": np.array([1.0, 2.0, np.nan, 0.0]),
    "b": np.array([4.0, 0.0, 1.0, 0.0]),
    "班数": np.array([12.0, 13.0, 36.0, 37.0]),
}


def value(formula: str) -> list[float]:
    return parse_expression(formula).evaluate(COLUMNS).tolist()


def numbers() -> st.SearchStrategy[str]:
    return st.integers(0, 9).map(str) | st.floats(0.001, 99).map(lambda number: f"{number:.3f}")


def formulas() -> st.SearchStrategy[str]:
    return st.recursive(
        numbers(),
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from("+-*"), inner).map(" ".join),
            inner.map("({})".format),
            inner.map("-{}".format),
            st.tuples(inner, inner).map(lambda pair: f"max({pair[0]}, {pair[1]})"),
        ),
        max_leaves=12,
    )


@settings(deadline=None, max_examples=50)
@given(formulas())
def test_arithmetic_is_that_of_python(formula: str) -> None:
    ours = float(parse_expression(formula).evaluate({"a": np.zeros(1)})[0])
    assert ours == pytest.approx(eval(formula, {"max": max}), rel=1e-12, abs=1e-12)


def test_product_binds_tighter_than_sum() -> None:
    assert value("2 + 3 * 4 - 6 / 2") == [11.0] * 4


def test_difference_is_taken_from_the_left() -> None:
    assert value("9 - 3 - 2") == [4.0] * 4


def test_chinese_column_names() -> None:
    assert value("ceil(班数 / 12)") == [1.0, 2.0, 3.0, 4.0]


def test_ceil_keeps_whole_numbers_whole() -> None:
    assert value("ceil(0.1 * 30)") == [3.0] * 4


def test_row_by_row_minimum() -> None:
    assert value("min(b, 班数, 5)") == [4.0, 0.0, 1.0, 0.0]


def test_sum_over_all_rows() -> None:
    assert value("sum(b)") == [5.0] * 4


def test_missing_stays_missing() -> None:
    assert math.isnan(value("a + b")[2])


def test_division_by_zero_is_missing() -> None:
    assert [math.isnan(number) for number in value("班数 / b")] == [False, True, False, True]


def test_division_by_zero_is_told_from_missing() -> None:
    assert parse_expression("a / b").run(COLUMNS).divided_by_zero.tolist() == [False, True, False, True]


def test_missing_over_zero_is_told_as_missing() -> None:
    columns = {"x": np.array([np.nan]), "y": np.array([0.0])}
    assert not parse_expression("x / y").run(columns).divided_by_zero[0]


def test_condition_is_one_or_zero() -> None:
    assert value("b >= 1") == [1.0, 0.0, 1.0, 0.0]


def test_false_and_missing_is_false() -> None:
    assert value("b > 100 and a > 0")[2] == 0.0


def test_true_or_missing_is_true() -> None:
    assert value("b >= 1 or a > 0")[2] == 1.0


def test_true_and_missing_is_missing() -> None:
    assert math.isnan(value("b >= 1 and a > 0")[2])


def test_and_binds_tighter_than_or() -> None:
    assert value("b == 4 or b == 1 and 班数 == 0") == [1.0, 0.0, 0.0, 0.0]


def test_nothing_of_python_is_reachable() -> None:
    with pytest.raises(DefinitionFaulty):
        parse_expression("__import__('os')")


@pytest.mark.parametrize(
    ("formula", "code", "column"),
    [
        ("100 * t_key /", "formula-unexpected", 14),
        ("(a + b", "formula-unexpected", 7),
        ("a + b)", "formula-unexpected", 6),
        ("a × b", "formula-unexpected", 3),
        ("a b", "formula-unexpected", 3),
        ("", "formula-unexpected", 1),
        ("1 + average(a)", "formula-unknown-function", 5),
        ("ceil(a, b)", "formula-argument-count", 1),
        ("min(a)", "formula-argument-count", 1),
        ("1 + (a > b)", "formula-condition-as-number", 5),
        ("a > 1 and b", "formula-number-as-condition", 7),
        ("max(a > b, 1)", "formula-condition-as-number", 5),
    ],
)
def test_fault_names_what_and_where(formula: str, code: str, column: int) -> None:
    with pytest.raises(DefinitionFaulty) as raised:
        parse_expression(formula)
    fault = raised.value.faults[0]
    assert (fault.code, fault.place.column) == (code, column)


def test_endless_brackets_are_a_fault_not_a_crash() -> None:
    with pytest.raises(DefinitionFaulty) as raised:
        parse_expression("(" * 5000 + "a" + ")" * 5000)
    assert raised.value.faults[0].code == "formula-too-deep"


def test_unknown_columns_are_told_with_their_place() -> None:
    faults = parse_expression("a + t_kee / pupils").unknown_columns({"a", "pupils"})
    assert [(fault.details["name"], fault.place.column) for fault in faults] == [("t_kee", 5)]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_fault_message_shows_the_formula(language: str) -> None:
    with pytest.raises(DefinitionFaulty) as raised:
        parse_expression("a + + b")
    assert "a + + b" in raised.value.faults[0].message(language)
