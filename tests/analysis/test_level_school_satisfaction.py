"""Indices of every school against R on SWMD, and against the table of groups."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.level.satisfaction import satisfaction
from manyi_analysis.level.school_satisfaction import SchoolIndices, school_indices, school_satisfaction
from manyi_analysis.records.group_counts import GroupCounts
from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.scoring import INDEX_DEFINITIONS, score

HERE = Path(__file__).parents[1] / "reference"
R = np.array(json.loads((HERE / "differences" / "differences.json").read_text(encoding="utf-8"))["by_school"])
ITEMS = "\n".join(
    f"  - {{id: Item{at}, text: {{en: q{at}}}, answers: five, scale: WELL}}" for at in range(1, 8)
)


@pytest.fixture(scope="module")
def questionnaire() -> Questionnaire:
    return load_questionnaire(f"""
questionnaire: wellbeing
title: {{en: well-being}}
languages: [en]
answer_lists:
  five: {{values: [1, 2, 3, 4, 5], en: [a, b, c, d, e]}}
scales:
  - {{id: WELL, title: {{en: well-being}}}}
items:
{ITEMS}
  - {{id: REV, text: {{en: reversed}}, answers: five, standalone: true, reverse: true}}
""")


@pytest.fixture(scope="module")
def pupils(questionnaire: Questionnaire) -> pd.DataFrame:
    frame = pd.read_csv(HERE / "explanation" / "swmd.csv", encoding="utf-8").rename(
        columns={"classId": "school"}
    )
    return score(frame.assign(REV=6.0 - frame["Item1"]), questionnaire)


def found(pupils: pd.DataFrame, questionnaire: Questionnaire, column: str, definition: str) -> SchoolIndices:
    counts = GroupCounts.of(pupils, column, "school")
    result = school_indices(counts, questionnaire, definition, minimum=2)  # type: ignore[arg-type]
    assert isinstance(result, SchoolIndices)
    return result


def test_mean_index_of_every_school(pupils: pd.DataFrame, questionnaire: Questionnaire) -> None:
    result = found(pupils, questionnaire, "WELL", "share_of_range")
    np.testing.assert_array_equal(result.n, R[:, 0])
    np.testing.assert_allclose(np.column_stack([result.value, result.low, result.high]), R[:, 1:4], rtol=1e-9)


def test_share_of_every_school(pupils: pd.DataFrame, questionnaire: Questionnaire) -> None:
    result = found(pupils, questionnaire, "Item1", "top2")
    ours = np.column_stack([result.value, result.low, result.high])
    np.testing.assert_allclose(ours, 100.0 * R[:, 4:], rtol=1e-9, atol=1e-12)


def test_a_reverse_keyed_item_counts_as_recoded(pupils: pd.DataFrame, questionnaire: Questionnaire) -> None:
    result = found(pupils, questionnaire, "REV_r", "top2")
    assert result.index == "REV"
    np.testing.assert_allclose(result.value, 100.0 * R[:, 4], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("definition", list(INDEX_DEFINITIONS))
def test_rows_are_those_of_the_table_of_groups(
    pupils: pd.DataFrame, questionnaire: Questionnaire, definition: str
) -> None:
    """A breakdown by school as a group gives the same rows, small schools hidden alike."""
    wanted = ["WELL", "Item1", "REV"]
    by_groups = satisfaction(pupils, questionnaire, wanted, definition, ["school"])  # type: ignore[arg-type]
    expected = by_groups.to_frame().query("group == 'school'").reset_index(drop=True)
    ours = school_satisfaction(pupils, questionnaire, wanted, [definition])  # type: ignore[list-item]
    assert (ours["reason"] != "").any()
    pd.testing.assert_frame_equal(ours, expected, check_dtype=False, rtol=1e-9)


def test_all_four_definitions_are_named(pupils: pd.DataFrame, questionnaire: Questionnaire) -> None:
    frame = school_satisfaction(pupils, questionnaire, ["WELL"])
    assert frame["definition"].unique().tolist() == list(INDEX_DEFINITIONS)
    assert len(frame) == 4 * 30


def test_an_unknown_measure_is_said(pupils: pd.DataFrame, questionnaire: Questionnaire) -> None:
    frame = school_satisfaction(pupils, questionnaire, ["NONE"], ["top2"])
    assert frame["reason"].str.startswith("index-unknown-measure").all()


def test_few_without_a_group_can_be_protected(pupils: pd.DataFrame, questionnaire: Questionnaire) -> None:
    """Everybody less all levels would show the three who have none: with the rule, a level more is hidden."""
    frame = pupils.assign(G=np.where(pupils.index < 3, np.nan, np.where(pupils.index < 300, 1.0, 2.0)))
    options = {"groups": ["G"], "school": None}
    plain, strict = (
        satisfaction(frame, questionnaire, ["WELL"], "top2", **options, hide_ungrouped=hide)  # type: ignore[arg-type]
        for hide in (False, True)
    )
    assert plain.to_frame()["reason"].tolist() == ["", "", ""]
    assert strict.to_frame()["reason"].tolist() == ["", "small-cell-complement: minimum=10", ""]
