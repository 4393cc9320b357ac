"""Differences between groups of a role: what is compared by default and by plan; bad input's reasons."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from scipy import stats

import manyi
from manyi.study.analysis_plan import Analysis, Differences
from manyi.topics.differences import DifferencesTopic
from manyi.topics.one_pass import gather
from manyi.topics.topic import Subject
from manyi_instruments.definitions.questionnaire import Questionnaire

ITEMS = ["a1", "a2", "a3"]
CONTRACT = [
    "outcome", "by", "test", "statistic", "df1", "df2", "p", "p_adjusted",
    "effect", "effect_name", "low", "high",
]  # fmt: skip


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
            "two": {"answers": listed(range(2))},
        },
        "scales": [{"id": "A", "title": {"en": "A"}}],
        "items": [
            *({"id": name, "text": {"en": name}, "answers": "five", "scale": "A"} for name in ITEMS[:2]),
            {"id": "a3", "text": {"en": "a3"}, "answers": "five", "scale": "A", "reverse": True},
            {
                "id": "age",
                "text": {"en": "age"},
                "type": "number",
                "minimum": 0,
                "maximum": 99,
                "standalone": True,
            },
            {"id": "way", "text": {"en": "way"}, "answers": "way", "standalone": True},
            {"id": "yes", "text": {"en": "yes"}, "answers": "two", "standalone": True},
        ],
    }
)


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    rng = np.random.default_rng(11)
    n = 600
    school = rng.integers(0, 30, n)
    latent = rng.normal(size=(n, 1)) + 0.5 * rng.normal(size=30)[school][:, None]
    frame = pd.DataFrame(np.clip(np.rint(3 + latent + 0.8 * rng.normal(size=(n, 3))), 1, 5), columns=ITEMS)
    frame["a3_r"] = 6 - frame["a3"]
    frame["A"] = frame[["a1", "a2", "a3_r"]].mean(axis=1)
    frame["age"] = rng.integers(20, 60, n).astype(float)
    frame["way"] = rng.integers(1, 4, n).astype(float)
    frame["yes"] = rng.integers(0, 2, n).astype(float)
    frame["sex"] = rng.choice(["f", "m"], n)
    frame["town"] = np.array(["east", "north", "west"])[school % 3]
    return frame.assign(school=[f"{code:03d}" for code in school])


def tables(
    frame: pd.DataFrame, plan: Differences | None = None, schooled: bool = True, **analysis: Any
) -> dict[str, pd.DataFrame]:
    settings = {"groups": {"people": ("sex", "town")}, **analysis}
    whole = Analysis(**settings, differences={"people": plan} if plan else {})
    blank = frozenset(name for name in frame if frame[name].isna().all())
    subject = Subject("people", QUESTIONNAIRE, whole, frozenset(frame.columns), schooled, blank)
    topic = DifferencesTopic(subject)
    return topic.tables(gather([frame], topic.sets()))


def chosen(found: dict[str, pd.DataFrame]) -> pd.DataFrame:
    frame = found["differences"]
    return frame[frame["chosen"]].set_index(["outcome", "by"])


def row(found: dict[str, pd.DataFrame], outcome: str, by: str) -> Any:
    return chosen(found).loc[(outcome, by)]


@pytest.fixture(scope="module")
def found(answers: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return tables(answers, Differences(outcomes=("A", "a1", "a3", "age", "way", "yes")))


# --- what is compared --------------------------------------------------------------------------------------


def test_columns_of_the_contract_come_first(found: dict[str, pd.DataFrame]) -> None:
    assert list(found["differences"].columns[: len(CONTRACT)]) == CONTRACT


def test_by_default_satisfaction_and_scales_by_the_groups_of_the_plan(answers: pd.DataFrame) -> None:
    keys = chosen(tables(answers, satisfaction={"people": ("a1",)})).index.tolist()
    assert keys == [("a1", "sex"), ("A", "sex"), ("a1", "town"), ("A", "town")]


def test_kinds_follow_from_the_definition(found: dict[str, pd.DataFrame]) -> None:
    kinds = chosen(found)["kind"].unstack()["sex"].to_dict()
    assert kinds == {
        "A": "scale", "a1": "ordinal", "a3": "ordinal", "age": "scale", "way": "nominal", "yes": "nominal"
    }  # fmt: skip


def test_a_reverse_keyed_item_counts_as_recoded(
    found: dict[str, pd.DataFrame], answers: pd.DataFrame
) -> None:
    means = found["group_means"].set_index(["outcome", "by", "group"])["mean"]
    assert means["a3", "sex", "f"] == pytest.approx(answers.loc[answers["sex"] == "f", "a3_r"].mean())


def test_an_outcome_is_not_compared_by_itself(answers: pd.DataFrame) -> None:
    found = tables(answers, Differences(outcomes=("A", "yes"), by=("yes",)))
    assert chosen(found).index.tolist() == [("A", "yes")]


def test_without_beside_only_the_tests_of_the_rule(answers: pd.DataFrame) -> None:
    assert tables(answers, Differences(beside=False))["differences"]["chosen"].all()


# --- the numbers -------------------------------------------------------------------------------------------


def test_two_groups_by_welch(found: dict[str, pd.DataFrame], answers: pd.DataFrame) -> None:
    sexes = [answers.loc[answers["sex"] == sex, "A"] for sex in ("f", "m")]
    reference = stats.ttest_ind(*sexes, equal_var=False)
    welch = row(found, "A", "sex")
    np.testing.assert_allclose(
        [welch["statistic"], welch["df1"], welch["p"]],
        [reference.statistic, reference.df, reference.pvalue],
        rtol=1e-10,
    )


def test_several_groups_by_ranks(found: dict[str, pd.DataFrame], answers: pd.DataFrame) -> None:
    reference = stats.kruskal(*(rows["a1"] for _, rows in answers.groupby("town")))
    assert row(found, "a1", "town")["statistic"] == pytest.approx(reference.statistic, rel=1e-10)


def test_answers_without_an_order_by_chi_square(
    found: dict[str, pd.DataFrame], answers: pd.DataFrame
) -> None:
    reference = stats.chi2_contingency(pd.crosstab(answers["town"], answers["way"]), correction=False)
    assert row(found, "way", "town")["p"] == pytest.approx(reference.pvalue, rel=1e-10)


def test_shares_of_answers(found: dict[str, pd.DataFrame], answers: pd.DataFrame) -> None:
    rows = found["group_answers"].set_index(["outcome", "by", "group", "answer"])["share"]
    share = pd.crosstab(answers["town"], answers["way"], normalize="index").loc["east", 2.0]
    assert rows["way", "town", "east", 2.0] == pytest.approx(share)


def test_the_naive_p_stands_beside_the_clustered_one(
    found: dict[str, pd.DataFrame], answers: pd.DataFrame
) -> None:
    import statsmodels.api as sm

    dummies = pd.get_dummies(answers["town"], drop_first=True, dtype=float)
    fit = sm.OLS(answers["A"], sm.add_constant(dummies)).fit(
        cov_type="cluster", cov_kwds={"groups": pd.factorize(answers["school"])[0]}, use_t=True
    )
    reference = fit.f_test(np.eye(3)[1:])
    assert row(found, "A", "town")["f_clustered"] == pytest.approx(float(reference.fvalue), rel=1e-8)
    assert row(found, "A", "town")["p_clustered"] == pytest.approx(float(reference.pvalue), rel=1e-8)


def test_nested_respondents_are_warned_of(found: dict[str, pd.DataFrame]) -> None:
    assert row(found, "A", "town")["note"].startswith("nested-respondents: ")


def test_p_is_adjusted_within_its_family(found: dict[str, pd.DataFrame]) -> None:
    from statsmodels.stats.multitest import multipletests

    family = chosen(found).query("family == 'town: ordinal'")
    assert family.index.get_level_values("outcome").tolist() == ["a1", "a3"]
    np.testing.assert_allclose(family["p_adjusted"], multipletests(family["p"], method="holm")[1], rtol=1e-12)


def test_pairs_follow_the_test_chosen(found: dict[str, pd.DataFrame]) -> None:
    pairs = found["pairwise_differences"]
    tests = pairs[pairs["chosen"]].groupby("outcome")["test"].unique().map(list).to_dict()
    assert tests == {"A": ["games_howell"], "age": ["games_howell"], "a1": ["dunn"], "a3": ["dunn"]}


def test_without_schools_nothing_is_clustered(answers: pd.DataFrame) -> None:
    assert tables(answers, schooled=False)["differences"]["p_clustered"].isna().all()


# --- small groups ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def hidden(answers: pd.DataFrame) -> dict[str, pd.DataFrame]:
    group = np.array(["big"] * 500 + ["middle"] * 70 + ["least"] * 24 + ["few"] * 6)
    return tables(answers.assign(town=group), Differences(outcomes=("A", "way"), by=("town",)))


def test_a_small_group_has_no_numbers(hidden: dict[str, pd.DataFrame]) -> None:
    means = hidden["group_means"].set_index("group")
    assert means.loc["few", ["n", "mean", "sd", "median", "mean_rank"]].isna().all()
    assert means.loc["few", "reason"] == "small-cell: minimum=10"


def test_nor_the_group_it_would_follow_from(hidden: dict[str, pd.DataFrame]) -> None:
    means = hidden["group_means"].set_index("group")
    assert np.isnan(means.loc["least", "mean"])
    assert means.loc["least", "reason"] == "small-cell-complement: minimum=10"


def test_hidden_groups_are_not_compared(hidden: dict[str, pd.DataFrame]) -> None:
    assert row(hidden, "A", "town")["groups"] == "big middle"
    assert set(hidden["group_answers"]["group"]) == {"big", "middle"}


def test_those_left_out_are_named(hidden: dict[str, pd.DataFrame]) -> None:
    note = row(hidden, "A", "town")["note"]
    assert "difference-groups-left-out: groups=few" in note
    assert "difference-groups-left-beside: groups=least" in note


# --- bad input ---------------------------------------------------------------------------------------------


def reasons(frame: pd.DataFrame, **settings: Any) -> pd.Series:
    found = tables(frame, Differences(by=("town",), outcomes=("A", "a1", "way"), **settings))
    return chosen(found)["reason"].droplevel("by")


def test_one_group_only(answers: pd.DataFrame) -> None:
    found = reasons(answers.assign(town="east"))
    assert found.str.startswith("difference-few-groups").all()


def test_groups_of_one(answers: pd.DataFrame) -> None:
    found = reasons(answers.assign(town=[f"g{number}" for number in range(len(answers))]))
    assert found.str.startswith("difference-few-groups").all()


def test_nobody_in_a_group(answers: pd.DataFrame) -> None:
    found = reasons(answers.assign(town=pd.Series([None] * len(answers), dtype="string")))
    assert found.str.startswith("difference-few-groups").all()


def test_a_group_without_answers_is_no_group(answers: pd.DataFrame) -> None:
    frame = answers.copy()
    frame.loc[frame["town"] == "east", "A"] = np.nan
    found = tables(frame, Differences(by=("town",), outcomes=("A",)))
    assert row(found, "A", "town")["groups"] == "north west"


def test_a_constant_outcome(answers: pd.DataFrame) -> None:
    found = reasons(answers.assign(A=3.0, a1=3.0, way=1.0))
    assert found.str.startswith("difference-constant-groups").all()


def test_an_outcome_nobody_answered(answers: pd.DataFrame) -> None:
    found = reasons(answers.assign(a1=np.nan))
    assert found["a1"] == "difference-outcome-blank: outcome=a1"
    assert found["A"] == ""


def test_an_answer_unused_in_one_group(answers: pd.DataFrame) -> None:
    frame = answers.copy()
    frame.loc[(frame["town"] == "east") & (frame["way"] == 3), "way"] = 1.0
    found = tables(frame, Differences(by=("town",), outcomes=("way",)))
    reference = stats.chi2_contingency(pd.crosstab(frame["town"], frame["way"]), correction=False)
    assert row(found, "way", "town")["statistic"] == pytest.approx(reference.statistic, rel=1e-10)


def test_an_answer_nobody_gave(answers: pd.DataFrame) -> None:
    frame = answers.assign(way=answers["way"].clip(upper=2))
    found = tables(frame, Differences(by=("town",), outcomes=("way",)))
    assert row(found, "way", "town")["df1"] == 2


def test_groups_that_are_the_schools(answers: pd.DataFrame) -> None:
    found = tables(answers, Differences(by=("school",), outcomes=("A",)))
    welch = row(found, "A", "school")
    assert (welch["test"], welch["reason"]) == ("welch_anova", "")
    assert np.isnan(welch["p_clustered"])


def test_one_school_only(answers: pd.DataFrame) -> None:
    found = tables(answers.assign(school="001"), Differences(outcomes=("A", "way")))
    assert chosen(found)["p"].notna().all()
    assert chosen(found)["p_clustered"].isna().all()


def test_every_reason_and_note_has_words(answers: pd.DataFrame, hidden: dict[str, pd.DataFrame]) -> None:
    from manyi_instruments.faults import wordings

    found = [*reasons(answers.assign(A=3.0, a1=np.nan, town="east")), *hidden["differences"]["note"]]
    codes = {part.partition(":")[0] for text in found for part in text.split("; ") if part}
    assert codes <= set(wordings())


# --- the plan ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "entry",
    [
        {"differences": {"carers": {"outcomes": ["nothing"]}}},
        {"differences": {"carers": {"by": ["nothing"]}}},
        {"differences": {"carers": {"outcomes": ["books"]}}},
        {"correlations": {"carers": {"variables": ["nothing"]}}},
        {"correlations": {"carers": {"controls": ["nothing"]}}},
        {"correlations": {"carers": {"variables": ["stage"]}}},
    ],
)
def test_a_name_the_plan_cannot_use_is_told(tmp_path: Path, write_town: Any, entry: Any) -> None:
    folder = write_town(tmp_path / "study")
    said = yaml.safe_load((folder / "study.yaml").read_text(encoding="utf-8"))
    said["analysis"] = {**said.get("analysis", {}), **entry}
    (folder / "study.yaml").write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")
    assert [fault.code for fault in manyi.open(folder).check()] == ["plan-unknown-variable"]


def test_columns_of_the_school_table_may_group_and_be_held_constant(tmp_path: Path, write_town: Any) -> None:
    folder = write_town(tmp_path / "study")
    said = yaml.safe_load((folder / "study.yaml").read_text(encoding="utf-8"))
    said["analysis"] |= {
        "differences": {"carers": {"by": ["books"]}},
        "correlations": {"carers": {"controls": ["books"]}},
    }
    (folder / "study.yaml").write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")
    study = manyi.open(folder)
    assert study.check() == ()
    study.run()
    tests = study.results["differences"].to_frame().query("role == 'carers'")
    assert set(tests["by"]) == {"books"}
    methods = study.results["correlations"].to_frame().query("role == 'carers'")
    assert methods.query("method == 'partial'")["controls"].unique().tolist() == ["books"]
