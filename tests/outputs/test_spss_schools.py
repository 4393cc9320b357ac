"""The ``.sav`` of the schools of the example, against the result tables; it and the pooled file in PSPP."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat
import pytest


@pytest.fixture(scope="module")
def folder(demo_study: Path) -> Path:
    return demo_study / "results" / "spss"


@pytest.fixture(scope="module")
def schools(folder: Path) -> tuple[pd.DataFrame, Any]:
    frame, meta = pyreadstat.read_sav(str(folder / "schools.sav"), user_missing=True)
    return frame, meta


@pytest.fixture(scope="module")
def valid(folder: Path) -> pd.DataFrame:
    """Return the numbers with user-missing values as missing."""
    return pyreadstat.read_sav(str(folder / "schools.sav"))[0]


def test_a_row_is_a_school_and_stage(valid: pd.DataFrame, demo_study: Path) -> None:
    table = pd.read_parquet(demo_study / "results" / "work" / "schools" / "schools.parquet")
    assert not valid.duplicated(["school", "stage"]).any()
    assert set(zip(table["school"], table["stage"], strict=True)) <= set(
        zip(valid["school"], valid["stage"], strict=True)
    )


@pytest.mark.parametrize("name", ["R1", "R4", "R7"])
def test_indicators_are_those_of_the_table(
    valid: pd.DataFrame, demo_study: Path, read_csv: Any, name: str
) -> None:
    table = read_csv(demo_study, "school_indicators")
    table = table[table["indicator"] == name].set_index(["school", "stage"])["value"].dropna()
    mine = valid.set_index(["school", "stage"])[name]
    np.testing.assert_array_equal(mine.loc[table.index].to_numpy(), table.to_numpy())
    assert mine.drop(table.index).isna().all()


@pytest.mark.parametrize(
    ("column", "suffix"), [("value", ""), ("n", "_n"), ("low", "_low"), ("shrunken", "_shrunken")]
)
@pytest.mark.parametrize("role", ["parents", "teachers", "students"])
def test_school_means_are_those_of_the_table(
    valid: pd.DataFrame, demo_study: Path, read_csv: Any, role: str, column: str, suffix: str
) -> None:
    table = read_csv(demo_study, "school_satisfaction")
    table = table[(table["role"] == role) & (table["index"] == "SAT") & (table["headline"] == True)]  # noqa: E712
    told = table.set_index("school")[column].dropna()
    mine = valid.drop_duplicates("school").set_index("school")[f"{role}_SAT{suffix}"]
    np.testing.assert_array_equal(mine.loc[told.index].to_numpy(), told.to_numpy())
    assert mine.drop(told.index).isna().all()


def test_verdicts_have_words(schools: tuple[pd.DataFrame, Any]) -> None:
    assert schools[1].variable_value_labels["verdict"]["met"] == "达标"
    assert schools[1].variable_value_labels["run_type"]["nine_year"] == "九年一贯制学校"


def test_a_number_that_is_not_shown_says_why(
    schools: tuple[pd.DataFrame, Any], read_csv: Any, demo_study: Path
) -> None:
    frame, meta = schools
    table = read_csv(demo_study, "school_satisfaction")
    hidden = table[(table["role"] == "teachers") & (table["index"] == "SAT") & table["value"].isna()]
    codes = frame.loc[frame["school"].isin(hidden["school"]), "teachers_SAT"]
    labels = meta.variable_value_labels["teachers_SAT"]
    assert len(codes) > 0
    assert all("10" in labels[code] for code in codes)
    assert {code for code in codes} <= {
        bound for one in meta.missing_ranges["teachers_SAT"] for bound in one.values()
    }


@pytest.mark.parametrize("name", ["schools", "pooled"])
def test_pspp_opens_the_file_by_its_syntax(
    folder: Path, name: str, require_program: Callable[[str], str], tmp_path: Path
) -> None:
    text = (folder / f"{name}.sps").read_text(encoding="utf-8-sig")
    (tmp_path / "run.sps").write_text(text + "\nDISPLAY DICTIONARY.\n", encoding="utf-8")
    (tmp_path / f"{name}.sav").write_bytes((folder / f"{name}.sav").read_bytes())
    done = subprocess.run(
        [require_program("pspp"), "run.sps", "-O", "format=csv"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        timeout=60,
    )
    printed = done.stdout.decode("utf-8")
    assert done.returncode == 0, printed
    column = {"schools": "parents_SAT", "pooled": "SAT"}[name]
    line = next(line for line in printed.splitlines() if line.startswith(f"{column},"))
    assert ",Output," in line


def test_no_word_of_a_group_is_left_without_a_label(folder: Path) -> None:
    _, meta = pyreadstat.read_sav(str(folder / "parents.sav"), metadataonly=True)
    assert meta.variable_value_labels["stage"]["primary"] == "小学"
    assert meta.variable_value_labels["urban_rural"] == {"rural": "乡村", "town": "镇区", "urban": "城区"}


@pytest.mark.parametrize("role", ["parents", "teachers", "students"])
def test_a_dta_holds_what_the_sav_holds(folder: Path, role: str) -> None:
    sav, _ = pyreadstat.read_sav(str(folder / f"{role}.sav"))
    dta, _ = pyreadstat.read_dta(str(folder.parent / "stata" / f"{role}.dta"))
    assert list(sav.columns) == list(dta.columns)
    numbers = sav.select_dtypes("number").columns
    np.testing.assert_array_equal(sav[numbers].to_numpy(), dta[numbers].to_numpy(dtype=float))
    words = sav.columns.difference(numbers)
    assert sav[words].fillna("").equals(dta[words].fillna("").astype(sav[words].dtypes))
