"""Opening the database so that a commit is on disk when it returns."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import QueuePool

from manyi.collect.store.conditions import named_conditions
from manyi_instruments.faults import Fault, ManyiError, Place

#: Seconds a connection waits for another's lock: longer than a backup of a large store holds it.
PATIENCE = 20
#: Bytes of a page of a new file. A row of a table without rowid that is larger than a quarter of a page fills
#: a page of its own: with 4096, answers of 1 kB take 4.8 kB each, with 8192 1.7 kB.
PAGE_SIZE = 8192
#: Kibibytes of a connection's own cache: answers come in no order, so each touches another page.
CACHE = 32_768
#: What a server of PostgreSQL must have on for a commit to be on disk when it returns.
DURABLE = ("fsync", "full_page_writes")
#: A server that went away must not keep its turn, nor one that hangs keep ours waiting.
CONNECTING = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
    "application_name": "manyi",
}
#: Number of the lock by which servers on one PostgreSQL take turns.
TURN = 0x6D616E7969


def open_engine(url: str) -> Engine:
    """Return the engine of a store's address.

    Parameters
    ----------
    url : str
        ``sqlite:///path`` or ``postgresql://…``.

    Raises
    ------
    ManyiError
        ``store-address`` if the address is neither; ``store-driver-missing`` without a PostgreSQL driver.

    Notes
    -----
    SQLite: a rollback journal that is deleted (``DELETE``) with ``synchronous=EXTRA``, which also syncs the
    folder after the journal is gone. Never a write-ahead log: it would keep the latest transactions one by
    one, each with its answers and its spent codes, and before 3.51.3 its reset can damage the database
    (https://sqlite.org/wal.html). A new file can be read by its owner only.

    PostgreSQL: ``synchronous_commit=on`` is asked for on every connection, whatever the server's default, and
    a server without ``fsync`` or ``full_page_writes`` is refused.

    Errors quote no parameters: they are answers.
    """
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise ManyiError(Fault("store-address", details={"address": "…"})) from error
    if address.get_backend_name() == "sqlite" and address.database not in (None, "", ":memory:"):
        return _sqlite(address)
    if address.get_backend_name() != "postgresql":
        shown = address.render_as_string(hide_password=True)
        raise ManyiError(Fault("store-address", details={"address": shown}))
    try:
        engine = create_engine(
            address.set(drivername="postgresql+psycopg"),
            pool_pre_ping=True,
            hide_parameters=True,
            # A stricter default of the server would show a transaction what was there before its turn.
            isolation_level="READ COMMITTED",
            connect_args={key: value for key, value in CONNECTING.items() if key not in address.query},
        )
    except ModuleNotFoundError as error:
        raise ManyiError(Fault("store-driver-missing")) from error
    event.listen(engine, "connect", _durable_postgresql)
    return engine


def sqlite_address(path: Path) -> str:
    """Return the address of an SQLite file."""
    return URL.create("sqlite", database=str(path)).render_as_string()


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a transaction that no other writer runs beside, of this or another process; committed at the end.

    Raises
    ------
    StoreUnavailable
        The database is full, locked, not writable, damaged or not to be reached; nothing was written, unless
        the connection broke during the commit.
    """
    with named_conditions(), engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({TURN})")
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection that takes no lock against writers for longer than a query; errors as above."""
    with named_conditions(), engine.connect().execution_options(reading=True) as connection:
        yield connection


def _sqlite(address: URL) -> Engine:
    path = Path(str(address.database))
    if not path.parent.is_dir():
        raise ManyiError(Fault("store-folder-missing", Place(str(path)), {"folder": path.parent}))
    engine = create_engine(
        address, poolclass=QueuePool, hide_parameters=True, connect_args={"timeout": PATIENCE}
    )
    if not path.exists():
        try:
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            details = {"reason": error.strerror or ""}
            raise ManyiError(Fault("store-not-writable", Place(str(path)), details)) from error
    event.listen(engine, "connect", _durable_sqlite)
    event.listen(engine, "begin", _immediate)
    return engine


def _durable_sqlite(connection: Any, _: object) -> None:
    # Transactions are begun by _immediate: the driver's own come too late to take the lock.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA page_size={PAGE_SIZE}")
    cursor.execute("PRAGMA journal_mode=DELETE")
    cursor.execute("PRAGMA synchronous=EXTRA")
    # An answer that was withdrawn must not stay in free pages.
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.execute(f"PRAGMA cache_size=-{CACHE}")
    cursor.close()


def _immediate(connection: Any) -> None:
    options = connection.get_execution_options()
    connection.exec_driver_sql("BEGIN" if options.get("reading") else "BEGIN IMMEDIATE")


def _durable_postgresql(connection: Any, _: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = on")
        cursor.execute(f"SET lock_timeout = '{PATIENCE}s'")
        cursor.execute("SET idle_in_transaction_session_timeout = '60s'")
        off = []
        for name in DURABLE:
            cursor.execute(f"SHOW {name}")
            if cursor.fetchone()[0] != "on":
                off.append(name)
    connection.commit()
    if off:
        raise ManyiError(Fault("store-not-durable", details={"settings": ", ".join(off)}))
