"""YAML read into any model: what is accepted, what is a fault, and where."""

from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from manyi_instruments.definitions.yaml_source import load_yaml_model, read_yaml_model
from manyi_instruments.faults import DefinitionFaulty, Fault, StudyFaulty


class Part(BaseModel):
    """A part of the model."""

    model_config = ConfigDict(extra="forbid")

    id: str
    share: float = Field(0.5, ge=0, le=1)


class Plan(BaseModel):
    """A model with a field of every kind a definition has."""

    model_config = ConfigDict(extra="forbid")

    name: str
    count: int = 1
    active: bool = False
    number: int | Literal["parallel"] = "parallel"
    kind: Literal["mean", "sum"] = "mean"
    unit: str | None = None
    words: Annotated[dict[str, str], Field(min_length=1)] = {"en": "x"}
    thresholds: dict[str, float | dict[str, float]] = {}
    codes: dict[str, int] = {}
    parts: tuple[Part, ...] = ()

    @model_validator(mode="after")
    def check_name(self) -> "Plan":
        """Refuse a name by a fault of the catalogue."""
        if self.name == "kept":
            raise PydanticCustomError("reserved-id", "reserved", {"id": self.name})
        return self


def faults(text: str) -> list[tuple[str, int | None, int | None]]:
    """Return code, line and column of every fault."""
    found = read_yaml_model(text, Plan, "plan.yaml").faults
    return [(fault.code, fault.place.line, fault.place.column) for fault in found]


def only(text: str) -> Fault:
    """Return the one fault there must be."""
    (fault,) = read_yaml_model(text, Plan, "plan.yaml").faults
    return fault


def test_a_sound_file_becomes_the_model() -> None:
    text = "name: 学校\ncount: 3\nactive: yes\nparts:\n  - {id: a, share: 1}\n"
    text += "thresholds: {R1: {primary: 4.2}, R2: 1}\n"
    plan = load_yaml_model(text, Plan)
    assert plan == Plan(
        name="学校",
        count=3,
        active=True,
        parts=(Part(id="a", share=1),),
        thresholds={"R1": {"primary": 4.2}, "R2": 1},
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # surprises of YAML 1.1 where they are wrong
        ("name: no", ("yaml-boolean", 1, 7)),
        ("name: Off", ("yaml-boolean", 1, 7)),
        ("name: a\ncount: yes", ("yaml-boolean", 2, 8)),
        ("name: a\ncount: true", ("yaml-boolean", 2, 8)),
        ("name: a\nwords: {en: null}", ("yaml-null", 2, 13)),
        ("name: a\nwords: {en: ~}", ("yaml-null", 2, 13)),
        ("name: a\nwords:\n  en:\n  zh: 学", ("empty-value", 3, 6)),
        ("name: a\ncount: 012", ("yaml-octal", 2, 8)),
        ("name: 007", ("yaml-octal", 1, 7)),
        ("name: 1:30", ("yaml-sexagesimal", 1, 7)),
        ("name: a\nparts: [{id: b, share: 1:30.5}]", ("yaml-sexagesimal", 2, 24)),
        ("name: 2024-05-01", ("yaml-date", 1, 7)),
        ("name: a\nwords: {no: nei}", ("key-not-text", 2, 9)),
        ("name: a\nwords: {~: nei}", ("key-not-text", 2, 9)),
        ("name: a\nwords: {1.5: nei}", ("key-not-text", 2, 9)),
        # types
        ("name: 5", ("text-unquoted", 1, 7)),
        ("name: [a]", ("not-text", 1, 7)),
        ('name: a\ncount: "5"', ("not-whole-number", 2, 8)),
        ("name: a\ncount: 1.5", ("not-whole-number", 2, 8)),
        ("name: a\nactive: 1", ("not-true-false", 2, 9)),
        ("name: a\nactive: ja", ("not-true-false", 2, 9)),
        ("name: a\nparts: {id: b}", ("not-list", 2, 8)),
        ("name: a\nparts: [b]", ("not-block", 2, 9)),
        ("name: a\nwords: b", ("not-block", 2, 8)),
        ("name: a\nparts:\n  - id: b\n    share: x", ("not-number", 4, 12)),
        ("name: a\nparts:\n  - id: b\n    share: 1.5", ("number-too-large", 4, 12)),
        ("name: a\nparts:\n  - id: b\n    share: -1", ("number-too-small", 4, 12)),
        ("name: a\nwords: {}", ("too-few", 2, 8)),
        ("name: a\nkind: median", ("value-not-allowed", 2, 7)),
        ("name: a\nnumber: paralel", ("value-not-allowed", 2, 9)),
        ("name: a\nthresholds: {R1: {primary: x}}", ("not-number", 2, 28)),
        # keys
        ("name: a\nparts:\n  - id: b\n    shre: 1", ("unknown-key", 4, 5)),
        ("name: a\nparts:\n  - share: 1", ("missing-key", 3, 5)),
        ("count: 1", ("missing-key", 1, 1)),
        ("name: a\ncount: 1\nname: b", ("duplicate-key", 3, 1)),
        ("name: a\nwords: {en: b, en: c}", ("duplicate-key", 2, 16)),
        # a validator's own code of the catalogue
        ("name: kept", ("reserved-id", 1, 1)),
        # syntax
        ("", ("definition-empty", 1, 1)),
        ("name: a\n\tcount: 1", ("yaml-tab", 2, 1)),
        ("name: a: b", ("yaml-colon", 1, 8)),
        ('name: "a', ("yaml-quote", 1, 7)),
        ("parts: [a, b\nname: c", ("yaml-bracket", 1, 8)),
        ("name: *重要*", ("yaml-syntax", 1, 8)),
        ("name: *x", ("yaml-alias", 1, 7)),
        ('name: "a\\q"', ("yaml-escape", 1, 9)),
        ("name: a\n---\nname: b", ("yaml-documents", 2, 1)),
        ("parts:\n  - id: b\n share: 1\nname: a", ("yaml-indent", 3, 2)),
        ("name: @b", ("yaml-syntax", 1, 7)),
        ("name: a\x07b", ("yaml-character", 1, 8)),
        ("name：学校\nkind: mean", ("yaml-fullwidth-colon", 1, 5)),
        ("name: !!python/name:os.system a", ("yaml-tag", 1, 7)),
        ("name: a\nwords: &w {en: *w}", ("yaml-endless", 2, 8)),
    ],
)
def test_fault_and_its_place(text: str, expected: tuple[str, int, int]) -> None:
    assert expected in faults(text)


@pytest.mark.parametrize(
    "text",
    [
        "name: 'no'",
        'name: "012"',
        "name: !!str 012",
        "name: '2024-05-01'",
        "name: a\nunit: null",
        "name: a\nunit:",
        "name: a\nactive: on",
        "name: a\ncount: 0x1F",
        "name: a\ncount: 1_000",
        "name: a\nparts: [{id: b, share: 1}]",
        "name: a\nwords: {'no': nei}",
        "name: a\nparts: [&p {id: b}, {<<: *p, share: 0}]",
        "\ufeffname: a",
        "name: a\ncodes: {1: 2}",
    ],
)
def test_what_is_written_right_is_accepted(text: str) -> None:
    assert faults(text) == []


def test_merge_keeps_the_own_value() -> None:
    plan = load_yaml_model("name: a\nparts: [&p {id: b, share: 1}, {<<: *p, share: 0}]", Plan)
    assert plan.parts[1] == Part(id="b", share=0)


def test_columns_count_characters_not_bytes() -> None:
    assert faults("words: {zh: 满意不满意, en: no}\nname: a") == [("yaml-boolean", 1, 24)]


def test_all_faults_come_at_once() -> None:
    text = "nam: a\ncount: x\nkind: y\nparts: [{share: 2}]\nwords: {en: no}"
    expected = ["missing-key", "unknown-key", "not-whole-number", "value-not-allowed", "missing-key"]
    assert [code for code, _, _ in faults(text)] == [*expected, "number-too-large", "yaml-boolean"]


def test_unknown_key_names_the_nearest_and_those_known() -> None:
    fault = only("name: a\nparts: [{id: b, shar: 1}]")
    assert (fault.details["nearest"], fault.details["allowed"]) == ("share", "id, share")


def test_octal_remedy_shows_number_and_text() -> None:
    assert only("name: a\ncount: 012").remedy("en") == 'For a number write 12; for a code write "012".'


def test_value_for_no_branch_of_a_union_names_all_that_can_stand_there() -> None:
    assert only("name: a\nnumber: paralel").details["allowed"] == "1, 2, 3 …, parallel"


def test_no_message_is_pydantic_s() -> None:
    text = "nam: a\ncount: x\nkind: y\nparts: [{share: 2}, 3]\nwords: 5\nactive: 7\nthresholds: {R1: [1]}"
    told = " ".join(fault.message("en") for fault in read_yaml_model(text, Plan, "plan.yaml").faults)
    assert not any(
        words in told for words in ("Input should", "Field required", "Extra inputs", "valid integer")
    )


def test_exception_is_the_one_asked_for() -> None:
    with pytest.raises(StudyFaulty, match=r"study\.yaml:1:7"):
        load_yaml_model("name: no", Plan, "study.yaml", faulty=StudyFaulty)


def test_missing_file_is_a_named_fault(tmp_path: Path) -> None:
    with pytest.raises(DefinitionFaulty) as raised:
        load_yaml_model(tmp_path / "没有.yaml", Plan)
    assert raised.value.faults[0].code == "definition-not-found"


def test_folder_in_place_of_a_file_is_a_named_fault(tmp_path: Path) -> None:
    assert [fault.code for fault in read_yaml_model(tmp_path, Plan).faults] == ["definition-unreadable"]


def test_gbk_file_is_told_at_its_first_wrong_byte(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_bytes("count: 1\nname: 满意\n".encode("gb18030"))
    (fault,) = read_yaml_model(path, Plan, "plan.yaml").faults
    assert (fault.code, fault.place.line, fault.place.column) == ("definition-not-utf8", 2, 7)


def test_bom_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_bytes("name: 学校\r\ncount: 2\r\n".encode("utf-8-sig"))
    assert load_yaml_model(path, Plan) == Plan(name="学校", count=2)


def test_file_name_is_shown_in_place_of_the_path(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text("name: no", encoding="utf-8")
    (fault,) = read_yaml_model(path, Plan, "instruments/plan.yaml").faults
    assert str(fault.place) == "instruments/plan.yaml:1:7"


def test_place_of_a_value_and_of_its_key() -> None:
    source = read_yaml_model("name: a\nparts:\n  - id: b\n  - {id: c, share: 1}\n", Plan, "plan.yaml")
    assert str(source.place("parts", 1, "share")) == "plan.yaml:4:20"
    assert str(source.place("parts", 1, "share", key=True)) == "plan.yaml:4:13"


def test_anchors_that_multiply_without_end_are_refused() -> None:
    lines = ["name: a", "words: {en: x}", "a0: &a0 [1, 2]"]
    lines += [f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}]" for i in range(1, 20)]
    assert "yaml-endless" in [code for code, _, _ in faults("\n".join(lines))]
