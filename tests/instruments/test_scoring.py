"""Scoring against psych::scoreItems on bfi, and its rules on answers of its own."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.scoring import score, score_bounds

REFERENCE = Path(__file__).parents[1] / "reference"
PSYCH = json.loads((REFERENCE / "scoring" / "psych_bfi_scores.json").read_text(encoding="utf-8"))
KEYS = {
    "agree": ["-A1", "A2", "A3", "A4", "A5"],
    "conscientious": ["C1", "C2", "C3", "-C4", "-C5"],
    "extraversion": ["-E1", "-E2", "E3", "E4", "E5"],
    "neuroticism": ["N1", "N2", "N3", "N4", "N5"],
    "openness": ["O1", "-O2", "O3", "O4", "-O5"],
}


def bfi_questionnaire() -> Questionnaire:
    """Return bfi as a questionnaire; one answered item makes a score, as psych has it."""
    lines = ["questionnaire: bfi", "title: {en: bfi}", "languages: [en]", "answer_lists:"]
    lines += ["  six: {values: [1, 2, 3, 4, 5, 6], en: [a, b, c, d, e, f]}", "scales:"]
    lines += [f"  - {{id: {scale}, title: {{en: {scale}}}, minimum_answered: 1}}" for scale in KEYS]
    lines += ["items:"]
    for scale, items in KEYS.items():
        for key in items:
            reverse = ", reverse: true" if key.startswith("-") else ""
            name = key.lstrip("-")
            lines.append(
                f"  - {{id: {name}, text: {{en: item {name}}}, answers: six, scale: {scale}{reverse}}}"
            )
    return load_questionnaire("\n".join(lines))


@pytest.fixture(scope="module")
def bfi() -> pd.DataFrame:
    answers = pd.read_csv(REFERENCE / "measurement" / "bfi.csv", encoding="utf-8").iloc[:, :25]
    return score(answers.astype(float).fillna(-9.0), bfi_questionnaire())


@pytest.mark.parametrize("scale", KEYS)
def test_mean_of_bfi_scores_equals_psych(bfi: pd.DataFrame, scale: str) -> None:
    assert bfi[scale].mean() == pytest.approx(PSYCH["scale_score_means"][scale], abs=1e-12)


def test_correlations_of_bfi_scores_equal_psych(bfi: pd.DataFrame) -> None:
    expected = np.array(PSYCH["scale_cor"]["values"])
    found = bfi[PSYCH["scale_cor"]["rows"]].dropna().corr().to_numpy()
    np.testing.assert_allclose(found, expected, atol=1e-12)


RULES = load_questionnaire("""
questionnaire: q
title: {en: Q}
languages: [en]
missing:
  dont_know: {code: 88, label: {en: dk}}
answer_lists:
  agree: {values: [1, 2, 3, 4, 5], en: [a, b, c, d, e]}
  odd: {values: [0, 3, 7], en: [a, b, c]}
  names: {values: [1, 2], en: [x, y]}
scales:
  - {id: MEAN, title: {en: M}}
  - {id: TOTAL, title: {en: T}, score: sum, minimum_answered: 2}
items:
  - {id: A, text: {en: A?}, answers: agree, scale: MEAN}
  - {id: B, text: {en: B?}, answers: agree, scale: MEAN, reverse: true}
  - {id: C, text: {en: C?}, answers: agree, scale: MEAN}
  - {id: D, text: {en: D?}, answers: odd, scale: TOTAL, reverse: true}
  - {id: E, text: {en: E?}, answers: odd, scale: TOTAL}
  - {id: F, text: {en: F?}, type: number, minimum: 0, maximum: 10, scale: TOTAL}
  - {id: G, text: {en: G?}, type: multiple, answers: names}
  - {id: H, text: {en: H?}, type: text}
attention:
  - {id: ATT, text: {en: Choose b}, answers: agree, expected: 2, after: A}
""")


def coded(**answers: float | str | None) -> pd.DataFrame:
    """Return one coded respondent; what is not given is an ordinary answer."""
    row: dict[str, float | str | None] = {
        "file": "f", "A": 1.0, "ATT": 2.0, "B": 1.0, "C": 1.0, "D": 0.0, "E": 0.0, "F": 0.0, "G__1": 1.0,
        "G__2": 0.0, "H": "x",
    }  # fmt: skip
    return pd.DataFrame([row | answers])


def scored(column: str, **answers: float | str | None) -> float:
    """Return one cell of the scored answers."""
    return float(score(coded(**answers), RULES)[column].iloc[0])


@pytest.mark.parametrize("code", [-9, 88, -7, -6, -5])
@pytest.mark.parametrize("column", ["A", "ATT", "F", "G__2"])
def test_every_missing_code_becomes_nan(column: str, code: float) -> None:
    assert np.isnan(scored(column, **{column: code}))


def test_default_code_that_the_questionnaire_replaced_is_an_ordinary_number() -> None:
    assert scored("F", F=-8.0) == -8.0


@pytest.mark.parametrize(("answer", "keyed"), [(1, 5), (2, 4), (5, 1)])
def test_reversed_by_the_bounds_of_the_list(answer: float, keyed: float) -> None:
    assert scored("B_r", B=answer) == keyed


def test_reversed_by_the_bounds_of_a_list_with_gaps() -> None:
    assert scored("D_r", D=3.0) == 4.0


def test_the_item_itself_stays_as_answered() -> None:
    assert scored("B", B=2.0) == 2.0


def test_missing_stays_missing_when_reversed() -> None:
    assert np.isnan(scored("B_r", B=88.0))


def test_mean_of_the_keyed_answers() -> None:
    assert scored("MEAN", A=5.0, B=1.0, C=2.0) == 4.0


def test_mean_over_the_answers_given() -> None:
    assert scored("MEAN", A=5.0, B=-9.0, C=2.0) == 3.5


def test_no_score_below_the_default_minimum_of_more_than_half() -> None:
    assert np.isnan(scored("MEAN", A=5.0, B=-9.0, C=88.0))


def test_plain_sum_where_nothing_is_missing() -> None:
    assert scored("TOTAL", D=0.0, E=3.0, F=1.0) == 11.0


def test_prorated_sum_where_one_is_missing() -> None:
    assert scored("TOTAL", D=0.0, E=-9.0, F=1.0) == 12.0


def test_no_sum_below_the_declared_minimum() -> None:
    assert np.isnan(scored("TOTAL", D=0.0, E=-9.0, F=-9.0))


def test_input_is_left_as_it_was() -> None:
    frame = coded(A=-9.0)
    before = frame.copy(deep=True)
    score(frame, RULES)
    pd.testing.assert_frame_equal(frame, before)


def test_columns_in_order_then_reversed_then_scales() -> None:
    assert list(score(coded(), RULES).columns) == [*coded().columns, "B_r", "D_r", "MEAN", "TOTAL"]


def test_text_and_other_columns_pass_unchanged() -> None:
    found = score(coded(H="-9"), RULES)
    assert (found["H"].iloc[0], found["file"].iloc[0]) == ("-9", "f")


def test_scoring_twice_changes_nothing() -> None:
    once = score(coded(A=-9.0, B=2.0), RULES)
    pd.testing.assert_frame_equal(score(once, RULES), once)


def test_integers_and_nullable_numbers_are_taken() -> None:
    frame = coded().astype({"A": "Int64", "B": "int64"})
    frame.loc[0, "A"] = pd.NA
    assert scored("MEAN", A=-9.0) == float(score(frame, RULES)["MEAN"].iloc[0])


def test_index_is_kept() -> None:
    frame = pd.concat([coded(), coded()]).set_axis([7, 3])
    assert list(score(frame, RULES).index) == [7, 3]


def test_no_respondents_have_no_scores() -> None:
    assert score(coded().iloc[:0], RULES).shape == (0, 15)


def test_column_that_is_not_there_is_named() -> None:
    with pytest.raises(KeyError, match="C"):
        score(coded().drop(columns="C"), RULES)


@pytest.mark.parametrize(
    ("name", "bounds"),
    [("MEAN", (1, 5)), ("TOTAL", (0, 24)), ("A", (1, 5)), ("F", (0, 10)), ("G", (1, 2)), ("H", None)],
)
def test_bounds_of_scores_and_items(name: str, bounds: tuple[float, float] | None) -> None:
    assert score_bounds(RULES, name) == bounds


def test_bounds_of_what_is_not_there() -> None:
    with pytest.raises(KeyError):
        score_bounds(RULES, "X")


answers_of_b = st.lists(st.sampled_from([1.0, 2.0, 3.0, 4.0, 5.0, -9.0, 88.0]), min_size=1, max_size=30)


@settings(deadline=None, max_examples=50)
@given(answers_of_b)
def test_reversing_twice_is_the_answer_itself(values: list[float]) -> None:
    frame = pd.concat([coded()] * len(values), ignore_index=True).assign(B=values)
    once = score(frame, RULES)
    twice = score(frame.assign(B=once["B_r"]), RULES)
    np.testing.assert_array_equal(twice["B_r"].to_numpy(), once["B"].to_numpy())


@settings(deadline=None, max_examples=50)
@given(answers_of_b)
def test_scores_lie_within_their_bounds(values: list[float]) -> None:
    frame = pd.concat([coded()] * len(values), ignore_index=True).assign(B=values)
    bounds = score_bounds(RULES, "MEAN")
    found = score(frame, RULES)["MEAN"].dropna()
    assert bounds is not None
    assert found.between(*bounds).all()
