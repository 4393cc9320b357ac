"""``manyi report`` and what a run ends with on the terminal, zh and en, on a small study."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from manyi.cli.summary import columns, width
from manyi_outputs.context import Context
from manyi_outputs.report.summary import RoleSummary, summary_rows


@pytest.fixture(scope="module")
def own_town(town: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the small study that these tests may change."""
    folder = tmp_path_factory.mktemp("own") / "小 镇"
    shutil.copytree(town, folder)
    return folder


def test_a_report_that_stands_is_not_made_again(run_manyi: Callable[..., Any], own_town: Path) -> None:
    path = own_town / "results" / "report.html"
    before = path.stat().st_mtime_ns
    done = run_manyi("report", own_town, "--json")
    assert (done.code, done.json["made"], done.json["report"]) == (0, False, str(path))
    assert path.stat().st_mtime_ns == before


def test_a_report_deleted_is_made_again(run_manyi: Callable[..., Any], own_town: Path) -> None:
    path = own_town / "results" / "report.html"
    text = path.read_bytes()
    path.unlink()
    done = run_manyi("report", own_town, "--json")
    assert (done.code, done.json["made"]) == (0, True)
    assert path.read_bytes() == text


@pytest.mark.parametrize(("language", "said"), [("zh", "没有浏览器"), ("en", "No browser here")])
def test_without_a_browser_the_path_is_said(
    run_manyi: Callable[..., Any], own_town: Path, language: str, said: str
) -> None:
    # A browser that cannot be started, which is what a machine without one looks like to Python.
    done = run_manyi("report", own_town, "--open", MANYI_LANG=language, BROWSER="/nowhere/browser", PATH="")
    assert done.code == 0, done.err
    assert str(own_town / "results" / "report.html") in done.out
    assert said in done.out


def test_the_browser_is_given_the_file(run_manyi: Callable[..., Any], own_town: Path, tmp_path: Path) -> None:
    browser, opened = tmp_path / "browser", tmp_path / "opened"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > "{opened}"\n', encoding="utf-8")
    browser.chmod(0o755)
    done = run_manyi("report", own_town, "--open", "--json", BROWSER=f"{browser} %s")
    assert done.json["opened"] is True
    assert opened.read_text(encoding="utf-8") == (own_town / "results" / "report.html").resolve().as_uri()


def test_a_study_without_answers_has_no_report(
    run_manyi: Callable[..., Any],
    write_study: Callable[..., Path],
    scale_questionnaire: Callable[..., Any],
    tmp_path: Path,
) -> None:
    folder = write_study(tmp_path / "study", {"carers": scale_questionnaire({"A": ["a1", "a2"]})}, {})
    done = run_manyi("report", folder, "--json")
    assert (done.code, sorted(set(done.codes))) == (1, ["no-answers", "no-report"])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_run_ends_with_the_results_and_the_files(
    run_manyi: Callable[..., Any],
    own_town: Path,
    read_csv: Callable[[Path, str], pd.DataFrame],
    language: str,
) -> None:
    done = run_manyi("run", own_town, MANYI_LANG=language)
    end = done.out[done.out.index("Tiny study") :]
    returned = read_csv(own_town, "return").set_index("role")
    assert f"{returned.loc['carers', 'valid']}/{returned.loc['carers', 'received']}" in end
    alphas = read_csv(own_town, "reliability").query("role == 'carers' and group == 'all' and scale != 'all'")
    shown = [f"{value:.3f}" for value in (alphas["alpha"].min(), alphas["alpha"].max())]
    # Chinese keeps the zero before the point, APA leaves it out.
    low, high = shown if language == "zh" else [one.removeprefix("0") for one in shown]
    assert f"{low}–{high}" in end
    for name in ("report.html", "appendix.xlsx", "tables"):
        assert str(own_town / "results" / name) in end


def test_what_is_piped_has_no_colour(run_manyi: Callable[..., Any], own_town: Path) -> None:
    assert "\x1b" not in run_manyi("run", own_town, MANYI_LANG="zh").out


def test_json_holds_the_summary_unrounded(
    run_manyi: Callable[..., Any], own_town: Path, read_csv: Callable[[Path, str], pd.DataFrame]
) -> None:
    told = {one["role"]: one for one in run_manyi("run", own_town, "--json").json["summary"]}
    models = read_csv(own_town, "regression_models").query("role == 'carers' and block == 'school'")
    assert told["carers"]["delta_r2"] == pytest.approx(float(models["delta_r2"].iloc[0]), abs=1e-15)
    assert told["pupils"]["delta_r2"] is None


def test_columns_stand_under_each_other_in_chinese() -> None:
    lines = columns([("对象", "有效"), ("家长", "2812"), ("medium wide", "7")])
    starts = [width(re.split(r" {2,}", line)[0]) for line in lines]
    assert starts == [4, 4, 11]
    assert {
        width(line[: line.index(cell)]) for line, cell in zip(lines, ("有效", "2812", "7"), strict=True)
    } == {13}


def test_a_role_without_answers_is_a_row_of_dashes() -> None:
    nobody = RoleSummary("pupils", "学生", 0, 0)
    some = RoleSummary("parents", "家长", 10, 9, 0.7, 0.8, 71.25, 70.0, 72.5, "share_of_range")
    context = Context(title="t", language="zh", questionnaires={})
    assert summary_rows((some, nobody), context) == [
        ("对象", "有效/回收", "α", "满意度"),
        ("家长", "9/10", "0.700–0.800", "71.3 [70.0, 72.5]"),
        ("学生", "0/0", "—", "—"),
    ]
