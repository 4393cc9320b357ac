"""The live page: how collection goes, for those who have its address."""

import csv
import io
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from manyi.collect.payload import read_payload
from manyi.collect.server.messages import message, unavailable
from manyi.collect.server.progress import Cell, Row, Tally, progress
from manyi.collect.server.site import Site, as_page
from manyi.collect.store import Kept, Standing, StoreUnavailable
from manyi_instruments.faults import AnswersFaulty
from manyi_instruments.forms.wording import in_language

#: Seconds after which the answers are looked at again, and how many times longer than looking took.
AT_LEAST, TIMES = 5.0, 20.0
HEADINGS = ("role", "school", "class", "received", "expected", "median_minutes", "flagged_share", "hidden")
_STANDINGS = (Standing.accepted, Standing.aside, Standing.conflict, Standing.code_spent)
#: What a spreadsheet takes for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(slots=True)
class _Held:
    """What was found of one role, at which state of the store, and when it is looked at again."""

    state: str
    tallies: dict[Cell, Tally]
    again: float


class Live:
    """The addresses of the live page.

    Parameters
    ----------
    site : Site
        What is collected.
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self._held: dict[str, _Held] = {}
        self._looking = threading.Lock()

    async def page(self, request: Request) -> Response:
        """Return the page."""
        return await self.answer(request, self.as_html)

    async def table(self, request: Request) -> Response:
        """Return the same as CSV."""
        return await self.answer(request, lambda request, rows: as_csv(rows))

    async def answer(self, request: Request, shown: Callable[[Request, list[Row]], Response]) -> Response:
        """Return the rows as asked, to those who have the token."""
        if not self.site.seals.is_token("live", request.path_params["token"]):
            return message(self.site, request, 404, "unknown")
        try:
            rows = await run_in_threadpool(self.rows)
        except StoreUnavailable as error:
            return unavailable(self.site, request, error.retry_after)
        return shown(request, rows)

    def as_html(self, request: Request, rows: list[Row]) -> Response:
        """Return the rows as a page."""
        language = self.site.language(request)
        definition = self.site.collection.study.definition
        titles = {role: in_language(one.title, language) for role, one in definition.roles.items()}
        html = self.site.own_page(
            request,
            "live.html",
            rows=rows,
            titles=titles,
            least=definition.analysis.minimum_cell,
            now=f"{datetime.now(UTC):%Y-%m-%d %H:%M}",
        )
        return as_page(request, html, headers={"Cache-Control": "no-store"})

    # --- looking

    def rows(self) -> list[Row]:
        """Return the rows as they are now, or were a little ago where looking takes long."""
        study = self.site.collection.study.definition
        expected: dict[Cell, int] = dict(self.site.collection.store.codes.issued())
        for role, one in study.roles.items():
            if one.issued is not None:
                expected[role, "", ""] = one.issued
        tallies: dict[Cell, Tally] = {}
        with self._looking:
            for role in self.site.forms:
                expected.setdefault((role, "", ""), 0)
                tallies |= self.tallies(role)
        found = {cell: n for cell, n in expected.items() if n or cell[1] or cell[2]}
        for role in self.site.forms:
            tallies.setdefault((role, "", ""), Tally(0, 0, 0, []))
        return progress(tallies, found, study.analysis.minimum_cell)

    def tallies(self, role: str) -> dict[Cell, Tally]:
        """Return what is known of a role's answers."""
        held = self._held.get(role)
        began = time.monotonic()
        if held is not None and began < held.again:
            return held.tallies
        store = self.site.collection.store
        state = store.state(role)
        if held is None or state != held.state:
            tallies: dict[Cell, Tally] = {}
            for kept in store.kept(role, _STANDINGS):
                self.count(tallies.setdefault((role, kept.school, kept.group), Tally(0, 0, 0, [])), kept)
            held = _Held(state, tallies, 0.0)
        now = time.monotonic()
        held.again = now + (max(AT_LEAST, TIMES * (now - began)) if now - began > 0.2 else 0)
        self._held[role] = held
        return held.tallies

    def count(self, tally: Tally, kept: Kept) -> None:
        """Add one row of the store to what is known of its group."""
        if kept.standing is not Standing.accepted:
            tally.aside += 1
            return
        tally.accepted += 1
        try:
            payload = read_payload(kept.payload)
        except AnswersFaulty:
            # Written by another program; it counts all the same.
            return
        if not payload.seconds:
            return
        seconds = float(sum(payload.seconds.values()))
        tally.seconds.append(seconds)
        rule = self.site.collection.study.definition.cleaning.rules.too_fast
        per_item = len(payload.answers) * (rule.seconds_per_item or 0) if rule else 0
        if rule and seconds < max(per_item, rule.seconds or 0):
            tally.fast += 1


def as_csv(rows: list[Row]) -> Response:
    """Return rows as CSV that no spreadsheet takes for formulas."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(HEADINGS)
    for row in rows:
        minutes = None if row.seconds is None else round(row.seconds / 60, 2)
        share = None if row.flagged is None else round(row.flagged, 4)
        numbers = (row.received, row.expected, minutes, share, int(row.hidden))
        names = (_cell(text) for text in (row.role, row.school, row.group))
        writer.writerow([*names, *("" if number is None else number for number in numbers)])
    head = {"Cache-Control": "no-store", "Content-Disposition": 'attachment; filename="progress.csv"'}
    return Response(file.getvalue().encode("utf-8-sig"), 200, head, "text/csv; charset=utf-8")


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
