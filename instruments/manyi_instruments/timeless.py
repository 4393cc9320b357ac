"""Zip packages (``.xlsx``, ``.docx``): the same bytes for the same content, on any day and machine."""

import re
import zipfile
from collections.abc import Callable
from datetime import datetime
from io import BytesIO

#: The time every generated file bears: it says nothing, and the same content gives the same file.
EPOCH = datetime(1980, 1, 1)

_CORE = "docProps/core.xml"
_MOMENTS = re.compile(rb"(<dcterms:(created|modified)\b[^>]*>)[^<]*(</dcterms:(?:created|modified)>)")
#: "Made on Unix" and "everybody may read": Python would write those of the machine.
_UNIX, _READABLE = 3, 0o644 << 16


def add_part(
    package: zipfile.ZipFile, name: str, content: bytes | str, method: int = zipfile.ZIP_DEFLATED
) -> None:
    """Write a part of a package with the time, system and rights that every part has.

    Parameters
    ----------
    package : ZipFile
    name : str
    content : bytes or str
    method : int
        ``ZIP_STORED`` for what is compressed already, such as pictures.
    """
    entry = zipfile.ZipInfo(name, EPOCH.timetuple()[:6])
    entry.compress_type, entry.create_system, entry.external_attr = method, _UNIX, _READABLE
    package.writestr(entry, content)


def without_times(content: bytes, changed: Callable[[str, bytes], bytes] | None = None) -> bytes:
    """Return a package with every time in it set to ``EPOCH``, not the moment of saving.

    Parameters
    ----------
    content : bytes
        An ``.xlsx`` or ``.docx``.
    changed : callable, optional
        ``(name, part) -> part``: what else becomes of each part.
    """
    stamp = EPOCH.strftime("%Y-%m-%dT%H:%M:%SZ").encode("ascii")
    written = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(written, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == _CORE:
                part = _MOMENTS.sub(rb"\g<1>" + stamp + rb"\g<3>", part)
            add_part(new, name, part if changed is None else changed(name, part))
    return written.getvalue()
