"""Indices of every school against R on SWMD, and against the table of groups."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.level.satisfaction import index_outcomes, satisfaction
from manyi_analysis.level.school_satisfaction import SchoolIndices, school_indices, school_satisfaction
from manyi_analysis.records.level_sums import LevelSums
from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.scoring import INDEX_DEFINITIONS, score

HERE = Path(__file__).parents[1] / "reference"
SCHOOLS = json.loads((HERE / "level" / "schools.json").read_text(encoding="utf-8"))
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


def found(pupils: pd.DataFrame, questionnaire: Questionnaire, measure: str, definition: str) -> SchoolIndices:
    sums = LevelSums.of(pupils, index_outcomes(questionnaire, [measure]), (), "school")
    result = school_indices(sums, questionnaire, measure, definition, minimum=2)  # type: ignore[arg-type]
    assert isinstance(result, SchoolIndices)
    return result


def test_mean_index_of_every_school(
    pupils: pd.DataFrame, questionnaire: Questionnaire, compare: Callable[..., None]
) -> None:
    result = found(pupils, questionnaire, "WELL", "share_of_range")
    ours = np.column_stack([result.n, result.value, result.low, result.high])
    compare("level.school_index", "r: SWMD", ours, R[:, :4], "share_of_range")


def test_share_of_every_school(
    pupils: pd.DataFrame, questionnaire: Questionnaire, compare: Callable[..., None]
) -> None:
    result = found(pupils, questionnaire, "Item1", "top2")
    ours = np.column_stack([result.value, result.low, result.high])
    compare("level.school_index", "r: SWMD", ours, 100.0 * R[:, 4:], "top2")


def test_a_reverse_keyed_item_counts_as_recoded(pupils: pd.DataFrame, questionnaire: Questionnaire) -> None:
    result = found(pupils, questionnaire, "REV", "top2")
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
    shared = [name for name in ours if name in expected]
    pd.testing.assert_frame_equal(ours[shared], expected[shared], check_dtype=False, rtol=1e-9)
    assert ours["school"].tolist() == expected["level"].tolist()


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


@pytest.fixture(scope="module")
def standing(pupils: pd.DataFrame, questionnaire: Questionnaire) -> dict[str, pd.DataFrame]:
    """Return the standing of every class, by definition of the index."""
    return {
        definition: school_satisfaction(
            pupils, questionnaire, [measure], [definition], minimum=2, headline=definition
        )
        for measure, definition in (("WELL", "share_of_range"), ("Item1", "top2"))
    }


@pytest.mark.parametrize("name", ["reliability", "shrunken"])
def test_reliability_and_prediction_as_lme4(
    standing: dict[str, pd.DataFrame], name: str, compare: Callable[..., None]
) -> None:
    ours = standing["share_of_range"][name]
    compare("level.school_prediction", "lme4: SWMD", ours, SCHOOLS["mixed"][name], name)


@pytest.mark.parametrize(("definition", "key"), [("share_of_range", "means"), ("top2", "shares")])
def test_sets_of_ranks(
    standing: dict[str, pd.DataFrame], definition: str, key: str, compare: Callable[..., None]
) -> None:
    ours = standing[definition][["rank", "rank_low", "rank_high"]].to_numpy()
    compare("level.school_ranks", "r: SWMD", ours, SCHOOLS[f"rank_of_{key}"], definition)


@pytest.mark.parametrize(("definition", "key"), [("share_of_range", "means"), ("top2", "shares")])
def test_schools_above_and_below_everybody(
    standing: dict[str, pd.DataFrame], definition: str, key: str
) -> None:
    assert standing[definition]["against_all"].tolist() == SCHOOLS[f"against_{key}"]


def test_ranks_are_of_the_headline_only(pupils: pd.DataFrame, questionnaire: Questionnaire) -> None:
    frame = school_satisfaction(pupils, questionnaire, ["WELL"], headline="top2")
    assert set(frame.loc[frame["rank"].notna(), "definition"]) == {"top2"}


def test_hidden_schools_have_no_standing(pupils: pd.DataFrame, questionnaire: Questionnaire) -> None:
    frame = school_satisfaction(pupils, questionnaire, ["WELL"], ["top2"], headline="top2", minimum=10)
    lost = frame[frame["reason"] != ""]
    assert len(lost) > 1
    assert lost[["n", "value", "reliability", "shrunken", "rank", "rank_low", "ranked"]].isna().all(axis=None)


def test_a_school_whose_answers_are_alike_is_not_certain(
    pupils: pd.DataFrame, questionnaire: Questionnaire
) -> None:
    """Ten times the same answer has no variance, and yet is no proof of the first rank."""
    frame = pupils.copy()
    first = frame["school"] == frame["school"].iloc[0]
    frame.loc[first, "WELL"] = 4.2
    table = school_satisfaction(frame, questionnaire, ["WELL"], ["share_of_range"], headline="share_of_range")
    row = table.set_index("school").loc[str(int(frame["school"].iloc[0]))]
    assert row["se"] == 0
    assert row["rank_high"] > row["rank_low"]
