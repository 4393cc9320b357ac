"""The report of the example county before axe-core: no finding, light and dark, desk and phone."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from manyi.stages.report_facts import facts_of
from manyi.stages.writing import context_of
from manyi.study.folder import open_study
from manyi_outputs.report import report_drawings, write_report
from manyi_outputs.tidy import StoredTables

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: One function makes every table, and axe reads each of 40,000 cells: so many rows of each stay, and so many
#: tables of each chapter, all unfolded.
ROWS, TABLES = 4, 6


@pytest.mark.parametrize(("language", "width", "scheme"), [("zh", 390, "dark"), ("en", 1280, "light")])
def test_axe_finds_nothing_in_the_report(
    browser: Browser,
    node_modules: Path,
    demo_study: Path,
    tmp_path: Path,
    language: str,
    width: int,
    scheme: str,
) -> None:
    study = open_study(demo_study)
    tables, context = StoredTables(demo_study / "results" / "tables"), context_of(study, language)
    drawn = report_drawings(tables, context)[:4]
    write_report(tmp_path / "report.html", tables, context, drawn, facts_of(study))
    page = browser.new_page(viewport={"width": width, "height": 900}, reduced_motion="reduce")
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto((tmp_path / "report.html").as_uri())
    page.evaluate(
        """([rows, tables]) => {
            const rest = (query, n, from) => Array.from(from.querySelectorAll(query)).slice(n);
            for (const chapter of document.querySelectorAll("section.chapter"))
                rest("article.table", tables, chapter).forEach((article) => article.remove());
            for (const table of document.querySelectorAll("table"))
                rest("tbody tr", rows, table).forEach((row) => row.remove());
            for (const details of document.querySelectorAll("main details")) details.open = true;
        }""",
        [ROWS, TABLES],
    )
    page.evaluate((node_modules / "axe-core" / "axe.min.js").read_text(encoding="utf-8"))
    told = page.evaluate("(tags) => axe.run({runOnly: tags, resultTypes: ['violations']})", TAGS)
    page.close()
    assert [(one["id"], node["html"]) for one in told["violations"] for node in one["nodes"]] == []
