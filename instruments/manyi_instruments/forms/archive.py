"""Office files that are the same bytes for the same content."""

import re
import zipfile
from datetime import datetime
from io import BytesIO

#: The time every generated file bears: it says nothing, and the same form gives the same file.
EPOCH = datetime(1980, 1, 1)

_MODIFIED = re.compile(rb"(<dcterms:(created|modified)\b[^>]*>)[^<]*(</dcterms:(?:created|modified)>)")


def without_times(content: bytes) -> bytes:
    """Return an ``.xlsx`` or ``.docx`` with every time set to ``EPOCH``, not the moment of saving."""
    stamp = EPOCH.strftime("%Y-%m-%dT%H:%M:%SZ").encode("ascii")
    written = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "docProps/core.xml":
                part = _MODIFIED.sub(rb"\g<1>" + stamp + rb"\g<3>", part)
            new.writestr(zipfile.ZipInfo(name, EPOCH.timetuple()[:6]), part, zipfile.ZIP_DEFLATED)
    return written.getvalue()
