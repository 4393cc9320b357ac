"""A full disk: named, nothing acknowledged is lost, and answers are taken in again once there is room."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from manyi.collect.store import AnswerStore, GroupWriter, StoreUnavailable, Submission, open_engine
from manyi.collect.store.backup import back_up
from manyi_instruments.faults import ManyiError

PAYLOAD = b"x" * 1000
MIB = 1 << 20


def fill(writer: GroupWriter, name: str, most: int = 20_000) -> tuple[list[str], StoreUnavailable]:
    """Submit until the store is full; return the ids that were acknowledged and what was said then."""
    acknowledged: list[str] = []
    for first in range(0, most, 50):
        ids = [f"{name}-{number}" for number in range(first, first + 50)]
        futures = [(id, writer.submit(Submission(id, "pupils", "d", PAYLOAD))) for id in ids]
        errors = [future.exception(120) for _, future in futures]
        acknowledged += [id for (id, _), error in zip(futures, errors, strict=True) if error is None]
        failed = [error for error in errors if error is not None]
        if failed:
            assert all(isinstance(error, StoreUnavailable) for error in failed)
            return acknowledged, failed[0]
    raise AssertionError("the disk did not become full")


def held(store: AnswerStore) -> list[str]:
    return sorted(kept.id for kept in store.kept("pupils"))


def test_sqlite_on_a_full_disk(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"\0" * 6 * MIB)
    store = AnswerStore(open_engine(f"sqlite:///{small_disk / 'answers.sqlite'}"))
    writer = GroupWriter(store)
    acknowledged, error = fill(writer, "before")
    assert error.code == "store-full"
    assert error.retry_after == 60
    assert len(acknowledged) > 500
    assert held(store) == sorted(acknowledged)
    ballast.unlink()
    again, _ = fill(writer, "after")
    assert len(again) > 500
    assert held(store) == sorted(acknowledged + again)
    writer.close()
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").all() == [("ok",)]
    store.close()


def test_a_backup_onto_a_full_disk_leaves_nothing_and_the_store_as_it_was(
    small_disk: Path, tmp_path: Path
) -> None:
    store = AnswerStore(open_engine(f"sqlite:///{tmp_path / 'answers.sqlite'}"))
    store.accept([Submission(f"id-{n}", "pupils", "d", os.urandom(1000)) for n in range(14_000)])
    with pytest.raises(ManyiError) as caught:
        back_up(store, small_disk / "backup.sqlite")
    assert caught.value.faults[0].code == "backup-failed"
    assert list(small_disk.iterdir()) == []
    assert store.counts()[0].n == 14_000
    store.close()


def test_postgresql_on_a_full_disk(small_disk: Path, postgresql: Callable[[], str]) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"\0" * 6 * MIB)
    folder = small_disk / "tables"
    folder.mkdir()
    owner = postgresql.server.pgdata.stat()
    os.chown(folder, owner.st_uid, owner.st_gid)
    address = postgresql()
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE TABLESPACE small_disk LOCATION '{folder}'")
    store = AnswerStore(open_engine(f"{address}%20-cdefault_tablespace%3Dsmall_disk"))
    writer = GroupWriter(store)
    try:
        acknowledged, error = fill(writer, "before")
        assert error.code == "store-full"
        assert len(acknowledged) > 500
        assert held(store) == sorted(acknowledged)
        ballast.unlink()
        again, _ = fill(writer, "after")
        assert len(again) > 500
        assert held(store) == sorted(acknowledged + again)
    finally:
        writer.close()
        store.close()
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute("DROP TABLE answers, code_lists, tombstones, audit, settings")
            connection.execute("CHECKPOINT")
            connection.execute("DROP TABLESPACE small_disk")
        shutil.rmtree(folder, ignore_errors=True)


def test_a_full_disk_is_named_where_none_can_be_mounted(tmp_path: Path) -> None:
    store = AnswerStore(open_engine(f"sqlite:///{tmp_path / 'answers.sqlite'}"))
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=200")
    writer = GroupWriter(store)
    acknowledged, error = fill(writer, "first")
    assert error.code == "store-full"
    assert held(store) == sorted(acknowledged)
    writer.close()
    store.close()
