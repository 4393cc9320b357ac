"""Whether a request comes from the server's own pages."""

from starlette.requests import Request


def is_foreign(request: Request) -> bool:
    """Return whether another site's page sent a request: :func:`comes_from_elsewhere`."""
    told = (request.headers.get(name) for name in ("sec-fetch-site", "origin", "host"))
    return comes_from_elsewhere(*(None if one is None else one.encode("latin-1") for one in told))


def comes_from_elsewhere(site: bytes | None, origin: bytes | None, host: bytes | None) -> bool:
    """Return whether another site's page sent a request.

    Parameters
    ----------
    site, origin, host : bytes or None
        The headers ``Sec-Fetch-Site``, ``Origin`` and ``Host``.

    Notes
    -----
    ``Sec-Fetch-Site`` decides where the browser tells it. Older ones tell ``Origin``, which is ``null`` for
    pages that, as ours, have the referrer policy ``no-referrer``. There are no cookies or passwords that a
    browser would add by itself, so this is a second lock only.

    Examples
    --------
    >>> comes_from_elsewhere(b"cross-site", None, b"a.cn")
    True
    >>> comes_from_elsewhere(None, b"http://a.cn", b"a.cn")
    False
    """
    if site is not None:
        return site not in (b"same-origin", b"none")
    return origin not in (None, b"null") and (origin or b"").partition(b"://")[2] != host
