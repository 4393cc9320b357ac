"""Backups: a copy of a store at one moment, made while it serves, as an SQLite file; and its way back."""

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, delete, func, insert, select

from manyi.collect.store import schema
from manyi.collect.store.conditions import named_conditions
from manyi.collect.store.engine import PATIENCE, open_engine, sqlite_address, writing
from manyi.collect.store.erasing import write_audit
from manyi.collect.store.store import LAYOUT, AnswerStore
from manyi_instruments.faults import Fault, ManyiError, Place

#: Mark of a backup in an SQLite file (``PRAGMA application_id``): "mybk".
MARK = 0x6D79626B
#: Rows copied at a time.
PAGE = 2000
#: Tables whose rows make a store that a backup must not be mixed with.
FILLED = (schema.answers, schema.tombstones, schema.code_lists)


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that passed its check.

    Attributes
    ----------
    path : Path
    answers : int
        Payloads in it.
    size : int
        Bytes.
    """

    path: Path
    answers: int
    size: int


def back_up(store: AnswerStore, path: Path) -> Backup:
    """Write a store as it is at one moment into an SQLite file, while it serves.

    The file takes its name only when it is whole, checked and on disk; an earlier backup of that name is
    replaced then. It can be read by its owner only.

    Raises
    ------
    ManyiError
        ``backup-exists`` where another file has that name; ``backup-failed`` if the file cannot be written;
        ``backup-damaged`` if the copy fails its check.
    StoreUnavailable
        As the store tells.
    """
    if path.exists() and not _is_backup(path):
        raise ManyiError(Fault("backup-exists", Place(str(path)), {"path": path}))
    part = path.with_name(f"{path.name}.part")
    try:
        _discard(part)
        os.close(os.open(part, os.O_CREAT | os.O_RDWR, 0o600))
        if store.engine.dialect.name == "sqlite":
            _copy_pages(Path(str(store.engine.url.database)), part)
        else:
            _copy_snapshot(store.engine, part)
        with closing(sqlite3.connect(part)) as connection:
            connection.execute(f"PRAGMA application_id={MARK}")
        made = check_backup(part)
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(path)
    except (sqlite3.Error, OSError) as error:
        details = {"path": path, "reason": str(error)}
        raise ManyiError(Fault("backup-failed", Place(str(path)), details)) from error
    finally:
        _discard(part)
    _sync_folder(path.parent)
    store.log("backup", count=made.answers)
    return Backup(path, made.answers, made.size)


def check_backup(path: Path) -> Backup:
    """Check a backup: the file is whole, and a store of this layout.

    Raises
    ------
    ManyiError
        ``backup-damaged``.
    """
    problem = ""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            layout = connection.execute("SELECT value FROM settings WHERE name = 'layout'").fetchone()
            (answers,) = connection.execute("SELECT count(*) FROM answers").fetchone()
        if found != "ok":
            problem = str(found).splitlines()[0]
        elif layout is None or bytes(layout[0]) != LAYOUT:
            problem = "layout"
    except sqlite3.Error as error:
        problem = str(error)
    if problem:
        raise ManyiError(Fault("backup-damaged", Place(str(path)), {"path": path, "problem": problem}))
    return Backup(path, answers, path.stat().st_size)


def restore(path: Path, engine: Engine) -> int:
    """Write a backup into an empty store, all or nothing, and return how many payloads it has.

    Receipts and access codes stay what they were: the key comes with the backup.

    Raises
    ------
    ManyiError
        ``backup-damaged``; ``restore-not-empty`` if the store holds answers, codes or tombstones.
    StoreUnavailable
        As the store tells; nothing was written.
    """
    answers = check_backup(path).answers
    source = open_engine(sqlite_address(path.absolute()))
    try:
        with source.connect().execution_options(reading=True) as read, writing(engine) as write:
            schema.metadata.create_all(write)
            if any(write.execute(select(func.count()).select_from(table)).scalar_one() for table in FILLED):
                raise ManyiError(Fault("restore-not-empty"))
            for table in (schema.settings, schema.audit):
                write.execute(delete(table))
            _copy_rows(read, write)
            write_audit(write, "restored", "", answers)
    finally:
        source.dispose()
    return answers


def _copy_pages(source: Path, target: Path) -> None:
    """Copy an SQLite file as of one transaction; writers wait for it."""
    with (
        closing(sqlite3.connect(source, timeout=PATIENCE)) as read,
        closing(sqlite3.connect(target)) as write,
    ):
        # What was erased from the store was overwritten there; all at once, or writers would start it anew.
        write.execute("PRAGMA synchronous=OFF")
        read.backup(write, pages=-1)


def _copy_snapshot(engine: Engine, target: Path) -> None:
    """Copy what one transaction of PostgreSQL sees; nobody waits for it."""
    copy = open_engine(sqlite_address(target.absolute()))
    try:
        with _snapshot(engine) as read, writing(copy) as write:
            schema.metadata.create_all(write)
            _copy_rows(read, write)
    finally:
        copy.dispose()


@contextmanager
def _snapshot(engine: Engine) -> Iterator[Connection]:
    with named_conditions(), engine.connect() as connection:
        connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        yield connection


def _copy_rows(read: Connection, write: Connection) -> None:
    for table in schema.metadata.sorted_tables:
        # The audit is numbered anew, in its order, so that the next number is free.
        columns = [column for column in table.columns if column.autoincrement is not True]
        rows = read.execution_options(yield_per=PAGE).execute(
            select(*columns).order_by(*table.primary_key.columns)
        )
        for some in rows.partitions():
            write.execute(
                insert(table), [dict(zip((c.key for c in columns), row, strict=True)) for row in some]
            )


def _discard(part: Path) -> None:
    """Remove an unfinished copy; where its disk is full, SQLite leaves its journal as well."""
    for path in (part, part.with_name(f"{part.name}-journal")):
        path.unlink(missing_ok=True)


def _is_backup(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            return bool(connection.execute("PRAGMA application_id").fetchone()[0] == MARK)
    except sqlite3.Error:
        return False


def _sync_folder(folder: Path) -> None:
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
