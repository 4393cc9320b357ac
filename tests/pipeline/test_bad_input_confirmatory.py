"""Answers that do not carry a confirmatory model: a reason in the table, never an exception."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from manyi.study.analysis_plan import Analysis
from manyi.study.confirmatory_plan import Confirmatory
from manyi.topics.confirmatory import ConfirmatoryTopic
from manyi.topics.one_pass import gather
from manyi.topics.topic import Subject
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.faults import wordings

TWO = {"A": ["a1", "a2", "a3"], "B": ["b1", "b2", "b3"]}
EVERY = ("ml", "mlm", "mlr", "fiml", "wlsmv")


@pytest.fixture(scope="session")
def answers(likert):
    """Return ``answers(scales, n)``: factors that correlate, with what the whole group has in common."""

    def draw(scales: dict[str, list[str]], n: int = 200) -> pd.DataFrame:
        rng = np.random.default_rng(11)
        shared = rng.standard_normal(n)
        parts = {}
        for items in scales.values():
            factor = 0.6 * shared + 0.8 * rng.standard_normal(n)
            for item in items:
                latent = 0.8 * factor + 0.6 * rng.standard_normal(n)
                parts[item] = np.clip(np.rint(3 + latent), 1, 5)
        return pd.DataFrame(parts)

    return draw


@pytest.fixture(scope="session")
def made(scale_questionnaire):
    """Return ``made(frame, items of scales, groups=(), **plan) -> tables``."""

    def make(
        frame: pd.DataFrame, items: dict[str, list[str]], groups: tuple[str, ...] = (), /, **plan: Any
    ) -> dict[str, pd.DataFrame]:
        questionnaire = Questionnaire.model_validate(scale_questionnaire(items))
        analysis = Analysis(
            groups={"people": groups}, confirmatory={"people": Confirmatory(**plan)} if plan else {}
        )
        topic = ConfirmatoryTopic(Subject("people", questionnaire, analysis, frozenset(frame.columns)))
        return topic.tables(gather([frame], topic.sets()))

    return make


def codes(table: pd.DataFrame) -> set[str]:
    return {reason.partition(":")[0] for reason in table["reason"] if reason}


@pytest.mark.parametrize("estimator", EVERY)
def test_one_factor_of_two_items(made, answers, estimator) -> None:
    scales = {"A": ["a1", "a2"]}
    fit = made(answers(scales), scales, estimator=(estimator,))["cfa_fit"]
    assert codes(fit) == {"cfa-too-few-moments"}
    assert fit[["chi2", "cfi", "aic"]].isna().all(axis=None)


def test_two_factors_of_two_items_are_identified(made, answers) -> None:
    scales = {"A": ["a1", "a2"], "B": ["b1", "b2"]}
    fit = made(answers(scales), scales)["cfa_fit"].set_index(["model", "estimator"])
    assert (fit.loc[("correlated", "ML"), "df"], fit.loc[("correlated", "ML"), "reason"]) == (1, "")


@pytest.mark.parametrize("model", ["second_order", "bifactor"])
def test_a_model_that_two_scales_do_not_identify(made, answers, model) -> None:
    fit = made(answers(TWO), TWO, models=(model,), estimator=("ml",))["cfa_fit"]
    assert codes(fit) <= {"cfa-not-identified", "cfa-not-converged"}
    assert len(codes(fit)) == 1


@pytest.mark.parametrize(
    ("estimator", "code"),
    [
        ("ml", "singular-correlations"),
        ("mlr", "singular-correlations"),
        ("fiml", "missing-singular"),
        ("wlsmv", "correlation-at-bound"),
    ],
)
def test_perfect_collinearity(made, answers, estimator, code) -> None:
    frame = answers(TWO)
    frame["a3"] = frame["a2"]
    tables = made(frame, TWO, estimator=(estimator,))
    assert code in codes(tables["cfa_fit"])
    assert tables["convergent"]["cr"].isna().all()


@pytest.mark.parametrize("estimator", EVERY)
def test_an_item_nobody_answered(made, answers, estimator) -> None:
    frame = answers(TWO).assign(a3=np.nan)
    tables = made(frame, TWO, estimator=(estimator,))
    assert tables["cfa_fit"]["chi2"].isna().all()
    assert len(codes(tables["cfa_fit"])) == 1
    assert len(codes(tables["htmt"])) == 1


@pytest.mark.parametrize("estimator", EVERY)
def test_nobody_answered(made, answers, estimator) -> None:
    tables = made(answers(TWO).head(0), TWO, estimator=(estimator,))
    assert tables["cfa_fit"]["chi2"].isna().all()
    assert "" not in set(tables["cfa_fit"]["reason"])


@pytest.mark.parametrize("estimator", EVERY)
def test_a_constant_item(made, answers, estimator) -> None:
    fit = made(answers(TWO).assign(b2=4.0), TWO, estimator=(estimator,))["cfa_fit"]
    assert codes(fit) <= {"constant-item", "missing-column-constant"}
    assert len(codes(fit)) == 1


def test_groups_of_one_are_left_out_and_named(made, answers) -> None:
    frame = answers(TWO).assign(town=["x", "y", *["big"] * 100, *["other"] * 98])
    rows = made(frame, TWO, ("town",))["invariance"]
    assert set(rows["group_names"]) == {"big, other"}
    assert set(rows["left_out"]) == {"x, y"}
    assert set(rows["n"]) == {198}


def test_groups_that_are_all_of_one(made, answers) -> None:
    frame = answers(TWO, 30).assign(town=[str(number) for number in range(30)])
    rows = made(frame, TWO, ("town",))["invariance"]
    assert rows["reason"].tolist() == ["invariance-small-groups: groups=0, rows=19"]


def test_a_group_without_answers_to_an_item(made, answers) -> None:
    frame = answers(TWO).assign(town=["here"] * 100 + ["there"] * 100)
    frame.loc[100:, "a1"] = np.nan
    tables = made(frame, TWO, ("town",))
    assert codes(tables["invariance"]) == {"invariance-small-groups"}
    assert len(tables["latent_means"]) == 0


def test_a_group_that_is_missing_everywhere(made, answers) -> None:
    rows = made(answers(TWO).assign(town=None), TWO, ("town",))["invariance"]
    assert rows["reason"].tolist() == ["invariance-small-groups: groups=0, rows=19"]


def test_an_item_constant_in_one_group_leaves_that_group_out(made, answers) -> None:
    frame = answers(TWO, 300).assign(town=np.repeat(["a", "b", "c"], 100))
    frame.loc[frame["town"] == "c", "a2"] = 3.0
    rows = made(frame, TWO, ("town",))["invariance"]
    assert (set(rows["group_names"]), set(rows["left_out"])) == ({"a, b"}, {"c"})


def test_a_category_that_one_group_does_not_use(made, answers) -> None:
    frame = answers(TWO).assign(town=["here"] * 100 + ["there"] * 100)
    frame.loc[100:, "a1"] = frame.loc[100:, "a1"].clip(upper=4)
    rows = made(frame, TWO, ("town",), estimator=("wlsmv",))["invariance"]
    assert set(rows["estimator"]) == {"ML"}
    assert rows["chi2"].notna().all()


def test_more_groups_than_anybody_asked_for(made, answers) -> None:
    frame = answers(TWO, 1200).assign(town=np.arange(1200) % 12)
    assert codes(made(frame, TWO, ("town",))["invariance"]) == {"invariance-many-groups"}
    named = made(frame, TWO, ("town",), invariance=("town",), estimator=("ml",))["invariance"]
    assert set(named["groups"]) == {12}


def test_a_scale_of_one_item_stays_out_unless_named(made, answers) -> None:
    scales = {**TWO, "ONE": ["c1"]}
    left_out = made(answers(scales), scales)["cfa_fit"]
    assert set(left_out["k"]) == {6}
    named = made(answers(scales), scales, scales=("A", "B", "ONE"), estimator=("ml",))
    assert set(named["cfa_fit"]["k"]) == {7}
    assert named["cfa_fit"]["remark"].str.contains("cfa-single-item-factor").any()
    row = named["convergent"].set_index("scale").loc["ONE"]
    assert (np.isnan(row["cr"]), row["reason"]) == (True, "one-item-scale: items=c1")


def test_a_heywood_case_is_said(made) -> None:
    # Two items share more than either shares with the third: Anderson and Gerbing (1984) found such small
    # samples improper in every second case.
    rng = np.random.default_rng(4)
    factor = rng.standard_normal((60, 1))
    frame = pd.DataFrame(factor + 0.15 * rng.standard_normal((60, 2)), columns=["a1", "a2"])
    frame["a3"] = 0.1 * frame["a1"] + rng.standard_normal(60)
    tables = made(frame, {"A": ["a1", "a2", "a3"]}, estimator=("ml",))
    remark = tables["cfa_fit"]["remark"].iloc[0]
    assert remark.startswith("cfa-negative-error-variance: ")
    assert tables["convergent"]["remark"].iloc[0] == remark


def test_a_scale_called_general_is_no_trouble(made, answers) -> None:
    scales = {"general": ["a1", "a2", "a3"], "B": ["b1", "b2", "b3"], "C": ["c1", "c2", "c3"]}
    fit = made(answers(scales), scales, models=("single", "bifactor", "second_order"), estimator=("ml",))
    assert set(fit["cfa_loadings"].query("model == 'single'")["factor"]) == {"general_factor"}


def test_every_estimator_gives_a_sound_model_its_fit(made, answers) -> None:
    fit = made(answers(TWO), TWO, models=("correlated",), estimator=EVERY)["cfa_fit"]
    assert fit["estimator"].tolist() == ["ML", "MLM", "MLR", "FIML", "WLSMV"]
    assert fit["cfi"].gt(0.9).all()
    assert fit["reason"].eq("").all()


def test_errors_correlate_only_where_the_plan_says_so(made, answers) -> None:
    plain = made(answers(TWO), TWO, models=("correlated",), estimator=("ml",))["cfa_fit"]["df"].iloc[0]
    paired = made(answers(TWO), TWO, models=("correlated",), estimator=("ml",), errors=(("a1", "a2"),))[
        "cfa_fit"
    ]["df"].iloc[0]
    assert (plain, paired) == (8, 7)


def test_parameters_released_by_the_plan_are_free_from_the_start(made, answers) -> None:
    frame = answers(TWO).assign(town=["here"] * 100 + ["there"] * 100)
    rows = made(frame, TWO, ("town",), estimator=("ml",), released=("A =~ a2", "Z =~ z1"))["invariance"]
    assert rows.set_index("step").loc["partial metric", "released"] == "A =~ a2"


def test_each_scale_by_itself(made, answers) -> None:
    frame = answers(TWO).assign(town=["here"] * 100 + ["there"] * 100)
    rows = made(frame, TWO, ("town",), estimator=("ml",), each_scale=True)["invariance"]
    assert list(dict.fromkeys(rows["scale"])) == ["all", "A", "B"]


@pytest.mark.parametrize(
    "code",
    [
        "cfa-models-not-nested",
        "cfa-models-equivalent",
        "cfa-difference-not-positive",
        "cfa-difference-of-ordinal-tests",
    ],
)
def test_reasons_that_are_put_together_stand_in_the_catalogue(code) -> None:
    assert code in wordings()


def test_tests_of_ordered_answers_are_not_subtracted(made, answers) -> None:
    rows = made(answers(TWO), TWO, estimator=("wlsmv",))["cfa_comparison"]
    assert rows["reason"].tolist() == ["cfa-difference-of-ordinal-tests"]
    assert rows["delta_cfi"].notna().all()
