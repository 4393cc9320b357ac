"""What is made beside a regression, through the stage: R's numbers, planted effects, bad inputs."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from manyi.study.analysis_plan import Analysis
from manyi.study.explanation_checks import explanation_faults
from manyi.topics.explanation import regression_tables
from manyi.topics.ordered_answers import ordinal_tables
from manyi.topics.specifications import specification_tables
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.faults import Place

HERE = Path(__file__).parents[1] / "reference" / "explanation"


def reference(name: str) -> dict[str, Any]:
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))


R, BESIDE, CATEGORICAL = reference("multilevel"), reference("beside"), reference("categorical")
MODELS = R["models"]
HSB82 = "lme4: HSB82, result tables"
ROLES = ("parents", "teachers", "students")


def questionnaire(*items: str) -> Questionnaire:
    return Questionnaire.model_validate(
        {
            "questionnaire": "q",
            "title": {"en": "q"},
            "languages": ["en"],
            "scales": [],
            "items": [
                {"id": name, "text": {"en": name}, "type": "number", "standalone": True} for name in items
            ],
        }
    )


def tables(
    frame: pd.DataFrame, outcome: str, blocks: dict[str, list[str]], items: tuple[str, ...], **more: Any
) -> dict[str, pd.DataFrame]:
    entry = {"role": "people", "outcome": outcome, "blocks": blocks, **more}
    plan = Analysis.model_validate({"regression": [entry]})
    schooled = bool(frame["school"].notna().any())
    return regression_tables(frame, questionnaire(*items), plan, "people", schooled)


# HSB82 (R package mlmRev): 7,185 pupils in 160 schools; lme4, lmerTest, clubSandwich.


@pytest.fixture(scope="module")
def hsb82_frame() -> pd.DataFrame:
    return pd.read_csv(HERE / "hsb82.csv", encoding="utf-8", dtype={"school": str})


@pytest.fixture(scope="module")
def hsb82(hsb82_frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    added = {"slopes": ["ses"], "centring": ["ses"], "interactions": [["ses", "public"]]}
    blocks = {"background": ["ses"], "school": ["public"]}
    return tables(hsb82_frame, "mAch", blocks, ("mAch", "ses", "minority"), multilevel=added)


def fixed(found: dict[str, pd.DataFrame], model: str) -> pd.DataFrame:
    return found["multilevel"].query("model == @model").set_index("term")


def fit_of(found: dict[str, pd.DataFrame], model: str) -> pd.Series:
    return found["multilevel_models"].set_index("model").loc[model]


@pytest.mark.parametrize(("ours", "theirs"), [("empty", "null"), ("centred", "intercept")])
def test_hsb82_variances(hsb82: dict[str, pd.DataFrame], ours: str, theirs: str, compare: Any) -> None:
    found = fit_of(hsb82, ours)[["var_school", "var_residual"]].to_list()
    compare("mixed.variance", HSB82, found, MODELS[theirs]["vcov"], ours)


@pytest.mark.parametrize(
    ("ours", "theirs"), [("empty", "null"), ("slopes", "raw_slope"), ("centred", "intercept")]
)
@pytest.mark.parametrize(("column", "statistic"), [("loglik", "mixed.loglik"), ("aic", "mixed.criteria")])
def test_hsb82_likelihoods(
    hsb82: dict[str, pd.DataFrame], ours: str, theirs: str, column: str, statistic: str, compare: Any
) -> None:
    compare(statistic, HSB82, [fit_of(hsb82, ours)[column]], [MODELS[theirs][column]], ours)


COLUMNS = [("estimate", "mixed.b"), ("se", "mixed.se"), ("df", "mixed.df")]


@pytest.mark.parametrize(("ours", "theirs"), [("slopes", "raw_slope"), ("centred", "intercept")])
@pytest.mark.parametrize(("column", "statistic"), COLUMNS)
def test_hsb82_fixed_effects(
    hsb82: dict[str, pd.DataFrame], ours: str, theirs: str, column: str, statistic: str, compare: Any
) -> None:
    named = {"(Intercept)": "(intercept)", "meanses": "mean(ses)", "cses": "within(ses)"}
    terms = [named.get(name, name) for name in MODELS[theirs]["term"]]
    compare(statistic, HSB82, fixed(hsb82, ours).loc[terms, column], MODELS[theirs][column], ours)


@pytest.mark.parametrize(("column", "statistic"), COLUMNS)
def test_hsb82_interaction_across_levels(
    hsb82: dict[str, pd.DataFrame], column: str, statistic: str, compare: Any
) -> None:
    theirs = BESIDE["interaction"]
    terms = ["(intercept)", "public", "within(ses)", "mean(ses)", "within(ses):public"]
    compare(statistic, HSB82, fixed(hsb82, "interaction").loc[terms, column], theirs[column], "interaction")


def test_hsb82_nakagawa_r2(hsb82: dict[str, pd.DataFrame], compare: Any) -> None:
    theirs = [MODELS["intercept"][name] for name in ("r2_marginal", "r2_conditional")]
    compare("mixed.r2", HSB82, fit_of(hsb82, "centred")[["r2_marginal", "r2_conditional"]].to_list(), theirs)


def test_hsb82_schools_against_none(hsb82: dict[str, pd.DataFrame], compare: Any) -> None:
    row = hsb82["multilevel_tests"].query("smaller == 'OLS' and larger == 'centred'").iloc[0]
    compare("school_variance.chi2", HSB82, [row["chi2"]], [R["variance_test"]["chi2"]])


def test_hsb82_school_effects_are_those_of_lme4_up_to_the_null_model(
    hsb82: dict[str, pd.DataFrame],
) -> None:
    # Shrinkage of lme4's null model: τ²/(τ² + σ²/n) from its own variances.
    own = hsb82["school_effects"].query("model == 'empty'")
    between, within = MODELS["null"]["vcov"]
    theirs = between / (between + within / own["n"].astype(float))
    np.testing.assert_allclose(own["shrinkage"].astype(float), theirs, rtol=1e-5)


# California school districts in 45 counties (R package AER): clubSandwich, relaimpo, lme4.

CR2 = {"b": "cr2.b", "se": "cr2.se", "df": "cr2.df", "p": "cr2.p", "low": "cr2.limits", "high": "cr2.limits"}
CASCHOOLS = ("stratio", "english", "lunch", "calworks", "expenditure", "income", "computer")


@pytest.fixture(scope="module")
def caschools() -> dict[str, pd.DataFrame]:
    frame = pd.read_csv(HERE / "caschools.csv", encoding="utf-8").rename(columns={"county": "school"})
    blocks = {"all": list(CASCHOOLS)}
    return tables(frame, "score", blocks, ("score", *CASCHOOLS), importance=["terms"])


@pytest.mark.parametrize("column", ["b", "se", "df", "p", "low", "high"])
def test_caschools_errors_cr2(caschools: dict[str, pd.DataFrame], column: str, compare: Any) -> None:
    rows = caschools["regression"].query("se_type == 'CR2'").set_index("term")
    theirs = R["cr2"]["caschools"][column]
    source = "clubsandwich: CASchools, result tables"
    compare(CR2[column], source, rows.loc[["(intercept)", *CASCHOOLS], column], theirs, column)


@pytest.fixture(scope="module")
def handed_over(shared: Path) -> dict[str, Any]:
    """Return the values that came with the task."""
    path = shared / "reference" / "aer_caschools_regression.json"
    values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return values


def test_caschools_errors_cr2_are_those_handed_over(
    caschools: dict[str, pd.DataFrame], handed_over: dict[str, Any], compare: Any
) -> None:
    theirs = handed_over["cluster_county"]["b4_CR2_clubSandwich"]["values"]
    rows = caschools["regression"].query("se_type == 'CR2'").set_index("term").loc[list(CASCHOOLS)]
    compare("cr2.se", "clubsandwich: CASchools, as handed over", rows["se"], theirs["SE"][1:])


def test_caschools_shares_of_r2_are_those_handed_over(
    caschools: dict[str, pd.DataFrame], handed_over: dict[str, Any], compare: Any
) -> None:
    found = caschools["importance"].set_index("term")["share"].astype(float)
    theirs = [handed_over["lmg"][name] for name in CASCHOOLS]
    compare("importance.share", "relaimpo: CASchools, as handed over", found[list(CASCHOOLS)], theirs)


def test_caschools_both_errors_stand_beside_each_other(caschools: dict[str, pd.DataFrame]) -> None:
    assert caschools["regression"]["se_type"].tolist() == ["CR1"] * 8 + ["CR2"] * 8


def test_caschools_shares_of_r2(caschools: dict[str, pd.DataFrame], compare: Any) -> None:
    compare("importance.share", "r: CASchools", caschools["importance"]["share"], R["dominance"]["share"])


@pytest.mark.parametrize(("column", "statistic"), [("icc", "icc.variance"), ("loglik", "icc.loglik")])
def test_caschools_counties_variance(
    caschools: dict[str, pd.DataFrame], column: str, statistic: str, compare: Any
) -> None:
    theirs = reference("explanation")["icc"]["caschools"][column]
    compare(statistic, "lme4: CASchools, result tables", [fit_of(caschools, "empty")[column]], [theirs])


def test_errors_planned_alone_stand_alone(hsb82_frame: pd.DataFrame) -> None:
    blocks = {"background": ["ses"], "school": ["public"]}
    found = tables(hsb82_frame, "mAch", blocks, ("mAch", "ses"), errors=["CR2"])
    assert set(found["regression"]["se_type"]) == {"CR2"}


# --- a school's own columns by stage ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def combined() -> pd.DataFrame:
    """Return pupils of 30 schools, half of them with two stages that have indicators of their own."""
    rng = np.random.default_rng(4)
    rows = []
    for school in range(30):
        for stage in ("primary", "junior") if school % 2 else ("primary",):
            resource, taste = rng.normal(), rng.normal(scale=0.3)
            felt = 0.8 * resource + taste + rng.normal(size=20)
            score = 0.5 * felt + rng.normal(size=20)
            rows.append(
                pd.DataFrame(
                    {"school": f"S{school}", "stage": stage, "R": resource, "felt": felt, "score": score}
                )
            )
    return pd.concat(rows, ignore_index=True)


@pytest.fixture(scope="module")
def mediated(combined: pd.DataFrame) -> pd.DataFrame:
    blocks = {"school": ["R"], "perceived": ["felt"]}
    paths = [{"predictors": ["R"], "mediators": ["felt"]}]
    return tables(combined, "score", blocks, ("score", "felt"), mediation=paths)["mediation"]


def test_mediation_between_schools_takes_stages_of_a_school_apart(mediated: pd.DataFrame) -> None:
    assert set(mediated.query("levels == '2-1-1'")["schools"]) == {45}


def test_paths_of_a_mediation_add_to_the_total(mediated: pd.DataFrame) -> None:
    path = mediated.query("levels == 'single'").set_index("path")["estimate"]
    assert path["indirect"] + path["direct"] == pytest.approx(path["total"], rel=1e-12)


def test_total_effect_of_a_mediation_is_the_regressions(
    combined: pd.DataFrame, mediated: pd.DataFrame
) -> None:
    import statsmodels.api as sm

    fit = sm.OLS(combined["score"], sm.add_constant(combined["R"])).fit()
    total = mediated.query("levels == 'single' and path == 'total'")["estimate"].item()
    assert total == pytest.approx(fit.params["R"], rel=1e-9)


def test_random_intercepts_are_those_of_schools_not_of_stages(combined: pd.DataFrame) -> None:
    found = tables(combined, "score", {"school": ["R"]}, ("score", "felt"))
    assert fit_of(found, "1")["schools"] == 30


# --- the example county -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def demo(demo_study: Path, read_csv: Any) -> dict[str, pd.DataFrame]:
    names = ("multilevel", "multilevel_models", "mediation", "specification_summary", "regression")
    return {name: read_csv(demo_study, name) for name in (*names, "ordinal", "collinearity")}


@pytest.mark.parametrize("role", ROLES)
def test_the_planted_null_is_found_null_by_the_mixed_model(demo: dict[str, pd.DataFrame], role: str) -> None:
    row = demo["multilevel"].query("role == @role and model == '2' and term == 'R7'").iloc[0]
    assert row["low"] < 0.0 < row["high"]


@pytest.mark.parametrize("role", ROLES)
def test_the_planted_null_is_found_null_under_every_choice(demo: dict[str, pd.DataFrame], role: str) -> None:
    summary = demo["specification_summary"].query("role == @role").set_index("term")
    assert summary.loc["R7", "significant"] == 0.0


@pytest.mark.parametrize(
    ("role", "term"),
    [("parents", "R1"), ("parents", "R4"), ("teachers", "R1"), ("teachers", "R4"), ("students", "R3")],
)
def test_the_largest_planted_effects_are_found_by_the_mixed_model(
    demo: dict[str, pd.DataFrame], role: str, term: str
) -> None:
    # docs/example-county.md: total effects of .14 to .17.
    row = demo["multilevel"].query("role == @role and model == '2' and term == @term").iloc[0]
    assert row["low"] > 0.0


@pytest.mark.parametrize(
    ("role", "expected", "spread"),
    [("parents", 0.128, 0.019), ("teachers", 0.140, 0.036), ("students", 0.120, 0.019)],
)
def test_share_between_schools_is_the_one_planted(
    demo: dict[str, pd.DataFrame], role: str, expected: float, spread: float
) -> None:
    icc = demo["multilevel_models"].query("role == @role and model == 'empty'")["icc"].item()
    assert abs(icc - expected) < 3.0 * spread


@pytest.mark.parametrize(("role", "predictor"), [("parents", "R1"), ("parents", "R4"), ("students", "R3")])
def test_planted_effects_run_through_perceived_quality(
    demo: dict[str, pd.DataFrame], role: str, predictor: str
) -> None:
    # Three quarters of each total effect run through perceived quality; only two of its scales are here.
    paths = demo["mediation"].query("role == @role and predictor == @predictor and levels == 'single'")
    whole = paths[(paths["path"] == "indirect") & (paths["mediator"] == "(all)")].iloc[0]
    assert whole["low"] > 0.0


def test_total_effect_of_the_mediation_is_that_of_the_regression(demo: dict[str, pd.DataFrame]) -> None:
    own = "role == 'parents' and model == 2 and term == 'R1' and se_type == 'CR1'"
    total = demo["mediation"].query("role == 'parents' and predictor == 'R1' and levels == 'single'")
    found = total[total["path"] == "total"]["estimate"].item()
    assert found == pytest.approx(demo["regression"].query(own)["b"].item(), rel=1e-9)


def test_errors_cr2_are_larger_where_few_schools_carry_an_indicator(demo: dict[str, pd.DataFrame]) -> None:
    rows = (
        demo["regression"]
        .query("model == 2 and term == 'R6'")
        .pivot(index="role", columns="se_type", values="se")
    )
    assert (rows["CR2"] > rows["CR1"]).all()


def test_school_columns_have_an_inflation_among_schools(demo: dict[str, pd.DataFrame]) -> None:
    rows = demo["collinearity"].query("term == 'R1'")
    assert rows["vif_schools"].notna().all()


# --- bad inputs -------------------------------------------------------------------------------------------


def people(schools: int, each: int, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    school = np.repeat([f"S{number}" for number in range(schools)], each)
    size = schools * each
    frame = pd.DataFrame({"school": school, "x": rng.normal(size=size), "y": rng.normal(size=size)})
    frame["z"] = np.repeat(rng.normal(size=schools), each)
    return frame


def test_boundary_is_said() -> None:
    frame = pd.read_csv(HERE / "boundary_singular.csv", encoding="utf-8").rename(columns={"g": "school"})
    frame["x"] = np.arange(len(frame)) % 7.0
    found = tables(frame.astype({"school": str}), "y", {"b": ["x"]}, ("y", "x"))
    assert bool(fit_of(found, "empty")["singular"]) is MODELS["boundary"]["singular"]


def test_one_school_gives_reasons() -> None:
    found = tables(people(1, 30), "y", {"b": ["x"]}, ("x", "y"))
    assert found["multilevel_models"]["reason"].str.len().gt(0).all()


def test_one_respondent_a_school_gives_reasons() -> None:
    found = tables(people(30, 1), "y", {"b": ["x"]}, ("x", "y"))
    assert found["multilevel_models"]["reason"].str.len().gt(0).all()


def test_more_school_columns_than_schools_give_reasons() -> None:
    frame = people(3, 20).assign(w=np.repeat([1.0, 4.0, 2.0], 20))
    found = tables(frame, "y", {"school": ["z", "w"]}, ("x", "y"))
    assert found["school_means"]["reason"].str.startswith("regression-few-clusters").all()


def test_all_missing_outcome_gives_reasons() -> None:
    found = tables(people(5, 10).assign(y=np.nan), "y", {"b": ["x"]}, ("x", "y"))
    assert found["regression_models"]["reason"].str.startswith("regression-no-rows").all()


def test_collinear_term_is_left_out_of_every_model() -> None:
    frame = people(20, 10)
    frame["twice"] = 2.0 * frame["x"]
    found = tables(frame, "y", {"b": ["x", "twice"]}, ("x", "twice", "y"))
    assert "twice" not in set(found["multilevel"]["term"])


def test_mediation_over_a_constant_says_why() -> None:
    frame = people(20, 10).assign(m=3.0)
    paths = [{"predictors": ["z"], "mediators": ["m"]}]
    found = tables(frame, "y", {"school": ["z"], "p": ["m"]}, ("x", "m", "y"), mediation=paths)
    assert found["mediation"]["reason"].tolist() == ["term-not-in-regression: outcome=y, terms=m"]


def test_slope_of_a_school_column_says_why() -> None:
    found = tables(people(20, 10), "y", {"b": ["x", "z"]}, ("x", "y"), multilevel={"slopes": ["z"]})
    assert fit_of(found, "slopes")["reason"].startswith("mixed-slope-of-school")


def test_product_with_a_column_of_respondents_says_why() -> None:
    frame = people(20, 10).assign(w=people(20, 10, 2)["x"])
    added = {"interactions": [["x", "w"]]}
    found = tables(frame, "y", {"b": ["x", "w"]}, ("x", "w", "y"), multilevel=added)
    assert fit_of(found, "interaction")["reason"].startswith("product-not-of-school")


def test_schools_of_few_respondents_are_not_shown() -> None:
    found = tables(people(8, 5), "y", {"b": ["x"]}, ("x", "y"))
    assert found["school_effects"][["n", "raw", "effect", "se"]].isna().all(axis=None)


def test_answers_without_schools_have_no_mixed_models() -> None:
    found = tables(people(8, 5).assign(school=None), "y", {"b": ["x"]}, ("x", "y"))
    assert set(found) == {"regression", "regression_models", "collinearity", "importance"}


@pytest.mark.parametrize("values", [[3.0], [2.0, 2.0]], ids=["one answer", "separated"])
def test_answers_that_cannot_be_explained_say_why(values: list[float]) -> None:
    frame = people(10, 10)
    frame["answer"] = values[0] if len(values) == 1 else (frame["x"] > 0).astype(float)
    entry = {"role": "people", "outcome": "y", "blocks": {"b": ["x"]}, "ordinal": {"outcomes": ["answer"]}}
    plan = Analysis.model_validate({"regression": [entry]})
    found = ordinal_tables(frame, questionnaire("x", "y", "answer"), plan, "people", True)
    assert found["ordinal_models"]["reason"].str.len().gt(0).all()


def test_names_outside_the_regression_are_told() -> None:
    entry = {
        "role": "people",
        "outcome": "y",
        "blocks": {"b": ["x"]},
        "multilevel": {"slopes": ["w"]},
        "mediation": [{"predictors": ["x"], "mediators": ["m"]}],
        "specification": {"controls": {"all": ["c"]}},
    }
    plan = Analysis.model_validate({"regression": [entry]})
    faults = list(explanation_faults(plan, Place("study.yaml")))
    assert [fault.details["name"] for fault in faults] == ["w", "m", "c"]
    assert {fault.code for fault in faults} == {"plan-term-unknown"}


def test_choices_that_differ_by_few_respondents_are_not_shown() -> None:
    frame = people(10, 20)
    flags = {"rule": np.arange(200) < 3}
    entry = {"role": "people", "outcome": "y", "blocks": {"school": ["z"]}, "specification": {}}
    plan = Analysis.model_validate({"regression": [entry]})
    found = specification_tables(frame, flags, ("rule",), questionnaire("x", "y"), plan, "people")
    hidden = found["specification"].set_index("cleaning")["reason"].str.startswith("sensitivity-small")
    assert hidden.to_dict() == {"planned": False, "none": True, "all": False}
