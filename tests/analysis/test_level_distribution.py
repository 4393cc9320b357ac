"""Answer shares, don't-know shares, return and background, on tables small enough to count by hand."""

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.level.distribution import answer_distribution, dont_know
from manyi_analysis.level.sample import Return, composition
from manyi_instruments.definitions.questionnaire import Questionnaire


def words(text: str) -> dict[str, str]:
    return {"en": text}


@pytest.fixture(scope="module")
def questionnaire() -> Questionnaire:
    three = [{"value": value, "label": words(str(value))} for value in (1, 2, 3)]
    return Questionnaire.model_validate(
        {
            "questionnaire": "tiny",
            "title": words("tiny"),
            "languages": ["en"],
            "answer_lists": {"three": {"answers": three}},
            "scales": [{"id": "A", "title": words("A")}],
            "demographics": [{"id": "SEX", "text": words("sex"), "answers": "three", "standalone": True}],
            "items": [
                {"id": "A1", "text": words("a"), "answers": "three", "scale": "A", "dont_know": True},
                {"id": "A2", "text": words("b"), "answers": "three", "scale": "A"},
                {"id": "M", "text": words("m"), "type": "multiple", "answers": "three", "standalone": True},
                {"id": "AGE", "text": words("n"), "type": "number", "standalone": True},
            ],
        }
    )


@pytest.fixture(scope="module")
def coded() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "SEX": [1.0, 1, 1, 2, -9],
            "A1": [3.0, 3, -8, -8, -7],
            "A2": [1.0, 2, 2, 2, -9],
            "M__1": [1.0, 0, 1, -9, -7],
            "M__2": [1.0, 0, 0, -9, -7],
            "M__3": [0.0, 0, 1, -9, -7],
            "AGE": [30.0, 40, -9, 51, 60],
        }
    )


def test_answer_counts(coded: pd.DataFrame, questionnaire: Questionnaire) -> None:
    frame = answer_distribution(coded, questionnaire).to_frame().set_index(["item", "answer"])
    assert frame["n"]["A2"].to_dict() == {1: 1, 2: 3, 3: 0}


def test_shares_are_of_those_who_answered(coded: pd.DataFrame, questionnaire: Questionnaire) -> None:
    frame = answer_distribution(coded, questionnaire).to_frame().set_index(["item", "answer"])
    assert frame["share"]["A2"].to_dict() == {1: 0.25, 2: 0.75, 3: 0.0}
    assert frame["missing"]["A1"].tolist() == [3, 3, 3]


def test_multiple_choice_shares_are_of_respondents(coded: pd.DataFrame, questionnaire: Questionnaire) -> None:
    frame = answer_distribution(coded, questionnaire).to_frame()
    rows = frame[frame["item"] == "M"]
    np.testing.assert_allclose(rows["share"], [2 / 3, 1 / 3, 1 / 3])


def test_numbers_have_no_answer_list(coded: pd.DataFrame, questionnaire: Questionnaire) -> None:
    assert "AGE" not in answer_distribution(coded, questionnaire).items


def test_dont_know_is_a_share_of_those_asked(coded: pd.DataFrame, questionnaire: Questionnaire) -> None:
    frame = dont_know(coded, questionnaire).to_frame()
    assert frame.to_dict("list") == {"item": ["A1"], "n": [2], "share": [0.5], "asked": [4]}


def test_dont_know_on_a_question_that_does_not_offer_it_is_shown(
    coded: pd.DataFrame, questionnaire: Questionnaire
) -> None:
    frame = dont_know(coded.assign(A2=[1.0, -8, 2, 2, 1]), questionnaire).to_frame()
    assert frame.set_index("item")["n"].to_dict() == {"A1": 2, "A2": 1}


def test_nobody_answered(coded: pd.DataFrame, questionnaire: Questionnaire) -> None:
    frame = answer_distribution(coded.assign(A2=-9.0), questionnaire).to_frame()
    assert frame[frame["item"] == "A2"]["share"].isna().all()


def test_no_respondents(coded: pd.DataFrame, questionnaire: Questionnaire) -> None:
    frame = answer_distribution(coded.head(0), questionnaire).to_frame()
    assert frame["n"].sum() == 0
    assert dont_know(coded.head(0), questionnaire).to_frame()["asked"].tolist() == [0]


def test_background_of_respondents(coded: pd.DataFrame, questionnaire: Questionnaire) -> None:
    frame = composition(coded, questionnaire).to_frame()
    assert frame["item"].unique().tolist() == ["SEX"]
    assert frame["share"].tolist() == [0.75, 0.25, 0.0]


def test_return_rate() -> None:
    frame = Return(issued=400, received=380, valid=361).to_frame()
    assert frame[["return_rate", "valid_rate"]].to_numpy().tolist() == [[0.95, 0.95]]


def test_return_where_issued_is_unknown() -> None:
    frame = Return(issued=None, received=380, valid=361).to_frame()
    assert np.isnan(frame["return_rate"][0])
    assert frame["note"][0] == ""


def test_more_received_than_issued_is_noted() -> None:
    assert Return(100, 120, 90).to_frame()["note"][0] == "return-exceeds-issued: issued=100, received=120"
