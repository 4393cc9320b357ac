"""One thread of linear algebra for a pass over chunks.

A chunk's products are small. On a machine with nothing else to do a second thread gains a third; beside
other work, or with a worker on every core, threads waiting for each other cost ten times the pass. With one
thread sums are also added in one order, so that a result does not depend on the machine.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Lock

from threadpoolctl import threadpool_limits

_lock = Lock()
_inside = 0
_limits = ExitStack()


@contextmanager
def one_thread() -> Iterator[None]:
    """Hold BLAS at one thread; the first to enter sets the limit, the last to leave lifts it."""
    global _inside
    with _lock:
        if _inside == 0:
            _limits.enter_context(threadpool_limits(limits=1, user_api="blas"))
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0:
                _limits.close()
