"""Pages that only say something: not found, wrong link, too large, try later."""

from starlette.requests import Request
from starlette.responses import Response

from manyi.collect.server.site import Site, as_page


def message(
    site: Site,
    request: Request,
    status: int,
    key: str,
    headers: dict[str, str] | None = None,
    **details: object,
) -> Response:
    """Return a page with a title, a few words, and the way on.

    Parameters
    ----------
    site, request
        Where and for whom.
    status : int
        Of the reply.
    key : str
        ``KEY_title`` and ``KEY_text`` of the wordings.
    headers : dict, optional
        Of the reply.
    details
        Placeholders of the text.
    """
    html = site.own_page(request, "message.html", key=key, details=details)
    return as_page(request, html, status, headers)


def unavailable(site: Site, request: Request, seconds: int) -> Response:
    """Return what is said while the store takes nothing in: everything is still on the page before."""
    return message(site, request, 503, "unavailable", {"Retry-After": str(seconds)}, seconds=seconds)
