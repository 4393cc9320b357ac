"""Time and peak memory of one piece of work, in a process of its own."""

import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from manyi_analysis.records.threads import one_thread

#: What stages import when they first need it; paid once a run, so not counted to the stage that is first.
IMPORTED_BY_STAGES = (
    *("with_manyi", "factor_analyzer", "matplotlib.pyplot", "manyi_analysis.level.distribution"),
    *("manyi_analysis.level.sample", "manyi_analysis.level.satisfaction", "manyi_analysis.resources"),
    *("manyi_outputs.excel", "manyi_outputs.figures", "manyi_outputs.report", "manyi_outputs.tidy"),
    *("manyi.schools.table", "manyi.readers.importing", "manyi.cleaning", "manyi_analysis.measurement"),
    *("manyi_analysis.careless.distance", "scipy.optimize", "pyarrow.dataset"),
)


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one run of a piece of work took.

    Parameters
    ----------
    seconds : float
        Wall time without imports and without loading what the work starts from.
    peak : float
        Bytes: highest resident memory during the work, what it starts from included, less the memory of the
        process after its imports.
    """

    seconds: float
    peak: float


def measure(side: str, name: str, folder: Path) -> Measurement:
    """Measure in a new process.

    Parameters
    ----------
    side : {"manyi", "packages", "stage"}
        Whose work; ``stage`` is a whole stage of the pipeline.
    name : str
        Which work, or which stage.
    folder : Path
        The study folder. The numbers found are left there, see `numbers_file`.

    Raises
    ------
    SystemExit
        If the work failed, with what it wrote to its standard error.
    """
    return Measurement(**in_own_process(Path(__file__), (side, name, str(folder)), f"{side} {name}"))


def in_own_process(
    script: Path, words: Sequence[str], called: str, limit: float | None = None
) -> dict[str, Any]:
    """Run a script of this folder in a new process and return what it measured.

    Parameters
    ----------
    script : Path
        It prints a JSON object in its last line.
    words : sequence of str
        Its command line.
    called : str
        What fails, if it does.
    limit : float, optional
        Seconds after which the process is ended.

    Raises
    ------
    SystemExit
        If the script failed, with what it wrote to its standard error.
    subprocess.TimeoutExpired
        If it was ended at the limit.
    """
    environment = os.environ | {"PYTHONWARNINGS": "ignore", "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, str(script), *words],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment,
        check=False,
        timeout=limit,
    )
    if done.returncode:
        raise SystemExit(f"{called} failed:\n{done.stderr}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def numbers_file(folder: Path, side: str, name: str) -> Path:
    """Return where a measured process leaves the numbers it found."""
    return folder / f"numbers-{side}-{name}.npz"


def main(side: str, name: str, folder: Path) -> None:
    """Do the work, print its time and memory as JSON, and save its numbers."""
    load, run, numbers = _stage(name) if side == "stage" else work_of(side, name)
    before = resident()
    given = load(folder)
    # manyi runs its stages in this context; the packages run as a user would run them.
    with nullcontext() if side == "packages" else one_thread():
        forget_peak()
        started = time.perf_counter()
        result = run(given)
        seconds = time.perf_counter() - started
        found = {"seconds": seconds, "peak": max(0, peak() - before)}
    np.savez(numbers_file(folder, side, name.replace(":", "-")), **numbers(result))
    print(json.dumps(found))


def work_of(side: str, name: str) -> tuple[Callable[..., Any], ...]:
    """Return how one side loads, runs and reports a piece of work."""
    work = importlib.import_module(f"with_{side}").WORKS[name]
    return work.load, work.run, work.numbers


def _stage(name: str) -> tuple[Callable[..., Any], ...]:
    for module in IMPORTED_BY_STAGES:
        importlib.import_module(module)
    from manyi.stages.pipeline import stages_of
    from manyi.study.folder import open_study

    def load(folder: Path) -> Any:
        stage = next(stage for stage in stages_of(open_study(folder)) if stage.name == name)
        for path in stage.outputs:
            path.parent.mkdir(parents=True, exist_ok=True)
        return stage

    return load, lambda stage: stage.run(), lambda faults: {"faults": np.array(len(faults))}


def resident() -> int:
    """Return the memory now resident, in bytes; the highest so far where the system does not tell."""
    return _status("VmRSS") or _highest()


def peak() -> int:
    """Return the highest resident memory since `forget_peak`, in bytes."""
    return _status("VmHWM") or _highest()


def forget_peak() -> None:
    """Start a new peak, so that loading does not count; only Linux can."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return


def _status(field: str) -> int:
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(field)), 0)


def _highest() -> int:
    if sys.platform == "win32":
        return 0
    import resource

    highest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return highest if sys.platform == "darwin" else highest * 1024


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
