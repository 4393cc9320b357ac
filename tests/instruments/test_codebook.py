"""The codebook: every variable of coded and scored answers, and what stands beside it."""

import pandas as pd
import pytest

from manyi_instruments.codebook import codebook, in_language
from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.questionnaires import bundled_questionnaires
from manyi_instruments.scoring import numeric_columns, score

QUESTIONNAIRE = load_questionnaire("""
questionnaire: q
version: "3"
title: {zh: 问卷, en: Q}
languages: [zh, en]
missing:
  refused: {code: -99, label: {zh: 拒答, en: refused}}
answer_lists:
  agree: {values: [1, 2, 4], zh: [否定, 一般, 肯定], en: [disagree, neutral, agree]}
  names: {values: [1, 7], zh: [城, 其他], en: [town, other], ordered: false, other: [7], exclusive: [1]}
scales:
  - {id: S, title: {zh: 量表, en: Scale}, score: sum, minimum_answered: 2}
  - {id: M, title: {zh: 均值, en: Mean}}
demographics:
  - {id: AREA, text: {zh: 地区, en: Area}, answers: names}
  - {id: AGE, text: {zh: 年龄, en: Age}, type: number, minimum: 18, maximum: 99, unit: {zh: 岁, en: years}}
items:
  - {id: A, text: {zh: 甲, en: Aye}, answers: agree, scale: S, links: [R1]}
  - {id: B, text: {zh: 乙, en: Bee}, answers: agree, scale: S, reverse: true}
  - {id: C, text: {zh: 丙, en: Cee}, answers: agree, scale: M}
  - {id: D, text: {zh: 丁, en: Dee}, type: number, minimum: 0, maximum: 10, scale: M, reverse: true}
  - {id: E, text: {zh: 戊, en: Which}, type: multiple, answers: names}
  - {id: F, text: {zh: 己, en: Why}, type: text}
attention:
  - {id: T, text: {zh: 请选肯定, en: Choose agree}, answers: agree, expected: 4, after: A}
""")
BOOK = codebook(QUESTIONNAIRE)


def test_variables_in_the_order_asked_then_reversed_then_scores() -> None:
    assert [variable.name for variable in BOOK] == [
        "AREA", "AREA__text", "AGE", "A", "T", "B", "C", "D", "E__1", "E__7", "E__text", "F",
        "B_r", "D_r", "S", "M",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("AREA", "demographic"),
        ("AREA__text", "other_text"),
        ("T", "attention"),
        ("A", "item"),
        ("E__7", "answer"),
        ("F", "item"),
        ("D_r", "reversed"),
        ("M", "score"),
    ],
)
def test_kind(name: str, kind: str) -> None:
    assert BOOK.variable(name).kind == kind


@pytest.mark.parametrize(
    ("name", "measure"),
    [
        ("AREA", "nominal"),
        ("AGE", "scale"),
        ("A", "ordinal"),
        ("B_r", "ordinal"),
        ("D_r", "scale"),
        ("E__1", "nominal"),
    ],
)
def test_measure(name: str, measure: str) -> None:
    assert BOOK.variable(name).measure == measure


@pytest.mark.parametrize(
    ("name", "kind"), [("F", "string"), ("AREA__text", "string"), ("A", "numeric"), ("S", "numeric")]
)
def test_type(name: str, kind: str) -> None:
    assert BOOK.variable(name).type == kind


def test_value_labels_of_a_choice() -> None:
    assert {value: words["en"] for value, words in BOOK.variable("A").values.items()} == {
        1: "disagree",
        2: "neutral",
        4: "agree",
    }


def test_value_labels_of_a_reversed_item_move_with_the_answer() -> None:
    assert {value: words["en"] for value, words in BOOK.variable("B_r").values.items()} == {
        1: "agree",
        3: "neutral",
        4: "disagree",
    }


def test_missing_codes_of_the_questionnaire_over_the_defaults() -> None:
    kinds = {-99: "refused", -9: "no_answer", -8: "dont_know", -7: "not_asked", -5: "invalid"}
    assert BOOK.variable("AGE").missing_kinds == kinds


def test_missing_codes_have_labels() -> None:
    assert {code: words["zh"] for code, words in BOOK.variable("E__1").missing.items()}[-99] == "拒答"


@pytest.mark.parametrize("name", ["B_r", "S", "F", "AREA__text"])
def test_scored_and_text_variables_have_no_missing_codes(name: str) -> None:
    assert BOOK.variable(name).missing == {}


@pytest.mark.parametrize(
    ("name", "bounds"),
    [
        ("A", (1, 4)),
        ("AGE", (18, 99)),
        ("B_r", (1, 4)),
        ("E__1", (0, 1)),
        ("S", (2, 8)),
        ("M", (0.5, 7)),
        ("F", (None, None)),
    ],
)
def test_range(name: str, bounds: tuple[float | None, float | None]) -> None:
    assert (BOOK.variable(name).low, BOOK.variable(name).high) == bounds


@pytest.mark.parametrize(
    ("name", "formula"),
    [
        ("B_r", "1 + 4 − B"),
        ("D_r", "0 + 10 − D"),
        ("S", "sum(A, B_r) where at least 2 of 2 are answered, else missing; mean × 2 where some are not"),
        ("M", "mean(C, D_r) where at least 2 of 2 are answered, else missing"),
        ("A", ""),
    ],
)
def test_formula_in_english(name: str, formula: str) -> None:
    assert in_language(BOOK.variable(name).formula, "en") == formula


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("E__7", "戊：其他"),
        ("E__text", "戊（其他，请注明）"),
        ("B_r", "乙（反向计分）"),
        ("S", "量表"),
        ("T", "请选肯定"),
    ],
)
def test_label_in_chinese(name: str, label: str) -> None:
    assert in_language(BOOK.variable(name).label, "zh") == label


def test_label_in_a_language_that_is_not_there_is_english() -> None:
    assert in_language(BOOK.variable("A").label, "fr") == "Aye"


def test_generated_words_in_a_language_of_their_own_catalogue_fall_back_to_english() -> None:
    french = load_questionnaire("""
questionnaire: q
title: {fr: Q}
languages: [fr]
answer_lists: {a: {values: [0, 1], fr: [non, oui]}}
items: [{id: A, text: {fr: Loin}, answers: a, standalone: true, reverse: true}]
""")
    assert codebook(french).variable("A_r").label == {"fr": "Loin (reverse-scored)"}


@pytest.mark.parametrize(("name", "flag"), [("B", True), ("B_r", True), ("A", False), ("S", False)])
def test_reverse_keyed(name: str, flag: bool) -> None:
    assert BOOK.variable(name).reverse_keyed is flag


def test_links_to_indicators() -> None:
    assert BOOK.variable("A").links == ("R1",)


def test_unknown_variable() -> None:
    with pytest.raises(KeyError):
        BOOK.variable("X")
    assert "X" not in BOOK


def test_frame_lists_values_and_missing_codes() -> None:
    frame = BOOK.to_frame("en").set_index("name")
    assert frame.loc["AREA", "values"] == "1=town; 7=other"
    assert frame.loc["AREA", "missing"].startswith("-99=refused; -9=no answer")


def test_frame_has_a_row_a_variable() -> None:
    assert BOOK.to_frame("zh")["name"].tolist() == [variable.name for variable in BOOK]


@pytest.mark.parametrize("name", sorted(bundled_questionnaires()))
def test_codebook_names_exactly_the_columns_of_scored_answers(name: str) -> None:
    questionnaire = load_questionnaire(bundled_questionnaires()[name].read_text(encoding="utf-8"))
    texts = [item.id for item in questionnaire.all_items() if item.type == "text"]
    coded = pd.DataFrame(
        {column: [1.0] for column in numeric_columns(questionnaire)} | {text: ["x"] for text in texts}
    )
    assert sorted(score(coded, questionnaire).columns) == sorted(
        variable.name for variable in codebook(questionnaire)
    )


@pytest.mark.parametrize("name", sorted(bundled_questionnaires()))
def test_names_are_unique_without_regard_to_case(name: str) -> None:
    book = codebook(load_questionnaire(bundled_questionnaires()[name].read_text(encoding="utf-8")))
    names = [variable.name.lower() for variable in book]
    assert len(set(names)) == len(names)
