"""The store: submissions taken in, withdrawn, purged and counted; one transaction a call."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, Table, func, inspect, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from manyi.collect.store import schema
from manyi.collect.store.codes import AccessCodes
from manyi.collect.store.conditions import SubmissionUnfit, condition_of
from manyi.collect.store.engine import reading, writing
from manyi.collect.store.erasing import erase, forget_versions, write_audit
from manyi.collect.store.records import Count, Kept, Outcome, Standing, Submission
from manyi.collect.store.secrets import grouped, keyed, new_key, plain_code, receipt_signs
from manyi.collect.store.taking_in import Arrival, take_in
from manyi_instruments.faults import Fault, ManyiError

#: Layout of the tables; a store of another layout is not opened.
LAYOUT = b"1"
#: Rows read by one query: a reader holds SQLite's writers up only that long.
PAGE = 2000


class AnswerStore:
    """Answers in a database.

    Parameters
    ----------
    engine : Engine
        As :func:`~manyi.collect.store.engine.open_engine` makes it. Tables and key are made where absent.

    Raises
    ------
    ManyiError
        ``store-layout`` if the database holds another layout's tables.
    StoreUnavailable
        The database is full, locked, not writable, damaged or not to be reached; so every method.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        found = _settings(engine)
        if not found.keys() >= {"key", "layout"}:
            # In one transaction that others wait for: two servers may start at once.
            with writing(engine) as connection:
                schema.metadata.create_all(connection)
                rows = [{"name": "key", "value": new_key()}, {"name": "layout", "value": LAYOUT}]
                connection.execute(_insert_new(connection, schema.settings), rows)
            found = _settings(engine)
        self.key, layout = found["key"], found["layout"]
        if layout != LAYOUT:
            details = {"found": layout.decode(errors="replace"), "known": LAYOUT.decode()}
            raise ManyiError(Fault("store-layout", details=details))
        self.codes = AccessCodes(engine, self.key)

    def receipt(self, submission: str) -> str:
        """Return the receipt of a submission's id."""
        return grouped(receipt_signs(self.key, submission))

    def close(self) -> None:
        """Give the connections back; the store can be used again."""
        self.engine.dispose()

    # --- taking in

    def accept(self, submissions: Sequence[Submission]) -> list[Outcome]:
        """Take submissions in, all in one transaction, and say what became of each.

        When this returns, every payload it names as kept is on disk. Submissions of one call are taken in
        in the order given, so a resend within it is known.

        Raises
        ------
        StoreUnavailable
            Nothing is known to be taken in; all may be sent again.
        SubmissionUnfit
            The database cannot hold one of them (``store-unfit``); none was taken in.
        """
        receipts = [receipt_signs(self.key, one.id) for one in submissions]
        arrivals = [
            Arrival(one, keyed(self.key, "answers", signs), one.digest)
            for one, signs in zip(submissions, receipts, strict=True)
        ]
        try:
            with writing(self.engine) as connection:
                standings = take_in(connection, arrivals)
        except DBAPIError as error:
            if condition_of(error) is not None:
                raise
            # The database's own words quote the row.
            fault = Fault("store-unfit", details={"reason": type(error.orig).__name__})
            raise SubmissionUnfit(fault) from None
        return [
            Outcome(standing, "" if standing is Standing.withdrawn else grouped(signs))
            for standing, signs in zip(standings, receipts, strict=True)
        ]

    # --- taking back

    def withdraw(self, receipt: str) -> bool:
        """Erase the answers a receipt belongs to; False where there are none.

        Every payload of the id goes, conflicting ones too; a tombstone and a line of the audit stay. The
        access code stays spent.
        """
        key = keyed(self.key, "answers", plain_code(receipt))
        with writing(self.engine) as connection:
            count = erase(connection, schema.answers.c.receipt_hash == key, "withdrawn")
        if count:
            forget_versions(self.engine, answers=True)
        return count > 0

    def purge(self, role: str | None = None) -> int:
        """Erase all payloads of one role or of all, as the retention date asks; return how many."""
        column = schema.answers.c.role
        with writing(self.engine) as connection:
            count = erase(connection, column == role if role is not None else column.is_not(None), "purged")
        if count:
            forget_versions(self.engine, answers=True, whole=True)
        return count

    def log(self, action: str, role: str = "", count: int = 0, detail: str = "") -> None:
        """Add a line to the audit: what was done, to which role's answers, how many; never whose."""
        with writing(self.engine) as connection:
            write_audit(connection, action, role, count, detail)

    def tidy(self) -> None:
        """Let PostgreSQL forget old versions of the code lists; for moments when nothing comes."""
        forget_versions(self.engine, answers=False)

    # --- reading

    def kept(self, role: str, standings: Iterable[Standing] = (Standing.accepted,)) -> Iterator[Kept]:
        """Yield a role's rows in the order of their keys, which is no order of time.

        What is there when reading begins and is not withdrawn meanwhile is yielded once; what comes
        meanwhile may be or may not. Take :meth:`state` before reading: it has changed then.
        """
        table = schema.answers
        column = table.c
        place = tuple_(column.receipt_hash, column.digest)
        query = (
            select(table)
            # As expressions: by the index of role and standing every page would sort all rows anew.
            .where(column.role.concat("") == role)
            .where(column.standing.concat("").in_([str(one) for one in standings]))
            .order_by(column.receipt_hash, column.digest)
            .limit(PAGE)
        )
        rows = self._rows(query)
        while rows:
            for row in rows:
                yield _kept(row)
            rows = self._rows(query.where(place > (bytes(rows[-1][0]), bytes(rows[-1][1]))))

    def counts(self) -> list[Count]:
        """Return how many answers there are by role, school, class and standing."""
        column = schema.answers.c
        by = (column.role, column.school, column.group, column.standing)
        rows = self._rows(select(*by, func.count()).group_by(*by).order_by(*by))
        return [Count(role, school, group, Standing(stood), n) for role, school, group, stood, n in rows]

    def withdrawn(self) -> dict[tuple[str, str], int]:
        """Return how many answers were erased, by role and reason."""
        column = schema.tombstones.c
        query = select(column.role, column.reason, func.count()).group_by(column.role, column.reason)
        return {(role, reason): count for role, reason, count in self._rows(query)}

    def audit(self) -> list[dict[str, object]]:
        """Return the audit, oldest line first."""
        rows = self._rows(select(schema.audit).order_by(schema.audit.c.number))
        return [dict(row._mapping) for row in rows]

    def state(self, role: str | None = None) -> str:
        """Return a word that changes whenever an answer, of one role or of any, comes or goes.

        For deciding what is stale.
        """
        answer, stone = schema.answers.c, schema.tombstones.c
        by = (answer.role, answer.standing)
        query = select(*by, func.count(), func.max(answer.minute)).group_by(*by).order_by(*by)
        gone = select(func.count()).select_from(schema.tombstones)
        if role is not None:
            query, gone = query.where(answer.role == role), gone.where(stone.role == role)
        with reading(self.engine) as connection:
            stood = connection.execute(query).all()
            erased = connection.execute(gone).scalar_one()
        return keyed(self.key, "state", repr((*map(tuple, stood), erased)), 8).hex()

    def _rows(self, query: Select[*tuple[Any, ...]]) -> Sequence[Row[*tuple[Any, ...]]]:
        with reading(self.engine) as connection:
            return connection.execute(query).all()


def _kept(row: Sequence[Any]) -> Kept:
    id_, standing, role, definition, school, group, minute, payload = row[2:]
    return Kept(id_, Standing(standing), role, definition, school, group, minute, bytes(payload))


def _settings(engine: Engine) -> dict[str, bytes]:
    """Return the settings of a store, none where it was not made yet."""
    table = schema.settings
    with reading(engine) as connection:
        if not inspect(connection).has_table(table.name):
            return {}
        rows = connection.execute(select(table.c.name, table.c.value)).all()
    return {name: bytes(value) for name, value in rows}


def _insert_new(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Return an insert that passes over rows whose key is there."""
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    return make(table).on_conflict_do_nothing()
