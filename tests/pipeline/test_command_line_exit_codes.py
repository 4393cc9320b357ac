"""Exit codes 0, 1, 2 and 3, the same under ``--json``; what goes to stdout, to stderr and to a terminal."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

NOT_A_STUDY = ("run", "check", "forms", "status")
USAGE = {
    "unknown command": ("harvest",),
    "unknown option": ("run", "--loud"),
    "unknown language": ("run", "--lang", "fr"),
    "unknown platform": ("ingest", "d", "f.csv", "--role", "r", "--source", "paper"),
    "missing argument": ("new",),
    "missing option": ("ingest", "d", "f.csv"),
    "a seed that is no number": ("demo", "d", "--seed", "many"),
}
MODES = pytest.mark.parametrize("json_flag", [(), ("--json",)], ids=["text", "json"])


@pytest.fixture(scope="module")
def internal(tmp_path_factory: pytest.TempPathFactory, write_town, run_manyi):
    """Return folder, raw files and both calls of a run on a study whose manifest is a folder.

    No rule of the program foresees that, so it is an error of its own.
    """
    base = tmp_path_factory.mktemp("internal")
    study = write_town(base / "study")
    raw = {path: path.read_bytes() for path in study.rglob("*") if path.is_file()}
    (study / "results" / "manifest.json").mkdir(parents=True)
    text, as_json = (run_manyi("run", study, *flag, cwd=base) for flag in ((), ("--json",)))
    return base, raw, text, as_json


@MODES
def test_0_a_run_that_succeeds(run_manyi, town: Path, json_flag: tuple[str, ...]) -> None:
    assert run_manyi("run", town, *json_flag).code == 0


@MODES
@pytest.mark.parametrize("command", NOT_A_STUDY)
def test_1_a_folder_without_a_study(run_manyi, tmp_path: Path, command: str, json_flag) -> None:
    done = run_manyi(command, tmp_path, *json_flag)
    assert done.code == 1
    assert "study-not-found" in (done.out if json_flag else done.err)


@pytest.mark.parametrize("arguments", USAGE.values(), ids=USAGE)
def test_2_a_command_written_wrongly(run_manyi, tmp_path: Path, arguments) -> None:
    done = run_manyi(*arguments, cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert "--help" in done.err


@pytest.mark.parametrize("arguments", USAGE.values(), ids=USAGE)
def test_2_is_told_as_one_json_object_too(run_manyi, tmp_path: Path, arguments) -> None:
    done = run_manyi(*arguments, "--json", cwd=tmp_path)
    assert (done.code, done.json["ok"], done.codes, done.err) == (2, False, ["usage"], "")


def test_3_an_error_of_the_program_itself(internal) -> None:
    assert (internal[2].code, internal[3].code) == (3, 3)


def test_3_keeps_the_traceback_in_a_file_and_says_where(internal) -> None:
    base, _, _, as_json = internal
    log = base / "manyi-error.log"
    assert as_json.codes == ["internal-error"]
    assert str(log) in as_json.json["faults"][0]["remedy"]
    assert "IsADirectoryError" in log.read_text(encoding="utf-8")


def test_3_shows_no_traceback(internal) -> None:
    assert "internal-error" in internal[2].err
    assert "Traceback" not in internal[2].out + internal[2].err


def test_3_leaves_raw_answers_as_they_were(internal) -> None:
    assert {path: path.read_bytes() for path in internal[1]} == internal[1]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_a_full_disk_is_named_and_no_error_of_the_program(run_manyi, write_town, tmp_path: Path) -> None:
    folder = write_town(tmp_path / "study")
    (folder / "results").mkdir()
    (folder / "results" / "manifest.json.part").symlink_to("/dev/full")
    done = run_manyi("run", folder, "--json", cwd=tmp_path)
    assert (done.code, done.codes) == (1, ["cannot-write"])
    assert os.strerror(28) in done.json["faults"][0]["why"]


def test_results_that_are_a_file_are_named(run_manyi, write_town, tmp_path: Path) -> None:
    folder = write_town(tmp_path / "study")
    (folder / "results").write_text("my notes", encoding="utf-8")
    done = run_manyi("run", folder, "--json", cwd=tmp_path)
    assert (done.code, done.codes) == (1, ["cannot-write"])
    assert (folder / "results").read_text(encoding="utf-8") == "my notes"


def test_json_of_every_command_is_one_object_and_nothing_else(run_manyi, town: Path, tmp_path: Path) -> None:
    study = shutil.copytree(town, tmp_path / "study")
    answers = study / "data" / "responses" / "carers" / "carers.csv"
    calls = {
        "new": ("new", tmp_path / "fresh"),
        "new --from": ("new", tmp_path / "drafted", "--from", answers),
        "check": ("check", study),
        "check --schema": ("check", "--schema"),
        "forms": ("forms", study),
        "ingest": ("ingest", study, answers, "--role", "carers"),
        "run": ("run", study),
        "status": ("status", study),
        "doctor": ("doctor",),
    }
    for name, arguments in calls.items():
        done = run_manyi(*arguments, "--json")
        assert (name, done.code, done.err) == (name, 0, "")
        assert done.out.count("\n") == 1, f"{name}: the object stands on one line, for tools that read lines"
        assert done.json["ok"] is True


def test_json_of_the_demo_is_one_object_and_nothing_else(demo_result) -> None:
    done = demo_result[1]
    assert (done.json["ok"], done.out.count("\n")) == (True, 1)


def test_json_says_what_went_wrong_in_the_language_asked_for(run_manyi, tmp_path: Path) -> None:
    said = {
        lang: run_manyi("run", tmp_path, "--json", "--lang", lang).json["faults"][0]["what"]
        for lang in ("zh", "en")
    }
    assert said == {
        "zh": f"“{tmp_path}”里没有 study.yaml。",
        "en": f"There is no study.yaml in '{tmp_path}'.",
    }


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "里没有"),
        ({"LANG": "de_DE.UTF-8"}, "There is no"),
        ({"MANYI_LANG": "zh"}, "里没有"),
    ],
)
def test_language_follows_the_machine_or_its_own_variable(run_manyi, tmp_path: Path, env, words: str) -> None:
    assert words in run_manyi("run", tmp_path, **env).err


def on_terminal(arguments: list[str], folder: Path) -> tuple[bytes, bytes]:
    """Run with stderr on a pseudo-terminal; return stdout and what the terminal was sent."""
    ours, theirs = pytest.importorskip("pty", reason="pseudo-terminals are POSIX only").openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "manyi", *arguments], stdout=subprocess.PIPE, stderr=theirs, cwd=folder
    )
    os.close(theirs)
    seen = b""
    while True:
        try:
            chunk = os.read(ours, 65536)
        except OSError:  # Linux says so when the other end is closed
            break
        if not chunk:
            break
        seen += chunk
    os.close(ours)
    assert process.stdout is not None
    out = process.stdout.read()
    process.stdout.close()
    assert process.wait() == 0
    return out, seen


@pytest.fixture(scope="module")
def again(town: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shutil.copytree(town, tmp_path_factory.mktemp("again") / "study")


def test_progress_is_shown_on_a_terminal(again: Path, tmp_path: Path) -> None:
    out, seen = on_terminal(["run", str(again)], tmp_path)
    assert re.search(rb"\d+/\d+", seen)
    assert b"\x1b[" in seen
    assert b"\x1b[" not in out


def test_no_progress_on_a_terminal_under_json(again: Path, tmp_path: Path) -> None:
    out, seen = on_terminal(["run", str(again), "--json"], tmp_path)
    assert seen == b""
    assert json.loads(out)["ok"] is True


def test_no_progress_without_a_terminal(run_manyi, town: Path) -> None:
    assert run_manyi("run", town).err == ""


def test_reader_that_stops_reading_is_no_error_of_the_program(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "manyi", "check", "--schema"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    process.wait()
    assert b"Traceback" not in said
    assert b"internal-error" not in said
    assert not (tmp_path / "manyi-error.log").exists()


MISTAKES = {
    "study.yaml is empty": ("study.yaml", b""),
    "study.yaml is no YAML": ("study.yaml", b"study: [\n"),
    "study.yaml is a list": ("study.yaml", b"- a\n- b\n"),
    "study.yaml is in GBK": ("study.yaml", "study: 满意\n".encode("gbk")),
    "study.yaml has an unknown key": ("study.yaml", b"stady: x\n"),
    "a questionnaire is empty": ("instruments/carers.yaml", b""),
    "a questionnaire is no YAML": ("instruments/carers.yaml", b"a: b: c\n"),
    "a questionnaire is binary": ("instruments/carers.yaml", bytes(range(256))),
    "the register is cut off": ("data/responses/register.json", b'{"data/'),
    "the register is a list": ("data/responses/register.json", b"[]"),
    "the school table is empty": ("data/schools.csv", b""),
    "the school table is no table": ("data/schools.csv", bytes(range(256)) * 9),
    "the school table has no codes": ("data/schools.csv", b"name,books\nNorth,3\n"),
}


@pytest.mark.parametrize(("file", "content"), MISTAKES.values(), ids=MISTAKES)
def test_no_mistake_of_a_user_shows_a_traceback(run_manyi, write_town, tmp_path, file, content) -> None:
    folder = write_town(tmp_path / "study")
    (folder / file).write_bytes(content)
    done = run_manyi("status" if "register" in file else "check", folder, cwd=tmp_path)
    if file == "data/schools.csv":
        done = run_manyi("run", folder, cwd=tmp_path)
    assert done.code == 1
    assert "Traceback" not in done.out + done.err
    assert "error [" in done.err
    assert "internal-error" not in done.err


def test_a_role_that_no_key_can_name_is_refused_before_anything_is_written(run_manyi, town, tmp_path) -> None:
    answers = town / "data" / "responses" / "carers" / "carers.csv"
    done = run_manyi("new", tmp_path / "study", "--from", answers, "--role", "家长", "--json")
    assert (done.code, done.codes) == (1, ["role-name-refused"])
    assert not (tmp_path / "study").exists()


@pytest.mark.parametrize("command", ["new", "demo"])
def test_a_folder_that_holds_something_is_never_written_into(run_manyi, tmp_path: Path, command: str) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    done = run_manyi(command, tmp_path, "--json")
    assert (done.code, done.codes) == (1, ["study-exists"])
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_new_study_runs_and_says_that_answers_are_lacking(run_manyi, tmp_path: Path) -> None:
    assert run_manyi("new", tmp_path / "study").code == 0
    assert run_manyi("check", tmp_path / "study").code == 0
    done = run_manyi("run", tmp_path / "study", "--json")
    # A role without answers is told; the school table that was begun has headings only.
    assert (done.code, done.codes) == (1, ["no-answers"] * 5 + ["file-header-only"])


def test_doctor_finds_everything_that_a_run_needs(run_manyi) -> None:
    found = run_manyi("doctor", "--json").json
    assert all(found["packages"][name] for name in ("pandas", "pyreadstat", "openpyxl", "typst"))
    assert all(Path(path).is_file() for path in found["fonts"]["files"])
