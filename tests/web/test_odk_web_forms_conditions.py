"""Conditions as a client of ODK decides them: whatever is asked and answered, the same questions follow."""

import importlib.util
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any
from xml.dom import minidom

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page
from pyxform.xls2xform import convert

from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.definitions.routing import asked_questions, rules
from manyi_instruments.forms.layout import offered_missing
from manyi_instruments.forms.xlsform.form import xlsform

TESTS = Path(__file__).parents[1]


def loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


ODK = loaded(TESTS / "web" / "odk_web_forms_client.py")
STRATEGY = loaded(TESTS / "instruments" / "questionnaires_strategy.py")


@pytest.fixture(scope="module")
def client(node_modules: Path) -> Iterator[Any]:
    with ODK.served(ODK.Client(""), node_modules) as running:
        yield running


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(service_workers="block")
    yield context.new_page()
    context.close()


def spelt(answer: object) -> str:
    """Return an answer as an XForm stores it."""
    return " ".join(map(str, answer)) if isinstance(answer, list | tuple) else str(answer)


def answered_form(questionnaire: Questionnaire, answers: Mapping[str, object]) -> str:
    """Return the form with these answers filled in; nothing is required or refused, so it can be sent."""
    sheets = xlsform(questionnaire, school_question=False).as_dict()
    for row in sheets["survey"]:
        for column in [name for name in row if name.startswith(("required", "constraint"))]:
            del row[column]
    # A parser that keeps the prefixes: the client knows elements of a form by theirs.
    document = minidom.parseString(convert(sheets).xform)
    (model,) = document.getElementsByTagName("model")
    instance = model.getElementsByTagName("instance")[0]
    for node in instance.getElementsByTagName("*"):
        answer = answers.get(node.tagName)
        if answer is not None:
            node.appendChild(document.createTextNode(spelt(answer)))
    return document.toxml()


def counted(questionnaire: Questionnaire, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers without don't know and the like, which count as missing."""
    found = {}
    for question in questionnaire.questions():
        offered = [code.code for code in offered_missing(question, questionnaire)]
        answer = answers[question.id]
        if answer is not None and answer not in offered and answer not in [[code] for code in offered]:
            found[question.id] = answer
    return found


@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data=st.data())
def test_client_asks_what_the_questionnaire_asks(client: Any, page: Page, data: st.DataObject) -> None:
    drawn = data.draw(
        STRATEGY.questionnaires(most=9).filter(lambda drawn: any(item.relevant for item in drawn.all_items()))
    )
    # A wording that XLSForm takes for a reference is refused; it has its own test.
    questionnaire = Questionnaire.model_validate_json(drawn.model_dump_json().replace("${", "$("))
    answers = data.draw(STRATEGY.answers(questionnaire))
    client.xform = answered_form(questionnaire, answers)
    form = ODK.Form.opened(page, client, {})
    kept = {node.tag.rpartition("}")[2] for node in form.send().iter()}
    ids = [question.id for question in questionnaire.questions()]
    wanted = asked_questions(rules(questionnaire), counted(questionnaire, answers))
    assert [name for name in ids if name in kept] == list(wanted)
