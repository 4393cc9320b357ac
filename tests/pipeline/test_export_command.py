"""``manyi export``: what each format holds of a study, and R computing the main tables from it alone."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import manyi
from manyi.cli.export import FORMATS as NAMES
from manyi.exports.asked import Asked
from manyi.exports.formats import FORMATS
from manyi.study.folder import open_study
from manyi_instruments.faults import ManyiError, StudyFaulty
from manyi_outputs.tidy import read_table

ROOT = Path(__file__).parents[2]


@pytest.fixture
def study(town: Path, tmp_path: Path) -> Path:
    """Return a copy of the small study, run."""
    return Path(shutil.copytree(town, tmp_path / "小 镇"))


def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, encoding="utf-8-sig", dtype={"school": str})


# --- the command -------------------------------------------------------------------------------------------


def test_command_offers_the_formats_there_are() -> None:
    assert tuple(FORMATS) == NAMES


def test_command_names_what_it_wrote_and_who_could_be_told(
    study: Path, run_manyi: Callable[..., Any]
) -> None:
    done = run_manyi("export", study, "--format", "csv", "--role", "carers", "--json")
    folder = study / "results" / "export" / "csv"
    assert (done.code, done.json["state"]) == (0, "done")
    assert done.json["written"] == [str(folder / name) for name in ("carers.csv", "carers.codebook.csv")]
    assert done.codes == ["export-singles-out"]
    assert "school may, taken together, tell who answered: 0 of 80 rows" in done.json["faults"][0]["what"]


def test_command_refuses_a_format_there_is_not(study: Path, run_manyi: Callable[..., Any]) -> None:
    done = run_manyi("export", study, "--format", "xls", "--json")
    assert (done.code, done.codes) == (2, ["usage"])


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_is_written_and_reused(study: Path, form: str) -> None:
    first = manyi.open(study).export(form)
    again = manyi.open(study).export(form)
    assert (first.state, again.state) == ("done", "reused")
    assert all(path.stat().st_size for path in first.files)


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_answers_give_the_same_bytes_in_another_folder(
    town: Path, tmp_path: Path, form: str
) -> None:
    opened, folders = open_study(town), (tmp_path / "here", tmp_path / "there")
    for folder in folders:
        FORMATS[form].write(opened, Asked(form, ("carers", "pupils"), folder, "en"))
    here, there = ({path.name: path.read_bytes() for path in folder.iterdir()} for folder in folders)
    assert len(here) >= 2
    assert here == there


def test_roles_are_all_that_have_answers_unless_named(study: Path) -> None:
    found = manyi.open(study).export("parquet")
    assert [path.name for path in found.files] == ["carers.parquet", "pupils.parquet"]


def test_an_unknown_role_is_told(study: Path) -> None:
    with pytest.raises(StudyFaulty) as caught:
        manyi.open(study).export("csv", roles=["carers", "nobody"])
    assert [fault.code for fault in caught.value.faults] == ["unknown-role"]


def test_roles_without_answers_are_told(study: Path) -> None:
    shutil.rmtree(study / "data" / "responses" / "pupils")
    with pytest.raises(StudyFaulty) as caught:
        manyi.open(study).export("csv", roles=["pupils"])
    assert [fault.code for fault in caught.value.faults] == ["no-answers"]


def test_what_is_stale_is_made_first(study: Path) -> None:
    file = study / "data" / "responses" / "carers" / "carers.csv"
    rows = pd.read_csv(file, encoding="utf-8-sig", dtype=str)
    file.write_bytes(rows.head(50).to_csv(index=False).encode("utf-8-sig"))
    manyi.open(study).export("csv")
    assert len(read(study / "results" / "export" / "csv" / "carers.csv")) == 50


def test_a_study_that_was_never_run_can_be_exported(study: Path) -> None:
    shutil.rmtree(study / "results")
    found = manyi.open(study).export("r", roles=["carers"])
    assert (found.state, "number = 2" in found.files[-1].read_text(encoding="utf-8")) == ("done", True)


# --- what others wrote is kept -----------------------------------------------------------------------------


def test_an_edited_file_is_set_aside(study: Path) -> None:
    opened = manyi.open(study)
    file = opened.export("csv", roles=["carers"]).files[0]
    file.write_text("my own", encoding="utf-8")
    found = opened.export("csv", roles=["carers"])
    (aside,) = file.parent.glob("carers.edited-*.csv")
    assert aside.read_text(encoding="utf-8") == "my own"
    assert [fault.code for fault in found.faults] == ["output-edited", "export-singles-out"]


def test_an_edited_file_of_another_folder_is_set_aside_too(study: Path) -> None:
    opened, target = manyi.open(study), study / "handed on"
    file = opened.export("csv", to=target, roles=["carers"]).files[0]
    file.write_text("my own", encoding="utf-8")
    opened.export("csv", roles=["carers"])
    opened.export("csv", to=target, roles=["carers"])
    assert [path.read_text(encoding="utf-8") for path in target.glob("carers.edited-*.csv")] == ["my own"]


def test_an_export_outside_of_the_study_is_reused_in_its_own_folder_only(study: Path, tmp_path: Path) -> None:
    opened, here, there = manyi.open(study), tmp_path / "here" / "csv", tmp_path / "there" / "csv"
    states = [opened.export("csv", to=folder).state for folder in (here, there, here, there)]
    assert states == ["done", "done", "reused", "reused"]
    names = ["carers.codebook.csv", "carers.csv", "pupils.codebook.csv", "pupils.csv"]
    assert [sorted(path.name for path in folder.iterdir()) for folder in (here, there)] == [names, names]


def test_an_export_outside_of_the_study_leaves_no_folder_of_the_machine_in_the_manifest(
    study: Path, tmp_path: Path
) -> None:
    target = tmp_path / "handed-on"
    manyi.open(study).export("csv", to=target, roles=["pupils"])
    manifest = (study / "results" / "manifest.json").read_text(encoding="utf-8")
    added = [name for name in json.loads(manifest)["stages"] if name.startswith("export:csv:pupils@")]
    assert len(added) == 1
    assert "handed-on" not in manifest
    assert tmp_path.name not in manifest


def test_runs_name_an_export_as_the_manifest_does(study: Path, tmp_path: Path) -> None:
    manyi.open(study).export("csv", to=tmp_path / "handed-on", roles=["pupils"])
    files = (study / "results" / "manifest.json", study / "results" / "work" / "runs.json")
    manifest, runs = (set(json.loads(file.read_text(encoding="utf-8"))["stages"]) for file in files)
    assert manifest == runs


def test_the_same_export_beside_the_study_is_the_same_manifest_elsewhere(study: Path, tmp_path: Path) -> None:
    manifests = []
    for place in (tmp_path / "one", tmp_path / "deep" / "er" / "two"):
        moved = Path(shutil.copytree(study, place / "study"))
        manyi.open(moved).export("csv", to=place / "handed-on", roles=["pupils"])
        manifests.append((moved / "results" / "manifest.json").read_bytes())
    assert manifests[0] == manifests[1]


def test_a_folder_of_the_study_is_the_same_however_it_is_written(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = manyi.open(study).export("csv", to=study / "handed on", roles=["pupils"])
    monkeypatch.chdir(study.parent)
    name = Path(study.name)
    again = manyi.open(name).export("csv", to=name / "data" / ".." / "handed on", roles=["pupils"])
    assert (first.state, again.state) == ("done", "reused")
    assert "@handed on" in (study / "results" / "manifest.json").read_text(encoding="utf-8")


def test_a_file_that_no_export_made_is_not_overwritten(study: Path) -> None:
    target = study / "mine"
    target.mkdir()
    (target / "carers.csv").write_text("my own", encoding="utf-8")
    with pytest.raises(ManyiError) as caught:
        manyi.open(study).export("csv", to=target)
    assert [fault.code for fault in caught.value.faults] == ["export-file-in-the-way"]
    assert (target / "carers.csv").read_text(encoding="utf-8") == "my own"


# --- rows and columns of the example county ----------------------------------------------------------------


@pytest.fixture(scope="module")
def county(demo_study: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Return ``county(form, **asked)``: the folder of an export of the example's teachers."""
    opened = open_study(demo_study)

    def made(form: str, **asked: bool) -> Path:
        folder = tmp_path_factory.mktemp(form)
        FORMATS[form].write(opened, Asked(form, ("teachers",), folder, "zh", **asked))
        return folder

    return made


@pytest.fixture(scope="module")
def ledger(demo_study: Path) -> pd.Series:
    table = read_table(demo_study / "results" / "tables" / "ledger.csv")
    return table[table["role"] == "teachers"].groupby("step")["n"].first()


def test_rows_are_those_kept(county: Callable[..., Path], ledger: pd.Series) -> None:
    assert len(read(county("csv") / "teachers.csv")) == ledger["kept"]


def test_all_rows_are_those_received(county: Callable[..., Path], ledger: pd.Series) -> None:
    found = read(county("csv", all_rows=True) / "teachers.csv")
    assert (len(found), found["kept"].sum()) == (ledger["received"], ledger["kept"])


def test_open_answers_come_only_where_asked_for(county: Callable[..., Path]) -> None:
    without, beside = (read(county("csv", with_text=text) / "teachers.csv") for text in (False, True))
    assert set(beside) - set(without) == {
        "person", "submitted", "submission", "device", "file", "row", "T_OPEN",
    }  # fmt: skip


@pytest.mark.parametrize(("form", "ending"), [("sav", "sav"), ("stata", "dta")])
def test_statistics_files_hold_no_open_answer_and_no_key(
    county: Callable[..., Path], form: str, ending: str
) -> None:
    import pyreadstat

    reader = pyreadstat.read_sav if ending == "sav" else pyreadstat.read_dta
    _, meta = reader(str(county(form) / f"teachers.{ending}"), metadataonly=True)
    assert not {"person", "source_file", "source_row", "submitted", "T_OPEN"} & set(meta.column_names)
    assert {"school", "T_SAT1", "SAT", "R1"} <= set(meta.column_names)


def test_a_data_package_refers_to_the_schools_of_the_study(county: Callable[..., Path]) -> None:
    schools = read(county("datapackage") / "school-table.csv")
    assert (schools["on_table"].sum(), {"R1", "R7", "pupils"} <= set(schools)) == (
        len(schools[schools["on_table"] == 1]),
        True,
    )
    answers = read(county("datapackage") / "teachers.csv")[["school", "stage"]].drop_duplicates()
    assert len(answers.merge(schools, on=["school", "stage"])) == len(answers)


# --- R -----------------------------------------------------------------------------------------------------

#: Keys and columns of each table, with the project's fair tolerances: absolute, and relative to the value.
COMPARED = {
    ("reliability", ("scale",)): {"k": (0, 0), "n": (0, 0), "alpha": (1e-10, 0), "omega_total": (1e-4, 0)},
    ("factorability", ()): {"n": (0, 0), "kmo": (1e-10, 0), "bartlett_chi2": (0, 1e-10), "factors": (0, 0)},
    ("eigenvalues", ("number",)): {"component": (1e-10, 0)},
    ("cfa_fit", ("model", "estimator")): {
        "n": (0, 0),
        "df": (0, 0),
        "chi2": (1e-6, 1e-6),
        "cfi": (1e-6, 0),
        "tli": (1e-6, 0),
        "rmsea": (1e-6, 0),
        "srmr": (1e-6, 0),
        "log_likelihood": (0, 1e-6),
    },
    ("cfa_loadings", ("model", "estimator", "factor", "item")): {
        "estimate": (1e-5, 1e-5),
        "se": (1e-5, 0),
        "std": (1e-5, 0),
    },
    ("regression_models", ("outcome", "model")): {
        "n": (0, 0),
        "clusters": (0, 0),
        "r2": (1e-9, 0),
        "f_change": (0, 1e-9),
        "f_change_cr2": (0, 1e-9),
        "df2_cr2": (0, 1e-9),
    },
    ("regression", ("outcome", "model", "term", "se_type")): {
        "b": (1e-9, 0),
        "se": (1e-9, 0),
        "df": (0, 1e-9),
        "p": (1e-9, 0),
    },
    ("multilevel_models", ("outcome", "model")): {
        "n": (0, 0),
        "schools": (0, 0),
        "var_school": (1e-6, 1e-4),
        "var_residual": (0, 1e-4),
        "loglik": (1e-6, 0),
    },
    ("multilevel", ("outcome", "model", "term")): {"estimate": (1e-5, 0), "se": (1e-5, 0)},
}
CASES = [
    (table, keys, column, tolerances)
    for (table, keys), columns in COMPARED.items()
    for column, tolerances in columns.items()
]
PACKAGES = ("psych", "GPArotation", "lavaan", "clubSandwich", "lme4")


def require_packages(program: str, *packages: str) -> None:
    """Skip where R lacks a package; CI installs them all."""
    asked = f"cat(all(c({', '.join(repr(name) for name in packages)}) %in% rownames(installed.packages())))"
    found = subprocess.run([program, "-e", asked], capture_output=True, check=True, timeout=60).stdout
    if found != b"TRUE":
        said = f"R has not all of: {', '.join(packages)}"
        if "MANYI_CI" in os.environ:
            pytest.fail(said)
        pytest.skip(said)


@pytest.fixture(scope="module")
def computed(county: Callable[..., Path], require_program: Callable[[str], str]) -> Path:
    """Return the tables that the script made of the teachers' CSV, alone in a folder."""
    program = require_program("Rscript")
    require_packages(program, *PACKAGES)
    folder = county("r")
    assert sorted(path.name for path in folder.iterdir()) == ["study.R", "teachers.csv"]
    done = subprocess.run(
        [program, str(folder / "study.R")],
        cwd=folder.parent,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
        capture_output=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert "not computed" not in done.stderr.decode()
    return folder / "tables"


def both(computed: Path, demo: Path, table: str, keys: tuple[str, ...]) -> Iterator[pd.DataFrame]:
    """Yield R's rows of a table and ours, in one order."""
    theirs = pd.read_csv(computed / f"{table}.csv", encoding="utf-8")
    ours = read_table(demo / "results" / "tables" / f"{table}.csv")
    ours = ours[ours["role"] == "teachers"]
    if "group" in ours:
        ours = ours[ours["group"] == "all"]
    if "estimator" in keys and table == "cfa_loadings":
        # Tables hold the loadings of the first estimator only.
        theirs = theirs[theirs["estimator"].isin(ours["estimator"])]
    for frame in (theirs, ours):
        named = frame.assign(**{key: frame[key].astype(str) for key in keys})
        yield named.sort_values(list(keys)).reset_index(drop=True) if keys else named.reset_index(drop=True)


@pytest.mark.parametrize(
    ("table", "keys", "column", "tolerances"), CASES, ids=lambda v: v if isinstance(v, str) else ""
)
def test_r_computes_our_tables_from_the_csv_alone(
    computed: Path,
    demo_study: Path,
    table: str,
    keys: tuple[str, ...],
    column: str,
    tolerances: tuple[float, float],
) -> None:
    theirs, ours = both(computed, demo_study, table, keys)
    assert theirs[list(keys)].equals(ours[list(keys)].astype(theirs[list(keys)].dtypes.to_dict()))
    absolute, relative = tolerances
    np.testing.assert_allclose(
        ours[column].astype(float), theirs[column].astype(float), rtol=relative, atol=absolute
    )


def test_r_finds_our_loadings_up_to_order_and_sign(computed: Path, demo_study: Path) -> None:
    theirs, ours = (
        frame.pivot(index="item", columns="factor", values="pattern")
        for frame in both(computed, demo_study, "loadings", ("item", "factor"))
    )
    likeness = np.corrcoef(theirs.T, ours.T)[: len(theirs.columns), len(theirs.columns) :]
    order = np.abs(likeness).argmax(axis=0)
    signs = np.sign(likeness[order, range(len(order))])
    assert sorted(order) == list(range(len(order)))
    np.testing.assert_allclose(ours.to_numpy(), theirs.to_numpy()[:, order] * signs, rtol=0, atol=1e-5)


def test_r_finds_our_communalities(computed: Path, demo_study: Path) -> None:
    theirs, ours = (
        frame.groupby("item")["communality"].first()
        for frame in both(computed, demo_study, "loadings", ("item", "factor"))
    )
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-5)


HAVEN = """
suppressMessages(library(haven))
d <- read_sav(commandArgs(TRUE)[1], user_na = TRUE)
x <- d$T_SAT1
cat(nrow(d), sum(!is.na(x)), sum(x[!is.na(x)]), names(attr(x, "labels"))[attr(x, "labels") == 5], sep = "|")
"""


def test_haven_reads_labels_and_missing_answers_of_the_sav(
    county: Callable[..., Path], require_program: Callable[[str], str], tmp_path: Path
) -> None:
    program = require_program("Rscript")
    require_packages(program, "haven")
    (tmp_path / "read.R").write_text(HAVEN, encoding="utf-8")
    command = [program, str(tmp_path / "read.R"), str(county("sav") / "teachers.sav")]
    done = subprocess.run(command, capture_output=True, check=True, timeout=120)
    answers = read(county("csv") / "teachers.csv")["T_SAT1"]
    given = answers[answers > 0]
    said = done.stdout.decode("utf-8").split("|")
    assert said == [str(len(answers)), str(len(given)), str(given.sum()), "非常满意"]
