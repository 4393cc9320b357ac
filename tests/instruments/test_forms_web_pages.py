"""What the pages of the web form say and weigh, and what becomes of questionnaires that ask much of them."""

import gzip
import html
import re
from pathlib import Path

import pytest

from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.forms import FORMS
from manyi_instruments.forms.web.delivery import Delivery, content_security_policy
from manyi_instruments.forms.web.pages import web_form
from manyi_instruments.forms.web.reading import read_page
from manyi_instruments.forms.web.rendering import render_introduction, render_page, render_thanks
from manyi_instruments.questionnaires import bundled_questionnaires

CAREGIVERS = load_questionnaire(Path(__file__).with_name("forms_caregivers.yaml"))
JOURNEY = load_questionnaire(Path(__file__).parents[1] / "web" / "journey.yaml")
#: What issue and design allow a page to weigh, with styles and script inside.
HEAVIEST = 30 * 1024


def weight(page: str) -> int:
    return len(gzip.compress(page.encode(), 6))


def every_page(questionnaire: Questionnaire) -> list[str]:
    form = web_form(questionnaire)
    return [
        page
        for language in questionnaire.languages
        for page in (
            render_introduction(form, language),
            *(render_page(form, language, one, {}) for one in form.pages),
            render_thanks(form, language),
        )
    ]


def made_up(items: int = 0, points: int = 5, label: str = "point", text: str = "statement") -> Questionnaire:
    """Return a questionnaire of one scale, as long and as wordy as wanted."""
    values = list(range(1, points + 1))
    labels = [f"{label} {value}" for value in values]
    rows = "\n".join(
        f"  - {{id: I{n}, text: {{en: '{text} {n}'}}, answers: a, standalone: true}}" for n in range(items)
    )
    return load_questionnaire(
        f"questionnaire: q\ntitle: {{en: Q}}\nlanguages: [en]\n"
        f"answer_lists:\n  a: {{values: {values}, en: {labels}}}\nitems:\n{rows}\n"
    )


@pytest.mark.parametrize("name", sorted(bundled_questionnaires()))
def test_no_page_of_a_bundled_questionnaire_weighs_more_than_allowed(name: str) -> None:
    pages = every_page(load_questionnaire(Path(str(bundled_questionnaires()[name]))))
    assert max(map(weight, pages)) < HEAVIEST / 2


@pytest.mark.parametrize(
    "questionnaire",
    [
        made_up(items=300),
        made_up(items=9, points=12, label="y" * 390, text="x" * 390),
        JOURNEY,
        CAREGIVERS,
    ],
    ids=["300 items", "12 points, 400 characters", "journey", "caregivers"],
)
def test_a_page_weighs_what_is_allowed_however_much_is_asked(questionnaire: Questionnaire) -> None:
    assert max(map(weight, every_page(questionnaire))) < HEAVIEST


@pytest.mark.parametrize(
    ("questionnaire", "tables"),
    [
        (made_up(items=3, points=5, label="agree"), 1),
        (made_up(items=3, points=12, label="p"), 0),
        (made_up(items=3, points=5, label="y" * 100), 0),
    ],
)
def test_a_matrix_with_unreadable_headings_is_no_table(questionnaire: Questionnaire, tables: int) -> None:
    form = web_form(questionnaire)
    assert render_page(form, "en", form.pages[0], {}).count('class="matrix') == tables


@pytest.mark.parametrize("questionnaire", [JOURNEY, CAREGIVERS], ids=["journey", "caregivers"])
def test_every_id_of_a_page_stands_once_and_is_there_where_it_is_named(questionnaire: Questionnaire) -> None:
    form = web_form(questionnaire)
    wrong = {"AGE": ["x"], "DISTANCE": ["x"], "RANKED.1": ["9"], "TRUST1": ["9"], "JOINED": ["1", "5"]}
    for page in form.pages:
        for reading in (None, read_page(form, page, wrong, {})):
            said = render_page(form, questionnaire.languages[0], page, {}, reading)
            ids = re.findall(r'\bid="([^"]+)"', said)
            named = re.findall(r'(?:\bfor|href|aria-labelledby)="#?([^"]+)"', said)
            named += [one for ids in re.findall(r'aria-describedby="([^"]+)"', said) for one in ids.split()]
            assert len(ids) == len(set(ids))
            assert [one for one in named if one not in ids] == []


def test_what_a_questionnaire_says_is_text_and_never_markup() -> None:
    said = '<script>alert(1)</script> "quoted" & more'
    questionnaire = load_questionnaire(
        "questionnaire: q\ntitle: {en: 'T'}\nlanguages: [en]\nitems:\n"
        "  - {id: WHY, text: {en: '" + said + "'}, type: text}\n"
    )
    form = web_form(questionnaire)
    entered = {"WHY": ['</textarea><img src=x onerror="alert(2)">']}
    page = render_page(form, "en", form.pages[0], {}, read_page(form, form.pages[0], entered, {}))
    assert page.count("<script") == 1
    assert "<img" not in page
    assert "onerror=&#34;" in page


def test_the_policy_allows_the_pages_own_script_by_its_hash_and_nothing_else() -> None:
    policy = content_security_policy()
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'; style-src 'sha256-")


def test_a_page_whose_styles_and_script_are_served_holds_neither() -> None:
    form = web_form(JOURNEY)
    delivery = Delivery(action="/a", stylesheet="/s.css", script="/s.js", hidden={"_token": '"<'})
    page = render_page(form, "en", form.pages[0], {}, delivery=delivery)
    assert ("<style" in page, "querySelector" in page) == (False, False)
    assert '<input type="hidden" name="_token" value="&#34;&lt;">' in page
    assert weight(page) < 4 * 1024


def test_only_answers_that_conditions_of_the_page_name_are_written_into_it() -> None:
    form = web_form(JOURNEY)
    answers = {"GRADE": 3, "AGE": 34, "CODE": "LI05", "WAYS__1": 1, "WAYS__2": 0, "WAYS__3": 0, "WAYS__4": 0}
    page = html.unescape(render_page(form, "en", form.pages[3], answers))
    assert 'data-held="{"AGE":34}"' in page
    assert "LI05" not in page


def test_a_missing_answer_is_offered_where_the_questionnaire_offers_it_and_nowhere_else() -> None:
    form = web_form(JOURNEY)
    offered = {
        name
        for page in form.pages
        for name in re.findall(r'name="([^"]+)" value="-[^>]*data-missing', render_page(form, "en", page, {}))
    }
    assert offered == {"AGE.missing", "WAYS", "WAIT.missing", "B1"}


def test_words_in_another_language_than_the_page_say_which() -> None:
    form = web_form(JOURNEY)
    page = render_page(form, "ar", form.pages[0], {})
    assert 'lang="ar" dir="rtl"' in page
    assert re.search(r'<span lang="en" dir="ltr">.?Next', page)


def test_a_receipt_is_shown_where_there_is_one() -> None:
    form = web_form(JOURNEY)
    assert ("AB12" in render_thanks(form, "en", "AB12"), 'class="receipt"' in render_thanks(form, "en")) == (
        True,
        False,
    )


def test_the_preview_is_one_file_in_every_language_marked_as_such() -> None:
    files = FORMS["web"](JOURNEY, "riders").files
    page = files["riders.html"].decode()
    assert list(files) == ["riders.html"]
    assert re.findall(r'<form class="form whole" id="form-(\w+)"', page) == ["ar", "en", "zh"]
    assert "form-action &#39;none&#39;" in page
    assert page.count("Preview: nothing is sent or saved.") == 2


@pytest.mark.parametrize("name", sorted(bundled_questionnaires()))
def test_every_bundled_questionnaire_has_a_preview_without_a_fault(name: str) -> None:
    made = FORMS["web"](load_questionnaire(Path(str(bundled_questionnaires()[name]))), "role")
    assert (made.faults, list(made.files)) == ((), ["role.html"])
