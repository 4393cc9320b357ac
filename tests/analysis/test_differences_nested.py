"""Differences with schools allowed for, and the whole table: against clubSandwich, survey and base R."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.differences import (
    Differences,
    GroupTest,
    NestedTest,
    adjusted,
    clustered_difference,
    differences,
    nesting,
    rao_scott,
    rule_frame,
)
from manyi_analysis.explanation.icc import IntraclassCorrelation
from manyi_analysis.records import NotComputed
from manyi_analysis.records.group_counts import GroupCounts
from manyi_analysis.records.nested_counts import NestedCounts

HERE = Path(__file__).parents[1] / "reference"
R = json.loads((HERE / "differences" / "differences.json").read_text(encoding="utf-8"))
ICC = json.loads((HERE / "explanation" / "explanation.json").read_text(encoding="utf-8"))["icc"]
CONTRACT = {"outcome", "by", "test", "statistic", "df1", "df2", "p", "p_adjusted"}
CONTRACT |= {"effect", "effect_name", "low", "high"}


@pytest.fixture(scope="module")
def pupils() -> pd.DataFrame:
    frame = pd.read_csv(HERE / "explanation" / "swmd.csv", encoding="utf-8")
    number = frame["classId"].rank(method="dense").astype(int)
    return frame.assign(
        m=frame.filter(like="Item").mean(axis=1), g=frame["Item7"].clip(2, 4), half=number % 3
    )


def nested(found: NestedTest | NotComputed) -> NestedTest:
    assert isinstance(found, NestedTest)
    return found


@pytest.mark.parametrize(
    ("outcome", "by", "ranks", "name"),
    [
        ("m", "g", False, "within"),
        ("m", "half", False, "between"),
        ("Item1", "g", True, "ranks_within"),
        ("Item1", "half", True, "ranks_between"),
    ],
)
def test_clustered_difference(
    pupils: pd.DataFrame, outcome: str, by: str, ranks: bool, name: str, compare: Callable[..., None]
) -> None:
    found = nested(clustered_difference(NestedCounts.of(pupils, outcome, by, "classId"), ranks))
    reference = R["nested"][name]
    ours = [found.f, found.df1, found.df2, found.p]
    theirs = [reference[part] for part in ("f", "df1", "df2", "p")]
    compare("nested.wald", "clubsandwich: SWMD", ours, theirs, "ranks" if ranks else "means")


def test_clustered_p_of_a_pair(pupils: pd.DataFrame, compare: Callable[..., None]) -> None:
    found = nested(clustered_difference(NestedCounts.of(pupils, "m", "g", "classId")))
    assert found.pairs[0][:2] == ("2", "3")
    compare(
        "nested.wald", "clubsandwich: SWMD", found.pairs[0][2], R["nested"]["within"]["first_p"], "one pair"
    )


@pytest.mark.parametrize(("by", "name"), [("g", "rao_within"), ("half", "rao_between")])
def test_rao_scott(pupils: pd.DataFrame, by: str, name: str, compare: Callable[..., None]) -> None:
    found, reference = nested(rao_scott(NestedCounts.of(pupils, "Item1", by, "classId"))), R["nested"][name]
    ours = [found.f, found.df1, found.df2, found.p]
    compare("nested.rao_scott", "survey: SWMD", ours, [reference[part] for part in ("f", "df1", "df2", "p")])


def test_intraclass_correlation_from_counts(pupils: pd.DataFrame, compare: Callable[..., None]) -> None:
    found = nesting(NestedCounts.of(pupils, "m", "g", "classId"))
    assert isinstance(found, IntraclassCorrelation)
    compare("icc.reml", "lme4: SWMD", found.icc_reml, ICC["swmd"]["icc"], "from counts")


def test_counts_add(pupils: pd.DataFrame) -> None:
    whole = NestedCounts.of(pupils, "m", "g", "classId")
    parts = NestedCounts.of(pupils[:200], "m", "g", "classId") + NestedCounts.of(
        pupils[200:], "m", "g", "classId"
    )
    pd.testing.assert_frame_equal(parts.to_frame(), whole.to_frame())


def test_group_counts_add(pupils: pd.DataFrame) -> None:
    whole = GroupCounts.of(pupils, "m", "g")
    parts = GroupCounts.of(pupils[:9], "m", "g") + GroupCounts.of(pupils[9:], "m", "g")
    pd.testing.assert_frame_equal(parts.to_frame(), whole.to_frame())
    pd.testing.assert_frame_equal(
        NestedCounts.of(pupils, "m", "g", "classId").by_group().to_frame(), whole.to_frame()
    )


def test_missing_values_and_groups_are_counted(pupils: pd.DataFrame) -> None:
    frame = pupils.assign(m=pupils["m"].where(pupils.index > 4), g=pupils["g"].where(pupils.index > 2))
    record = NestedCounts.of(frame, "m", "g", "classId")
    assert (record.missing, record.ungrouped) == (2, 3)
    assert record.by_group().n.sum() == len(pupils) - 5


@pytest.fixture(scope="module")
def table(pupils: pd.DataFrame) -> Differences:
    wanted = [("m", "scale"), ("Item1", "ordinal"), ("Item2", "ordinal"), ("Item3", "nominal")]
    return differences(
        (NestedCounts.of(pupils, outcome, by, "classId"), kind)  # type: ignore[misc]
        for outcome, kind in wanted
        for by in ("g", "half")
    )


def test_tests_are_chosen_by_the_rule(table: Differences) -> None:
    frame = table.to_frame().query("chosen and by == 'g'").set_index("outcome")
    assert frame["test"].to_dict() == {
        "m": "welch_anova",
        "Item1": "kruskal_wallis",
        "Item2": "kruskal_wallis",
        "Item3": "chi_square",
    }


def test_rule_is_printed_with_its_sources() -> None:
    frame = rule_frame().set_index("kind")
    assert frame.loc["scale", "two_groups"] == "welch_t"
    assert "Delacre" in frame.loc["scale", "source"]


def test_columns_of_the_contract(table: Differences) -> None:
    assert set(table.to_frame().columns) >= CONTRACT


def test_p_is_adjusted_within_its_family(table: Differences) -> None:
    frame = table.to_frame().query("family == 'g: ordinal'")
    assert frame["outcome"].tolist() == ["Item1", "Item2"]
    np.testing.assert_allclose(frame["p_adjusted"], adjusted(frame["p"].tolist(), "holm"))
    np.testing.assert_allclose(frame["p_clustered_adjusted"], adjusted(frame["p_clustered"].tolist()))


def test_clustered_p_stands_beside_the_naive_one(table: Differences) -> None:
    frame = table.to_frame().query("test == 'welch_anova' and outcome == 'm'").set_index("by")
    assert frame.loc["half", "p_clustered"] == pytest.approx(R["nested"]["between"]["p"], rel=1e-8)
    assert frame.loc["half", "p"] < frame.loc["half", "p_clustered"]


def test_nested_data_are_warned_about(table: Differences) -> None:
    note = table.to_frame().query("outcome == 'm' and chosen")["note"]
    assert note.str.contains("nested-respondents: icc=0.177").all()


def test_pairs_stand_in_their_own_table(table: Differences) -> None:
    frame = table.pairwise_frame().query("outcome == 'm' and by == 'g' and chosen")
    assert frame[["a", "b"]].to_numpy().tolist() == [["2", "3"], ["2", "4"], ["3", "4"]]
    assert frame["p_clustered"].iloc[0] == pytest.approx(R["nested"]["within"]["first_p"], rel=1e-8)


def test_without_schools_there_is_no_clustered_test(pupils: pd.DataFrame) -> None:
    found = differences([(NestedCounts.of(pupils, "m", "g"), "scale")], beside=False)
    frame = found.to_frame()
    assert frame["p_clustered"].isna().all()
    assert frame["note"].tolist() == [""]


def one(frame: pd.DataFrame, kind: str = "scale", minimum: int = 2) -> pd.Series:
    found = differences([(NestedCounts.of(frame, "y", "g", "s"), kind)], minimum, beside=False)  # type: ignore[list-item]
    return found.to_frame().iloc[0]


def frame_of(y: list[float], g: list[object], s: list[object] | None = None) -> pd.DataFrame:
    return pd.DataFrame({"y": np.array(y, dtype=float), "g": g, "s": s or ["a", "b"] * (len(y) // 2)})


@pytest.mark.parametrize(
    ("frame", "kind", "code"),
    [
        (frame_of([1, 2, 3, 4], [1, 1, 1, 1]), "scale", "difference-few-groups"),
        (frame_of([np.nan] * 4, [1, 1, 2, 2]), "scale", "difference-few-groups"),
        (frame_of([1, 1, 2, 2], [1, 1, 2, 2]), "scale", "difference-constant-groups"),
        (frame_of([3, 3, 3, 3], [1, 1, 2, 2]), "ordinal", "difference-constant-groups"),
        (frame_of([1, 2, 3, 4, 5, 5], [1, 1, 2, 2, 3, 3]), "scale", "difference-constant-groups"),
        (frame_of([3, 3, 3, 3], [1, 1, 2, 2]), "nominal", "difference-constant-groups"),
    ],
)
def test_what_cannot_be_compared_says_why(frame: pd.DataFrame, kind: str, code: str) -> None:
    row = one(frame, kind)
    assert row["reason"].startswith(code)
    assert np.isnan(row["p"])
    assert np.isnan(row["p_adjusted"])


def test_groups_of_one_are_left_out_and_named() -> None:
    row = one(frame_of([1, 2, 3, 4, 9, 2], [1, 1, 2, 2, 3, 1]))
    assert row["groups"] == "1 2"
    assert "difference-groups-left-out: groups=3" in row["note"]


def test_an_answer_unused_in_one_group_is_compared() -> None:
    row = one(frame_of([1, 2, 1, 2, 3, 3, 2, 2], [1, 1, 1, 1, 2, 2, 2, 2]), "ordinal")
    assert row["test"] == "mann_whitney"
    assert 0 < row["p"] < 1


def test_two_by_two_with_small_counts_goes_to_fisher() -> None:
    row = one(frame_of([1, 1, 1, 2, 2, 2, 2, 1], [1, 1, 1, 1, 2, 2, 2, 2]), "nominal")
    assert row["test"] == "fisher_exact"
    assert row["p"] == pytest.approx(R["tables"]["fisher"]["tea"]["p"], rel=1e-12)


def test_few_schools_are_said() -> None:
    rng = np.random.default_rng(1)
    schools: list[object] = [school for school in "abcdef" for _ in range(10)]
    frame = frame_of(rng.normal(size=60).tolist(), [1, 2] * 30, schools)
    assert "few-clusters: clusters=6" in one(frame)["note"]


def test_groups_that_are_schools_cannot_be_tested_against_them() -> None:
    frame = frame_of([1, 2, 3, 4], [1, 1, 2, 2], ["a", "a", "b", "b"])
    row = one(frame)
    assert np.isnan(row["p_clustered"])
    assert "regression-few-clusters" in row["note"]


def test_every_reason_has_words(table: Differences) -> None:
    for row in table.rows:
        for note in row.notes:
            assert "{" not in note.fault().message("zh") + note.fault().message("en")


def test_record_of_a_test_is_one_row(table: Differences) -> None:
    test = table.rows[0].test
    assert isinstance(test, GroupTest)
    assert test.to_frame()["n"].tolist() == [651]
