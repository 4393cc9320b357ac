"""A page of the web form as it was sent: what is stored, what is refused, what is asked next."""

import math
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.definitions.questionnaire import Question, Questionnaire
from manyi_instruments.forms.layout import answers_of, kind, offered_missing
from manyi_instruments.forms.web.completing import complete
from manyi_instruments.forms.web.fields import field_names, fields_of
from manyi_instruments.forms.web.pages import WebForm, asked, next_page, pages_asked, previous_page, web_form
from manyi_instruments.forms.web.reading import Reading, read_page, stored_reading
from manyi_instruments.forms.web.stored import columns_of
from manyi_instruments.questionnaires import bundled_questionnaires

JOURNEY = Path(__file__).parents[1] / "web" / "journey.yaml"
FORM = web_form(load_questionnaire(JOURNEY))
PAGES = {page.part.name: page for page in FORM.pages}
COLUMNS = [
    column
    for question in FORM.questionnaire.questions()
    for column in columns_of(question, FORM.questionnaire)
]
BY_BUS = {"GRADE": 3, "AGE": 34, "WAYS__1": 0, "WAYS__2": 1, "WAYS__3": 0, "WAYS__4": 0}
BUS_RIDER = {**BY_BUS, "TOWN": 1, "TOWN__text": None, "CODE": None, "WAYS__text": None, "LATE": 0, "WAIT": -7}


def sent(part: str, before: dict[str, object] | None = None, **fields: list[str]) -> Reading:
    named = {name.replace("__", "."): values for name, values in fields.items()}
    return read_page(FORM, PAGES[part], named, before or {})  # type: ignore[arg-type]


def told(reading: Reading) -> list[tuple[str, str]]:
    return [(fault.name, fault.message("en")) for fault in reading.faults]


WHO = {"GRADE": ["3"], "AGE": ["34"]}


@pytest.mark.parametrize(
    ("fields", "column", "stored"),
    [
        ({"GRADE": ["6"]}, "GRADE", 6),
        ({"AGE": [" 34 "]}, "AGE", 34),
        ({"AGE": ["３４岁"]}, "AGE", 34),
        ({"AGE": ["٣٤"]}, "AGE", 34),
        ({"AGE": ["34 years"]}, "AGE", 34),
        ({"AGE": [""], "AGE__missing": ["-6"]}, "AGE", -6),
        ({"TOWN": ["16"], "TOWN__text": ["in the hills"]}, "TOWN__text", "in the hills"),
        ({"TOWN": ["16"], "TOWN__text": [" "]}, "TOWN__text", None),
        ({"TOWN": [""]}, "TOWN", -9),
        ({"CODE__1": ["lí"], "CODE__2": ["０5"]}, "CODE", "LI05"),
        ({"CODE__1": [""], "CODE__2": [""]}, "CODE", None),
    ],
)
def test_a_background_answer_is_stored_as_coded(
    fields: dict[str, list[str]], column: str, stored: object
) -> None:
    reading = sent("who", **{**WHO, **fields})
    assert (told(reading), reading.answers[column]) == ([], stored)


@pytest.mark.parametrize(
    ("fields", "name", "message"),
    [
        ({"GRADE": []}, "GRADE", "Please answer this question."),
        ({"GRADE": ["7"]}, "GRADE", "Please choose one of the answers offered."),
        ({"GRADE": ["-8"]}, "GRADE", "Please choose one of the answers offered."),
        ({"GRADE": ["1", "2"]}, "GRADE", "Please give one answer only."),
        ({"AGE": [""]}, "AGE", "Please answer this question."),
        ({"AGE": ["17"]}, "AGE", "Please enter a number from 18 to 99."),
        ({"AGE": ["-6"]}, "AGE", "Please enter a number in digits."),
        ({"AGE": ["34.5"]}, "AGE", "Please enter a whole number."),
        ({"AGE": ["forty"]}, "AGE", "Please enter a number in digits."),
        ({"AGE": ["1e3"]}, "AGE", "Please enter a number in digits."),
        ({"AGE": ["nan"]}, "AGE", "Please enter a number in digits."),
        ({"AGE": ["9" * 400]}, "AGE", "Please enter a number in digits."),
        ({"AGE__missing": ["-6"]}, "AGE", "Please enter a number or choose “rather not say”, not both."),
        ({"AGE": [], "AGE__missing": ["-8"]}, "AGE", "Please choose one of the answers offered."),
        (
            {"TOWN": ["1"], "TOWN__text": ["x"]},
            "TOWN.text",
            "You wrote a text but did not choose “elsewhere”.",
        ),
        ({"TOWN": ["16"], "TOWN__text": ["x" * 501]}, "TOWN.text", "Please write at most 500 characters."),
        ({"CODE__1": ["LI"]}, "CODE.2", "Please fill in every box as described, or leave all of them empty."),
        (
            {"CODE__1": ["李"], "CODE__2": ["05"]},
            "CODE.1",
            "Please fill in every box as described, or leave all of them empty.",
        ),
        (
            {"NONSENSE": ["1"]},
            "NONSENSE",
            "What was sent does not belong to this page. Please answer it again.",
        ),
    ],
)
def test_what_cannot_be_stored_is_told_at_its_field(
    fields: dict[str, list[str]], name: str, message: str
) -> None:
    reading = sent("who", **{**WHO, **fields})
    assert told(reading) == [(name, message)]
    assert not reading.complete


def test_a_question_with_a_fault_stores_nothing_and_the_others_are_kept() -> None:
    reading = sent("who", GRADE=["2"], AGE=["200"])
    assert (reading.answers["GRADE"], "AGE" in reading.answers) == (2, False)


@pytest.mark.parametrize(
    ("values", "stored"),
    [
        (["1", "2"], [1, 1, 0, 0]),
        (["4"], [0, 0, 0, 1]),
        (["-8"], [-8, -8, -8, -8]),
    ],
)
def test_a_multiple_choice_is_a_column_an_answer(values: list[str], stored: list[int]) -> None:
    reading = sent("way", WAYS=values, LATE=["0"])
    assert [reading.answers[f"WAYS__{value}"] for value in (1, 2, 3, 4)] == stored


@pytest.mark.parametrize(("values", "label"), [(["1", "4"], "I stay at home"), (["-8", "1"], "don't know")])
def test_what_rules_others_out_stands_alone(values: list[str], label: str) -> None:
    message = f"“{label}” cannot be chosen together with another answer."
    assert told(sent("way", WAYS=values)) == [("WAYS", message)]


@pytest.mark.parametrize(
    ("ranks", "stored"),
    [
        ({}, [-9, -9, -9]),
        ({"RANKED__2": ["1"]}, [-7, 1, -7]),
        ({"RANKED__1": ["3"], "RANKED__2": ["1"], "RANKED__3": ["2"]}, [3, 1, 2]),
    ],
)
def test_ranks_are_stored_as_an_import_stores_them(ranks: dict[str, list[str]], stored: list[int]) -> None:
    reading = sent("end", BY_BUS, **ranks)  # type: ignore[arg-type]
    assert [reading.answers[f"RANKED__{value}"] for value in (1, 2, 3)] == stored


@pytest.mark.parametrize(
    ("ranks", "message"),
    [
        ({"RANKED__1": ["1"], "RANKED__2": ["1"]}, "Each rank can be given only once."),
        ({"RANKED__1": ["1"], "RANKED__2": ["3"]}, "Please rank from 1 on without leaving a rank out."),
        ({"RANKED__1": ["4"]}, "Please choose one of the answers offered."),
    ],
)
def test_ranks_that_are_none_are_told(ranks: dict[str, list[str]], message: str) -> None:
    assert told(sent("end", BY_BUS, **ranks)) == [("RANKED", message)]  # type: ignore[arg-type]


def test_an_answer_to_a_question_that_is_not_asked_is_dropped() -> None:
    reading = sent("way", WAYS=["1"], LATE=["1"], WAIT=["5"])
    assert [reading.answers[name] for name in ("LATE", "WAIT", "MOST")] == [-7, -7, -7]
    assert reading.complete


def test_a_condition_over_an_earlier_page_decides_on_the_server() -> None:
    texts = [sent("end", {**BY_BUS, "AGE": age}, WHY=["far"]).answers.get("WHY") for age in (29, 30, -6)]
    assert texts == [None, "far", None]


def test_an_answer_of_an_earlier_page_that_is_itself_not_asked_counts_as_none() -> None:
    before = {**BY_BUS, "WAYS__2": 0, "WAYS__1": 1, "LATE": 1}
    assert asked(FORM, before)[4:6] == ("WAYS", "RANKED")


def test_a_constraint_is_told_in_its_own_words_where_it_is_surely_false() -> None:
    way = {"WAYS": ["2"], "LATE": ["1"]}
    readings = [sent("way", **way, WAIT=[wait], MOST=["20"]) for wait in ("30", "20", "")]
    assert [told(reading) for reading in readings] == [
        [("MOST", "The longest wait cannot be shorter than the usual one.")],
        [],
        [],
    ]


def test_questions_that_answers_led_to_are_named_until_they_were_visible() -> None:
    shown = {"WAYS": ["2"], "LATE": ["1"]}
    found = [
        sent("way", _shown=["WAYS"], WAYS=["2"]).further,
        sent("way", _shown=["WAYS LATE"], **shown).further,
        sent("way", _shown=["WAYS LATE WAIT MOST"], **shown).further,
    ]
    assert found == [("LATE",), ("WAIT", "MOST"), ()]


def test_a_page_with_nothing_to_ask_is_passed_over_both_ways() -> None:
    walker = {**BY_BUS, "WAYS__1": 1, "WAYS__2": 0}
    later, earlier = next_page(FORM, walker, after=2), previous_page(FORM, walker, before=4)
    assert (later.number if later else None, earlier.number if earlier else None) == (4, 2)
    assert next_page(FORM, walker, after=4) is None


def test_an_answer_changed_later_takes_back_a_page_already_answered() -> None:
    answers = {
        **BY_BUS,
        "TOWN": 1,
        "TOWN__text": None,
        "CODE": None,
        "WAYS__text": None,
        "LATE": 0,
        "WAIT": -7,
    }
    answers |= {"MOST": -7, "B1": 5, "B2": 5, "CHECK": 4, "B3": 5}
    answers |= {"RANKED__1": 1, "RANKED__2": -7, "RANKED__3": -7, "WHY": "far"}
    sheet = complete(FORM, {**answers, "WAYS__1": 1, "WAYS__2": 0, "AGE": 20})
    assert [sheet.answers[name] for name in ("LATE", "B1", "WHY", "RANKED__1")] == [-7, -7, None, 1]
    assert sheet.unfinished == ()


def test_a_page_that_an_answer_changed_later_leads_to_is_unfinished() -> None:
    answers = {
        **BY_BUS,
        "TOWN": 1,
        "TOWN__text": None,
        "CODE": None,
        "WAYS__text": None,
        "LATE": 0,
        "WAIT": -7,
    }
    answers |= {"MOST": -7, "B1": -7, "B2": -7, "CHECK": -7, "B3": -7}
    answers |= {"RANKED__1": 1, "RANKED__2": -7, "RANKED__3": -7, "WHY": "far"}
    assert [page.part.name for page in complete(FORM, answers).unfinished] == ["bus"]


def test_nothing_sent_at_all_is_unfinished_and_has_every_column() -> None:
    sheet = complete(FORM, {})
    columns = [
        c for question in FORM.questionnaire.questions() for c in columns_of(question, FORM.questionnaire)
    ]
    assert list(sheet.answers) == columns
    assert [page.number for page in sheet.unfinished] == [1, 2, 4]


@pytest.mark.parametrize("name", sorted(bundled_questionnaires()))
def test_every_question_stands_on_one_page_in_the_order_asked(name: str) -> None:
    questionnaire = load_questionnaire(Path(str(bundled_questionnaires()[name])))
    form = web_form(questionnaire)
    assert [question for page in form.pages for question in page.questions] == list(questionnaire.questions())
    assert max(len(page.questions) for page in form.pages) <= 8


FIELDS = st.dictionaries(
    st.one_of(
        st.sampled_from([name for question in FORM.questionnaire.questions()
                         for name in field_names(question, FORM.questionnaire)]),
        st.sampled_from(["_shown", "_page", "_go"]),
        st.text(max_size=8),
    ),
    st.lists(
        st.one_of(
            st.sampled_from(["", "0", "1", "2", "3", "16", "-6", "-7", "-8", "34", "7,5", "１", "WAYS LATE"]),
            st.text(),
            st.floats().map(repr),
        ),
        max_size=3,
    ),
    max_size=14,
)  # fmt: skip
HELD = st.dictionaries(
    st.sampled_from(COLUMNS),
    st.one_of(st.none(), st.integers(-9, 40), st.floats(allow_nan=False), st.text(max_size=4)),
)


@settings(max_examples=400, deadline=None)
@given(part=st.sampled_from(sorted(PAGES)), fields=FIELDS)
def test_no_post_raises_and_what_is_sound_comes_back_the_same(
    part: str, fields: dict[str, list[str]]
) -> None:
    page = PAGES[part]
    reading = read_page(FORM, page, fields, BY_BUS)
    for fault in reading.faults:
        assert all(fault.message(language) for language in ("zh", "en", "ar"))
    own = {column for question in page.questions for column in columns_of(question, FORM.questionnaire)}
    assert set(reading.answers) <= own
    assert not any(isinstance(held, float) and not math.isfinite(held) for held in reading.answers.values())
    again: dict[str, list[str]] = {}
    for question in page.questions:
        again.update(fields_of(question, FORM.questionnaire, reading.answers))
    assert read_page(FORM, page, again, BY_BUS).answers.items() >= reading.answers.items() or reading.faults


@settings(max_examples=200, deadline=None)
@given(held=HELD, part=st.sampled_from(sorted(PAGES)))
def test_no_stored_answers_raise(held: dict[str, object], part: str) -> None:
    stored_reading(FORM, PAGES[part], held)  # type: ignore[arg-type]
    assert len(complete(FORM, held).answers) == len(complete(FORM, {}).answers)  # type: ignore[arg-type]
    assert pages_asked(FORM, held)[0].number == 1  # type: ignore[arg-type]


def filled(question: Question, questionnaire: Questionnaire, draw: random.Random) -> dict[str, list[str]]:
    """Return a sound answer to a question, drawn at random."""
    codes = [str(code.code) for code in offered_missing(question, questionnaire)]
    match kind(question):
        case "text":
            return {question.id: [draw.choice(["far", "很远", "a\nb"])]}
        case "number":
            return {question.id: [str(draw.randint(30, 90))]}
        case "multiple":
            return {question.id: draw.choice([["1", "2"], ["2"], ["4"], *([code] for code in codes)])}
        case "ranking":
            order = draw.sample(["1", "2", "3"], 3)
            return {f"{question.id}.{place}": [rank] for place, rank in enumerate(order, start=1)}
        case "code":
            return {f"{question.id}.1": ["ab"], f"{question.id}.2": ["12"]}
        case _:
            values = [str(value) for value in answers_of(question, questionnaire).values]
            return {question.id: [draw.choice([*values, *codes])]}


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_any_sound_person_gets_through_and_is_stored_as_asked(seed: int) -> None:
    draw = random.Random(seed)
    form: WebForm = FORM
    answers: dict[str, object] = {}
    page = next_page(form, answers)  # type: ignore[arg-type]
    while page is not None:
        fields: dict[str, list[str]] = {}
        for question in page.questions:
            fields.update(filled(question, form.questionnaire, draw))
        if "WAIT" in fields:
            fields["MOST"] = ["300"]
        reading = read_page(form, page, fields, answers)  # type: ignore[arg-type]
        assert told(reading) == []
        answers = reading.merged(form, page, answers)  # type: ignore[arg-type,assignment]
        page = next_page(form, answers, page.number)  # type: ignore[arg-type]
    sheet = complete(form, answers)  # type: ignore[arg-type]
    own = set(asked(form, answers))  # type: ignore[arg-type]
    skipped = {
        q.id for q in form.questionnaire.questions() if kind(q) == "choice" and sheet.answers[q.id] == -7
    }
    assert sheet.unfinished == ()
    assert skipped == {q.id for q in form.questionnaire.questions() if kind(q) == "choice"} - own
