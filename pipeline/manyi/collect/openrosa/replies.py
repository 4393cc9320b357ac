"""Replies in OpenRosa's words: XML, with the headers every one of them carries."""

import tomllib
from functools import cache
from importlib.resources import files
from xml.sax.saxutils import escape

from starlette.responses import Response

from manyi.collect.openrosa.xforms import XForm

#: Bytes of one submission, multipart frame and all; told to apps so that they need not try.
MOST_REQUEST = 1_000_000

HEADERS = {
    "X-OpenRosa-Version": "1.0",
    "X-OpenRosa-Accept-Content-Length": str(MOST_REQUEST),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}
_XML = "text/xml; charset=utf-8"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


@cache
def wordings() -> dict[str, dict[str, str]]:
    """Return the replies' wordings: key -> language -> text."""
    text = files(__package__).joinpath("wording.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def chosen_language(accepted: str, default: str) -> str:
    """Return the language of a reply: the first one known of ``Accept-Language``.

    Examples
    --------
    >>> chosen_language("fr-FR, zh-CN;q=0.8, en;q=0.7", "en"), chosen_language("", "zh")
    ('zh', 'zh')
    """
    for part in accepted.split(","):
        language = part.split(";")[0].strip().split("-")[0].lower()
        if language in ("zh", "en"):
            return language
    return default if default in ("zh", "en") else "en"


def message(status: int, text: str, *, good: bool = False, headers: dict[str, str] | None = None) -> Response:
    """Return a reply that says something to the person at the phone."""
    nature = "submit_success" if good else "error"
    body = (
        f'{_HEAD}<OpenRosaResponse xmlns="http://openrosa.org/http/response">'
        f'<message nature="{nature}">{_escaped(text)}</message></OpenRosaResponse>'
    )
    return Response(body, status, {**HEADERS, **(headers or {})}, _XML)


def form_list(forms: dict[str, XForm], base: str) -> Response:
    """Return the list of forms; ``base`` is the address of the folder it stands in."""
    entries = "".join(
        f"<xform><formID>{_escaped(form.role)}</formID><name>{_escaped(form.title)}</name>"
        f"<version>{_escaped(form.version)}</version><hash>md5:{form.digest}</hash>"
        f"<downloadUrl>{_escaped(f'{base}/forms/{form.role}.xml')}</downloadUrl></xform>"
        for form in forms.values()
    )
    body = f'{_HEAD}<xforms xmlns="http://openrosa.org/xforms/xformsList">{entries}</xforms>'
    return Response(body, 200, HEADERS, _XML)


def manifest() -> Response:
    """Return the list of a form's media files: there are none."""
    body = f'{_HEAD}<manifest xmlns="http://openrosa.org/xforms/xformsManifest"/>'
    return Response(body, 200, HEADERS, _XML)


def form_content(form: XForm) -> Response:
    """Return a form."""
    return Response(form.content, 200, {**HEADERS, "ETag": f'"{form.digest}"'}, _XML)


def _escaped(text: str) -> str:
    """Return a text as XML holds it: without the control characters it knows no way to write."""
    return escape("".join(sign for sign in text if sign.isprintable() or sign in "\n\t"))
