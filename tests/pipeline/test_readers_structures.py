"""Structures in a study: found for a file, taken in, kept apart from answers, watched by the import stage."""

import shutil
from pathlib import Path

import pytest
from openpyxl import Workbook

from manyi.cli.sources import SOURCES as NAMED
from manyi.readers.importing import import_answers
from manyi.readers.platforms.detect import SOURCES
from manyi.readers.structures.find import find_structure
from manyi.readers.tables.raw_table import read_table
from manyi.study.definition import Role
from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.faults import AnswersFaulty

ROLE = Role.model_validate({"title": {"zh": "学生"}, "questionnaire": "q.yaml"})
YAML = """
questionnaire: pupils
title: {zh: 问卷}
languages: [zh]
answer_lists:
  agree: {values: [1, 2, 3], zh: [不同意, 一般, 同意]}
items:
  - {id: A1, text: {zh: 老师好}, answers: agree, standalone: true}
  - {id: A2, text: {zh: 饭菜好}, answers: agree, standalone: true}
"""
STUDY = """
study: pupils-2024
title: {zh: 学生}
language: zh
roles:
  pupils: {title: {zh: 学生}, questionnaire: instruments/pupils.yaml}
"""
# Names of choices that are no values: without the form nobody knows what "hi" means.
EXPORT = (
    "g/teach,g/meal,_id,_uuid,_submission_time,_index\n"
    + "\n".join(
        f"{a},{b},{i},u{i},2024-05-01T08:00:{i:02},{i}"
        for i, (a, b) in enumerate([("hi", "lo"), ("lo", "mid")])
    )
    + "\n"
)


def form(
    folder: Path, names: tuple[str, ...] = ("teach", "meal"), name: str = "form.xlsx", high: str = "同意"
) -> Path:
    book = Workbook()
    survey = book.worksheets[0]
    survey.title = "survey"
    survey.append(["type", "name", "label::中文 (zh)"])
    survey.append(["begin_group", "g", "组"])
    for code, text in zip(names, ("老师好", "饭菜好"), strict=False):
        survey.append(["select_one agree", code, text])
    survey.append(["end_group", "g", ""])
    choices = book.create_sheet("choices")
    choices.append(["list_name", "name", "label::中文 (zh)"])
    for code, label in (("lo", "不同意"), ("mid", "一般"), ("hi", high)):
        choices.append(["agree", code, label])
    folder.mkdir(parents=True, exist_ok=True)
    book.save(folder / name)
    return folder / name


def export(folder: Path, name: str = "export.csv") -> Path:
    path = folder / name
    path.write_text(EXPORT, encoding="utf-8")
    return path


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = tmp_path / "study"
    (folder / "instruments").mkdir(parents=True)
    (folder / "study.yaml").write_text(STUDY, encoding="utf-8")
    (folder / "instruments" / "pupils.yaml").write_text(YAML, encoding="utf-8")
    return folder


def test_the_command_line_names_every_platform() -> None:
    assert NAMED == SOURCES


def test_names_are_read_by_the_wordings_of_the_form(tmp_path: Path) -> None:
    paths = [export(tmp_path)]
    found = import_answers(
        paths, load_questionnaire(YAML), ROLE, "pupils", structures=[form(tmp_path / "structures").parent]
    )
    assert found.answers[["A1", "A2"]].to_numpy().tolist() == [[3, 1], [1, 2]]
    assert found.files["structure"].tolist() == ["form.xlsx"]


def test_without_the_form_they_match_nothing(tmp_path: Path) -> None:
    with pytest.raises(AnswersFaulty) as error:
        import_answers([export(tmp_path)], load_questionnaire(YAML), ROLE, "pupils")
    assert "nothing-matched" in {fault.code for fault in error.value.faults}


def test_the_form_that_knows_most_headings_is_taken(tmp_path: Path) -> None:
    folder = tmp_path / "structures"
    form(folder, ("teach",), "a.xlsx")
    form(folder, ("teach", "meal"), "b.xlsx")
    form(folder, ("other", "another"), "c.xlsx")
    found = find_structure(read_table(export(tmp_path)), "xlsform", [folder])
    assert found is not None
    assert found.path.name == "b.xlsx"


def test_of_two_versions_the_last_is_taken(tmp_path: Path) -> None:
    folder = tmp_path / "structures"
    form(folder, name="form_v1.xlsx")
    form(folder, name="form_v2.xlsx")
    found = find_structure(read_table(export(tmp_path)), "xlsform", [folder])
    assert found is not None
    assert found.path.name == "form_v2.xlsx"


def test_a_form_that_knows_too_few_headings_is_not_taken(tmp_path: Path) -> None:
    folder = form(tmp_path / "structures", ("teach",)).parent
    assert find_structure(read_table(export(tmp_path)), "xlsform", [folder]) is None


def test_a_structure_of_another_platform_is_not_taken(tmp_path: Path) -> None:
    folder = form(tmp_path / "structures").parent
    assert find_structure(read_table(export(tmp_path)), "limesurvey", [folder]) is None
    assert find_structure(read_table(export(tmp_path)), "", [folder]) is None


def test_ingest_takes_the_form_in(study: Path, tmp_path: Path, run_manyi) -> None:
    done = run_manyi(
        "ingest", study, export(tmp_path), "--role", "pupils", "--structure", form(tmp_path / "x"), "--json"
    )
    assert (done.code, done.codes) == (0, [])
    assert done.json["import"][0]["rows_kept"] == 2
    assert (study / "data" / "structures" / "form.xlsx").is_file()


def test_a_new_form_makes_the_import_stale(study: Path, tmp_path: Path, run_manyi, read_csv) -> None:
    run_manyi("ingest", study, export(tmp_path), "--role", "pupils", "--structure", form(tmp_path / "x"))
    run_manyi("run", study)
    again = run_manyi("run", study, "--json")
    assert "import:pupils" in again.stages("reused")
    # The same name now means another answer.
    shutil.copyfile(form(tmp_path / "y", high="一般"), study / "data" / "structures" / "form.xlsx")
    later = run_manyi("run", study, "--json")
    assert "import:pupils" in later.stages("done")


def test_a_form_of_the_same_name_is_never_overwritten(study: Path, tmp_path: Path, run_manyi) -> None:
    answers = export(tmp_path)
    run_manyi("ingest", study, answers, "--role", "pupils", "--structure", form(tmp_path / "x"))
    other = form(tmp_path / "y", high="很同意")
    done = run_manyi("ingest", study, answers, "--role", "pupils", "--structure", other, "--json")
    assert (done.code, done.codes) == (1, ["file-name-taken"])


def test_a_form_that_describes_nothing_is_told(study: Path, tmp_path: Path, run_manyi) -> None:
    run_manyi("ingest", study, export(tmp_path), "--role", "pupils", "--structure", form(tmp_path / "x"))
    useless = form(tmp_path / "y", ("p", "q"), "useless.xlsx")
    done = run_manyi("ingest", study, export(tmp_path), "--role", "pupils", "--structure", useless, "--json")
    assert (done.code, done.codes) == (0, ["structure-unused"])


def test_what_is_no_structure_is_refused_and_nothing_taken_in(study: Path, tmp_path: Path, run_manyi) -> None:
    answers = export(tmp_path)
    done = run_manyi("ingest", study, answers, "--role", "pupils", "--structure", answers, "--json")
    assert (done.code, done.codes) == (1, ["structure-not-recognised"])
    assert not (study / "data").exists()


def test_a_structure_given_as_answers_is_refused(study: Path, tmp_path: Path, run_manyi) -> None:
    done = run_manyi("ingest", study, form(tmp_path / "x"), "--role", "pupils", "--json")
    assert (done.code, done.codes) == (1, ["structure-among-answers"])
    assert not (study / "data").exists()


def test_a_structure_among_the_answers_is_named_and_the_others_imported(tmp_path: Path) -> None:
    structure = form(tmp_path)
    found = import_answers(
        [export(tmp_path), structure], load_questionnaire(YAML), ROLE, "pupils", structures=[structure]
    )
    assert [(fault.code, fault.place.file) for fault in found.faults] == [
        ("structure-among-answers", "form.xlsx")
    ]
    assert len(found.answers) == 2


def test_new_keeps_the_form_and_the_platform(tmp_path: Path, run_manyi) -> None:
    folder = tmp_path / "new"
    done = run_manyi(
        "new", folder, "--from", export(tmp_path), "--role", "pupils",
        "--source", "kobo", "--structure", form(tmp_path / "x"), "--json",
    )  # fmt: skip
    assert done.code == 0, done.out
    assert (folder / "data" / "structures" / "form.xlsx").is_file()
    ran = run_manyi("run", folder, "--json")
    assert "import:pupils" in ran.stages("done")
