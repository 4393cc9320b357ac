"""Who sends a request: digest authentication (RFC 7616; 2617 for old clients)."""

import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.request import parse_http_list, parse_keqv_list

from manyi.collect.openrosa.collectors import ALGORITHMS, REALM, Collector, Collectors

#: Seconds for which a nonce is good; a phone then asks for another by itself.
NONCE_LIFE = 3600
_MAC_BYTES = 16
#: Characters of the header; more is no login.
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Login:
    """What came of a login: whose it is, or that only its nonce is old."""

    collector: Collector | None = None
    stale: bool = False


class Authentication:
    """Logins checked against the accounts.

    Parameters
    ----------
    collectors : Collectors
        The accounts.

    Notes
    -----
    A nonce is a moment and its HMAC, so nothing is kept between requests. That a request is repeated by
    somebody who overheard it is harmless here: forms are no secret and answers are taken in once.
    """

    def __init__(self, collectors: Collectors) -> None:
        self.collectors = collectors
        self._key = secrets.token_bytes(32)

    def challenges(self, stale: bool = False) -> list[str]:
        """Return the values of ``WWW-Authenticate``, one an algorithm.

        MD5 stands first: apps take the first of their kind and know no other; others choose for themselves.
        """
        nonce = self._nonce(time.time())
        told = ", stale=true" if stale else ""
        return [
            f'Digest realm="{REALM}", qop="auth", algorithm={algorithm}, nonce="{nonce}", '
            f'opaque="{REALM}", charset=UTF-8{told}'
            for algorithm in ALGORITHMS
        ]

    def login(self, header: str | None, method: str, path: str, query: str) -> Login:
        """Return whose a request is.

        Parameters
        ----------
        header : str or None
            ``Authorization``.
        method : str
            Of the request.
        path, query : str
            Of its address, percent signs as sent. A proxy may have taken away the front of the path.
        """
        told = _parameters(header)
        algorithm = str(told.get("algorithm", "MD5")).upper()
        function = ALGORITHMS.get(algorithm)
        if not told or function is None or told.get("realm") != REALM:
            return Login()
        if not _same_address(told.get("uri", ""), path, query):
            return Login()
        age = self._age(told.get("nonce", ""))
        collector = self.collectors.named(told.get("username", ""))
        # Without an account as much is computed as with one.
        first = collector.digests[algorithm] if collector is not None else secrets.token_hex(16)
        second = function(f"{method}:{told.get('uri', '')}".encode()).hexdigest()
        middle = [told.get("nonce", "")]
        if "qop" in told:
            middle += [told.get("nc", ""), told.get("cnonce", ""), told["qop"]]
        wanted = function(":".join([first, *middle, second]).encode()).hexdigest()
        right = hmac.compare_digest(wanted.encode(), told.get("response", "").lower().encode())
        if collector is None or not right or age is None or told.get("qop", "auth") != "auth":
            return Login()
        return Login(stale=True) if not 0 <= age <= NONCE_LIFE else Login(collector)

    def _nonce(self, moment: float) -> str:
        stamp = f"{int(moment):x}"
        return f"{stamp}-{self._mac(stamp)}"

    def _mac(self, stamp: str) -> str:
        return hmac.digest(self._key, stamp.encode(), hashlib.sha256)[:_MAC_BYTES].hex()

    def _age(self, nonce: str) -> float | None:
        """Return how many seconds ago a nonce was made; None where it was not made here.

        One made before the server was started anew is told by its form and counts as old.
        """
        stamp, _, mac = nonce.partition("-")
        try:
            moment = int(stamp, 16)
        except ValueError:
            return None
        if hmac.compare_digest(mac.encode(), self._mac(stamp).encode()):
            return time.time() - moment
        return NONCE_LIFE + 1.0


def _parameters(header: str | None) -> Mapping[str, str]:
    """Return the parameters of a digest login; none where it is none."""
    scheme, _, rest = (header or "").partition(" ")
    if scheme.lower() != "digest" or len(rest) > _LONGEST:
        return {}
    try:
        found = parse_keqv_list(parse_http_list(rest))
        # Servers hand headers on as Latin-1; names are UTF-8.
        return {name.lower(): value.encode("latin-1").decode("utf-8") for name, value in found.items()}
    except (ValueError, IndexError):
        return {}


def _same_address(uri: str, path: str, query: str) -> bool:
    """Return whether a login was made for this request."""
    asked, _, behind = uri.partition("?")
    return asked.endswith(path) and behind == query
