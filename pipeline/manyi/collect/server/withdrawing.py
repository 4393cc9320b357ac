"""Withdrawal: whoever has the receipt can have the answers erased, without saying who they are."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from manyi.collect.server.limits import NoForm, TooLarge, fields_of
from manyi.collect.server.messages import message, unavailable
from manyi.collect.server.origin import is_foreign
from manyi.collect.server.site import Site, as_page
from manyi.collect.store import StoreUnavailable

_LONGEST_TYPED = 100


class Withdrawing:
    """The addresses of withdrawal.

    Parameters
    ----------
    site : Site
        Whose answers are withdrawn.
    """

    def __init__(self, site: Site) -> None:
        self.site = site

    async def page(self, request: Request) -> Response:
        """Ask for a receipt."""
        return self.ask(request)

    async def withdraw(self, request: Request) -> Response:
        """Erase the answers that a receipt belongs to."""
        client = request.client.host if request.client else ""
        wait = self.site.attempts.wait(client)
        if wait:
            return message(
                self.site, request, 429, "wait", {"Retry-After": str(wait)}, minutes=-(-wait // 60)
            )
        if is_foreign(request):
            return message(self.site, request, 403, "foreign")
        try:
            fields, _ = await fields_of(request)
        except TooLarge:
            return message(self.site, request, 413, "too_large")
        except NoForm:
            return message(self.site, request, 400, "no_form")
        typed = fields.get("receipt", [""])[0][:_LONGEST_TYPED]
        if not typed.strip():
            return self.ask(request, "receipt_empty", 422)
        try:
            done = await run_in_threadpool(self.site.collection.store.withdraw, typed)
        except StoreUnavailable as error:
            return unavailable(self.site, request, error.retry_after)
        if not done:
            self.site.attempts.failed(client)
            return self.ask(request, "receipt_unknown", 422)
        return message(self.site, request, 200, "withdrawn")

    def ask(self, request: Request, error: str = "", status: int = 200) -> Response:
        """Return the page that asks for a receipt."""
        return as_page(request, self.site.own_page(request, "withdraw.html", error=error), status)
