"""The addresses under which a questionnaire is answered; one place says how they are built."""

import ipaddress
from urllib.parse import quote, urlencode, urlsplit

from manyi_instruments.faults import Fault, ManyiError


def base_address(typed: str) -> str:
    """Return the address of the server without a slash at its end.

    Raises
    ------
    ManyiError
        ``pack-address`` where it is no plain address of a web server.

    Examples
    --------
    >>> base_address("https://survey.example.org/county/")
    'https://survey.example.org/county'
    """
    try:
        parts = urlsplit(typed.strip())
        plain = (
            parts.scheme in ("http", "https") and parts.hostname and not parts.query and not parts.fragment
        )
    except ValueError:
        plain = False
    if not plain or parts.username is not None or any(sign.isspace() for sign in typed.strip()):
        raise ManyiError(Fault("pack-address", details={"address": typed}))
    return typed.strip().rstrip("/")


def is_open_to_readers(address: str) -> bool:
    """Return whether others on the way can read answers: neither encrypted nor in one's own network.

    Examples
    --------
    >>> is_open_to_readers("http://survey.example.org"), is_open_to_readers("http://192.168.1.5:8000")
    (True, False)
    """
    parts = urlsplit(address)
    if parts.scheme == "https" or parts.hostname == "localhost":
        return False
    try:
        return not ipaddress.ip_address(parts.hostname or "").is_private
    except ValueError:
        return True


def answer_link(base: str, role: str, *, school: str = "", group: str = "", code: str = "") -> str:
    """Return the address of a role's questionnaire.

    A code stands behind ``#``, which browsers do not send: it comes into no log of any server on the way. It
    stands for role, school and class, so that these are left out.

    Parameters
    ----------
    base : str
        As `base_address` returns it.
    role : str
        Whose questionnaire.
    school, group, code : str
        Of those who answer there; empty where it is open to all.

    Examples
    --------
    >>> answer_link("https://s.example.org", "nurses", school="0102", group="3班")
    'https://s.example.org/nurses?school=0102&class=3%E7%8F%AD'
    >>> answer_link("https://s.example.org", "nurses", school="0102", code="0123-4567-89AB-C")
    'https://s.example.org/nurses#0123-4567-89AB-C'
    """
    link = f"{base}/{quote(role)}"
    if code:
        return f"{link}#{quote(code)}"
    told = {"school": school, "class": group}
    query = urlencode({key: value for key, value in told.items() if value})
    return f"{link}?{query}" if query else link
