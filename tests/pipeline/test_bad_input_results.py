"""Planned results that cannot be computed: a reason in their row, exit 1, and the rest of the run as ever."""

import numpy as np
import pandas as pd
import pytest

FIVE = ["i1", "i2", "i3", "i4", "i5"]
ROLES = ("sound", "one_item", "constant", "few", "singular", "collinear", "nobody")


@pytest.fixture(scope="module")
def run(tmp_path_factory, write_study, scale_questionnaire, likert, run_manyi):
    """Return a study with one defect a role, and how its run ended."""
    answers = {role: likert(FIVE, 50, seed) for seed, role in enumerate(ROLES, 21)}
    answers["one_item"] = answers["one_item"][["i1", "i2", "i3"]]
    answers["constant"]["i3"] = 4
    answers["few"] = answers["few"].head(4)
    answers["singular"]["i5"] = answers["singular"]["i4"]
    answers["collinear"]["half"] = np.arange(50) % 7
    answers["collinear"]["whole"] = 2 * answers["collinear"]["half"]
    answers["nobody"].loc[:, FIVE] = 3
    numbers = [
        {"id": name, "text": {"en": name}, "type": "number", "minimum": 0, "maximum": 20}
        for name in ("half", "whole")
    ]
    questionnaires = {role: scale_questionnaire({"S": FIVE}) for role in ROLES}
    questionnaires["one_item"] = scale_questionnaire({"S": ["i1", "i2"], "ONE": ["i3"]})
    questionnaires["collinear"] = scale_questionnaire({"S": FIVE}, demographics=numbers)
    folder = write_study(
        tmp_path_factory.mktemp("results") / "study",
        questionnaires,
        {role: {f"{role}.csv": frame} for role, frame in answers.items()},
        cleaning={"rules": {"straight_lining": {"minimum_items": 5}}, "exclude": ["straight_lining"]},
        analysis={
            "factors": {role: {"number": 1} for role in ROLES},
            "regression": [
                {
                    "role": "collinear",
                    "outcome": "S",
                    "blocks": {"first": ["half"], "second": ["whole", "i1"]},
                }
            ],
        },
    )
    return folder, run_manyi("run", folder, "--json")


@pytest.fixture(scope="module")
def table(run, read_csv):
    """Return ``table(name, role) -> frame``."""

    def read(name: str, role: str) -> pd.DataFrame:
        frame = read_csv(run[0], name)
        return frame[frame["role"] == role].reset_index(drop=True)

    return read


def told(run, role: str) -> list[str]:
    """Return the tables of which the run said that a planned result of this role was not computed."""
    return [
        fault["file"].removesuffix(".csv")
        for fault in run[1].json["faults"]
        if fault["code"] == "result-not-computed" and f"'{role}'" in fault["what"]
    ]


def test_exit_code_is_1(run) -> None:
    assert run[1].code == 1


def test_no_stage_fails(run) -> None:
    assert run[1].stages("failed") + run[1].stages("left_out") == []


def test_the_role_without_a_defect_has_all_its_results(run, table) -> None:
    assert told(run, "sound") == []
    assert table("reliability", "sound")["alpha"].notna().all()
    assert table("factorability", "sound")["kmo"].notna().all()
    assert len(table("loadings", "sound")) == 5


def test_a_scale_with_one_item_is_warned_of_before_the_run(run) -> None:
    warnings = [fault for fault in run[1].json["faults"] if fault["code"] == "scale-with-one-item"]
    assert [(fault["severity"], fault["line"] > 0) for fault in warnings] == [("warning", True)]


def test_a_scale_with_one_item_has_no_alpha_and_a_reason(run, table) -> None:
    row = table("reliability", "one_item").set_index("scale").loc["ONE"]
    assert np.isnan(row["alpha"])
    assert row["reason"] == "one-item-scale: items=i3"
    assert told(run, "one_item") == ["reliability"]


def test_the_other_scale_of_that_questionnaire_has_its_alpha(table) -> None:
    assert table("reliability", "one_item").set_index("scale").loc["S", "alpha"] > 0


def test_a_scale_with_one_item_is_scored_all_the_same(run) -> None:
    answers = pd.read_parquet(run[0] / "results" / "clean" / "one_item")
    assert (answers["ONE"] == answers["i3"]).all()


def test_a_constant_item_is_named_in_reliability(table) -> None:
    row = table("reliability", "constant").iloc[0]
    assert (np.isnan(row["alpha"]), row["reason"]) == (True, "constant-item: items=i3")


def test_a_constant_item_is_named_in_factorability(run, table) -> None:
    row = table("factorability", "constant").iloc[0]
    assert (np.isnan(row["kmo"]), row["reason"]) == (True, "constant-item: items=i3")
    assert set(told(run, "constant")) == {"reliability", "factorability"}


def test_the_items_beside_a_constant_one_are_described(table) -> None:
    items = table("items", "constant").set_index("item")
    assert items.drop(index="i3")["item_rest_r"].notna().all()
    assert items.loc["i3", ["mean", "sd"]].tolist() == [4, 0]


def test_fewer_rows_than_items_are_named(run, table) -> None:
    row = table("factorability", "few").iloc[0]
    assert (row["n"], row["reason"]) == (4, "fewer-rows-than-items: k=5")
    assert "factorability" in told(run, "few")


def test_a_singular_correlation_matrix_names_the_items_that_repeat_each_other(run, table) -> None:
    row = table("factorability", "singular").iloc[0]
    assert (np.isnan(row["kmo"]), row["reason"]) == (True, "singular-correlations: items=i4 i5")
    assert "factorability" in told(run, "singular")


def test_alpha_needs_no_regular_matrix(table) -> None:
    assert table("reliability", "singular").loc[0, "alpha"] > 0


def test_no_loadings_stand_where_none_could_be_found(run, read_csv) -> None:
    assert set(read_csv(run[0], "loadings")["role"]) == {"sound", "one_item", "collinear"}


def test_a_collinear_predictor_stays_out_and_says_with_which(table) -> None:
    row = table("regression", "collinear").query("term == 'whole'").iloc[0]
    assert np.isnan(row["b"])
    assert row["reason"] == "predictor-collinear: column=whole, partners=half"


def test_the_regression_goes_on_without_a_collinear_predictor(table) -> None:
    terms = table("regression", "collinear").query("model == 2").set_index("term")["b"]
    assert terms.drop("whole").notna().all()
    answers = table("regression_models", "collinear")
    assert answers["r2"].notna().all()
    assert answers["df1"].tolist() == [1, 1]


def test_a_role_of_which_no_answer_is_left_is_told(run, table) -> None:
    assert run[1].codes.count("no-rows-kept") == 1
    ledger = table("ledger", "nobody").set_index("step")["n"]
    assert (ledger["received"], ledger["excluded"], ledger["kept"]) == (50, 50, 0)


def test_every_output_is_written(run) -> None:
    results = run[0] / "results"
    assert (results / "appendix.xlsx").stat().st_size > 5000
    assert (results / "report.html").stat().st_size > 5000
    assert sorted(path.stem for path in (results / "spss").glob("*.sav")) == sorted([*ROLES, "pooled"])


def test_reasons_reach_the_reader_of_the_report(run) -> None:
    page = (run[0] / "results" / "report.html").read_text(encoding="utf-8")
    assert "i4" in page
    assert "singular-correlations" not in page, "a reader is told in words, not in codes"
