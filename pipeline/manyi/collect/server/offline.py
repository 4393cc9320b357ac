"""The whole form in one page, for browsers with a script: answered without the network, sent later."""

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from manyi.collect.payload import DEVICES
from manyi.collect.server.answering import SCRIPT_WORDS
from manyi.collect.server.messages import message
from manyi.collect.server.site import (
    AssetName,
    Site,
    as_attribute,
    as_page,
    bundle,
    compressed,
    own_asset,
    own_words,
    root_of,
)
from manyi_instruments.forms.web.pages import WebForm
from manyi_instruments.forms.web.reading import stored_reading
from manyi_instruments.forms.web.rendering import frame_context, introduction_context, page_context

_ASSETS: tuple[AssetName, ...] = ("form.css", "form.js")
_KINDS = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}
#: Its name carries the hash of its content.
_FOR_EVER = "public, max-age=31536000, immutable"


class Offline:
    """Addresses of what a browser keeps.

    Parameters
    ----------
    site : Site
        What is shown.
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self._made: dict[tuple[str, str], str] = {}

    async def whole(self, request: Request) -> Response:
        """Return a role's whole form in all its languages. It holds nothing of the person."""
        role, root = request.path_params["role"], root_of(request)
        form = self.site.forms.get(role)
        if form is None:
            return message(self.site, request, 404, "unknown")
        key = (role, root)
        if key not in self._made:
            self._made[key] = self.made(form, role, root)
        return as_page(request, self._made[key])

    def made(self, form: WebForm, role: str, root: str) -> str:
        """Return the page."""
        delivery = self.site.delivery(root)
        first = form.questionnaire.languages[0]
        # The first language stands last, so that a style can hide it behind the one that is chosen.
        versions = [self.version(form, code, role, root) for code in reversed(form.questionnaire.languages)]
        return self.site.form_page("whole.html", form, first, delivery, versions=versions)

    def version(self, form: WebForm, language: str, role: str, root: str) -> dict[str, Any]:
        """Return what the form in one language shows."""
        pages = []
        for page in form.pages:
            everything = tuple(question.id for question in page.questions)
            reading = replace(stored_reading(form, page, {}), asked=everything)
            context = page_context(form, language, page, {}, reading, prefix=f"{language}-")
            pages.append({**context, "last": page is form.pages[-1]})
        own = own_words(language)
        setup = {
            "step": "whole",
            "root": root,
            "role": role,
            "definition": form.definition,
            "devices": [one for one in DEVICES if one in ("phone", "tablet", "desk")],
            "words": {key: own[key] for key in SCRIPT_WORDS},
        }
        return {
            **frame_context(form, language, None),
            "opening": introduction_context(form, language),
            "pages": pages,
            "own": own,
            "setup": as_attribute(setup),
        }

    async def asset(self, request: Request) -> Response:
        """Return styles or script under the name that carries their hash."""
        for name in _ASSETS:
            told, content = bundle(name)
            if told == request.path_params["name"]:
                body, head = compressed(request, content)
                kind = _KINDS[name.rpartition(".")[2]]
                head = {**head, "Cache-Control": _FOR_EVER, "Vary": "Accept-Encoding"}
                return Response(body, 200, head, kind)
        return message(self.site, request, 404, "unknown")

    async def worker(self, request: Request) -> Response:
        """Return the service worker, which may serve everything below the site's root."""
        head = {"Cache-Control": "no-cache", "Service-Worker-Allowed": f"{root_of(request)}/"}
        return Response(own_asset("worker.js"), 200, head, _KINDS["js"])
