"""Stages: what is made again and why, what a killed or failing run leaves."""

import os
import time
from pathlib import Path

import pytest

from manyi.stages import manifest
from manyi.stages.manifest import FileHashes, Manifest, file_hash
from manyi.stages.runner import run_stages
from manyi.stages.stage import Stage
from manyi_instruments.faults import AnswersFaulty, Fault


class Study:
    """Two stages on real files: upper-case a text, then count it; the first can be told to fail."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.fail = False
        self.killed = False
        (root / "in.txt").write_text("abc", encoding="utf-8")

    def stages(self, **parameters: object) -> list[Stage]:
        source, upper, count = (self.root / name for name in ("in.txt", "work/upper.txt", "count.txt"))

        def make_upper() -> tuple[Fault, ...]:
            if self.fail:
                raise AnswersFaulty(Fault("no-answers", details={"role": "r", "folder": "f"}))
            upper.write_text(source.read_text(encoding="utf-8").upper(), encoding="utf-8")
            if self.killed:
                raise KeyboardInterrupt
            return (Fault("no-rows-kept", details={"role": "r", "received": 1}, severity="warning"),)

        def make_count() -> tuple[Fault, ...]:
            count.write_text(str(len(upper.read_text(encoding="utf-8"))), encoding="utf-8")
            return ()

        return [
            Stage("upper", make_upper, (source,), (upper,), dict(parameters)),
            Stage("count", make_count, (upper,), (count,), after=("upper",), intermediate=False),
        ]

    def run(self, **parameters: object) -> dict[str, tuple[str, str]]:
        outcomes = run_stages(self.stages(**parameters), Manifest(self.root, self.root / "manifest.json"))
        return {outcome.name: (outcome.state, outcome.cause) for outcome in outcomes}


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return Study(tmp_path)


def test_first_run_makes_everything(study: Study) -> None:
    assert study.run() == {"upper": ("done", "new"), "count": ("done", "new")}


def test_second_run_reuses_everything(study: Study) -> None:
    study.run()
    assert study.run() == {"upper": ("reused", ""), "count": ("reused", "")}


def test_changed_input_makes_what_depends_on_it(study: Study) -> None:
    study.run()
    (study.root / "in.txt").write_text("abcd", encoding="utf-8")
    assert study.run() == {"upper": ("done", "input in.txt"), "count": ("done", "input work/upper.txt")}


def test_input_that_changes_nothing_stops_there(study: Study) -> None:
    study.run()
    (study.root / "in.txt").write_text("ABC", encoding="utf-8")
    assert study.run() == {"upper": ("done", "input in.txt"), "count": ("reused", "")}


def test_changed_parameter_is_a_cause(study: Study) -> None:
    study.run()
    assert study.run(a=1)["upper"] == ("done", "parameters")


def test_deleted_output_is_made_again(study: Study) -> None:
    study.run()
    (study.root / "count.txt").unlink()
    assert study.run()["count"] == ("done", "output count.txt")


def test_output_that_a_person_edited_is_kept_aside(study: Study) -> None:
    study.run()
    (study.root / "count.txt").write_text("my notes", encoding="utf-8")
    study.run()
    (aside,) = study.root.glob("count.edited-*.txt")
    assert aside.read_text(encoding="utf-8") == "my notes"


def test_failing_stage_leaves_out_what_needs_it(study: Study) -> None:
    study.fail = True
    assert study.run() == {"upper": ("failed", "new"), "count": ("left_out", "upper")}


def test_failing_stage_takes_back_what_no_longer_holds(study: Study) -> None:
    study.run()
    (study.root / "in.txt").write_text("abcd", encoding="utf-8")
    study.fail = True
    study.run()
    assert not (study.root / "work" / "upper.txt").exists()
    assert (study.root / "count.txt").exists(), "what a person reads is kept"


def test_killed_run_is_completed_by_the_next(study: Study) -> None:
    study.killed = True
    with pytest.raises(KeyboardInterrupt):
        study.run()
    study.killed = False
    assert study.run() == {"upper": ("done", "new"), "count": ("done", "new")}


def test_reused_stage_still_tells_what_it_found(study: Study) -> None:
    study.run()
    outcome = run_stages(study.stages(), Manifest(study.root, study.root / "manifest.json"))[0]
    assert [fault.code for fault in outcome.faults] == ["no-rows-kept"]


def test_damaged_manifest_costs_a_full_run(study: Study) -> None:
    study.run()
    (study.root / "manifest.json").write_text("{", encoding="utf-8")
    assert study.run()["upper"] == ("done", "new")


def test_a_file_nobody_touched_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, read = tmp_path / "in.txt", []
    file.write_text("abc", encoding="utf-8")
    whole, own = file_hash(tmp_path), file_hash(file)
    monkeypatch.setattr(manifest, "file_hash", lambda path: read.append(path) or file_hash(path))
    # As if it had been written long ago.
    monkeypatch.setattr(FileHashes, "MOMENT", 0)
    hashes = FileHashes()
    assert [hashes.of(tmp_path), hashes.of(file), hashes.of(tmp_path)] == [whole, own, whole]
    assert read == [file]


def test_another_content_is_seen_behind_the_same_length_and_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "in.txt"
    file.write_text("abc", encoding="utf-8")
    monkeypatch.setattr(FileHashes, "MOMENT", 0)
    hashes = FileHashes()
    first, told = hashes.of(file), file.stat()
    time.sleep(0.05)
    file.write_text("xyz", encoding="utf-8")
    os.utime(file, ns=(told.st_atime_ns, told.st_mtime_ns))
    assert file.stat().st_mtime_ns == told.st_mtime_ns
    assert hashes.of(file) == file_hash(file) != first


def test_what_was_written_a_moment_ago_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, read = tmp_path / "in.txt", []
    file.write_text("abc", encoding="utf-8")
    monkeypatch.setattr(manifest, "file_hash", lambda path: read.append(path) or file_hash(path))
    hashes = FileHashes()
    hashes.of(file)
    hashes.of(file)
    assert read == [file, file]
