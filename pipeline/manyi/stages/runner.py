"""Runs the stages in order: reuses what nothing changed for, goes on past failures, loses nothing."""

import shutil
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from manyi.stages.making import Made, make, worker_processes
from manyi.stages.manifest import Manifest
from manyi.stages.stage import Stage, StageOutcome
from manyi_instruments.faults import Fault, Place

Progress = Callable[[str, str], None]


def run_stages(
    stages: Iterable[Stage],
    manifest: Manifest,
    progress: Progress = lambda name, state: None,
    workers: int = 1,
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
    workers : int
        Processes that make stages side by side where two or more are stale. Results do not depend on it.

    Returns
    -------
    tuple of StageOutcome
        One a stage, in their order. A stage whose need failed is ``left_out``; the rest goes on.
    """
    listed = list(stages)
    if workers > 1 and sum(bool(manifest.staleness(stage)) for stage in listed) > 1:
        with worker_processes(workers) as pool:
            outcomes = _Run(listed, manifest, progress).side_by_side(pool, workers)
    else:
        outcomes = _Run(listed, manifest, progress).one_by_one()
    return tuple(outcomes[stage.name] for stage in listed)


@dataclass(frozen=True, slots=True)
class _Started:
    """A stage under way: why it is made, the inputs it read, what was set aside for it."""

    stage: Stage
    cause: str
    inputs: dict[str, str]
    kept: tuple[Fault, ...]


class _Run:
    """One run: which stages wait for which, and what became of each."""

    def __init__(self, stages: list[Stage], manifest: Manifest, progress: Progress) -> None:
        self.stages = stages
        self.manifest = manifest
        self.progress = progress
        self.outcomes: dict[str, StageOutcome] = {}
        self.waits = {
            stage.name: {earlier.name for earlier in stages[:number] if _feeds(earlier, stage)}
            for number, stage in enumerate(stages)
        }

    def one_by_one(self) -> dict[str, StageOutcome]:
        """Make the stages in their order, in this process."""
        for stage in self.stages:
            started = self._start(stage)
            if started is not None:
                self._finish(started, make(stage))
        return self.outcomes

    def side_by_side(self, pool: Executor, workers: int) -> dict[str, StageOutcome]:
        """Make every stage as soon as those it waits for are done, the manifest in this process's hands."""
        waiting = list(self.stages)
        running: dict[Future[Made], _Started] = {}
        while waiting or running:
            for stage in list(waiting):
                if len(running) < workers and self.waits[stage.name] <= self.outcomes.keys():
                    waiting.remove(stage)
                    started = self._start(stage)
                    if started is not None:
                        running[pool.submit(make, stage)] = started
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                self._finish(running.pop(future), future.result())
        return self.outcomes

    def _start(self, stage: Stage) -> _Started | None:
        """Decide about a stage; None where nothing is to be made."""
        lacking = [name for name in stage.after if self.outcomes[name].state in ("failed", "left_out")]
        if lacking:
            _discard(stage, self.manifest)
            self._tell(StageOutcome(stage.name, "left_out", lacking[0], 0.0))
            return None
        cause = self.manifest.staleness(stage)
        if not cause:
            told = self.manifest.runs[stage.name].told()
            self._tell(StageOutcome(stage.name, "reused", "", 0.0, told))
            return None
        self.progress(stage.name, "start")
        kept = tuple(_set_aside(path, self.manifest.root) for path in self.manifest.edited_outputs(stage))
        self.manifest.forget(stage)
        for path in stage.outputs:
            path.parent.mkdir(parents=True, exist_ok=True)
        return _Started(stage, cause, self.manifest.hashes(stage.inputs), kept)

    def _finish(self, started: _Started, made: Made) -> None:
        stage = started.stage
        if made.succeeded:
            # What was set aside is told once; what the stage found holds as long as it is reused.
            inputs = started.inputs | self.manifest.hashes(stage.kept)
            self.manifest.record(stage, inputs, made.seconds, made.faults)
        else:
            _discard(stage, self.manifest)
        state = "done" if made.succeeded else "failed"
        faults = started.kept + made.faults
        self._tell(StageOutcome(stage.name, state, started.cause, made.seconds, faults))

    def _tell(self, outcome: StageOutcome) -> None:
        self.outcomes[outcome.name] = outcome
        self.progress(outcome.name, outcome.state)


def _feeds(earlier: Stage, later: Stage) -> bool:
    """Return whether a stage needs another, or reads what it writes."""
    return (
        earlier.name in later.after
        or bool(set(earlier.outputs) & set(later.inputs))
        or any(output in path.parents for output in earlier.outputs for path in later.inputs)
    )


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
