"""Indicators, verdicts and variation of sixty schools, against resources.R."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.resources import (
    CountyVariation,
    Evaluation,
    SchoolVerdicts,
    county_cv,
    evaluate_schools,
)
from manyi_instruments.standards import load_standard

HERE = Path(__file__).parents[1] / "reference" / "resources"
R = json.loads((HERE / "resources.json").read_text(encoding="utf-8"))
NATIONAL = load_standard("national-2017")
SOURCE = "r: sixty schools drawn"


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
