"""What every reply passes: headers of security, no trace of errors, a log without addresses and tokens."""

import logging
import traceback

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from manyi.collect.server.intake import Intake

LOG = logging.getLogger("manyi.serve")
#: One day: long enough that a browser that once came by HTTPS comes so again.
_STRICT = b"max-age=86400"
POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
FAILED = "Something went wrong here. / 服务器出错。\n"
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), interest-cohort=()"),
)


class Guard:
    """Adds the headers, answers for errors, and logs what was refused or failed.

    Parameters
    ----------
    app : ASGIApp
        What answers.
    intake : Intake
        Answers for the one address that is asked much more often than all others.
    """

    def __init__(self, app: ASGIApp, intake: Intake) -> None:
        self.app = app
        self.intake = intake

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 0

        async def guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *HEADERS]
                if scope.get("scheme") == "https":
                    message["headers"].append((b"strict-transport-security", _STRICT))
            await send(message)

        try:
            answering = self.intake if self.intake.is_asked(scope) else self.app
            await answering(scope, receive, guarded)
        except Exception as error:
            # The words of an error may quote an answer; its kind and place do not.
            last = traceback.extract_tb(error.__traceback__)[-1]
            LOG.error("%s at %s:%s", type(error).__name__, last.filename, last.lineno)
            if status:
                return
            body = FAILED.encode()
            head = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
            await guarded({"type": "http.response.start", "status": 500, "headers": head})
            await guarded({"type": "http.response.body", "body": body})
        finally:
            if status >= 400:
                LOG.info("%s %s %s", status, scope["method"], pattern(scope))


def pattern(scope: Scope) -> str:
    """Return the pattern of a request's path, which holds no token; ``-`` where none fits."""
    endpoint = scope.get("endpoint")
    return str(getattr(endpoint, "shown_as", None) or getattr(endpoint, "__name__", "-"))
