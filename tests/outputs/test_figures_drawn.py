"""What is drawn is what tables and published results say: paths, funnel limits, orders, shares."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from manyi_outputs.figures import Drawing, drawings
from manyi_outputs.figures.lettering import Lettering
from manyi_outputs.figures.likert import Answered, likert
from manyi_outputs.figures.panel import ticks
from manyi_outputs.figures.path_diagram import Paths
from manyi_outputs.figures.placing import _box, _meet, placed
from manyi_outputs.figures.returned import returned
from manyi_outputs.figures.thresholds import stacked

REFERENCE = Path(__file__).parents[1] / "reference"
Tables = dict[str, pd.DataFrame]


def only(tables: Tables, context: Any) -> Drawing:
    (drawing,) = drawings(tables, context)
    return drawing


def texts(drawing: Drawing) -> list[str]:
    return [
        line.text
        for artist in drawing.draw().artists
        if isinstance(artist, Lettering)
        for line in artist.lines
    ]


def artist(drawing: Drawing, name: str) -> Any:
    return next(each for each in drawing.draw().artists if each.get_gid() == name)


@pytest.fixture(scope="module")
def lavaan() -> dict[str, Any]:
    path = REFERENCE / "measurement" / "confirmatory.json"
    return json.loads(path.read_text(encoding="utf-8"))["cases"]["correlated"]


@pytest.fixture(scope="module")
def estimates(lavaan: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(lavaan["estimates"])


@pytest.fixture(scope="module")
def holzinger(lavaan: dict[str, Any], estimates: pd.DataFrame) -> Tables:
    """Return the tables of Holzinger and Swineford's nine tests as lavaan 0.6.14 estimates them."""
    model = {"role": "pupils", "model": "correlated", "estimator": "ML"}
    paths = estimates[estimates["op"] == "=~"]
    loadings = pd.DataFrame({"factor": paths["left"], "item": paths["right"], "std": paths["std"]})
    pairs = estimates[(estimates["op"] == "~~") & (estimates["left"] != estimates["right"])]
    between = pd.DataFrame({"a": pairs["left"], "b": pairs["right"], "r": pairs["std"]})
    names = {"chi2": "chisq", "df": "df", "cfi": "cfi", "rmsea": "rmsea", "srmr": "srmr"}
    fit = {ours: lavaan["fit"][theirs] for ours, theirs in names.items()}
    return {
        "cfa_loadings": loadings.assign(**model),
        "latent_correlations": between.assign(**model),
        "cfa_fit": pd.DataFrame([{**model, "n": lavaan["n"], **fit, "reason": ""}]),
    }


@pytest.fixture(scope="module")
def diagram(holzinger: Tables, context_in: Any) -> Drawing:
    return only(holzinger, context_in("zh"))


def two(values: pd.Series) -> list[str]:
    return sorted(f"{value:.2f}" for value in values)


def test_path_diagram_prints_lavaans_loadings(diagram: Drawing, estimates: pd.DataFrame) -> None:
    expected = two(estimates.loc[estimates["op"] == "=~", "std"])
    assert [one for one in expected if texts(diagram).count(one) < expected.count(one)] == []


def test_path_diagram_prints_lavaans_correlations(diagram: Drawing, estimates: pd.DataFrame) -> None:
    pairs = (estimates["op"] == "~~") & (estimates["left"] != estimates["right"])
    assert set(two(estimates.loc[pairs, "std"])) <= set(texts(diagram))


def test_residuals_are_lavaans_standardized_variances(holzinger: Tables, estimates: pd.DataFrame) -> None:
    frame = holzinger["cfa_loadings"]
    own = {(row.factor, row.item): row.std for row in frame.itertuples()}
    paths = Paths("pupils", "correlated", "ML", own, {}, {})
    theirs = estimates[(estimates["op"] == "~~") & estimates["left"].isin(frame["item"])]
    expected = dict(zip(theirs["left"], theirs["std"], strict=True))
    assert {item: paths.residual(item) for _, item in paths.items} == pytest.approx(expected, abs=1e-6)


def test_an_item_of_two_factors_has_no_residual_of_one() -> None:
    paths = Paths("a", "correlated", "ML", {("f", "x"): 0.6, ("g", "x"): 0.3}, {}, {})
    assert paths.residual("x") is None


def test_fit_stands_below_the_path_diagram(diagram: Drawing) -> None:
    # Rosseel (2012), table of the three-factor model: χ²(24) = 85.306, CFI .931, RMSEA .092, SRMR .065.
    said = "".join(texts(diagram))
    assert "χ²(24)＝85.31，CFI＝0.931，RMSEA＝0.092，SRMR＝0.065" in said


def test_arcs_are_as_many_as_correlations(diagram: Drawing) -> None:
    assert len(artist(diagram, "correlations").get_segments()) == 3


@pytest.fixture(scope="module")
def counties() -> Tables:
    """Return 30 units with the limits that R gives (tests/reference/change/funnel.R)."""
    theirs = json.loads((REFERENCE / "change" / "funnel.json").read_text(encoding="utf-8"))
    units = pd.read_csv(REFERENCE / "change" / "units.csv", encoding="utf-8")
    limits = pd.DataFrame(theirs["none"]["limits"], columns=["low_95", "high_95", "low_998", "high_998"])
    made = {"role": "adults", "level": "county", "index": "A", "definition": "share_of_range"}
    frame = pd.concat([units.rename(columns={"mean": "value"}), limits], axis=1)
    frame = frame.assign(**made, target=theirs["target"], n=100, reason="")
    far = (frame["value"] < frame["low_998"]) | (frame["value"] > frame["high_998"])
    return {"unit_comparison": frame.assign(place=np.where(far, "beyond_998", "inside"))}


def test_units_beyond_the_limits_have_their_own_mark(counties: Tables, context_in: Any) -> None:
    frame = counties["unit_comparison"]
    beyond = frame[frame["place"] == "beyond_998"]
    drawn = artist(only(counties, context_in("en")), "beyond").offsets
    assert drawn.tolist() == np.column_stack([1 / beyond["se"], beyond["value"]]).tolist()


def test_of_many_units_only_those_beyond_are_named(counties: Tables, context_in: Any) -> None:
    frame = counties["unit_comparison"]
    named = [text for text in texts(only(counties, context_in("en"))) if text in set(frame["unit"])]
    assert sorted(named) == sorted(frame.loc[frame["place"] == "beyond_998", "unit"])


def test_of_few_units_each_has_its_name(counties: Tables, context_in: Any) -> None:
    few = {"unit_comparison": counties["unit_comparison"].head(12)}
    assert set(few["unit_comparison"]["unit"]) <= set(texts(only(few, context_in("en"))))


def test_labels_do_not_meet() -> None:
    draws = np.random.default_rng(7).uniform(50, 250, (14, 2))
    names = [f"青禾县第{at}中学" for at in range(14)]
    found = placed([(float(x), float(y)) for x, y in draws], names, 7.5, (0, 0, 300, 300))
    boxes = [_box(one.x, one.y, one.text, 7.5, one.along) for one in found]
    assert not any(_meet(boxes[a], boxes[b]) for a in range(len(boxes)) for b in range(a))


def test_labels_stand_where_they_stood() -> None:
    points = [(50.0, 50.0), (52.0, 51.0), (48.0, 49.0)]
    field = (0.0, 0.0, 200.0, 100.0)
    assert placed(points, ["一", "二", "三"], 8, field) == placed(points, ["一", "二", "三"], 8, field)


# Wilkinson (2005), The Grammar of Graphics: nice numbers are 1, 2 and 5 times a power of ten.
@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 1, (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)),
        (0, 7.2, (0.0, 2.0, 4.0, 6.0)),
        (-12, 31, (-10.0, 0.0, 10.0, 20.0, 30.0)),
        (3.52, 3.98, (3.6, 3.7, 3.8, 3.9)),
        (0.0001, 0.00042, (0.0001, 0.0002, 0.0003, 0.0004)),
    ],
)
def test_ticks_are_round_numbers(low: float, high: float, expected: tuple[float, ...]) -> None:
    assert ticks(low, high) == pytest.approx(expected)


def answered(*shares: float, label: str = "题", unknown: int = 0) -> Answered:
    answers = tuple(f"答{at}" for at in range(len(shares)))
    return Answered("x", label, "量表", answers, np.array(shares), 200, unknown, unknown > 0)


@pytest.mark.parametrize(
    ("shares", "left"),
    [
        ((0.1, 0.2, 0.4, 0.2, 0.1), 0.5),
        ((0.3, 0.2, 0.25, 0.25), 0.5),
        ((0.0, 1.0, 0.0), 0.5),
        ((0.7, 0.3), 0.7),
    ],
)
def test_the_middle_answer_is_split(shares: tuple[float, ...], left: float) -> None:
    assert answered(*shares).left == pytest.approx(left)


def test_bars_of_an_answer_begin_where_the_answer_below_ends(context_in: Any) -> None:
    figure = likert([answered(0.1, 0.2, 0.4, 0.2, 0.1)], context_in("zh"))
    found = {each.get_gid(): each for each in figure.artists if (each.get_gid() or "").startswith("answer-")}
    ends = [np.unique(each.get_path().vertices[:4, 0]).tolist() for each in found.values()]
    assert np.allclose(ends, [(-0.5, -0.4), (-0.4, -0.2), (-0.2, 0.2), (0.2, 0.4), (0.4, 0.5)])


def test_dont_know_is_counted_apart(context_in: Any) -> None:
    figure = likert([answered(0.5, 0.1, 0.4, unknown=37)], context_in("zh"))
    lettering = next(each for each in figure.artists if isinstance(each, Lettering))
    assert [line.text for line in lettering.lines].count("37") == 1


@pytest.fixture(scope="module")
def schools() -> Tables:
    names = [f"{at:04d}" for at in range(1, 7)]
    frame = pd.DataFrame(
        {
            "role": "adults",
            "school": names,
            "index": "A",
            "definition": "share_of_range",
            "n": [40, 30, np.nan, 50, 20, 60],
            "value": [70.0, 55.0, np.nan, 82.0, 64.0, 75.0],
            "shrunken": [69.5, 57.0, np.nan, 81.0, 65.0, 74.0],
            "low": [65.0, 48.0, np.nan, 77.0, 55.0, 70.0],
            "high": [75.0, 62.0, np.nan, 87.0, 73.0, 80.0],
            "against_all": ["not_told_apart", "below", "", "above", "not_told_apart", "not_told_apart"],
            "reason": ["", "", "small-cell: minimum=10", "", "", ""],
            "headline": True,
        }
    )
    return {"school_satisfaction": frame}


@pytest.fixture(scope="module")
def crawl(schools: Tables, context_in: Any) -> Drawing:
    return next(one for one in drawings(schools, context_in("en")) if one.name == "schools-adults")


def test_schools_stand_in_the_order_of_their_shrunken_values(crawl: Drawing) -> None:
    assert artist(crawl, "raw").offsets[:, 0].tolist() == [55.0, 64.0, 70.0, 75.0, 82.0]


def test_shrunken_values_stand_beside_the_raw(crawl: Drawing) -> None:
    assert artist(crawl, "within").offsets.tolist() == [[65.0, 1.0], [69.5, 2.0], [74.0, 3.0]]


def test_only_schools_told_apart_are_named(crawl: Drawing) -> None:
    assert {text for text in texts(crawl) if text.startswith("00")} == {"0002", "0004"}


def test_hidden_schools_are_counted_in_words(crawl: Drawing) -> None:
    assert "1 more schools have too few answers" in " ".join(texts(crawl))


def test_return_is_the_share_of_a_list() -> None:
    cells = pd.DataFrame(
        {
            "role": "adults",
            "school": ["a", "a", "b", "c"],
            "stage": ["primary", "junior", "primary", "primary"],
            "sampled": [40.0, 60.0, 50.0, 20.0],
            "respondents": [30, 20, 45, 4],
        }
    )
    hidden = pd.DataFrame({"role": ["adults"], "school": "c", "index": "A", "n": np.nan})
    hidden["reason"] = "small-cell: minimum=10"
    (one,) = returned({"weight_cells": cells, "school_satisfaction": hidden})
    assert (one.shares.tolist(), one.hidden, one.listed) == ([0.5, 0.9], 1, True)


def test_return_without_a_list_counts_answers(schools: Tables) -> None:
    (one,) = returned(schools)
    assert (one.shares.tolist(), one.hidden, one.listed) == ([20, 30, 40, 50, 60], 1, False)


@pytest.fixture(scope="module")
def indicators() -> Tables:
    frame = pd.DataFrame(
        {
            "school": ["a", "b", "c", "d"],
            "school_name": "",
            "stage": "primary",
            "indicator": "R1",
            "value": [4.2, 2.1, 21.0, np.nan],
            "threshold": 4.2,
            "share": [1.0, 0.5, 5.0, np.nan],
            "met": pd.array([True, False, True, pd.NA], dtype="boolean"),
            "reason": ["", "", "", "indicator-input-missing: column=x"],
        }
    )
    return {"school_indicators": frame}


@pytest.mark.parametrize(("name", "expected"), [("met", [1.0]), ("unmet", [0.5]), ("far", [2.5])])
def test_schools_stand_at_their_share_of_the_threshold(
    indicators: Tables, context_in: Any, name: str, expected: list[float]
) -> None:
    marks = artist(only(indicators, context_in("zh")), f"primary-R1-{name}")
    assert marks.offsets[:, 0].tolist() == expected


def test_schools_that_meet_a_threshold_are_counted(indicators: Tables, context_in: Any) -> None:
    assert "2/3 达标" in texts(only(indicators, context_in("zh")))


def test_dots_on_one_place_stand_apart() -> None:
    assert len(set(stacked(np.full(40, 1.0)).tolist())) == 40


def test_curves_are_the_rows_of_the_table(context_in: Any) -> None:
    rows = pd.DataFrame(
        {
            "stage": "primary",
            "indicator": "R1",
            "pupils": [0.0, 0.25, 0.5, 1.0],
            "resource": [0.0, 0.1, 0.3, 1.0],
        }
    )
    line = artist(only({"lorenz": rows}, context_in("zh")), "R1-primary")
    assert line.get_path().vertices.tolist() == [[0, 0], [0.25, 0.1], [0.5, 0.3], [1, 1]]


@pytest.fixture(scope="module")
def specifications() -> Tables:
    rows = [
        ("A", "planned", "none", 0.2, 0.01),
        ("A", "all", "none", 0.1, 0.2),
        ("C", "planned", "none", 0.3, 0.001),
    ]
    frame = pd.DataFrame(rows, columns=["outcome", "cleaning", "controls", "estimate", "p"])
    frame = frame.assign(role="adults", regression="A", term="R1", n=500, reason="")
    return {"specification": frame.assign(low=frame["estimate"] - 0.15, high=frame["estimate"] + 0.15)}


def test_estimates_stand_in_ascending_order(specifications: Tables, context_in: Any) -> None:
    marks = artist(only(specifications, context_in("zh")), "significant-0")
    assert marks.offsets.tolist() == [[1.0, 0.2], [2.0, 0.3]]


def test_choices_that_all_share_are_left_out(specifications: Tables, context_in: Any) -> None:
    # Two outcomes and two ways of cleaning, one set of controls.
    drawing = only(specifications, context_in("zh"))
    dots = drawing.draw().artists[-1].offsets
    assert len(np.unique(dots[:, 1])) == 4


def test_changes_of_indicators_are_shares_of_what_they_were(context_in: Any) -> None:
    row = {"kind": "schools", "unit": "primary", "indicator": "R1", "measure": "mean", "from_wave": "2021"}
    row |= {"to_wave": "2023", "before": 40.0, "change": 2.0, "low": -1.0, "high": 5.0, "reason": ""}
    drawing = only({"change": pd.DataFrame([row])}, context_in("zh"))
    assert artist(drawing, "change-2021-2023").offsets[:, 0].tolist() == [5.0]


def test_indices_of_a_role_are_compared_in_one_way(context_in: Any) -> None:
    row = {"kind": "role", "unit": "adults", "indicator": "A", "measure": "share_of_range", "reason": ""}
    row |= {"from_wave": "2021", "to_wave": "2023", "before": 70.0, "low": -1.0, "high": 5.0}
    rows = [{**row, "method": "independent", "change": 2.0}, {**row, "method": "paired", "change": 1.5}]
    drawing = only({"change": pd.DataFrame(rows)}, context_in("zh"))
    assert artist(drawing, "change-2021-2023").offsets[:, 0].tolist() == [2.0]


def grid(quadrant: str, x: float, y: float, certain: bool) -> dict[str, Any]:
    row: dict[str, Any] = {"role": "adults", "measure": "stated", "outcome": "", "quadrant": quadrant}
    row |= {"attribute": {"keep_up": "A", "low_priority": "C"}[quadrant], "certain": certain, "n": 90}
    row |= {"importance": y, "importance_low": y - 0.1, "importance_high": y + 0.1, "importance_cross": 4.0}
    row |= {"performance": x, "performance_low": x - 0.1, "performance_high": x + 0.1}
    return {**row, "performance_cross": 3.5, "reason": ""}


def test_attributes_stand_at_performance_and_importance(context_in: Any) -> None:
    rows = [grid("keep_up", 3.9, 4.4, True), grid("low_priority", 3.4, 3.9, False)]
    drawing = only({"importance_performance": pd.DataFrame(rows)}, context_in("zh"))
    assert artist(drawing, "certain").offsets.tolist() == [[3.9, 4.4]]


def test_the_grid_is_told_by_quadrant(context_in: Any) -> None:
    rows = [grid("keep_up", 3.9, 4.4, True), grid("low_priority", 3.4, 3.9, False)]
    drawing = only({"importance_performance": pd.DataFrame(rows)}, context_in("zh"))
    assert "继续保持：宜人性；次要改进：尽责性" in drawing.alt
