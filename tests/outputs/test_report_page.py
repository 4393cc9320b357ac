"""The report: answer first, nulls said as nulls, nothing from outside, nothing let in, fit for a phone."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from manyi_outputs.report import write_report
from manyi_outputs.report.page import render

Tables = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def html(tables: Tables, context_in: Any) -> str:
    return render(tables, context_in("zh"))


@pytest.fixture(scope="module")
def browser(require_program: Callable[[str], str]) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=require_program("chromium"), args=["--no-sandbox"]
        )
        yield chromium
        chromium.close()


def opened(browser: Browser, path: Path, width: int, **options: Any) -> Page:
    page = browser.new_page(viewport={"width": width, "height": 800}, **options)
    page.goto(path.as_uri())
    return page


def joint(tables: Tables, p: float) -> Tables:
    """Return the tables with another p of the school block's joint test."""
    models = tables["regression_models"].copy()
    models.loc[models["model"].astype(str) == "2", "p_change"] = p
    return {**tables, "regression_models": models}


def test_it_opens_with_the_answer(html: str) -> None:
    assert html.index('id="answer"') < html.index("<table")


def test_an_effect_is_said_as_found(tables: Tables, context_in: Any) -> None:
    assert "学校资源指标整体与score有关" in render(joint(tables, 0.004), context_in("zh"))


def test_a_null_is_said_as_a_null(tables: Tables, context_in: Any) -> None:
    page = render(joint(tables, 0.4), context_in("zh"))
    assert "未发现学校资源指标整体与score有关" in page
    assert "不能据此断定影响为零" in page


def test_an_effect_not_computed_is_said_with_its_reason(tables: Tables, context_in: Any) -> None:
    models = joint(tables, float("nan"))["regression_models"]
    models.loc[models["model"].astype(str) == "2", "reason"] = "some-code: x=1"
    page = render({**tables, "regression_models": models}, context_in("en"))
    assert "could not be computed" in page[: page.index("<nav")]
    assert "some-code" in page[: page.index("<nav")]


def test_a_study_without_schools_says_so(tables: Tables, context_in: Any) -> None:
    some = {name: tables[name] for name in ("return", "reliability")}
    assert "has no regression on school resource indicators" in render(some, context_in("en"))


def test_names_from_data_cannot_become_markup(html: str) -> None:
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in html


def test_nothing_is_fetched(html: str) -> None:
    assert re.findall(r"""(?:src|href)=["']?(?!#|data:)[^"'> ]+""", html) == []
    assert re.findall(r"url\((?!data:|#)[^)]*\)", html) == []


def test_the_reason_of_a_result_not_computed_is_listed(html: str) -> None:
    shortfalls = html[html.index('id="shortfalls"') :]
    assert "A1 A2" in shortfalls


def test_the_same_tables_give_the_same_page(html: str, tables: Tables, context_in: Any) -> None:
    assert render(tables, context_in("zh")) == html


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_never_scrolls_sideways(
    browser: Browser, tables: Tables, context_in: Any, tmp_path: Path, language: str, width: int
) -> None:
    write_report(tmp_path / "报告 report.html", tables, context_in(language))
    page = opened(browser, tmp_path / "报告 report.html", width)
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_the_page_asks_for_nothing_and_has_no_error(
    browser: Browser, tables: Tables, context_in: Any, tmp_path: Path
) -> None:
    write_report(tmp_path / "r.html", tables, context_in("zh"))
    page = browser.new_page()
    asked: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.goto((tmp_path / "r.html").as_uri())
    assert [url for url in asked if not url.startswith(("data:", (tmp_path / "r.html").as_uri()))] == []
    assert errors == []


def test_the_page_brings_its_own_chinese(
    browser: Browser, tables: Tables, context_in: Any, tmp_path: Path
) -> None:
    write_report(tmp_path / "r.html", tables, context_in("zh"))
    page = opened(browser, tmp_path / "r.html", 800)
    loaded = page.evaluate(
        "document.fonts.load('16px \"Manyi Sans SC\"', '满意').then(found => found.length)"
    )
    assert loaded == 1


def test_the_page_is_readable_without_scripts(
    browser: Browser, tables: Tables, context_in: Any, tmp_path: Path
) -> None:
    write_report(tmp_path / "r.html", tables, context_in("zh"))
    page = opened(browser, tmp_path / "r.html", 800, java_script_enabled=False)
    assert "主要结果" in page.inner_text("#answer")


def test_the_typeface_weighs_less_than_300_kb(demo_study: Path) -> None:
    text = (demo_study / "results" / "report.html").read_text(encoding="utf-8")
    found = re.search(r"data:font/woff;base64,([A-Za-z0-9+/=]+)", text)
    assert found is not None
    assert len(found[1]) < 300_000
