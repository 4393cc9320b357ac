"""Levels of a study run end to end: four indices, schools, gaps, importance; and what cannot be had."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from scipy import stats

from manyi.study.analysis_plan import Analysis
from manyi.study.checks import study_faults
from manyi.study.folder import open_study
from manyi.topics.one_pass import gather
from manyi.topics.satisfaction import SatisfactionTopic
from manyi.topics.topic import Subject
from manyi_instruments.definitions.loader import load_questionnaire

DEFINITIONS = ["share_of_range", "share_of_maximum", "top2", "satisfied"]
#: Respondents of every school; the fourth is too small to be shown.
SIZES = {"01": 30, "02": 25, "03": 14, "04": 4, "05": 40, "06": 22}
FIVE = {"values": [1, 2, 3, 4, 5], "en": ["a", "b", "c", "d", "e"]}


def item(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "text": {"en": f"Question {name}?"}, "answers": "five", **more}


QUESTIONNAIRE: dict[str, Any] = {
    "questionnaire": "pupils",
    "title": {"en": "Pupils"},
    "languages": ["en"],
    "answer_lists": {
        "five": FIVE,
        "three": {"values": [1, 2, 3], "en": ["x", "y", "z"]},
        "sex": {"values": [1, 2, 3], "en": ["girl", "boy", "nobody"], "ordered": False},
    },
    "scales": [
        {"id": "SAT", "title": {"en": "satisfaction"}},
        {"id": "RES", "title": {"en": "resources"}},
        {"id": "TCH", "title": {"en": "teachers"}},
    ],
    "demographics": [
        {"id": "SEX", "text": {"en": "Sex"}, "answers": "sex"},
        {"id": "KIND", "text": {"en": "Kind"}, "answers": "sex"},
    ],
    "items": [
        *(item(f"{scale}{number}", scale=scale) for scale in ("SAT", "RES", "TCH") for number in (1, 2)),
        *(item(f"IMP_{scale}", standalone=True, importance_of=scale) for scale in ("RES", "TCH")),
        item("EXP", standalone=True),
        item("SAME", standalone=True),
        item("EMPTY", standalone=True),
        {**item("SHORT", standalone=True), "answers": "three"},
    ],
}
PLAN: dict[str, Any] = {
    "groups": {"pupils": ["SEX", "KIND", "area"]},
    "satisfaction": {"pupils": ["SAT", "SAT1", "EMPTY"]},
    "gaps": {"pupils": [["EXP", "SAT1"], ["EXP", "SHORT"], ["SAME", "SAME"], ["EXP", "EMPTY"]]},
    "importance": [
        {"role": "pupils"},
        {"role": "pupils", "measure": "correlation", "outcome": "SAT"},
        {"role": "pupils", "measure": "partial_correlation"},
        {"role": "pupils", "attributes": ["RES", "SHORT"], "measure": "correlation", "outcome": "SAT"},
        {"role": "pupils", "attributes": ["RES", "EMPTY"], "measure": "correlation", "outcome": "SAT"},
    ],
}


def answers() -> pd.DataFrame:
    random = np.random.default_rng(11)
    school = np.repeat(list(SIZES), list(SIZES.values()))
    size = len(school)
    level = random.normal(size=size) + np.array([0.1 * int(name) for name in school])
    frame = pd.DataFrame({"school": school})
    # Sex is asked of all; nobody is of kind 3, and one is of kind 2.
    frame["SEX"] = random.integers(1, 3, size)
    frame["KIND"] = [2, *[1] * (size - 1)]
    for name in ("SAT1", "SAT2", "RES1", "RES2", "TCH1", "TCH2", "IMP_RES", "IMP_TCH", "EXP"):
        frame[name] = np.clip(np.rint(3.2 + 0.7 * level + random.normal(size=size)), 1, 5).astype(int)
    frame["SAME"], frame["EMPTY"], frame["SHORT"] = 3, "", random.integers(1, 4, size)
    return frame


def roster() -> pd.DataFrame:
    return pd.DataFrame(
        {"school": list(SIZES), "name": [f"School {code}" for code in SIZES], "area": list("eeewww")}
    )


@pytest.fixture(scope="module")
def ran(
    tmp_path_factory: pytest.TempPathFactory, write_study: Callable[..., Path], run_manyi: Callable[..., Any]
) -> tuple[Path, Any]:
    """Return a study with everything that can go wrong beside what goes right, run; not to be changed."""
    study = write_study(
        tmp_path_factory.mktemp("levels") / "study",
        {"pupils": QUESTIONNAIRE},
        {"pupils": {"pupils.csv": answers()}},
        roster=roster(),
        schools={"table": "data/schools.csv", "code": "school", "name": "name"},
        analysis=PLAN,
    )
    return study, run_manyi("run", study, "--json")


@pytest.fixture(scope="module")
def levels(ran: tuple[Path, Any], read_csv: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    return read_csv(ran[0], "satisfaction")


@pytest.fixture(scope="module")
def schools(ran: tuple[Path, Any], read_csv: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    return read_csv(ran[0], "school_satisfaction")


def test_all_four_indices_stand_in_the_table(levels: pd.DataFrame) -> None:
    assert levels["definition"].drop_duplicates().tolist() == DEFINITIONS


def test_the_index_of_the_plan_is_marked(levels: pd.DataFrame) -> None:
    assert levels.loc[levels["headline"], "definition"].unique().tolist() == ["share_of_range"]


@pytest.mark.parametrize(
    ("definition", "value"),
    [
        ("share_of_range", lambda x: 25 * (x.mean() - 1)),
        ("share_of_maximum", lambda x: 20 * x.mean()),
        ("top2", lambda x: 100 * (x >= 4).mean()),
        ("satisfied", lambda x: 100 * (x >= 3).mean()),
    ],
)
def test_each_is_what_its_name_says(
    levels: pd.DataFrame, definition: str, value: Callable[[pd.Series], float]
) -> None:
    row = levels[
        (levels["definition"] == definition) & (levels["index"] == "SAT1") & (levels["group"] == "all")
    ]
    assert row["value"].item() == pytest.approx(value(answers()["SAT1"]), abs=1e-9)


def test_every_index_has_its_limits(levels: pd.DataFrame) -> None:
    shown = levels[levels["reason"].isna()]
    assert (shown["low"] <= shown["value"]).all()
    assert (shown["value"] <= shown["high"]).all()


def test_a_measure_nobody_answered_says_so(levels: pd.DataFrame) -> None:
    rows = levels[levels["index"] == "EMPTY"]
    assert rows["value"].isna().all()
    assert rows["reason"].str.startswith("small-cell").all()


def test_a_group_of_one_is_hidden_with_the_other(levels: pd.DataFrame) -> None:
    """One respondent of kind 2: everybody less kind 1 would show that one."""
    rows = levels[(levels["group"] == "KIND") & (levels["index"] == "SAT") & levels["headline"]]
    assert rows["reason"].str.partition(":")[0].tolist() == ["small-cell-complement", "small-cell"]


def test_a_category_nobody_is_in_has_no_level(levels: pd.DataFrame) -> None:
    assert levels.loc[levels["group"] == "SEX", "level"].astype(str).unique().tolist() == ["1", "2"]


def test_the_small_school_is_hidden_with_one_of_its_area(schools: pd.DataFrame) -> None:
    """West is shown, so the school hidden beside 04 is of the west, though 03 of the east is smaller."""
    rows = schools[schools["headline"] & (schools["index"] == "SAT")].set_index("school")
    hidden = rows["reason"].dropna().str.partition(":")[0]
    assert hidden.to_dict() == {"04": "small-cell", "06": "small-cell-complement"}
    assert rows.loc[["04", "06"], ["n", "value", "rank", "reliability"]].isna().all(axis=None)


def test_no_hidden_school_follows_from_the_areas(schools: pd.DataFrame, levels: pd.DataFrame) -> None:
    """What is left of each area after its schools shown is nobody or ten at least."""
    rows = schools[schools["headline"] & (schools["index"] == "SAT")].set_index("school")
    area = roster().set_index("school")["area"]
    total = levels[(levels["group"] == "area") & (levels["index"] == "SAT") & levels["headline"]]
    for level, n in zip(total["level"], total["n"], strict=True):
        rest = n - rows.loc[area[area == level].index, "n"].sum()
        assert rest == 0 or rest >= 10


def test_a_school_has_the_mean_of_its_answers(schools: pd.DataFrame) -> None:
    frame = answers().query("school == '05'")
    row = schools[schools["headline"] & (schools["index"] == "SAT1")].set_index("school").loc["05"]
    found = stats.ttest_1samp(25.0 * (frame["SAT1"] - 1.0), 0.0).confidence_interval(0.95)
    np.testing.assert_allclose(row[["low", "high"]].astype(float), [found.low, found.high], atol=1e-9)


def test_ranks_have_limits_and_say_among_how_many(schools: pd.DataFrame) -> None:
    rows = schools[schools["rank"].notna()]
    assert (rows["rank_low"] <= rows["rank"]).all()
    assert (rows["rank"] <= rows["rank_high"]).all()
    assert rows["ranked"].unique().tolist() == [4]
    assert rows["headline"].all()


@pytest.fixture(scope="module")
def gaps(ran: tuple[Path, Any], read_csv: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    return read_csv(ran[0], "gap").set_index(["expectation", "perception"])


def test_a_gap_is_that_of_the_paired_test(gaps: pd.DataFrame) -> None:
    frame, row = answers(), gaps.loc[("EXP", "SAT1")]
    test = stats.ttest_rel(frame["SAT1"], frame["EXP"])
    limits = test.confidence_interval(0.95)
    found = row[["gap", "t", "p", "low", "high"]].astype(float)
    expected = [(frame["SAT1"] - frame["EXP"]).mean(), test.statistic, test.pvalue, limits.low, limits.high]
    np.testing.assert_allclose(found, expected, rtol=1e-9)


@pytest.mark.parametrize(
    ("pair", "code"),
    [
        (("EXP", "SHORT"), "gap-unlike-ranges"),
        (("SAME", "SAME"), "gap-no-difference"),
        (("EXP", "EMPTY"), "too-few-rows"),
    ],
)
def test_a_gap_that_cannot_be_says_why(gaps: pd.DataFrame, pair: tuple[str, str], code: str) -> None:
    assert str(gaps.loc[pair, "reason"]).partition(":")[0] == code


@pytest.fixture(scope="module")
def grids(ran: tuple[Path, Any], read_csv: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    return read_csv(ran[0], "importance_performance")


def test_stated_importance_is_the_mean_of_its_item(grids: pd.DataFrame) -> None:
    rows = grids[grids["measure"] == "stated"].set_index("attribute")
    frame = answers()
    assert rows["importance_item"].to_dict() == {"RES": "IMP_RES", "TCH": "IMP_TCH"}
    np.testing.assert_allclose(
        rows["importance"], [frame["IMP_RES"].mean(), frame["IMP_TCH"].mean()], rtol=1e-9
    )
    np.testing.assert_allclose(
        rows["performance"],
        [frame[["RES1", "RES2"]].mean(axis=None), frame[["TCH1", "TCH2"]].mean(axis=None)],
        rtol=1e-9,
    )


def test_derived_importance_is_the_correlation(grids: pd.DataFrame) -> None:
    rows = grids[(grids["measure"] == "correlation") & grids["quadrant"].notna()].set_index("attribute")
    frame = answers()
    outcome = frame[["SAT1", "SAT2"]].mean(axis=1)
    for scale in ("RES", "TCH"):
        expected = np.corrcoef(outcome, frame[[f"{scale}1", f"{scale}2"]].mean(axis=1))[0, 1]
        assert rows.loc[scale, "importance"] == pytest.approx(expected, abs=1e-9)


def test_quadrants_follow_from_the_cross(grids: pd.DataFrame) -> None:
    for row in grids[grids["quadrant"].notna()].to_dict("records"):
        sides = (row["importance"] >= row["importance_cross"], row["performance"] >= row["performance_cross"])
        names = {
            (True, False): "concentrate_here",
            (True, True): "keep_up",
            (False, False): "low_priority",
            (False, True): "possible_overkill",
        }
        assert row["quadrant"] == names[sides]


def test_a_grid_that_cannot_be_says_why(grids: pd.DataFrame) -> None:
    reasons = grids["reason"].dropna().str.partition(":")[0].tolist()
    assert reasons == ["importance-no-outcome", "importance-unlike-ranges", "too-few-rows"]


def test_what_could_not_be_computed_is_told_and_the_rest_is_made(ran: tuple[Path, Any]) -> None:
    assert ran[1].code == 1
    assert (ran[0] / "results" / "report.html").is_file()
    assert {"result-not-computed"} <= set(ran[1].codes)


@pytest.mark.parametrize(
    "title",
    [
        "Four Indices of Satisfaction Compared",
        "Satisfaction Across Schools",
        "Satisfaction by School (Pupils): satisfaction",
        "Gaps Between Expectation and Perception",
        "Importance and Performance (Pupils): Stated Importance",
    ],
)
def test_the_appendix_has_the_tables(
    ran: tuple[Path, Any], title: str, read_workbook: Callable[[Path], Any]
) -> None:
    book = read_workbook(ran[0] / "results" / "appendix.xlsx")
    cells = {str(cell) for row in book.worksheets[0].iter_rows(values_only=True) for cell in row}
    assert title in cells


def test_without_schools_there_is_no_table_by_school(
    tmp_path: Path,
    write_study: Callable[..., Path],
    run_manyi: Callable[..., Any],
    read_csv: Callable[..., pd.DataFrame],
) -> None:
    plan = {**PLAN, "groups": {"pupils": ["SEX"]}, "index": "top2"}
    study = write_study(
        tmp_path / "study",
        {"pupils": QUESTIONNAIRE},
        {"pupils": {"pupils.csv": answers().drop(columns="school")}},
        analysis=plan,
    )
    run_manyi("run", study, "--json")
    levels = read_csv(study, "satisfaction")
    assert levels.loc[levels["headline"], "definition"].unique().tolist() == ["top2"]
    assert not levels["method"].dropna().str.contains("clustered").any()
    assert read_csv(study, "gap")["schools"].dropna().eq(0).all()
    assert not (study / "results" / "tables" / "school_satisfaction.csv").is_file()


@pytest.mark.parametrize(
    ("hide", "hidden"), [("never", []), ("known", ["area"]), ("always", ["SEX", "area"])]
)
def test_few_without_a_group_are_protected_as_planned(hide: str, hidden: list[str]) -> None:
    """Three of a school that is on no list have no area, and three do not tell their sex."""
    frame = answers().merge(roster()[["school", "area"]], on="school")
    frame["SAT"] = frame[["SAT1", "SAT2"]].mean(axis=1)
    frame["SEX"] = frame["SEX"].astype(float)
    frame.loc[:2, ["SEX", "area"]] = np.nan
    questionnaire = load_questionnaire(yaml.safe_dump(QUESTIONNAIRE))
    plan = Analysis.model_validate(
        {"groups": {"pupils": ["SEX", "area"]}, "satisfaction": {"pupils": ["SAT"]}, "hide_ungrouped": hide}
    )
    topic = SatisfactionTopic(Subject("pupils", questionnaire, plan, frozenset(frame.columns), schooled=True))
    rows = topic.tables(gather([frame], topic.sets()))["satisfaction"].query("headline")
    assert rows.loc[rows["reason"] != "", "group"].tolist() == hidden


@pytest.mark.parametrize(
    ("analysis", "where"),
    [
        ({"gaps": {"pupils": [["EXP", "SAT9"]]}}, "analysis.gaps.pupils"),
        ({"importance": [{"role": "pupils", "attributes": ["RES", "NONE"]}]}, "analysis.importance[1]"),
        ({"importance": [{"role": "pupils", "stated": {"RES": "IMP_X"}}]}, "analysis.importance[1]"),
    ],
)
def test_a_name_that_is_not_there_is_told(
    tmp_path: Path, write_study: Callable[..., Path], analysis: dict[str, Any], where: str
) -> None:
    study = write_study(tmp_path / "study", {"pupils": QUESTIONNAIRE}, {}, analysis=analysis)
    told = [fault for fault in study_faults(open_study(study)) if fault.code == "plan-unknown-variable"]
    assert [fault.details["where"] for fault in told] == [where]
