"""Inequality between schools against laeken, survey, PySAL and tables worked out by hand."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manyi_analysis.equity import (
    Decomposition,
    Equity,
    GroupGap,
    Hollowing,
    Inequality,
    LorenzCurve,
    StaffFlows,
    atkinson,
    equity_table,
    gini,
    group_gap,
    hollowing,
    lorenz_curve,
    mcloone,
    range_ratio,
    staff_flows,
    theil,
    theil_decomposition,
)
from manyi_analysis.records.notcomputed import NotComputed
from manyi_analysis.resources import evaluate_schools, weighted_variation
from manyi_instruments.standards import load_standard

FOLDER = Path(__file__).parents[1] / "reference" / "equity"
R = json.loads((FOLDER / "inequality_r.json").read_text(encoding="utf-8"))
MEASURES = json.loads((FOLDER / "measures.json").read_text(encoding="utf-8"))
PYSAL = json.loads((FOLDER / "inequality_pysal.json").read_text(encoding="utf-8"))
SCHOOLS = pd.read_csv(FOLDER / "schools.csv", encoding="utf-8")
Compare = Callable[..., None]
TWELVE = "twelve schools"
VALUES = SCHOOLS["value"].to_numpy(float)
PUPILS = SCHOOLS["pupils"].to_numpy(float)
GROUPS = SCHOOLS["group"].astype("object").to_numpy()
WORKED = json.loads((FOLDER.parent / "resources_worked_examples.json").read_text(encoding="utf-8"))[
    "cv_books"
]


def number(result: Inequality | NotComputed) -> float:
    assert isinstance(result, Inequality)
    return result.value


def test_gini_of_laeken(compare: Compare) -> None:
    compare("equity.gini", f"laeken: {TWELVE}", number(gini(VALUES, PUPILS)), R["gini"])


def test_gini_of_pysal_one_row_a_pupil(compare: Compare) -> None:
    compare("equity.gini", f"pysal: {TWELVE}, one row a pupil", number(gini(VALUES, PUPILS)), PYSAL["gini"])


def test_theil_of_pysal(compare: Compare) -> None:
    compare("equity.theil", f"pysal: {TWELVE}", number(theil(VALUES, PUPILS)), PYSAL["theil_t"], "T")


@pytest.mark.parametrize("aversion", [0.5, 1.0, 2.0])
def test_atkinson_of_pysal(aversion: float, compare: Compare) -> None:
    ours, theirs = number(atkinson(VALUES, PUPILS, aversion)), PYSAL["atkinson"][str(aversion)]
    compare("equity.atkinson", f"pysal: {TWELVE}", ours, theirs)


def test_mean_logarithmic_deviation_of_r(compare: Compare) -> None:
    ours = number(theil(VALUES, PUPILS, "L"))
    compare("equity.theil", f"r: {TWELVE}, one row a pupil", ours, MEASURES["theil_l"], "L")


def test_coefficient_of_variation_of_the_worked_example(compare: Compare) -> None:
    pupils, books = np.array(WORKED["pupils"], float), np.array(WORKED["books"], float)
    ours = weighted_variation(books / pupils, pupils).to_frame()["cv"].item()
    printed = {"tolerance": 5e-4, "scale": "", "because": "three decimals"}
    compare("resources.cv", "standard: books", ours, 0.515, **printed)


def parts(index: str = "T") -> Decomposition:
    result = theil_decomposition(VALUES, PUPILS, GROUPS, index)  # type: ignore[arg-type]
    assert isinstance(result, Decomposition)
    return result


@pytest.mark.parametrize("part", ["between", "within"])
def test_parts_of_theil_of_pysal(part: str, compare: Compare) -> None:
    compare("equity.parts", f"pysal: {TWELVE}", getattr(parts(), part), PYSAL[part])


@pytest.mark.parametrize("index", ["T", "L"])
def test_parts_add_up_to_the_index(index: str) -> None:
    whole = number(theil(VALUES, PUPILS, index))  # type: ignore[arg-type]
    assert parts(index).total == pytest.approx(whole, rel=1e-12)


def test_contributions_of_groups_add_up_to_within() -> None:
    assert parts("L").groups["contribution"].sum() == pytest.approx(parts("L").within, rel=1e-12)


def test_equal_groups_leave_nothing_between() -> None:
    result = theil_decomposition(
        np.array([1.0, 3, 1, 3]), np.ones(4), np.array(["a", "a", "b", "b"], dtype=object)
    )
    assert isinstance(result, Decomposition)
    assert result.between == pytest.approx(0, abs=1e-15)


# Six schools of 100 pupils with 1, 2, 3, 4, 6, 10: median 3.5; below it 1 + 2 + 3 of 3 * 3.5.
SIX = np.array([1.0, 2, 3, 4, 6, 10])


def test_mcloone_by_hand() -> None:
    assert number(mcloone(SIX, np.full(6, 100.0))) == pytest.approx(6 / 10.5)


def test_mcloone_counts_pupils() -> None:
    # 500 pupils at 2, 100 at 8: the median pupil has 2, and so has everyone below.
    assert number(mcloone(np.array([2.0, 8.0]), np.array([500.0, 100.0]))) == 1


def test_mcloone_of_r(compare: Compare) -> None:
    ours = number(mcloone(VALUES, PUPILS))
    compare("equity.mcloone", f"r: {TWELVE}, one row a pupil", ours, MEASURES["mcloone"])


@pytest.mark.parametrize(
    ("shares", "name"), [((0.05, 0.95), "range_ratio"), ((0.0, 1.0), "largest_over_smallest")]
)
def test_range_ratio_of_r(shares: tuple[float, float], name: str, compare: Compare) -> None:
    ours = number(range_ratio(VALUES, PUPILS, *shares))
    compare("equity.range", f"r: {TWELVE}, one row a pupil", ours, MEASURES[name])


def test_range_ratio_by_hand() -> None:
    assert number(range_ratio(SIX, np.full(6, 100.0), 0, 1)) == 10


def test_range_ratio_leaves_out_the_extreme_pupils() -> None:
    # 2 per cent of pupils have 1 and 2 per cent have 50.
    values, pupils = np.array([1.0, 4, 8, 50]), np.array([2.0, 48, 48, 2])
    assert number(range_ratio(values, pupils)) == 2


def curve() -> LorenzCurve:
    result = lorenz_curve(VALUES, PUPILS)
    assert isinstance(result, LorenzCurve)
    return result


def test_lorenz_curve_of_r(compare: Compare) -> None:
    compare("equity.lorenz", f"r: {TWELVE}, one row a pupil", curve().resource, MEASURES["lorenz"])


def test_area_under_the_lorenz_curve_gives_gini(compare: Compare) -> None:
    points = curve()
    area = np.trapezoid(points.resource, points.pupils)
    compare("equity.lorenz", f"laeken: {TWELVE}", 1 - 2 * area, R["gini"], "area")


def test_lorenz_curve_is_convex() -> None:
    points = curve()
    assert (np.diff(np.diff(points.resource) / np.diff(points.pupils)) >= -1e-12).all()


def gap(weights: np.ndarray) -> GroupGap:
    result = group_gap(VALUES, weights, GROUPS, "urban", "rural")
    assert isinstance(result, GroupGap)
    return result


@pytest.mark.parametrize("part", ["difference", "low", "high", "df"])
def test_gap_with_equal_weights_is_welchs(part: str, compare: Compare) -> None:
    ours = getattr(gap(np.ones(12)), part)
    compare("equity.gap", f"r: {TWELVE}, Welch's t-test", ours, R["welch"][part], "equal weights")


@pytest.mark.parametrize(("group", "name"), [("urban", "mean_first"), ("rural", "mean_second")])
def test_weighted_means_of_svyratio(group: str, name: str, compare: Compare) -> None:
    ours, theirs = getattr(gap(PUPILS), name), R["ratio"][group][0]
    compare("equity.gap", f"survey: {TWELVE}, svyratio", ours, theirs, "weighted means")


def test_interval_of_the_weighted_gap_from_svyratios_errors(compare: Compare) -> None:
    from scipy.stats import t

    found = gap(PUPILS)
    error = np.hypot(R["ratio"]["urban"][1], R["ratio"]["rural"][1])
    half = t.ppf(0.975, found.df) * error
    theirs = R["ratio"]["urban"][0] - R["ratio"]["rural"][0] + half * np.array([-1, 1])
    compare("equity.gap", f"survey: {TWELVE}, svyratio", [found.low, found.high], theirs, "weighted limits")


COUNTIES = st.lists(st.tuples(st.integers(1, 3000), st.floats(0.01, 50)), min_size=2, max_size=30)


@settings(deadline=None, max_examples=30)
@given(COUNTIES, st.floats(0.01, 1000))
def test_no_measure_depends_on_units(rows: list[tuple[int, float]], factor: float) -> None:
    pupils, values = np.array(rows, dtype=float).T
    for measure in (gini, theil, atkinson, mcloone, range_ratio):
        once, scaled = number(measure(values, pupils)), number(measure(values * factor, pupils))
        assert scaled == pytest.approx(once, rel=1e-6, abs=1e-9)


@settings(deadline=None, max_examples=30)
@given(COUNTIES)
def test_a_transfer_from_rich_to_poor_lowers_gini(rows: list[tuple[int, float]]) -> None:
    _, values = np.array(rows, dtype=float).T
    pupils = np.ones(len(values))
    spread = values.max() - values.min()
    moved = values.copy()
    moved[values.argmax()] -= spread / 4
    moved[values.argmin()] += spread / 4
    assert number(gini(moved, pupils)) <= number(gini(values, pupils)) + 1e-12


@pytest.mark.parametrize(
    ("measure", "values", "code"),
    [
        (gini, [1.0], "equity-too-few-schools"),
        (gini, [1.0, np.nan], "equity-too-few-schools"),
        (theil, [1.0, -2.0], "equity-negative-value"),
        (gini, [0.0, 0.0], "equity-nothing-to-share"),
        (range_ratio, [0.0, 5.0], "equity-zero-value"),
        (mcloone, [0.0, 0.0, 5.0], "equity-zero-value"),
    ],
)
def test_what_cannot_be_measured_says_why(measure: object, values: list[float], code: str) -> None:
    result = measure(np.array(values), np.ones(len(values)))  # type: ignore[operator]
    assert isinstance(result, NotComputed)
    assert result.code == code
    assert all("{" not in result.fault().message(language) for language in ("zh", "en"))


def test_a_school_with_nothing_makes_atkinson_one() -> None:
    assert number(atkinson(np.array([0.0, 5.0]), np.ones(2), 1.0)) == 1


def test_one_group_cannot_be_divided() -> None:
    result = theil_decomposition(SIX, np.ones(6), np.array(["a"] * 6, dtype=object))
    assert isinstance(result, NotComputed)
    assert result.code == "equity-one-group"


# 20 moves between kinds, 5 within rural, 2 from rural to a destination that is not told.
MOVES = pd.read_csv(FOLDER / "moves.csv", encoding="utf-8")
KINDS = ["rural", "town", "urban"]


@pytest.fixture
def flows() -> StaffFlows:
    result = staff_flows(MOVES, pd.Series({"rural": 400.0, "urban": 600.0, "town": 300.0}))
    assert isinstance(result, StaffFlows)
    return result


@pytest.mark.parametrize(
    ("column", "name"), [("net", "net"), ("net_rate", "rate"), ("effectiveness", "effectiveness")]
)
def test_who_gains_and_who_loses(flows: StaffFlows, column: str, name: str, compare: Compare) -> None:
    ours = flows.balance.set_index("kind").loc[KINDS, column]
    compare("flows.balance", "r: 25 moves", ours, MEASURES["flows"][name], column.replace("_", " "))


def test_share_siphoned(flows: StaffFlows, compare: Compare) -> None:
    compare("flows.balance", "r: 25 moves", flows.siphoned, MEASURES["flows"]["siphoned"], "share siphoned")


@pytest.mark.parametrize(
    ("column", "name"), [("moved", "moved"), ("share_of_origin", "share"), ("expected", "expected")]
)
def test_from_where_to_where(flows: StaffFlows, column: str, name: str, compare: Compare) -> None:
    table = flows.flows.pivot_table(index="origin", columns="destination", values=column)
    ours = table.loc[KINDS, KINDS]
    compare("flows.table", "r: 25 moves", ours, MEASURES["flows"][name], column.replace("_", " "))


def test_a_row_without_a_destination_is_counted(flows: StaffFlows) -> None:
    assert (flows.n, flows.missing) == (25, 1)


def test_nobody_moved() -> None:
    result = staff_flows(MOVES.iloc[4:5])
    assert isinstance(result, NotComputed)
    assert result.code == "equity-nobody-moved"


BEFORE = pd.read_csv(FOLDER / "year_before.csv", encoding="utf-8")
AFTER = pd.read_csv(FOLDER / "year_after.csv", encoding="utf-8")


@pytest.fixture
def change() -> pd.DataFrame:
    result = hollowing(BEFORE, AFTER, "area")
    assert isinstance(result, Hollowing)
    assert result.missing == 1
    return result.to_frame().set_index("kind")


@pytest.mark.parametrize("kind", ["rural", "urban", "all"])
def test_enrolment_of_two_years(change: pd.DataFrame, kind: str, compare: Compare) -> None:
    theirs = MEASURES["enrolment"][kind]
    compare("hollowing", "r: five schools", change.loc[kind, list(theirs)], list(theirs.values()), kind)


def test_a_year_without_schools() -> None:
    result = hollowing(BEFORE.iloc[:0], AFTER, "area")
    assert isinstance(result, NotComputed)
    assert result.code == "equity-year-without-schools"


@pytest.fixture(scope="module")
def table() -> Equity:
    schools = pd.DataFrame(
        {
            "school": SCHOOLS["school"], "stage": "primary", "run_type": "primary_school",
            "pupils": PUPILS, "equip": PUPILS * VALUES, "urban_rural": SCHOOLS["group"],
        }
    )  # fmt: skip
    evaluation = evaluate_schools(schools, load_standard("national-2017"))
    return equity_table(
        evaluation.indicators, evaluation.schools, ["urban_rural"], [("urban_rural", "urban", "rural")]
    )


def line(table: Equity, indicator: str, measure: str, component: str = "value") -> pd.Series:
    return (
        table.to_frame().set_index(["indicator", "measure", "component"]).loc[(indicator, measure, component)]
    )


def test_the_table_holds_gini(table: Equity, compare: Compare) -> None:
    compare("equity.table", f"laeken: {TWELVE}", line(table, "R6", "gini")["value"], R["gini"], "Gini")


def test_the_table_holds_what_lies_between(table: Equity, compare: Compare) -> None:
    found = line(table, "R6", "theil_t by urban_rural", "between")["value"]
    compare("equity.table", f"pysal: {TWELVE}", found, PYSAL["between"], "Theil's T between")


def test_the_table_says_why_a_measure_is_missing(table: Equity) -> None:
    assert line(table, "R1", "gini")["reason"] == "equity-too-few-schools: schools=0"


def test_the_table_has_the_columns_of_the_contract(table: Equity) -> None:
    assert {"stage", "indicator", "measure", "component", "value"} <= set(table.to_frame().columns)


def test_lorenz_points_of_the_table(table: Equity) -> None:
    points = table.lorenz.query("indicator == 'R6'")
    assert (len(points), points["resource"].iloc[-1]) == (13, pytest.approx(1))
