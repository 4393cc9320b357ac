"""The numbers of the report's findings: each stands in a result table, is counted there, or is set."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from manyi.stages.report_facts import facts_of
from manyi.stages.writing import context_of
from manyi.study.folder import open_study
from manyi.tracing.account import TracedNumber
from manyi.tracing.findings import NotedText, noted_findings, numbers_of_finding
from manyi_outputs.appendix import appendix
from manyi_outputs.report.finding import Finding
from manyi_outputs.tidy import StoredTables

Traced = list[tuple[Finding, TracedNumber]]


@pytest.fixture(scope="module")
def tables(demo_study: Path) -> StoredTables:
    return StoredTables(demo_study / "results" / "tables")


@pytest.fixture(scope="module")
def traced(demo_study: Path, tables: StoredTables) -> Traced:
    study = open_study(demo_study)
    context = context_of(study, "zh")
    findings = noted_findings(tables, context, facts_of(study), appendix(tables, context))
    found = [(each, number) for each in findings for number in numbers_of_finding(each, tables)]
    assert len(found) > 800
    return found


@pytest.fixture(scope="module")
def value_at(tables: StoredTables) -> Callable[..., Any]:
    return lambda place: tables.rows(place.table)[place.row - 1][place.column]


def _given(value: object) -> bool:
    return value is not None and value is not pd.NA and value == value and value != ""


# --- where they are from -----------------------------------------------------------------------------------


def test_every_number_names_its_places_or_where_it_is_set(traced: Traced) -> None:
    assert [(each.lead, number) for each, number in traced if not (number.places or number.stated)] == []


def test_places_are_in_the_tables_that_the_finding_names(traced: Traced) -> None:
    outside = {
        (each.lead[:40], place.table)
        for each, number in traced
        for place in number.places
        if each.sources and place.table not in each.sources
    }
    assert outside == set()


def test_a_number_that_is_said_as_it_is_stands_there_unrounded(
    traced: Traced, value_at: Callable[..., Any]
) -> None:
    unlike = [
        number
        for _, number in traced
        if number.places and not number.calculation
        if len(number.places) != 1 or float(value_at(number.places[0])) != number.value
    ]
    assert unlike == []


def _below(values: list[Any]) -> int:
    return sum(_given(value) and value < 0.05 for value in values)


def _pairs(values: list[Any]) -> list[tuple[Any, Any]]:
    return list(zip(values[::2], values[1::2], strict=True))


def _all_given(values: list[Any]) -> int:
    return sum(map(_given, values))


#: Every calculation of the findings, done again on the values it names.
AGAIN: dict[str, Callable[[list[Any]], float]] = {
    **dict.fromkeys(
        (f"count({name})" for name in ("p", "b", "alpha", "r", "value", "item", "scale", "term")), _all_given
    ),
    "count(p_adjusted)": _all_given,
    "count(no value)": lambda values: len(values) - _all_given(values),
    "count(p < 0.05)": _below,
    "count(p ≥ 0.05)": lambda values: _all_given(values) - _below(values),
    "count(p < 0.05) where change > 0": lambda values: sum(p < 0.05 and up > 0 for p, up in _pairs(values)),
    "count(p < 0.05) where change < 0": lambda values: sum(p < 0.05 and up < 0 for p, up in _pairs(values)),
    "count(different school)": lambda values: len(set(values)),
    "count(against_all = above)": lambda values: values.count("above"),
    "count(against_all = below)": lambda values: values.count("below"),
    "count(level = school)": lambda values: values.count("school"),
    "count(level = county)": lambda values: values.count("county"),
    "count(chosen = True)": lambda values: sum(value is True for value in values),
    "count(variant ≠ planned)": lambda values: len({pair for pair in _pairs(values) if pair[0] != "planned"}),
    "count(different indicator, bound, stage)": lambda values: len(
        set(zip(values[::3], values[1::3], values[2::3], strict=True))
    ),
    "count(value: low, high)": lambda values: _all_given(values) / 2,
    "count(0 not in [low, high])": lambda values: sum(a * b > 0 for a, b in _pairs(values)),
    "share ÷ 100": lambda values: values[0] / 100,
    **dict.fromkeys(("|net|", "|net_rate|", "|difference|"), lambda values: abs(values[0])),
}
#: Counts over rows that the finding's own rule picks: held against their number of places.
PICKED = ("count(scales of the items)", "count(term: 0 in [low, high] ≠ as planned)")


def test_every_calculation_gives_the_number_again(traced: Traced, value_at: Callable[..., Any]) -> None:
    unlike = []
    for each, number in traced:
        if not number.calculation:
            continue
        values = [value_at(place) for place in number.places]
        if number.calculation in PICKED:
            right = 0 <= number.value <= len(values)
        else:
            right = number.calculation in AGAIN and AGAIN[number.calculation](values) == pytest.approx(
                number.value, rel=1e-12
            )
        if not right:
            unlike.append((each.lead[:40], number.calculation, number.value, len(values)))
    assert unlike == []


def test_a_count_of_scales_is_that_of_the_plan(traced: Traced, demo_study: Path) -> None:
    counts = [number for _, number in traced if number.calculation == "count(scales of the items)"]
    plan = open_study(demo_study).definition.analysis.factors
    assert [number.value for number in counts] == [len(entry.scales or ()) for entry in plan.values()] != []


def test_the_confidence_level_is_of_the_plan(traced: Traced, demo_study: Path) -> None:
    levels = {number.value: number.stated for _, number in traced if number.heading == "level"}
    plan = open_study(demo_study).definition.analysis.confidence
    assert levels == {plan * 100: "plan analysis.confidence"}


def test_the_seed_is_of_the_plan(traced: Traced) -> None:
    assert [number.stated for _, number in traced if number.value == 20170519] == ["plan analysis.seed"]


def test_a_limit_of_significance_in_the_words_is_of_the_report(traced: Traced) -> None:
    limits = {(number.printed, number.value) for _, number in traced if number.stated == "report"}
    assert limits == {("0.05", 0.05)}


def test_guides_name_their_work(traced: Traced) -> None:
    works = {number.stated: number.value for _, number in traced if number.stated.startswith("work hen")}
    assert works == {"work henseler2015": 0.85}


def test_two_numbers_of_one_look_keep_their_own_places(traced: Traced) -> None:
    told = [(each, number) for each, number in traced if each.lead.startswith("家长按城乡")]
    counts = [number for _, number in told if number.heading in ("found", "naive")]
    columns = {(number.heading, number.places[0].column) for number in counts}
    assert columns == {("found", "p_clustered_adjusted"), ("naive", "p_adjusted")}


# --- texts that remember -----------------------------------------------------------------------------------


@pytest.fixture
def noted(traced: Traced) -> NotedText:
    lead = next(each.lead for each, _ in traced if isinstance(each.lead, NotedText) and each.lead.numbers)
    return NotedText("B", lead.numbers[:1])


@pytest.mark.parametrize(
    "joined",
    [
        lambda text: text + "A",
        lambda text: "A" + text,
        lambda text: NotedText("、").join(["A", text]),
    ],
)
def test_joining_keeps_the_numbers(noted: NotedText, joined: Callable[[NotedText], Any]) -> None:
    assert joined(noted).numbers == noted.numbers


def test_a_noted_text_is_the_text(noted: NotedText) -> None:
    assert (noted, "A" + noted, NotedText("-").join([noted, "C"])) == ("B", "AB", "B-C")


# --- the command -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "words"), [("zh", "分析计划：study.yaml 的 analysis.confidence"), ("en", "of study.yaml")]
)
def test_the_command_says_what_is_of_the_plan(run_manyi, demo_study: Path, language: str, words: str) -> None:
    done = run_manyi("trace", "发现 6", "--lang", language, cwd=demo_study)
    assert (done.code, words in done.out) == (0, True), done.err
