"""The data package: frictionless finds package and data valid, and sees what is wrong with spoilt ones."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from manyi_outputs.data_files import data_set, write_csv, write_frame
from manyi_outputs.data_files.provenance import Provenance
from manyi_outputs.data_package import PackageFile, data_package, school_file
from manyi_outputs.spss import RoleAnswers

FROM = Provenance("Bfi 研究", {"zh": "大五", "en": "Big five"}, "en", "0.1.0")
#: In a process of its own: frictionless sets up encodings and warnings for itself.
VALIDATE = """
import json, os, sys
from frictionless import validate
for folder in sys.argv[1:]:
    os.chdir(folder)
    report = validate("datapackage.json")
    errors = [*report.errors, *(error for task in report.tasks for error in task.errors)]
    told = sorted({(one.type, getattr(one, "field_name", "")) for one in errors})
    print(json.dumps({"valid": report.valid, "errors": told, "tables": len(report.tasks)}))
"""


@pytest.fixture(scope="module")
def few(bfi_answers: RoleAnswers) -> RoleAnswers:
    """Return three hundred rows in two schools, one of them with a code that is on no table."""
    codes = np.where(np.arange(300) % 3 == 0, "0013", "0012")
    coded = bfi_answers.coded.head(300).assign(school=codes, stage="primary")
    return replace(bfi_answers, coded=coded, scored=bfi_answers.scored.head(300))


@pytest.fixture(scope="module")
def write(few: RoleAnswers) -> Callable[[Path], dict[str, Any]]:
    """Return ``write(folder)``: a package of one role and its schools; its descriptor."""
    roster = pd.DataFrame(
        {
            "school": ["0012"],
            "stage": ["primary"],
            "school_name": ["=1+1"],
            "pupils": [310],
            "R1": [3.5],
        }
    )

    def made(folder: Path) -> dict[str, Any]:
        folder.mkdir(parents=True, exist_ok=True)
        data = data_set(few, "en")
        write_csv(folder / "adults.csv", data)
        titles = {"R1": "Pupils a teacher"}
        schools = school_file("school-table", "school-table.csv", "en", roster, titles, [data])
        write_frame(folder / "school-table.csv", schools.frame)
        schools = schools.written((folder / "school-table.csv").read_bytes())
        files = [PackageFile(data, "adults.csv", (folder / "adults.csv").read_bytes(), schools)]
        content = data_package(files, FROM)
        (folder / "datapackage.json").write_bytes(content)
        return json.loads(content)

    return made


def spoil(folder: Path, file: str, old: str, new: str) -> None:
    """Put other text into a file, and its size and hash into the descriptor."""
    content = (folder / file).read_text(encoding="utf-8-sig").replace(old, new, 1).encode("utf-8-sig")
    (folder / file).write_bytes(content)
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    for resource in package["resources"]:
        if resource["path"] == file:
            resource |= {"bytes": len(content), "hash": f"sha256:{hashlib.sha256(content).hexdigest()}"}
    (folder / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")


@pytest.fixture(scope="module")
def package(
    write: Callable[[Path], dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    return write(tmp_path_factory.mktemp("package"))


def field(package: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [one for one in package["resources"][0]["schema"]["fields"] if one["name"] == name]
    return found


@pytest.fixture(scope="module")
def found(
    write: Callable[[Path], dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, Any]]:
    """Return what frictionless says of a package, and of three copies with something wrong."""
    folders = {name: tmp_path_factory.mktemp(name) for name in ("sound", "answer", "school", "changed")}
    for folder in folders.values():
        write(folder)
    rows = (folders["answer"] / "adults.csv").read_text(encoding="utf-8-sig").splitlines()
    place, cells = rows[0].split(",").index('"A2"'), rows[1].split(",")
    other = ",".join([*cells[:place], "77", *cells[place + 1 :]])
    spoil(folders["answer"], "adults.csv", rows[1], other)
    spoil(folders["school"], "adults.csv", '"0013","primary"', '"0099","primary"')
    with (folders["changed"] / "adults.csv").open("ab") as stream:
        stream.write(b"\n")
    command = [sys.executable, "-c", VALIDATE, *map(str, folders.values())]
    done = subprocess.run(command, capture_output=True, check=True, timeout=120)
    said = map(json.loads, done.stdout.decode("utf-8").splitlines())
    return dict(zip(folders, said, strict=True))


def test_frictionless_finds_package_and_data_valid(found: dict[str, dict[str, Any]]) -> None:
    assert found["sound"] == {"valid": True, "errors": [], "tables": 2}


def test_frictionless_finds_an_answer_outside_the_list(found: dict[str, dict[str, Any]]) -> None:
    assert found["answer"]["errors"] == [["constraint-error", "A2"]]


def test_frictionless_finds_a_school_that_is_on_no_table(found: dict[str, dict[str, Any]]) -> None:
    assert [kind for kind, _ in found["school"]["errors"]] == ["foreign-key"]


def test_frictionless_finds_a_file_changed_after_the_package_was_made(
    found: dict[str, dict[str, Any]],
) -> None:
    assert {kind for kind, _ in found["changed"]["errors"]} >= {"hash-count", "byte-count"}


def test_a_code_that_only_answers_have_gets_a_row_of_its_own(few: RoleAnswers) -> None:
    roster = pd.DataFrame({"school": ["0012"], "stage": ["primary"], "R1": [3.5]})
    made = school_file("s", "s.csv", "en", roster, {}, [data_set(few, "en")]).frame
    assert made[["school", "on_table"]].values.tolist() == [["0012", 1], ["0013", 0]]


def test_answers_have_categories_with_labels_in_their_order(package: dict[str, Any]) -> None:
    found = field(package, "A1")
    assert found["categories"][0] == {"value": 1, "label": "very inaccurate"}
    assert (found["categoriesOrdered"], found["constraints"]["enum"]) == (True, [1, 2, 3, 4, 5, 6])


def test_names_have_categories_without_an_order(package: dict[str, Any]) -> None:
    assert field(package, "gender")["categoriesOrdered"] is False


def test_numbers_have_bounds(package: dict[str, Any]) -> None:
    assert field(package, "age")["constraints"] == {"minimum": 3, "maximum": 90}


def test_codes_of_missing_answers_have_labels(package: dict[str, Any]) -> None:
    assert field(package, "A1")["missingValues"][:2] == [{"value": ""}, {"value": "-9", "label": "no answer"}]


def test_readers_of_the_first_version_find_the_codes_too(package: dict[str, Any]) -> None:
    assert package["resources"][0]["schema"]["missingValues"] == ["", "-9", "-8", "-7", "-6", "-5"]


def test_a_score_is_no_code_of_a_missing_answer(package: dict[str, Any]) -> None:
    assert field(package, "A")["missingValues"] == [""]


def test_names_are_those_both_versions_allow(package: dict[str, Any]) -> None:
    assert (package["name"], [one["name"] for one in package["resources"]]) == (
        "bfi---",
        ["adults", "school-table"],
    )
