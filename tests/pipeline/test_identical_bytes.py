"""The same study is the same bytes: in another folder, on another date, in another time zone."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent

import pytest

#: What `manyi run` makes, its stages in two processes.
MAKE = """
import sys
from pathlib import Path
from manyi.stages.manifest import open_manifest
from manyi.stages.pipeline import stages_of
from manyi.stages.runner import run_stages
from manyi.study.folder import open_study

study = open_study(Path(sys.argv[1]))
outcomes = run_stages(stages_of(study), open_manifest(study), workers=2)
assert {outcome.state for outcome in outcomes} == {"done"}, outcomes
"""
#: Its forms, and its answers in every format of `manyi export`.
FINISH = """
import sys
from manyi.cli import cli
from manyi.cli.export import FORMATS

for words in (["forms"], *(["export", "--format", form] for form in FORMATS)):
    try:
        cli([*words, sys.argv[1]])
    except SystemExit as ended:
        assert not ended.code, (words, ended.code)
"""
#: Another machine, as far as an environment can be one.
ELSEWHERE = {"TZ": "Asia/Kathmandu", "PYTHONHASHSEED": "4021", "LC_ALL": "C"}
HERE = {"TZ": "UTC", "PYTHONHASHSEED": "7", "LC_ALL": "C.UTF-8"}
#: The account of the runs themselves: when, how long, what was told with the paths of the machine; and what
#: the terminal said at the end, in its language.
APART = ("results/work/runs.json", "results/work/summary/zh.json", "results/work/summary/en.json")
#: What a file of ours could betray its making by: this year's dates in text, folders of a machine.
BETRAYING = re.compile(rb"20[23]\d-[01]\d-[0-3]\dT\d\d:\d\d|/tmp/|/home/|/root/")


def _inputs(source: Path, target: Path) -> Path:
    for name in ("data", "instruments", "study.yaml"):
        if (source / name).is_dir():
            shutil.copytree(source / name, target / name)
        else:
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / name, target / name)
    return target


def _made(folder: Path) -> dict[str, bytes]:
    files = sorted(path for part in ("results", "forms") for path in (folder / part).rglob("*"))
    names = {path.relative_to(folder).as_posix(): path for path in files if path.is_file()}
    return {name: path.read_bytes() for name, path in names.items() if name not in APART}


@pytest.fixture(scope="module")
def faketime() -> list[str]:
    """Return the beginning of a command that runs on another date; fails in CI, which installs it."""
    program = shutil.which("faketime")
    if program is None:
        if "MANYI_CI" in os.environ:
            pytest.fail("faketime (Debian package faketime) is not installed")
        # Without it the second run is later by the time the first took: enough for stamps of seconds.
        return []
    return [program, "-f", "2031-07-19 23:59:30"]


@pytest.fixture(scope="module")
def twins(town: Path, tmp_path_factory: pytest.TempPathFactory, faketime: list[str]) -> tuple[Path, Path]:
    """Return one study made twice: here now, and elsewhere years later by two processes."""
    first = tmp_path_factory.mktemp("here") / "study"
    shutil.copytree(town, first)
    second = _inputs(town, tmp_path_factory.mktemp("elsewhere") / "满意 度 研究" / "第 二 次")
    _run([sys.executable, "-c", FINISH, str(first)], HERE)
    # Stages run in processes of their own, which begin with what this script imports.
    _run(
        [
            *faketime,
            sys.executable,
            "-c",
            f'if __name__ == "__main__":\n{indent(MAKE + FINISH, "  ")}',
            str(second),
        ],
        ELSEWHERE,
    )
    return first, second


def _run(command: list[str], environment: dict[str, str]) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))}
    env = {**kept, "LANG": "C.UTF-8", "DONT_FAKE_MONOTONIC": "1", **environment}
    done = subprocess.run(command, env=env, capture_output=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace")


def test_the_same_files_are_made(twins: tuple[Path, Path]) -> None:
    first, second = map(_made, twins)
    assert list(first) == list(second)


def test_every_kind_of_output_is_among_them(twins: tuple[Path, Path]) -> None:
    kinds = {Path(name).suffix for name in _made(twins[0])}
    tables, statistics = {".csv", ".parquet", ".xlsx", ".json"}, {".sav", ".sps", ".dta", ".R", ".xml"}
    assert tables | statistics | {".html", ".docx", ".pdf", ".svg", ".png"} <= kinds


def test_every_file_is_the_same_bytes(twins: tuple[Path, Path]) -> None:
    first, second = map(_made, twins)
    unlike = [
        f"{name}: {_where(content, second[name])}"
        for name, content in first.items()
        if content != second[name]
    ]
    assert not unlike, "\n".join(unlike)


def _where(first: bytes, second: bytes) -> str:
    """Return where two files differ, of a package the parts that do."""
    if first[:2] == b"PK":
        return ", ".join(_unlike_parts(first, second)) or "the package, not its parts"
    at = next((at for at, pair in enumerate(zip(first, second, strict=False)) if pair[0] != pair[1]), -1)
    return f"byte {at}: {first[max(0, at - 20) : at + 20]!r} {second[max(0, at - 20) : at + 20]!r}"


def _unlike_parts(first: bytes, second: bytes) -> Iterator[str]:
    from io import BytesIO

    with zipfile.ZipFile(BytesIO(first)) as one, zipfile.ZipFile(BytesIO(second)) as other:
        for name in one.namelist():
            if name not in other.namelist() or one.read(name) != other.read(name):
                yield name


def test_no_file_names_a_moment_or_a_folder_of_the_machine(twins: tuple[Path, Path]) -> None:
    told = {
        name: found[0]
        for name, content in _made(twins[0]).items()
        for text in _texts(content)
        if (found := BETRAYING.search(text))
    }
    assert told == {}


def _texts(content: bytes) -> Iterator[bytes]:
    from io import BytesIO

    if content[:2] != b"PK":
        yield content
        return
    with zipfile.ZipFile(BytesIO(content)) as package:
        for name in package.namelist():
            yield package.read(name)


def test_the_manifest_has_the_hash_of_every_result(twins: tuple[Path, Path]) -> None:
    import hashlib

    stages = json.loads((twins[0] / "results" / "manifest.json").read_text(encoding="utf-8"))["stages"]
    written = {key: digest for stage in stages.values() for key, digest in stage["outputs"].items()}
    made = _made(twins[0])
    # Exports are made when somebody asks, by no stage.
    apart = ("results/manifest.json", "results/export/")
    there = {name for name in made if name.startswith("results/") and not name.startswith(apart)}
    assert {name for name in there if written.get(name) != hashlib.sha256(made[name]).hexdigest()} == set()


def test_the_manifest_has_the_hash_of_every_input(twins: tuple[Path, Path]) -> None:
    import hashlib

    stages = json.loads((twins[0] / "results" / "manifest.json").read_text(encoding="utf-8"))["stages"]
    read = {key: digest for stage in stages.values() for key, digest in stage["inputs"].items()}
    files = [path for part in ("data/responses/*", "instruments") for path in twins[0].glob(f"{part}/*.*")]
    files += [twins[0] / "study.yaml", twins[0] / "data" / "schools.csv"]
    digests = {path.relative_to(twins[0]).as_posix(): hashlib.sha256(path.read_bytes()) for path in files}
    assert {name: read.get(name) for name in digests} == {
        name: digest.hexdigest() for name, digest in digests.items()
    }


def test_the_manifest_has_the_seed(twins: tuple[Path, Path]) -> None:
    stages = json.loads((twins[0] / "results" / "manifest.json").read_text(encoding="utf-8"))["stages"]
    assert stages["analyse:carers"]["seeds"] == {"analysis.seed": 20170519}


def test_when_it_was_made_is_kept_apart(twins: tuple[Path, Path]) -> None:
    first, second = (json.loads((folder / APART[0]).read_text(encoding="utf-8")) for folder in twins)
    made = (content["stages"]["tables"]["made"] for content in (first, second))
    assert len(set(made)) == 2
