"""Print how many submissions a second the store acknowledges, beside a bare commit of the same disk.

    python benchmarks/store.py [--store postgresql://…] [--seconds 5] [--folder DIR]

Payloads of 60 answers, about 1 kB. 200 submissions wait at any time, as of 200 connections, handed over by
an event loop as the server does; an acknowledgement is a task that goes on once its transaction is on disk.
Beside it: a bare commit, what a rollback journal (SQLite) or a log (PostgreSQL) has to write and sync for
one page, without a database; and one transaction a submission.
"""

import argparse
import asyncio
import json
import os
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from manyi.collect.store import AnswerStore, GroupWriter, Standing, Submission, open_engine

CONNECTIONS = 200
BARE = 200


@dataclass(frozen=True, slots=True)
class Rate:
    """Acknowledged submissions a second, and the times of single ones in milliseconds."""

    a_second: float
    p50: float
    p99: float


def submissions(number: int) -> list[Submission]:
    """Return submissions with 60 answers each, all of different people."""
    return [
        Submission(
            id=secrets.token_hex(16),
            role="parents",
            definition="abcdef012345",
            payload=json.dumps({f"P_I{at:02d}": {"v": (at * 7 + one) % 5 + 1} for at in range(60)}).encode(),
            school=str(330100 + one % 40),
            group=str(one % 6 + 1),
            minute="2026-11-22T05:00Z",
        )
        for one in range(number)
    ]


def bare_commit(folder: Path, journal: bool) -> float:
    """Return the milliseconds of the least a commit asks of a disk, the median.

    A log: a page written and synced. A rollback journal: a page of it written, it and the folder synced, a
    page of the file written and synced, the journal removed and the folder synced.
    """
    page, times = b"x" * 4096, []
    directory = os.open(folder, os.O_RDONLY)
    handle = os.open(folder / "bare", os.O_CREAT | os.O_RDWR)
    for at in range(BARE):
        started = time.perf_counter()
        if journal:
            before = os.open(folder / "bare-journal", os.O_CREAT | os.O_RDWR)
            os.pwrite(before, page, 0)
            os.fdatasync(before)
            os.fsync(directory)
            os.close(before)
        os.pwrite(handle, page, at * 4096)
        os.fdatasync(handle)
        if journal:
            (folder / "bare-journal").unlink()
            os.fsync(directory)
        times.append(time.perf_counter() - started)
    os.close(handle)
    os.close(directory)
    return statistics.median(times) * 1e3


def one_by_one(store: AnswerStore, seconds: float) -> Rate:
    """Return the rate of one transaction a submission."""
    ready = submissions(20_000)
    times: list[float] = []
    started = time.perf_counter()
    for one in ready:
        before = time.perf_counter()
        store.accept([one])
        times.append(time.perf_counter() - before)
        if time.perf_counter() - started >= seconds:
            break
    return rate(times, time.perf_counter() - started)


def grouped(store: AnswerStore, seconds: float) -> Rate:
    """Return the rate of the group writer under as many connections as wait at any time."""
    ready = iter(submissions(int(seconds * 12_000)))
    times: list[float] = []
    writer = GroupWriter(store)

    async def connection(until: float) -> None:
        while time.perf_counter() < until and (one := next(ready, None)) is not None:
            before = time.perf_counter()
            outcome = await writer.take_in(one)
            times.append(time.perf_counter() - before)
            assert outcome.standing is Standing.accepted

    async def all_of_them() -> float:
        started = time.perf_counter()
        await asyncio.gather(*(connection(started + seconds) for _ in range(CONNECTIONS)))
        return time.perf_counter() - started

    took = asyncio.run(all_of_them())
    writer.close()
    held = sum(count.n for count in store.counts() if count.standing is Standing.accepted)
    assert held >= len(times)
    return rate(times, took)


def rate(times: Sequence[float], took: float) -> Rate:
    """Sum up."""
    ordered = sorted(times)
    return Rate(len(times) / took, ordered[len(ordered) // 2] * 1e3, ordered[int(len(ordered) * 0.99)] * 1e3)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--store", help="a PostgreSQL to measure; an SQLite file without it")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--folder", type=Path, help="on the disk to measure; by default a temporary one")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        folder = Path(name)
        bare = bare_commit(folder, journal=given.store is None)
        store = AnswerStore(open_engine(given.store or f"sqlite:///{folder / 'answers.sqlite'}"))
        single = one_by_one(store, given.seconds)
        many = grouped(store, given.seconds)
        store.close()
        again = bare_commit(folder, journal=given.store is None)
    commit = (bare + again) / 2
    print("| | a second | p50 ms | p99 ms | × bare commit |")
    print("| --- | ---: | ---: | ---: | ---: |")
    print(f"| bare commit of the disk | {1e3 / commit:,.0f} | {commit:.2f} | | 1.00 |")
    for title, one in (("one transaction a submission", single), ("group writer", many)):
        ratio = one.a_second * commit / 1e3
        print(f"| {title} | {one.a_second:,.0f} | {one.p50:.1f} | {one.p99:.1f} | {ratio:.2f} |")
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", file=sys.stderr)


if __name__ == "__main__":
    main()
