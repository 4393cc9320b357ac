"""Making one stage: what runs in the worker, apart from the manifest that decided it."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from threading import Thread

from manyi.stages.stage import Stage
from manyi_instruments.faults import Fault, ManyiError, Place


@dataclass(frozen=True, slots=True)
class Made:
    """What making a stage came to: its faults, and whether it succeeded."""

    succeeded: bool
    faults: tuple[Fault, ...]
    seconds: float


def make(stage: Stage) -> Made:
    """Run a stage, its linear algebra on one thread; what a user can mend is returned, not raised."""
    from manyi_analysis.records.threads import one_thread

    started = time.perf_counter()
    try:
        with one_thread():
            faults = stage.run()
    except ManyiError as error:
        return Made(False, error.faults, time.perf_counter() - started)
    except PermissionError as error:
        locked = Fault("file-locked", Place(str(error.filename or "")), {"path": error.filename or ""})
        return Made(False, (locked,), time.perf_counter() - started)
    return Made(True, faults, time.perf_counter() - started)


@contextmanager
def worker_processes(count: int) -> Iterator[Executor]:
    """Give processes that make stages side by side, and end with the one that started them.

    Parameters
    ----------
    count : int
        How many.
    """
    pool = ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=_end_with_parent)
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()


def _end_with_parent() -> None:
    """Leave an interrupt to the parent, and go when it is gone, killed or not."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_wait_for_the_end, daemon=True).start()


def _wait_for_the_end() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
