"""Group commit: submissions that come at the same time share one transaction, and one wait for the disk."""

import asyncio
import threading
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import Future
from queue import Empty, SimpleQueue

from manyi.collect.store.conditions import StoreBusy, StoreClosed, StoreUnavailable
from manyi.collect.store.records import Outcome, Submission
from manyi.collect.store.store import AnswerStore

#: Submissions of one transaction at most: bounds how long the first of them waits.
MOST = 512
#: Submissions that may wait; more are refused at once, so that a slow disk cannot fill the memory.
LONGEST_QUEUE = 8192
#: Seconds without a submission after which the store is tidied.
QUIET = 20.0

#: What became of a submission, or why nothing did.
Result = Outcome | Exception


class _Thread:
    """Someone who holds a :class:`concurrent.futures.Future`."""

    def __init__(self, submission: Submission) -> None:
        self.submission = submission
        self.future: Future[Outcome] = Future()
        # A client that goes away must not cancel what is about to be written.
        self.future.set_running_or_notify_cancel()

    def tell(self, result: Result) -> None:
        if isinstance(result, Exception):
            self.future.set_exception(result)
        else:
            self.future.set_result(result)


class _Task:
    """A task of an event loop; all of one loop are woken by one call."""

    def __init__(self, submission: Submission) -> None:
        self.submission = submission
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[Outcome] = self.loop.create_future()

    def tell(self, result: Result) -> None:
        if self.future.done():
            return
        if isinstance(result, Exception):
            self.future.set_exception(result)
        else:
            self.future.set_result(result)


class GroupWriter:
    """The one thread that writes to a store.

    While a transaction is on its way to the disk, what comes waits and makes the next one. So the number of
    waits for the disk does not grow with the number of submissions, and no timer delays a lone one.

    Parameters
    ----------
    store : AnswerStore
        Where submissions go.
    """

    def __init__(self, store: AnswerStore) -> None:
        self.store = store
        self._queue: SimpleQueue[_Thread | _Task | None] = SimpleQueue()
        self._handing = threading.Lock()
        self._closed = False
        self._untidy = False
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def submit(self, submission: Submission) -> "Future[Outcome]":
        """Hand a submission over; the future is done once its transaction is on disk.

        The future's exception is what :meth:`AnswerStore.accept` raises. It cannot be cancelled.

        Raises
        ------
        StoreBusy
            If too many wait.
        StoreClosed
            If the writer was closed.
        """
        waiting = _Thread(submission)
        self._hand_over(waiting)
        return waiting.future

    async def take_in(self, submission: Submission) -> Outcome:
        """Take a submission in from an event loop; raises what :meth:`submit` and its future do.

        A task that is cancelled meanwhile does not take the submission back.
        """
        waiting = _Task(submission)
        self._hand_over(waiting)
        return await waiting.future

    def close(self) -> None:
        """Take in what waits, then end the thread; what comes later is refused."""
        with self._handing:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

    def _hand_over(self, waiting: _Thread | _Task) -> None:
        with self._handing:
            if self._closed:
                raise StoreClosed
            if self._queue.qsize() >= LONGEST_QUEUE:
                raise StoreBusy
            self._queue.put(waiting)

    def _run(self) -> None:
        ended = False
        while not ended:
            waiting = self._next()
            ended = None in waiting
            self._commit([one for one in waiting if one is not None])
        self._tidy()

    def _next(self) -> list[_Thread | _Task | None]:
        """Return what waits, at least one; the last is None where the writer is to end."""
        while True:
            try:
                waiting = [self._queue.get(timeout=QUIET if self._untidy else None)]
                break
            except Empty:
                self._tidy()
        while len(waiting) < MOST and waiting[-1] is not None:
            try:
                waiting.append(self._queue.get_nowait())
            except Empty:
                break
        return waiting

    def _commit(self, waiting: Sequence[_Thread | _Task]) -> None:
        if not waiting:
            return
        results = self._accepted([one.submission for one in waiting])
        self._untidy = True
        told: dict[asyncio.AbstractEventLoop, list[tuple[_Task, Result]]] = defaultdict(list)
        for one, result in zip(waiting, results, strict=True):
            if isinstance(one, _Task):
                told[one.loop].append((one, result))
            else:
                one.tell(result)
        for loop, tasks in told.items():
            _wake(loop, tasks)

    def _accepted(self, submissions: Sequence[Submission]) -> Sequence[Result]:
        """Return what became of each; one that cannot be kept does not take the others down with it."""
        try:
            return self.store.accept(submissions)
        except StoreUnavailable as error:
            # One exception raised in many tasks would gather all their tracebacks.
            return [error.again() for _ in submissions]
        except Exception as error:
            if len(submissions) == 1:
                return [error]
        middle = len(submissions) // 2
        return [*self._accepted(submissions[:middle]), *self._accepted(submissions[middle:])]

    def _tidy(self) -> None:
        if not self._untidy:
            return
        self._untidy = False
        try:
            self.store.tidy()
        except Exception:
            # It is tried again after the next submissions; they must not fail for it.
            return


def _wake(loop: asyncio.AbstractEventLoop, tasks: Sequence[tuple[_Task, Result]]) -> None:
    def tell() -> None:
        for task, result in tasks:
            task.tell(result)

    try:
        loop.call_soon_threadsafe(tell)
    except RuntimeError:
        # The loop was closed: nobody waits any more. The submissions are on disk.
        return
