"""Satisfaction indices against R on SWMD (explanation.R) and tables small enough to count by hand."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.level.satisfaction import Satisfaction, satisfaction
from manyi_analysis.records.notcomputed import NotComputed
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.scoring import score

HERE = Path(__file__).parents[1] / "reference" / "explanation"
R = json.loads((HERE / "explanation.json").read_text(encoding="utf-8"))["level"]


def words(text: str) -> dict[str, str]:
    return {"en": text}


def answer_list(*values: int) -> dict[str, object]:
    return {"answers": [{"value": value, "label": words(str(value))} for value in values]}


def questionnaire(scale_score: str = "mean") -> Questionnaire:
    items = [
        {"id": f"Item{number}", "text": words("?"), "answers": "five", "scale": "WELL"}
        for number in range(1, 8)
    ]
    others = [
        {"id": "REV", "text": words("?"), "answers": "five", "standalone": True, "reverse": True},
        {"id": "YES", "text": words("?"), "answers": "no_yes", "standalone": True},
        {"id": "AGE", "text": words("?"), "type": "number", "standalone": True},
        {"id": "BALANCE", "text": words("?"), "answers": "negative", "standalone": True},
    ]
    return Questionnaire.model_validate(
        {
            "questionnaire": "wellbeing",
            "title": words("well-being"),
            "languages": ["en"],
            "answer_lists": {
                "five": answer_list(1, 2, 3, 4, 5),
                "no_yes": answer_list(0, 1),
                "negative": answer_list(-4, -3, -2, -1),
            },
            "scales": [{"id": "WELL", "title": words("well-being"), "score": scale_score}],
            "items": [*items, *others],
        }
    )


@pytest.fixture(scope="module")
def pupils() -> pd.DataFrame:
    frame = pd.read_csv(HERE / "swmd.csv", encoding="utf-8").rename(columns={"classId": "school"})
    frame["school"] = frame["school"].astype(int).astype(str)
    extra = {"REV": 6.0 - frame["Item1"], "YES": 1.0, "AGE": 11.0, "BALANCE": -2.0}
    return score(frame.assign(**extra), questionnaire())


def cell(result: Satisfaction, index: str, group: str = "all", level: str = "all") -> pd.Series:
    frame = result.to_frame().set_index(["index", "group", "level"])
    return frame.loc[(index, group, level)]


def limits(row: pd.Series) -> list[float]:
    return [row["value"], row["low"], row["high"]]


def reference(name: str, factor: float = 1.0) -> list[float]:
    return [factor * R[name][part] for part in ("value", "low", "high")]


@pytest.mark.parametrize(
    ("definition", "school", "name"),
    [
        ("share_of_range", None, "mean"),
        ("share_of_range", "school", "clustered_mean"),
        ("share_of_maximum", None, "maximum"),
    ],
)
def test_index_of_a_scale(
    pupils: pd.DataFrame, definition: str, school: str | None, name: str, compare: Callable[..., None]
) -> None:
    result = satisfaction(pupils, questionnaire(), ["WELL"], definition, school=school)
    of = f"{definition}, clustered" if school else definition
    source = "clubsandwich: SWMD" if school else "r: SWMD"
    compare("level.index", source, limits(cell(result, "WELL")), reference(name), of)


@pytest.mark.parametrize(("school", "name"), [(None, "top2"), ("school", "clustered_top2")])
def test_top_two_share_of_an_item(
    pupils: pd.DataFrame, school: str | None, name: str, compare: Callable[..., None]
) -> None:
    result = satisfaction(pupils, questionnaire(), ["Item1"], "top2", school=school)
    source = "clubsandwich: SWMD" if school else "r: SWMD"
    of = "top2, clustered" if school else "top2"
    compare("level.index", source, limits(cell(result, "Item1")), reference(name, 100), of)


@pytest.mark.parametrize(
    ("school", "definition", "method"),
    [
        (None, "share_of_range", "t"),
        ("school", "share_of_range", "t-clustered"),
        (None, "satisfied", "wilson"),
        ("school", "satisfied", "wilson-clustered"),
    ],
)
def test_method_is_said(pupils: pd.DataFrame, school: str | None, definition: str, method: str) -> None:
    row = cell(satisfaction(pupils, questionnaire(), ["WELL"], definition, school=school), "WELL")
    assert row["method"] == method
    assert row["schools"] == (30 if school else 0)


def test_a_reverse_keyed_item_counts_as_recoded(pupils: pd.DataFrame) -> None:
    result = satisfaction(pupils, questionnaire(), ["REV", "Item1"], "top2")
    assert limits(cell(result, "REV")) == limits(cell(result, "Item1"))


@pytest.mark.parametrize("definition", ["share_of_range", "share_of_maximum", "top2", "satisfied"])
def test_a_sum_scale_has_the_index_of_its_mean(pupils: pd.DataFrame, definition: str) -> None:
    sums = pupils.assign(WELL=pupils["WELL"] * 7)
    of_sums = satisfaction(sums, questionnaire("sum"), ["WELL"], definition)
    of_means = satisfaction(pupils, questionnaire(), ["WELL"], definition)
    np.testing.assert_allclose(limits(cell(of_sums, "WELL")), limits(cell(of_means, "WELL")), rtol=1e-9)


def test_satisfied_counts_the_middle_answer(pupils: pd.DataFrame) -> None:
    row = cell(satisfaction(pupils, questionnaire(), ["Item1"], "satisfied"), "Item1")
    assert row["value"] == pytest.approx(100 * (pupils["Item1"] >= 3).mean(), rel=1e-12)


def grouped(counts: dict[float, int]) -> pd.DataFrame:
    level = np.repeat(list(counts), list(counts.values()))
    answers = np.tile([2.0, 4.0], len(level))[: len(level)]
    return pd.DataFrame({"G": level, **{f"Item{number}": answers for number in range(1, 8)}, "WELL": answers})


def test_groups_keep_their_own_mean() -> None:
    frame = grouped({1: 20, 2: 30})
    frame["WELL"] = np.where(frame["G"] == 1, 5.0, 3.0)
    result = satisfaction(frame, questionnaire(), ["WELL"], "share_of_range", ["G"])
    assert cell(result, "WELL", "G", "1")["value"] == 100
    assert cell(result, "WELL", "G", "2")["value"] == 50
    assert cell(result, "WELL")["value"] == pytest.approx(70)


def test_small_group_and_its_complement_are_hidden() -> None:
    result = satisfaction(grouped({1: 50, 2: 4, 3: 25, 4: 12}), questionnaire(), ["WELL"], "top2", ["G"])
    frame = result.to_frame().query("group == 'G'").set_index("level")
    assert frame["reason"].to_dict() == {
        "1": "",
        "2": "small-cell: minimum=10",
        "3": "",
        "4": "small-cell-complement: minimum=10",
    }
    assert frame["n"].isna().tolist() == [False, True, False, True]
    assert frame["value"].isna().tolist() == [False, True, False, True]


def test_respondents_without_a_group_are_in_no_level() -> None:
    result = satisfaction(grouped({1: 20, np.nan: 15, 2: 30}), questionnaire(), ["WELL"], "top2", ["G"])
    frame = result.to_frame()
    assert frame["level"].tolist() == ["all", "1", "2"]
    assert frame["n"].tolist() == [65, 20, 30]


def test_missing_scores_are_left_out_index_by_index() -> None:
    frame = grouped({1: 20, 2: 20})
    frame.loc[:4, "Item2"] = np.nan
    result = satisfaction(frame, questionnaire(), ["Item1", "Item2"], "share_of_range")
    assert result.to_frame()["n"].tolist() == [40, 35]


@pytest.mark.parametrize(
    ("measure", "definition", "code"),
    [
        ("NONE", "top2", "index-unknown-measure"),
        ("AGE", "share_of_range", "index-no-bounds"),
        ("YES", "top2", "index-two-answers"),
        ("BALANCE", "share_of_maximum", "index-maximum-not-positive"),
    ],
)
def test_what_has_no_index_says_why(pupils: pd.DataFrame, measure: str, definition: str, code: str) -> None:
    result = satisfaction(pupils, questionnaire(), [measure, "WELL"], definition, school=None)
    first, second = result.cells[0].result, result.cells[1].result
    assert isinstance(first, NotComputed)
    assert first.code == code
    assert "{" not in first.fault().message("zh") + first.fault().message("en")
    assert not isinstance(second, NotComputed)


def test_unknown_group_says_so(pupils: pd.DataFrame) -> None:
    row = cell(satisfaction(pupils, questionnaire(), ["WELL"], "top2", ["NOWHERE"]), "WELL", "NOWHERE")
    assert row["reason"] == "index-unknown-group: group=NOWHERE"


def test_nobody_answered() -> None:
    frame = grouped({1: 20}).assign(WELL=np.nan)
    row = cell(satisfaction(frame, questionnaire(), ["WELL"], "share_of_range"), "WELL")
    assert row["reason"] == "small-cell: minimum=10"
