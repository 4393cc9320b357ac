"""Runs killed at any moment: the study stays usable and the next run comes to the same results."""

import json
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

PATIENCE = 180.0


def tables(study: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (study / "results" / "tables").glob("*.csv")}


def finished(study: Path) -> set[str]:
    """Return the stages the manifest holds; it must be whole whenever it is there."""
    manifest = study / "results" / "manifest.json"
    if not manifest.is_file():
        return set()
    return set(json.loads(manifest.read_text(encoding="utf-8"))["stages"])


def kill_when(process: "subprocess.Popen[bytes]", moment: Callable[[], bool]) -> bool:
    """Kill the process as soon as the moment has come; False where it ended before."""
    begun = time.monotonic()
    while process.poll() is None:
        if moment():
            process.kill()
            process.wait()
            return True
        assert time.monotonic() - begun < PATIENCE, "the run neither came to that moment nor ended"
        time.sleep(0.002)
    return False


@pytest.fixture
def untouched(town: Path, tmp_path: Path) -> Path:
    """Return the small study as it was before its first run."""
    return shutil.copytree(town, tmp_path / "study", ignore=shutil.ignore_patterns("results"))


def completes(run_manyi, study: Path, like: Path) -> None:
    done = run_manyi("run", study, "--json")
    assert (done.code, done.codes) == (0, [])
    assert tables(study) == tables(like)
    assert {path.name for path in (study / "results").iterdir()} == {
        path.name for path in (like / "results").iterdir()
    }
    assert list((study / "results").rglob("*.part")) == []
    assert run_manyi("status", study, "--json").json["stale"] == {}


def test_killed_after_every_single_stage(run_manyi, start_manyi, untouched: Path, town: Path) -> None:
    killed = 0
    while True:
        before = finished(untouched)
        process = start_manyi("run", untouched)
        if not kill_when(process, lambda before=before: len(finished(untouched)) > len(before)):
            break
        killed += 1
        assert before <= finished(untouched), "a killed run loses nothing that was finished"
    assert killed >= 5
    completes(run_manyi, untouched, town)


@pytest.mark.parametrize("under_way", ["coded/pupils.parquet", "clean/carers*", "tables/answers.csv*"])
def test_killed_while_a_stage_writes(run_manyi, start_manyi, untouched, town, under_way: str) -> None:
    process = start_manyi("run", untouched)
    kill_when(process, lambda: any((untouched / "results").glob(under_way)))
    completes(run_manyi, untouched, town)


def test_raw_answers_and_definitions_are_as_they_were(start_manyi, untouched: Path) -> None:
    before = {path: path.read_bytes() for path in untouched.rglob("*") if path.is_file()}
    process = start_manyi("run", untouched)
    kill_when(process, lambda: len(finished(untouched)) >= 3)
    assert {path: path.read_bytes() for path in before} == before


def test_status_and_check_work_on_what_a_killed_run_left(run_manyi, start_manyi, untouched: Path) -> None:
    process = start_manyi("run", untouched)
    kill_when(process, lambda: len(finished(untouched)) >= 2)
    status = run_manyi("status", untouched, "--json")
    assert (status.code, run_manyi("check", untouched).code) == (0, 0)
    assert finished(untouched).isdisjoint(status.json["stale"])
    assert status.json["stale"]["report"] == "new"


def test_answers_that_changed_while_a_run_was_dead_are_taken_in(
    run_manyi, start_manyi, untouched: Path, read_csv
) -> None:
    process = start_manyi("run", untouched)
    kill_when(process, lambda: "clean:pupils" in finished(untouched))
    with (untouched / "data/responses/pupils/pupils.csv").open("a", encoding="utf-8") as stream:
        stream.write("005,1,2,3,4,5\n")
    assert run_manyi("run", untouched, "--json").code == 0
    kept = read_csv(untouched, "ledger").query("role == 'pupils' and step == 'kept'")
    assert kept["n"].tolist() == [91]


def test_the_example_county_killed_with_its_workers(
    run_manyi, start_manyi, demo_study: Path, tmp_path: Path
) -> None:
    study = shutil.copytree(demo_study, tmp_path / "study", ignore=shutil.ignore_patterns("results"))
    process = start_manyi("run", study)
    assert kill_when(process, lambda: bool({name for name in finished(study) if name.startswith("clean")}))
    time.sleep(3)
    left = finished(study), sorted(path.name for path in study.rglob("*"))
    time.sleep(2)
    assert (finished(study), sorted(path.name for path in study.rglob("*"))) == left, "a worker lives on"
    assert run_manyi("run", study, "--json").code == 0
    assert tables(study) == tables(demo_study)
