"""What becomes of submissions, and their rows: the part of the store that must be fast.

Statements are handed to the driver as text: for a thousand rows of one shape, building them costs more than
running them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from manyi.collect.store import schema
from manyi.collect.store.codes import SpentBits, spent_bits
from manyi.collect.store.records import Standing, Submission

#: Keys looked up by one query: below the number of variables every SQLite takes.
MOST_KEYS = 500
#: Standings of a payload that is the answer of its id.
HELD = (Standing.accepted, Standing.aside)

Before = dict[bytes, dict[bytes, Standing]]
Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Arrival:
    """A submission with the key of its id and the digest of its payload."""

    submission: Submission
    key: bytes
    digest: bytes


def take_in(connection: Connection, arrivals: Sequence[Arrival]) -> list[Standing]:
    """Write submissions within a transaction, in the order given, and return what became of each."""
    before, erased = _before(connection, [one.key for one in arrivals])
    spent = spent_bits(connection, [one.submission.code for one in arrivals if one.submission.code])
    standings: list[Standing] = []
    rows: dict[tuple[bytes, bytes], Row] = {}
    for one in arrivals:
        if one.key in erased:
            standings.append(Standing.withdrawn)
            continue
        payloads = before.setdefault(one.key, {})
        standing = standing_of(one, payloads, spent)
        if standing is not Standing.repeated and payloads.get(one.digest) is not standing:
            payloads[one.digest] = standing
            rows[one.key, one.digest] = _row(one, standing)
        standings.append(standing)
    spent.write(connection)
    if rows:
        _write(connection, list(rows.values()))
    return standings


def standing_of(one: Arrival, payloads: Mapping[bytes, Standing], spent: SpentBits) -> Standing:
    """Return what becomes of a submission, given the payloads of its id that are there.

    Answers whose access code was spent become the answers of their id when they come again with a code that
    is not, unless the id has answers by then.
    """
    stood = payloads.get(one.digest)
    if stood in HELD:
        return Standing.repeated
    if any(other in HELD for other in payloads.values()):
        return stood or Standing.conflict
    code = one.submission.code
    if code is None and stood is not None:
        return stood
    if code is not None and not spent.take(code):
        return Standing.code_spent
    return Standing.accepted if one.submission.known else Standing.aside


def _row(one: Arrival, standing: Standing) -> Row:
    given = one.submission
    return (
        one.key,
        one.digest,
        given.id,
        str(standing),
        given.role,
        given.definition,
        given.school,
        given.group,
        given.minute,
        given.payload,
    )


def _before(connection: Connection, keys: Sequence[bytes]) -> tuple[Before, frozenset[bytes]]:
    """Return the standings of the payloads there are, by key and digest, and the keys of what was erased."""
    queries: list[tuple[str, tuple[object, ...]]]
    if connection.dialect.name == "postgresql":
        queries = [("= ANY(%b)", (list(some),)) for some in portions(keys)]
    else:
        queries = [(f"IN ({','.join('?' * len(some))})", tuple(some)) for some in portions(keys)]
    before: Before = {}
    erased: set[bytes] = set()
    for wanted, parameters in queries:
        query = f"SELECT receipt_hash, digest, standing FROM answers WHERE receipt_hash {wanted}"
        for key, digest, standing in connection.exec_driver_sql(query, parameters):
            before.setdefault(bytes(key), {})[bytes(digest)] = Standing(standing)
        query = f"SELECT receipt_hash FROM tombstones WHERE receipt_hash {wanted}"
        erased |= {bytes(key) for (key,) in connection.exec_driver_sql(query, parameters)}
    return before, frozenset(erased)


def _write(connection: Connection, rows: list[Row]) -> None:
    names = ", ".join(f'"{column.name}"' for column in schema.answers.columns)
    again = ", ".join(f'"{name}" = excluded."{name}"' for name in ("standing", "school", "class", "minute"))
    then = f"ON CONFLICT (receipt_hash, digest) DO UPDATE SET {again}"
    if connection.dialect.name == "postgresql":
        kinds = ("bytea", "bytea", *["text"] * 7, "bytea")
        columns = ", ".join(f"%b::{kind}[]" for kind in kinds)
        lists = tuple(list(column) for column in zip(*rows, strict=True))
        connection.exec_driver_sql(
            f"INSERT INTO answers ({names}) SELECT * FROM unnest({columns}) {then}", lists
        )
    else:
        marks = ", ".join("?" * len(schema.answers.columns))
        connection.exec_driver_sql(f"INSERT INTO answers ({names}) VALUES ({marks}) {then}", rows)


def portions(keys: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """Yield keys in portions that fit one query."""
    return (keys[at : at + MOST_KEYS] for at in range(0, len(keys), MOST_KEYS))
