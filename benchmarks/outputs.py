"""Print what it takes to write every output of a finished study anew.

    python benchmarks/outputs.py STUDY [--repeats 3] [--folder FOLDER] [--json FILE]

The study is copied, its figures, appendix, report, Word, SPSS and Stata files are deleted, and `manyi run`
makes them again; beside it stands a run that finds nothing to do. Both are whole commands in processes of
their own, start and imports counted.
"""

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

OUTPUTS = ("appendix.xlsx", "report.html", "report.docx", "figures", "spss", "stata")


@dataclass(frozen=True, slots=True)
class Run:
    """One `manyi run`: seconds on the clock and of CPU, and those of each stage it made."""

    wall: float
    cpu: float
    stages: dict[str, float]


def run(study: Path) -> Run:
    """Run a study once."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "manyi", "run", str(study), "--json"],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    made: list[dict[str, Any]] = json.loads(done.stdout)["stages"]
    return Run(wall, cpu, {one["name"]: one["seconds"] for one in made if one["state"] == "done"})


def delete_outputs(study: Path) -> None:
    """Delete every output, but not the result tables they are made of."""
    for name in OUTPUTS:
        path = study / "results" / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def measured(study: Path, repeats: int) -> tuple[list[Run], list[Run]]:
    """Return runs that write every output, and runs that find nothing to do."""
    wrote, idle = [], []
    for _ in range(repeats):
        delete_outputs(study)
        wrote.append(run(study))
        idle.append(run(study))
    return wrote, idle


def main() -> None:
    """Copy, delete, run, tell."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("study", type=Path)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        study = Path(shutil.copytree(asked.study, Path(folder) / "study"))
        run(study)
        wrote, idle = measured(study, asked.repeats)
    stages = {name: median(one.stages[name] for one in wrote) for name in wrote[0].stages}
    found = {
        "wall": median(one.wall for one in wrote),
        "cpu": median(one.cpu for one in wrote),
        "idle": median(one.wall for one in idle),
        "stages": stages,
    }
    print("|  | wall | CPU |\n| --- | ---: | ---: |")
    print(f"| `manyi run`, every output anew | {found['wall']:.2f} s | {found['cpu']:.2f} s |")
    print(f"| `manyi run`, nothing to do | {found['idle']:.2f} s | {median(i.cpu for i in idle):.2f} s |")
    print("\n" + ", ".join(f"{name} {seconds:.2f}" for name, seconds in stages.items()))
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
