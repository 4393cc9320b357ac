"""What answers can do to measurement: a reason in the table, never an exception; the report is written."""

import numpy as np
import pandas as pd
import pytest

SIX = ["i1", "i2", "i3", "i4", "i5", "i6"]
ROLES = ("sound", "pairs", "repeated", "unanswered", "empty", "sliders", "unused", "alike")
NORTH, SOUTH, ALONE, SILENT = 1, 2, 3, 4
TABLES = ("omega", "split_half", "guttman", "ordinal_reliability", "items", "factorability", "two_level")


@pytest.fixture(scope="module")
def run(tmp_path_factory, write_study, scale_questionnaire, likert, run_manyi):
    """Return a study with one defect a role, in eight schools, and how its run ended."""
    answers = {role: likert(SIX, 80, seed) for seed, role in enumerate(ROLES, 41)}
    for frame in answers.values():
        frame.insert(0, "town", [NORTH, SOUTH] * 40)
        frame.insert(0, "school", [f"s{row % 8}" for row in range(80)])
    answers["repeated"]["i2"] = answers["repeated"]["i1"]
    answers["unanswered"]["i3"] = np.nan
    # A group of one, and one whose members answered nothing.
    answers["empty"].loc[0, "town"] = ALONE
    answers["empty"].loc[1:12, "town"] = SILENT
    answers["empty"] = answers["empty"].astype(dict.fromkeys(SIX, "float64"))
    answers["empty"].loc[1:12, SIX] = np.nan
    south = answers["unused"]["town"] == SOUTH
    answers["unused"].loc[south, "i1"] = answers["unused"].loc[south, "i1"].clip(2, 3)
    answers["alike"].loc[:, "school"] = "s0"
    town = {"id": "town", "text": {"en": "Town"}, "answers": "towns"}
    towns = [{"value": value, "label": {"en": f"Town {value}"}} for value in (NORTH, SOUTH, ALONE, SILENT)]
    shared = scale_questionnaire({"S": SIX[:3], "T": SIX[3:]}, demographics=[town])
    shared["answer_lists"]["towns"] = {"answers": towns, "ordered": False}
    questionnaires = {role: shared for role in ROLES}
    questionnaires["pairs"] = {**scale_questionnaire({"S": SIX[:2], "T": SIX[2:4], "U": SIX[4:]})}
    questionnaires["pairs"]["demographics"] = [town]
    questionnaires["pairs"]["answer_lists"]["towns"] = {"answers": towns, "ordered": False}
    sliders = {**scale_questionnaire({"S": SIX}), "demographics": [town]}
    sliders["answer_lists"]["towns"] = {"answers": towns, "ordered": False}
    sliders["items"] = [
        {"id": name, "text": {"en": name}, "type": "number", "minimum": 0, "maximum": 100, "scale": "S"}
        for name in SIX
    ]
    questionnaires["sliders"] = sliders
    answers["sliders"][SIX] *= 17
    folder = write_study(
        tmp_path_factory.mktemp("measurement") / "study",
        questionnaires,
        {role: {f"{role}.csv": frame} for role, frame in answers.items()},
        roles={role: {"columns": {"school": "school"}} for role in ROLES},
        roster=pd.DataFrame({"school_code": [f"s{number}" for number in range(8)], "books": range(8)}),
        analysis={
            "groups": {role: ["town"] for role in ROLES},
            "factors": {
                **{role: {"number": 1} for role in ROLES},
                "unanswered": {"number": 1, "missing": "em"},
                "empty": {"number": 1, "missing": "em", "matrix": "pearson"},
                "repeated": {"number": 1, "matrix": "polychoric"},
            },
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


def test_no_stage_fails(run) -> None:
    assert run[1].stages("failed") + run[1].stages("left_out") == []


@pytest.mark.parametrize("name", TABLES)
def test_every_role_stands_in_every_table(run, read_csv, name) -> None:
    assert set(read_csv(run[0], name)["role"]) == set(ROLES)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("omega", "omega_total", "reason"),
        ("omega", "omega_h", "reason_h"),
        ("split_half", "spearman_brown", "reason"),
        ("guttman", "value", "reason"),
        ("ordinal_reliability", "alpha_ordinal", "reason"),
        ("factorability", "kmo", "reason"),
        ("factorability", "factors_map", "map_reason"),
        ("factorability", "factors_parallel_fa_polychoric", "polychoric_reason"),
        ("two_level", "alpha", "reason"),
        ("item_icc", "icc_reml", "reason"),
        ("common_method", "share", "reason"),
        ("items", "cr", "cr_reason"),
    ],
)
def test_a_number_that_is_lacking_has_a_reason(run, read_csv, name, value, reason) -> None:
    frame = read_csv(run[0], name)
    assert frame.loc[frame[value].isna(), reason].notna().all()


def test_scales_of_two_items_have_halves_and_no_omega(table) -> None:
    omega = table("omega", "pairs").query("group == 'all' and scale == 'S'").iloc[0]
    assert omega["reason"] == "too-few-items: k=2, needed=3"
    halves = table("split_half", "pairs").query("group == 'all' and scale == 'S'")
    assert halves["spearman_brown"].notna().all()


def test_three_scales_of_two_items_do_not_identify_three_group_factors_beyond_doubt(table) -> None:
    whole = table("omega", "pairs").query("group == 'all' and scale == 'all'").iloc[0]
    assert np.isfinite(whole["omega_h"]) or isinstance(whole["reason_h"], str)


def test_a_repeated_item_is_named(table) -> None:
    omega = table("omega", "repeated").query("group == 'all' and scale == 'S'").iloc[0]
    assert omega["reason"] == "singular-correlations: items=i1 i2"


def test_a_repeated_item_has_no_lambda_6(table) -> None:
    bounds = table("guttman", "repeated").query("group == 'all' and scale == 'S'").set_index("coefficient")
    assert bounds.loc["lambda_6", "reason"] == "singular-correlations: items=i1 i2"
    assert bounds.loc["lambda_2", "value"] > 0


def test_a_repeated_item_is_at_the_bound_of_the_polychoric_correlations(table) -> None:
    row = table("ordinal_reliability", "repeated").query("group == 'all' and scale == 'S'").iloc[0]
    assert row["remark"] == "heywood-case: items=i1 i2; correlation-at-bound: items=i1 i2"


def test_an_item_nobody_answered_is_named_by_em(table) -> None:
    assert table("factorability", "unanswered").loc[0, "reason"] == "missing-column-empty: columns=i3"


def test_an_item_nobody_answered_leaves_the_other_scale_as_it_is(table) -> None:
    omega = table("omega", "unanswered").query("group == 'all'").set_index("scale")
    assert omega.loc["T", "omega_total"] > 0
    assert omega.loc["S", "reason"] == "too-few-rows: needed=2"


def test_an_item_nobody_answered_has_no_floor(table) -> None:
    item = table("items", "unanswered").set_index("item").loc["i3"]
    assert np.isnan(item["floor"])
    assert item["reason"] == "too-few-rows: needed=2"


def test_a_group_of_one_and_an_empty_group_are_hidden(table) -> None:
    omega = table("omega", "empty").set_index(["group", "scale"])
    for group in (f"town={ALONE}", f"town={SILENT}"):
        assert omega.loc[(group, "S"), "reason"] == "small-cell: minimum=10"


def test_em_goes_on_without_rows_that_answered_nothing(table) -> None:
    row = table("factorability", "empty").iloc[0]
    assert row["kmo"] > 0.5
    assert row["missing_rule"] == "em"


def test_sliders_are_no_ordered_categories(table) -> None:
    row = table("ordinal_reliability", "sliders").iloc[0]
    assert row["reason"] == "many-categories: items=i1 i2 i3 i4 i5 i6, most=10"
    factorability = table("factorability", "sliders").iloc[0]
    assert factorability["polychoric_reason"].startswith("many-categories")
    assert factorability["factors_parallel_fa"] >= 1


def test_sliders_have_extreme_groups(table) -> None:
    assert table("items", "sliders")["cr"].notna().all()


def test_a_category_unused_in_one_group_does_not_hinder_its_correlations(table) -> None:
    rows = table("ordinal_reliability", "unused").query("scale == 'S'").set_index("group")
    assert rows.loc[[f"town={NORTH}", f"town={SOUTH}"], "alpha_ordinal"].notna().all()


def test_one_school_has_no_levels(table) -> None:
    row = table("two_level", "alike").iloc[0]
    assert row["reason"] == "two-level-few-schools: schools=1"


def test_a_polychoric_matrix_of_a_repeated_item_is_told(run, table) -> None:
    row = table("factorability", "repeated").iloc[0]
    assert row["matrix"] == "polychoric"
    assert np.isfinite(row["smallest_eigenvalue"])


def test_report_and_appendix_tell_reasons_in_words(run) -> None:
    page = (run[0] / "results" / "report.html").read_text(encoding="utf-8")
    assert "few-items-for-group-factors" not in page
    assert "[statistic]" not in page
    assert "group factors are looked for" in page
