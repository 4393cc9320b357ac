"""Differences and correlations in the appendix and the report: what R finds of bfi is what is printed."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.correlations import (
    clustered_pearson,
    correlation_frame,
    school_means,
    spearman,
    within_schools,
)
from manyi_analysis.differences import answer_shares, differences, group_means
from manyi_analysis.records import GroupedMoments, NestedCounts, Tables
from manyi_outputs.appendix.correlations import correlations as correlation_tables
from manyi_outputs.appendix.differences import differences as difference_tables
from manyi_outputs.appendix.table import Cell, Table
from manyi_outputs.report.correlations import correlation_findings
from manyi_outputs.report.differences import difference_findings
from manyi_outputs.spss import RoleAnswers

REFERENCE = Path(__file__).parents[1] / "reference" / "differences"
R = json.loads((REFERENCE / "differences.json").read_text(encoding="utf-8"))
SCALES = ["A", "C", "N"]


def compared(answers: pd.DataFrame, wanted: list[tuple[str, str, Any]]) -> dict[str, pd.DataFrame]:
    """Return the result tables of outcomes by groups, as the pipeline writes them."""
    counted = [(NestedCounts.of(answers, outcome, by, "class"), kind) for outcome, by, kind in wanted]
    found = differences(counted, minimum=10, protect=True)
    means = [
        group_means(record.by_group(), 10, protect=True).to_frame().assign(by=record.by)
        for record, kind in counted
        if kind != "nominal"
    ]
    shares = [
        answer_shares(record.by_group(), 10, protect=True).to_frame().assign(by=record.by)
        for record, kind in counted
        if kind == "nominal"
    ]
    tables = {
        "differences": found.to_frame(),
        "pairwise_differences": found.pairwise_frame(),
        "group_means": pd.concat(means) if means else pd.DataFrame(),
        "group_answers": pd.concat(shares) if shares else pd.DataFrame(),
    }
    return {name: table.assign(role="adults") for name, table in tables.items() if len(table)}


@pytest.fixture(scope="module")
def answers(bfi_answers: RoleAnswers, bfi: pd.DataFrame) -> pd.DataFrame:
    """Return bfi scored, with its education, and classes that tell nothing about anybody."""
    frame = bfi_answers.scored.assign(gender=bfi["gender"], education=bfi["education"], age=bfi["age"])
    frame["N"] = bfi[[f"N{number}" for number in range(1, 6)]].mean(axis=1, skipna=False)
    return frame.assign(**{"class": np.arange(len(frame)) % 50})


@pytest.fixture(scope="module")
def complete(answers: pd.DataFrame) -> pd.DataFrame:
    return answers.dropna(subset=["N", "gender", "education"])


@pytest.fixture(scope="module")
def tables(complete: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return compared(
        complete,
        [("N", "gender", "scale"), ("N", "education", "scale"), ("N1", "education", "ordinal"),
         ("gender", "education", "nominal")],
    )  # fmt: skip


def shown(tables: dict[str, pd.DataFrame], context_in: Any, language: str = "en") -> dict[str, Table]:
    return {table.key: table for table in difference_tables(tables, context_in(language))}


def line(table: Table, number: int = 0) -> dict[str, Cell]:
    """Return a row's cells by heading, a repeated heading as its spanner and itself."""
    cells, row = {}, table.rows[number]
    for column, cell in zip(table.columns, row.cells, strict=True):
        name = f"{column.spanner}: {column.heading}" if column.spanner else column.heading
        cells[name] = cell
    return cells


# --- differences -------------------------------------------------------------------------------------------


def test_one_table_a_column_of_groups_and_kind(tables: dict[str, pd.DataFrame], context_in: Any) -> None:
    keys = list(shown(tables, context_in))
    assert keys == [
        "differences-adults-gender", "differences-adults-education", "group_answers-adults-education"
    ]  # fmt: skip


def test_welch_of_r_is_what_is_printed(tables: dict[str, pd.DataFrame], context_in: Any) -> None:
    cells = line(shown(tables, context_in)["differences-adults-gender"])
    reference = R["two"]["welch"]
    assert cells["Statistic"].value == pytest.approx(reference["statistic"], rel=1e-9)
    assert cells["df1"].value == pytest.approx(reference["df"], rel=1e-9)
    assert cells["Test (effect)"].value == "Welch's t (g)"


def test_means_of_the_groups_stand_below_each_other(
    tables: dict[str, pd.DataFrame], context_in: Any, complete: pd.DataFrame
) -> None:
    table = shown(tables, context_in)["differences-adults-gender"]
    means = complete.groupby("gender")["N"].mean().tolist()
    assert [line(table, number)["M"].value for number in (0, 1)] == pytest.approx(means)
    assert [line(table, number)["Sex"].value for number in (0, 1)] == ["male", "female"]


def test_stars_follow_the_adjusted_p(tables: dict[str, pd.DataFrame], context_in: Any) -> None:
    cells = line(shown(tables, context_in)["differences-adults-gender"])
    assert cells["p (adj.)"].value < 0.001
    assert cells["Statistic"].mark == "***"


def test_the_higher_group_is_named(tables: dict[str, pd.DataFrame], context_in: Any) -> None:
    cells = line(shown(tables, context_in)["differences-adults-gender"])
    assert cells["Groups that differ"].value == "female > male"


def test_the_clustered_test_stands_beside(tables: dict[str, pd.DataFrame], context_in: Any) -> None:
    cells = line(shown(tables, context_in)["differences-adults-gender"])
    row = tables["differences"].iloc[0]
    assert cells["Clustered by school: F"].value == row["f_clustered"]
    assert cells["Clustered by school: p (adj.)"].value == row["p_clustered_adjusted"]


def test_limits_of_two_groups_are_the_clustered_ones(
    tables: dict[str, pd.DataFrame], context_in: Any
) -> None:
    cells = line(shown(tables, context_in)["differences-adults-gender"])
    assert cells["Effect and 95% CI: LL"].value == tables["differences"].iloc[0]["low_clustered"]


def test_pairs_stand_only_where_all_groups_together_differ(
    tables: dict[str, pd.DataFrame], context_in: Any
) -> None:
    changed = {**tables, "differences": tables["differences"].assign(p_clustered_adjusted=0.06)}
    table = shown(changed, context_in)["differences-adults-education"]
    assert {row.cells[-1].value for row in table.rows} <= {"—", ""}


def test_the_rule_is_printed_below(tables: dict[str, pd.DataFrame], context_in: Any) -> None:
    notes = " ".join(shown(tables, context_in)["differences-adults-education"].notes)
    assert "Welch's t for two groups, Welch's ANOVA for more (pairs by Games-Howell)" in notes
    assert "Mann-Whitney U for two groups, Kruskal-Wallis H for more (pairs by Dunn)" in notes


def test_the_rule_is_printed_in_chinese(tables: dict[str, pd.DataFrame], context_in: Any) -> None:
    notes = "".join(shown(tables, context_in, "zh")["differences-adults-education"].notes)
    assert "两组用 Welch t 检验，多组用 Welch 方差分析（两两比较用 Games-Howell）" in notes


def test_a_hidden_group_is_a_dash_with_its_reason(complete: pd.DataFrame, context_in: Any) -> None:
    few = complete.assign(gender=np.where(np.arange(len(complete)) < 4, 3.0, complete["gender"]))
    table = shown(compared(few, [("N", "gender", "scale")]), context_in)["differences-adults-gender"]
    row = next(row for row in table.rows if row.cells[2].value == "3")
    assert row.cells[3].value is None
    assert dict(table.specific)[row.cells[3].note].endswith("single persons could be recognized.")


def test_answers_by_group_with_their_test(tables: dict[str, pd.DataFrame], context_in: Any) -> None:
    table = shown(tables, context_in)["group_answers-adults-education"]
    labels = [row.cells[0].value for row in table.rows]
    assert labels[:4] == ["Sex", "male", "female", "χ²"]
    chi2 = next(row for row in table.rows if row.cells[0].value == "χ²").cells[1].value
    assert chi2 == pytest.approx(R["tables"]["chi"]["statistic"], rel=1e-9)


def test_an_outcome_that_could_not_be_compared_says_why(complete: pd.DataFrame, context_in: Any) -> None:
    table = shown(compared(complete.assign(N=3.0), [("N", "gender", "scale")]), context_in)
    cells = line(table["differences-adults-gender"])
    assert cells["Statistic"].value is None
    assert "does not vary" in dict(table["differences-adults-gender"].specific)[cells["Statistic"].note]


# --- the report on differences -----------------------------------------------------------------------------


def test_a_difference_is_told_with_means_effect_and_direction(
    tables: dict[str, pd.DataFrame], context_in: Any
) -> None:
    finding = difference_findings(tables, context_in("en"))[0]
    assert finding.kind == "found"
    assert finding.lead.startswith("Adults, Sex: 1 of 1 outcomes differ significantly")
    male, female = R["two"]["welch"]["estimate"]
    assert f"male M = {male:.2f}, female M = {female:.2f}" in finding.rest[0]
    assert "p < .001, female > male" in finding.rest[0]


def test_a_null_is_told_as_a_null(complete: pd.DataFrame, context_in: Any) -> None:
    found = compared(complete.assign(gender=np.arange(len(complete)) % 2 + 1), [("N", "gender", "scale")])
    finding = difference_findings(found, context_in("en"))[0]
    assert finding.kind == "null"
    assert "no significant difference was found in any of 1 outcomes" in finding.lead


def test_what_naive_tests_would_claim_is_told(tables: dict[str, pd.DataFrame], context_in: Any) -> None:
    changed = {**tables, "differences": tables["differences"].assign(p_clustered_adjusted=0.5)}
    finding = difference_findings(changed, context_in("en"))[0]
    assert finding.rest[-1].endswith("1 would be significant instead of 0.")


def test_a_comparison_without_numbers_is_told(complete: pd.DataFrame, context_in: Any) -> None:
    found = compared(complete.assign(N=3.0), [("N", "gender", "scale")])
    assert difference_findings(found, context_in("en"))[0].kind == "unknown"


def test_without_differences_nothing_is_told(context_in: Any) -> None:
    assert difference_findings({}, context_in("en")) == ()


# --- correlations ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def correlated(answers: pd.DataFrame) -> dict[str, pd.DataFrame]:
    rows = answers.dropna(subset=SCALES)
    schools = GroupedMoments.of(rows, SCALES, "class")
    found = [
        *clustered_pearson(schools),
        *spearman(Tables.of(rows, SCALES)),
        *within_schools(schools),
        *school_means(schools),
    ]
    frame = correlation_frame(found).assign(role="adults", adjustment="holm", missing_rule="listwise")
    frame["family"] = frame["level"] + ": " + frame["method"]
    frame["p_adjusted"], frame["p_clustered_adjusted"] = frame["p"], frame["p_clustered"]
    moments = schools.overall()
    variables = pd.DataFrame(
        {
            "role": "adults", "variable": SCALES, "kind": "scale", "n": moments.n, "missing": 0,
            "missing_rule": "listwise", "mean": moments.mean, "sd": moments.sd,
        }
    )  # fmt: skip
    reliability = pd.DataFrame(
        {"role": "adults", "group": "all", "scale": SCALES, "alpha": [0.70, 0.73, 0.81], "reason": ""}
    )
    index = pd.DataFrame({"role": ["adults"], "index": ["A"], "group": ["all"]})
    return {
        "correlations": frame, "correlation_variables": variables, "reliability": reliability,
        "satisfaction": index,
    }  # fmt: skip


@pytest.fixture(scope="module")
def r(answers: pd.DataFrame) -> pd.DataFrame:
    return answers.dropna(subset=SCALES)[SCALES].corr()


def matrix(correlated: dict[str, pd.DataFrame], context_in: Any, key: str) -> Table:
    return next(
        each for each in correlation_tables(correlated, context_in("en")) if each.key == f"{key}-adults"
    )


def test_pearson_stands_below_the_diagonal(
    correlated: dict[str, pd.DataFrame], r: pd.DataFrame, context_in: Any
) -> None:
    cells = matrix(correlated, context_in, "correlations").rows[2].cells
    assert cells[3].value == pytest.approx(r.loc["N", "A"], rel=1e-10)
    assert cells[3].mark == "***"


def test_alpha_stands_on_the_diagonal(correlated: dict[str, pd.DataFrame], context_in: Any) -> None:
    rows = matrix(correlated, context_in, "correlations").rows
    assert [row.cells[3 + place].value for place, row in enumerate(rows)] == [0.70, 0.73, 0.81]


def test_spearman_stands_above_without_stars_where_schools_are_known(
    correlated: dict[str, pd.DataFrame], answers: pd.DataFrame, context_in: Any
) -> None:
    ranks = answers.dropna(subset=SCALES)[SCALES].corr(method="spearman")
    cell = matrix(correlated, context_in, "correlations").rows[0].cells[5]
    assert cell.value == pytest.approx(ranks.loc["A", "N"], rel=1e-10)
    assert cell.mark == ""


def test_mean_and_sd_stand_before(
    correlated: dict[str, pd.DataFrame], answers: pd.DataFrame, context_in: Any
) -> None:
    row = matrix(correlated, context_in, "correlations").rows[1]
    rows = answers.dropna(subset=SCALES)["C"]
    assert [cell.value for cell in row.cells[1:3]] == pytest.approx([rows.mean(), rows.std()])


def test_within_schools_below_and_between_above(
    correlated: dict[str, pd.DataFrame], answers: pd.DataFrame, context_in: Any
) -> None:
    rows = answers.dropna(subset=SCALES)
    means = rows.groupby("class")[SCALES].mean()
    centred = rows[SCALES] - rows.groupby("class")[SCALES].transform("mean")
    table = matrix(correlated, context_in, "correlation_levels")
    assert table.rows[1].cells[1].value == pytest.approx(centred["A"].corr(centred["C"]), rel=1e-9)
    assert table.rows[0].cells[2].value == pytest.approx(means["A"].corr(means["C"]), rel=1e-9)


def test_without_schools_there_is_one_matrix(correlated: dict[str, pd.DataFrame], context_in: Any) -> None:
    frame = correlated["correlations"]
    plain = {**correlated, "correlations": frame[frame["level"] == "respondent"]}
    assert [each.key for each in correlation_tables(plain, context_in("en"))] == ["correlations-adults"]


def test_a_pair_without_a_correlation_says_why(correlated: dict[str, pd.DataFrame], context_in: Any) -> None:
    frame = correlated["correlations"].copy()
    at = frame.index[(frame["a"] == "A") & (frame["b"] == "C") & (frame["method"] == "pearson")]
    frame.loc[at, ["r", "p", "p_adjusted", "p_clustered_adjusted"]] = np.nan
    frame.loc[at, "reason"] = "correlation-constant: a=A, b=C"
    table = matrix({**correlated, "correlations": frame}, context_in, "correlations")
    cell = table.rows[1].cells[3]
    assert cell.value is None
    assert "does not vary" in dict(table.specific)[cell.note]


def test_what_goes_with_satisfaction_is_told(
    correlated: dict[str, pd.DataFrame], r: pd.DataFrame, context_in: Any
) -> None:
    finding = correlation_findings(correlated, context_in("en"))[0]
    low, high = (
        f"{value:.3f}".replace("0.", ".").replace("-", "−") for value in sorted(r.loc["A", ["C", "N"]])
    )
    assert finding.lead.startswith("Adults: 2 of 2 variables correlate significantly with agree")
    assert f"r from {low} to {high}" in finding.lead


def test_no_cause_is_claimed(correlated: dict[str, pd.DataFrame], context_in: Any) -> None:
    last = correlation_findings(correlated, context_in("en"))[-1]
    assert "not cause" in last.beyond
