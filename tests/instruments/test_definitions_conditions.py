"""Conditions and sections: what is checked with its place, and whom the conditions ask."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manyi_instruments.definitions.loader import check_questionnaire, load_questionnaire
from manyi_instruments.definitions.routing import asked_questions, rules
from manyi_instruments.expressions import parse_expression
from manyi_instruments.expressions.deciding import decide
from manyi_instruments.expressions.definite import surely, surely_not

HEAD = """questionnaire: q
title: {en: Q}
languages: [en]
answer_lists:
  yes_no: {values: [0, 1], en: ["no", "yes"]}
  ways: {values: [1, 2, 3], en: [bus, car, foot], ordered: false}
sections:
  - {id: way, title: {en: The way}, first: WAYS}
  - {id: end, title: {en: The end}, first: WISH, relevant: "missing(AGE) or AGE >= 18"}
demographics:
  - {id: AGE, text: {en: Age}, type: number, minimum: 0, maximum: 99}
items:
  - {id: WAYS, text: {en: How do you come?}, type: multiple, answers: ways}
  - {id: BUS, text: {en: Is it late?}, answers: yes_no, standalone: true, relevant: "selected(WAYS, 1)"}
  - {id: WAIT, text: {en: How long?}, type: number, minimum: 0, maximum: 99, standalone: true,
     relevant: BUS == 1, constraint: WAIT <= AGE, constraint_message: {en: That is long.}}
  - {id: WISH, text: {en: A wish?}, type: text}
"""


def faults_of(fields: str, first: str = "") -> list[tuple[str, int | None, int | None]]:
    """Return code, line and column of the faults of one more item."""
    text = HEAD + first + f"  - {{id: X, text: {{en: X?}}, answers: yes_no, standalone: true, {fields}}}\n"
    return [
        (fault.code, fault.place.line, fault.place.column)
        for fault in check_questionnaire(text, "q.yaml")
        if fault.severity == "error"
    ]


def test_the_example_is_sound() -> None:
    assert check_questionnaire(HEAD, "q.yaml") == ()


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ("relevant: AGEE > 3", "formula-unknown-column"),
        ("relevant: AGE >", "formula-unexpected"),
        ("relevant: X == 1", "condition-later"),
        ("relevant: sum(AGE) > 3", "condition-over-rows"),
        ("relevant: WAYS > 1", "condition-incomparable"),
        ("relevant: 'selected(AGE, 3)'", "condition-not-chosen"),
        ("relevant: 'selected(WAYS, 4)'", "condition-answer-unknown"),
        ("relevant: BUS == 2", "condition-answer-unknown"),
        ("relevant: 1 == 1", "condition-names-nothing"),
        ("relevant: answered(AGE) >= 0 and missing(AGE) and not missing(AGE)", None),
        ("relevant: AGE + 1", "formula-not-truth"),
        ("constraint: AGE > 3", "constraint-without-item"),
        ("constraint_message: {en: No.}", "constraint-message-alone"),
    ],
)
def test_a_condition_that_cannot_be_meant_is_named(fields: str, code: str | None) -> None:
    assert [found for found, _, _ in faults_of(fields)] == ([code] if code else [])


def test_the_place_is_the_character_of_the_name() -> None:
    line = HEAD.count("\n") + 1
    column = len("  - {id: X, text: {en: X?}, answers: yes_no, standalone: true, relevant: AGE > 3 and ") + 1
    assert faults_of("relevant: AGE > 3 and AGEE > 3") == [("formula-unknown-column", line, column)]


def test_an_item_asked_later_is_told_where_the_condition_stands() -> None:
    first = "  - {id: Y, text: {en: Y?}, answers: yes_no, standalone: true, relevant: X == 1}\n"
    line = HEAD.count("\n") + 1
    assert faults_of("note: none", first)[0][:2] == ("condition-later", line)


@pytest.mark.parametrize(
    ("sections", "code"),
    [
        ("{id: a, title: {en: A}, first: NONE}", "section-first-unknown"),
        ("{id: a, title: {en: A}, first: WISH}, {id: b, title: {en: B}, first: BUS}", "section-order"),
        ("{id: a, title: {en: A}, first: BUS}, {id: a, title: {en: B}, first: WISH}", "section-twice"),
        ("{id: a, title: {en: A}, first: BUS, relevant: WAIT > 3}", "condition-later"),
    ],
)
def test_sections_are_checked(sections: str, code: str) -> None:
    head, rest = HEAD.split("sections:")
    text = f"{head}sections: [{sections}]\ndemographics:{rest.split('demographics:')[1]}"
    assert [fault.code for fault in check_questionnaire(text, "q.yaml")] == [code]


def test_questions_behind_one_that_is_not_asked_are_not_asked() -> None:
    # BUS was answered before the way was changed: its answer counts no longer.
    answers = {"AGE": 20, "WAYS": {2}, "BUS": 1, "WAIT": 5}
    assert asked_questions(rules(load_questionnaire(HEAD)), answers) == ("AGE", "WAYS", "WISH")


def test_a_section_that_is_not_asked_takes_its_questions_with_it() -> None:
    assert asked_questions(rules(load_questionnaire(HEAD)), {"AGE": 12, "WAYS": {1}}) == (
        "AGE",
        "WAYS",
        "BUS",
    )


def test_a_constraint_that_cannot_be_decided_refuses_nothing() -> None:
    refused = rules(load_questionnaire(HEAD))["WAIT"].refused
    assert (decide(refused, {"WAIT": 30, "AGE": 20}), decide(refused, {"WAIT": 30})) == (True, False)


NUMBERS = st.recursive(
    st.sampled_from(["A", "B", "C", "1", "2", "0"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(st.sampled_from(["min", "max", "first"]), inner, inner).map(
            lambda t: f"{t[0]}({t[1]}, {t[2]})"
        ),
        st.tuples(st.sampled_from(["abs", "ceil", "floor", "round", "-"]), inner).map(
            lambda t: f"{t[0]}({t[1]})"
        ),
        st.tuples(inner, inner).map(lambda t: f"answered({t[0]}, {t[1]})"),
    ),
    max_leaves=5,
)
SIGNS = st.sampled_from([">=", "<=", "==", "!=", ">", "<"])
CONDITIONS = st.recursive(
    st.one_of(
        st.tuples(NUMBERS, SIGNS, NUMBERS).map(" ".join),
        NUMBERS.map(lambda inner: f"missing({inner})"),
        st.sampled_from(["selected(A, 2)", "selected(M, 1)", "T == 'x'"]),
    ),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        inner.map(lambda one: f"not ({one})"),
        inner.map(lambda one: f"missing({one})"),
        st.tuples(inner, inner, inner).map(lambda t: f"if({t[0]}, {t[1]}, {t[2]})"),
        st.tuples(inner, inner).map(lambda t: f"first({t[0]}, {t[1]})"),
    ),
    max_leaves=4,
)
NUMBER = st.one_of(st.none(), st.integers(-3, 3))


@settings(max_examples=500, deadline=None)
@given(
    formula=CONDITIONS,
    numbers=st.tuples(NUMBER, NUMBER, NUMBER),
    several=st.sets(st.sampled_from([1, 2])),
    text=st.sampled_from([None, "x", "y"]),
)
def test_two_valued_conditions_say_what_columns_say(
    formula: str, numbers: tuple[int | None, ...], several: set[int], text: str | None
) -> None:
    """Three-valued columns are tested on their own; the two-valued form must agree with them."""
    parsed = parse_expression(formula, {"T": "text"})
    columns = {
        name: np.array([np.nan if number is None else float(number)])
        for name, number in zip("ABC", numbers, strict=True)
    }
    columns["M"] = np.array([1.0 if several else np.nan])
    columns |= {f"M__{n}": np.array([float(n in several) if several else np.nan]) for n in (1, 2)}
    columns["T"] = np.array([text], dtype=object)
    (value,) = parsed.evaluate(columns)
    answers = {**dict(zip("ABC", numbers, strict=True)), "M": several, "T": text}
    decided = decide(surely(parsed.tree), answers), decide(surely_not(parsed.tree), answers)
    assert decided == (value == 1, value == 0)
