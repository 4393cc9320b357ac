"""A form answered page by page: every page is posted, checked and followed by the next."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from manyi.collect.payload import Payload, sheet_answers
from manyi.collect.server.limits import NoForm, TooLarge, fields_of
from manyi.collect.server.messages import message, unavailable
from manyi.collect.server.origin import is_foreign
from manyi.collect.server.site import Site, as_attribute, as_page, own_words, root_of
from manyi.collect.server.tickets import (
    CLOSED,
    GUARDIAN,
    PASSED,
    Sheet,
    opened_receipt,
    opened_sheet,
    sealed_receipt,
    sealed_sheet,
    sealed_ticket,
)
from manyi.collect.store import Standing, StoreUnavailable, SubmissionUnfit
from manyi_instruments.forms.web.completing import complete
from manyi_instruments.forms.web.fields import GO_FIELD, LANGUAGE_FIELD, PAGE_FIELD
from manyi_instruments.forms.web.pages import Page, WebForm, next_page, previous_page
from manyi_instruments.forms.web.reading import Reading, read_page, stored_reading
from manyi_instruments.forms.web.rendering import introduction_context, page_context

Fields = Mapping[str, list[str]]
#: Requests whose moment is remembered, so that a second click tells the same duration.
MOST_MOMENTS = 4096
#: Seconds on one page that count; longer, nobody was at it.
LONGEST_STAY = 86_400
#: Words the script puts into a page.
SCRIPT_WORDS = (
    "continue_draft",
    "draft_from",
    "script_refused",
    "script_conflict",
    "script_failed",
    "received_code_spent",
)


class Answering:
    """The addresses that pages of forms are posted to.

    Parameters
    ----------
    site : Site
        What is shown.
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self._moments: OrderedDict[bytes, int] = OrderedDict()

    async def post(self, request: Request) -> Response:
        """Take a page and show what comes next."""
        if is_foreign(request):
            return message(self.site, request, 403, "foreign")
        form = self.site.forms.get(request.path_params["role"])
        if form is None:
            return message(self.site, request, 404, "unknown")
        try:
            fields, body = await fields_of(request)
        except TooLarge:
            return message(self.site, request, 413, "too_large")
        except NoForm:
            return message(self.site, request, 400, "no_form")
        done = opened_receipt(self.site.seals, _only(fields, "_done"))
        if done is not None and done[0] == request.path_params["role"]:
            language = _language(form, fields, form.questionnaire.languages[0])
            return self.thanks(request, form, language, Standing(done[2]), *done[:2])
        sheet = opened_sheet(self.site.seals, _only(fields, "_sheet"))
        if sheet is None or sheet.ticket.role != request.path_params["role"]:
            return message(self.site, request, 400, "no_form")
        if sheet.definition != form.definition:
            return message(self.site, request, 409, "changed")
        sheet = replace(sheet, language=_language(form, fields, sheet.language))
        if self.site.is_gated(sheet.ticket):
            return self.gate(request, sheet, fields)
        return await self.page(request, form, sheet, fields, body)

    # --- before the form

    def first_page(self, request: Request, sheet: Sheet) -> str:
        """Return the gate where there is one, else the introduction."""
        form = self.site.forms[sheet.ticket.role]
        if self.site.is_gated(sheet.ticket):
            delivery = self.site.delivery(
                root_of(request), f"/f/{sheet.ticket.role}", sheet=sealed_sheet(self.site.seals, sheet)
            )
            introduction = introduction_context(form, sheet.language)
            step = "guardian" if sheet.ticket.gate == CLOSED else "child"
            return self.site.form_page(
                "gate.html", form, sheet.language, delivery, **introduction, step=step, missing=False
            )
        return self.introduction(request, form, sheet)

    def gate(self, request: Request, sheet: Sheet, fields: Fields) -> Response:
        """Let through whoever agrees: first a guardian, then the child."""
        said = _only(fields, "_gate")
        if LANGUAGE_FIELD in fields or said not in ("agree", "decline"):
            return as_page(request, self.first_page(request, sheet))
        form = self.site.forms[sheet.ticket.role]
        if said == "decline":
            delivery = self.site.delivery(root_of(request), f"/f/{sheet.ticket.role}")
            html = self.site.form_page("declined.html", form, sheet.language, delivery, page=None)
            return as_page(request, html)
        if sheet.ticket.gate == CLOSED and _only(fields, "_agree") != "yes":
            delivery = self.site.delivery(
                root_of(request), f"/f/{sheet.ticket.role}", sheet=sealed_sheet(self.site.seals, sheet)
            )
            told = introduction_context(form, sheet.language)
            html = self.site.form_page(
                "gate.html", form, sheet.language, delivery, **told, step="guardian", missing=True
            )
            return as_page(request, html, 422)
        passed = GUARDIAN if sheet.ticket.gate == CLOSED else PASSED
        ticket = replace(sheet.ticket, gate=passed)
        return as_page(request, self.first_page(request, replace(sheet, ticket=ticket)))

    def introduction(self, request: Request, form: WebForm, sheet: Sheet) -> str:
        """Return the introduction; the script goes on from here without the server where there is one."""
        root, role = root_of(request), sheet.ticket.role
        hidden = {
            "sheet": sealed_sheet(self.site.seals, sheet),
            "ticket": sealed_ticket(self.site.seals, sheet.ticket),
        }
        own = own_words(sheet.language)
        setup = {
            "step": "start",
            "root": root,
            "role": role,
            "definition": form.definition,
            "words": {key: own[key] for key in SCRIPT_WORDS},
        }
        delivery = self.site.delivery(root, f"/f/{role}", **hidden)
        told = introduction_context(form, sheet.language)
        return self.site.form_page(
            "start.html", form, sheet.language, delivery, **told, setup=as_attribute(setup)
        )

    # --- the form

    async def page(
        self, request: Request, form: WebForm, sheet: Sheet, fields: Fields, body: bytes
    ) -> Response:
        """Read a page, and show it again, the one before, the next one, or the receipt."""
        number = _number(_only(fields, PAGE_FIELD), len(form.pages))
        moment = self.moment(body)
        reading: Reading | None = None
        if number:
            page = form.pages[number - 1]
            reading = read_page(form, page, fields, sheet.answers)
            section = page.part.name
            spent = min(max(moment - sheet.at, 0), LONGEST_STAY)
            sheet = replace(
                sheet,
                answers=reading.merged(form, page, sheet.answers),
                seconds={**sheet.seconds, section: sheet.seconds.get(section, 0) + spent},
            )
        sheet = replace(sheet, at=moment)
        if LANGUAGE_FIELD in fields:
            return self.shown(request, form, sheet, number, reading.quiet() if reading else None)
        if _only(fields, GO_FIELD) == "back":
            earlier = previous_page(form, sheet.answers, number)
            return self.shown(request, form, sheet, earlier.number if earlier else 0)
        if reading is not None and not reading.complete:
            return self.shown(request, form, sheet, number, reading)
        later = next_page(form, sheet.answers, number)
        if later is not None:
            return self.shown(request, form, sheet, later.number)
        return await self.finished(request, form, sheet)

    def shown(
        self, request: Request, form: WebForm, sheet: Sheet, number: int, reading: Reading | None = None
    ) -> Response:
        """Return a page of questions, or the introduction for 0."""
        if number == 0:
            return as_page(request, self.introduction(request, form, sheet))
        page: Page = form.pages[number - 1]
        found = reading or stored_reading(form, page, sheet.answers)
        told = page_context(form, sheet.language, page, sheet.answers, found)
        action = f"/f/{sheet.ticket.role}"
        delivery = self.site.delivery(root_of(request), action, sheet=sealed_sheet(self.site.seals, sheet))
        return as_page(request, self.site.form_page("page.html", form, sheet.language, delivery, **told))

    async def finished(self, request: Request, form: WebForm, sheet: Sheet) -> Response:
        """Take the answers in once all pages are complete; the receipt is shown when they are on disk."""
        whole = complete(form, sheet.answers)
        if whole.unfinished:
            page = whole.unfinished[0]
            return self.shown(request, form, sheet, page.number)
        role = sheet.ticket.role
        payload = Payload(
            answers=sheet_answers(form.questionnaire, whole.answers),
            form=form.definition,
            language=sheet.language,
            device=sheet.device,
            started=f"{datetime.fromtimestamp(sheet.started, UTC):%Y-%m-%dT%H:%MZ}",
            seconds=sheet.seconds,
        )
        ticket = sheet.ticket
        submission, _ = self.site.collection.submission(
            sheet.id, role, payload, ticket.school, ticket.group, ticket.code
        )
        try:
            outcome = await self.site.collection.writer.take_in(submission)
        except StoreUnavailable as error:
            return unavailable(self.site, request, error.retry_after)
        except SubmissionUnfit:
            return message(self.site, request, 422, "unfit")
        return self.thanks(request, form, sheet.language, outcome.standing, role, outcome.receipt)

    def thanks(
        self, request: Request, form: WebForm, language: str, standing: Standing, role: str, receipt: str
    ) -> Response:
        """Return the last page; the browser is told to forget the pages before it."""
        delivery = self.site.delivery(
            root_of(request), f"/f/{role}", done=sealed_receipt(self.site.seals, role, receipt, standing)
        )
        html = self.site.form_page(
            "received.html", form, language, delivery, page=None, receipt=receipt, standing=str(standing)
        )
        status = 409 if standing in (Standing.conflict, Standing.code_spent) else 200
        return as_page(request, html, status, {"Clear-Site-Data": '"cache"', "Cache-Control": "no-store"})

    def moment(self, body: bytes) -> int:
        """Return when a request came first: a second click is the same answer, not another one."""
        key = hashlib.sha256(body).digest()
        found = self._moments.setdefault(key, int(time.time()))
        if len(self._moments) > MOST_MOMENTS:
            self._moments.popitem(last=False)
        return found


def _only(fields: Fields, name: str) -> str:
    return fields.get(name, [""])[0]


def _language(form: WebForm, fields: Fields, held: str) -> str:
    wanted = _only(fields, LANGUAGE_FIELD)
    return wanted if wanted in form.questionnaire.languages else held


def _number(told: str, most: int) -> int:
    return int(told) if told.isascii() and told.isdigit() and len(told) < 6 and int(told) <= most else 0
