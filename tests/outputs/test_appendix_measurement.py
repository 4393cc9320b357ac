"""Tables of reliability, item analysis, common method variance and levels in the appendix."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from manyi_outputs.appendix.common_method import common_method
from manyi_outputs.appendix.items import items
from manyi_outputs.appendix.levels import levels
from manyi_outputs.appendix.reliability import reliability
from manyi_outputs.appendix.table import Table
from manyi_outputs.report.measurement import measurement_findings

UNIT = {"role": "adults", "group": "all", "scale": "agree"}


def cells(table: Table, name: str) -> list[Any]:
    """Return the cells of the first row of this name."""
    return next(list(row.cells) for row in table.rows if row.cells[0].value == name)


def headings(table: Table) -> list[str]:
    return [column.heading for column in table.columns]


@pytest.fixture
def scales() -> dict[str, pd.DataFrame]:
    alpha = {"k": 5, "n": 90, "missing": 10, "alpha": 0.7, "omega_total": 0.72, "mean_r": 0.33, "reason": ""}
    return {
        "reliability": pd.DataFrame([{**UNIT, **alpha}]),
        "omega": pd.DataFrame(
            [
                {
                    **UNIT,
                    "omega_h": np.nan,
                    "reason": "",
                    "reason_h": "few-items-for-group-factors: k=5, needed=9",
                    "remark": "heywood-case: items=A1",
                }
            ]
        ),
        "ordinal_reliability": pd.DataFrame([{**UNIT, "alpha_ordinal": 0.76, "reason": "", "remark": ""}]),
        "split_half": pd.DataFrame(
            [
                {**UNIT, "split": "odd-even", "r_halves": 0.6, "spearman_brown": 0.75, "reason": ""},
                {**UNIT, "split": "first-second", "r_halves": 0.5, "spearman_brown": 0.66, "reason": ""},
            ]
        ),
    }


def test_reliability_has_the_coefficients_of_the_tables_beside_it(scales: Any, context_in: Any) -> None:
    table = reliability(scales, context_in("en"))[0]
    found = dict(zip(headings(table), [cell.value for cell in cells(table, "agree")], strict=True))
    assert (found["Ordinal α"], found["Split-half"]) == (0.76, 0.75)


def test_omega_hierarchical_says_why_it_is_not_there(scales: Any, context_in: Any) -> None:
    table = reliability(scales, context_in("en"))[0]
    cell = cells(table, "agree")[headings(table).index("ωh")]
    assert cell.value is None
    assert "There are 5 items; the statistic needs 9." in dict(table.specific)[cell.note]


def test_a_heywood_case_is_said_below_the_table(scales: Any, context_in: Any) -> None:
    table = reliability(scales, context_in("en"))[0]
    name = cells(table, "agree")[0]
    assert "Heywood" in dict(table.specific)[name.note]


def test_reliability_alone_is_laid_out_as_before(scales: Any, context_in: Any) -> None:
    table = reliability({"reliability": scales["reliability"]}, context_in("en"))[0]
    assert "ωh" not in headings(table)


ITEM = {"role": "adults", "scale": "agree", "item": "A1", "reversed": True, "reason": "", "item_rest_r": 0.4}
EXTREMES = {
    "n_low": 30.0,
    "n_high": 31.0,
    "mean_low": 2.0,
    "mean_high": 5.0,
    "discrimination": 0.6,
    "cr": 9.5,
    "cr_df": 51.2,
    "cr_p": 0.0,
    "cr_reason": "",
}


def test_item_analysis_stands_beside_item_statistics(context_in: Any) -> None:
    made = items({"items": pd.DataFrame([{**ITEM, **EXTREMES}])}, context_in("en"))
    table = next(table for table in made if table.key == "item_analysis-adults")
    row = next(row for row in table.rows if row.kind == "body")
    assert [cell.value for cell in row.cells[2:]] == [30, 2, 31, 5, 0.6, 9.5, 51.2, 0, 0.4]


def test_overlapping_groups_are_a_reason(context_in: Any) -> None:
    lost = {**dict.fromkeys(EXTREMES, np.nan), "cr_reason": "extreme-groups-overlap: cut=25.0"}
    made = items({"items": pd.DataFrame([{**ITEM, **lost}])}, context_in("en"))
    table = next(table for table in made if table.key == "item_analysis-adults")
    assert "both cut at 25.0" in table.specific[0][1]


def test_items_outside_scales_have_no_item_analysis(context_in: Any) -> None:
    lost = {**dict.fromkeys(EXTREMES, np.nan), "cr_reason": "", "scale": ""}
    made = items({"items": pd.DataFrame([{**ITEM, **lost}])}, context_in("en"))
    assert not [table for table in made if table.key.startswith("item_analysis")]


LEVEL = {"role": "adults", "scale": "agree", "k": 4, "schools": 9, "reason": "", "remark": ""}


@pytest.fixture
def two_level() -> dict[str, pd.DataFrame]:
    within = {"level": "within", "alpha": 0.7, "omega_total": 0.71, "first_eigenvalue": 2.4}
    between = {
        "level": "between",
        "alpha": 1.02,
        "first_eigenvalue": 4.1,
        "smallest_eigenvalue": -0.04712345,
        "reason": "level-not-positive-definite: level=between, smallest=-0.04712345",
    }
    return {"two_level": pd.DataFrame([{**LEVEL, **within}, {**LEVEL, **between}])}


def test_levels_stand_side_by_side(two_level: Any, context_in: Any) -> None:
    table = levels(two_level, context_in("en"))[0]
    found = [cell.value for cell in cells(table, "agree")[3:]]
    assert found == [0.7, 0.71, pytest.approx(0.6), 1.02, None, pytest.approx(1.025), None]


def test_an_improper_level_is_grey_and_explained(two_level: Any, context_in: Any) -> None:
    table = levels(two_level, context_in("en"))[0]
    row = cells(table, "agree")
    assert (row[3].faint, row[6].faint) == (False, True)
    assert "not positive definite" in dict(table.specific)[row[7].note]


@pytest.fixture
def method() -> dict[str, pd.DataFrame]:
    rows = [
        {"method": "harman_component", "evidence": "weak", "share": 0.3},
        {"method": "method_factor", "evidence": "model", "share": 0.05, "p": 0.2},
    ]
    common = {"role": "adults", "k": 10, "n": 90, "reason": "", "remark": ""}
    return {"common_method": pd.DataFrame([{**common, **row} for row in rows])}


def test_harmans_test_has_no_cells_of_a_model(method: Any, context_in: Any) -> None:
    table = common_method(method, context_in("en"))[0]
    assert {cell.value for cell in cells(table, "Harman: first principal component")[4:]} == {""}


def test_the_note_calls_harmans_test_weak(method: Any, context_in: Any) -> None:
    assert "weak evidence" in common_method(method, context_in("en"))[0].notes[0]


def test_the_report_counts_the_scales_that_were_factored(method: Any, context_in: Any) -> None:
    factorability = {"role": "adults", "kmo": 0.8, "factors_parallel_fa": 1.0, "factors_map": 1.0}
    analysed = [{"role": "adults", "item": name, "kmo": 0.8} for name in ("A1_r", "A2", "C1")]
    tables = {
        **method,
        "factorability": pd.DataFrame([factorability]),
        "kmo_items": pd.DataFrame(analysed),
    }
    found, shared = measurement_findings(tables, context_in("en"))
    assert "1 factors, MAP 1; the questionnaire has 2 scales" in found.lead
    assert any("Fewer factors than scales" in sentence for sentence in found.rest)
    assert "30.0%" in shared.lead
    assert "5.0%" in shared.lead
