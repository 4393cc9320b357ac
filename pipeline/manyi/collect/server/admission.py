"""Ways in: the first page, a role's link, a class's link, a one-time code."""

from dataclasses import replace

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from manyi.collect.server.answering import Answering
from manyi.collect.server.messages import message, unavailable
from manyi.collect.server.site import Site, as_page, preferred
from manyi.collect.server.tickets import CLOSED, Ticket, linked
from manyi.collect.server.typed import client_of, typed
from manyi.collect.store import StoreUnavailable
from manyi_instruments.forms.wording import in_language


class Admission:
    """The addresses by which respondents come in.

    Parameters
    ----------
    site : Site
        What is shown.
    answering : Answering
        Shows the first page of a form.
    """

    def __init__(self, site: Site, answering: Answering) -> None:
        self.site = site
        self.answering = answering

    async def entrance(self, request: Request) -> Response:
        """Show the forms that are open to everyone, and where codes and receipts are entered."""
        language = self.site.language(request)
        roles = self.site.collection.study.definition.roles
        shown = [
            (role, in_language(roles[role].title, language))
            for role in self.site.forms
            if self.site.role(role).open
        ]
        return as_page(request, self.site.own_page(request, "entrance.html", roles=shown))

    async def open_link(self, request: Request) -> Response:
        """Begin a role's form."""
        role = request.path_params["role"]
        if role not in self.site.forms:
            return message(self.site, request, 404, "unknown")
        if not self.site.role(role).open:
            return message(self.site, request, 403, "closed")
        return self.begin(request, Ticket(role))

    async def class_link(self, request: Request) -> Response:
        """Begin a role's form for a school or class."""
        ticket = linked(self.site.seals, request.path_params["token"])
        if ticket is None or ticket.role not in self.site.forms:
            return message(self.site, request, 404, "unknown")
        return self.begin(request, ticket)

    async def code_page(self, request: Request) -> Response:
        """Ask for a code."""
        return self.ask(request)

    async def code(self, request: Request) -> Response:
        """Begin the form that a code admits to; the code is spent when the answers arrive."""
        code = await typed(self.site, request, "code")
        if isinstance(code, Response):
            return code
        if not code.strip():
            return self.ask(request, "code_empty", 422)
        try:
            found = await run_in_threadpool(self.site.collection.store.codes.find, code)
            spent = found is not None and await run_in_threadpool(
                self.site.collection.store.codes.is_spent, found[1]
            )
        except StoreUnavailable as error:
            return unavailable(self.site, request, error.retry_after)
        if found is None or found[0].role not in self.site.forms:
            self.site.attempts.failed(client_of(request))
            return self.ask(request, "code_unknown", 422)
        if spent:
            return self.ask(request, "code_spent", 422)
        admitted, place = found
        return self.begin(request, Ticket(admitted.role, admitted.school, admitted.group, place))

    def ask(self, request: Request, error: str = "", status: int = 200) -> Response:
        """Return the page that asks for a code."""
        return as_page(request, self.site.own_page(request, "code.html", error=error), status)

    def begin(self, request: Request, ticket: Ticket) -> Response:
        """Show what comes first: the gate where there is one, else the introduction."""
        languages = self.site.forms[ticket.role].questionnaire.languages
        language = self.site.language(request)
        if language not in languages or "lang" not in request.query_params:
            language = preferred(request, languages, languages[0])
        sheet = self.site.new_sheet(request, replace(ticket, gate=CLOSED), language)
        return as_page(request, self.answering.first_page(request, sheet))
