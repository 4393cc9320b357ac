"""Templates of this room filled in: one frame around each of them, and what it must know of languages."""

import json
from collections.abc import Mapping
from importlib.resources import files

from manyi_instruments.fonts import FAMILY
from manyi_instruments.forms.paper.layout import CJK
from manyi_instruments.forms.typesetting import pdf, require_glyphs, typefaces
from manyi_instruments.forms.wording import right_to_left

#: What every template begins with.
FRAME = "frame.typ"


def spoken(languages: tuple[str, ...]) -> list[dict[str, object]]:
    """Return what the typesetter needs to know of languages."""
    return [
        {
            "lang": language.partition("-")[0],
            "rtl": right_to_left(language),
            "cjk": language.partition("-")[0] in CJK,
        }
        for language in languages
    ]


def typeset(template: str, said: Mapping[str, object], languages: tuple[str, ...], of: str) -> bytes:
    """Return a template filled in as PDF.

    Parameters
    ----------
    template : str
        Name of a ``.typ`` file of this room.
    said : Mapping
        Values JSON can hold.
    languages : tuple of str
        In which it is said, the leading one first.
    of : str
        What it is about, for faults.

    Raises
    ------
    DefinitionFaulty
        ``form-glyphs-missing`` where a character has no glyph.
    ManyiError
        ``form-not-typeset`` where the typesetter refuses or warns.
    """
    told = json.dumps({**said, "languages": spoken(languages), "fonts": [FAMILY]}, ensure_ascii=False)
    require_glyphs(told.replace("\\n", ""), languages, of)
    room = files(__package__)
    source = room.joinpath(FRAME).read_bytes() + b"\n" + room.joinpath(template).read_bytes()
    return pdf(source, typefaces(), {"said": told})
