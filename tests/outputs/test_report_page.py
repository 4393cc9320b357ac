"""The report: answer first, nulls said as nulls, nothing from outside, nothing let in, fit for a phone."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from manyi.stages.report_facts import facts_of
from manyi.stages.writing import context_of
from manyi.study.folder import open_study
from manyi_outputs.report import write_report
from manyi_outputs.report.page import render
from manyi_outputs.tidy import StoredTables

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
    assert "不能据此断定关系为零" in page


def test_an_effect_not_computed_is_said_with_its_reason(tables: Tables, context_in: Any) -> None:
    models = joint(tables, float("nan"))["regression_models"]
    models.loc[models["model"].astype(str) == "2", "reason"] = "some-code: x=1"
    page = render({**tables, "regression_models": models}, context_in("en"))
    opening = page[page.index('id="answer"') : page.index('class="chapter"')]
    assert "could not be computed" in opening
    assert "some-code" in opening


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
    limits = html[html.index('<section id="limits"') : html.index('<section id="methods"')]
    assert "未能计算的结果" in limits
    assert "A1 A2" in limits


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


def test_the_page_weighs_less_than_three_megabytes(demo_study: Path) -> None:
    assert (demo_study / "results" / "report.html").stat().st_size <= 3_000_000


def test_a_finding_links_to_a_table_of_the_page(html: str) -> None:
    links = set(re.findall(r'<a href="#(table-[^"]+)">', html))
    assert len(links) > 3
    assert {link for link in links if f'id="{link}"' not in html} == set()


def test_every_link_in_the_page_leads_somewhere(html: str) -> None:
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(ids)


def test_tables_have_captions_and_headings_with_scopes(html: str) -> None:
    tables = re.findall(r"<table>.*?</table>", html, re.DOTALL)
    assert len(tables) > 8
    assert [one[:80] for one in tables if "<caption>" not in one or '<th scope="row"' not in one] == []
    assert re.findall(r"<th(?:>| (?![^>]*scope=)[^>]*>)", "".join(tables)) == []


def test_figures_are_described_in_words(demo_study: Path) -> None:
    text = (demo_study / "results" / "report.html").read_text(encoding="utf-8")
    flow = text[text.index('id="figure-sample-flow"') :]
    flow = flow[: flow.index("</figure>")]
    assert 'role="img"' in flow
    for n in ("3420", "3029", "2812"):
        assert n in flow[flow.index('class="described"') :]


def test_search_finds_a_folded_row_and_unfolds_it(
    browser: Browser, tables: Tables, context_in: Any, tmp_path: Path
) -> None:
    write_report(tmp_path / "r.html", tables, context_in("zh"))
    page = opened(browser, tmp_path / "r.html", 1280, reduced_motion="reduce")
    page.keyboard.press("/")
    page.keyboard.type("特征值 平行")
    page.wait_for_selector("#hits a")
    folded = page.locator("article.folded", has_text="特征值与平行分析").locator("details").first
    page.fill("#query", "题目 C1")
    page.wait_for_selector("#hits a:has-text('C1')")
    page.keyboard.press("Enter")
    assert page.locator(".hit").count() == 1
    assert page.evaluate("document.activeElement.classList.contains('hit')")
    assert folded.count() <= 1
    page.fill("#query", "没有这个词")
    page.wait_for_function("document.getElementById('found').textContent === '没有找到。'")


def test_the_contents_show_where_the_reader_is(
    browser: Browser, tables: Tables, context_in: Any, tmp_path: Path
) -> None:
    write_report(tmp_path / "r.html", tables, context_in("en"))
    page = opened(browser, tmp_path / "r.html", 1280, reduced_motion="reduce")
    page.evaluate("document.getElementById('limits').scrollIntoView()")
    page.wait_for_function(
        "document.querySelector('.contents a[aria-current]')?.closest('.contents > ol > li')"
        "?.querySelector('a').hash === '#limits'"
    )


def test_a_link_to_a_folded_table_unfolds_it(
    browser: Browser, tables: Tables, context_in: Any, tmp_path: Path
) -> None:
    write_report(tmp_path / "r.html", tables, context_in("zh"))
    page = browser.new_page()
    page.goto((tmp_path / "r.html").as_uri())
    anchor = page.evaluate("document.querySelector('article.folded').id")
    page.goto((tmp_path / "r.html").as_uri() + f"#{anchor}")
    assert page.evaluate("id => document.getElementById(id).querySelector('details').open", anchor)


def test_dark_on_the_screen_and_light_on_paper(
    browser: Browser, tables: Tables, context_in: Any, tmp_path: Path
) -> None:
    write_report(tmp_path / "r.html", tables, context_in("zh"))
    page = opened(browser, tmp_path / "r.html", 800, color_scheme="dark")
    paper = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(paper) == "rgb(23, 24, 27)"
    page.emulate_media(media="print")
    assert page.evaluate(paper) == "rgb(255, 255, 255)"


def test_no_table_is_cut_on_paper(browser: Browser, tables: Tables, context_in: Any, tmp_path: Path) -> None:
    write_report(tmp_path / "r.html", tables, context_in("zh"))
    # A4 less its margins at 96 dots an inch: upright, and lying for broad tables.
    page = opened(browser, tmp_path / "r.html", 688)
    page.emulate_media(media="print")
    wide = page.evaluate(
        "Array.from(document.querySelectorAll('article.table:not(.broad):not(.folded) table'))"
        ".filter(table => table.scrollWidth > 688).map(table => table.caption.textContent)"
    )
    page.set_viewport_size({"width": 1031, "height": 700})
    lying = page.evaluate(
        "Array.from(document.querySelectorAll('article.broad:not(.folded) table'))"
        ".filter(table => table.scrollWidth > 1031).map(table => table.caption.textContent)"
    )
    assert (wide, lying) == ([], [])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_is_left_of_the_other_language(demo_study: Path, language: str) -> None:
    study = open_study(demo_study)
    found = StoredTables(demo_study / "results" / "tables")
    text = page_text(render(found, context_of(study, language), (), facts_of(study)))
    if language == "en":
        # Names of schools and of files are what they are.
        lines = [line for line in text if re.search(r"[\u4e00-\u9fff]", line)]
        assert [
            line
            for line in lines
            if not re.search(r"[县镇乡村].*(?:校|学|区)|小学|中学|学校|\.(?:csv|xlsx)$", line)
        ] == []
        return
    # Symbols, abbreviations, names of methods and of authors are written in Latin letters in Chinese too.
    assert [
        line for line in text if re.search(r"\b(?:the|of|and|is|are|was|with|from|by|no|not)\b", line)
    ] == []


def page_text(html: str) -> list[str]:
    """Return what a reader sees of a page, one entry an element; the reference list left out."""
    unread = r'<(script|style)\b.*?</\1>|<ul class="references".*?</ul>'
    body = re.sub(unread, " ", html, flags=re.DOTALL)
    body = body[body.index("<body") :]
    return [line.strip() for line in re.sub(r"<[^>]+>", "\n", body).split("\n") if line.strip()]
