"""Whole answer sheets checked against the questionnaire: every fault once, the same verdict as the pages."""

import importlib.util
import sys
import timeit
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.forms.answer_checks import AnswerChecks
from manyi_instruments.forms.layout import kind, offered_missing
from manyi_instruments.forms.web.fields import missing_field, part_field, rank_field
from manyi_instruments.forms.web.pages import web_form
from manyi_instruments.forms.web.reading import read_page

HERE = Path(__file__).parent
EVERYTHING = load_questionnaire(HERE / "forms_everything.yaml")
CHECKS = AnswerChecks(EVERYTHING)
#: A sheet in which every kind of question is answered.
SHEET: dict[str, Any] = {
    **{"CODE": "A07", "AGE": 41, "BOARDS": 1, "WALK": 0, "WAYS": [3, 5], "WAYS__text": "摩托车", "KM": 3.5},
    **{"WAIT": 20, "BUSSAFE": 1, "RANK": {"1": 2, "4": 1}, "DORM": 8, "DORM1": 4, "DORM2": 5, "S1": -8},
    **{"S2": 3, "CHECK": 4, "S5": 5, "T1": 9, "T2": 10, "WISH": "多一点课外活动。\n谢谢"},
}


def strategy() -> ModuleType:
    spec = importlib.util.spec_from_file_location("strategy_of_sheets", HERE / "questionnaires_strategy.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


STRATEGY = strategy()


def test_sound_sheet_has_no_faults() -> None:
    assert CHECKS.faults(SHEET) == ()


def test_empty_sheet_is_sound_where_nothing_is_required() -> None:
    assert CHECKS.faults({}) == ()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"S2": 6}, "sent-not-in-list"),
        ({"S2": "3"}, "sent-not-in-list"),
        ({"S2": True}, "sent-not-in-list"),
        ({"S2": 3.0}, "sent-not-in-list"),
        ({"S2": [3]}, "sent-not-in-list"),
        # Don't know is offered by S1, not by S2.
        ({"S2": -8}, "sent-not-in-list"),
        ({"WAYS": [3, 7]}, "sent-not-in-list"),
        ({"WAYS": -8}, "sent-not-in-list"),
        ({"WAYS": []}, "sent-shape"),
        ({"WAYS": [3, 5, 3]}, "sent-shape"),
        ({"WAYS": "3 5"}, "sent-shape"),
        ({"WAYS": [3, 5, 6]}, "sent-exclusive"),
        ({"RANK": {"9": 1}}, "sent-not-in-list"),
        ({"RANK": {"1": 1, "2": 1}}, "sent-ranks"),
        ({"RANK": {"1": 1, "2": 3}}, "sent-ranks"),
        ({"RANK": {"1": True}}, "sent-ranks"),
        ({"RANK": [1, 2]}, "sent-shape"),
        ({"AGE": 17}, "sent-out-of-bounds"),
        ({"AGE": 41.5}, "sent-not-whole"),
        ({"AGE": "41"}, "sent-not-number"),
        ({"AGE": True}, "sent-not-number"),
        ({"AGE": float("nan")}, "sent-not-number"),
        ({"KM": 120.6}, "sent-out-of-bounds"),
        ({"CODE": "7A0"}, "sent-code"),
        ({"CODE": "A07 "}, "sent-code"),
        ({"WISH": "x" * 4001}, "sent-too-long"),
        ({"WISH": "  "}, "sent-shape"),
        ({"WISH": "a\x07b"}, "sent-signs"),
        ({"WISH": 5}, "sent-shape"),
        ({"WAIT": 121}, "sent-constraint"),
        ({"S3": 4}, "sent-unasked"),
        ({"WAYS": [3], "WAYS__text": "x"}, "sent-text-alone"),
        ({"OTHER": 1}, "sent-unknown-field"),
        ({"S2__text": "x"}, "sent-unknown-field"),
    ],
)
def test_fault(changed: dict[str, Any], code: str) -> None:
    assert [fault.code for fault in CHECKS.faults(SHEET | changed)] == [code]


def test_constraint_that_cannot_be_decided_accepts() -> None:
    # WAIT <= 120 or KM > 20, with KM not known.
    assert CHECKS.faults(SHEET | {"WAIT": 121, "KM": -8}) == ()


def test_answer_behind_an_unasked_question_counts_as_unasked() -> None:
    without = {name: value for name, value in SHEET.items() if not name.startswith(("WAYS", "BOARDS"))}
    told = {fault.place.field for fault in CHECKS.faults(without)}
    assert told == {"WAIT", "BUSSAFE", "DORM", "DORM1", "DORM2"}


def test_every_fault_can_be_told_in_both_languages() -> None:
    faulty = {"S2": 6, "WAYS": [3, 6], "AGE": 17, "KM": "x", "CODE": "?", "RANK": {"1": 4}, "NEW": 1}
    told = CHECKS.faults(SHEET | faulty)
    assert len(told) >= 6
    assert all(fault.message(language) for fault in told for language in ("zh", "en"))


def test_required_question_without_an_answer() -> None:
    caregivers = AnswerChecks(load_questionnaire(HERE / "forms_caregivers.yaml"))
    sheet = {"RELATION": 1, "AGE": -99, "HELP1": 1, "HELP2": 2}
    assert [(fault.code, fault.place.field) for fault in caregivers.faults(sheet)] == [
        ("sent-required", "HELP3")
    ]


def sixty_items() -> Questionnaire:
    lines = [
        f"  - {{id: Q{number}, text: {{en: Question {number}}}, answers: agree, standalone: true"
        + (f", relevant: Q{number - 1} >= 1}}" if number and number % 10 == 0 else "}")
        for number in range(60)
    ]
    head = (
        "questionnaire: q\ntitle: {en: T}\nlanguages: [en]\n"
        "answer_lists: {agree: {values: [1, 2, 3, 4, 5], en: [a, b, c, d, e]}}\nitems:\n"
    )
    return load_questionnaire(head + "\n".join(lines))


def test_sixty_items_are_checked_in_a_tenth_of_a_millisecond() -> None:
    checks = AnswerChecks(sixty_items())
    sheet = {f"Q{number}": number % 5 + 1 for number in range(60)}
    # The best of many short runs: what others do on the machine does not count.
    best = min(timeit.repeat(lambda: checks.faults(sheet), number=20, repeat=200)) / 20
    assert best <= 100e-6


# --- the same verdict as the web pages


def fields_of_answers(questionnaire: Questionnaire, answers: dict[str, Any]) -> dict[str, list[str]]:
    """Return what a browser sends for answers as the strategy draws them."""
    fields: dict[str, list[str]] = {}
    for question in questionnaire.questions():
        answer = answers.get(question.id)
        if answer is None or answer == "":
            continue
        match kind(question):
            case "ranking":
                for rank, value in enumerate(answer, start=1):
                    fields[rank_field(question, value)] = [str(rank)]
            case "code":
                lengths = [part.length for part in question.parts]  # type: ignore[union-attr]
                for number, length in enumerate(lengths, start=1):
                    start = sum(lengths[: number - 1])
                    fields[part_field(question, number)] = [answer[start : start + length]]
            case "number" if answer in [code.code for code in offered_missing(question, questionnaire)]:
                fields[missing_field(question)] = [str(answer)]
            case "multiple":
                fields[question.id] = [str(value) for value in answer]
            case _:
                fields[question.id] = [str(answer)]
    return fields


def sheet_of(questionnaire: Questionnaire, answers: dict[str, Any]) -> dict[str, Any]:
    """Return the same answers as a sheet."""
    sheet: dict[str, Any] = {}
    for question in questionnaire.questions():
        answer = answers.get(question.id)
        if answer is None or answer == "":
            continue
        if kind(question) == "ranking":
            answer = {str(value): rank for rank, value in enumerate(answer, start=1)}
        elif kind(question) == "multiple":
            codes = [code.code for code in offered_missing(question, questionnaire)]
            answer = answer[0] if len(answer) == 1 and answer[0] in codes else list(answer)
        elif isinstance(answer, str):
            answer = answer.strip()
            if not answer:
                continue
        sheet[question.id] = answer
    return sheet


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
@given(data=st.data())
def test_sheets_and_pages_agree(data: st.DataObject) -> None:
    questionnaire = data.draw(STRATEGY.questionnaires())
    drawn = data.draw(STRATEGY.answers(questionnaire))
    form = web_form(questionnaire)
    fields = fields_of_answers(questionnaire, drawn)
    stored: dict[str, Any] = {}
    faults: set[str] = set()
    for page in form.pages:
        own = {
            name: values
            for name, values in fields.items()
            if name.split(".")[0] in {question.id for question in page.questions}
        }
        reading = read_page(form, page, own, stored)
        faults |= {fault.question.id for fault in reading.faults if fault.question is not None}
        stored = reading.merged(form, page, stored)
    sheet = sheet_of(questionnaire, drawn)
    told = AnswerChecks(questionnaire).faults(sheet)
    unasked = {fault.place.field for fault in told if fault.code == "sent-unasked"}
    found = {fault.place.field for fault in told} - unasked
    if not faults:
        # Pages pass over what was sent for questions that are not asked; a sheet must not hold it.
        assert found == set()
        held = {name: value for name, value in sheet.items() if name not in unasked}
        assert AnswerChecks(questionnaire).faults(held) == ()
    else:
        # A page asks on with the answer left out; a sheet says nothing of what follows from a faulty answer.
        assert found & faults
        assert found <= faults
