"""The example county as a folder: the same bytes for the same seed, no fault in its definitions."""

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
import yaml
from openpyxl import load_workbook

from manyi.example import write_example
from manyi.example.folder import SAMPLE_AND_WEIGHTS
from manyi.example.roles import TRUTH
from manyi.example.truth import INDICATORS, FaultCounts, RoleTruth
from manyi.example.workbook import workbook_bytes
from manyi.study.checks import study_faults
from manyi.study.definition import Study
from manyi.study.folder import open_study
from manyi.study.template import filled, template_text


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("example") / "county"
    write_example(path)
    return path


def test_another_process_writes_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    code = "import pathlib, sys, manyi.example; manyi.example.write_example(pathlib.Path(sys.argv[1]))"
    environment = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Shanghai"}
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "again")], check=True, env=environment)
    assert digests(tmp_path / "again") == digests(folder)


def test_another_seed_writes_other_answers(folder: Path, tmp_path: Path) -> None:
    write_example(tmp_path / "other", 1)
    here, there = digests(folder), digests(tmp_path / "other")
    answers = [name for name in here if "/responses/students/" in name]
    assert [here[name] == there[name] for name in answers] == [False]


def test_the_study_has_no_fault(folder: Path) -> None:
    assert [fault for fault in study_faults(open_study(folder)) if fault.severity == "error"] == []


def test_the_roles_are_those_that_answered(folder: Path) -> None:
    assert list(open_study(folder).definition.roles) == ["parents", "teachers", "students"]


@pytest.mark.parametrize(
    ("role", "suffixes"), [("parents", [".xlsx", ".csv"]), ("teachers", [".csv"]), ("students", [".csv"])]
)
def test_answers_come_in_the_platforms_files(folder: Path, role: str, suffixes: list[str]) -> None:
    assert [path.suffix for path in open_study(folder).answer_files(role)] == suffixes


def test_teachers_file_is_not_utf8(folder: Path) -> None:
    content = open_study(folder).answer_files("teachers")[0].read_bytes()
    with pytest.raises(UnicodeDecodeError):
        content.decode("utf-8")


def test_teachers_file_is_gb18030(folder: Path) -> None:
    content = open_study(folder).answer_files("teachers")[0].read_bytes()
    assert content.decode("gb18030").startswith("序号,提交答卷时间,所用时间")


def test_planted_counts_lie_in_the_folder(folder: Path) -> None:
    planted = json.loads((folder / "data" / "planted.json").read_text(encoding="utf-8"))
    assert planted["roles"]["teachers"]["flagged"]["too_fast"] == 8


def test_no_respondent_can_be_traced(folder: Path) -> None:
    """Network addresses are switched off in the exports, as the questionnaires promise."""
    workbook = load_workbook(open_study(folder).answer_files("parents")[0], read_only=True)
    headings, *rows = workbook.worksheets[0].iter_rows(values_only=True)
    workbook.close()
    place = headings.index("来自IP")
    assert {row[place] for row in rows} == {None}


def test_workbook_is_read_by_openpyxl(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(workbook_bytes(["题目 <1>", "b"], [["甲 & 乙", "0012"], [3, ""]]))
    rows = list(load_workbook(path).worksheets[0].iter_rows(values_only=True))
    assert rows == [("题目 <1>", "b"), ("甲 & 乙", 3), ("0012", None)]


def test_template_loads_with_the_five_questionnaires() -> None:
    study = Study.model_validate(yaml.safe_load(template_text()))
    assert list(study.roles) == ["parents", "teachers", "students", "principals", "society"]


def test_template_names_only_what_the_questionnaires_have(tmp_path: Path) -> None:
    from manyi.study.creation import new_study

    new_study(tmp_path / "new")
    assert [fault for fault in study_faults(open_study(tmp_path / "new")) if fault.severity == "error"] == []


def test_the_example_keeps_the_comments_of_the_template(folder: Path) -> None:
    comments = [line for line in template_text().splitlines() if line.lstrip().startswith("#")]
    text = (folder / "study.yaml").read_text(encoding="utf-8").splitlines()
    assert [line for line in comments if line not in text] == []


def test_the_example_differs_from_the_template_only_where_filled(folder: Path) -> None:
    template = yaml.safe_load(template_text())
    example = yaml.safe_load((folder / "study.yaml").read_text(encoding="utf-8"))
    for role in ("principals", "society"):
        del template["roles"][role], template["analysis"]["groups"][role]
        del template["analysis"]["satisfaction"][role]
    for role in ("parents", "teachers", "students"):
        template["roles"][role] |= {key: example["roles"][role][key] for key in ("issued", "columns")}
    template |= yaml.safe_load(SAMPLE_AND_WEIGHTS)
    own = ("county", "layers", "facts", "equity", "wave", "earlier")
    template["schools"] |= {key: example["schools"][key] for key in own}
    template["analysis"]["monitoring"] = example["analysis"]["monitoring"]
    assert example == template | {"study": example["study"], "title": example["title"]}


def test_a_path_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError, match=r"roles\.pupils"):
        filled(template_text(), {}, [("roles", "pupils")])


DOCUMENT = Path(__file__).parents[2] / "docs" / "example-county.md"


def documented(first: str) -> list[str]:
    """Return the cells of the row of the document's tables whose first cell holds a word."""
    rows = [line.strip("| ").split(" | ") for line in DOCUMENT.read_text(encoding="utf-8").splitlines()]
    return next(row[1:] for row in rows if len(row) > 3 and first in row[0])


@pytest.mark.parametrize("role", TRUTH.roles, ids=lambda role: role.role)
def test_documented_effects_are_the_true_ones(role: RoleTruth) -> None:
    assert [float(cell) for cell in documented(role.role)] == [role.total[name] for name in INDICATORS]


@pytest.mark.parametrize("fault", [field.name for field in fields(FaultCounts)])
def test_documented_faults_are_those_planted(fault: str) -> None:
    assert [int(cell) for cell in documented(f"({fault})")] == [getattr(r.faults, fault) for r in TRUTH.roles]


def test_documented_respondents_are_those_drawn() -> None:
    assert [int(cell) for cell in documented("people who answered")] == [r.respondents for r in TRUTH.roles]
