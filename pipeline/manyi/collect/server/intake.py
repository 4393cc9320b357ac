"""``POST /api/submissions``: answer sheets that a script sends, at once or when the network is back.

The body is the payload and nothing else, so that it is read once and kept as it came. What belongs to it
stands in headers that no other site's page may send: id, ticket, and whether it lay in the browser's queue.
"""

import json
import re
from collections.abc import Sequence
from functools import lru_cache

from starlette.types import Receive, Scope, Send

from manyi.collect.payload import MOST_BYTES, read_payload
from manyi.collect.server.limits import NoForm, TooLarge, body_from
from manyi.collect.server.origin import comes_from_elsewhere
from manyi.collect.server.site import Site
from manyi.collect.server.tickets import Ticket, opened_ticket
from manyi.collect.store import Outcome, Standing, StoreUnavailable, SubmissionUnfit
from manyi_instruments.faults import AnswersFaulty, Fault

PATH = "/api/submissions"
ID_HEADER, TICKET_HEADER, QUEUED_HEADER = b"x-manyi-id", b"x-manyi-ticket", b"x-manyi-queued"
#: At least as many signs as 96 bits in base 64 have.
_ID = re.compile(rb"[A-Za-z0-9_-]{16,64}")
#: A role's link gives everyone the same ticket.
_TICKETS_KEPT = 4096
_STATUS = {
    Standing.accepted: 201,
    Standing.repeated: 200,
    Standing.aside: 202,
    Standing.conflict: 409,
    Standing.code_spent: 409,
    Standing.withdrawn: 410,
}
#: Status, body, and the seconds after which to come again.
Reply = tuple[int, str, int]


class Intake:
    """The address that scripts send answers to: an ASGI application, so that a sheet costs little.

    Parameters
    ----------
    site : Site
        Whose answers they are.
    """

    shown_as = PATH

    def __init__(self, site: Site) -> None:
        self.site = site

        @lru_cache(maxsize=_TICKETS_KEPT)
        def ticket(sealed: bytes) -> Ticket | None:
            return opened_ticket(site.seals, sealed.decode("latin-1"))

        self.ticket = ticket

    def is_asked(self, scope: Scope) -> bool:
        """Return whether a request is for this address."""
        path: str = scope["path"]
        if not path.endswith(PATH) or scope["method"] != "POST":
            return False
        return path == PATH or path == str(scope.get("root_path", "")).rstrip("/") + PATH

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        scope["endpoint"] = self
        status, body, again = await self.take(dict(scope["headers"]), receive)
        content = body.encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(content)),
            (b"cache-control", b"no-store"),
        ]
        if again:
            headers.append((b"retry-after", b"%d" % again))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    async def take(self, headers: dict[bytes, bytes], receive: Receive) -> Reply:
        """Take one answer sheet in; anything but 4xx and 5xx means that it is on disk."""
        if comes_from_elsewhere(*(headers.get(name) for name in (b"sec-fetch-site", b"origin", b"host"))):
            return _problem(403, "foreign")
        if headers.get(b"content-type", b"").partition(b";")[0].strip().lower() != b"application/json":
            return _problem(415, "not-json")
        name = headers.get(ID_HEADER, b"")
        if not _ID.fullmatch(name):
            return _problem(422, "id")
        ticket = self.ticket(headers.get(TICKET_HEADER, b""))
        if ticket is None or self.site.is_gated(ticket):
            return _problem(403, "ticket")
        try:
            payload = read_payload(await body_from(headers.get(b"content-length", b""), receive, MOST_BYTES))
        except TooLarge:
            return _problem(413, "too-large")
        except NoForm:
            return _problem(400, "incomplete")
        except AnswersFaulty as error:
            return _problem(422, "payload", error.faults)
        submission, faults = self.site.collection.submission(
            name.decode(), ticket.role, payload, ticket.school, ticket.group, ticket.code
        )
        if faults and headers.get(QUEUED_HEADER) != b"1":
            # The person is still there and can correct it. Who has left cannot: then it is kept aside.
            return _problem(422, "answers", faults)
        try:
            outcome = await self.site.collection.writer.take_in(submission)
        except StoreUnavailable as error:
            return _problem(503, error.code, again=error.retry_after)
        except SubmissionUnfit:
            return _problem(422, "unfit")
        return told(outcome)


def told(outcome: Outcome) -> Reply:
    """Return what became of a sheet, as JSON."""
    # Standing and receipt are of letters, digits and dashes.
    body = f'{{"standing":"{outcome.standing}","receipt":"{outcome.receipt}"}}'
    return _STATUS[outcome.standing], body, 0


def _problem(status: int, problem: str, faults: Sequence[Fault] = (), again: int = 0) -> Reply:
    # Only which field and which fault: an answer is not repeated.
    named = [{"field": fault.place.field, "code": fault.code} for fault in faults[:50]]
    return status, json.dumps({"problem": problem, "faults": named}, ensure_ascii=True), again
