"""The one catalogue of faults: a TOML file an area beside this module, an entry a fault."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Entry:
    """The wording of one fault in one language, with ``{detail}`` placeholders."""

    what: str
    why: str
    remedy: str


@cache
def wordings() -> Mapping[str, Mapping[str, Entry]]:
    """Return every fault's wording.

    Returns
    -------
    Mapping
        ``code -> language -> Entry``. A code is written once, in the file of its area.

    Raises
    ------
    ValueError
        If two areas name the same code.
    """
    entries: dict[str, Mapping[str, Entry]] = {}
    for source in sorted(files(__package__).iterdir(), key=lambda path: path.name):
        if not source.name.endswith(".toml"):
            continue
        for code, wording in tomllib.loads(source.read_text(encoding="utf-8")).items():
            if code in entries:
                raise ValueError(f"fault {code} stands twice in the catalogue")
            entries[code] = {language: Entry(**wording[language]) for language in LANGUAGES}
    return entries
