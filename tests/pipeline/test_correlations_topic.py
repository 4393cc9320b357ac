"""Correlations of a role: what is correlated, at which levels, and every bad input's reason."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from manyi.study.analysis_plan import Analysis, Correlations
from manyi.topics.correlations import CorrelationsTopic
from manyi.topics.one_pass import gather
from manyi.topics.topic import Subject
from manyi_instruments.definitions.questionnaire import Questionnaire

SCALES = {"A": ["a1", "a2"], "B": ["b1", "b2"], "C": ["c1", "c2"]}
CONTRACT = ["level", "a", "b", "method", "n", "r", "p"]


def listed(values: range) -> list[dict[str, Any]]:
    return [{"value": value, "label": {"en": str(value)}} for value in values]


QUESTIONNAIRE = Questionnaire.model_validate(
    {
        "questionnaire": "q",
        "title": {"en": "q"},
        "languages": ["en"],
        "answer_lists": {
            "five": {"answers": listed(range(1, 6))},
            "way": {"answers": listed(range(1, 4)), "ordered": False},
            "two": {"answers": listed(range(2)), "ordered": False},
        },
        "scales": [{"id": scale, "title": {"en": scale}} for scale in SCALES],
        "items": [
            *(
                {"id": item, "text": {"en": item}, "answers": "five", "scale": scale, "reverse": item == "c2"}
                for scale, items in SCALES.items()
                for item in items
            ),
            {"id": "way", "text": {"en": "way"}, "answers": "way", "standalone": True},
            {"id": "sex", "text": {"en": "sex"}, "answers": "two", "standalone": True},
            {"id": "alone", "text": {"en": "alone"}, "answers": "five", "standalone": True},
        ],
    }
)


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    n = 500
    school = rng.integers(0, 25, n)
    general = rng.normal(size=n) + 0.6 * rng.normal(size=25)[school]
    frame = pd.DataFrame()
    for scale, items in SCALES.items():
        factor = 0.7 * general + rng.normal(size=n)
        for item in items:
            frame[item] = np.clip(np.rint(3 + factor + 0.7 * rng.normal(size=n)), 1, 5)
        frame[scale] = frame[items].mean(axis=1)
    frame["c2_r"] = 6 - frame["c2"]
    frame["way"] = rng.integers(1, 4, n).astype(float)
    frame["sex"] = rng.integers(0, 2, n).astype(float)
    frame["alone"] = rng.integers(1, 6, n).astype(float)
    frame = frame.mask(rng.random(frame.shape) < 0.02)
    return frame.assign(school=[f"{code:03d}" for code in school], town="east")


def tables(
    frame: pd.DataFrame, plan: Correlations | None = None, schooled: bool = True, **analysis: Any
) -> dict[str, pd.DataFrame]:
    whole = Analysis(**analysis, correlations={"people": plan} if plan else {})
    blank = frozenset(name for name in frame if frame[name].isna().all())
    words = frozenset({"school", "town"})
    subject = Subject("people", QUESTIONNAIRE, whole, frozenset(frame.columns), schooled, blank, words)
    topic = CorrelationsTopic(subject)
    sets = topic.sets()
    return topic.tables(gather([frame], sets) if sets else {})


def rows(found: dict[str, pd.DataFrame], level: str = "respondent", method: str = "pearson") -> pd.DataFrame:
    frame = found["correlations"]
    return frame[(frame["level"] == level) & (frame["method"] == method)].set_index(["a", "b"])


@pytest.fixture(scope="module")
def found(answers: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return tables(answers, satisfaction={"people": ("a1", "a2")})


@pytest.fixture(scope="module")
def complete(answers: pd.DataFrame) -> pd.DataFrame:
    return answers.dropna(subset=["A", "B", "C", "a1", "a2"])


# --- what is correlated ------------------------------------------------------------------------------------


def test_columns_of_the_contract_come_first(found: dict[str, pd.DataFrame]) -> None:
    assert list(found["correlations"].columns[: len(CONTRACT)]) == CONTRACT


def test_by_default_scales_and_satisfaction(found: dict[str, pd.DataFrame]) -> None:
    assert found["correlation_variables"]["variable"].tolist() == ["A", "B", "C", "a1", "a2"]


def test_a_scale_and_its_own_item_are_not_correlated(found: dict[str, pd.DataFrame]) -> None:
    pair = rows(found).loc[("A", "a1")]
    assert np.isnan(pair["r"])
    assert pair["reason"] == "correlation-part-of-whole: a=A, b=a1"


def test_polychoric_correlations_are_of_items_only(found: dict[str, pd.DataFrame]) -> None:
    assert rows(found, method="polychoric").index.tolist() == [("a1", "a2")]


def test_methods_of_the_plan(answers: pd.DataFrame) -> None:
    found = tables(answers, Correlations(methods=("spearman",)), schooled=False)
    assert set(found["correlations"]["method"]) == {"spearman"}


def test_a_reverse_keyed_item_counts_as_recoded(answers: pd.DataFrame) -> None:
    found = tables(answers, Correlations(variables=("c2", "B")))
    pair = answers[["c2_r", "B"]].dropna()
    assert rows(found).loc[("c2", "B"), "r"] == pytest.approx(pair["c2_r"].corr(pair["B"]), rel=1e-10)


# --- the numbers -------------------------------------------------------------------------------------------


def test_pearson(found: dict[str, pd.DataFrame], complete: pd.DataFrame) -> None:
    reference, pair = stats.pearsonr(complete["A"], complete["B"]), rows(found).loc[("A", "B")]
    np.testing.assert_allclose([pair["r"], pair["p"]], [reference.statistic, reference.pvalue], rtol=1e-9)
    assert pair["n"] == len(complete)


def test_spearman_of_scores(found: dict[str, pd.DataFrame], complete: pd.DataFrame) -> None:
    reference = stats.spearmanr(complete["A"], complete["C"])
    assert rows(found, method="spearman").loc[("A", "C"), "r"] == pytest.approx(
        reference.statistic, rel=1e-10
    )


def test_clustered_p(found: dict[str, pd.DataFrame], complete: pd.DataFrame) -> None:
    import statsmodels.api as sm

    fit = sm.OLS(complete["A"], sm.add_constant(complete["B"])).fit(
        cov_type="cluster", cov_kwds={"groups": pd.factorize(complete["school"])[0]}, use_t=True
    )
    assert rows(found).loc[("A", "B"), "p_clustered"] == pytest.approx(fit.pvalues["B"], rel=1e-7)


def test_within_schools(found: dict[str, pd.DataFrame], complete: pd.DataFrame) -> None:
    centred = complete[["A", "B"]] - complete.groupby("school")[["A", "B"]].transform("mean")
    r = rows(found, "within_school").loc[("A", "B"), "r"]
    assert r == pytest.approx(centred["A"].corr(centred["B"]), rel=1e-9)


def test_between_schools_of_enough_respondents(answers: pd.DataFrame, complete: pd.DataFrame) -> None:
    plan = Correlations(variables=("A", "B", "C", "a1", "a2"), smallest_school=18)
    pair = rows(tables(answers, plan), "school_means").loc[("A", "B")]
    sizes = complete.groupby("school").size()
    means = complete.groupby("school")[["A", "B"]].mean()[sizes >= 18]
    assert 2 < len(means) < 25
    assert pair["n"] == len(means)
    assert pair["r"] == pytest.approx(means["A"].corr(means["B"]), rel=1e-9)


def test_partial(answers: pd.DataFrame) -> None:
    found = tables(answers, Correlations(variables=("A", "B"), controls=("C", "sex")))
    used = answers.dropna(subset=["A", "B", "C", "sex"])
    design = np.column_stack([np.ones(len(used)), used[["C", "sex"]]])
    left = [used[name] - design @ np.linalg.lstsq(design, used[name], rcond=None)[0] for name in ("A", "B")]
    pair = rows(found, method="partial").loc[("A", "B")]
    assert pair["r"] == pytest.approx(np.corrcoef(*left)[0, 1], rel=1e-9)
    assert pair["controls"] == "C sex"


def test_pairwise_rows_where_the_plan_says_so(answers: pd.DataFrame) -> None:
    found = tables(answers, missing="pairwise")
    assert rows(found).loc[("A", "B"), "n"] == len(answers[["A", "B"]].dropna())


def test_means_stand_on_the_rows_of_the_correlations(
    found: dict[str, pd.DataFrame], complete: pd.DataFrame
) -> None:
    described = found["correlation_variables"].set_index("variable")
    assert described.loc["B", "mean"] == pytest.approx(complete["B"].mean())
    assert described.loc["B", "sd"] == pytest.approx(complete["B"].std())


def test_families_are_levels_and_methods_with_items_apart(found: dict[str, pd.DataFrame]) -> None:
    families = rows(found)["family"]
    assert families["A", "B"] == "respondent: pearson"
    assert families["B", "a1"] == "respondent: pearson, items"


def test_p_is_adjusted_within_its_family(found: dict[str, pd.DataFrame]) -> None:
    from statsmodels.stats.multitest import multipletests

    family = rows(found, "within_school").query("family == 'within_school: pearson'")
    assert len(family) == 3
    np.testing.assert_allclose(family["p_adjusted"], multipletests(family["p"], method="holm")[1], rtol=1e-12)


# --- bad input ---------------------------------------------------------------------------------------------


def test_a_variable_nobody_answered_leaves_the_others(answers: pd.DataFrame) -> None:
    found = rows(tables(answers.assign(C=np.nan)))
    assert found.loc[("A", "C"), "reason"] == "correlation-blank: variable=C"
    assert np.isfinite(found.loc[("A", "B"), "r"])


def test_a_constant_variable(answers: pd.DataFrame) -> None:
    found = tables(answers.assign(C=3.0))["correlations"]
    of_c = found[(found["a"] == "C") | (found["b"] == "C")]
    assert of_c["r"].isna().all()
    assert of_c["reason"].str.startswith("correlation-constant").all()


def test_an_item_that_does_not_vary_costs_only_its_own_pairs(answers: pd.DataFrame) -> None:
    plan = Correlations(variables=("a1", "a2", "b1"))
    found = rows(tables(answers.assign(a1=3.0), plan), method="polychoric")
    assert found.loc[("a1", "a2"), "reason"] != ""
    assert np.isfinite(found.loc[("a2", "b1"), "r"])


def test_perfect_collinearity(answers: pd.DataFrame) -> None:
    pair = rows(tables(answers.assign(C=answers["A"]))).loc[("A", "C")]
    assert pair["r"] == pytest.approx(1.0)
    assert pair["reason"] == ""


def test_a_control_that_determines_a_variable(answers: pd.DataFrame) -> None:
    frame = answers.assign(alone=answers["A"])
    found = rows(tables(frame, Correlations(variables=("A", "B"), controls=("alone",))), method="partial")
    assert found.loc[("A", "B"), "reason"].startswith("correlation-controls-determine")


@pytest.mark.parametrize("control", ["way", "town"])
def test_a_control_without_an_order(answers: pd.DataFrame, control: str) -> None:
    found = rows(tables(answers, Correlations(variables=("A", "B"), controls=(control,))), method="partial")
    assert found.loc[("A", "B"), "reason"] == f"correlation-nominal: variable={control}"


def test_a_variable_without_an_order(answers: pd.DataFrame) -> None:
    found = rows(tables(answers, Correlations(variables=("A", "B", "way"))))
    assert found.loc[("A", "way"), "reason"] == "correlation-nominal: variable=way"
    assert np.isfinite(found.loc[("A", "B"), "r"])


def test_two_answers_count_as_numbers(answers: pd.DataFrame) -> None:
    used = answers[["A", "sex"]].dropna()
    found = rows(tables(answers, Correlations(variables=("A", "sex"))))
    assert found.loc[("A", "sex"), "r"] == pytest.approx(stats.pointbiserialr(used["sex"], used["A"])[0])


def test_too_few_rows(answers: pd.DataFrame) -> None:
    found = tables(answers.dropna().head(2))["correlations"]
    assert found["r"].isna().all()
    assert found["reason"].str.startswith("correlation-few-rows").all()


def test_one_school_has_no_levels(answers: pd.DataFrame) -> None:
    found = tables(answers.assign(school="001"))["correlations"]
    assert set(found["level"]) == {"respondent"}


def test_one_variable_has_no_correlations(answers: pd.DataFrame) -> None:
    assert tables(answers, Correlations(variables=("A",))) == {}
