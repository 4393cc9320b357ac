"""The expression language beyond arithmetic: text, not, if, missing, selected, places, circles, notation."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manyi_instruments.expressions import evaluation_order, parse_expression
from manyi_instruments.expressions.functions import FUNCTIONS
from manyi_instruments.expressions.notation import written
from manyi_instruments.expressions.tokens import LONGEST
from manyi_instruments.expressions.tree import Kind
from manyi_instruments.faults import DefinitionFaulty

KINDS: dict[str, Kind] = {"public": "truth", "boarding": "truth", "area": "text", "town": "text"}
COLUMNS = {
    "a": np.array([1.0, 2.0, np.nan, 0.0]),
    "b": np.array([4.0, 0.0, 1.0, 0.0]),
    "public": pd.Series([True, False, None, True], dtype="boolean"),
    "boarding": pd.Series([False, False, False, True], dtype="boolean"),
    "area": pd.Series(["rural", "urban", None, ""]),
    "town": pd.Series(["rural", "x", "x", "x"], dtype="string"),
}


def value(formula: str) -> list[float | None]:
    found = parse_expression(formula, KINDS).evaluate(COLUMNS).tolist()
    return [None if number is None or number != number else number for number in found]


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("public and not boarding", [1, 0, None, 0]),
        ("not a > 1", [1, 0, None, 1]),
        ("not not public", [1, 0, None, 1]),
        ("area == 'rural'", [1, 0, None, None]),
        ('area != "rural"', [0, 1, None, None]),
        ("area == town", [1, 0, None, None]),
        ("missing(a)", [0, 0, 1, 0]),
        ("missing(a / b)", [0, 1, 1, 1]),
        ("missing(area)", [0, 0, 1, 1]),
        ("if(a > 1, 10, 20)", [20, 10, None, 20]),
        ("if(missing(a), 0, a)", [1, 2, 0, 0]),
        ("first(a, b)", [1, 2, 1, 0]),
        ("first(a / b, -1)", [0.25, -1, -1, -1]),
        ("answered(a, b, area)", [3, 3, 1, 2]),
        ("round(2.5) + 0 * b", [3, 3, 3, 3]),
        ("round(-2.5) + 0 * b", [-3, -3, -3, -3]),
        ("floor(-0.5) + abs(-2) + 0 * b", [1, 1, 1, 1]),
        ("count(b > 0) + 0 * b", [2, 2, 2, 2]),
        ("mean(b)", [1.25, 1.25, 1.25, 1.25]),
        ("sum(a)", [None, None, None, None]),
        ("1e3 * b", [4000, 0, 1000, 0]),
        ("1e308 * 1e308 + b", [None, None, None, None]),
        ("selected(a, 2)", [0, 1, None, 0]),
        ("selected(a, -2)", [0, 0, None, 0]),
        ("selected(area, 'urban')", [0, 1, None, None]),
    ],
)
def test_value(formula: str, expected: list[float | None]) -> None:
    assert value(formula) == expected


def test_selected_reads_the_column_of_a_multiple_choice() -> None:
    chosen = parse_expression("selected(Q5, 3) or selected(Q5, 4)")
    columns = {"Q5__3": np.array([1.0, 0.0, np.nan]), "Q5__4": np.array([0.0, 0.0, np.nan])}
    assert chosen.evaluate(columns).tolist()[:2] == [1.0, 0.0]


def test_if_is_not_spoilt_by_the_branch_not_taken() -> None:
    result = parse_expression("if(b == 0, 0, a / b)").run(COLUMNS)
    assert (result.values[1], bool(result.divided_by_zero[1])) == (0.0, False)


def test_a_zero_divisor_in_one_row_spoils_the_sum_of_all() -> None:
    assert parse_expression("sum(b / b)").run(COLUMNS).divided_by_zero.all()


def test_infinite_input_is_missing() -> None:
    assert math.isnan(parse_expression("x").evaluate({"x": np.array([np.inf])})[0])


@pytest.mark.parametrize(
    ("formula", "code", "place"),
    [
        ("a +\n  * b", "formula-unexpected", (2, 3)),
        ("a\n\n  = b", "formula-unexpected", (3, 3)),
        ("area == 3", "formula-number-as-text", (1, 9)),
        ("a == 'x'", "formula-text-as-number", (1, 6)),
        ("area > 'x'", "formula-text-as-number", (1, 1)),
        ("area == public", "formula-condition-as-text", (1, 9)),
        ("public and area", "formula-text-as-condition", (1, 8)),
        ("not a", "formula-number-as-condition", (1, 5)),
        ("if(a, 1, 2)", "formula-number-as-condition", (1, 4)),
        ("if(public, 1, 'x')", "formula-text-as-number", (1, 15)),
        ("selected(a + 1, 2)", "formula-unexpected", (1, 12)),
        ("selected(a)", "formula-unexpected", (1, 11)),
        ("selected(a, b)", "formula-unexpected", (1, 13)),
        ("area == 'rural", "formula-unexpected", (1, 9)),
        ("9e999", "formula-unexpected", (1, 1)),
        ("1 < a < 3", "formula-unexpected", (1, 7)),
        ("a and", "formula-unexpected", (1, 6)),
        ("a.b", "formula-unexpected", (1, 2)),
        ("a; b", "formula-unexpected", (1, 2)),
        ("lambda: 0", "formula-unexpected", (1, 7)),
        ("a[0]", "formula-unexpected", (1, 2)),
        ("+".join("a" * LONGEST), "formula-too-long", (1, LONGEST + 1)),
        ("-" * 200 + "a", "formula-too-deep", (1, 101)),
        ("not " * 200 + "public", "formula-too-deep", (1, 801)),
    ],
)
def test_fault_names_line_and_column(formula: str, code: str, place: tuple[int, int]) -> None:
    with pytest.raises(DefinitionFaulty) as raised:
        parse_expression(formula, KINDS)
    fault = raised.value.faults[0]
    assert (fault.code, (fault.place.line, fault.place.column)) == (code, place)


@pytest.mark.parametrize("sign", ["=", "<>", "≥", "≤", "×", "÷", "&&", "||", "（"])
def test_a_sign_of_another_language_is_told_with_what_to_write(sign: str) -> None:
    with pytest.raises(DefinitionFaulty) as raised:
        parse_expression(f"a {sign} b")
    wanted = {"=": "==", "<>": "!=", "≥": ">=", "≤": "<=", "×": "*", "÷": "/", "&&": "and", "||": "or"}
    assert raised.value.faults[0].details["expected"] == wanted.get(sign, "(")


def test_a_long_sum_within_the_limit_is_computed() -> None:
    formula = "+".join("b" * (LONGEST // 2 - 1))
    assert parse_expression(formula).evaluate(COLUMNS)[0] == 4.0 * (LONGEST // 2 - 1)


@pytest.mark.parametrize(
    ("formula", "plain"),
    [
        ("((a+b))*((c))", "(a + b) * c"),
        ("a-(b-c)", "a - (b - c)"),
        ("(a-b)-c", "a - b - c"),
        ("a/(b*c)", "a / (b * c)"),
        ("-(a+b)", "-(a + b)"),
        ("not (public and boarding)", "not (public and boarding)"),
        ("(a>1 or b>1) and public", "(a > 1 or b > 1) and public"),
        ("selected( a ,2 )", "selected(a, 2)"),
    ],
)
def test_notation_has_no_idle_brackets(formula: str, plain: str) -> None:
    assert str(parse_expression(formula, KINDS)) == plain


def numbers() -> st.SearchStrategy[str]:
    return st.sampled_from(["a", "b", "1", "0.25", "1e-7", "12345678"])


def conditions() -> st.SearchStrategy[str]:
    compared = st.tuples(numbers(), st.sampled_from(["<", ">=", "==", "!="]), numbers()).map(" ".join)
    return st.recursive(
        compared | st.sampled_from(["public", "missing(area)", "selected(a, 1)", 'area == "it\'s"']),
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from([" and ", " or "]), inner).map("".join).map("({})".format),
            inner.map("not ({})".format),
            st.tuples(inner, numbers(), numbers()).map(lambda t: f"if({t[0]}, {t[1]}, -{t[2]}) / 2 > 0"),
        ).map("({})".format),
        max_leaves=8,
    )


@settings(deadline=None, max_examples=100)
@given(conditions())
def test_what_is_written_down_reads_as_the_same_tree(formula: str) -> None:
    tree = parse_expression(formula, KINDS).tree
    assert parse_expression(written(tree), KINDS).tree == tree


@settings(deadline=None, max_examples=100)
@given(st.text(alphabet="ab01.'\"()+-*/<>=!, \n不notandorif", max_size=40))
def test_any_text_gives_a_tree_or_a_named_fault(formula: str) -> None:
    codes: list[str] = []
    unknown: tuple[object, ...] = ()
    try:
        expression = parse_expression(formula, KINDS)
        unknown = expression.unknown_columns(COLUMNS)
        if not unknown:
            expression.evaluate(COLUMNS)
    except DefinitionFaulty as error:
        codes = [fault.code for fault in error.faults]
    assert all(code.startswith("formula-") for code in codes)


def test_same_expression_is_the_same_record() -> None:
    assert parse_expression("a + b", KINDS) is parse_expression("a + b", dict(reversed(KINDS.items())))


def test_only_functions_over_rows_are_told() -> None:
    assert {name for name, function in FUNCTIONS.items() if function.over_rows} == {"sum", "mean", "count"}


def order(**formulas: str) -> tuple[tuple[str, ...], dict[str, str]]:
    parsed = {name: parse_expression(formula) for name, formula in formulas.items()}
    found, faults = evaluation_order(parsed, {"a", "b"})
    return found, {name: fault.code for name, fault in faults.items()}


def test_each_stands_behind_what_it_needs() -> None:
    assert order(z="y + x", y="2 * x", x="a / b") == (("x", "y", "z"), {})


def test_a_circle_is_a_fault_of_each_on_it() -> None:
    assert order(x="y", y="z", z="x", fine="a")[1] == dict.fromkeys("xyz", "formula-circular")


def test_one_that_names_itself_is_circular() -> None:
    assert order(x="x + 1")[1] == {"x": "formula-circular"}


def test_what_leads_to_a_circle_is_not_computed_and_not_blamed() -> None:
    assert order(x="x", w="x + a", fine="b") == (("fine",), {"x": "formula-circular"})


def test_an_unknown_name_is_a_fault() -> None:
    assert order(x="a + c")[1] == {"x": "formula-unknown-column"}
