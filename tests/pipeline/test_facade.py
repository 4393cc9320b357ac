"""``import manyi`` as a notebook uses it."""

import csv
import shutil
from pathlib import Path

import pytest

import manyi
from manyi_instruments.faults import ManyiError, ResultNotComputed, StudyFaulty


@pytest.fixture
def study(town: Path) -> manyi.OpenStudy:
    return manyi.open(town)


def test_open_takes_a_folder_a_text_or_the_file_itself(town: Path) -> None:
    opened = [manyi.open(town), manyi.open(str(town)), manyi.open(town / "study.yaml")]
    assert {str(study.folder.path) for study in opened} == {str(town)}


def test_a_study_says_its_name_and_roles(study) -> None:
    assert repr(study) == "<manyi study tiny: carers, pupils>"


def test_answers_hold_every_row_received_scores_and_flags(study) -> None:
    answers = study.answers("carers")
    assert len(answers) == 80
    assert {"school", "a1", "A", "B", "kept"} <= set(answers.columns)
    assert answers["A"].tolist() == pytest.approx(answers[["a1", "a2", "a3", "a4"]].mean(axis=1).tolist())


def test_results_are_the_tables_by_name(study, town: Path) -> None:
    names = sorted(path.stem for path in (town / "results" / "tables").glob("*.csv"))
    assert list(study.results) == names
    assert len(study.results) == len(names)


def test_a_result_is_the_frame_of_the_csv_at_full_precision(study, town: Path) -> None:
    frame = study.results["reliability"].to_frame()
    with (town / "results/tables/reliability.csv").open(encoding="utf-8-sig", newline="") as stream:
        read = [float(row["alpha"]) for row in csv.DictReader(stream)]
    assert frame["alpha"].tolist() == read


def test_a_result_cannot_be_spoiled_by_its_reader(study) -> None:
    result = study.results["items"]
    spoiled = result.to_frame()
    spoiled["mean"] = 0
    assert (result.to_frame()["mean"] > 0).all()


def test_codes_of_schools_stay_text(study) -> None:
    assert study.answers("pupils")["school"].iloc[0] == "001"


def test_a_table_that_is_not_there_is_a_key_error(study) -> None:
    assert "nothing" not in study.results
    with pytest.raises(KeyError, match="nothing"):
        study.results["nothing"]


def test_the_questionnaire_of_a_role(study) -> None:
    assert [scale.id for scale in study.questionnaire("carers").scales] == ["A", "B"]


@pytest.mark.parametrize("method", ["answers", "questionnaire"])
def test_an_unknown_role_is_named_with_those_there_are(study, method: str) -> None:
    with pytest.raises(StudyFaulty) as caught:
        getattr(study, method)("nurses")
    assert caught.value.faults[0].code == "unknown-role"
    assert "carers, pupils" in str(caught.value)


def test_a_folder_without_a_study_is_named(tmp_path: Path) -> None:
    with pytest.raises(StudyFaulty) as caught:
        manyi.open(tmp_path)
    assert [fault.code for fault in caught.value.faults] == ["study-not-found"]


def test_answers_before_the_first_run_say_what_to_do(town: Path, tmp_path: Path) -> None:
    fresh = shutil.copytree(town, tmp_path / "study", ignore=shutil.ignore_patterns("results"))
    with pytest.raises(ManyiError) as caught:
        manyi.open(fresh).answers("carers")
    assert [fault.code for fault in caught.value.faults] == ["not-run-yet"]
    assert list(manyi.open(fresh).results) == []


def test_run_makes_what_is_stale_and_only_that(town: Path, tmp_path: Path) -> None:
    study = manyi.open(shutil.copytree(town, tmp_path / "study"))
    (tmp_path / "study" / "results" / "tables" / "items.csv").unlink()
    assert [outcome.name for outcome in study.run() if outcome.state == "done"] == ["tables"]
    assert "items" in study.results


def test_run_raises_what_could_not_be_done_after_doing_the_rest(town: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(town, tmp_path / "study")
    (folder / "data/responses/pupils/pupils.csv").write_bytes(b"")
    study = manyi.open(folder)
    with pytest.raises(ResultNotComputed) as caught:
        study.run()
    assert [fault.code for fault in caught.value.faults] == ["file-empty"]
    assert study.results["reliability"].to_frame()["role"].unique().tolist() == ["carers"]


def test_check_finds_what_the_command_finds(town: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(town, tmp_path / "study")
    text = (folder / "study.yaml").read_text(encoding="utf-8")
    (folder / "study.yaml").write_text(text.replace("- books", "- boooks"), encoding="utf-8")
    (fault,) = manyi.open(folder).check()
    assert (fault.code, fault.severity) == ("plan-unknown-variable", "error")
    assert "books?" in fault.remedy("en")


def test_the_example_of_the_documentation(demo_study: Path) -> None:
    study = manyi.open(demo_study)
    frame = study.results["reliability"].to_frame()
    assert set(frame["role"]) == set(study.folder.definition.roles)
    for role in study.folder.definition.roles:
        received = (
            study.results["ledger"].to_frame().query("role == @role and step == 'received'")["n"].item()
        )
        assert len(study.answers(role)) == received
