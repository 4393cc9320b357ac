"""Signed texts: what the server hands out and gets back unchanged, so that it keeps no sessions."""

import base64
import binascii
import hmac
import json
from typing import Any

from manyi.collect.store.secrets import keyed

#: Bytes of a signature: 128 bits.
MAC_BYTES = 16
#: Characters of a signed text; longer ones are not looked at.
LONGEST = 1_000_000


class Seals:
    """Signs with the store's key: what it signed is good as long as the store is, also from a backup.

    Parameters
    ----------
    key : bytes
        Of the store.

    Examples
    --------
    >>> seals = Seals(b"k" * 32)
    >>> sealed = seals.seal("ticket", ["parents", "0001"])
    >>> seals.opened("ticket", sealed), seals.opened("link", sealed), seals.opened("ticket", "x" + sealed)
    (['parents', '0001'], None, None)
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def seal(self, purpose: str, content: list[Any]) -> str:
        """Return JSON and its signature in the signs of base64url; the same text for the same content."""
        body = _encoded(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode())
        return f"{body}.{self._mac(purpose, body)}"

    def opened(self, purpose: str, sealed: str) -> Any:
        """Return what was signed for a purpose; None for anything else."""
        body, _, mac = sealed[:LONGEST].rpartition(".")
        if not body.isascii() or not mac.isascii():
            return None
        if not hmac.compare_digest(mac, self._mac(purpose, body)):
            return None
        try:
            return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        except (ValueError, binascii.Error):
            return None

    def token(self, purpose: str) -> str:
        """Return a word that only the store's key makes: an address that cannot be guessed."""
        return _encoded(keyed(self._key, f"token {purpose}", "", 24))

    def is_token(self, purpose: str, told: str) -> bool:
        """Return whether a word is the one of its purpose, in constant time."""
        return hmac.compare_digest(told.encode("utf-8", "replace"), self.token(purpose).encode())

    def _mac(self, purpose: str, body: str) -> str:
        return _encoded(keyed(self._key, f"seal {purpose}", body, MAC_BYTES))


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
