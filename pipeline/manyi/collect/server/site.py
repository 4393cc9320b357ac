"""The site: a collection made ready to be shown, and what every page of it needs."""

import gzip
import hashlib
import json
import secrets
import time
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from jinja2 import ChoiceLoader, Environment, PackageLoader
from starlette.requests import Request
from starlette.responses import Response

from manyi.collect.collection import Collection
from manyi.collect.server.limits import Attempts
from manyi.collect.server.seals import Seals
from manyi.collect.server.tickets import PASSED, Sheet, Ticket
from manyi.study.collection_plan import CollectedRole
from manyi_instruments.forms.web.delivery import Delivery, asset
from manyi_instruments.forms.web.pages import WebForm, web_form
from manyi_instruments.forms.web.rendering import Saying, direction, environment, frame_context
from manyi_instruments.forms.wording import in_language, language_name, words, words_language

#: Pages are asked for anew, but may stand in the browser's memory: the back button works.
NO_CACHE = "private, no-cache"
#: Failed attempts with codes and receipts in ten minutes: of one client, of all.
EACH, ALTOGETHER, WINDOW = 30, 3000, 600.0
#: Shorter pages are not compressed.
_SMALL = 800

AssetName = Literal["form.css", "form.js"]


@cache
def own_asset(name: str) -> str:
    """Return a file of the server's own."""
    return files(__package__).joinpath("assets", name).read_text(encoding="utf-8")


@cache
def bundle(name: AssetName) -> tuple[str, bytes]:
    """Return what a browser loads under a name: the name with a hash, and the content.

    The form's own script or styles, and behind them the server's.
    """
    beside = {"form.css": "collect.css", "form.js": "collect.js"}[name]
    content = f"{asset(name)}\n{own_asset(beside)}".encode()
    stem, _, ending = name.rpartition(".")
    return f"{stem}-{hashlib.sha256(content).hexdigest()[:12]}.{ending}", content


@cache
def _wordings() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(files(__package__).joinpath("wording.toml").read_text(encoding="utf-8"))


def own_words(language: str) -> Mapping[str, str]:
    """Return the server's own words in a language, beside those of the forms.

    Examples
    --------
    >>> own_words("zh-Hans")["code_label"], own_words("sw")["code_label"]
    ('填答码', 'Access code')
    """
    return _wordings()[words_language(language)]


@cache
def templates() -> Environment:
    """Return the templates of the forms and of the server."""
    own = PackageLoader("manyi.collect.server")
    theirs = environment()
    loaders = [own] if theirs.loader is None else [own, theirs.loader]
    return theirs.overlay(loader=ChoiceLoader(loaders))


class Site:
    """A collection as it is shown.

    Parameters
    ----------
    collection : Collection
        What is asked, and where answers go.
    """

    def __init__(self, collection: Collection) -> None:
        self.collection = collection
        self.seals = Seals(collection.store.key)
        self.forms = {role: web_form(form.questionnaire) for role, form in collection.forms.items()}
        self.attempts = Attempts(EACH, ALTOGETHER, WINDOW)
        self._plan = collection.study.definition.collection.roles

    def role(self, role: str) -> CollectedRole:
        """Return how respondents of a role come to their form."""
        return self._plan.get(role) or CollectedRole()

    def is_gated(self, ticket: Ticket) -> bool:
        """Return whether somebody still has to agree before a ticket admits to the form."""
        return self.role(ticket.role).gate is not None and ticket.gate != PASSED

    def new_sheet(self, request: Request, ticket: Ticket, language: str) -> Sheet:
        """Return a sheet nobody has written on."""
        mobile = request.headers.get("sec-ch-ua-mobile", "")
        now = int(time.time())
        definition = self.forms[ticket.role].definition
        return Sheet(
            secrets.token_hex(16),
            ticket,
            definition,
            language,
            started=now,
            at=now,
            device={"?1": "phone", "?0": "desk"}.get(mobile, ""),
        )

    # --- pages

    def delivery(self, root: str, action: str = "", **hidden: str) -> Delivery:
        """Return where a page is sent and its styles and script lie."""
        return Delivery(
            action=f"{root}{action}" if action else "",
            stylesheet=f"{root}/assets/{bundle('form.css')[0]}",
            script=f"{root}/assets/{bundle('form.js')[0]}",
            hidden={f"_{name}": value for name, value in hidden.items()},
        )

    def form_page(
        self, template: str, form: WebForm, language: str, delivery: Delivery, /, **context: object
    ) -> str:
        """Return a page within a questionnaire's frame."""
        told = frame_context(form, language, delivery)
        return self.filled(template, language, **{**told, **context})

    def own_page(self, request: Request, template: str, /, **context: object) -> str:
        """Return a page that belongs to no questionnaire."""
        language = self.language(request)
        root = root_of(request)
        study = self.collection.study.definition
        told = {
            "name": in_language(study.title, language),
            "language": language,
            "direction": direction(language),
            "delivery": self.delivery(root),
            "languages": [(code, language_name(code)) for code in ("zh", "en")],
            "plain": words(language),
            "say": Saying(language),
            "root": root,
            "here": f"{root}{request.url.path.removeprefix(root)}",
        }
        return self.filled(template, language, **{**told, **context})

    def filled(self, template: str, language: str, /, **context: object) -> str:
        """Return a template with what it shows."""
        return templates().get_template(template).render(own=own_words(language), **context)

    def language(self, request: Request) -> str:
        """Return the language of the server's own pages: as asked for in the address, else the browser's."""
        known = ("zh", "en")
        asked = request.query_params.get("lang", "")
        return (
            asked if asked in known else preferred(request, known, self.collection.study.definition.language)
        )


def preferred(request: Request, known: tuple[str, ...], default: str) -> str:
    """Return the first language of ``Accept-Language`` that is known."""
    for part in request.headers.get("accept-language", "")[:200].split(","):
        told = part.partition(";")[0].strip()
        for code in known:
            if told and code.lower() == told.lower():
                return code
        for code in known:
            if told and code.partition("-")[0].lower() == told.partition("-")[0].lower():
                return code
    return default if default in known else known[0]


def root_of(request: Request) -> str:
    """Return the path below which the site lies: empty, or ``/survey``."""
    return str(request.scope.get("root_path", "")).rstrip("/")


def as_page(
    request: Request, html: str, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a page, compressed where the browser takes it."""
    head = {"Cache-Control": NO_CACHE, "Vary": "Accept-Encoding, Accept-Language", **(headers or {})}
    content, told = compressed(request, html.encode())
    return Response(content, status, {**head, **told}, "text/html; charset=utf-8")


def compressed(request: Request, content: bytes) -> tuple[bytes, dict[str, str]]:
    """Return content as the browser takes it, and the header that says so."""
    if len(content) < _SMALL or "gzip" not in request.headers.get("accept-encoding", ""):
        return content, {}
    return _gzipped(content), {"Content-Encoding": "gzip"}


def _gzipped(content: bytes) -> bytes:
    return gzip.compress(content, 6, mtime=0)


def as_attribute(value: Any) -> str:
    """Return JSON without blanks, for a data attribute."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
