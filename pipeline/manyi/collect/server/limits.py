"""Limits: bytes of a request, and how often codes may be tried."""

import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.types import Receive

#: Bytes of a posted page, with the answers of all earlier ones.
MOST_FORM = 1_000_000
#: Fields of a posted page.
MOST_FIELDS = 3000
#: Clients remembered at once; the one seen longest ago is forgotten first.
MOST_CLIENTS = 20_000


class TooLarge(Exception):
    """A request has more bytes or fields than allowed."""


class NoForm(Exception):
    """A request is not what a page of the form sends."""


async def body_from(told: bytes, receive: Receive, most: int) -> bytes:
    """Return the body of a request.

    Parameters
    ----------
    told : bytes
        Its ``Content-Length``.
    receive : callable
        As ASGI says.
    most : int
        Bytes allowed.

    Raises
    ------
    TooLarge
        Where it is said to be larger, before anything is read, or turns out to be.
    NoForm
        If the client went away.
    """
    if told.isdigit() and int(told[:20]) > most:
        raise TooLarge
    pieces: list[bytes] = []
    size = 0
    while True:
        event = await receive()
        if event["type"] != "http.request":
            raise NoForm
        pieces.append(event.get("body", b""))
        size += len(pieces[-1])
        if size > most:
            raise TooLarge
        if not event.get("more_body", False):
            return b"".join(pieces)


async def fields_of(request: Request) -> tuple[Mapping[str, list[str]], bytes]:
    """Return the fields of a posted form, and the body they were read from.

    Raises
    ------
    TooLarge, NoForm
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise NoForm
    told = request.headers.get("content-length", "").encode()
    body = await body_from(told, request.receive, MOST_FORM)
    try:
        text = body.decode("utf-8", "replace").replace("\x00", "")
        fields = parse_qs(
            text, keep_blank_values=True, encoding="utf-8", errors="replace", max_num_fields=MOST_FIELDS
        )
    except ValueError:
        raise TooLarge from None
    return fields, body


class Attempts:
    """Counts failed attempts in memory: by client and altogether, over a moving window.

    Clients are remembered by a hash whose key dies with the process.

    Parameters
    ----------
    each, altogether : int
        Failed attempts allowed in a window.
    window : float
        Seconds.
    clock : callable
        Seconds that only go forward.

    Examples
    --------
    >>> attempts = Attempts(each=1, altogether=10, window=60, clock=lambda: 0.0)
    >>> attempts.wait("a"), attempts.failed("a"), attempts.wait("a"), attempts.wait("b")
    (0, None, 60, 0)
    """

    def __init__(
        self, each: int, altogether: int, window: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.each = each
        self.altogether = altogether
        self.window = window
        self.clock = clock
        self._key = secrets.token_bytes(16)
        self._clients: OrderedDict[bytes, tuple[float, int]] = OrderedDict()
        self._all = (float("-inf"), 0)

    def wait(self, client: str) -> int:
        """Return the seconds a client has to wait; 0 where it may try."""
        now = self.clock()
        own = self._clients.get(self._hash(client), (float("-inf"), 0))
        waits = [
            since + self.window - now
            for (since, count), most in ((own, self.each), (self._all, self.altogether))
            if count >= most
        ]
        return max([0, *(int(-(-wait // 1)) for wait in waits)])

    def failed(self, client: str) -> None:
        """Count a failed attempt."""
        now = self.clock()
        name = self._hash(client)
        self._clients[name] = self._counted(self._clients.get(name), now)
        self._clients.move_to_end(name)
        if len(self._clients) > MOST_CLIENTS:
            self._clients.popitem(last=False)
        self._all = self._counted(self._all, now)

    def _counted(self, held: tuple[float, int] | None, now: float) -> tuple[float, int]:
        if held is None or now - held[0] >= self.window:
            return now, 1
        return held[0], held[1] + 1

    def _hash(self, client: str) -> bytes:
        return hashlib.blake2b(client.encode("utf-8", "replace"), digest_size=12, key=self._key).digest()
