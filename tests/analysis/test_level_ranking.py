"""Ranking questions against base R (tests/reference/ranking/ranking.R)."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.level.ranking import rankings
from manyi_instruments.definitions.loader import load_questionnaire

REFERENCE = Path(__file__).parents[1] / "reference" / "ranking"
QUESTIONNAIRE = load_questionnaire("""
questionnaire: q
title: {en: Q}
languages: [en]
answer_lists:
  wishes: {values: [1, 2, 3, 4], en: [buildings, teachers, books, sports], ordered: false}
items:
  - {id: WISH, text: {en: What matters most?}, type: ranking, answers: wishes}
""")


@pytest.fixture(scope="module")
def coded() -> pd.DataFrame:
    """Return the respondents of R: an answer without a rank is -7 beside ranks, -9 where nobody answered."""
    ranks = pd.read_csv(REFERENCE / "ranks.csv", skip_blank_lines=False).to_numpy(dtype=float)
    answered = ~np.isnan(ranks).all(axis=1)
    ranks[np.isnan(ranks) & answered[:, None]] = -7.0
    ranks[~answered] = -9.0
    return pd.DataFrame(ranks, columns=[f"WISH__{value}" for value in (1, 2, 3, 4)])


@pytest.mark.parametrize("column", ["n", "first", "answered", "missing"])
def test_counts_are_those_of_r(coded: pd.DataFrame, column: str, compare: Callable[..., None]) -> None:
    expected = pd.read_csv(REFERENCE / "expected.csv")
    found = rankings(coded, QUESTIONNAIRE).to_frame()[column]
    compare("level.ranking", "r: eight respondents", found, expected[column], "counts")


@pytest.mark.parametrize("column", ["share", "mean_rank", "first_share", "score"])
def test_shares_and_means_are_those_of_r(
    coded: pd.DataFrame, column: str, compare: Callable[..., None]
) -> None:
    expected = pd.read_csv(REFERENCE / "expected.csv")
    found = rankings(coded, QUESTIONNAIRE).to_frame()[column]
    compare("level.ranking", "r: eight respondents", found, expected[column], "shares, ranks, scores")


def test_an_answer_nobody_ranked_has_no_mean_rank() -> None:
    coded = pd.DataFrame(
        {f"WISH__{value}": [rank] for value, rank in zip((1, 2, 3, 4), (1, -7, -7, -7), strict=True)}
    )
    found = rankings(coded, QUESTIONNAIRE).to_frame()
    assert found["mean_rank"].isna().tolist() == [False, True, True, True]
    assert found["score"].tolist() == [4.0, 0.0, 0.0, 0.0]


def test_nobody_answered() -> None:
    coded = pd.DataFrame({f"WISH__{value}": [-9.0, -9.0] for value in (1, 2, 3, 4)})
    found = rankings(coded, QUESTIONNAIRE).to_frame()
    assert found[["share", "score", "mean_rank"]].isna().all(axis=None)
    assert found["missing"].tolist() == [2, 2, 2, 2]


def test_without_its_columns_a_question_is_left_out() -> None:
    assert rankings(pd.DataFrame({"X": [1.0]}), QUESTIONNAIRE).to_frame().empty
