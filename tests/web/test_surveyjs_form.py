"""SurveyJS's own engine, survey-core, runs the form: conditions and constraints agree with ours."""

import importlib.util
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.definitions.routing import asked_questions, rules
from manyi_instruments.expressions.deciding import decide
from manyi_instruments.expressions.definite import NEVER
from manyi_instruments.forms import FORMS
from manyi_instruments.questionnaires import bundled_questionnaires

HERE = Path(__file__).parent
Run = Callable[[dict[str, Any], list[list[list[Any]]]], dict[str, Any]]


def _strategy() -> ModuleType:
    path = HERE.parent / "instruments" / "questionnaires_strategy.py"
    spec = importlib.util.spec_from_file_location("questionnaires_strategy", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


STRATEGY = _strategy()


@pytest.fixture(scope="session")
def survey_core(node_modules: Path) -> Run:
    """Return ``run(survey, respondents)``: what survey-core makes of their answers."""
    node = shutil.which("node")
    assert node is not None

    def run(survey: dict[str, Any], respondents: list[list[list[Any]]]) -> dict[str, Any]:
        given = json.dumps({"survey": survey, "respondents": [{"answers": one} for one in respondents]})
        command = [node, str(HERE / "surveyjs.mjs"), str(node_modules)]
        done = subprocess.run(command, input=given.encode(), capture_output=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr.decode()
        assert not done.stderr, done.stderr.decode()
        return json.loads(done.stdout)  # type: ignore[no-any-return]

    return run


def survey_of(questionnaire: Questionnaire) -> tuple[dict[str, Any], set[str]]:
    """Return the survey, and the questions whose conditions it could not say."""
    made = FORMS["surveyjs"](questionnaire, "r")
    (content,) = made.files.values()
    lost = {
        item
        for fault in made.faults
        if fault.code in ("form-conditions-not-expressed", "form-constraints-not-expressed")
        for item in str(fault.details["items"]).split(", ")
    }
    return json.loads(content), lost


def steps(survey: dict[str, Any], answers: dict[str, Any]) -> list[list[Any]]:
    """Return answers as they are given: name, matrix or empty, value."""
    matrix_of = {
        row["value"]: element["name"]
        for page in survey["pages"]
        for element in page["elements"]
        if element["type"] == "matrix"
        for row in element["rows"]
    }
    return [[name, matrix_of.get(name, ""), value] for name, value in answers.items() if value is not None]


def without_missing(questionnaire: Questionnaire, answers: dict[str, Any]) -> dict[str, Any]:
    codes = {code.code for code in questionnaire.missing_codes.values()}

    def kept(answer: Any) -> Any:
        if isinstance(answer, list):
            return [one for one in answer if one not in codes]
        return None if isinstance(answer, int | float) and answer in codes else answer

    return {name: kept(answer) for name, answer in answers.items()}


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_survey_core_shows_who_is_asked_and_refuses_what_we_refuse(survey_core: Run, data: Any) -> None:
    questionnaire = data.draw(STRATEGY.questionnaires())
    survey, lost = survey_of(questionnaire)
    sheets = [data.draw(STRATEGY.answers(questionnaire)) for _ in range(4)]
    result = survey_core(survey, [steps(survey, sheet) for sheet in sheets])
    known = rules(questionnaire)
    for sheet, seen in zip(sheets, result["respondents"], strict=True):
        assert seen["errors"] == []
        given_ = without_missing(questionnaire, sheet)
        asked = asked_questions(known, given_)
        held = {name: answer for name, answer in given_.items() if name in asked}
        for question in questionnaire.questions():
            if lost & {question.id}:
                continue
            assert seen["visible"][question.id] == (question.id in asked), question.id
            rule = known[question.id]
            if question.id in asked and rule.refused != NEVER and given_[question.id] is not None:
                assert seen["valid"][question.id] == (not decide(rule.refused, held)), question.id


@pytest.mark.parametrize("name", sorted(bundled_questionnaires()))
def test_survey_core_knows_every_word_of_the_bundled_forms(survey_core: Run, name: str) -> None:
    questionnaire = load_questionnaire(bundled_questionnaires()[name].read_text(encoding="utf-8"))
    survey, lost = survey_of(questionnaire)
    result = survey_core(survey, [[]])
    assert not lost
    assert result["respondents"][0]["errors"] == []
    assert result["titles"] == {"en": questionnaire.title["en"], "zh-cn": questionnaire.title["zh"]}


def test_an_answer_keeps_the_hash_of_its_definition(survey_core: Run) -> None:
    questionnaire = load_questionnaire(bundled_questionnaires()["society"].read_text(encoding="utf-8"))
    survey, _ = survey_of(questionnaire)
    (seen,) = survey_core(survey, [[["school", "", "001"]]])["respondents"]
    assert seen["data"] == {
        "school": "001",
        "definition": survey["calculatedValues"][0]["expression"].strip("'"),
    }
