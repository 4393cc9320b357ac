"""The application: every address of the server."""

from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from manyi.collect.collection import Collection
from manyi.collect.openrosa.collectors import COLLECTORS
from manyi.collect.server.admission import Admission
from manyi.collect.server.answering import Answering
from manyi.collect.server.guarding import Guard
from manyi.collect.server.intake import PATH, Intake
from manyi.collect.server.live import Live
from manyi.collect.server.messages import message
from manyi.collect.server.offline import Offline
from manyi.collect.server.site import Site
from manyi.collect.server.withdrawing import Withdrawing

Endpoint = Callable[[Request], Awaitable[Response]]


def collection_app(collection: Collection) -> Starlette:
    """Return the server of a collection, as an ASGI application.

    Parameters
    ----------
    collection : Collection
        What is asked, and where answers go. The application closes neither store nor writer.

    Returns
    -------
    Starlette
        It keeps nothing between requests but counts of failed attempts, and may lie below a path of its own
        (``root_path``). Phones with ODK Collect are served below ``/odk`` where the study has accounts for
        them.
    """
    site = Site(collection)
    answering, intake = Answering(site), Intake(site)
    admission = Admission(site, answering)
    offline, withdrawing, live = Offline(site), Withdrawing(site), Live(site)

    async def wrong(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        key = {404: "unknown", 405: "method"}.get(status, "no_form")
        head = dict(error.headers or {}) if isinstance(error, HTTPException) else None
        return message(site, request, status, key, head)

    async def health(request: Request) -> Response:
        return Response("ok\n", media_type="text/plain")

    routes: list[BaseRoute] = [
        Route(PATH, intake, methods=["POST"]),
        _route("GET", "/", admission.entrance),
        _route("GET", "/f/{role}", admission.open_link),
        _route("POST", "/f/{role}", answering.post),
        _route("GET", "/c/{token}", admission.class_link),
        _route("GET", "/code", admission.code_page),
        _route("POST", "/code", admission.code),
        _route("GET", "/w/{role}", offline.whole),
        _route("GET", "/withdraw", withdrawing.page),
        _route("POST", "/withdraw", withdrawing.withdraw),
        _route("GET", "/live/{token}", live.page),
        _route("GET", "/live/{token}/progress.csv", live.table),
        _route("GET", "/assets/{name}", offline.asset),
        _route("GET", "/worker.js", offline.worker),
        _route("GET", "/health", health),
    ]
    if (collection.study.path / COLLECTORS).is_file():
        from manyi.collect.openrosa.routes import routes as openrosa

        routes.append(Mount("/odk", routes=openrosa(collection)))
    handlers = {HTTPException: wrong}
    return Starlette(
        routes=routes, middleware=[Middleware(Guard, intake=intake)], exception_handlers=handlers
    )


def _route(method: str, path: str, endpoint: Endpoint) -> Route:
    """Return a route that the log names by its pattern."""

    async def named(request: Request) -> Response:
        return await endpoint(request)

    named.shown_as = path  # type: ignore[attr-defined]
    return Route(path, named, methods=[method])
