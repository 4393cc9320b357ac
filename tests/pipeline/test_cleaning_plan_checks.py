"""The cleaning plan is checked against the questionnaires, each fault with its line of study.yaml."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from manyi.study.checks import study_faults
from manyi.study.folder import open_study

STUDY = """study: s
title: {en: s}
language: en
roles:
  people: {title: {en: p}, questionnaire: instruments/people.yaml}
cleaning:
  rules:
    reverse_pairs:
      pairs:
        - [a1, a2]
        - [a1, opne]
        - [a1, a1]
        - [a1, open]
    attention_failed: {}
  exclude: [longstring, attention_failed, before_field, unknown_school]
"""


@pytest.fixture
def write(tmp_path: Path, scale_questionnaire: Callable[..., dict[str, Any]]) -> Callable[[str], Path]:
    """Return ``write(study.yaml) -> folder`` of a study with two scales and an open item."""

    def write(text: str) -> Path:
        definition = scale_questionnaire({"A": ["a1", "a2"], "B": ["b1", "b2"]})
        definition["items"].append(
            {"id": "open", "text": {"en": "Anything else?"}, "type": "text", "standalone": True}
        )
        (tmp_path / "instruments").mkdir()
        path = tmp_path / "instruments" / "people.yaml"
        path.write_text(json.dumps(definition), encoding="utf-8")
        (tmp_path / "study.yaml").write_text(text, encoding="utf-8")
        return tmp_path

    return write


@pytest.fixture
def told(write: Callable[[str], Path]) -> list[tuple[str, int | None, str]]:
    found = study_faults(open_study(write(STUDY)))
    about = (
        "pair-item-unknown",
        "pair-not-comparable",
        "exclude-without-rule",
        "checks-without-questionnaire",
    )
    return [(fault.code, fault.place.line, fault.severity) for fault in found if fault.code in about]


@pytest.mark.parametrize(
    "expected",
    [
        ("pair-item-unknown", 11, "error"),
        ("pair-not-comparable", 12, "error"),
        ("pair-not-comparable", 13, "error"),
        ("checks-without-questionnaire", 14, "warning"),
    ],
)
def test_fault_of_a_rule(told: list[tuple[str, int, str]], expected: tuple[str, int, str]) -> None:
    assert told.count(expected) == 1


def test_exclusions_that_nothing_flags(told: list[tuple[str, int, str]]) -> None:
    assert [fault for fault in told if fault[0] == "exclude-without-rule"] == [
        ("exclude-without-rule", 15, "warning")
    ] * 3


def test_an_unknown_item_is_offered_its_neighbours(write: Callable[[str], Path]) -> None:
    found = study_faults(open_study(write(STUDY)))
    fault = next(fault for fault in found if fault.code == "pair-item-unknown")
    assert "open" in fault.remedy("en")


def test_a_plan_that_fits_is_not_told_of(write: Callable[[str], Path]) -> None:
    text = STUDY.replace("        - [a1, opne]\n        - [a1, a1]\n        - [a1, open]\n", "")
    text = text.replace("    attention_failed: {}\n", "    longstring: {}\n")
    text = text.replace("[longstring, attention_failed, before_field, unknown_school]", "[longstring]")
    found = {fault.code for fault in study_faults(open_study(write(text)))}
    assert not {code for code in found if code.startswith(("pair-", "exclude-", "checks-"))}


def test_a_rule_without_data_is_told_by_the_run(
    write_study: Callable[..., Path],
    scale_questionnaire: Callable[..., dict[str, Any]],
    likert: Callable[..., pd.DataFrame],
    run_manyi: Callable[..., Any],
    tmp_path: Path,
) -> None:
    items = ["a1", "a2", "a3"]
    folder = write_study(
        tmp_path / "study",
        {"people": scale_questionnaire({"A": items})},
        {"people": {"people.csv": likert(items, 60, 3).assign(submitted="soon")}},
        field_dates={"first": "2026-03-02"},
        cleaning={"rules": {"too_fast": {}, "same_device": {}, "synonyms": {}}},
    )
    faults = run_manyi("run", folder, "--json").json["faults"]
    found = [(fault["code"], fault["severity"]) for fault in faults]
    assert found.count(("rule-without-data", "warning")) == 2
    assert found.count(("rule-not-computed", "warning")) == 1
    assert found.count(("submitted-unclear", "warning")) == 1
