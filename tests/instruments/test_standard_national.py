"""The bundled national standard says what the shared domain file and its sources say."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from manyi_instruments.standards import Standard, load_standard

ROOT = Path(__file__).parents[2]
SHARED = ROOT / ".." / "shared" / "domain" / "standard-national-2017.yaml"
EXAMPLES = json.loads((ROOT / "tests/reference/resources_worked_examples.json").read_text(encoding="utf-8"))
INDICATORS = ("R1", "R2", "R3", "R4", "R5", "R6", "R7")


@pytest.fixture(scope="module")
def national() -> Standard:
    return load_standard("national-2017")


@pytest.fixture(scope="module")
def shared() -> dict[str, Any]:
    if not SHARED.exists():
        pytest.skip("the folder shared beside the checkout is absent")
    content: dict[str, Any] = yaml.safe_load(SHARED.read_text(encoding="utf-8"))
    return content


def test_seven_indicators(national: Standard) -> None:
    assert tuple(indicator.id for indicator in national.indicators) == INDICATORS


@pytest.mark.parametrize("indicator", INDICATORS)
@pytest.mark.parametrize("stage", ["primary", "junior"])
def test_threshold(national: Standard, indicator: str, stage: str) -> None:
    assert national.indicator(indicator).threshold_at(stage) == EXAMPLES["thresholds"][indicator][stage]


@pytest.mark.parametrize("stage", ["primary", "junior"])
def test_limit_of_variation(national: Standard, stage: str) -> None:
    assert national.rules.cv is not None
    assert national.rules.cv.limit[stage] == EXAMPLES["cv_limit"][stage]


@pytest.mark.parametrize("stage", ["primary", "junior"])
def test_floor_is_85_per_cent(national: Standard, stage: str) -> None:
    assert national.rules.school is not None
    threshold = national.indicator("R1").threshold_at(stage)
    assert threshold is not None
    assert national.rules.school.floor_share * threshold == pytest.approx(
        EXAMPLES["floor_85_per_cent"]["R1"][stage], rel=1e-12
    )


@pytest.mark.parametrize("indicator", INDICATORS)
def test_formula_is_that_of_the_shared_file(
    national: Standard, shared: dict[str, Any], indicator: str
) -> None:
    row = next(row for row in shared["indicators"] if row["id"] == indicator)
    formula = national.indicator(indicator).formula
    ours = formula if isinstance(formula, dict) else {"": formula}
    theirs = row["formula"] if isinstance(row["formula"], dict) else {"": row["formula"]}
    assert {stage: text.replace(" ", "") for stage, text in ours.items()} == theirs


@pytest.mark.parametrize("indicator", INDICATORS)
def test_title_and_sources_are_those_of_the_shared_file(
    national: Standard, shared: dict[str, Any], indicator: str
) -> None:
    row = next(row for row in shared["indicators"] if row["id"] == indicator)
    ours = national.indicator(indicator)
    assert (ours.title["zh"], list(ours.source), ours.confidence) == (row["zh"], row["src"], row["conf"])


def test_raw_columns_are_those_of_the_shared_file(national: Standard, shared: dict[str, Any]) -> None:
    ours = {name: column.title["zh"] for name, column in national.columns.items()}
    assert ours == {name: column["zh"] for name, column in shared["columns"].items()}


def test_split_weights_follow_the_shared_file(national: Standard, shared: dict[str, Any]) -> None:
    pupils = {"primary": 166.0, "junior": 210.0, "senior": 333.0}
    letters = {"A": pupils["primary"], "B": pupils["junior"], "C": pupils["senior"]}
    for split in national.splits:
        rule = shared["rules"]["split"][split.run_types[0]]
        total = sum(weight * pupils[stage] for stage, weight in split.weights.items())
        for stage, formula in rule.items():
            ours = split.weights[stage] * pupils[stage] / total
            assert ours == pytest.approx(eval(formula, {}, letters), rel=1e-12)


def test_split_columns_are_those_of_the_shared_file(national: Standard, shared: dict[str, Any]) -> None:
    assert {split.columns for split in national.splits} == {tuple(shared["rules"]["split"]["applies_to"])}


def test_urban_rural_codes_are_those_of_the_shared_file(national: Standard, shared: dict[str, Any]) -> None:
    groups = national.groupings["urban_rural"].groups.values()
    ours = {group.title["zh"]: [int(code) for code in group.codes] for group in groups}
    assert ours == shared["columns"]["ur_code"]["groups"]


def test_every_row_names_a_source(national: Standard) -> None:
    sourced = [
        *national.indicators,
        *national.splits,
        *national.exclusions,
        national.rules.school,
        national.rules.cv,
    ]
    assert all(row is not None and row.source and row.confidence for row in sourced)


@pytest.mark.parametrize("spelling", ["九年一贯制学校", "312", "nine_year", "nine-year school"])
def test_run_type_has_many_spellings(national: Standard, spelling: str) -> None:
    assert national.run_type_of()[spelling] == "nine_year"
