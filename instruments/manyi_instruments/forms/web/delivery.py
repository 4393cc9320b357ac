"""How pages reach a browser: styles and script inside the page or at an address, and what the page may do."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Literal


@cache
def asset(name: Literal["form.css", "form.js"]) -> str:
    """Return the style sheet or the script, for a server that serves them or a page that holds them."""
    return files(__package__).joinpath("assets", name).read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where a page is sent, and where its styles and script lie.

    Attributes
    ----------
    action : str
        Address the page is posted to; empty: its own.
    stylesheet, script : str
        Addresses of ``form.css`` and ``form.js``, best with a hash in the name; empty: inside the page.
    hidden : Mapping
        Fields posted along, such as a token; names beginning with ``_`` pass :func:`read_page`.
    """

    action: str = ""
    stylesheet: str = ""
    script: str = ""
    hidden: Mapping[str, str] = field(default_factory=dict)


def _source(address: str, name: Literal["form.css", "form.js"]) -> str:
    if address:
        return "'self'"
    digest = base64.b64encode(hashlib.sha256(asset(name).encode()).digest()).decode()
    return f"'sha256-{digest}'"


def content_security_policy(delivery: Delivery | None = None, form_action: str = "'self'") -> str:
    """Return the ``Content-Security-Policy`` of a page: its own styles and script, and nothing else.

    Examples
    --------
    >>> content_security_policy(Delivery(stylesheet="form.css", script="form.js"))[:54]
    "default-src 'none'; style-src 'self'; script-src 'self"
    """
    delivery = delivery or Delivery()
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src {_source(delivery.stylesheet, 'form.css')}",
            f"script-src {_source(delivery.script, 'form.js')}",
            f"form-action {form_action}",
            "base-uri 'none'",
        )
    )
