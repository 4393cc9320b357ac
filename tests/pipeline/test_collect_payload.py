"""The payload: read strictly, written the same way every time, made of what web pages gather."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manyi.collect.payload import (
    MOST_BYTES,
    Payload,
    check_answers,
    payload_bytes,
    read_payload,
    sheet_answers,
)
from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.definitions.routing import rules
from manyi_instruments.faults import AnswersFaulty
from manyi_instruments.forms.web.completing import complete
from manyi_instruments.forms.web.pages import web_form
from manyi_instruments.forms.web.reading import read_page

EVERYTHING = load_questionnaire(Path(__file__).parents[1] / "instruments" / "forms_everything.yaml")
HASH = "0123456789ab"

NAMES = st.from_regex(r"\A[A-Za-z][A-Za-z0-9_]{0,20}\Z")
WHOLE = st.integers(-(2**53) + 1, 2**53 - 1)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=50)
ANSWERS = st.one_of(
    WHOLE,
    st.floats(allow_nan=False, allow_infinity=False),
    TEXTS,
    st.lists(WHOLE, min_size=1, max_size=5),
    st.dictionaries(st.integers(0, 99).map(str), WHOLE, min_size=1, max_size=5),
)
PAYLOADS = st.builds(
    Payload,
    answers=st.dictionaries(NAMES, ANSWERS, max_size=8),
    form=st.sampled_from(["", HASH]),
    language=st.sampled_from(["", "zh", "zh-Hans-CN", "en"]),
    device=st.sampled_from(["", "phone", "tablet", "desk", "odk"]),
    started=st.sampled_from(["", "2026-05-01T08:00Z"]),
    seconds=st.dictionaries(NAMES, st.floats(0, 1e7), max_size=3),
)


@given(PAYLOADS)
def test_what_is_written_is_read_again(payload: Payload) -> None:
    assert read_payload(payload_bytes(payload)) == payload


@given(PAYLOADS)
def test_what_is_read_is_written_alike(payload: Payload) -> None:
    written = payload_bytes(payload)
    assert payload_bytes(read_payload(written)) == written


def codes(data: bytes) -> list[str]:
    with pytest.raises(AnswersFaulty) as raised:
        read_payload(data)
    return [fault.code for fault in raised.value.faults]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"answers"',
        b"\xff\xfe",
        '{"answers": {"A": "é"}}'.encode("latin-1"),
        b'{"answers": {"A": 1, "A": 2}}',
        b'{"answers": {"A": NaN}}',
        b'{"answers": {"A": Infinity}}',
        b'{"answers": {}} {}',
        b'{"answers": ' + b"[" * 100_000,
        b'{"answers": {"A": ' + b"9" * 5000 + b"}}",
    ],
)
def test_not_json(data: bytes) -> None:
    assert codes(data) == ["payload-not-json"]


def test_larger_than_any_sheet() -> None:
    assert codes(b'{"answers": {"A": "' + b"x" * MOST_BYTES + b'"}}') == ["payload-too-large"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"answers": []}, "answers"),
        ({"answers": None}, "answers"),
        ({"answers": {str(n): 1 for n in range(3)}}, "0"),
        ({"answers": {f"Q{n}": 1 for n in range(2001)}}, "answers"),
        ({"answers": {"A": None}}, "A"),
        ({"answers": {"A": True}}, "A"),
        ({"answers": {"A": []}}, "A"),
        ({"answers": {"A": [1.5]}}, "A"),
        ({"answers": {"A": [[1]]}}, "A"),
        ({"answers": {"A": {}}}, "A"),
        ({"answers": {"A": {"1": "1"}}}, "A"),
        ({"answers": {"A": ""}}, "A"),
        ({"answers": {"A": "x" * 20_001}}, "A"),
        ({"answers": {"A": "a\x00b"}}, "A"),
        ({"answers": {"A": "\ud83d"}}, "A"),
        ({"answers": {"A": 2**53}}, "A"),
        ({"answers": {"A B": 1}}, "A B"),
        ({"answers": {"../x": 1}}, "../x"),
        ({"ip": "10.0.0.1"}, "ip"),
        ({"form": "xyz"}, "form"),
        ({"form": 5}, "form"),
        ({"language": "zh_CN.UTF-8"}, "language"),
        ({"device": "Xiaomi 14"}, "device"),
        ({"started": "2026-05-01T08:00:31Z"}, "started"),
        ({"started": "yesterday"}, "started"),
        ({"seconds": {"about": -1}}, "seconds"),
        ({"seconds": {"about": "12"}}, "seconds"),
        ({"seconds": 12}, "seconds"),
    ],
)
def test_field_that_is_not_sound(changed: dict[str, Any], field: str) -> None:
    sent = {"answers": {"A": 1}, **changed}
    with pytest.raises(AnswersFaulty) as raised:
        read_payload(json.dumps(sent).encode())
    assert [(fault.code, fault.details["field"]) for fault in raised.value.faults][:1] == [
        ("payload-field", field)
    ]


def test_all_unsound_fields_are_told_at_once() -> None:
    sent = {"answers": {"A": None}, "ip": "10.0.0.1", "device": "x"}
    assert codes(json.dumps(sent).encode()) == ["payload-field"] * 3


def test_answers_are_checked_against_the_definition() -> None:
    faults = check_answers(EVERYTHING, rules(EVERYTHING), Payload({"S2": 6, "AGE": 41}))
    assert [(fault.code, fault.place.field) for fault in faults] == [("sent-not-in-list", "S2")]


def test_sheet_of_the_web_pages_becomes_the_answers() -> None:
    sent = {
        **{"CODE.1": ["a"], "CODE.2": ["07"], "AGE.missing": ["-6"], "BOARDS": ["0"], "WALK": ["0"]},
        **{"WAYS": ["3", "5"], "WAYS.text": ["摩托车"], "KM": ["3.5"], "WAIT": ["20"], "RANK.4": ["1"]},
        **{"RANK.1": ["2"], "S1": ["-8"], "S2": ["3"], "WISH": ["多一点课外活动。"]},
    }
    form = web_form(EVERYTHING)
    stored: dict[str, Any] = {}
    for page in form.pages:
        own = {question.id for question in page.questions}
        fields = {name: values for name, values in sent.items() if name.split(".")[0] in own}
        reading = read_page(form, page, fields, stored)
        assert reading.faults == ()
        stored = reading.merged(form, page, stored)
    answers = sheet_answers(EVERYTHING, complete(form, stored).answers)
    assert answers == {
        **{"CODE": "A07", "AGE": -6, "BOARDS": 0, "WALK": 0, "WAYS": [3, 5], "WAYS__text": "摩托车"},
        **{"KM": 3.5, "WAIT": 20, "RANK": {"1": 2, "4": 1}, "S1": -8, "S2": 3, "WISH": "多一点课外活动。"},
    }
