"""What is handed to the store and what it says of it."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    """What became of a submission. All but ``withdrawn`` mean that its payload is on disk."""

    accepted = "accepted"
    #: The same id with the same payload was accepted before: nothing was added.
    repeated = "repeated"
    #: The same id with another payload was accepted before: this one is kept beside it.
    conflict = "conflict"
    #: The access code was spent by another submission: this one is kept aside until it comes with a good one.
    code_spent = "code-spent"
    #: Given to a definition the study does not have, or no longer asks: kept aside.
    aside = "aside"
    #: The answers of this id were withdrawn or purged: nothing was kept.
    withdrawn = "withdrawn"


@dataclass(frozen=True, slots=True)
class Submission:
    """One person's answers as they came.

    Attributes
    ----------
    id : str
        Made by the client before it first sends; the same at every resend. At most 64 characters.
    role : str
        Whose form it is.
    definition : str
        Hash of the definition the answers were given to; at most 64 characters.
    payload : bytes
        UTF-8 JSON as sent, without the access code and without anything of the connection.
    school, group : str
        School code and class as the link or the access code tells them; empty where unknown.
    code : tuple of (str, int) or None
        List and place of the access code that is spent with these answers.
    known : bool
        Whether the study asks this definition now.
    minute : str
        When it was received, to the minute, as ISO 8601 in UTC.
    """

    id: str
    role: str
    definition: str
    payload: bytes
    school: str = ""
    group: str = ""
    code: tuple[str, int] | None = None
    known: bool = True
    minute: str = ""

    @property
    def digest(self) -> bytes:
        """Return the SHA-256 of role, definition and payload: a resend has the same."""
        head = f"{self.role}\x00{self.definition}\x00".encode()
        return hashlib.sha256(head + self.payload).digest()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a submission, and the receipt its respondent gets (empty where nothing was kept)."""

    standing: Standing
    receipt: str


@dataclass(frozen=True, slots=True)
class Kept:
    """One row of the store, as :meth:`~manyi.collect.store.store.AnswerStore.kept` yields it."""

    id: str
    standing: Standing
    role: str
    definition: str
    school: str
    group: str
    minute: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows of one role, school, class and standing there are."""

    role: str
    school: str
    group: str
    standing: Standing
    n: int
