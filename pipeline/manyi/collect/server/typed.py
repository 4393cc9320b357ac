"""What a person types to be let in or to withdraw: a code, a receipt."""

from starlette.requests import Request
from starlette.responses import Response

from manyi.collect.server.limits import NoForm, TooLarge, fields_of
from manyi.collect.server.messages import message
from manyi.collect.server.origin import is_foreign
from manyi.collect.server.site import Site

#: Characters as typed that are looked at.
_LONGEST_TYPED = 100


def client_of(request: Request) -> str:
    """Return the address whose failed attempts are counted."""
    return request.client.host if request.client else ""


async def typed(site: Site, request: Request, field: str) -> str | Response:
    """Return what stands in a field of the page sent, or the reply to a client that may not try.

    Parameters
    ----------
    site, request
        Where and for whom.
    field : str
        Of the page.
    """
    wait = site.attempts.wait(client_of(request))
    if wait:
        return message(site, request, 429, "wait", {"Retry-After": str(wait)}, minutes=-(-wait // 60))
    if is_foreign(request):
        return message(site, request, 403, "foreign")
    try:
        fields, _ = await fields_of(request)
    except TooLarge:
        return message(site, request, 413, "too_large")
    except NoForm:
        return message(site, request, 400, "no_form")
    return fields.get(field, [""])[0][:_LONGEST_TYPED]
