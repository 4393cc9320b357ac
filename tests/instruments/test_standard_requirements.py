"""Requirements of the bundled standards against the shared domain file, and their faults at their lines."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from manyi_instruments.standards import Standard, load_standard, read_standard, standard_text

SHARED = Path(__file__).parents[2] / ".." / "shared" / "domain" / "standard-national-2017.yaml"
GOVERNMENT = [f"G{number}" for number in range(1, 16)]
QUALITY = [f"Q{number}" for number in range(1, 10)]


@pytest.fixture(scope="module")
def national() -> Standard:
    return load_standard("national-2017")


@pytest.fixture(scope="module")
def shared() -> dict[str, Any]:
    if not SHARED.exists():
        pytest.skip("the folder shared beside the checkout is absent")
    content: dict[str, Any] = yaml.safe_load(SHARED.read_text(encoding="utf-8"))
    return content


def rows(shared: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in shared["indicators"]}


def test_all_thirty_two_are_there(national: Standard, shared: dict[str, Any]) -> None:
    ours = [entry.id for entry in national.entries if entry.area != "qualification"]
    assert ours == [row["id"] for row in shared["indicators"]]
    assert len(ours) == 32


@pytest.mark.parametrize("name", [*GOVERNMENT, *QUALITY, "S1"])
def test_title_area_and_sources_are_those_of_the_shared_file(
    national: Standard, shared: dict[str, Any], name: str
) -> None:
    ours, theirs = national.requirement(name), rows(shared)[name]
    assert ours.title["zh"] == theirs["zh"]
    assert (ours.area, list(ours.source), ours.confidence) == (theirs["area"], theirs["src"], theirs["conf"])


@pytest.mark.parametrize(
    ("name", "bound"),
    [
        ("G7", "funds"), ("G9", "trained"), ("G12", "certified"), ("G13", "zoned"), ("G14", "allotted"),
        ("G15", "migrants"), ("Q1", "retained"), ("Q2", "enrolled"), ("Q4", "training"), ("G5", "largest"),
    ],
)  # fmt: skip
def test_formula_and_threshold_are_those_of_the_shared_file(
    national: Standard, shared: dict[str, Any], name: str, bound: str
) -> None:
    ours, theirs = national.requirement(name).bounds[bound], rows(shared)[name]
    assert ours.formula.replace(" ", "") == theirs["formula"]
    assert ours.threshold == theirs["threshold"]
    assert ours.direction == theirs["direction"]


@pytest.mark.parametrize("bound", ["rotated", "key_share"])
def test_both_halves_of_rotation(national: Standard, shared: dict[str, Any], bound: str) -> None:
    ours, theirs = national.requirement("G11").bounds[bound], rows(shared)["G11"]
    assert (ours.formula.replace(" ", ""), ours.threshold) == (
        theirs["formula"][bound],
        theirs["threshold"][bound],
    )


@pytest.mark.parametrize(
    ("name", "bound", "key"),
    [("G3", "music_size", "music_m2"), ("G3", "art_size", "art_m2"), ("Q9", "level", "level"),
     ("Q9", "difference", "diff_rate")],
)  # fmt: skip
def test_other_thresholds(
    national: Standard, shared: dict[str, Any], name: str, bound: str, key: str
) -> None:
    assert national.requirement(name).bounds[bound].threshold == rows(shared)[name]["threshold"][key]


def test_the_difference_rate_must_be_below(national: Standard, shared: dict[str, Any]) -> None:
    assert rows(shared)["Q9"]["op"]["diff_rate"] == "<"
    assert not national.requirement("Q9").bounds["difference"].inclusive


def test_vetoes_are_those_of_the_shared_file(national: Standard, shared: dict[str, Any]) -> None:
    told = [veto.title["zh"].removeprefix("设").replace("发生", "") for veto in national.vetoes]
    wanted = shared["rules"]["veto"]
    assert [a.replace("事件", "") for a in told] == wanted


def test_who_is_asked(national: Standard, shared: dict[str, Any]) -> None:
    survey = shared["rules"]["survey"]
    recognition = national.recognition
    assert recognition is not None
    assert recognition.sample_per_mille == survey["sample_per_mille"]
    assert recognition.groups["parents"].minimum_share == survey["parents_min_share"]
    asked = {person for people in survey["forms"].values() for person in people}
    ours = {group.title["zh"] for group in recognition.groups.values()}
    assert ours == {person.replace("三年级及以上", "") for person in asked}


def test_the_predecessor_has_the_eight_indicators(shared: dict[str, Any]) -> None:
    ours = [indicator.title["zh"] for indicator in load_standard("balance-2012").indicators]
    assert ours == shared["predecessor_2012"]["indicators"]


def test_the_predecessor_limits_the_mean_of_eight(shared: dict[str, Any]) -> None:
    rule = load_standard("balance-2012").rules.cv
    assert rule is not None
    theirs = shared["predecessor_2012"]["cv_limit"]
    assert (rule.limit, rule.per) == (
        {stage: theirs[stage] for stage in ("primary", "junior")},
        "composite",
    )


def test_the_predecessor_asks_for_85_per_cent(shared: dict[str, Any]) -> None:
    bound = load_standard("balance-2012").requirement("satisfaction").bounds["satisfied"]
    assert bound.threshold == shared["predecessor_2012"]["satisfaction"]["limit"]


PLANTED = [
    ("formula: music_rooms, ", "formula: musik_rooms, ", "formula-unknown-column"),
    ("formula: 100 * sum(t_cert) / sum(teachers)", "formula: 100 * t_cert / teachers", "formula-not-county"),
    ("{formula: layout_reasonable}", "{formula: county_rate}", "formula-not-truth"),
    ("formula: teacher_pay, threshold: civil_pay", "formula: performance_pay_full, threshold: civil_pay",
     "formula-not-number"),
    ("closed_by: t_cert", "closed_by: t_360h", "standard-closing-unused"),
    ("    closed_by: equip", "    closed_by: mm_rooms", "standard-closing-unused"),
    ("  use: overall", "  use: overal", "standard-unknown-definition"),
    ("  fact: recognition_share", "  fact: recognised", "standard-unknown-fact"),
    ("        basic: P_SAT1 >= 3\n", "", "standard-recognition-lacking"),
    ("        overall: P_SAT1 >= 4", "        overall: P_SAT1 > > 4", "formula-unexpected"),
    ("    where: day_public and", "    where: day_publik and", "formula-unknown-column"),
    ("    areas: [resource]", "    areas: [resources]", "standard-unknown-area"),
    ("  county_rate: {", "  pupils: {", "standard-name-taken"),
    ("facts:\n", "derived:\n  x: y + 1\n  y: x - 1\nfacts:\n", "formula-circular"),
    ("facts:\n", "derived:\n  x: z + 1\nfacts:\n", "formula-unknown-column"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "code"), PLANTED, ids=[f"{row[2]}-{row[1][:20]}" for row in PLANTED]
)
def test_planted_fault_is_told_near_its_line(tmp_path: Path, before: str, after: str, code: str) -> None:
    text = standard_text("national-2017")
    assert before in text
    path = tmp_path / "ours.yaml"
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    line = text[: text.index(before)].count("\n") + 1
    found = {(fault.code, fault.place.line) for fault in read_standard(path).faults}
    assert any(told == code and at is not None and abs(at - line) <= 5 for told, at in found)
