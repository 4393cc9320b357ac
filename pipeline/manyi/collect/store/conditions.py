"""What can be wrong with a store while it serves: named, with how long a client should wait."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from manyi_instruments.faults import Fault, ManyiError

#: Seconds after which a client may come again, by condition.
RETRY_AFTER = {
    "store-busy": 2,
    "store-locked": 5,
    "store-unreachable": 10,
    "store-closed": 10,
    "store-full": 60,
    "store-not-writable": 60,
    "store-damaged": 300,
}
#: SQLite's primary result codes (https://sqlite.org/rescode.html).
SQLITE_CONDITIONS = {
    sqlite3.SQLITE_FULL: "store-full",
    sqlite3.SQLITE_BUSY: "store-locked",
    sqlite3.SQLITE_LOCKED: "store-locked",
    sqlite3.SQLITE_READONLY: "store-not-writable",
    sqlite3.SQLITE_PERM: "store-not-writable",
    sqlite3.SQLITE_CANTOPEN: "store-not-writable",
    sqlite3.SQLITE_CORRUPT: "store-damaged",
    sqlite3.SQLITE_NOTADB: "store-damaged",
    sqlite3.SQLITE_IOERR: "store-unreachable",
    sqlite3.SQLITE_NOMEM: "store-unreachable",
    sqlite3.SQLITE_PROTOCOL: "store-locked",
}
#: Beginnings of PostgreSQL's error codes, the longest first (its manual, appendix A).
POSTGRESQL_CONDITIONS = {
    "53100": "store-full",
    "25006": "store-not-writable",
    "42501": "store-not-writable",
    "55P03": "store-locked",
    "57014": "store-locked",
    "40": "store-locked",
    "08": "store-unreachable",
    "28": "store-unreachable",
    "3D": "store-unreachable",
    "53": "store-unreachable",
    "57": "store-unreachable",
    "58": "store-unreachable",
    "XX": "store-damaged",
}


class StoreUnavailable(ManyiError):
    """The store takes nothing in just now; what was handed over may be sent again.

    Attributes
    ----------
    code : str
        Of the fault: ``store-full``, ``store-unreachable`` …, the keys of ``RETRY_AFTER``.
    reason : str
        The database's own words, never an answer.
    retry_after : int
        Seconds a client should wait.
    """

    def __init__(self, code: str, reason: str = "") -> None:
        super().__init__(Fault(code, details={"reason": reason}))
        self.code = code
        self.reason = reason
        self.retry_after = RETRY_AFTER[code]

    def again(self) -> "StoreUnavailable":
        """Return the same condition for somebody else."""
        return StoreUnavailable(self.code, self.reason)


class StoreBusy(StoreUnavailable):
    """More submissions wait than the store can take in soon."""

    def __init__(self) -> None:
        super().__init__("store-busy")


class StoreClosed(StoreUnavailable):
    """The server is shutting down."""

    def __init__(self) -> None:
        super().__init__("store-closed")


class SubmissionUnfit(ManyiError):
    """The database cannot hold this submission, whenever it comes; others are not touched by it."""


def condition_of(error: DBAPIError) -> str | None:
    """Return the condition of the store behind a database error, or None where its statement is to blame."""
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        number = getattr(cause, "sqlite_errorcode", None)
        return SQLITE_CONDITIONS.get(number & 0xFF) if number is not None else None
    state = getattr(cause, "sqlstate", None)
    if state is None:
        # Without a state, no server answered: there is none, or the connection broke.
        operational = type(cause).__name__ in ("OperationalError", "ConnectionTimeout", "InterfaceError")
        return "store-unreachable" if operational or error.connection_invalidated else None
    return next((code for head, code in POSTGRESQL_CONDITIONS.items() if state.startswith(head)), None)


@contextmanager
def named_conditions() -> Iterator[None]:
    """Turn database errors that are conditions of the store into :class:`StoreUnavailable`.

    The database's own words are kept to their first line: what follows may quote a row.
    """
    try:
        yield
    except PoolTimeout as error:
        raise StoreUnavailable("store-locked", "no free connection") from error
    except DBAPIError as error:
        code = condition_of(error)
        if code is None:
            raise
        words = str(error.orig).strip().splitlines()
        raise StoreUnavailable(code, words[0] if words else type(error.orig).__name__) from None
