"""Answers with missing codes, composition, return, and the indices of satisfied answers, against level.R."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.level.distribution import answer_distribution, dont_know
from manyi_analysis.level.sample import Return, composition
from manyi_analysis.level.satisfaction import satisfaction
from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.scoring import score

HERE = Path(__file__).parents[1] / "reference"
R = json.loads((HERE / "level" / "level.json").read_text(encoding="utf-8"))
BFI = load_questionnaire("""
questionnaire: bfi
title: {en: Big five}
languages: [en]
answer_lists:
  six: {values: [1, 2, 3, 4, 5, 6], en: [a, b, c, d, e, f]}
  two: {values: [1, 2], en: [a, b], ordered: false}
  five: {values: [1, 2, 3, 4, 5], en: [a, b, c, d, e]}
demographics:
  - {id: gender, text: {en: gender}, answers: two}
  - {id: education, text: {en: education}, answers: five}
items:
  - {id: A1, text: {en: A1}, answers: six, standalone: true, dont_know: true}
  - {id: C1, text: {en: C1}, answers: six, standalone: true, dont_know: true}
  - {id: N1, text: {en: N1}, answers: six, standalone: true}
""")
WELL = load_questionnaire(
    """
questionnaire: wellbeing
title: {en: well-being}
languages: [en]
answer_lists:
  five: {values: [1, 2, 3, 4, 5], en: [a, b, c, d, e]}
scales:
  - {id: WELL, title: {en: well-being}}
items:
"""
    + "".join(f"  - {{id: Item{at}, text: {{en: q}}, answers: five, scale: WELL}}\n" for at in range(1, 8))
)


@pytest.fixture(scope="module")
def coded() -> pd.DataFrame:
    """Return bfi as the script codes it: blanks -9, every tenth row -8, every 17th -7."""
    frame = pd.read_csv(HERE / "measurement" / "bfi.csv", encoding="utf-8").fillna(-9.0)
    row = np.arange(1, len(frame) + 1)
    for item in ("A1", "C1"):
        frame[item] = np.where(row % 17 == 0, -7.0, np.where(row % 10 == 0, -8.0, frame[item]))
    return frame[["A1", "C1", "N1", "gender", "education"]]


@pytest.fixture(scope="module")
def pupils() -> pd.DataFrame:
    frame = pd.read_csv(HERE / "explanation" / "swmd.csv", encoding="utf-8")
    return score(frame.rename(columns={"classId": "school"}), WELL)


@pytest.mark.parametrize("item", ["A1", "C1", "N1"])
@pytest.mark.parametrize("quantity", ["n", "share"])
def test_answers(coded: pd.DataFrame, item: str, quantity: str, compare: Callable[..., None]) -> None:
    frame = answer_distribution(coded, BFI).to_frame()
    compare(
        "item.answers", "r: bfi", frame.loc[frame["item"] == item, quantity], R["answers"][item][quantity]
    )


@pytest.mark.parametrize("item", ["A1", "C1"])
def test_dont_know(coded: pd.DataFrame, item: str, compare: Callable[..., None]) -> None:
    row = dont_know(coded, BFI).to_frame().set_index("item").loc[item]
    quantities = ["n", "asked", "share"]
    compare("item.dont_know", "r: bfi", row[quantities], [R["dont_know"][item][name] for name in quantities])


@pytest.mark.parametrize("item", ["gender", "education"])
def test_composition(coded: pd.DataFrame, item: str, compare: Callable[..., None]) -> None:
    frame = composition(coded, BFI).to_frame()
    found, known = frame.loc[frame["item"] == item, ["n", "share"]], R["composition"][item]
    compare("level.sample", "r: bfi", found, np.transpose([known["n"], known["share"]]), "composition")


def test_return(compare: Callable[..., None]) -> None:
    found = Return(**R["returned"]).to_frame()[["return_rate", "valid_rate"]]
    compare("level.sample", "r: bfi", found.iloc[0], R["rates"], "return")


@pytest.mark.parametrize(
    ("measure", "definition", "school", "name"),
    [
        ("Item1", "satisfied", None, "satisfied_item"),
        ("WELL", "satisfied", None, "satisfied_scale"),
        ("WELL", "top2", None, "top2_scale"),
        ("WELL", "satisfied", "school", "satisfied_scale_clustered"),
        ("WELL", "top2", "school", "top2_scale_clustered"),
    ],
)
def test_share_of_satisfied_answers(
    pupils: pd.DataFrame,
    measure: str,
    definition: str,
    school: str | None,
    name: str,
    compare: Callable[..., None],
) -> None:
    frame = satisfaction(pupils, WELL, [measure], definition, school=school).to_frame()  # type: ignore[arg-type]
    source = "clubsandwich: SWMD" if school else "r: SWMD"
    of = f"{definition} of {'an item' if measure == 'Item1' else 'a scale'}" + (
        ", clustered" if school else ""
    )
    compare("level.index", source, frame.loc[0, ["value", "low", "high"]], R[name], of)
