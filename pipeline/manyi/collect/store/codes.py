"""Access codes: made in lists, kept as keyed hashes, spent as bits of one number a list."""

import secrets
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, bindparam, insert, select, update

from manyi.collect.store import schema
from manyi.collect.store.engine import reading, writing
from manyi.collect.store.erasing import write_audit
from manyi.collect.store.secrets import keyed, new_code, plain_code

#: Bytes of a code's hash: 128 bits.
HASH_BYTES = 16
#: Seconds between two looks for lists that another process made: guessed codes must not cost queries.
LOOK_AGAIN = 1.0
#: Lists asked for by one query.
MOST_LISTS = 500

#: A list, and the place of a code in it.
Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class CodeList:
    """Whose codes a list holds."""

    name: str
    role: str
    school: str
    group: str


class AccessCodes:
    """The codes of a store.

    A code has 65 random bits. The store keeps its keyed hash, in lists sorted by it, so that the place of a
    code tells nothing of the order in which codes were printed or handed out.
    """

    def __init__(self, engine: Engine, key: bytes) -> None:
        self.engine = engine
        self.key = key
        self._places: dict[bytes, Place] = {}
        self._lists: dict[str, CodeList] = {}
        self._loading = threading.Lock()
        self._looked = float("-inf")

    def make(self, role: str, school: str, group: str, count: int) -> list[str]:
        """Make a list of codes and return them, the only time they can be read.

        Parameters
        ----------
        role, school, group : str
            Whose answers they admit.
        count : int
            How many; 1 at least.
        """
        codes = {self._hash(code): code for code in (new_code() for _ in range(count))}
        row = {
            "list": secrets.token_hex(8),
            "role": role,
            "school": school,
            "group": group,
            "hashes": b"".join(sorted(codes)),
            "spent": bytes(-(-count // 8)),
        }
        with writing(self.engine) as connection:
            connection.execute(insert(schema.code_lists), row)
            write_audit(connection, "codes", role, count, f"{school} {group}".strip())
        self._looked = float("-inf")
        made = list(codes.values())
        secrets.SystemRandom().shuffle(made)
        return made

    def find(self, typed: str) -> tuple[CodeList, Place] | None:
        """Return the list a code belongs to and its place, or None where there is no such code.

        Codes are found by their keyed hash, so the time it takes tells nothing of the codes there are. A list
        that another process makes is found within a second.
        """
        wanted = self._hash(plain_code(typed))
        if wanted not in self._places and time.monotonic() - self._looked >= LOOK_AGAIN:
            self._load()
        place = self._places.get(wanted)
        return (self._lists[place[0]], place) if place is not None else None

    def is_spent(self, place: Place) -> bool:
        """Return whether a code was spent."""
        column = schema.code_lists.c
        query = select(column.spent).where(column.list == place[0])
        with reading(self.engine) as connection:
            return _bit(connection.execute(query).scalar_one(), place[1])

    def issued(self) -> dict[tuple[str, str, str], int]:
        """Return how many codes were made by role, school and class: how many answers are expected."""
        self._load()
        counts: dict[tuple[str, str, str], int] = {}
        for name, _ in self._places.values():
            one = self._lists[name]
            key = (one.role, one.school, one.group)
            counts[key] = counts.get(key, 0) + 1
        return counts

    def _hash(self, code: str) -> bytes:
        return keyed(self.key, "code", code, HASH_BYTES)

    def _load(self) -> None:
        """Read the lists that were made since the last time, also by another process."""
        column = schema.code_lists.c
        query = select(column.list, column.role, column.school, column.group, column.hashes)
        with self._loading, reading(self.engine) as connection:
            self._looked = time.monotonic()
            names = connection.execute(select(column.list)).scalars().all()
            new = [name for name in names if name not in self._lists]
            for at in range(0, len(new), MOST_LISTS):
                some = query.where(column.list.in_(new[at : at + MOST_LISTS]))
                for name, role, school, group, hashes in connection.execute(some):
                    self._lists[name] = CodeList(name, role, school, group)
                    starts = range(0, len(hashes), HASH_BYTES)
                    self._places |= {
                        bytes(hashes[start : start + HASH_BYTES]): (name, place)
                        for place, start in enumerate(starts)
                    }


class SpentBits:
    """The spent codes of some lists within one transaction."""

    def __init__(self, bits: Mapping[str, bytes]) -> None:
        self._bits = {name: bytearray(spent) for name, spent in bits.items()}
        self._changed: set[str] = set()

    def take(self, place: Place) -> bool:
        """Spend a code; False where it was spent before."""
        name, at = place
        if _bit(self._bits[name], at):
            return False
        self._bits[name][at // 8] |= 1 << (at % 8)
        self._changed.add(name)
        return True

    def write(self, connection: Connection) -> None:
        """Write the lists that changed, in an order that tells nothing."""
        if not self._changed:
            return
        column = schema.code_lists.c
        query = update(schema.code_lists).where(column.list == bindparam("which"))
        rows = [{"which": name, "bits": bytes(self._bits[name])} for name in sorted(self._changed)]
        connection.execute(query.values(spent=bindparam("bits")), rows)


def spent_bits(connection: Connection, places: Iterable[Place]) -> SpentBits:
    """Return the spent codes of the lists that places lie in; no other writer changes them meanwhile."""
    names = sorted({name for name, _ in places})
    column = schema.code_lists.c
    query = select(column.list, column.spent)
    bits: dict[str, bytes] = {}
    for at in range(0, len(names), MOST_LISTS):
        some = query.where(column.list.in_(names[at : at + MOST_LISTS]))
        bits |= {name: spent for name, spent in connection.execute(some)}
    return SpentBits(bits)


def _bit(bits: bytes | bytearray, place: int) -> bool:
    return bool(bits[place // 8] >> (place % 8) & 1)
