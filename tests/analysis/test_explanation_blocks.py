"""Regression in blocks: dummies, changes, effects, reasons. Reference values from R (explanation.R)."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manyi_analysis.explanation.blocks import BlockRegression, regression_blocks
from manyi_analysis.explanation.design import Design, design
from manyi_analysis.records.notcomputed import NotComputed
from manyi_instruments.faults import wordings

HERE = Path(__file__).parents[1] / "reference" / "explanation"
R = json.loads((HERE / "explanation.json").read_text(encoding="utf-8"))["dummies"]
CHANGES = {"f_change": "blocks.f", "df1": "blocks.f", "df2": "blocks.f", "p_change": "blocks.p"}
BLOCKS = {
    "background": ("grades", "wealth"),
    "school": ("stratio", "computer"),
    "perceived": ("lunch", "english"),
}


@pytest.fixture(scope="module")
def schools() -> pd.DataFrame:
    frame = pd.read_csv(HERE / "caschools.csv", encoding="utf-8")
    wealth = pd.cut(frame["income"], [-np.inf, 11, 14, 18, np.inf], labels=False) + 1.0
    return frame.assign(wealth=wealth)


@pytest.fixture(scope="module")
def clustered(schools: pd.DataFrame) -> BlockRegression:
    levels = {"grades": ("KK-06", "KK-08"), "wealth": {1: "poor", 2: "b", 3: "c", 4: "rich"}}
    return regression_blocks(schools, "score", BLOCKS, "county", levels)


@pytest.fixture(scope="module")
def classical(schools: pd.DataFrame) -> BlockRegression:
    return regression_blocks(schools, "score", BLOCKS, None, {"wealth": (1, 2, 3, 4)})


def model(result: BlockRegression, number: int) -> pd.DataFrame:
    frame = result.to_frame()
    return frame[frame["model"] == str(number)].set_index("term")


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize(("ours", "theirs"), [("b", "b"), ("se", "se"), ("low", "low"), ("high", "high")])
def test_clustered_coefficients_of_every_model(
    clustered: BlockRegression, number: int, ours: str, theirs: str, compare: Callable[..., None]
) -> None:
    reference = R["clustered"][number - 1][theirs]
    of = {"b": "b", "se": "SE", "low": "limits", "high": "limits"}[ours]
    compare("blocks.coefficients", "clubsandwich: CASchools", model(clustered, number)[ours], reference, of)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_clustered_p(clustered: BlockRegression, number: int, compare: Callable[..., None]) -> None:
    reference = R["clustered"][number - 1]["p"]
    compare("blocks.p", "clubsandwich: CASchools", model(clustered, number)["p"], reference, "coefficients")


@pytest.mark.parametrize("quantity", ["r2", "adj_r2"])
def test_share_explained(clustered: BlockRegression, quantity: str, compare: Callable[..., None]) -> None:
    compare("blocks.r2", "r: CASchools", clustered.models_to_frame()[quantity], R[quantity])


def test_delta_r2_adds_up_to_r2(clustered: BlockRegression, compare: Callable[..., None]) -> None:
    frame = clustered.models_to_frame()
    compare("blocks.r2", "r: CASchools", frame["delta_r2"].cumsum(), R["r2"])


@pytest.mark.parametrize(
    ("ours", "theirs"), [("f_change", "f"), ("df1", "df1"), ("df2", "df2"), ("p_change", "p")]
)
def test_clustered_change(
    clustered: BlockRegression, ours: str, theirs: str, compare: Callable[..., None]
) -> None:
    reference, found = [test[theirs] for test in R["wald"]], clustered.models_to_frame()[ours]
    compare(CHANGES[ours], "clubsandwich: CASchools", found, reference, "change, clustered")


@pytest.mark.parametrize(
    ("ours", "theirs"), [("f_change", "f"), ("df1", "df1"), ("df2", "df2"), ("p_change", "p")]
)
def test_classical_change(
    classical: BlockRegression, ours: str, theirs: str, compare: Callable[..., None]
) -> None:
    reference, found = [test[theirs] for test in R["nested"]], classical.models_to_frame()[ours]
    compare(CHANGES[ours], "r: CASchools", found, reference, "change, classical")


@pytest.mark.parametrize(("column", "key"), [("vif", "gvif"), ("vif_scaled", "gvif_scaled")])
def test_gvif_of_dummies_and_vif_of_numbers(
    clustered: BlockRegression, column: str, key: str, compare: Callable[..., None]
) -> None:
    last = model(clustered, 3)[column]
    rows = {"K": "grades=KK-08", "W": "wealth=3"}
    ours = [last[rows.get(term, term)] for term in R[key]]
    compare("blocks.gvif", "car: CASchools", ours, list(R[key].values()))


def test_all_dummies_of_a_term_carry_its_gvif(clustered: BlockRegression) -> None:
    last = model(clustered, 3)["vif"]
    assert last["wealth=2"] == last["wealth=3"] == last["wealth=4"]


def test_beta_is_empty_for_dummies_and_the_intercept_only(clustered: BlockRegression) -> None:
    beta = model(clustered, 3)["beta"]
    assert beta.index[beta.notna()].tolist() == ["stratio", "computer", "lunch", "english"]


def test_reference_level_is_named(clustered: BlockRegression) -> None:
    last = model(clustered, 3)["reference"]
    assert (last["grades=KK-08"], last["wealth=2"], last["lunch"]) == ("KK-06", "1", "")


def test_effects_are_total_before_and_direct_beside_later_blocks(clustered: BlockRegression) -> None:
    frame = clustered.to_frame().drop_duplicates(["model", "block"])
    found = frame.set_index(["model", "block"])["effect"].to_dict()
    assert found == {
        ("1", ""): "",
        ("2", ""): "",
        ("3", ""): "",
        ("1", "background"): "total",
        ("2", "background"): "direct",
        ("3", "background"): "direct",
        ("2", "school"): "total",
        ("3", "school"): "direct",
        ("3", "perceived"): "",
    }


def test_columns_of_the_regression_table(clustered: BlockRegression) -> None:
    wanted = [
        "outcome",
        "model",
        "block",
        "term",
        "b",
        "se",
        "se_type",
        "beta",
        "t",
        "df",
        "p",
        "low",
        "high",
    ]
    assert {*wanted, "vif", "effect", "reason"} <= set(clustered.to_frame().columns)


def test_columns_of_the_models_table(clustered: BlockRegression) -> None:
    wanted = ["outcome", "model", "block", "n", "missing", "clusters", "r2", "adj_r2", "delta_r2", "f_change"]
    assert {*wanted, "df1", "df2", "p_change", "reason"} <= set(clustered.models_to_frame().columns)


def test_a_text_column_is_categorical_without_being_listed(schools: pd.DataFrame) -> None:
    result = regression_blocks(schools, "score", {"background": ("grades",)})
    assert model(result, 1).index.tolist() == ["(intercept)", "grades=KK-08"]


def test_first_level_present_is_the_reference(schools: pd.DataFrame) -> None:
    upper = schools[schools["wealth"] > 1]
    built = design(upper, "score", {"a": ("wealth",)}, {"wealth": (1, 2, 3, 4)})
    assert isinstance(built, Design)
    assert built.terms[0].reference == "2"
    assert built.terms[0].columns == ("wealth=3", "wealth=4")


def test_a_column_of_zeros_and_ones_has_no_beta(schools: pd.DataFrame) -> None:
    frame = schools.assign(upper=(schools["grades"] == "KK-08").astype(float))
    assert np.isnan(model(regression_blocks(frame, "score", {"a": ("upper",)}), 1)["beta"]["upper"])


def test_every_block_uses_the_same_rows(schools: pd.DataFrame) -> None:
    holes = schools.assign(english=schools["english"].where(np.arange(420) % 10 > 0))
    frame = regression_blocks(holes, "score", BLOCKS, "county", {"wealth": ()}).models_to_frame()
    assert frame["n"].tolist() == [378, 378, 378]
    assert frame["missing"].tolist() == [42, 42, 42]


def test_rows_without_a_school_are_counted(schools: pd.DataFrame) -> None:
    homeless = schools.assign(county=schools["county"].where(np.arange(420) >= 7))
    built = design(homeless, "score", {"a": ("lunch",)}, cluster="county")
    assert isinstance(built, Design)
    assert (built.n, built.missing, built.without_cluster) == (413, 7, 7)


def simulated(seed: int) -> pd.DataFrame:
    """70 schools; an indicator moves perceived quality, which alone moves satisfaction (STATISTICS)."""
    rng = np.random.default_rng(seed)
    school = np.repeat(np.arange(70), 40)
    indicator = rng.normal(size=70)[school]
    perceived = 0.5 * indicator + rng.normal(scale=0.3, size=70)[school] + rng.normal(scale=0.6, size=2800)
    satisfied = 0.75 * perceived + rng.normal(scale=0.5, size=2800)
    return pd.DataFrame(
        {"school": school.astype(str), "R1": indicator, "quality": perceived, "satisfaction": satisfied}
    )


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000))
def test_entering_the_mediator_takes_the_indicators_effect_away(seed: int) -> None:
    blocks = {"indicators": ("R1",), "perceived": ("quality",)}
    result = regression_blocks(simulated(seed), "satisfaction", blocks, "school")
    total, direct = model(result, 1).loc["R1"], model(result, 2).loc["R1"]
    # truth: total 0.375, direct 0
    assert abs(total["b"] - 0.375) < 4.5 * total["se"]
    assert abs(direct["b"]) < 4.5 * direct["se"]
    assert abs(direct["b"]) < 0.3 * total["b"]


def test_with_the_indicator_entered_last_it_adds_nothing() -> None:
    blocks = {"perceived": ("quality",), "indicators": ("R1",)}
    frame = regression_blocks(simulated(1), "satisfaction", blocks, "school").models_to_frame()
    first = regression_blocks(simulated(1), "satisfaction", {"indicators": ("R1",)}, "school")
    assert first.models_to_frame()["delta_r2"][0] > 0.1
    assert frame["delta_r2"][1] < 0.002


def test_collinear_predictor_is_left_out_with_its_reason(schools: pd.DataFrame) -> None:
    frame = schools.assign(copy=schools["lunch"] * 3.0 + schools["english"], flat=7.7)
    blocks = {"a": ("lunch", "english"), "b": ("copy", "flat", "income")}
    rows = model(regression_blocks(frame, "score", blocks, "county"), 2)
    assert rows["reason"]["copy"] == "predictor-collinear: column=copy, partners=lunch english"
    assert rows["reason"]["flat"] == "predictor-constant: column=flat"
    assert rows.index[rows["b"].isna()].tolist() == ["copy", "flat"]


def test_model_without_its_collinear_column_is_that_of_the_others(schools: pd.DataFrame) -> None:
    frame = schools.assign(copy=schools["lunch"] * 3.0)
    rows = model(regression_blocks(frame, "score", {"a": ("lunch", "copy", "income")}, "county"), 1)
    alone = model(regression_blocks(frame, "score", {"a": ("lunch", "income")}, "county"), 1)
    pd.testing.assert_series_equal(rows["se"].drop("copy"), alone["se"])


def test_dummies_of_one_level_are_constant(schools: pd.DataFrame) -> None:
    rows = model(regression_blocks(schools.assign(stage="primary"), "score", {"a": ("stage", "lunch")}), 1)
    assert rows["reason"]["stage=primary"].startswith("predictor-constant")


def test_a_block_of_collinear_terms_has_no_test(schools: pd.DataFrame) -> None:
    frame = schools.assign(copy=schools["lunch"] * 3.0)
    row = regression_blocks(frame, "score", {"a": ("lunch",), "b": ("copy",)}).models_to_frame().iloc[1]
    assert row["reason"].startswith("block-adds-nothing")
    assert row["delta_r2"] == 0


def test_few_schools_are_noted_and_still_computed(schools: pd.DataFrame) -> None:
    some = schools[schools["county"].isin(sorted(schools["county"].unique())[:12])]
    row = regression_blocks(some, "score", {"a": ("lunch",)}, "county").models_to_frame().iloc[0]
    assert row["note"] == "few-clusters: clusters=12"
    assert row["reason"] == ""


def test_a_later_model_may_fail_alone() -> None:
    frame = simulated(3)
    few = frame[frame["school"].isin(["0", "1", "2"])].assign(R2=lambda rows: (rows["school"] == "1") * 1.5)
    result = regression_blocks(few, "satisfaction", {"a": ("quality",), "b": ("R1", "R2")}, "school")
    reasons = result.models_to_frame()["reason"]
    assert reasons[0] == ""
    assert reasons[1] == "regression-few-clusters: outcome=satisfaction, predictors=2, clusters=3"
    assert model(result, 2)["b"].isna().all()


@pytest.mark.parametrize(
    ("outcome", "blocks", "code"),
    [
        ("score", {"a": ("absent",)}, "regression-column-missing"),
        ("score", {"a": ("lunch",), "b": ("lunch",)}, "regression-term-twice"),
        ("score", {"a": ("score",)}, "regression-term-twice"),
        ("grades", {"a": ("lunch",)}, "regression-outcome-not-numeric"),
        ("score", {"a": ("empty",)}, "regression-no-rows"),
        ("flat", {"a": ("lunch",)}, "regression-constant-outcome"),
    ],
)
def test_bad_input_gives_tables_with_the_reason(
    schools: pd.DataFrame, outcome: str, blocks: dict[str, tuple[str, ...]], code: str
) -> None:
    frame = schools.assign(empty=np.nan, flat=2.0)
    result = regression_blocks(frame, outcome, blocks, "county")
    assert result.models_to_frame()["reason"].str.startswith(code).all()
    assert result.to_frame()["reason"].str.startswith(code).all()
    assert len(result.to_frame()) >= 2


def test_fewer_rows_than_terms(schools: pd.DataFrame) -> None:
    result = regression_blocks(schools.head(4), "score", BLOCKS, None)
    assert result.models_to_frame()["reason"][2].startswith("regression-few-rows")


def test_one_school(schools: pd.DataFrame) -> None:
    result = regression_blocks(schools.assign(county="x"), "score", {"a": ("lunch",)}, "county")
    assert result.models_to_frame()["reason"][0].startswith("regression-one-cluster")


def test_every_reason_of_a_design_is_in_the_catalogue(schools: pd.DataFrame) -> None:
    built = design(schools.assign(copy=schools["lunch"], flat=1.0), "score", {"a": ("lunch", "copy", "flat")})
    assert isinstance(built, Design)
    codes = {alias.reason.code for alias in built.aliased}
    assert codes == {"predictor-constant", "predictor-collinear"}
    assert codes <= set(wordings())


def test_an_empty_frame_is_refused() -> None:
    frame = pd.DataFrame({"y": np.empty(0), "x": np.empty(0)})
    built = design(frame, "y", {"a": ("x",)})
    assert isinstance(built, NotComputed)
    assert built.code == "regression-no-rows"


def test_cost_after_the_pass_does_not_depend_on_respondents() -> None:
    small = design(simulated(4), "satisfaction", {"a": ("R1", "quality")}, cluster="school")
    frame = pd.concat([simulated(seed) for seed in range(5)], ignore_index=True)
    large = design(frame, "satisfaction", {"a": ("R1", "quality")}, cluster="school")
    assert isinstance(small, Design)
    assert isinstance(large, Design)
    assert large.n == 5 * small.n
    assert large.moments.cross.shape == small.moments.cross.shape == (70, 3, 3)
