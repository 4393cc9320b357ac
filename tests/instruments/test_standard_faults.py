"""A broken standard is told all its faults at once, each with file, line and column."""

from collections.abc import Callable
from pathlib import Path

import pytest

from manyi_instruments.faults import DefinitionFaulty, Fault
from manyi_instruments.standards import load_standard, read_standard, standard_text

# What is planted, in which words of the bundled standard, and the fault it must give.
PLANTED = [
    ("formula: 100 * t_key / pupils", "formula: 100 * t_kee / pupils", "formula-unknown-column"),
    ("formula: equip / pupils", "formula: equip / / pupils", "formula-unexpected"),
    ("formula: (area_field + area_gym) / pupils", "formula: pupils > 3", "formula-not-number"),
    ("condition: pupils < 50", "condition: pupils + 50", "formula-not-truth"),
    (
        "threshold: {primary: 2.3, junior: 2.4}",
        "threshold: {primary: 2.3, middle: 2.4}",
        "standard-unknown-stage",
    ),
    ("threshold: {primary: 2000, junior: 2500}", "threshold: {primary: 2000}", "standard-stage-incomplete"),
    ("    min_met: 6", "    min_met: 8", "standard-rule-impossible"),
    ("    of: 7", "    of: 6", "standard-rule-count"),
    ("  - id: R3", "  - id: R2", "standard-indicator-twice"),
    ("    area: resource\n", "    area: resources\n", "standard-unknown-area"),
    ("    source: [C]\n", "    source: [Z]\n", "standard-unknown-source"),
    ("    weight: pupils", "    weight: pupil", "standard-unknown-column"),
    ("  - run_types: [nine_year]", "  - run_types: [ten_year]", "standard-unknown-run-type"),
    ("weights: {primary: 1, junior: 1.1}", "weights: {primary: 1, senior: 1.1}", "standard-split-stages"),
    ("aliases: [小学段,", "aliases: [初中段, 小学段,", "standard-spelling-twice"),
    ("title: {zh: 学年, en: school year}", "title: {zh: 学年}", "standard-translation-missing"),
    ("keys: {school: school_code,", "keys: {school: school_kode,", "standard-unknown-column"),
]


def planted(tmp_path: Path, before: str, after: str) -> tuple[Path, int]:
    text = standard_text("national-2017")
    assert before in text
    path = tmp_path / "标准 copy.yaml"
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    return path, text[: text.index(before)].count("\n") + 1


def faults_of(path: Path) -> tuple[Fault, ...]:
    with pytest.raises(DefinitionFaulty) as raised:
        load_standard(path)
    return raised.value.faults


@pytest.mark.parametrize(("before", "after", "code"), PLANTED, ids=[row[2] for row in PLANTED])
def test_planted_fault_is_found_in_its_line(tmp_path: Path, before: str, after: str, code: str) -> None:
    path, line = planted(tmp_path, before, after)
    found = {(fault.code, fault.place.file) for fault in faults_of(path)}
    assert (code, str(path)) in found
    lines = {fault.place.line for fault in faults_of(path) if fault.code == code}
    # Keys of a block are told at the block, which may begin a few lines above what was changed.
    assert any(at is not None and abs(at - line) <= 2 for at in lines)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    text = standard_text("national-2017")
    for before, after, _ in PLANTED[:7]:
        text = text.replace(before, after, 1)
    path = tmp_path / "broken.yaml"
    path.write_text(text, encoding="utf-8")
    assert {code for _, _, code in PLANTED[:7]} <= {fault.code for fault in faults_of(path)}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_planted_fault_can_be_worded(tmp_path: Path, language: str) -> None:
    for before, after, _ in PLANTED:
        path, _ = planted(tmp_path, before, after)
        for fault in faults_of(path):
            assert "{" not in fault.what(language) + fault.why(language) + fault.remedy(language)


def test_unknown_key_is_a_fault(tmp_path: Path) -> None:
    path, _ = planted(tmp_path, "    per: each", "    pre: each")
    assert "unknown-key" in {fault.code for fault in faults_of(path)}


def test_unknown_id_names_the_bundled_ones() -> None:
    with pytest.raises(DefinitionFaulty) as raised:
        load_standard("national-2071")
    fault = raised.value.faults[0]
    assert (fault.code, fault.details["known"]) == ("standard-unknown-id", "balance-2012, national-2017")


def test_path_is_taken_from_the_study_folder(tmp_path: Path) -> None:
    (tmp_path / "省标准.yaml").write_text(standard_text("national-2017"), encoding="utf-8")
    assert load_standard("省标准.yaml", tmp_path).standard == "national-2017"


def test_reading_does_not_raise(tmp_path: Path) -> None:
    path, _ = planted(tmp_path, "    of: 7", "    of: 9")
    result = read_standard(path)
    assert result.model is None
    assert [fault.code for fault in result.faults] == ["standard-rule-count"]


Change = Callable[[str], str]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("primary: 4.2", "primary: 5.0"),
        lambda text: text.replace("per: each", "per: composite"),
        lambda text: text.replace(
            "formula: (area_teach - area_gym) / pupils", "formula: area_teach / pupils"
        ),
    ],
)
def test_a_local_copy_may_change_thresholds_and_formulas(tmp_path: Path, change: Change) -> None:
    path = tmp_path / "local.yaml"
    path.write_text(change(standard_text("national-2017")), encoding="utf-8")
    assert load_standard(path) != load_standard("national-2017")
