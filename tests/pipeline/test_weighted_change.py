"""Change over waves with the sample's weights: R survey's numbers, and what is said where weights lack."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from manyi.topics.changes import answer_changes
from manyi.topics.wave_levels import WaveAnswers
from manyi_analysis.design_based import SurveyDesign
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_outputs.tidy import read_table

HERE = Path(__file__).parents[1] / "reference" / "change"
R = json.loads((HERE / "weighted.json").read_text(encoding="utf-8"))
DATA = pd.read_csv(HERE / "weighted.csv", encoding="utf-8")
FIVE = {"answers": [{"value": at, "label": {"en": word}} for at, word in enumerate("abcde", start=1)]}
Compare = Callable[..., None]


def asked() -> dict[str, Any]:
    item = {"id": "ITEM", "text": {"en": "How satisfied?"}, "answers": "five", "standalone": True}
    return {
        "questionnaire": "q",
        "title": {"en": "q"},
        "languages": ["en"],
        "answer_lists": {"five": FIVE},
        "scales": [],
        "items": [item],
    }


def wave(number: int, weighed: bool = True) -> WaveAnswers:
    own = DATA[DATA["wave"] == number].reset_index(drop=True)
    rows = pd.DataFrame({"school": own["school"], "ITEM": own["answer"].astype(float)})
    questionnaire = Questionnaire.model_validate(asked())
    if not weighed:
        return WaveAnswers(questionnaire, rows)
    design = SurveyDesign.of(own["weight"].to_numpy(float), own["stratum"], own["unit"])
    return WaveAnswers(questionnaire, rows, rows, design)


def change(first: WaveAnswers, second: WaveAnswers, **more: Any) -> pd.DataFrame:
    definition = more.pop("definition", "share_of_range")
    table = answer_changes("people", {"1": first, "2": second}, ["ITEM"], definition, **more)
    return table.set_index("method")


@pytest.mark.parametrize("part", ["before", "after", "change", "se"])
def test_change_of_respondents_is_that_of_survey(part: str, compare: Compare) -> None:
    row = change(wave(1), wave(2)).loc["independent"]
    compare("change.weighted", "survey: api in two waves", [row[part]], [R[part]], part)


@pytest.mark.parametrize(("part", "theirs"), [("change", "top2"), ("se", "top2_se")])
def test_change_of_a_share_is_that_of_survey(part: str, theirs: str, compare: Compare) -> None:
    row = change(wave(1), wave(2), definition="top2").loc["independent"]
    compare("change.weighted", "survey: api in two waves", [row[part]], [R[theirs]], f"share, {part}")


@pytest.mark.parametrize(("part", "theirs"), [("change", "paired"), ("se", "paired_se")])
def test_change_of_schools_is_weighted_by_the_later_wave(part: str, theirs: str, compare: Compare) -> None:
    row = change(wave(1), wave(2)).loc["paired"]
    assert row["schools"] == R["schools"]
    compare("change.weighted", "survey: api in two waves", [row[part]], [R[theirs]], f"schools, {part}")


def test_degrees_of_freedom_are_those_of_the_units_of_both_designs() -> None:
    """Welch and Satterthwaite on units less strata: 200 - 3 schools drawn alone, 15 - 1 districts."""
    squares = R["se_before"] ** 2, R["se_after"] ** 2
    expected = sum(squares) ** 2 / (squares[0] ** 2 / 197 + squares[1] ** 2 / 14)
    row = change(wave(1), wave(2)).loc["independent"]
    assert row["df"] == pytest.approx(expected, rel=1e-9)


def test_the_change_without_weights_stands_beside() -> None:
    row = change(wave(1), wave(2)).loc["independent"]
    assert (row["weights"], row["unweighted"]) == ("sampling", pytest.approx(R["unweighted"], abs=1e-9))


def test_without_weights_the_table_says_so() -> None:
    table = change(wave(1, weighed=False), wave(2, weighed=False))
    assert set(table["weights"]) == {"none"}
    assert table["unweighted"].isna().all()
    assert table.loc["independent", "change"] == pytest.approx(R["unweighted"], abs=1e-9)


def test_weights_of_one_wave_only_are_not_used_and_that_is_told() -> None:
    table = change(wave(1), wave(2, weighed=False))
    assert set(table["weights"]) == {"none"}
    assert table["remark"].str.startswith("wave-weights-of-one: wave=1").all()
    assert table.loc["independent", "change"] == pytest.approx(R["unweighted"], abs=1e-9)


def test_too_few_respondents_with_a_weight_are_not_shown() -> None:
    few = wave(2)
    assert few.weighted is not None
    weighted = few.weighted.assign(ITEM=few.weighted["ITEM"].where(few.weighted.index < 4))
    hidden = WaveAnswers(few.questionnaire, few.rows, weighted, few.design)
    row = change(wave(1), hidden).loc["independent"]
    assert np.isnan(row["change"])
    assert row["reason"].startswith("small-cell")


def test_a_study_with_weights_of_both_waves_uses_them(
    tmp_path: Path, write_study: Callable[..., Path], run_manyi: Callable[..., Any]
) -> None:
    random = np.random.default_rng(7)
    frames = {}
    for name, shift in (("carers", 0.4), ("carers_2021", 0.0)):
        place = random.integers(1, 3, 160)
        answer = np.clip(np.rint(3 + shift + (place == 2) + random.normal(0, 1, 160)), 1, 5).astype(int)
        school = [f"{at:02d}" for at in random.integers(1, 9, 160)]
        frames[name] = pd.DataFrame({"school": school, "PLACE": place, "ITEM": answer})
    definition = asked()
    place_item = {"id": "PLACE", "text": {"en": "Where?"}, "answers": "places"}
    towns = [{"value": 1, "label": {"en": "town"}}, {"value": 2, "label": {"en": "village"}}]
    definition["answer_lists"]["places"] = {"answers": towns, "ordered": False}
    definition["demographics"] = [place_item]
    share = {"PLACE": {"1": 0.8, "2": 0.2}}
    study = write_study(
        tmp_path / "study",
        {"carers": definition, "carers_2021": definition},
        {"carers": {"a.csv": frames["carers"]}, "carers_2021": {"b.csv": frames["carers_2021"]}},
        roles={"carers": {"wave": 2023}, "carers_2021": {"wave": 2021, "repeats": "carers"}},
        analysis={"satisfaction": {"carers": ["ITEM"]}},
        weights={"carers": {"margins": share}, "carers_2021": {"margins": share}},
    )
    done = run_manyi("run", study, "--json")
    table = read_table(study / "results" / "tables" / "change.csv")
    assert set(table["weights"]) == {"sampling"}, done
    means = {
        name: frame.groupby("PLACE")["ITEM"].mean() @ pd.Series({1: 0.8, 2: 0.2})
        for name, frame in frames.items()
    }
    expected = (means["carers"] - means["carers_2021"]) / 4 * 100
    row = table[table["method"] == "independent"].iloc[0]
    assert float(row["change"]) == pytest.approx(expected, abs=1e-9)
