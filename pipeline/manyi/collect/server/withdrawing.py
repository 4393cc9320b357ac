"""Withdrawal: whoever has the receipt can have the answers erased, without saying who they are."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from manyi.collect.server.messages import message, unavailable
from manyi.collect.server.site import Site, as_page
from manyi.collect.server.typed import client_of, typed
from manyi.collect.store import StoreUnavailable


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
        receipt = await typed(self.site, request, "receipt")
        if isinstance(receipt, Response):
            return receipt
        if not receipt.strip():
            return self.ask(request, "receipt_empty", 422)
        try:
            done = await run_in_threadpool(self.site.collection.store.withdraw, receipt)
        except StoreUnavailable as error:
            return unavailable(self.site, request, error.retry_after)
        if not done:
            self.site.attempts.failed(client_of(request))
            return self.ask(request, "receipt_unknown", 422)
        return message(self.site, request, 200, "withdrawn")

    def ask(self, request: Request, error: str = "", status: int = 200) -> Response:
        """Return the page that asks for a receipt."""
        return as_page(request, self.site.own_page(request, "withdraw.html", error=error), status)
