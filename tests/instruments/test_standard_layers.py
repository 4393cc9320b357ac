"""Local layers: which threshold holds, which layer decided it, and every fault at its line."""

from pathlib import Path

import pytest

from manyi_instruments.faults import DefinitionFaulty
from manyi_instruments.standards import apply_layer, load_layered, load_standard, read_layer, unlayered
from manyi_instruments.standards.layers import LayeredStandard

NATIONAL = unlayered(load_standard("national-2017"))

# Thresholds of the province and the city's exemption follow the shared domain file's local_overrides:
# G7 8000, G4 up to 2400 if built by 2010 (source D), 85 per cent at level III (source C).
PROVINCE = """\
layer: province
amends: national-2017
title: {zh: 省标准, en: provincial standard}
sources: {D: city platform}
changes:
  R4:
    - {threshold: {primary: 5}, source: [D]}
  G7:
    - {threshold: 8000}
  G3:
    - {bound: music_size, threshold: 100}
    - {bound: art_size, threshold: 95}
rules:
  cv: {limit: {primary: 0.45, junior: 0.40}, weight: pupils}
"""
CITY = """\
layer: city
amends: province
title: {zh: 市标准, en: municipal standard}
columns:
  books: {title: {zh: 图书册数, en: books}, counted: school}
facts:
  built_before_2010: {title: {zh: 2010年前建成, en: built before 2010}, type: yes_no, level: school, blank: 0}
  level_three_share: {title: {zh: 达到Ⅲ级的比例, en: share at level III}}
changes:
  R4:
    - {threshold: {junior: 6.5}}
indicators:
  - id: L1
    title: {zh: 生均图书, en: books per pupil}
    area: resource
    unit: {zh: 册, en: books}
    formula: books / pupils
    threshold: {primary: 25, junior: 35}
requirements:
  - id: L2
    title: {zh: 达到Ⅲ级的学生比例, en: pupils at level III}
    area: quality
    unit: {zh: "%", en: "%"}
    bounds: {share: {formula: level_three_share, threshold: 85}}
exemptions:
  - id: large_old_schools
    title: {zh: 2010年前建成的学校, en: schools built before 2010}
    of: [G4]
    condition: built_before_2010 and pupils <= 2400
rules:
  school: {indicators: [R1, R2, R3, R4, R5, R6, R7], min_met: 6, of: 7, floor_share: 0.85}
recognition: basic
"""


@pytest.fixture
def layered(tmp_path: Path) -> LayeredStandard:
    for name, text in (("province", PROVINCE), ("city", CITY)):
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return load_layered("national-2017", ["province.yaml", "city.yaml"], tmp_path)


def test_layers_from_the_lowest_up(layered: LayeredStandard) -> None:
    assert layered.layers == ("national-2017", "province", "city")


@pytest.mark.parametrize(
    ("stage", "threshold", "layer"), [("primary", 5.0, "province"), ("junior", 6.5, "city")]
)
def test_a_threshold_and_the_layer_that_decided_it(
    layered: LayeredStandard, stage: str, threshold: float, layer: str
) -> None:
    decided = layered.standard.indicator("R4").threshold_at(stage), layered.layer_of("R4", stage)
    assert decided == (threshold, layer)


def test_what_no_layer_touched_is_the_standards_own(layered: LayeredStandard) -> None:
    assert layered.layer_of("R5", "primary") == "national-2017"


def test_the_threshold_of_a_requirement(layered: LayeredStandard) -> None:
    assert layered.standard.requirement("G7").bounds["funds"].threshold == 8000


def test_one_bound_of_several(layered: LayeredStandard) -> None:
    bounds = layered.standard.requirement("G3").bounds
    assert (bounds["art_size"].threshold, bounds["art_rooms"].threshold) == (95, "ceil(classes / 12)")


def test_a_rule_stands_in_the_place_of_the_one_below(layered: LayeredStandard) -> None:
    assert layered.standard.rules.cv is not None
    assert (layered.standard.rules.cv.limit["junior"], layered.layer_of("cv")) == (0.40, "province")


def test_an_added_indicator(layered: LayeredStandard) -> None:
    assert (layered.standard.indicator("L1").threshold_at("junior"), layered.layer_of("L1", "junior")) == (
        35,
        "city",
    )


def test_the_definition_of_recognition(layered: LayeredStandard) -> None:
    assert layered.standard.recognition is not None
    assert (layered.standard.recognition.use, layered.layer_of("recognition")) == ("basic", "city")


def test_the_standard_below_is_not_changed(layered: LayeredStandard) -> None:
    assert load_standard("national-2017").indicator("R4").threshold_at("primary") == 4.5


#: What is planted in the province's layer, the fault and its line.
PLANTED = [
    ("amends: national-2017", "amends: national-2012", "layer-other-standard", 2),
    ("  R4:\n", "  R9:\n", "standard-unknown-indicator", 7),
    ("{primary: 5}", "{primry: 5}", "standard-unknown-stage", 7),
    ("threshold: 8000", "threshold: 8000, bound: fund", "standard-unknown-bound", 9),
    ("bound: music_size, ", "", "layer-bound-unnamed", 11),
    ("{threshold: 8000}", "{source: [D]}", "layer-change-empty", 9),
    ("threshold: 8000", 'threshold: "8000 * x"', "formula-unknown-column", 9),
    ("{threshold: {primary: 5}, source", '{threshold: "5", source', "layer-change-unfit", 7),
    ("weight: pupils", "weight: pupil", "standard-unknown-column", 14),
    ("layer: province", "layer: province\ncolour: red", "unknown-key", 2),
]


@pytest.mark.parametrize(("before", "after", "code", "line"), PLANTED, ids=[row[2] for row in PLANTED])
def test_a_planted_fault_is_told_at_its_line(before: str, after: str, code: str, line: int) -> None:
    assert before in PROVINCE
    read = read_layer(PROVINCE.replace(before, after, 1), NATIONAL, "province.yaml")
    told = {(fault.code, fault.place.line) for fault in read.faults}
    assert read.model is None
    assert any(found == code and at is not None and abs(at - line) <= 1 for found, at in told)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_planted_fault_can_be_worded(language: str) -> None:
    for before, after, _, _ in PLANTED:
        for fault in read_layer(PROVINCE.replace(before, after, 1), NATIONAL, "province.yaml").faults:
            assert "{" not in fault.message(language).replace(fault.details.get("formula", "") or "·", "")


def test_a_looser_threshold_is_a_warning() -> None:
    read = read_layer(PROVINCE.replace("{primary: 5}", "{primary: 4}"), NATIONAL, "province.yaml")
    assert [(fault.code, fault.severity, fault.place.line) for fault in read.faults] == [
        ("layer-loosens", "warning", 7)
    ]


def test_a_looser_threshold_still_holds() -> None:
    assert read_layer(PROVINCE.replace("{primary: 5}", "{primary: 4}"), NATIONAL).model is not None


def test_a_file_with_faults_is_refused(tmp_path: Path) -> None:
    (tmp_path / "province.yaml").write_text(PROVINCE.replace("  G7:", "  G77:"), encoding="utf-8")
    with pytest.raises(DefinitionFaulty) as raised:
        load_layered("national-2017", ["province.yaml"], tmp_path)
    assert [fault.code for fault in raised.value.faults] == ["standard-unknown-indicator"]


def test_an_indicator_added_by_a_layer_is_checked_at_its_own_line() -> None:
    province = read_layer(PROVINCE, NATIONAL)
    assert province.model is not None
    read = read_layer(
        CITY.replace("books / pupils", "bocks / pupils"), apply_layer(NATIONAL, province.model), "c"
    )
    assert [(fault.code, fault.place.line) for fault in read.faults] == [("formula-unknown-column", 17)]
