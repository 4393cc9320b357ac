"""What tests of the whole program share: the command line in a process of its own, studies on disk."""

import asyncio
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
import yaml

ROOT = Path(__file__).parents[1]
#: Debian's packages of the programs tests use; in CI (`MANYI_CI`) none may be absent.
PROGRAMS = {
    "pspp": "pspp",
    "pdftotext": "poppler-utils",
    "pdftoppm": "poppler-utils",
    "chromium": "chromium",
    "libreoffice": "libreoffice-calc",
    "Rscript": "r-base-core",
    "nginx": "nginx-light",
}
#: What of the caller's surroundings would decide the language or encoding of a console.
UNSET = ("MANYI_LANG", "LC_ALL", "LC_CTYPE", "LANG", "LANGUAGE", "PYTHONIOENCODING", "PYTHONUTF8")

#: As ``-X warn_default_encoding -W always::EncodingWarning``, for the worker processes too.
TELL_ENCODINGS = {"PYTHONWARNDEFAULTENCODING": "1", "PYTHONWARNINGS": "always::EncodingWarning"}
PACKAGES = ("manyi_instruments", "manyi_analysis", "manyi_outputs", "manyi")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Where workers share the tests, give each file to one, all numerical comparisons to one."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.split("::", 1)[0]
            return "tests/analysis" if file.startswith("tests/analysis/") else file

    return ByFile(config, log)


@dataclass(frozen=True, slots=True)
class Ran:
    """One call of the command line that has ended."""

    code: int
    stdout: bytes
    stderr: bytes

    @property
    def out(self) -> str:
        return self.stdout.decode("utf-8")

    @property
    def err(self) -> str:
        return self.stderr.decode("utf-8")

    @property
    def json(self) -> dict[str, Any]:
        """Return the one JSON object of stdout; anything else on it is an error, NaN too."""

        def refuse(constant: str) -> None:
            raise ValueError(f"{constant} is not JSON")

        return json.loads(self.stdout.decode("utf-8"), parse_constant=refuse)

    @property
    def codes(self) -> list[str]:
        return [fault["code"] for fault in self.json["faults"]]

    @property
    def encodings_not_named(self) -> list[str]:
        """Return the places of our own packages that opened text without naming its encoding."""
        specs = [importlib.util.find_spec(package) for package in PACKAGES]
        ours = tuple(place for spec in specs if spec for place in spec.submodule_search_locations or ())
        lines = self.err.splitlines()
        return [line for line in lines if "EncodingWarning" in line and line.startswith(ours)]

    def stages(self, state: str) -> list[str]:
        return [stage["name"] for stage in self.json["stages"] if stage["state"] == state]


def surroundings(**env: str) -> dict[str, str]:
    """Return the environment of a console that speaks English in UTF-8, and what a test adds."""
    kept = {name: value for name, value in os.environ.items() if name not in UNSET}
    return {**kept, "LANG": "C.UTF-8", "PYTHONIOENCODING": "utf-8", **env}


@pytest.fixture(scope="session")
def run_manyi(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Ran]:
    """Return ``run_manyi(*arguments, cwd=…, **environment) -> Ran``; paths are to be absolute."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")

    def run(*arguments: str | Path, cwd: Path = elsewhere, **env: str) -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "manyi", *map(str, arguments)],
            cwd=cwd,
            env=surroundings(**env),
            capture_output=True,
            check=False,
            timeout=600,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture(scope="session")
def start_manyi(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., "subprocess.Popen[bytes]"]:
    """Return a function that starts the command line and does not wait."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")

    def start(*arguments: str | Path) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-m", "manyi", *map(str, arguments)],
            cwd=elsewhere,
            env=surroundings(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    return start


@pytest.fixture(scope="session")
def run_python() -> Callable[..., Ran]:
    """Return ``run_python(code, *arguments, **environment) -> Ran``: a script in a fresh interpreter."""

    def run(code: str, *arguments: str | Path, **env: str) -> Ran:
        done = subprocess.run(
            [sys.executable, "-c", code, *map(str, arguments)],
            env=surroundings(**env),
            capture_output=True,
            check=False,
            timeout=600,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture(scope="session")
def demo_result(tmp_path_factory: pytest.TempPathFactory, run_manyi: Callable[..., Ran]) -> tuple[Path, Ran]:
    """Return the example county as ``manyi demo`` made it, and how that call ended; not to be changed."""
    folder = tmp_path_factory.mktemp("demo") / "我的 县 study"
    done = run_manyi("demo", folder, "--json", **TELL_ENCODINGS)
    assert done.code == 0, done.out + done.err
    return folder, done


@pytest.fixture(scope="session")
def demo_study(demo_result: tuple[Path, Ran]) -> Path:
    """Return the folder of the example county; not to be changed."""
    return demo_result[0]


@pytest.fixture
def read_workbook() -> Iterator[Callable[[Path], "openpyxl.Workbook"]]:
    """Open a workbook to read, quickly; its file is closed after the test."""
    with ExitStack() as closing:

        def opened(path: Path) -> "openpyxl.Workbook":
            book = openpyxl.load_workbook(path, read_only=True)
            closing.callback(book.close)
            return book

        yield opened


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder ``shared`` beside the checkout."""
    folder = ROOT / ".." / "shared"
    if not folder.is_dir():
        pytest.skip("the folder `shared` is not beside the checkout")
    return folder


@pytest.fixture(scope="session")
def require_program() -> Callable[[str], str]:
    """Return ``require_program(name) -> path``: skips where it is absent, fails in CI, which installs it."""

    def require(name: str) -> str:
        found = shutil.which(name)
        if found is None:
            said = f"{name} (Debian package {PROGRAMS.get(name, name)}) is not installed"
            if "MANYI_CI" in os.environ and name != "Rscript":
                pytest.fail(said)
            pytest.skip(said)
        return found

    return require


@pytest.fixture(scope="session")
def run_async() -> Callable[[Coroutine[Any, Any, Any]], Any]:
    """Return ``run_async(coroutine)``: its result, from a loop beside a browser's in this thread."""

    def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(asyncio.run, coroutine).result()

    return run


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """Return a folder on a disk of 12 MiB."""
    folder = Path(tempfile.mkdtemp(prefix="manyi-disk-"))
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=12m,mode=777", "tmpfs", str(folder)],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        folder.rmdir()
        pytest.skip(f"only an administrator may mount a small disk: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)
    folder.rmdir()


@pytest.fixture(scope="session")
def run_pspp(
    require_program: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], str]:
    """Return ``run_pspp(commands)``: what they save as ``out.csv``, else what PSPP prints as CSV."""
    program = require_program("pspp")
    folder = tmp_path_factory.mktemp("pspp")

    def run(commands: str) -> str:
        saved = folder / "out.csv"
        saved.unlink(missing_ok=True)
        (folder / "run.sps").write_text(commands, encoding="utf-8")
        command = [program, "run.sps", "-O", "format=csv"]
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=60)
        assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
        return saved.read_text(encoding="utf-8") if saved.exists() else done.stdout.decode("utf-8")

    return run


@pytest.fixture(scope="session")
def read_csv() -> Callable[[Path, str], pd.DataFrame]:
    """Return ``read_csv(study, name)``: a result table as any reader of CSV sees it, blank for no value."""

    def read(study: Path, name: str) -> pd.DataFrame:
        path = study / "results" / "tables" / f"{name}.csv"
        return pd.read_csv(path, encoding="utf-8-sig", dtype={"school": str})

    return read


@pytest.fixture(scope="session")
def likert() -> Callable[..., pd.DataFrame]:
    """Return ``likert(items, n, seed, high=5, loading=.7)``: answers 1…high to items with one factor."""

    def draw(
        items: list[str], n: int, seed: int, high: int = 5, loading: float = 0.7, low: int = 1
    ) -> pd.DataFrame:
        rng = np.random.default_rng(seed)
        factor = rng.standard_normal((n, 1))
        latent = loading * factor + np.sqrt(1 - loading**2) * rng.standard_normal((n, len(items)))
        middle, spread = (low + high) / 2, (high - low) / 4
        answers = np.clip(np.rint(middle + spread * latent), low, high).astype(int)
        return pd.DataFrame(answers, columns=items)

    return draw


@pytest.fixture(scope="session")
def write_study() -> Callable[..., Path]:
    """Return ``write_study(folder, questionnaires, answers, roster=None, **study)``.

    ``questionnaires``: role -> definition as a dict, or as YAML text. ``answers``: role -> file name -> bytes
    or frame. ``study`` is what study.yaml says beside its roles; ``roles`` adds to the entries of roles.
    """

    def write(
        folder: Path,
        questionnaires: Mapping[str, dict[str, Any] | str],
        answers: Mapping[str, Mapping[str, bytes | pd.DataFrame]],
        roster: pd.DataFrame | None = None,
        roles: Mapping[str, Mapping[str, Any]] | None = None,
        **study: Any,
    ) -> Path:
        (folder / "instruments").mkdir(parents=True)
        for role, definition in questionnaires.items():
            text = definition if isinstance(definition, str) else dump(definition)
            (folder / "instruments" / f"{role}.yaml").write_text(text, encoding="utf-8")
        for role, files in answers.items():
            target = folder / "data" / "responses" / role
            target.mkdir(parents=True)
            for name, content in files.items():
                (target / name).write_bytes(content if isinstance(content, bytes) else as_csv(content))
        if roster is not None:
            study = {"schools": {"table": "data/schools.csv"}, **study}
            (folder / "data" / "schools.csv").write_bytes(as_csv(roster))
        entries = {
            role: {
                "title": {"en": role},
                "questionnaire": f"instruments/{role}.yaml",
                **((roles or {}).get(role, {})),
            }
            for role in questionnaires
        }
        said = {"study": "tiny", "title": {"en": "Tiny study"}, "language": "en", "roles": entries, **study}
        (folder / "study.yaml").write_text(dump(said), encoding="utf-8")
        return folder

    return write


def dump(value: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(value), allow_unicode=True, sort_keys=False)


def as_csv(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False).encode("utf-8-sig")


@pytest.fixture(scope="session")
def write_town(
    write_study: Callable[..., Path],
    scale_questionnaire: Callable[..., dict[str, Any]],
    likert: Callable[..., pd.DataFrame],
) -> Callable[[Path], Path]:
    """Return ``write_town(folder)``: a small study that leaves nothing to be said.

    Roles ``carers`` (80, two scales of four items) and ``pupils`` (90, one scale of five) in ten schools with
    one column, ``books``, and a regression of A on it and on B.
    """

    def write(folder: Path) -> Path:
        codes = [f"0{number:02d}" for number in range(1, 11)]
        roster = pd.DataFrame(
            {
                "school_code": codes,
                "school_name": [f"School {code}" for code in codes],
                "books": range(11, 21),
            }
        )
        scales = {"A": ["a1", "a2", "a3", "a4"], "B": ["b1", "b2", "b3", "b4"]}
        carers = pd.concat([likert(ids, 80, seed) for seed, ids in enumerate(scales.values(), 3)], axis=1)
        pupils = likert(["p1", "p2", "p3", "p4", "p5"], 90, 5)
        carers.insert(0, "school", [codes[row % 10] for row in range(80)])
        pupils.insert(0, "school", [codes[row % 10] for row in range(90)])
        of_school = {"columns": {"school": "school"}}
        return write_study(
            folder,
            {
                "carers": scale_questionnaire(scales, title={"en": "Carers"}),
                "pupils": scale_questionnaire({"P": list(pupils.columns[1:])}, questionnaire="pupils"),
            },
            {"carers": {"carers.csv": carers}, "pupils": {"pupils.csv": pupils}},
            roster=roster,
            roles={"carers": of_school, "pupils": of_school},
            analysis={
                "factors": {"carers": {"number": 2}, "pupils": {"number": 1}},
                "regression": [
                    {
                        "role": "carers",
                        "outcome": "A",
                        "blocks": {"school": ["books"], "perceived": ["B"]},
                    }
                ],
            },
        )

    return write


@pytest.fixture(scope="session")
def town(
    tmp_path_factory: pytest.TempPathFactory,
    write_town: Callable[[Path], Path],
    run_manyi: Callable[..., Ran],
) -> Path:
    """Return the small study of ``write_town``, run once; not to be changed."""
    folder = write_town(tmp_path_factory.mktemp("town") / "小 镇")
    done = run_manyi("run", folder, "--json")
    assert (done.code, done.codes) == (0, []), done.out + done.err
    return folder


@pytest.fixture(scope="session")
def scale_questionnaire() -> Callable[..., dict[str, Any]]:
    """Return ``scale_questionnaire(scales, high=5)``: a questionnaire of scale id -> item ids, in English."""

    def make(scales: Mapping[str, list[str]], high: int = 5, **more: Any) -> dict[str, Any]:
        points = [{"value": value, "label": {"en": f"point {value}"}} for value in range(1, high + 1)]
        items = [
            {"id": item, "text": {"en": f"Wording of {item}"}, "answers": "points", "scale": scale}
            for scale, ids in scales.items()
            for item in ids
        ]
        return {
            "questionnaire": "tiny",
            "title": {"en": "Tiny questionnaire"},
            "languages": ["en"],
            "answer_lists": {"points": {"answers": points}},
            "scales": [{"id": scale, "title": {"en": f"Scale {scale}"}} for scale in scales],
            "items": items,
            **more,
        }

    return make
