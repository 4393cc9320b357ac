"""Collectors: who may fetch forms and send answers with a phone, kept as hashes beside the store."""

import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from manyi.collect.store.secrets import grouped, new_code
from manyi_instruments.faults import Fault, ManyiError, Place

#: Below the study folder: the accounts, as hashes.
COLLECTORS = "data/collectors.json"
REALM = "manyi"
#: Algorithms of digest authentication: RFC 7616's names and the functions. Collect knows MD5 only.
ALGORITHMS = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}


@dataclass(frozen=True, slots=True)
class Collector:
    """One account.

    Attributes
    ----------
    name : str
        As it logs in.
    school, group : str
        School code and class that all its answers belong to; empty: the form asks for the school.
    digests : Mapping
        Algorithm -> hash of name, realm and password (RFC 7616's ``H(A1)``).
    token : str
        SHA-256 of the token that stands for name and password in an address.
    """

    name: str
    school: str
    group: str
    digests: Mapping[str, str]
    token: str


@dataclass(frozen=True, slots=True)
class NewCollector:
    """An account just made; password and token can be read this once."""

    collector: Collector
    password: str
    token: str


def new_collector(name: str, school: str = "", group: str = "") -> NewCollector:
    """Make an account with a password of 65 random bits, which needs no slow hash, and a token of 192.

    Raises
    ------
    ManyiError
        ``collector-name`` for a name that cannot stand in a login.
    """
    # Apps cannot send other letters: a header is ASCII to them.
    sound = name.isascii() and name.isprintable() and not set(':"\\') & set(name)
    if not 0 < len(name) <= 64 or not sound:
        raise ManyiError(Fault("collector-name", details={"name": name[:64]}))
    password, token = grouped(new_code()), secrets.token_urlsafe(24)
    digests = {
        algorithm: function(f"{name}:{REALM}:{password}".encode()).hexdigest()
        for algorithm, function in ALGORITHMS.items()
    }
    return NewCollector(Collector(name, school, group, digests, _token_hash(token)), password, token)


class Collectors:
    """The accounts of a study, in a file that only its owner reads.

    Parameters
    ----------
    file : Path
        ``data/collectors.json``; it need not be there. It is read again when it changes.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._seen: tuple[int, int] | None = None
        self._by_name: dict[str, Collector] = {}
        self._by_token: dict[str, Collector] = {}

    def add(self, name: str, school: str = "", group: str = "") -> NewCollector:
        """Make an account and keep it; one of that name is replaced, and with it its password."""
        made = new_collector(name, school, group)
        self._write([*(one for one in self.listed() if one.name != name), made.collector])
        return made

    def remove(self, name: str) -> bool:
        """Remove an account; False where there is none."""
        left = [one for one in self.listed() if one.name != name]
        found = len(left) < len(self.listed())
        if found:
            self._write(left)
        return found

    def listed(self) -> tuple[Collector, ...]:
        """Return all accounts by name.

        Raises
        ------
        ManyiError
            ``collectors-damaged``.
        """
        self._refresh()
        return tuple(self._by_name.values())

    def named(self, name: str) -> Collector | None:
        """Return the account of that name."""
        self._refresh()
        return self._by_name.get(name)

    def of_token(self, token: str) -> Collector | None:
        """Return the account of a token; found by its hash, so that the time it takes tells nothing."""
        self._refresh()
        return self._by_token.get(_token_hash(token))

    def _refresh(self) -> None:
        try:
            stat = self.file.stat()
        except FileNotFoundError:
            self._seen, self._by_name, self._by_token = None, {}, {}
            return
        if self._seen == (stat.st_mtime_ns, stat.st_size):
            return
        try:
            held = [Collector(**one) for one in json.loads(self.file.read_text(encoding="utf-8"))]
        except (ValueError, TypeError) as error:
            raise ManyiError(Fault("collectors-damaged", Place(str(self.file)))) from error
        self._by_name = {one.name: one for one in held}
        self._by_token = {one.token: one for one in held}
        self._seen = (stat.st_mtime_ns, stat.st_size)

    def _write(self, collectors: Iterable[Collector]) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        part = self.file.with_name(f"{self.file.name}.{secrets.token_hex(4)}")
        handle = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            ordered = sorted(collectors, key=lambda one: one.name)
            json.dump([asdict(one) for one in ordered], file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        part.replace(self.file)
        self._seen = None


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
