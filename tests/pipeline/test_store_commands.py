"""``manyi codes``, ``backup``, ``purge`` and ``audit`` on a study folder."""

import csv
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from manyi.cli import cli
from manyi.collect.opening import opened_store, store_address
from manyi.collect.store import Standing, Submission
from manyi.study.folder import open_study

STUDY = """\
study: village
title: {zh: 村小, en: Village school}
roles:
  pupils: {title: {zh: 学生, en: pupils}, questionnaire: instruments/pupils.yaml}
  parents: {title: {zh: 家长, en: parents}, questionnaire: instruments/pupils.yaml}
schools: {table: data/schools.csv, code: code, name: name}
"""


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("MANYI_STORE", raising=False)
    folder = tmp_path / "village"
    (folder / "data").mkdir(parents=True)
    (folder / "study.yaml").write_text(STUDY, encoding="utf-8")
    (folder / "data" / "schools.csv").write_text("code,name\n3301,一小\n3302,二小\n", encoding="utf-8")
    return folder


def run(*words: object, code: int = 0) -> dict[str, Any]:
    done = CliRunner().invoke(cli, [*(str(word) for word in words), "--json", "--lang", "en"])
    assert done.exit_code == code, done.output
    return json.loads(done.output)


def codes(result: dict[str, Any]) -> list[str]:
    with Path(result["written"]).open(encoding="utf-8-sig", newline="") as file:
        return [row["code"] for row in csv.DictReader(file)]


def answer(folder: Path, id: str, role: str = "pupils") -> str:
    with opened_store(open_study(folder)) as store:
        return store.accept([Submission(id, role, "abcdef012345", b'{"Q1": 4}')])[0].receipt


def fault_codes(result: dict[str, Any]) -> list[str]:
    return [fault["code"] for fault in result["faults"]]


def test_codes_are_written_once_for_printing(study: Path) -> None:
    made = run(
        "codes", study, "--role", "pupils", "--school", "3301", "--class", "三（2）班", "--count", "30"
    )
    assert made["faults"] == []
    assert Path(made["written"]) == study / "codes" / "pupils-3301-三_2_班-1.csv"
    with Path(made["written"]).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {(row["role"], row["school"], row["class"]) for row in rows} == {("pupils", "3301", "三（2）班")}
    assert len({row["code"] for row in rows}) == 30
    assert all(len(row["code"].replace("-", "")) == 13 for row in rows)


def test_the_written_codes_are_those_the_store_knows(study: Path) -> None:
    written = codes(run("codes", study, "--role", "pupils", "--school", "3301", "--count", "9"))
    with opened_store(open_study(study)) as store:
        found = [store.codes.find(code) for code in written]
    assert all(one is not None and (one[0].role, one[0].school) == ("pupils", "3301") for one in found)
    assert len({one[1] for one in found if one is not None}) == 9


def test_a_second_list_does_not_overwrite_the_first(study: Path) -> None:
    first, second = (run("codes", study, "--role", "pupils", "--count", "6") for _ in range(2))
    assert first["written"] != second["written"]
    assert not set(codes(first)) & set(codes(second))


def test_no_code_is_in_the_store_in_clear(study: Path) -> None:
    written = codes(run("codes", study, "--role", "pupils", "--count", "9"))
    content = (study / "data" / "answers.sqlite").read_bytes()
    assert not any(code.encode() in content or code.replace("-", "").encode() in content for code in written)


def test_the_file_of_codes_can_be_read_by_its_owner_only(study: Path) -> None:
    made = Path(run("codes", study, "--role", "pupils", "--count", "9")["written"])
    assert (made.stat().st_mode & 0o777, made.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_class_no_spreadsheet_may_take_for_a_formula(study: Path) -> None:
    made = run("codes", study, "--role", "pupils", "--class", "=1+1", "--count", "9")
    assert ",'=1+1" in Path(made["written"]).read_text(encoding="utf-8-sig")


def test_few_codes_and_an_unknown_school_are_warned_of(study: Path) -> None:
    made = run("codes", study, "--role", "pupils", "--school", "3391", "--count", "2")
    assert fault_codes(made) == ["codes-unknown-school", "codes-few"]


def test_an_unknown_role_makes_no_codes(study: Path) -> None:
    assert fault_codes(run("codes", study, "--role", "nurses", "--count", "9", code=1)) == ["unknown-role"]
    assert not (study / "data" / "answers.sqlite").exists()


def test_backup_and_restore(study: Path, tmp_path: Path) -> None:
    receipt = answer(study, "one")
    made = run("backup", study, "--to", tmp_path / "backup.sqlite")
    assert made["answers"] == 1
    (study / "data" / "answers.sqlite").unlink()
    assert run("backup", study, "--restore", tmp_path / "backup.sqlite")["answers"] == 1
    with opened_store(open_study(study)) as store:
        assert [(kept.id, store.receipt(kept.id)) for kept in store.kept("pupils")] == [("one", receipt)]


def test_a_restore_into_a_store_with_answers_is_refused(study: Path, tmp_path: Path) -> None:
    answer(study, "one")
    run("backup", study, "--to", tmp_path / "backup.sqlite")
    told = run("backup", study, "--restore", tmp_path / "backup.sqlite", code=1)
    assert fault_codes(told) == ["restore-not-empty"]


@pytest.mark.parametrize("words", [(), ("--to", "a", "--restore", "b")])
def test_backup_needs_one_direction(study: Path, words: tuple[str, ...]) -> None:
    run("backup", study, *words, code=2)


@pytest.mark.parametrize("words", [("backup", "--to", "b"), ("purge", "--yes"), ("audit",)])
def test_without_a_store_nothing_is_made(study: Path, words: tuple[str, ...]) -> None:
    assert fault_codes(run(words[0], study, *words[1:], code=1)) == ["store-none"]
    assert not (study / "data" / "answers.sqlite").exists()


def test_purge_wants_to_be_sure(study: Path) -> None:
    answer(study, "one")
    assert fault_codes(run("purge", study, code=1)) == ["purge-unsure"]
    assert run("audit", study)["store"] == {"pupils": {"accepted": 1}}


def test_purge_of_a_role(study: Path) -> None:
    answer(study, "one")
    answer(study, "two", "parents")
    assert run("purge", study, "--role", "pupils", "--yes")["erased"] == 1
    told = run("audit", study)
    assert told["store"] == {"pupils": {"purged": 1}, "parents": {"accepted": 1}}
    assert [(line["action"], line["role"], line["count"]) for line in told["audit"]] == [
        ("purged", "pupils", 1)
    ]


@pytest.mark.parametrize(
    ("date", "erased", "told"), [("2020-01-31", 1, ["retention-over"]), ("2999-01-31", 0, [])]
)
def test_purge_when_due(study: Path, date: str, erased: int, told: list[str]) -> None:
    with (study / "study.yaml").open("a", encoding="utf-8") as file:
        file.write(f"collection: {{retention: '{date}'}}\n")
    answer(study, "one")
    assert fault_codes(run("audit", study)) == told
    assert run("purge", study, "--due", "--yes")["erased"] == erased
    assert fault_codes(run("audit", study)) == []


def test_purge_when_due_needs_a_date(study: Path) -> None:
    answer(study, "one")
    assert fault_codes(run("purge", study, "--due", "--yes", code=1)) == ["retention-none"]


def test_the_store_is_that_of_the_option_then_the_environment_then_the_study(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = open_study(study)
    assert store_address(opened).endswith("village/data/answers.sqlite")
    monkeypatch.setenv("MANYI_STORE", "postgresql://who@host/survey")
    assert store_address(opened) == "postgresql://who@host/survey"
    assert store_address(opened, str(tmp_path / "x.sqlite")).endswith("/x.sqlite")


def test_codes_in_a_store_of_postgresql(study: Path, postgresql: Any) -> None:
    address = postgresql()
    run("codes", study, "--role", "pupils", "--count", "9", "--store", address)
    told = run("audit", study, "--store", address)
    assert [(line["action"], line["count"]) for line in told["audit"]] == [("codes", 9)]


def test_a_backup_can_be_opened_as_a_store_to_look_at(study: Path, tmp_path: Path) -> None:
    answer(study, "one")
    run("backup", study, "--to", tmp_path / "backup.sqlite")
    shutil.copy(tmp_path / "backup.sqlite", tmp_path / "copy.sqlite")
    assert run("audit", study, "--store", tmp_path / "copy.sqlite")["store"] == {"pupils": {"accepted": 1}}
    with closing(sqlite3.connect(tmp_path / "copy.sqlite")) as connection:
        assert connection.execute("SELECT standing FROM answers").fetchall() == [(str(Standing.accepted),)]
