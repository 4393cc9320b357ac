"""Whole answers in a real browser against a real ``manyi serve``: with and without script and network."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from manyi_instruments.forms.packs.links import code_link

PHONE = {
    "viewport": {"width": 390, "height": 844},
    "screen": {"width": 390, "height": 844},
    "has_touch": True,
}
DESK = {"viewport": {"width": 1366, "height": 900}, "screen": {"width": 1366, "height": 900}}
#: Questions of the bundled questionnaires that take a choice, and what is chosen of each: the second answer.
RECEIPT = re.compile(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){3}")


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory,
    collecting_study: Callable[..., Path],
    serve_study: Callable[..., Any],
) -> Any:
    folder = tmp_path_factory.mktemp("collect") / "study"
    collecting_study(folder, {"roles": {"students": {"gate": "guardian"}, "principals": {"open": False}}})
    return serve_study(folder)


@pytest.fixture
def person(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Return what opens a browser of its own; whatever the page says on its console fails the test."""
    opened: list[tuple[BrowserContext, list[str]]] = []

    def start(**settings: Any) -> BrowserContext:
        context = browser.new_context(locale="zh-CN", **settings)
        context.set_default_timeout(15_000)
        said: list[str] = []
        context.on("weberror", lambda error: said.append(str(error.error)))
        context.on(
            "console", lambda line: said.append(line.text) if "Content Security" in line.text else None
        )
        opened.append((context, said))
        return context

    yield start
    for context, said in opened:
        context.close()
        assert said == []


def answer_page(page: Page, text: str = "校车太少 <b>") -> None:
    """Answer every question that is visible: the second answer of each, a text in words."""
    page.locator("[data-id]:visible").first.wait_for()
    for question in page.locator("[data-id]:visible").all():
        widget = question.get_attribute("data-widget")
        if widget == "text":
            question.locator("textarea").fill(text)
        elif widget == "select":
            question.locator("select").select_option(index=2)
        elif widget in ("choice", "multiple"):
            question.locator("label.option").nth(1).click()


def answer_all(page: Page) -> None:
    """Go through the whole form, as the script shows it or page by page from the server."""
    for _ in range(40):
        answer_page(page)
        button = page.locator("form button.go:visible")
        last = button.inner_text() in ("提交", "Submit")
        button.click()
        if last:
            return
        page.wait_for_load_state()
    raise AssertionError("the form does not end")


def receipt_of(page: Page) -> str:
    line = page.locator(".receipt:visible")
    expect(line).to_have_text(RECEIPT, timeout=15_000)
    return line.inner_text()


def begun(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("button", name="开始填写").click()
    page.locator("[data-id]:visible").first.wait_for()


def settled(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(row["standing"] for row in rows)


@pytest.mark.parametrize(("device", "size"), [("phone", PHONE), ("desk", DESK)])
def test_parent_answers_the_whole_form(
    server: Any, person: Callable[..., BrowserContext], device: str, size: dict[str, Any]
) -> None:
    before = len(server.stored("parents"))
    page = person(**size).new_page()
    begun(page, f"{server.address}/f/parents")
    answer_all(page)
    receipt_of(page)
    rows = server.stored("parents")
    assert len(rows) == before + 1
    row = next(one for one in rows if one.get("device") == device)
    assert row["standing"] == "accepted"
    assert row["answers"]["P_OPEN"] == "校车太少 <b>"
    assert len(row["answers"]) == 54
    assert set(row) <= {
        "answers",
        "form",
        "language",
        "device",
        "started",
        "seconds",
        "standing",
        "school",
        "class",
    }


def test_pupil_passes_the_gate_on_a_phone(server: Any, person: Callable[..., BrowserContext]) -> None:
    page = person(**PHONE).new_page()
    page.goto(f"{server.address}/f/students")
    page.get_by_role("button", name="同意，交给孩子").click()
    expect(page.get_by_role("alert")).to_have_text("如果同意，请先勾选。")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="同意，交给孩子").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("你愿意参加吗？")
    page.get_by_role("button", name="我愿意").click()
    page.get_by_role("button", name="开始填写").click()
    answer_all(page)
    receipt_of(page)
    assert settled(server.stored("students")) == ["accepted"]


@pytest.mark.parametrize("script", [True, False], ids=["script", "none"])
def test_child_that_does_not_want_to_is_left_in_peace(
    server: Any, person: Callable[..., BrowserContext], script: bool
) -> None:
    before = len(server.stored("students"))
    page = person(java_script_enabled=script).new_page()
    page.goto(f"{server.address}/f/students")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="同意，交给孩子").click()
    page.get_by_role("button", name="我不想参加").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("好的，没有关系")
    assert len(server.stored("students")) == before


def test_ticket_from_before_the_gate_sends_nothing(
    server: Any, person: Callable[..., BrowserContext]
) -> None:
    context = person()
    page = context.new_page()
    page.goto(f"{server.address}/f/students")
    expect(page.locator("[name=_ticket]")).to_have_count(0)
    page.goto(f"{server.address}/w/students")
    # Nobody has agreed: the whole form leads back to the gate.
    page.wait_for_url(f"{server.address}/f/students")
    expect(page.get_by_role("heading", level=1)).to_have_text("请家长或监护人先阅读")


def test_code_of_a_slip_is_scanned_into_the_field_and_out_of_the_address(
    server: Any, person: Callable[..., BrowserContext]
) -> None:
    code, *_ = server.codes("teachers", "3301", "五（2）班", 5)
    page = person(**PHONE).new_page()
    page.goto(code_link(server.address, code))
    expect(page.get_by_label("填答码")).to_have_value(code)
    assert page.url == f"{server.address}/code"
    page.get_by_role("button", name="继续").click()
    expect(page.get_by_role("button", name="开始填写")).to_be_visible()


@pytest.mark.parametrize("script", [True, False], ids=["script", "none"])
def test_teacher_with_a_code_answers_once(
    server: Any, person: Callable[..., BrowserContext], script: bool
) -> None:
    code, *_ = server.codes("teachers", "3301", "五（2）班", 5)
    before = len(server.stored("teachers"))
    page = person(java_script_enabled=script, **DESK).new_page()
    page.goto(f"{server.address}/code")
    page.get_by_label("填答码").fill("0000-0000-0000-0")
    page.get_by_role("button", name="继续").click()
    expect(page.get_by_role("alert")).to_contain_text("没有这个填答码")
    page.get_by_label("填答码").fill(f" {code.lower()} ")
    page.get_by_role("button", name="继续").click()
    assert code not in page.url
    page.get_by_role("button", name="开始填写").click()
    answer_all(page)
    receipt_of(page)
    rows = server.stored("teachers")
    assert len(rows) == before + 1
    assert {(row["school"], row["class"], row["standing"]) for row in rows} == {
        ("3301", "五（2）班", "accepted")
    }
    page.goto(f"{server.address}/code")
    page.get_by_label("填答码").fill(code)
    page.get_by_role("button", name="继续").click()
    expect(page.get_by_role("alert")).to_contain_text("已经用过")
    assert code not in (server.study / "serve.log").read_text(encoding="utf-8")


def test_role_that_is_closed_needs_a_link(server: Any, person: Callable[..., BrowserContext]) -> None:
    reply = person().new_page().goto(f"{server.address}/f/principals")
    assert reply is not None
    assert reply.status == 403


def test_form_that_was_opened_is_finished_without_the_network(
    server: Any, person: Callable[..., BrowserContext]
) -> None:
    before = len(server.stored("society"))
    context = person(**PHONE)
    page = context.new_page()
    page.goto(f"{server.address}/f/society")
    page.wait_for_function(
        "navigator.serviceWorker.ready.then(() => document.documentElement.dataset.kept === '')"
    )
    context.set_offline(True)
    page.get_by_role("button", name="开始填写").click()
    answer_page(page)
    # The phone is switched off and on in the middle of it.
    page.reload()
    expect(page.locator("[data-id]:visible input:checked").first).to_be_attached()
    answer_all(page)
    expect(page.get_by_role("heading", name="已存在本机，尚未提交")).to_be_visible()
    assert len(server.stored("society")) == before
    # The next person, on the same phone, still without the network.
    page.get_by_role("link", name="下一位填写").click()
    page.get_by_role("button", name="开始填写").click()
    assert page.locator("[data-id]:visible input:checked").count() == 0
    answer_all(page)
    expect(page.get_by_role("heading", name="已存在本机，尚未提交")).to_be_visible()
    context.set_offline(False)
    receipt_of(page)
    page.wait_for_function("!Object.keys(localStorage).some((key) => key.startsWith('manyi:queue:'))")
    rows = server.stored("society")
    assert len(rows) == before + 2
    assert set(settled(rows)) == {"accepted"}


def test_draft_goes_on_after_the_browser_was_closed(
    server: Any, person: Callable[..., BrowserContext]
) -> None:
    context = person()
    page = context.new_page()
    begun(page, f"{server.address}/f/society")
    answer_page(page)
    chosen = page.locator("[data-id]:visible input:checked").count()
    page.close()
    page = context.new_page()
    page.goto(f"{server.address}/f/society")
    page.get_by_role("button", name="继续填写").click()
    page.locator("[data-id]:visible").first.wait_for()
    assert page.locator("[data-id]:visible input:checked").count() == chosen > 0


def test_second_click_and_second_tab_add_nothing(server: Any, person: Callable[..., BrowserContext]) -> None:
    before = len(server.stored("parents"))
    context = person()
    page = context.new_page()
    begun(page, f"{server.address}/f/parents")
    for _ in range(40):
        answer_page(page)
        button = page.locator("form button.go:visible")
        if button.inner_text() == "提交":
            break
        button.click()
    # The same answers in another tab: a copy of this one.
    current = page.evaluate("sessionStorage.getItem('manyi:current')")
    twin = context.new_page()
    twin.add_init_script(f"sessionStorage.setItem('manyi:current', '{current}')")
    twin.goto(page.url)
    expect(twin.locator("[data-id]:visible").first).to_be_visible()
    page.locator("form button.go:visible").dblclick()
    receipt = receipt_of(page)
    assert receipt_of(twin) == receipt
    page.go_back()
    page.go_forward()
    assert receipt_of(page) == receipt
    assert page.locator("input:checked").count() == 0
    assert len(server.stored("parents")) == before + 1


@pytest.mark.parametrize(("role", "size"), [("parents", PHONE), ("teachers", DESK)])
def test_whole_answer_without_script(
    server: Any, person: Callable[..., BrowserContext], role: str, size: dict[str, Any]
) -> None:
    before = len(server.stored(role))
    page = person(java_script_enabled=False, **size).new_page()
    begun(page, f"{server.address}/f/{role}")
    answer_all(page)
    receipt = receipt_of(page)
    # Another language shows the same receipt.
    page.get_by_role("button", name="English").click()
    assert receipt_of(page) == receipt
    rows = server.stored(role)
    assert len(rows) == before + 1
    assert set(settled(rows)) == {"accepted"}


def test_back_button_without_script_changes_the_one_answer(
    server: Any, person: Callable[..., BrowserContext]
) -> None:
    before = len(server.stored("parents"))
    page = person(java_script_enabled=False).new_page()
    begun(page, f"{server.address}/f/parents")
    answer_page(page)
    page.locator("button.go:visible").click()
    expect(page.locator(".place")).to_contain_text("第 2 页")
    page.go_back()
    expect(page.locator(".place")).to_contain_text("第 1 页")
    # The page stands there as it was sent to the browser; it is answered again.
    answer_page(page)
    page.locator("[data-id]:visible").first.locator("label.option").nth(0).click()
    page.locator("button.go:visible").click()
    expect(page.locator(".place")).to_contain_text("第 2 页")
    answer_all(page)
    receipt_of(page)
    rows = server.stored("parents")
    assert len(rows) == before + 1
    assert [row["answers"]["P_ROLE"] for row in rows].count(1) == 1


def test_last_page_sent_twice_without_script_is_one_answer(
    server: Any, person: Callable[..., BrowserContext]
) -> None:
    before = len(server.stored("society"))
    context = person(java_script_enabled=False)
    page = context.new_page()
    begun(page, f"{server.address}/f/society")
    sent: list[str] = []
    page.on(
        "request", lambda request: sent.append(request.post_data or "") if request.method == "POST" else None
    )
    answer_all(page)
    receipt = receipt_of(page)
    head = {"Content-Type": "application/x-www-form-urlencoded"}
    again = context.request.post(f"{server.address}/f/society", data=sent[-1], headers=head)
    assert again.status == 200
    assert receipt in again.text()
    assert len(server.stored("society")) == before + 1


def test_answers_are_withdrawn_by_receipt(server: Any, person: Callable[..., BrowserContext]) -> None:
    page = person().new_page()
    begun(page, f"{server.address}/f/society")
    answer_all(page)
    receipt = receipt_of(page)
    before = len(server.stored("society"))
    page.goto(f"{server.address}/withdraw")
    page.get_by_label("回执码").fill(receipt.lower().replace("-", " "))
    page.get_by_role("button", name="删除我的回答").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("已删除")
    assert len(server.stored("society")) == before - 1


def test_refused_answer_is_shown_to_who_is_still_there(
    server: Any, person: Callable[..., BrowserContext]
) -> None:
    before = len(server.stored("parents"))
    page = person().new_page()
    begun(page, f"{server.address}/f/parents")
    # An answer that the form does not offer, as a broken extension may write it.
    page.route(
        "**/api/submissions",
        lambda route: route.continue_(
            post_data=re.sub(r'"P_GRADE":\d', '"P_GRADE":77', route.request.post_data or "")
        ),
    )
    answer_all(page)
    expect(page.get_by_role("alert").filter(visible=True).first).to_contain_text("有的回答需要检查")
    assert page.locator("[data-id=P_GRADE]:visible").count() == 1
    assert len(server.stored("parents")) == before
    page.unroute("**/api/submissions")
    answer_all(page)
    receipt_of(page)
    assert len(server.stored("parents")) == before + 1
