"""Weights in a study: from the drawn sample, a table or the school table, to tables, files and reasons."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat
import pytest
import yaml

from manyi.sampling.design_table import design_table
from manyi.study.folder import open_study
from manyi.study.sampling_plan import RoleWeights
from manyi_instruments.faults import ManyiError

PUPILS = {f"{number:03d}": 100 + 10 * number for number in range(1, 11)}


def table_of(study: Path, name: str) -> pd.DataFrame:
    path = study / "results" / "tables" / f"{name}.csv"
    return pd.read_csv(path, encoding="utf-8-sig", dtype={"school": str})


def weights_of(study: Path, role: str) -> pd.DataFrame:
    return pd.read_parquet(study / "results" / "weights" / f"{role}.parquet")


@pytest.fixture(scope="module")
def write_weighted(write_town: Callable[[Path], Path]) -> Callable[..., Path]:
    """Return ``write_weighted(folder, weights, files)``: the town, its pupils, and weights of the carers."""

    def write(
        folder: Path, weights: dict[str, Any], files: dict[str, str] | None = None, **more: Any
    ) -> Path:
        study = write_town(folder)
        roster = pd.read_csv(study / "data" / "schools.csv", dtype={"school_code": str}, encoding="utf-8-sig")
        roster = roster.assign(
            pupils=roster["school_code"].map(PUPILS), area=["east", "west"] * (len(roster) // 2)
        )
        roster.to_csv(study / "data" / "schools.csv", index=False, encoding="utf-8-sig")
        said = yaml.safe_load((study / "study.yaml").read_text(encoding="utf-8"))
        said |= {"weights": {"carers": weights}, **more}
        said["analysis"]["groups"] = {"carers": ["area"]}
        (study / "study.yaml").write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")
        for name, text in (files or {}).items():
            (study / name).write_text(text, encoding="utf-8")
        return study

    return write


@pytest.fixture(scope="module")
def weighted(
    tmp_path_factory: pytest.TempPathFactory,
    write_weighted: Callable[..., Path],
    run_manyi: Callable[..., Any],
) -> Path:
    """Return the town weighted to the pupils of its schools, run; not to be changed."""
    weights = {"design": "schools", "population": "pupils", "margins": {"area": {"east": 0.45, "west": 0.55}}}
    study = write_weighted(tmp_path_factory.mktemp("weighted") / "town", {**weights, "strata": ["area"]})
    done = run_manyi("run", study, "--json")
    assert done.code == 0, done.out
    return study


def test_weights_add_up_to_the_pupils(weighted: Path) -> None:
    assert weights_of(weighted, "carers")["sampling_weight"].sum() == pytest.approx(sum(PUPILS.values()))


def test_relative_weights_have_mean_one(weighted: Path) -> None:
    assert weights_of(weighted, "carers")["relative_weight"].mean() == pytest.approx(1.0)


def test_known_margins_hold(weighted: Path) -> None:
    np.testing.assert_allclose(table_of(weighted, "weight_margins")["after"], [0.45, 0.55], atol=1e-9)


def test_every_school_is_a_cell_with_its_factor(weighted: Path) -> None:
    # Eight carers of each school answered, and stand for its pupils.
    cells = table_of(weighted, "weight_cells")
    assert cells["factor"].tolist() == [PUPILS[school] / 8 for school in cells["school"]]


def test_weighted_mean_is_that_of_the_weights_written(weighted: Path) -> None:
    answers = pd.read_parquet(weighted / "results" / "clean" / "carers").merge(
        weights_of(weighted, "carers"), on=["file", "row"]
    )
    row = table_of(weighted, "weighted_satisfaction").query(
        "index == 'A' and group == 'all' and definition == 'mean'"
    )
    expected = np.average(answers["A"], weights=answers["sampling_weight"])
    np.testing.assert_allclose(row["value"].item(), expected, rtol=1e-12)


def test_unweighted_values_are_those_of_the_table_satisfaction(weighted: Path) -> None:
    keys = ["group", "level", "index", "definition"]
    plain = table_of(weighted, "satisfaction").query("role == 'carers'")
    both = plain.merge(table_of(weighted, "weighted_satisfaction"), on=keys, suffixes=("", "_w"))
    assert len(both) == len(plain)
    np.testing.assert_allclose(both["unweighted"], both["value"], rtol=1e-12)


def test_all_four_indices_and_the_mean_are_estimated(weighted: Path) -> None:
    definitions = set(table_of(weighted, "weighted_satisfaction")["definition"])
    assert definitions == {"share_of_range", "share_of_maximum", "top2", "satisfied", "mean"}


def test_degrees_of_freedom_are_schools_less_strata(weighted: Path) -> None:
    row = table_of(weighted, "weighted_satisfaction").query("index == 'A' and group == 'all'")
    assert set(row["df"]) == {8}


def test_shares_of_an_item_add_up_to_one(weighted: Path) -> None:
    sums = table_of(weighted, "weighted_answers").groupby("item")["share"].sum()
    np.testing.assert_allclose(sums, 1.0)


def test_standard_errors_are_those_of_r(
    weighted: Path, tmp_path: Path, require_program: Callable[[str], str]
) -> None:
    import subprocess

    program = require_program("Rscript")
    answers = pd.read_parquet(weighted / "results" / "clean" / "carers").merge(
        weights_of(weighted, "carers"), on=["file", "row"]
    )
    roster = pd.read_csv(weighted / "data" / "schools.csv", dtype={"school_code": str}, encoding="utf-8-sig")
    answers["area"] = answers["school"].map(roster.set_index("school_code")["area"])
    answers["base"] = answers["school"].map(PUPILS) / 8
    answers[["A", "school", "area", "base"]].to_csv(tmp_path / "rows.csv", index=False, encoding="utf-8")
    code = (
        "if (!requireNamespace('survey', quietly = TRUE)) quit(status = 9);"
        "suppressMessages(library(survey));"
        "r <- read.csv(commandArgs(TRUE)[1], colClasses = c(school = 'character'));"
        "d <- svydesign(id = ~school, strata = ~area, weights = ~base, data = r, nest = TRUE);"
        "t <- sum(r$base); known <- c('(Intercept)' = t, areawest = .55 * t);"
        "d <- calibrate(d, ~area, known, calfun = 'raking',"
        "epsilon = 1e-13, maxit = 500); m <- svymean(~A, d); cat(format(c(coef(m), SE(m)), digits = 16))"
    )
    done = subprocess.run([program, "-e", code, str(tmp_path / "rows.csv")], capture_output=True, check=False)
    if done.returncode == 9:
        pytest.skip("R has no package survey (Debian package r-cran-survey)")
    value, se = map(float, done.stdout.decode().split())
    row = table_of(weighted, "weighted_satisfaction").query(
        "index == 'A' and group == 'all' and definition == 'mean'"
    )
    np.testing.assert_allclose([row["value"].item(), row["se"].item()], [value, se], rtol=1e-8)


# --- files for SPSS, appendix ------------------------------------------------------------------------------


def test_file_for_spss_holds_the_weights(weighted: Path) -> None:
    frame, meta = pyreadstat.read_sav(weighted / "results" / "spss" / "carers.sav")
    np.testing.assert_allclose(frame["sampling_weight"].sum(), sum(PUPILS.values()), rtol=1e-9)
    assert meta.column_names_to_labels["relative_weight"] == "Weight (mean 1)"


def test_syntax_weights_only_where_somebody_takes_the_star_off(weighted: Path) -> None:
    text = (weighted / "results" / "spss" / "carers.sps").read_text(encoding="utf-8-sig")
    assert "* WEIGHT BY relative_weight ." in text
    assert not [line for line in text.splitlines() if line.startswith("WEIGHT")]


def test_role_without_weights_has_none(weighted: Path) -> None:
    frame, _ = pyreadstat.read_sav(weighted / "results" / "spss" / "pupils.sav", metadataonly=True)
    assert "sampling_weight" not in frame
    assert set(table_of(weighted, "weights")["role"]) == {"carers"}


def test_nothing_is_made_again_where_nothing_changed(weighted: Path, run_manyi: Callable[..., Any]) -> None:
    done = run_manyi("run", weighted, "--json")
    assert done.stages("done") == []


# --- from the drawn sample ---------------------------------------------------------------------------------


def test_weights_from_the_drawn_sample(
    tmp_path: Path, write_weighted: Callable[..., Path], run_manyi: Callable[..., Any]
) -> None:
    roles = {"carers": {"population": "pupils", "size": 200}}
    study = write_weighted(tmp_path / "town", {"design": "plan"}, sampling={"roles": roles})
    assert run_manyi("plan", study).code == 0
    done = run_manyi("run", study, "--json")
    assert done.code == 0, done.out
    assert weights_of(study, "carers")["sampling_weight"].sum() == pytest.approx(sum(PUPILS.values()))


def test_weights_without_the_sample_they_need(
    tmp_path: Path, write_weighted: Callable[..., Path], run_manyi: Callable[..., Any]
) -> None:
    study = write_weighted(tmp_path / "town", {"design": "plan"})
    done = run_manyi("run", study, "--json")
    assert (done.code, done.codes) == (1, ["weights-plan-missing"])
    # All that needs no weights is there.
    assert len(table_of(study, "satisfaction"))


@pytest.mark.parametrize(
    ("margins", "code"),
    [
        ({"area": {"east": 0.5, "north": 0.5}}, "margin-level-not-listed"),
        ({"area": {"east": 0.5, "west": 0.4, "north": 0.1}}, "margin-level-without-respondents"),
    ],
)
def test_weights_that_cannot_be_computed_have_a_reason(
    tmp_path: Path,
    write_weighted: Callable[..., Path],
    run_manyi: Callable[..., Any],
    margins: dict[str, Any],
    code: str,
) -> None:
    study = write_weighted(tmp_path / "town", {"design": "schools", "margins": margins})
    done = run_manyi("run", study, "--json")
    assert (done.code, done.codes) == (1, ["weights-not-computed"])
    assert table_of(study, "weights")["reason"].item().startswith(code)


def test_respondents_who_are_not_listed_are_told(
    tmp_path: Path, write_weighted: Callable[..., Path], run_manyi: Callable[..., Any]
) -> None:
    rows = "\n".join(f"{school},{pupils},20" for school, pupils in list(PUPILS.items())[:9])
    files = {"data/drawn.csv": f"school,population,sample\n{rows}\n"}
    study = write_weighted(tmp_path / "town", {"design": "data/drawn.csv"}, files)
    done = run_manyi("run", study, "--json")
    assert (done.code, done.codes) == (0, ["weights-rows-without-weight"])
    assert table_of(study, "weights")[["n", "missing"]].values.tolist() == [[72, 8]]


def test_margins_may_stand_in_a_table(
    tmp_path: Path, write_weighted: Callable[..., Path], run_manyi: Callable[..., Any]
) -> None:
    files = {"data/known.csv": "variable,level,value\narea,east,30\narea,west,70\n"}
    study = write_weighted(
        tmp_path / "town",
        {"design": "schools", "margins_file": "data/known.csv", "collapse": ["area"]},
        files,
    )
    # The column is known from the file only when it is read; groups bring it into the answers.
    assert run_manyi("run", study, "--json").code == 0
    np.testing.assert_allclose(table_of(study, "weight_margins")["after"], [0.3, 0.7], atol=1e-9)


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory, write_weighted: Callable[..., Path]) -> Path:
    return write_weighted(tmp_path_factory.mktemp("listed") / "town", {})


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("school,population\n001,10\n", ["weights-column-missing"]),
        ("school,population,sample\n001,10,11\n", ["weights-cell-unusable"]),
        ("school,population,sample\n001,ten,1\n002,5,0\n", ["weights-cell-unusable"] * 3),
        ("school,population,sample,school_probability\n001,10,5,1.5\n", ["weights-cell-unusable"]),
        ("school,population,sample\n001,10,5\n001,10,5\n", ["weights-rows-repeated"]),
        ("role,school,population,sample\npupils,001,10,5\n", ["weights-role-not-listed"]),
    ],
)
def test_table_that_cannot_be_used(listed: Path, text: str, codes: list[str]) -> None:
    (listed / "data" / "drawn.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ManyiError) as caught:
        design_table(open_study(listed), "carers", RoleWeights(design="data/drawn.csv"), None)
    assert [fault.code for fault in caught.value.faults] == codes


def test_probability_of_the_school_enters_the_weight(listed: Path) -> None:
    text = "school,population,sample,school_probability\n001,100,20,0.25\n"
    (listed / "data" / "drawn.csv").write_text(text, encoding="utf-8")
    found = design_table(open_study(listed), "carers", RoleWeights(design="data/drawn.csv"), None)
    # 100 / 20 / .25
    assert found.frame["weight"].tolist() == [20.0]


def test_where_all_schools_are_surveyed_schools_add_no_error_of_the_design(
    weighted: Path, tmp_path: Path, run_manyi: Callable[..., Any]
) -> None:
    study = tmp_path / "town"
    shutil.copytree(weighted, study)
    said = yaml.safe_load((study / "study.yaml").read_text(encoding="utf-8"))
    said["weights"]["carers"] = {"design": "schools", "population": "pupils", "errors": "design"}
    (study / "study.yaml").write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")
    assert run_manyi("run", study, "--json").code == 0
    # Stratified by school, finite: v = Σ (N_h/N)² (1 − n_h/N_h) s_h²/n_h (Cochran 1977, 5.3).
    answers = pd.read_parquet(study / "results" / "clean" / "carers")
    within = answers.groupby("school")["A"].var()
    size = pd.Series(PUPILS).reindex(within.index)
    variance = ((size / size.sum()) ** 2 * (1 - 8 / size) * within / 8).sum()
    row = table_of(study, "weighted_satisfaction").query(
        "index == 'A' and group == 'all' and definition == 'mean'"
    )
    np.testing.assert_allclose(row["se"].item(), np.sqrt(variance), rtol=1e-9)
