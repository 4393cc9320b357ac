"""The web form in Chromium, posted to a server made of its functions: phone and desk, script and none."""

import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page

from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.expressions import parse_expression
from manyi_instruments.expressions.deciding import decide
from manyi_instruments.expressions.definite import surely
from manyi_instruments.expressions.tree import Kind
from manyi_instruments.forms.web.browser_conditions import as_json
from manyi_instruments.forms.web.delivery import asset
from manyi_instruments.forms.web.preview import render_preview

JOURNEY = Path(__file__).with_name("journey.yaml")
PHONE, DESK = (390, 844), (1280, 900)

#: What is stored of the person below, coded as an import codes it.
WHOLE = {
    "GRADE": 3, "AGE": 34, "TOWN": 16, "TOWN__text": "in the hills", "CODE": "LI05",
    "WAYS__1": 1, "WAYS__2": 1, "WAYS__3": 0, "WAYS__4": 0, "WAYS__text": None,
    "LATE": 1, "WAIT": 7.5, "MOST": 20,
    "B1": -8, "B2": 2, "CHECK": 4, "B3": -9,
    "RANKED__1": 1, "RANKED__2": 2, "RANKED__3": -7, "WHY": "It is far.\nAnd steep.",
}  # fmt: skip


@pytest.fixture(scope="module")
def journey() -> Questionnaire:
    return load_questionnaire(JOURNEY)


@pytest.fixture
def opened(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Return ``opened(address, size, **context)``: a page whose errors fail the test."""
    contexts = []
    errors: list[str] = []

    def open_page(address: str, size: tuple[int, int] = DESK, **options: Any) -> Page:
        viewport: Any = {"width": size[0], "height": size[1]}
        context = browser.new_context(viewport=viewport, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


def forward(page: Page) -> None:
    page.locator(".buttons .go:visible").click()


@contextmanager
def turned(page: Page) -> Iterator[None]:
    """Wait until what was done has led to another page, and all of it is there."""
    before = page.evaluate("performance.timeOrigin")
    yield
    page.wait_for_function(
        "(before) => performance.timeOrigin !== before && document.readyState === 'complete'", arg=before
    )


def field(page: Page, name: str, value: object = None) -> Locator:
    found = page.locator(f'[name="{name}"]' + ("" if value is None else f'[value="{value}"]'))
    return found.first


def tick(page: Page, name: str, value: object) -> None:
    """Choose an answer as people do: on its words, or on the cell of a matrix."""
    field(page, name, value).locator("xpath=ancestor::label").click()


def question(page: Page, name: str) -> Locator:
    return page.locator(f'[data-id="{name}"]')


def to_the_way(page: Page, age: str = "34") -> None:
    """Fill the first page in and go on to the second."""
    forward(page)
    tick(page, "GRADE", 3)
    field(page, "AGE").fill(age)
    field(page, "TOWN").select_option("16")
    field(page, "TOWN.text").fill("in the hills")
    field(page, "CODE.1").fill("Li")
    field(page, "CODE.2").fill("05")
    forward(page)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_whole_answer_is_stored_as_an_import_would_store_it(
    serve: Any, opened: Callable[..., Page], journey: Questionnaire, size: tuple[int, int], script: bool
) -> None:
    survey = serve(journey)
    page = opened(survey.address, size, java_script_enabled=script)
    to_the_way(page)
    tick(page, "WAYS", 1)
    tick(page, "WAYS", 2)
    if not script:
        forward(page)
        assert page.locator(".summary.further a").count() == 1
    tick(page, "LATE", 1)
    if not script:
        forward(page)
        assert page.locator(".summary.further a").count() == 2
    field(page, "WAIT").fill("7,5")
    field(page, "MOST").fill("２０ 分钟")
    forward(page)
    tick(page, "B1", -8)
    tick(page, "B2", 2)
    tick(page, "CHECK", 4)
    forward(page)
    field(page, "RANKED.1").select_option("1")
    field(page, "RANKED.2").select_option("2")
    field(page, "WHY").fill("It is far.\nAnd steep.")
    forward(page)
    assert page.locator("h1").inner_text() == "谢谢！"
    assert survey.last.finished == WHOLE


def test_with_the_script_questions_appear_and_go_as_answers_change(
    serve: Any, opened: Callable[..., Page], journey: Questionnaire
) -> None:
    page = opened(serve(journey).address)
    to_the_way(page)
    seen = []
    for answer in (2, 2, 4):
        tick(page, "WAYS", answer)
        seen.append([question(page, name).is_visible() for name in ("LATE", "WAIT")])
        if seen[-1][0]:
            tick(page, "LATE", 1)
            seen.append([question(page, name).is_visible() for name in ("LATE", "WAIT")])
    assert seen == [[True, False], [True, True], [False, False], [False, False]]


def test_an_answer_to_a_question_that_went_is_not_sent(
    serve: Any, opened: Callable[..., Page], journey: Questionnaire
) -> None:
    survey = serve(journey)
    page = opened(survey.address)
    to_the_way(page)
    tick(page, "WAYS", 2)
    tick(page, "LATE", 0)
    tick(page, "WAYS", 1)
    tick(page, "WAYS", 2)
    forward(page)
    assert "LATE" not in survey.posted[-1]
    assert page.locator("h1").inner_text() == "最后"


def test_without_the_script_a_changed_answer_takes_back_what_hung_on_it(
    serve: Any, opened: Callable[..., Page], journey: Questionnaire
) -> None:
    survey = serve(journey)
    page = opened(survey.address, java_script_enabled=False)
    to_the_way(page, age="20")
    tick(page, "WAYS", 2)
    forward(page)
    tick(page, "LATE", 1)
    tick(page, "WAYS", 2)
    tick(page, "WAYS", 1)
    forward(page)
    forward(page)
    stored = survey.last.finished
    assert [stored[name] for name in ("LATE", "WAIT", "B1", "WHY")] == [-7, -7, -7, None]


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_faults_are_told_at_once_and_the_summary_leads_to_the_field(
    serve: Any, opened: Callable[..., Page], journey: Questionnaire, script: bool
) -> None:
    page = opened(serve(journey).address, java_script_enabled=script)
    forward(page)
    field(page, "AGE").fill("200")
    forward(page)
    # Without a script the browser's own autofocus has to do; it is not at once.
    page.wait_for_function("document.activeElement.classList.contains('summary')") if script else None
    summary = page.locator(".summary:visible")
    assert summary.locator("a").all_inner_texts() == ["1. 孩子所在年级", "2. 您的年龄"]
    described = field(page, "AGE").get_attribute("aria-describedby") or ""
    error = page.locator(f'[id="{described.split()[-1]}"]')
    assert (field(page, "AGE").get_attribute("aria-invalid"), error.inner_text()) == (
        "true",
        "请填写18到99之间的数。",
    )
    summary.locator("a").nth(1).click()
    target = page.evaluate("[document.activeElement.name, location.hash]")
    assert "AGE" in target if script else target[1] == "#q-AGE-AGE"


def test_the_page_sent_without_a_script_says_its_faults_with_focus(
    serve: Any, opened: Callable[..., Page], journey: Questionnaire
) -> None:
    survey = serve(journey)
    page = opened(survey.address)
    forward(page)
    # As a browser does whose script did not load: the form is sent as it stands.
    page.evaluate("document.querySelector('form').submit()")
    page.wait_for_function("document.activeElement.classList.contains('summary')")
    assert page.title().startswith("有误：")


def test_a_constraint_is_told_in_the_questionnaires_words_by_both(
    serve: Any, opened: Callable[..., Page], journey: Questionnaire
) -> None:
    said = []
    for script in (True, False):
        page = opened(serve(journey).address, java_script_enabled=script)
        to_the_way(page)
        tick(page, "WAYS", 2)
        if not script:
            forward(page)
        tick(page, "LATE", 1)
        if not script:
            forward(page)
        field(page, "WAIT").fill("30")
        field(page, "MOST").fill("20")
        forward(page)
        said.append(question(page, "MOST").locator(".error").inner_text())
    assert said == ["最长时间不能比一般时间短。"] * 2


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_the_language_changes_and_the_answers_stay(
    serve: Any, opened: Callable[..., Page], journey: Questionnaire, script: bool
) -> None:
    page = opened(serve(journey).address, java_script_enabled=script)
    forward(page)
    tick(page, "GRADE", 5)
    field(page, "AGE").fill("abc")
    page.get_by_role("button", name="العربية").click()
    root = page.locator("html")
    assert (root.get_attribute("lang"), root.get_attribute("dir")) == ("ar", "rtl")
    kept = (field(page, "GRADE", 5).is_checked(), field(page, "AGE").input_value())
    assert kept == (True, "abc")
    assert page.locator(".error").count() == 0


def test_back_keeps_what_was_answered_and_asks_nothing(
    serve: Any, opened: Callable[..., Page], journey: Questionnaire
) -> None:
    page = opened(serve(journey).address)
    to_the_way(page)
    tick(page, "WAYS", 1)
    page.locator(".back").click()
    assert field(page, "CODE.2").input_value() == "05"
    forward(page)
    assert field(page, "WAYS", 1).is_checked()


def test_what_rules_others_out_unticks_them(
    serve: Any, opened: Callable[..., Page], journey: Questionnaire
) -> None:
    page = opened(serve(journey).address)
    to_the_way(page)
    for answer in (1, 2, 4):
        tick(page, "WAYS", answer)
    assert page.locator('[name="WAYS"]:checked').evaluate_all("all => all.map((one) => one.value)") == ["4"]


def test_a_double_click_sends_one_page(
    serve: Any, opened: Callable[..., Page], journey: Questionnaire
) -> None:
    survey = serve(journey)
    page = opened(survey.address)
    forward(page)
    tick(page, "GRADE", 1)
    field(page, "AGE").fill("40")
    page.evaluate("() => { const go = document.querySelector('.buttons .go'); go.click(); go.click(); }")
    page.wait_for_selector('[data-id="WAYS"]')
    assert [fields["_page"] for fields in survey.posted] == [["0"], ["1"]]


def test_it_is_completed_with_the_keyboard_alone(
    serve: Any, opened: Callable[..., Page], journey: Questionnaire
) -> None:
    survey = serve(journey)
    page = opened(survey.address)
    keyboard = page.keyboard

    def tab_to(selector: str) -> None:
        for _ in range(60):
            if page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
                return
            keyboard.press("Tab")
        raise AssertionError(f"{selector} is not reached by Tab")

    tab_to(".go")
    keyboard.press("Enter")
    page.wait_for_selector('[data-id="GRADE"]')
    tab_to('[name="GRADE"]')
    keyboard.press("Space")
    keyboard.press("ArrowDown")
    tab_to('[name="AGE.missing"]')
    keyboard.press("Space")
    # Enter in a field goes on, not to another language.
    tab_to('[name="CODE.2"]')
    keyboard.press("Enter")
    page.wait_for_selector('[data-id="WAYS"]')
    tab_to('[name="WAYS"][value="1"]')
    keyboard.press("Space")
    tab_to(".buttons .go")
    keyboard.press("Enter")
    page.wait_for_selector('[data-id="RANKED"]')
    tab_to(".buttons .go")
    keyboard.press("Enter")
    page.wait_for_selector(".closing")
    finished = survey.last.finished
    assert [finished[name] for name in ("GRADE", "AGE", "WAYS__1")] == [2, -6, 1]


@pytest.mark.parametrize("language", ["zh", "en", "ar"])
def test_axe_finds_nothing_on_any_page(
    serve: Any, opened: Callable[..., Page], journey: Questionnaire, node_modules: Path, language: str
) -> None:
    axe = (node_modules / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
    found: list[tuple[str, str, str]] = []
    # bypass_csp lets the test put axe-core into the page, which the policy forbids to all others.
    for size, scheme in ((PHONE, "light"), (DESK, "dark")):
        page = opened(
            serve(journey).address, size, bypass_csp=True, color_scheme=scheme, reduced_motion="reduce"
        )

        def look(where: str, page: Page = page) -> None:
            page.evaluate(axe)
            tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
            told = page.evaluate("(tags) => axe.run({runOnly: tags})", tags)
            found.extend(
                (where, one["id"], node["html"]) for one in told["violations"] for node in one["nodes"]
            )

        with turned(page):
            page.locator(f'[name="_language"][value="{language}"]').click()
        look("introduction")
        with turned(page):
            forward(page)
        look("first page")
        forward(page)
        look("faults")
        tick(page, "GRADE", 3)
        field(page, "AGE").fill("34")
        with turned(page):
            forward(page)
        tick(page, "WAYS", 2)
        tick(page, "LATE", 1)
        look("conditional questions")
        with turned(page):
            forward(page)
        look("matrix")
        with turned(page):
            forward(page)
        look("ranking and text")
        with turned(page):
            forward(page)
        look("thanks")
    assert found == []


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_every_target_is_44_pixels_and_nothing_is_wider_than_the_screen(
    serve: Any, opened: Callable[..., Page], journey: Questionnaire, size: tuple[int, int]
) -> None:
    page = opened(serve(journey).address, size)
    small: list[tuple[str, float, float]] = []

    def look() -> None:
        for target in page.locator(
            ".option:visible, button:visible:not(.sr), select:visible, input[type=text]:visible"
        ).all():
            box = target.bounding_box()
            if box and (box["width"] < 44 or box["height"] < 44) and target.inner_html() != "":
                small.append((target.inner_html(), box["width"], box["height"]))
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]

    look()
    to_the_way(page)
    tick(page, "WAYS", 2)
    tick(page, "LATE", 1)
    look()
    forward(page)
    look()
    assert small == []


def test_a_matrix_is_stacked_on_a_phone_and_a_table_on_a_desk_from_the_same_markup(
    serve: Any, opened: Callable[..., Page], journey: Questionnaire
) -> None:
    lines = []
    for size in (PHONE, DESK):
        page = opened(serve(journey).address, size)
        to_the_way(page)
        tick(page, "WAYS", 2)
        tick(page, "LATE", 0)
        forward(page)
        boxes = [field(page, "B2", value).bounding_box() for value in (1, 2, 3, 4, 5)]
        columns = [field(page, name, 3).bounding_box() for name in ("B1", "B2", "B3")]
        lines.append(
            (len({box["y"] for box in boxes if box}), len({round(box["x"]) for box in columns if box}))
        )
        assert (
            page.get_by_role("radiogroup", name="公交车拥挤")
            .get_by_role("radio", name="同意", exact=True)
            .count()
            == 1
        )
    assert lines == [(5, 1), (1, 1)]


def test_the_preview_is_gone_through_in_two_languages_and_sends_nothing(
    opened: Callable[..., Page], journey: Questionnaire, tmp_path: Path
) -> None:
    path = tmp_path / "journey.html"
    path.write_text(render_preview(journey), encoding="utf-8")
    page = opened(path.as_uri(), PHONE)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    visible = page.locator(".form:visible")
    assert "不会发送" in visible.locator(".banner").inner_text()
    forward(page)
    visible.locator('[name="GRADE"][value="3"]').click()
    forward(page)
    assert visible.locator(".summary:visible a").count() == 1
    visible.get_by_role("link", name="English").click()
    assert visible.locator("h1:visible").inner_text() == "About you"
    assert visible.locator('[name="GRADE"][value="3"]').is_checked()
    visible.locator('[name="AGE"]').fill("34")
    forward(page)
    visible.locator('[name="WAYS"][value="1"]').click()
    forward(page)
    assert visible.locator("h1:visible").inner_text() == "At last"
    forward(page)
    assert visible.locator("h1:visible").inner_text() == "Thank you!"
    assert [url for url in asked if not url.startswith("file:")] == []


def test_the_preview_without_a_script_shows_everything_in_one_language(
    opened: Callable[..., Page], journey: Questionnaire, tmp_path: Path
) -> None:
    path = tmp_path / "journey.html"
    path.write_text(render_preview(journey), encoding="utf-8")
    page = opened(path.as_uri(), java_script_enabled=False)
    assert page.locator("[data-id]:visible").count() == len(list(journey.questions()))
    page.get_by_role("link", name="العربية").locator("visible=true").click()
    assert page.locator(".form:visible").get_attribute("dir") == "rtl"


def test_nothing_but_the_page_itself_is_asked_for(
    serve: Any, browser: Browser, journey: Questionnaire
) -> None:
    survey = serve(journey)
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(survey.address)
    page.close()
    assert asked == [survey.address]


#: Names of the made-up conditions: numbers, a multiple choice, a text.
NUMBERS = ("A", "B", "C")
KINDS: dict[str, Kind] = {**dict.fromkeys((*NUMBERS, "M"), "number"), "T": "text"}


def made_up_number(draw: random.Random, depth: int) -> str:
    if depth == 0 or draw.random() < 0.3:
        return draw.choice([*NUMBERS, "0", "1", "2.5", "-3"])
    one, other = (made_up_number(draw, depth - 1) for _ in range(2))
    return draw.choice(
        [f"({one} {draw.choice('+-*/')} {other})", f"{draw.choice(['min', 'max', 'first'])}({one}, {other})",
         f"{draw.choice(['abs', 'ceil', 'floor', 'round'])}({one})", f"answered({one}, {other})",
         f"if({made_up_condition(draw, depth - 1)}, {one}, {other})"]
    )  # fmt: skip


def made_up_condition(draw: random.Random, depth: int) -> str:
    if depth == 0 or draw.random() < 0.3:
        one, other = made_up_number(draw, depth), made_up_number(draw, depth)
        return draw.choice(
            [f"{one} {draw.choice(['>=', '<=', '==', '!=', '>', '<'])} {other}", f"missing({one})",
             "selected(A, 2)", "selected(M, 1)", "T == 'x'", "T != 'y'", "missing(T)", "missing(M)"]
        )  # fmt: skip
    one, other = (made_up_condition(draw, depth - 1) for _ in range(2))
    return draw.choice([f"({one} and {other})", f"({one} or {other})", f"not ({one})"])


def made_up_answers(draw: random.Random) -> dict[str, Any]:
    answers: dict[str, Any] = {name: draw.choice([None, -2, 0, 1, 2, 2.5]) for name in NUMBERS}
    return {**answers, "M": draw.choice([[], [1], [2, 3]]), "T": draw.choice(["", "x", "y"])}


def test_the_browser_decides_conditions_as_the_server_does(opened: Callable[..., Page]) -> None:
    draw = random.Random(20170)
    cases = []
    for _ in range(600):
        tree = surely(parse_expression(made_up_condition(draw, 3), KINDS).tree)
        answers = made_up_answers(draw)
        cases.append((as_json(tree), json.dumps(answers), decide(tree, answers)))
    forms = "".join(
        f'<form class="form" data-held="{escape(held)}"><div data-id="X" data-widget="ranking"'
        f' data-asked="{escape(asked)}"></div></form>'
        for asked, held, _ in cases
    )
    page = opened("about:blank")
    page.set_content(f"<body>{forms}<script>{asset('form.js')}</script></body>")
    shown = page.locator("[data-id]").evaluate_all("all => all.map((one) => !one.hidden)")
    assert [case for case, holds in zip(cases, shown, strict=True) if case[2] != holds] == []
    assert 100 < sum(shown) < 500


def test_the_script_has_no_eval_and_keeps_nothing() -> None:
    script = asset("form.js")
    forbidden = (
        "eval(",
        "Function(",
        "innerHTML",
        "localStorage",
        "sessionStorage",
        "fetch(",
        "XMLHttp",
        "cookie",
    )
    assert [word for word in forbidden if word in script] == []


def test_the_script_of_the_lock_file_names_no_host() -> None:
    lock = json.loads(Path(__file__).with_name("package-lock.json").read_text(encoding="utf-8"))
    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []
