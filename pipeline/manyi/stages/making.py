"""Making one stage: what runs in the worker, apart from the manifest that decided it."""

import atexit
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import Final

from manyi.stages.stage import Stage
from manyi_instruments.faults import Fault, ManyiError, Place

#: How OpenBLAS, Intel's and Apple's linear algebra are told their number of threads.
_THREADS: Final = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


@dataclass(frozen=True, slots=True)
class Made:
    """What making a stage came to: its faults, and whether it succeeded."""

    succeeded: bool
    faults: tuple[Fault, ...]
    seconds: float


def make(stage: Stage) -> Made:
    """Run a stage, its linear algebra on one thread; what a user can mend is returned, not raised."""
    started = time.perf_counter()
    try:
        with _one_thread():
            faults = stage.run()
    except ManyiError as error:
        return Made(False, error.faults, time.perf_counter() - started)
    except PermissionError as error:
        locked = Fault("file-locked", Place(str(error.filename or "")), {"path": error.filename or ""})
        return Made(False, (locked,), time.perf_counter() - started)
    return Made(True, faults, time.perf_counter() - started)


def _one_thread() -> AbstractContextManager[None]:
    """Hold linear algebra at one thread; a worker was started so, and need not load it to say so."""
    if parent_process() is not None:
        return nullcontext()
    from manyi_analysis.records.threads import one_thread

    return one_thread()


@contextmanager
def worker_processes(count: int) -> Iterator[Executor]:
    """Give processes that make stages side by side, and end with the one that started them.

    Parameters
    ----------
    count : int
        How many.
    """
    pool = ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=_begin)
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()


def _begin() -> None:
    """Hold linear algebra at one thread, leave an interrupt to the parent, go when it is gone."""
    # Read by the libraries when they are loaded, which in a worker is later.
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    # At its end everything is written; to take its memory apart piece by piece would keep the user waiting.
    atexit.register(os._exit, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_wait_for_the_end, daemon=True).start()


def _wait_for_the_end() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
