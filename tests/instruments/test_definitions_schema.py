"""The JSON Schema editors use: valid, takes the bundled files, refuses what is wrong."""

from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from manyi_instruments.definitions.schema import questionnaire_schema
from manyi_instruments.questionnaires import bundled_questionnaires


def bundled(name: str) -> dict[str, Any]:
    """Return a bundled questionnaire as an editor sees it."""
    data: dict[str, Any] = yaml.safe_load(bundled_questionnaires()[name].read_text(encoding="utf-8"))
    return data


def errors(data: object) -> list[str]:
    """Return the paths of everything the schema refuses."""
    found = Draft202012Validator(questionnaire_schema()).iter_errors(data)
    return [".".join(str(part) for part in error.absolute_path) for error in found]


def test_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(questionnaire_schema())


@pytest.mark.parametrize("name", sorted(bundled_questionnaires()))
def test_bundled_file_is_accepted(name: str) -> None:
    assert errors(bundled(name)) == []


def test_long_answer_list_is_accepted() -> None:
    data = bundled("parents")
    answers = [
        {"value": 0, "label": {"zh": "否", "en": "no"}},
        {"value": 1, "label": {"zh": "是", "en": "yes"}},
    ]
    data["answer_lists"]["yes_no"] = {"answers": answers, "ordered": False}
    assert errors(data) == []


@pytest.mark.parametrize(
    ("path", "value", "refused"),
    [
        (("langauges",), ["zh"], ""),
        (("languages",), "zh", "languages"),
        (("items", 0, "typ"), "choice", "items.0"),
        (("items", 0, "type"), "numbr", "items.0.type"),
        (("items", 0, "reverse"), "maybe", "items.0.reverse"),
        (("items", 0, "text"), "问", "items.0.text"),
        (("items", 0, "id"), "题目1", "items.0.id"),
        (("scales", 0, "minimum_answered"), 0, "scales.0.minimum_answered"),
        (("answer_lists", "agree5", "values"), [1], "answer_lists.agree5"),
        (("answer_lists", "agree5", "ordred"), False, "answer_lists.agree5"),
        (("answer_lists", "agree5", "zh"), [1, 2, 3, 4, 5], "answer_lists.agree5"),
        (("missing",), {"dunno": {"code": -4, "label": {"zh": "甲"}}}, "missing"),
    ],
)
def test_broken_file_is_refused_where_it_is_broken(
    path: tuple[str | int, ...], value: object, refused: str
) -> None:
    data: Any = bundled("parents")
    inner = data
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = value
    assert refused in errors(data)


def test_title_may_not_be_left_out() -> None:
    data = bundled("parents")
    del data["title"]
    assert errors(data) == [""]
