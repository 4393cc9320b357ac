"""Indicators, verdicts, variation, gaps, requirements of drawn schools, and recognition: against R."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.resources import (
    CountyVariation,
    Evaluation,
    Gaps,
    SchoolVerdicts,
    SocialRecognition,
    county_cv,
    evaluate_county,
    evaluate_requirements,
    evaluate_schools,
    school_gaps,
    social_recognition,
)
from manyi_instruments.standards import load_standard, unlayered

HERE = Path(__file__).parents[1] / "reference" / "resources"
R = json.loads((HERE / "resources.json").read_text(encoding="utf-8"))
GAPS = json.loads((HERE / "gaps.json").read_text(encoding="utf-8"))
REQUIREMENTS = json.loads((HERE / "requirements.json").read_text(encoding="utf-8"))
RECOGNITION = json.loads((HERE / "recognition.json").read_text(encoding="utf-8"))
NATIONAL = load_standard("national-2017")
SOURCE = "r: sixty schools drawn"
ANSWERS = "r: 712 answers drawn"
#: Role -> first letter of its items.
ITEMS = {"parents": "P", "students": "S", "teachers": "T", "principals": "C", "society": "D"}


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    schools = pd.read_csv(HERE / "schools.csv", encoding="utf-8", dtype={"school": str})
    return evaluate_schools(schools, NATIONAL)


def test_values_of_the_indicators(evaluation: Evaluation, compare: Callable[..., None]) -> None:
    found = evaluation.indicators.to_frame().pivot_table(index="school", columns="indicator", values="value")
    compare("resources.indicator", SOURCE, found[R["indicators"]], R["values"])


@pytest.mark.parametrize(
    ("column", "name"), [("met_count", "met"), ("lowest_share", "lowest")], ids=["met", "lowest"]
)
def test_what_a_verdict_rests_on(
    evaluation: Evaluation, column: str, name: str, compare: Callable[..., None]
) -> None:
    assert isinstance(evaluation.verdicts, SchoolVerdicts)
    frame = evaluation.verdicts.to_frame().sort_values("school")
    compare("resources.indicator", SOURCE, frame[column], R[name], column.replace("_", " "))


def test_verdicts(evaluation: Evaluation, compare: Callable[..., None]) -> None:
    assert isinstance(evaluation.verdicts, SchoolVerdicts)
    frame = evaluation.verdicts.to_frame().sort_values("school")
    compare("resources.verdict", SOURCE, frame["verdict"] == "met", R["passes"])


@pytest.mark.parametrize("stage", ["primary", "junior"])
def test_variation_between_schools(evaluation: Evaluation, stage: str, compare: Callable[..., None]) -> None:
    found = county_cv(evaluation.indicators, NATIONAL)
    assert isinstance(found, CountyVariation)
    frame = found.to_frame().query(f"stage == '{stage}'").set_index("indicator")
    theirs = np.array(R["variation"][stage])
    compare("resources.cv", SOURCE, frame.loc[R["indicators"], ["mean", "sd", "cv"]].T, theirs)


@pytest.fixture(scope="module")
def gaps(evaluation: Evaluation) -> Gaps:
    return school_gaps(evaluation.schools, evaluation.indicators, NATIONAL)


def test_what_schools_lack_is_told_where_r_finds_a_gap(gaps: Gaps) -> None:
    found = gaps.to_frame()[["school", "indicator"]].itertuples(index=False, name=None)
    assert set(found) == {(row["school"], row["indicator"]) for row in GAPS["rows"]}


@pytest.mark.parametrize("column", ["gap", "gap_to_floor"])
def test_what_schools_lack(gaps: Gaps, column: str, compare: Callable[..., None]) -> None:
    theirs = pd.DataFrame(GAPS["rows"]).set_index(["school", "indicator"])[column]
    ours = gaps.to_frame().set_index(["school", "indicator"])[column].loc[theirs.index]
    compare("resources.gap", SOURCE, ours, theirs, "to the floor" if column == "gap_to_floor" else "")


def test_what_the_county_lacks(gaps: Gaps, compare: Callable[..., None]) -> None:
    ours = gaps.totals().set_index("indicator").loc[list(GAPS["totals"]), "gap"]
    compare("resources.gap", SOURCE, ours, list(GAPS["totals"].values()), "of the county")


@pytest.fixture(scope="module")
def recognized() -> SocialRecognition:
    drawn = pd.read_csv(HERE / "answers.csv", encoding="utf-8")
    answers = {}
    for role, letter in ITEMS.items():
        names = {"kind": f"{letter}_KIND"} | {f"sat{n}": f"{letter}_SAT{n}" for n in (1, 3, 4)}
        answers[role] = drawn[drawn["role"] == role].drop(columns="role").rename(columns=names)
    rule = NATIONAL.recognition
    assert rule is not None
    return social_recognition(answers, rule)


@pytest.mark.parametrize("definition", sorted(RECOGNITION["share"]))
def test_recognition(recognized: SocialRecognition, definition: str, compare: Callable[..., None]) -> None:
    ours = recognized.to_frame().set_index("definition").loc[definition, "share"]
    compare(
        "recognition.share", ANSWERS, ours, RECOGNITION["share"][definition], definition.replace("_", " ")
    )


@pytest.mark.parametrize("definition", sorted(RECOGNITION["count"]))
def test_who_recognizes(recognized: SocialRecognition, definition: str, compare: Callable[..., None]) -> None:
    columns = ["n_recognizing", "n_valid", "n_missing"]
    ours = recognized.to_frame().set_index("definition").loc[definition, columns]
    compare("recognition.n", ANSWERS, ours, RECOGNITION["count"][definition], definition.replace("_", " "))


KEYS = ["indicator", "bound", "school", "stage"]


def drawn_county() -> tuple[pd.DataFrame, dict[str, float]]:
    """Return the schools and the facts that requirements.R has drawn."""
    schools = pd.read_csv(HERE / "county.csv", encoding="utf-8", dtype={"school": str, "ur_code": str})
    facts = pd.read_csv(HERE / "county_facts.csv", encoding="utf-8").set_index("fact")["value"]
    return schools, {str(name): float(value) for name, value in facts.items()}


def of_r(column: str) -> "pd.Series[float]":
    """Return what R found, by requirement, bound, school and stage."""
    return pd.DataFrame(REQUIREMENTS["rows"]).set_index(KEYS)[column].astype(float)


@pytest.mark.parametrize("column", ["value", "threshold", "met", "gap"])
def test_requirements_of_a_county(column: str, compare: Callable[..., None]) -> None:
    schools, facts = drawn_county()
    found = evaluate_requirements(schools, NATIONAL, facts).to_frame().set_index(KEYS)[column]
    theirs = of_r(column)
    compare(
        "resources.requirement", "r: forty schools drawn", found[theirs.index].astype(float), theirs, column
    )


@pytest.mark.parametrize("column", ["value", "threshold", "met", "gap"])
def test_requirements_as_the_table_has_them(column: str, compare: Callable[..., None]) -> None:
    schools, facts = drawn_county()
    table = evaluate_county(schools, unlayered(NATIONAL), facts, "county").to_frame()
    table["school"] = table["unit"].where(table["level"] != "county", "")
    found, theirs = table.set_index(KEYS)[column], of_r(column)
    compare("resources.table", "r: forty schools drawn", found[theirs.index].astype(float), theirs, column)
