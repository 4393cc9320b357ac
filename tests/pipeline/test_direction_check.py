"""Answers that look turned: correlations against R's psych, items of bfi turned by hand, no false alarms."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from manyi.example.answers import draw_answers
from manyi.example.county import build_county
from manyi.example.roles import TRUTH
from manyi.readers.direction import Against, direction_faults, item_directions
from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.faults import Fault
from manyi_instruments.questionnaires import bundled_questionnaires

REFERENCE = Path(__file__).parents[1] / "reference"
R = json.loads((REFERENCE / "readers" / "matching.json").read_text(encoding="utf-8"))
PSYCH = json.loads((REFERENCE / "measurement" / "psych_bfi_reliability.json").read_text(encoding="utf-8"))
BFI = pd.read_csv(REFERENCE / "measurement" / "bfi.csv", encoding="utf-8").fillna(-9.0)
KEYS = {
    "A": ["-A1", "A2", "A3", "A4", "A5"],
    "C": ["C1", "C2", "C3", "-C4", "-C5"],
    "E": ["-E1", "-E2", "E3", "E4", "E5"],
    "O": ["O1", "-O2", "O3", "O4", "-O5"],
}
NEUROTICISM = {"N": ["N1", "N2", "N3", "N4", "N5"]}


def questionnaire(keys: Mapping[str, list[str]] = KEYS) -> Questionnaire:
    points = [{"value": value, "label": {"en": f"point {value}"}} for value in range(1, 7)]
    items = [
        {
            "id": key.lstrip("-"),
            "text": {"en": key},
            "answers": "p",
            "scale": scale,
            "reverse": key.startswith("-"),
        }
        for scale, ids in keys.items()
        for key in ids
    ]
    return Questionnaire.model_validate(
        {
            "questionnaire": "bfi",
            "title": {"en": "Big Five"},
            "languages": ["en"],
            "answer_lists": {"p": {"answers": points}},
            "scales": [{"id": scale, "title": {"en": scale}} for scale in keys],
            "items": items,
        }
    )


def turned(items: list[str], data: pd.DataFrame = BFI) -> pd.DataFrame:
    """Return answers with some items' options numbered from the other end; missing codes stay."""
    changed = data.copy()
    for item in items:
        changed[item] = np.where(data[item] > 0, 7 - data[item], data[item])
    return changed


def faults_of(data: pd.DataFrame, keys: Mapping[str, list[str]] = KEYS) -> tuple[Fault, ...]:
    return direction_faults({"answers.csv": data}, questionnaire(keys))


def keyed(keys: list[str], data: pd.DataFrame = BFI) -> pd.DataFrame:
    answers = data.where(data > 0)
    return pd.DataFrame(
        {key.lstrip("-"): 7 - answers[key[1:]] if key[0] == "-" else answers[key] for key in keys}
    )


@pytest.mark.parametrize("scale", list(PSYCH["scales"]))
def test_item_rest_correlations_as_psych(scale: str) -> None:
    expected = PSYCH["scales"][scale]["pairwise_all2800"]["item_stats"]["values"]["r.drop"]
    keys = PSYCH["scales"][scale]["keys"]
    found = item_directions(keyed(keys), [key.lstrip("-") for key in keys])
    assert [against.r for against in found.values()] == pytest.approx(expected, abs=1e-12)


def test_item_rest_correlations_of_a_scale_reversed_twice_as_psych() -> None:
    found = item_directions(keyed(KEYS["E"], turned(["E1", "E2"])), ["E1", "E2", "E3", "E4", "E5"])
    expected = R["extraversion_already_reversed"]["r_drop"]
    assert {item: against.r for item, against in found.items()} == pytest.approx(expected, abs=1e-12)


def test_n_is_that_of_the_pair_with_fewest_rows() -> None:
    found = item_directions(keyed(KEYS["E"]), ["E1", "E2", "E3", "E4", "E5"])
    assert {against.n for against in found.values()} == {R["extraversion_already_reversed"]["n"]}


@pytest.mark.parametrize("case", [R["upper"], *R["upper_r_con"]], ids=lambda case: f"r={case['r']:.2f}")
def test_upper_limit_as_r(case: dict[str, Any]) -> None:
    assert Against(case["r"], case["n"]).upper == pytest.approx(case["upper"], abs=1e-12)


def test_few_rows_have_no_limit() -> None:
    assert Against(-1.0, 3).upper == float("inf")


def test_answers_as_they_are_raise_no_alarm() -> None:
    assert faults_of(BFI) == ()


def test_neuroticism_against_the_others_raises_no_alarm() -> None:
    # R: it correlates -.28 with the sum of the others, which is what it measures and no mistake.
    assert faults_of(BFI, {**KEYS, **NEUROTICISM}) == ()


def test_reverse_items_reversed_already_are_told_together() -> None:
    (fault,) = faults_of(turned(["E1", "E2"]))
    assert (fault.code, fault.severity) == ("looks-already-reversed", "warning")
    assert fault.details["items"] == "E1、E2"


def test_evidence_of_items_reversed_already() -> None:
    (fault,) = faults_of(turned(["E1", "E2"]))
    expected = R["extraversion_already_reversed"]
    assert (fault.details["r"], fault.details["n"]) == (f"{expected['r_of_sums']:.2f}", expected["n"])


def test_all_scales_reversed_already() -> None:
    reverse = [key[1:] for keys in KEYS.values() for key in keys if key[0] == "-"]
    assert [fault.details["scale"] for fault in faults_of(turned(reverse))] == ["A", "C", "E", "O"]


def test_one_of_two_reverse_items_reversed_already() -> None:
    (fault,) = faults_of(turned(["C4"]))
    assert (fault.code, fault.details["items"]) == ("looks-already-reversed", "C4")


def test_an_item_that_should_be_reverse_keyed() -> None:
    (fault,) = faults_of(turned(["C2"]))
    assert (fault.code, fault.details["item"]) == ("looks-reversed", "C2")
    assert fault.details["r"] == f"{R['conscientiousness_C2_turned']['C2']:.2f}"


def test_a_whole_scale_turned_in_a_file() -> None:
    whole = BFI[
        (BFI[[name.lstrip("-") for keys in {**KEYS, **NEUROTICISM}.values() for name in keys]] > 0).all(
            axis=1
        )
    ]
    (fault,) = faults_of(turned(["A1", "A2", "A3", "A4", "A5"], whole))
    expected = R["scales_A_turned"]
    assert (fault.code, fault.details["scales"]) == ("order-looks-turned", "A")
    assert (fault.details["r"], fault.details["n"]) == (f"{expected['r_drop']['A']:.2f}", expected["n"])


def test_of_two_scales_both_are_named() -> None:
    keys = {"A": KEYS["A"], "E": KEYS["E"]}
    (fault,) = faults_of(turned(["A1", "A2", "A3", "A4", "A5"]), keys)
    assert fault.details["scales"] == "A、E"


def test_a_file_turned_throughout() -> None:
    everything = {**KEYS, **NEUROTICISM}
    items = [key.lstrip("-") for keys in everything.values() for key in keys]
    parts = [BFI.iloc[start::3] for start in range(3)]
    files = {"a.csv": parts[0], "b.csv": turned(items, parts[1]), "c.csv": parts[2]}
    told = direction_faults(files, questionnaire(everything))
    assert [(fault.code, fault.details["file"]) for fault in told] == [("file-looks-turned", "b.csv")]


def test_correlation_of_item_means_of_two_files_as_r() -> None:
    everything = {scale: [key.lstrip("-") for key in keys] for scale, keys in {**KEYS, **NEUROTICISM}.items()}
    items = [item for ids in everything.values() for item in ids]
    files = {"a.csv": BFI.iloc[::2], "b.csv": turned(items, BFI.iloc[1::2])}
    told = [
        fault
        for fault in direction_faults(files, questionnaire(everything))
        if fault.code == "file-looks-turned"
    ]
    expected = (f"{R['profile']['r']:.2f}", R["profile"]["items"], "a.csv、b.csv")
    assert [(fault.details["r"], fault.details["n"], fault.details["file"]) for fault in told] == [expected]


def test_fewer_than_thirty_rows_say_nothing() -> None:
    assert faults_of(turned(["C2"]).head(29)) == ()


def test_turned_items_are_seen_through_missing_answers() -> None:
    data = turned(["C2"])
    chance = np.random.default_rng(3).random(data.shape) < 0.3
    assert [fault.details["item"] for fault in faults_of(data.mask(chance, -8.0))] == ["C2"]


def test_constant_and_blank_items_are_left_out() -> None:
    data = turned(["C2"]).assign(C1=5.0, O1=-7.0)
    assert [fault.details["item"] for fault in faults_of(data)] == ["C2"]


def test_answers_are_not_changed() -> None:
    data = turned(["E1", "E2"])
    before = data.copy()
    faults_of(data)
    pd.testing.assert_frame_equal(data, before)


@pytest.mark.parametrize("rows", [60, 400])
def test_no_false_alarm_over_many_seeds(rows: int) -> None:
    # The model of the example county: loadings of .5 to .85, reverse-keyed items stored as given.
    alarms = []
    county = build_county(1)
    for number, role in enumerate(TRUTH.roles):
        asked = load_questionnaire(bundled_questionnaires()[role.role])
        for seed in range(25):
            rng = np.random.default_rng([number, seed, rows])
            files = {
                name: draw_answers(TRUTH, role, county, asked, rng, rows).values.astype(float)
                for name in "ab"
            }
            alarms += [(role.role, seed, fault.code) for fault in direction_faults(files, asked)]
    assert alarms == []


def test_chance_alone_raises_fewer_alarms_than_its_level_allows() -> None:
    # Items that share nothing: each correlation has a chance of one in a thousand at most.
    rng = np.random.default_rng(5)
    items = [key.lstrip("-") for keys in KEYS.values() for key in keys]
    alarms = 0
    for _ in range(200):
        data = pd.DataFrame(rng.integers(1, 7, (100, len(items))).astype(float), columns=items)
        alarms += sum(fault.code.startswith("looks") for fault in faults_of(data))
    assert alarms <= 200 * 24 * 0.001 + 3 * (200 * 24 * 0.001) ** 0.5
