"""The addresses under which a questionnaire is answered; one place says how they are built."""

import ipaddress
from urllib.parse import quote, urlsplit

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


def role_link(base: str, role: str) -> str:
    """Return the address of a role's questionnaire, open to all.

    Examples
    --------
    >>> role_link("https://s.example.org", "nurses")
    'https://s.example.org/f/nurses'
    """
    return f"{base}/f/{quote(role)}"


def site_link(base: str, token: str) -> str:
    """Return the address of the questionnaire of a school or class, which its signed token names.

    Examples
    --------
    >>> site_link("https://s.example.org", "AbC")
    'https://s.example.org/c/AbC'
    """
    return f"{base}/c/{quote(token)}"


def code_link(base: str, code: str = "") -> str:
    """Return the address at which an access code is entered.

    A code stands behind ``#``, which browsers do not send: it comes into no log of any server on the way.

    Examples
    --------
    >>> code_link("https://s.example.org", "0123-4567-89AB-C")
    'https://s.example.org/code#0123-4567-89AB-C'
    """
    return f"{base}/code#{quote(code)}" if code else f"{base}/code"
