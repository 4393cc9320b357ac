"""Papers typeset as PDF with the typeface the install brings; no character is printed as an empty box."""

import json
from collections.abc import Mapping
from importlib.resources import files

from manyi_instruments.faults import DefinitionFaulty, Fault, ManyiError, Place
from manyi_instruments.fonts import FAMILY, font_paths, missing_characters
from manyi_instruments.forms.paper.layout import CJK
from manyi_instruments.forms.wording import language_name, right_to_left

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
    import typst

    told = json.dumps({**said, "languages": spoken(languages), "fonts": [FAMILY]}, ensure_ascii=False)
    missing = sorted(missing_characters(told.replace("\\n", "")))
    if missing:
        details = {
            "language": " + ".join(map(language_name, languages)),
            "count": len(missing),
            "characters": " ".join(f"{one} (U+{ord(one):04X})" for one in missing[:20]),
        }
        raise DefinitionFaulty(Fault("form-glyphs-missing", Place(file=of), details))
    room = files(__package__)
    source = room.joinpath(FRAME).read_bytes() + b"\n" + room.joinpath(template).read_bytes()
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(font_paths()[0].parent)]
    )
    try:
        pdf, warnings = typst.compile_with_warnings(
            source, font_paths=fonts, format="pdf", sys_inputs={"said": told}
        )
    except typst.TypstError as error:
        raise ManyiError(Fault("form-not-typeset", details={"message": error.message})) from error
    if warnings or not isinstance(pdf, bytes):
        message = "; ".join(warning.message for warning in warnings)
        raise ManyiError(Fault("form-not-typeset", details={"message": message}))
    return pdf
