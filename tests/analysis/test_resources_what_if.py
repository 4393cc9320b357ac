"""What a change of raw numbers does to verdicts, and recognition counted by hand."""

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.resources import WhatIf, evaluate_county, parse_changes, social_recognition, what_if
from manyi_instruments.faults import StudyFaulty
from manyi_instruments.standards import Layer, apply_layer, load_standard, unlayered
from manyi_instruments.standards.requirements import Recognition

NATIONAL = unlayered(load_standard("national-2017"))
# One nine-year school: shares of its facilities 300/520 and 220/520.
SCHOOLS = pd.DataFrame(
    {
        "school": ["0199000002", "0199000002", "0199000003"],
        "school_name": ["城南学校", "城南学校", "城北小学"],
        "stage": ["primary", "junior", "primary"],
        "run_type": ["nine_year", "nine_year", "primary_school"],
        "pupils": [300.0, 200.0, 400.0],
        "equip": [1_000_000.0, 1_000_000.0, 700_000.0],
        "t_key": [3.0, 1.0, 4.0],
    }
)


def tried(written: str, **facts: float) -> WhatIf:
    return what_if(SCHOOLS, NATIONAL, parse_changes(written), facts, "县")


def changed(found: WhatIf, indicator: str, bound: str = "value", stage: str = "junior") -> pd.Series:
    return found.frame.set_index(["indicator", "bound", "stage"]).loc[(indicator, bound, stage)]


def test_equipment_of_a_combined_school_reaches_both_stages() -> None:
    found = tried("school=0199000002,equip=+200000")
    values = [changed(found, "R6", stage=stage)["value_after"] for stage in ("primary", "junior")]
    assert values == pytest.approx([1_200_000 / 520, 1_200_000 * 220 / 520 / 200])


def test_the_verdict_changes() -> None:
    line = changed(tried("school=0199000002,equip=+200000"), "R6")
    assert (line["met_before"], line["met_after"]) == (False, True)


def test_the_gap_closes() -> None:
    # 2500 * 200 - 1,000,000 * 220/520 = 76,923.08 yuan of the junior stage's share.
    line = changed(tried("school=0199000002,equip=+200000"), "R6")
    assert [line["gap_before"], line["gap_after"]] == pytest.approx([76_923.0769, 0], abs=1e-4)


def test_variation_changes_with_it() -> None:
    line = changed(tried("school=0199000003,equip=1400000"), "R6", "cv", "primary")
    x, p = np.array([1_000_000 / 520, 3500]), np.array([300.0, 400.0])
    mean = x @ p / p.sum()
    assert line["value_after"] == pytest.approx(np.sqrt(p @ (x - mean) ** 2 / p.sum()) / mean, rel=1e-12)


def test_only_what_changes_is_told() -> None:
    found = tried("school=0199000003,equip=*2")
    assert set(found.frame["indicator"]) <= {"R6", ""}
    assert len(found.frame) > 0


def test_every_school_at_once() -> None:
    found = tried("school=*,t_key=+1")
    lines = found.frame.query("indicator == 'R2' and bound == 'value'")
    assert lines["value_after"].tolist() == pytest.approx([400 / 300, 1.0, 500 / 400])


def test_a_fact_of_the_county() -> None:
    line = changed(tried("teacher_pay=+1000", teacher_pay=90_000.0, civil_pay=91_000.0), "G8", "pay", "")
    assert (line["met_before"], line["met_after"]) == (False, True)


def test_the_table_given_is_not_changed() -> None:
    before = SCHOOLS.copy()
    tried("school=0199000002,equip=0")
    pd.testing.assert_frame_equal(SCHOOLS, before)


@pytest.mark.parametrize(
    ("written", "how", "amount"),
    [("equip=+5", "add", 5), ("equip=-5", "add", -5), ("equip=*1.1", "multiply", 1.1), ("equip=7", "set", 7)],
)
def test_how_a_change_is_written(written: str, how: str, amount: float) -> None:
    change = parse_changes(f"school=1, {written}")[0]
    assert (change.how, change.amount, change.school) == (how, amount, "1")


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("school=0199000002", "change-unreadable"),
        ("equip", "change-unreadable"),
        ("school=1,equip=+1e", "change-unreadable"),
        ("school=9,equip=+1", "change-unknown-school"),
        ("school=0199000003,stage=junior,equip=+1", "change-unknown-stage"),
        ("school=0199000003,equipp=+1", "change-unknown-column"),
        ("equip=+1", "change-unknown-column"),
        ("school=0199000002,t_key=+1", "change-stage-unnamed"),
    ],
)
def test_a_change_that_cannot_be_made_is_a_named_fault(written: str, code: str) -> None:
    with pytest.raises(StudyFaulty) as raised:
        tried(written)
    assert [fault.code for fault in raised.value.faults] == [code]
    assert all(
        "{" not in fault.message(language) for fault in raised.value.faults for language in ("zh", "en")
    )


def test_an_exemption_and_its_layer_decide() -> None:
    layer = Layer.model_validate(
        {
            "layer": "city",
            "amends": "national-2017",
            "title": {"zh": "市", "en": "city"},
            "exemptions": [
                {
                    "id": "small",
                    "title": {"zh": "小校", "en": "small"},
                    "of": ["R6"],
                    "condition": "pupils <= 200",
                }
            ],
        }
    )
    table = evaluate_county(SCHOOLS, apply_layer(NATIONAL, layer)).to_frame()
    line = table.query("indicator == 'R6' and bound == 'value' and stage == 'junior'").iloc[0]
    assert (bool(line["met"]), line["layer"], line["reason"]) == (
        True,
        "city",
        "indicator-exempt: rule=small",
    )


def answers(*groups: tuple[str, str, list[float]]) -> dict[str, pd.DataFrame]:
    return {role: pd.DataFrame({item: values}) for role, item, values in groups}


ASKED = answers(
    ("parents", "P_SAT1", [5, 4, 3, 2, np.nan, 4]),
    ("students", "S_SAT1", [5, 5, 5, 1]),
    ("teachers", "T_SAT1", [4, 2]),
    ("principals", "C_SAT1", [5]),
) | {"society": pd.DataFrame({"D_KIND": [1, 2, 3, 3], "D_SAT1": [4.0, 3, 5, 2]})}


@pytest.fixture
def rule() -> Recognition:
    recognition = NATIONAL.standard.recognition
    assert recognition is not None
    return recognition


def test_recognition_over_all_respondents(rule: Recognition) -> None:
    # parents 3 of 5, pupils 3 of 4, teachers 1 of 2, principals 1 of 1, society 1, 0 and 1 of 1, 1 and 2.
    assert social_recognition(ASKED, rule).share == pytest.approx(100 * 10 / 16)


def test_recognition_as_the_mean_of_groups(rule: Recognition) -> None:
    frame = social_recognition(ASKED, rule).to_frame().set_index("definition")
    assert frame.loc["overall_by_group", "share"] == pytest.approx(
        100 * (3 / 5 + 3 / 4 + 1 / 2 + 1 + 1 + 0 + 1 / 2) / 7
    )


def test_recognition_from_neutral_up(rule: Recognition) -> None:
    frame = social_recognition(ASKED, rule).to_frame().set_index("definition")
    assert frame.loc["basic", "share"] == pytest.approx(100 * 12 / 16)


def test_a_definition_whose_items_nobody_answered_says_so(rule: Recognition) -> None:
    found = social_recognition({"parents": ASKED["parents"]}, rule).to_frame().set_index("definition")
    assert found.loc["quality_and_balance", "reason"] == (
        "recognition-no-answers: definition=quality_and_balance"
    )


def test_a_mean_of_groups_needs_all_of_them(rule: Recognition) -> None:
    found = social_recognition({"parents": ASKED["parents"]}, rule).to_frame().set_index("definition")
    assert found.loc["overall_by_group", "reason"].startswith("recognition-group-empty")


def test_parents_must_be_half_of_the_sample(rule: Recognition) -> None:
    sample = social_recognition(ASKED, rule).sample.set_index("condition")
    assert (sample.loc["parents", "value"], sample.loc["parents", "met"].item()) == (6 / 17, False)


def test_the_sample_is_one_and_a_half_per_mille(rule: Recognition) -> None:
    sample = social_recognition(ASKED, rule, residents=10_001).sample.set_index("condition")
    assert (sample.loc["total", "threshold"], sample.loc["total", "met"].item()) == (16, True)
