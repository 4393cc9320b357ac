"""Runs the stages in order: reuses what nothing changed for, goes on past failures, loses nothing."""

import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from manyi.stages.manifest import Manifest
from manyi.stages.stage import Stage, StageOutcome
from manyi_instruments.faults import Fault, ManyiError, Place

Progress = Callable[[str, str], None]


def run_stages(
    stages: Iterable[Stage], manifest: Manifest, progress: Progress = lambda name, state: None
) -> tuple[StageOutcome, ...]:
    """Run the stages that are stale.

    Parameters
    ----------
    stages : iterable of Stage
        In an order in which every stage comes after those it needs.
    manifest : Manifest
        What earlier runs made; written after every stage.
    progress : callable
        Told ``(stage name, "start" | state)``.

    Returns
    -------
    tuple of StageOutcome
        One a stage. A stage whose need failed is ``left_out``; the rest goes on.
    """
    outcomes: list[StageOutcome] = []
    unavailable: set[str] = set()
    for stage in stages:
        progress(stage.name, "start")
        outcome = _run_one(stage, manifest, unavailable)
        if outcome.state in ("failed", "left_out"):
            unavailable.add(stage.name)
        progress(stage.name, outcome.state)
        outcomes.append(outcome)
    return tuple(outcomes)


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep linear algebra on one thread: the matrices are small and threads that wait cost more.

    On a busy machine of two cores an eigendecomposition of 30 items took ten times longer on two threads.
    """
    import numpy  # noqa: F401  its libraries must be loaded to be limited
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1, user_api="blas"):
        yield


def _run_one(stage: Stage, manifest: Manifest, unavailable: set[str]) -> StageOutcome:
    lacking = [name for name in stage.after if name in unavailable]
    if lacking:
        _discard(stage, manifest)
        return StageOutcome(stage.name, "left_out", lacking[0], 0.0)
    cause = manifest.staleness(stage)
    if not cause:
        return StageOutcome(stage.name, "reused", "", 0.0, manifest.entries[stage.name].told())
    kept = tuple(_set_aside(path, manifest.root) for path in manifest.edited_outputs(stage))
    manifest.forget(stage)
    for path in stage.outputs:
        path.parent.mkdir(parents=True, exist_ok=True)
    started = time.perf_counter()
    inputs = manifest.hashes(stage.inputs)
    try:
        with one_thread():
            faults = kept + stage.run()
    except ManyiError as error:
        _discard(stage, manifest)
        return StageOutcome(stage.name, "failed", cause, time.perf_counter() - started, kept + error.faults)
    except PermissionError as error:
        fault = Fault("file-locked", Place(str(error.filename or "")), {"path": error.filename or ""})
        return StageOutcome(stage.name, "failed", cause, time.perf_counter() - started, (*kept, fault))
    seconds = time.perf_counter() - started
    # What was set aside is told once, when it happens; what the stage found holds as long as it is reused.
    manifest.record(stage, inputs, seconds, faults[len(kept) :])
    return StageOutcome(stage.name, "done", cause, seconds, faults)


def _discard(stage: Stage, manifest: Manifest) -> None:
    """Forget a stage that could not be made, and remove what later stages would wrongly build on."""
    manifest.forget(stage)
    for path in stage.outputs if stage.intermediate else ():
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _set_aside(path: Path, root: Path) -> Fault:
    """Move a generated file that someone edited out of the way of the new one, and say so."""
    stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    aside = path.with_name(f"{path.stem}.edited-{stamp}{path.suffix}")
    path.rename(aside)
    shown = aside.relative_to(root) if aside.is_relative_to(root) else aside
    return Fault("output-edited", Place(str(path)), {"path": path.name, "kept": shown}, "warning")
