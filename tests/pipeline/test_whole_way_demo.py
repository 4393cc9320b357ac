"""The example county by one command: every table of the contract, and numbers that follow from each other."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

REFERENCE = Path(__file__).parents[1] / "reference" / "tables_whole_way.txt"
CONTRACT = {
    name: columns.split(",")
    for name, columns in (
        line.split(": ")
        for line in REFERENCE.read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
    )
}


@pytest.fixture(scope="module")
def table(demo_study: Path, read_csv):
    """Return ``table(name) -> frame`` of the example county."""
    read: dict[str, pd.DataFrame] = {}

    def of(name: str) -> pd.DataFrame:
        if name not in read:
            read[name] = read_csv(demo_study, name)
        return read[name].copy()

    return of


@pytest.fixture(scope="module")
def planted(demo_study: Path) -> dict:
    return json.loads((demo_study / "data" / "planted.json").read_text(encoding="utf-8"))["roles"]


@pytest.fixture(scope="module")
def kept(table) -> dict[str, int]:
    ledger = table("ledger")
    return ledger[ledger["step"] == "kept"].set_index("role")["n"].to_dict()


def test_one_command_does_the_whole_way(demo_result) -> None:
    done = demo_result[1]
    assert {stage["state"] for stage in done.json["stages"]} == {"done"}
    names = [Path(path).name for path in done.json["outputs"]]
    assert names == ["appendix.xlsx", "report.html", "report.docx"]


def test_nothing_is_an_error(demo_result) -> None:
    assert [fault for fault in demo_result[1].json["faults"] if fault["severity"] == "error"] == []


def test_the_contract_of_the_project_is_kept(demo_study: Path, shared: Path) -> None:
    check = [sys.executable, str(shared / "contract" / "check"), str(demo_study), "whole-way"]
    done = subprocess.run(check, capture_output=True, text=True, encoding="utf-8", check=False)
    assert (done.stdout.strip(), done.returncode) == ("every table of the contract is there", 0)


def test_the_copy_of_the_contract_is_that_of_the_project(shared: Path) -> None:
    lines = (shared / "contract" / "tables.txt").read_text(encoding="utf-8").splitlines()
    whole_way = [line.split(None, 1)[1] for line in lines if line.startswith("whole-way")]
    assert {line.split(":")[0]: line.split(": ")[1].split(",") for line in whole_way} == CONTRACT


@pytest.mark.parametrize("name", CONTRACT)
def test_every_table_is_there_with_its_columns(table, name: str) -> None:
    frame = table(name)
    assert len(frame) > 0
    assert [column for column in CONTRACT[name] if column not in frame] == []


@pytest.mark.parametrize("name", ["reliability", "items", "factorability", "regression", "regression_models"])
def test_no_planned_result_lacks_a_number(table, name: str) -> None:
    frame = table(name)
    overall = frame[frame["group"] == "all"] if "group" in frame else frame
    assert overall["reason"].isna().all()


def test_schools_that_the_standard_exempts_are_not_judged_and_a_reason_says_so(table) -> None:
    indicators = table("school_indicators")
    exempt = indicators[indicators["reason"].notna()]
    assert 0 < exempt["school"].nunique() < 5
    assert exempt["reason"].unique().tolist() == ["school-excluded: rule=small_teaching_point"]
    assert exempt["met"].isna().all()
    assert indicators.drop(index=exempt.index)["met"].notna().all()


def test_ledger_counts_what_was_planted(table, planted: dict) -> None:
    ledger = table("ledger")
    flagged = ledger[ledger["step"] == "flagged"]
    for role, truth in planted.items():
        own = flagged[flagged["role"] == role].set_index("reason")["n"].to_dict()
        assert {rule: own[rule] for rule in truth["flagged"]} == truth["flagged"]


def test_ledger_adds_up(table, kept: dict[str, int]) -> None:
    ledger = table("ledger")
    for role, own in ledger.groupby("role"):
        counts = own.groupby("step")["n"].sum()
        assert counts["received"] - counts["excluded"] == counts["kept"] == kept[role]
        assert counts["issued"] >= counts["received"]


@pytest.mark.parametrize("name", ["reliability", "items", "factorability", "regression_models"])
def test_every_n_follows_from_the_ledger(table, kept: dict[str, int], name: str) -> None:
    frame = table(name)
    if "group" in frame:
        frame = frame[frame["group"] == "all"]
    assert (frame["n"] + frame["missing"]).tolist() == frame["role"].map(kept).tolist()


def test_every_row_and_cell_is_accounted_for(table) -> None:
    cells = table("import_cells")
    assert (cells["rows_read"] == cells["rows_kept"] + cells["rows_quarantined"]).all()
    fates = cells[["cells_kept", "cells_recoded", "cells_missing", "cells_rejected"]].sum(axis=1)
    assert (cells["cells_read"] == fates).all()


def test_quarantine_holds_every_cell_rejected(table) -> None:
    rejected = table("import_cells").groupby("role")["cells_rejected"].sum()
    listed = table("quarantine").dropna(subset=["column"]).groupby("role").size()
    assert listed.to_dict() == {role: n for role, n in rejected.items() if n}


def test_unmatched_schools_are_those_left_out_of_the_roster(table, planted: dict) -> None:
    listed = table("unmatched_schools")
    for role, truth in planted.items():
        own = listed[listed["role"] == role].set_index("school")["n"].to_dict()
        assert own == {school: n for school, n in truth["from_unlisted_schools"].items() if n}


def test_regression_has_the_same_rows_in_every_block(table) -> None:
    models = table("regression_models")
    assert (models.groupby(["role", "outcome"])["n"].nunique() == 1).all()
    assert (
        models.groupby(["role", "outcome"])["block"].apply(list).tolist()
        == [["background", "school", "perceived"]] * models["role"].nunique()
    )


def test_errors_are_clustered_by_school_with_a_degree_less(table) -> None:
    terms = table("regression").merge(table("regression_models")[["role", "outcome", "model", "clusters"]])
    assert set(terms["se_type"]) == {"CR1", "CR2"}
    usual = terms[terms["se_type"] == "CR1"]
    assert (usual["df"] == usual["clusters"] - 1).all()


def test_indicators_have_total_effects_before_and_direct_effects_beside_perceived_quality(table) -> None:
    terms = table("regression").query("block == 'school' and term.str.startswith('R')")
    assert terms.groupby("model")["effect"].unique().map(list).to_dict() == {2: ["total"], 3: ["direct"]}


def test_dummies_have_no_beta_and_numbers_have_one(table) -> None:
    terms = table("regression")
    dummies = terms["term"].str.contains("=")
    assert dummies.any()
    assert terms.loc[dummies, "beta"].isna().all()
    assert terms.loc[~dummies & (terms["term"] != "(intercept)"), "beta"].notna().all()


def test_r2_grows_block_by_block(table) -> None:
    models = table("regression_models")
    for _, own in models.groupby(["role", "outcome"]):
        np.testing.assert_allclose(own["r2"].diff().iloc[1:], own["delta_r2"].iloc[1:], atol=1e-12)
        assert (own["delta_r2"] > 0).all()


def test_the_last_block_agrees_with_statsmodels_on_the_rows(table, demo_study: Path) -> None:
    import statsmodels.api as sm

    role = "teachers"
    answers = pd.read_parquet(demo_study / "results" / "clean" / role)
    answers = answers[answers["kept"]].drop(columns=["stage"]).assign(stage=answers["stage"].astype(str))
    indicators = table("school_indicators").pivot(
        index=["school", "stage"], columns="indicator", values="value"
    )
    rows = answers.merge(indicators.reset_index(), on=["school", "stage"])
    own = "role == @role and model == 3 and se_type == 'CR1'"
    terms = table("regression").query(own).set_index("term")
    names = [name for name in terms.index if name != "(intercept)"]
    for dummy in (name for name in names if "=" in name):
        column, level = dummy.split("=")
        value = rows[column]
        given = value.astype(str) == level if column == "stage" else value == float(level)
        rows[dummy] = given.where(value.notna()).astype(float)
    used = rows.dropna(subset=["SAT", *names])
    fitted = sm.OLS(used["SAT"], sm.add_constant(used[names].astype(float))).fit(
        cov_type="cluster", cov_kwds={"groups": used["school"].astype("category").cat.codes}
    )
    assert table("regression_models").query("role == @role")["n"].unique().tolist() == [len(used)]
    np.testing.assert_allclose(terms.loc[names, "b"], fitted.params[names], rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(terms.loc[names, "se"], fitted.bse[names], rtol=1e-7, atol=1e-10)


def test_each_school_and_stage_has_every_indicator_once(table) -> None:
    indicators = table("school_indicators")
    assert not indicators.duplicated(["school", "stage", "indicator"]).any()
    assert (indicators.groupby(["school", "stage"]).size() == indicators["indicator"].nunique()).all()
    assert indicators["school"].nunique() == 70
    assert indicators["school"].str.fullmatch(r"\d{10}").all(), "codes are text, zeros in front kept"


def test_county_cv_is_weighted_by_pupils(table) -> None:
    # DOMAIN.md: deviations of the schools from the county's own ratio, weighted by pupils.
    cv = table("county_cv").set_index(["stage", "indicator"])
    counted = table("school_indicators").query("reason.isna()")
    assert counted.groupby(["stage", "indicator"]).ngroups == len(cv)
    for key, own in counted.groupby(["stage", "indicator"]):
        weight = own["pupils"] / own["pupils"].sum()
        mean = (weight * own["value"]).sum()
        sd = np.sqrt((weight * (own["value"] - mean) ** 2).sum())
        assert cv.loc[key, "cv"] == pytest.approx(sd / mean, rel=1e-9)
        assert bool(cv.loc[key, "met"]) == (cv.loc[key, "cv"] <= cv.loc[key, "limit"])


def test_appendix_has_a_sheet_a_table_with_its_number(demo_study: Path) -> None:
    book = openpyxl.load_workbook(demo_study / "results" / "appendix.xlsx")
    titles = [
        str(cell.value)
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, str) and re.match(r"(附?表)\s*\S*\d", cell.value)
    ]
    assert len(titles) >= 8


def test_report_is_one_file_that_needs_no_other(demo_study: Path) -> None:
    page = (demo_study / "results" / "report.html").read_text(encoding="utf-8")
    assert re.findall(r"""(?:src|href)=["'](?!data:|#)[^"']*""", page) == []
    assert "@import" not in page
    assert page.count("<svg") + page.count("data:image") >= 3


@pytest.mark.parametrize("role", ["parents", "teachers", "students"])
def test_spss_file_holds_every_answer_received(demo_study: Path, planted: dict, role: str) -> None:
    import pyreadstat

    _, meta = pyreadstat.read_sav(demo_study / "results" / "spss" / f"{role}.sav", metadataonly=True)
    assert meta.number_rows == planted[role]["received"]


def test_every_output_can_be_read_by_pspp(demo_study: Path, require_program) -> None:
    pspp = require_program("pspp")
    file = demo_study / "results" / "spss" / "pooled.sav"
    syntax = f"GET FILE='{file}'.\nSHOW N.\n"
    done = subprocess.run(
        [pspp, "-o", "-", "-O", "format=txt", "-e", "-"],
        input=syntax.encode("utf-8"),
        capture_output=True,
        check=False,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    assert done.returncode == 0
    assert b"error" not in done.stdout.lower()


def test_forms_of_every_role_are_made(demo_study: Path, run_manyi, tmp_path: Path) -> None:
    import shutil

    copy = shutil.copytree(demo_study, tmp_path / "study", ignore=shutil.ignore_patterns("results"))
    done = run_manyi("forms", copy, "--json")
    assert done.code == 0
    # The text for 问卷星 has no room for some of the questionnaire, and says so.
    assert {fault.get("severity") for fault in done.json["faults"]} <= {"warning"}
    assert all(code.startswith("form-") for code in done.codes)
    made = {Path(path).name: Path(path).read_bytes()[:4] for path in done.json["forms"]}
    for role in ("parents", "teachers", "students"):
        assert made[f"{role}.xlsx"] == b"PK\x03\x04"
        assert made[f"{role}.zh.pdf"] == made[f"{role}.en.pdf"] == b"%PDF"


def test_only_the_kind_of_form_asked_for_is_made(demo_study: Path, run_manyi, tmp_path: Path) -> None:
    import shutil

    copy = shutil.copytree(demo_study, tmp_path / "study", ignore=shutil.ignore_patterns("results", "forms"))
    done = run_manyi("forms", copy, "--json", "--kind", "xlsform")
    assert sorted(path.name for path in (copy / "forms").iterdir()) == [
        "parents.xlsx",
        "students.xlsx",
        "teachers.xlsx",
    ]
    assert done.json["faults"] == []


def test_a_kind_of_form_there_is_not_is_named(demo_study: Path, run_manyi) -> None:
    done = run_manyi("forms", demo_study, "--json", "--kind", "wb")
    assert (done.code, done.codes) == (1, ["form-kind-unknown"])


def test_status_tells_the_ledger_of_every_role(demo_study: Path, run_manyi, kept: dict[str, int]) -> None:
    found = run_manyi("status", demo_study, "--json").json["roles"]
    told = {role: entry["ledger"][-1] for role, entry in found.items()}
    assert told == {role: {"step": "kept", "reason": "", "n": n} for role, n in kept.items()}
