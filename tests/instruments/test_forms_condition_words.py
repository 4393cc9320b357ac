"""Conditions in words: what respondents and interviewers read about who answers a question."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.definitions.routing import rules
from manyi_instruments.expressions import parse_expression
from manyi_instruments.expressions.definite import NEVER, surely, surely_not
from manyi_instruments.forms.condition_words import condition_words, skip_instruction

QUESTIONNAIRE = load_questionnaire("""
questionnaire: q
title: {zh: 问卷, en: Survey}
languages: [zh, en]
answer_lists:
  yes_no: {values: [0, 1], zh: ["否", "是"], en: ["no", "yes"]}
  agree5:
    values: [1, 2, 3, 4, 5]
    zh: [非常不同意, 不同意, 一般, 同意, 非常同意]
    en: [strongly disagree, disagree, neither, agree, strongly agree]
  ways:
    ordered: false
    values: [1, 2, 3, 4, 5]
    zh: [步行, 骑车, 公交, 校车, 轿车]
    en: [foot, bike, bus, school bus, car]
items:
  - {id: A, text: {zh: 甲, en: A?}, answers: yes_no, standalone: true}
  - {id: B, text: {zh: 乙, en: B?}, answers: agree5, standalone: true}
  - {id: C, text: {zh: 丙, en: C?}, type: number, minimum: 0, maximum: 9, standalone: true}
  - {id: D, text: {zh: 丁, en: D?}, type: number, minimum: 0, maximum: 9, standalone: true, dont_know: true}
  - {id: W, text: {zh: 戊, en: W?}, answers: ways, standalone: true}
  - {id: M, text: {zh: 己, en: M?}, type: multiple, answers: ways, standalone: true}
  - {id: T, text: {zh: 庚, en: T?}, type: text, standalone: true}
  - {id: N, text: {zh: 辛, en: N?}, answers: yes_no, standalone: true, dont_know: true}
""")


def said(condition: str, language: str) -> str:
    return skip_instruction(condition, QUESTIONNAIRE, language)


@pytest.mark.parametrize(
    ("condition", "zh", "en"),
    [
        ("A == 1", "第1题选“是”", "question 1 is “yes”"),
        ("1 == A", "第1题选“是”", "question 1 is “yes”"),
        ("A != 1", "第1题选“否”", "question 1 is “no”"),
        ("selected(A, 1)", "第1题选“是”", "question 1 is “yes”"),
        ("not selected(A, 1)", "第1题选“否”", "question 1 is “no”"),
        ("B >= 4", "第2题选“同意”或“非常同意”", "question 2 is “agree” or “strongly agree”"),
        ("B >= 3", "第2题选“一般”至“非常同意”", "question 2 is from “neither” to “strongly agree”"),
        (
            "B == 1 or B == 5",
            "第2题选“非常不同意”或“非常同意”",
            "question 2 is “strongly disagree” or “strongly agree”",
        ),
        ("W != 3", "第5题选了“公交”以外的答案", "question 5 is answered other than “bus”"),
        ("missing(A) or A == 0", "第1题没有选“是”", "question 1 is not “yes”"),
        ("missing(A)", "第1题未作答", "question 1 is not answered"),
        ("missing(N)", "第8题未作答或选“不了解”", "question 8 is not answered or is “don't know”"),
        ("missing(D)", "第4题未作答或选“不了解”", "question 4 is not answered or is “don't know”"),
        ("not missing(A)", "第1题已作答", "question 1 is answered"),
        ("C >= 3", "第3题的数不小于3", "the number in question 3 is at least 3"),
        ("C <= 3", "第3题的数不大于3", "the number in question 3 is at most 3"),
        ("C > 3", "第3题的数大于3", "the number in question 3 is more than 3"),
        ("C < 3", "第3题的数小于3", "the number in question 3 is less than 3"),
        ("3 < C", "第3题的数大于3", "the number in question 3 is more than 3"),
        ("C == 3", "第3题的数为3", "the number in question 3 is 3"),
        ("C != 3", "第3题的数不为3", "the number in question 3 is not 3"),
        ("T == 'bus'", "第7题的文字为“bus”", "the text in question 7 is “bus”"),
        ("selected(M, 3)", "第6题选了“公交”", "“bus” is among the answers to question 6"),
        (
            "selected(M, 3) or selected(M, 4)",
            "第6题选了“公交”或“校车”",
            "“bus” or “school bus” is among the answers to question 6",
        ),
        (
            "not selected(M, 3)",
            "第6题已作答，并且第6题没有选“公交”",
            "question 6 is answered and question 6 is not “bus”",
        ),
        (
            "A == 1 and C > 2",
            "第1题选“是”，并且第3题的数大于2",
            "question 1 is “yes” and the number in question 3 is more than 2",
        ),
        (
            "A == 1 and (C > 2 or B == 1)",
            "第1题选“是”，并且（第3题的数大于2，或者第2题选“非常不同意”）",
            "question 1 is “yes” and (the number in question 3 is more than 2 or "
            "question 2 is “strongly disagree”)",
        ),
        (
            "answered(A, B, C) >= 2",
            "第1题、第2题、第3题中已作答的题数不小于2",
            "the number of questions answered among question 1, question 2, question 3 is at least 2",
        ),
        (
            "C * 2 - D > -1",
            "第3题的数 × 2 − 第4题的数大于−1",
            "the number in question 3 × 2 − the number in question 4 is more than −1",
        ),
        (
            "max(C, D) / 2 > abs(C)",
            "第3题的数、第4题的数中最大的数 ÷ 2大于第3题的数的绝对值",
            "the largest of the number in question 3, the number in question 4 ÷ 2 is more than "
            "the absolute value of the number in question 3",
        ),
    ],
)
def test_a_condition_in_words(condition: str, zh: str, en: str) -> None:
    assert (said(condition, "zh"), said(condition, "en")) == (f"（仅当{zh}时回答）", f"(Answer only if {en})")


def test_nothing_is_said_where_everybody_answers() -> None:
    assert said("missing(A) or not missing(A)", "zh") == ""
    assert skip_instruction(None, QUESTIONNAIRE, "zh") == ""


def test_a_question_nobody_answers_says_so() -> None:
    assert skip_instruction(NEVER, QUESTIONNAIRE, "zh") == "（本题不必回答）"


def test_a_run_of_questions_is_told_once() -> None:
    told = skip_instruction("A == 1", QUESTIONNAIRE, "en", of="only_if_range", first=3, last=5)
    assert told == "(Questions 3–5: answer only if question 1 is “yes”)"


def test_the_rule_of_a_question_is_said_as_its_condition() -> None:
    head = QUESTIONNAIRE.model_copy(
        update={
            "items": tuple(
                item.model_copy(update={"relevant": "C > 2 and D > 2"}) if item.id == "W" else item
                for item in QUESTIONNAIRE.items
            )
        }
    )
    told = condition_words(rules(head)["W"].asked, head, "zh")
    assert told == "第3题的数大于2，并且第4题的数大于2"


NUMBERS = st.recursive(
    st.sampled_from(["A", "B", "C", "D", "W", "N", "1", "2.5", "0"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(st.sampled_from(["min", "max", "first", "answered"]), inner, inner).map(
            lambda t: f"{t[0]}({t[1]}, {t[2]})"
        ),
        st.tuples(st.sampled_from(["abs", "ceil", "floor", "round", "-"]), inner).map(
            lambda t: f"{t[0]}({t[1]})"
        ),
        st.tuples(inner, inner).map(lambda t: f"if(A == 1, {t[0]}, {t[1]})"),
    ),
    max_leaves=5,
)
SIGNS = st.sampled_from([">=", "<=", "==", "!=", ">", "<"])
CONDITIONS = st.recursive(
    st.one_of(
        st.tuples(NUMBERS, SIGNS, NUMBERS).map(" ".join),
        NUMBERS.map(lambda inner: f"missing({inner})"),
        st.sampled_from(["selected(A, 2)", "selected(M, 1)", "selected(M, '7')", "T == 'x'", "missing(T)"]),
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


@settings(max_examples=300, deadline=None)
@given(formula=CONDITIONS, language=st.sampled_from(["zh", "en", "ar"]))
def test_every_condition_has_words_and_every_item_is_called_by_its_number(
    formula: str, language: str
) -> None:
    tree = parse_expression(formula, QUESTIONNAIRE.kinds()).tree
    for two_valued in (surely(tree), surely_not(tree)):
        told = condition_words(two_valued, QUESTIONNAIRE, language)
        assert told
        assert not re.search(r"[{}_]|\b(given|if|selected|always|never|[ABCDWMTN])\(", told)


CHOICES = st.recursive(
    st.tuples(st.sampled_from(["A", "B", "N"]), SIGNS, st.sampled_from("0123")).map(" ".join)
    | st.sampled_from(["missing(A)", "missing(B)", "selected(B, 2)"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        inner.map(lambda one: f"not ({one})"),
    ),
    max_leaves=5,
)


@settings(max_examples=300, deadline=None)
@given(formula=CHOICES)
def test_words_of_conditions_that_differ_in_meaning_differ(formula: str) -> None:
    """A condition and its opposite are never told in the same words."""
    tree = parse_expression(formula, QUESTIONNAIRE.kinds()).tree
    yes = condition_words(surely(tree), QUESTIONNAIRE, "zh")
    no = condition_words(surely_not(tree), QUESTIONNAIRE, "zh")
    assert yes != no
