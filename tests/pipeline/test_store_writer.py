"""The group writer: poisoned batches, clients that leave, too many, closing, broken connections."""

import asyncio
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from manyi.collect.store import (
    AnswerStore,
    GroupWriter,
    Standing,
    StoreBusy,
    StoreClosed,
    StoreUnavailable,
    Submission,
    SubmissionUnfit,
    open_engine,
)
from manyi_instruments.faults import ManyiError


@pytest.fixture
def store(store_address: str) -> Iterator[AnswerStore]:
    store = AnswerStore(open_engine(store_address))
    yield store
    store.close()


@pytest.fixture
def writer(store: AnswerStore) -> Iterator[GroupWriter]:
    writer = GroupWriter(store)
    yield writer
    writer.close()


def submission(id: object, payload: bytes = b"{}") -> Submission:
    return Submission(str(id), "pupils", "abcdef012345", payload, minute="2026-11-22T05:00Z")


def ids(store: AnswerStore) -> set[str]:
    return {kept.id for kept in store.kept("pupils")}


class Held:
    """Holds a writer up within its first transaction, so that what comes meanwhile makes one batch."""

    def __init__(self, store: AnswerStore, monkeypatch: pytest.MonkeyPatch) -> None:
        self.began, self.go_on = threading.Event(), threading.Event()
        self.batches: list[int] = []
        accept = store.accept

        def held(submissions: list[Submission]) -> object:
            self.batches.append(len(submissions))
            self.began.set()
            assert self.go_on.wait(60)
            return accept(submissions)

        monkeypatch.setattr(store, "accept", held)


def test_what_comes_while_one_is_written_shares_the_next_transaction(
    store: AnswerStore, writer: GroupWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(store, monkeypatch)
    futures = [writer.submit(submission(0))]
    assert held.began.wait(60)
    futures += [writer.submit(submission(number)) for number in range(1, 100)]
    held.go_on.set()
    assert {future.result(60).standing for future in futures} == {Standing.accepted}
    assert held.batches == [1, 99]


@pytest.mark.parametrize("at", [0, 41, 99])
def test_a_bad_row_does_not_take_the_others_of_its_transaction_down(
    store: AnswerStore, writer: GroupWriter, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    held = Held(store, monkeypatch)
    first = writer.submit(submission("first"))
    assert held.began.wait(60)
    futures = [writer.submit(submission("x" * 65 if number == at else number)) for number in range(100)]
    held.go_on.set()
    assert first.result(60).standing is Standing.accepted
    failed = [number for number, future in enumerate(futures) if future.exception(60) is not None]
    assert failed == [at]
    assert isinstance(futures[at].exception(), SubmissionUnfit)
    assert ids(store) == {"first", *(str(number) for number in range(100) if number != at)}


def test_text_no_database_can_hold_fails_alone(store: AnswerStore, writer: GroupWriter) -> None:
    bad = writer.submit(submission("\ud800"))
    good = writer.submit(submission("good"))
    assert isinstance(bad.exception(60), UnicodeEncodeError)
    assert good.result(60).standing is Standing.accepted


def test_a_cancelled_future_does_not_stop_the_writer(store: AnswerStore, writer: GroupWriter) -> None:
    future = writer.submit(submission("one"))
    assert not future.cancel()
    assert writer.submit(submission("two")).result(60).standing is Standing.accepted
    assert ids(store) == {"one", "two"}


def test_a_client_that_goes_away_is_written_all_the_same(
    store: AnswerStore, writer: GroupWriter, monkeypatch: pytest.MonkeyPatch, run_async: Callable[..., Any]
) -> None:
    held = Held(store, monkeypatch)

    async def go_away() -> None:
        task = asyncio.create_task(writer.take_in(submission("gone")))
        await asyncio.to_thread(held.began.wait, 60)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        held.go_on.set()
        assert (await writer.take_in(submission("next"))).standing is Standing.accepted

    run_async(go_away())
    assert ids(store) == {"gone", "next"}


def test_a_loop_that_was_closed_does_not_stop_the_writer(
    store: AnswerStore, writer: GroupWriter, monkeypatch: pytest.MonkeyPatch, run_async: Callable[..., Any]
) -> None:
    held = Held(store, monkeypatch)

    async def leave() -> None:
        task = asyncio.create_task(writer.take_in(submission("left")))
        await asyncio.to_thread(held.began.wait, 60)
        task.cancel()

    run_async(leave())
    held.go_on.set()
    assert writer.submit(submission("next")).result(60).standing is Standing.accepted
    assert ids(store) == {"left", "next"}


def test_400_tasks_of_one_loop_each_get_their_own_receipt(
    store: AnswerStore, writer: GroupWriter, run_async: Callable[..., Any]
) -> None:
    async def all_at_once() -> list[str]:
        given = [writer.take_in(submission(number)) for number in range(400)]
        return [outcome.receipt for outcome in await asyncio.gather(*given)]

    assert run_async(all_at_once()) == [store.receipt(str(number)) for number in range(400)]


def test_too_many_are_refused_at_once_and_the_rest_is_kept(
    store: AnswerStore, writer: GroupWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("manyi.collect.store.writer.LONGEST_QUEUE", 50)
    held = Held(store, monkeypatch)
    futures = [writer.submit(submission("first"))]
    assert held.began.wait(60)
    futures += [writer.submit(submission(number)) for number in range(50)]
    with pytest.raises(StoreBusy) as caught:
        writer.submit(submission("too many"))
    assert caught.value.retry_after > 0
    assert caught.value.faults[0].code == "store-busy"
    held.go_on.set()
    assert len({future.result(60).receipt for future in futures}) == 51
    assert writer.submit(submission("too many")).result(60).standing is Standing.accepted


def test_closing_takes_in_what_waits_and_refuses_what_comes(
    store: AnswerStore, writer: GroupWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(store, monkeypatch)
    futures = [writer.submit(submission(number)) for number in range(30)]
    closing_ = threading.Thread(target=writer.close)
    closing_.start()
    while not writer._closed:
        pass
    with pytest.raises(StoreClosed):
        writer.submit(submission("late"))
    held.go_on.set()
    closing_.join(60)
    assert all(future.result(0).standing is Standing.accepted for future in futures)
    assert ids(store) == {str(number) for number in range(30)}


def test_no_submission_is_left_waiting_when_many_threads_meet_the_close(store: AnswerStore) -> None:
    writer = GroupWriter(store)
    futures, refused = [], []

    def hand_over(first: int) -> None:
        for number in range(first, first + 200):
            try:
                futures.append((number, writer.submit(submission(number))))
            except StoreClosed:
                refused.append(number)

    threads = [threading.Thread(target=hand_over, args=(first,)) for first in range(0, 1600, 200)]
    for thread in threads:
        thread.start()
    writer.close()
    for thread in threads:
        thread.join()
    assert {future.result(60).standing for _, future in futures} <= {Standing.accepted}
    assert ids(store) == {str(number) for number, _ in futures}
    assert len(futures) + len(refused) == 1600


def test_closing_twice_is_harmless(store: AnswerStore) -> None:
    writer = GroupWriter(store)
    writer.close()
    writer.close()


# --- the store fails and comes back


def test_a_locked_file_is_named_and_answers_are_taken_in_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("manyi.collect.store.engine.PATIENCE", 0.2)
    store = AnswerStore(open_engine(f"sqlite:///{tmp_path / 'answers.sqlite'}"))
    writer = GroupWriter(store)
    with closing(sqlite3.connect(tmp_path / "answers.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        error = writer.submit(submission("one")).exception(60)
        other.execute("ROLLBACK")
    assert isinstance(error, StoreUnavailable)
    assert (error.code, error.retry_after > 0) == ("store-locked", True)
    assert writer.submit(submission("one")).result(60).standing is Standing.accepted
    writer.close()
    store.close()


def test_everyone_of_a_failed_batch_gets_an_exception_of_their_own(
    store: AnswerStore, writer: GroupWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: object) -> None:
        held.batches.append(0)
        raise StoreUnavailable("store-full")

    held = Held(store, monkeypatch)
    futures = [writer.submit(submission(0))]
    assert held.began.wait(60)
    monkeypatch.setattr(store, "accept", full)
    futures += [writer.submit(submission(number)) for number in range(1, 20)]
    held.go_on.set()
    errors = [future.exception(60) for future in futures[1:]]
    assert {type(error) for error in errors} == {StoreUnavailable}
    assert len({id(error) for error in errors}) == 19
    # Asked once: what is down for one is down for all.
    assert held.batches.count(0) == 1


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "answers.sqlite").write_bytes(b"no database at all, but long enough to be looked at" * 40)
    engine = open_engine(f"sqlite:///{tmp_path / 'answers.sqlite'}")
    with pytest.raises(StoreUnavailable) as caught:
        AnswerStore(engine)
    engine.dispose()
    assert caught.value.code == "store-damaged"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ManyiError) as caught:
        open_engine(f"sqlite:///{tmp_path / 'none' / 'answers.sqlite'}")
    assert caught.value.faults[0].code == "store-folder-missing"


@pytest.mark.parametrize("address", ["mysql://u:secret@h/d", "sqlite://", "sqlite:///:memory:", "no address"])
def test_other_addresses_are_refused_without_their_password(address: str) -> None:
    with pytest.raises(ManyiError) as caught:
        open_engine(address)
    assert caught.value.faults[0].code == "store-address"
    assert "secret" not in str(caught.value)


def test_a_server_that_is_not_there_is_named_without_its_password(tmp_path: Path) -> None:
    engine = open_engine(f"postgresql://who:secret@/nothing?host={tmp_path}")
    with pytest.raises(StoreUnavailable) as caught:
        AnswerStore(engine)
    engine.dispose()
    assert caught.value.code == "store-unreachable"
    assert "secret" not in str(caught.value)


def test_connections_that_are_cut_are_made_anew(postgresql: Callable[[], str]) -> None:
    address = postgresql()
    store = AnswerStore(open_engine(address))
    writer = GroupWriter(store)
    told: list[Standing | str] = []
    for number in range(40):
        future = writer.submit(submission(number))
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'manyi' AND pid <> pg_backend_pid()"
            )
        error = future.exception(60)
        told.append(error.code if isinstance(error, StoreUnavailable) else future.result().standing)
    assert set(told) <= {Standing.accepted, "store-unreachable"}
    again = [writer.submit(submission(number)).result(60).standing for number in range(40)]
    # What was acknowledged is there; what was not may be, if the cut came during the commit.
    assert all(now is Standing.repeated for now, then in zip(again, told, strict=True) if then == "accepted")
    assert ids(store) == {str(number) for number in range(40)}
    writer.close()
    store.close()


def test_a_postgresql_that_does_not_sync_is_refused(postgresql: Callable[[], str]) -> None:
    address = postgresql()
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET full_page_writes = off")
        connection.execute("SELECT pg_reload_conf()")
        for _ in range(100):
            if connection.execute("SHOW full_page_writes").fetchone() == ("off",):
                break
            connection.execute("SELECT pg_sleep(0.05)")
        try:
            engine = open_engine(address)
            with pytest.raises(ManyiError) as caught:
                AnswerStore(engine)
            engine.dispose()
        finally:
            connection.execute("ALTER SYSTEM RESET full_page_writes")
            connection.execute("SELECT pg_reload_conf()")
            for _ in range(100):
                if connection.execute("SHOW full_page_writes").fetchone() == ("on",):
                    break
                connection.execute("SELECT pg_sleep(0.05)")
    assert [fault.code for fault in caught.value.faults] == ["store-not-durable"]


def test_a_commit_of_postgresql_waits_for_the_disk_whatever_the_role_says(
    postgresql: Callable[[], str],
) -> None:
    address = postgresql()
    engine = open_engine(f"{address}%20-csynchronous_commit%3Doff")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar_one() == "on"
        assert connection.exec_driver_sql("SHOW transaction_isolation").scalar_one() == "read committed"
    engine.dispose()


def test_sqlite_syncs_the_folder_too_and_keeps_no_write_ahead_log(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'answers.sqlite'}")
    with engine.connect() as connection:
        told = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "secure_delete")
        ]
    engine.dispose()
    # 3 is EXTRA (https://sqlite.org/pragma.html#pragma_synchronous).
    assert told == ["delete", 3, 1]


# --- several servers on one store

SERVER = """
import sys
from manyi.collect.store import AnswerStore, GroupWriter, Submission, open_engine
store = AnswerStore(open_engine(sys.argv[1]))
places = [tuple(word.split(":")) for word in sys.argv[2].split(",")]
writer = GroupWriter(store)
futures = [
    writer.submit(Submission(f"shared-{n}", "pupils", "abcdef012345", b"{}")) for n in range(200)
] + [
    writer.submit(Submission(f"{sys.argv[3]}-{n}", "pupils", "abcdef012345", b"{}", code=(name, int(at))))
    for n, (name, at) in enumerate(places)
]
for future in futures:
    print(future.result(120).standing, flush=True)
writer.close()
"""


def test_three_servers_take_each_submission_once_and_spend_each_code_once(
    store: AnswerStore, store_address: str
) -> None:
    codes = store.codes.make("pupils", "1", "", 60)
    places = [found[1] for code in codes if (found := store.codes.find(code))]
    words = ",".join(f"{name}:{at}" for name, at in places)
    servers = [
        subprocess.Popen(
            [sys.executable, "-c", SERVER, store_address, words, name],
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        for name in ("a", "b", "c")
    ]
    told = [server.communicate(timeout=240)[0].split() for server in servers]
    shared = [line for lines in told for line in lines[:200]]
    coded = [line for lines in told for line in lines[200:]]
    assert (shared.count("accepted"), shared.count("repeated")) == (200, 400)
    assert (coded.count("accepted"), coded.count("code-spent")) == (60, 120)
    assert len(ids(store)) == 260
