"""Robustness in the appendix and the report: what R finds under each choice is what is printed."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from manyi_outputs.appendix.careless import careless
from manyi_outputs.appendix.robustness import all_choices, robustness
from manyi_outputs.appendix.table import Table
from manyi_outputs.report.page import render
from manyi_outputs.spss import RoleAnswers
from manyi_outputs.spss.variables import variables

REFERENCE = Path(__file__).parents[1] / "reference" / "careless"
R = json.loads((REFERENCE / "sensitivity.json").read_text(encoding="utf-8"))
VARIANTS = {
    "planned": ("planned", ""),
    "added_c": ("added", "longstring"),
    "left_out_a": ("left_out", "too_fast"),
    "left_out_b": ("left_out", "duplicate"),
    "none": ("none", ""),
}
HIDDEN = "sensitivity-small: minimum=10"


def row(name: str, statistic: str, outcome: str, term: str, told: dict[str, float]) -> dict[str, Any]:
    kind, rule = VARIANTS[name]
    return {
        "role": "adults", "variant": kind, "rule": rule, "kept": told["n"] + 100, "statistic": statistic,
        "outcome": outcome, "term": term, "n": told["n"], "value": told["value"], "low": told["low"],
        "high": told["high"], "reason": "",
    }  # fmt: skip


@pytest.fixture
def sensitivity() -> pd.DataFrame:
    rows = []
    for name in VARIANTS:
        rows.append(row(name, "alpha", "A", "", R["alpha"][name]))
        rows.append(row(name, "index", "A", "", R["index"][name]))
        rows += [
            row(name, "coefficient", "A", term, R["coefficient"][name][term])
            for term in ("stratio", "expenditure")
        ]
    frame = pd.DataFrame(rows)
    planned = frame[frame["variant"] == "planned"].set_index(["statistic", "term"])["value"]
    keys = pd.MultiIndex.from_frame(frame[["statistic", "term"]])
    return frame.assign(difference=frame["value"] - planned.loc[keys].to_numpy())


def found(sensitivity: pd.DataFrame, context_in: Any, number: int = 0) -> Table:
    return robustness({"sensitivity": sensitivity}, context_in("en"))[number]


def line(table: Table, name: str) -> list[Any]:
    return next([cell.value for cell in row.cells] for row in table.rows if row.cells[0].value == name)


def test_largest_change_of_alpha(sensitivity: pd.DataFrame, context_in: Any) -> None:
    expected = R["alpha"]["none"]["value"] - R["alpha"]["planned"]["value"]
    assert line(found(sensitivity, context_in), "Nobody excluded")[2] == pytest.approx(expected)


def test_largest_change_of_a_coefficient_is_in_half_intervals(
    sensitivity: pd.DataFrame, context_in: Any
) -> None:
    def share(term: str) -> float:
        plan, other = R["coefficient"]["planned"][term], R["coefficient"]["none"][term]
        return abs(other["value"] - plan["value"]) / ((plan["high"] - plan["low"]) / 2)

    shown = line(found(sensitivity, context_in), "Nobody excluded")
    assert shown[6] == pytest.approx(max(share("stratio"), share("expenditure")))


def test_coefficients_whose_significance_changes(sensitivity: pd.DataFrame, context_in: Any) -> None:
    def apart(name: str, term: str) -> bool:
        limits = R["coefficient"][name][term]
        return limits["low"] > 0 or limits["high"] < 0

    expected = {
        name: sum(apart(name, term) != apart("planned", term) for term in ("stratio", "expenditure"))
        for name in VARIANTS
    }
    table = found(sensitivity, context_in)
    assert line(table, "Nobody excluded")[8] == expected["none"]
    assert line(table, "Not excluded: Answered too fast")[8] == expected["left_out_a"]
    assert max(expected.values()) > 0


def test_range_over_the_choices(sensitivity: pd.DataFrame, context_in: Any) -> None:
    values = [R["alpha"][name]["value"] for name in VARIANTS]
    shown = line(found(sensitivity, context_in, 1), "agree")
    assert shown[1:6] == pytest.approx(
        [*(R["alpha"]["planned"][key] for key in ("value", "low", "high")), min(values), max(values)]
    )
    assert shown[6] == "Also excluded: Long run of one answer"


def test_a_hidden_choice_is_a_dash_with_its_reason(sensitivity: pd.DataFrame, context_in: Any) -> None:
    at = (sensitivity["rule"] == "duplicate") & (sensitivity["statistic"] == "alpha")
    sensitivity.loc[at, ["value", "low", "high", "difference"]] = np.nan
    sensitivity.loc[at, "reason"] = HIDDEN
    table = found(sensitivity, context_in)
    name = next(row for row in table.rows if row.cells[0].value == "Not excluded: Duplicate")
    assert (name.cells[2].value, name.cells[2].note) == (None, "a")
    assert "fewer than 10 answers" in table.specific[0][1]


def test_a_study_without_rules_has_no_such_table(sensitivity: pd.DataFrame, context_in: Any) -> None:
    planned = sensitivity[sensitivity["variant"] == "planned"]
    assert robustness({"sensitivity": planned}, context_in("en")) == []
    assert all_choices({}) == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_report_says_it(sensitivity: pd.DataFrame, tables: Any, context_in: Any, language: str) -> None:
    page = render({**tables, "sensitivity": sensitivity}, context_in(language))
    words = context_in(language).words
    chapter = page[page.index('id="robustness"') : page.index('id="limits"')]
    assert words("report.robustness") in chapter
    largest = max(abs(R["alpha"][name]["value"] - R["alpha"]["planned"]["value"]) for name in VARIANTS)
    assert f"{largest:.3f}".lstrip("0") in chapter


INDICES = pd.DataFrame(
    {
        "role": ["adults", "adults"],
        "index": ["longstring", "seconds"],
        "n": [2800, 0],
        **{key: [3.0, np.nan] for key in ("p01", "p05", "p50", "p95", "p99")},
        "rule": ["longstring", ""],
        "cut_low": [np.nan, np.nan],
        "cut_high": [12.0, np.nan],
        "flagged": pd.array([11, None], dtype="Int64"),
        "reason": ["", "index-without-data: needs=seconds"],
    }
)


def test_indices_and_their_cut(context_in: Any) -> None:
    table = careless({"careless_indices": INDICES}, context_in("en"))[0]
    assert line(table, "Longest run of one answer (items)")[1:] == [2800, 3, 3, 3, 3, 3, None, 12, 11]


def test_an_index_without_data_says_why(context_in: Any) -> None:
    table = careless({"careless_indices": INDICES}, context_in("en"))[0]
    assert "There is no seconds" in table.specific[0][1]


def test_indices_have_labels_in_spss(bfi_answers: RoleAnswers) -> None:
    scored = bfi_answers.scored.assign(index_irv=1.0)
    answers = RoleAnswers("adults", bfi_answers.questionnaire, bfi_answers.coded, scored)
    found = {variable.column: variable for variable in variables(answers, "en")}
    label, measure = found["index_irv"].label, found["index_irv"].measure
    assert (label, measure) == ("Index: Intra-individual variability (SD)", "scale")
