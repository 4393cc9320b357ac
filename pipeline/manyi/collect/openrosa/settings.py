"""The QR code by which ODK Collect sets itself up: its settings as JSON, zlib, base64."""

import base64
import io
import json
import zlib


def settings_text(address: str, project: str) -> str:
    """Return what the QR code holds.

    Parameters
    ----------
    address : str
        Of the server, with the token that stands for name and password.
    project : str
        How the app calls the study.

    Notes
    -----
    The app fetches forms and updates by itself, sends when there is a network and deletes what was sent:
    a phone that is lost or lent then holds no answers. The form of the text is told by ODK's manual,
    "Collect settings as QR code".
    """
    settings = {
        "general": {
            "protocol": "odk_default",
            "server_url": address,
            "form_update_mode": "match_exactly",
            "automatic_update": True,
            "autosend": "wifi_and_cellular",
            "delete_send": True,
        },
        "admin": {},
        "project": {"name": project},
    }
    text = json.dumps(settings, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode("utf-8"))).decode("ascii")


def settings_code(address: str, project: str) -> bytes:
    """Return the QR code as an SVG picture; as :func:`settings_text`."""
    import segno

    picture = io.BytesIO()
    segno.make(settings_text(address, project), micro=False).save(picture, kind="svg", scale=4, border=4)
    return picture.getvalue()
