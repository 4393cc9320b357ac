"""One thread of linear algebra for a pass over chunks, and for a whole stage.

A chunk's products are small, and so are the matrices of items. On a machine with nothing else to do a second
thread gains a third; beside other work, or with a worker on every core, threads waiting for each other cost
ten times the pass. With one thread sums are also added in one order, so that a result does not depend on the
machine.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import current_thread, main_thread

from threadpoolctl import ThreadpoolController


@contextmanager
def one_thread() -> Iterator[None]:
    """Hold BLAS at one thread, and give it back.

    The number of threads is one for the whole process: worker threads leave it to the main thread, which
    holds it while it waits for them.
    """
    if current_thread() is not main_thread():
        yield
        return
    with _libraries().limit(limits=1, user_api="blas"):
        yield


@cache
def _libraries() -> ThreadpoolController:
    # NumPy and SciPy bring a BLAS each; only those already loaded can be limited.
    import scipy.linalg  # noqa: F401

    return ThreadpoolController()
