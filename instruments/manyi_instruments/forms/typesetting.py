"""PDF by the typesetter, with named typefaces only; a character without a glyph is a fault."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from manyi_instruments.faults import DefinitionFaulty, Fault, ManyiError, Place
from manyi_instruments.fonts import font_paths, missing_characters
from manyi_instruments.forms.wording import language_name

if TYPE_CHECKING:
    import typst

#: Characters that direct the order of a text and have no glyph.
UNSEEN = frozenset(
    chr(code) for code in (0x200B, 0x200C, 0x200D, 0x200E, 0x200F, *range(0x2060, 0x206A), 0xFEFF)
)


def require_glyphs(
    said: str, languages: Sequence[str], of: str, covered: Collection[str] = frozenset()
) -> None:
    """Refuse a text with characters that would be printed as empty boxes.

    Parameters
    ----------
    said : str
        Everything that is printed.
    languages : sequence of str
        In which it is said.
    of : str
        What it is about, for faults.
    covered : collection of str
        Characters that other typefaces have than that of the install.

    Raises
    ------
    DefinitionFaulty
        ``form-glyphs-missing``.
    """
    missing = sorted(set(missing_characters(said)) - set(covered) - UNSEEN)
    if missing:
        details = {
            "language": " + ".join(map(language_name, languages)),
            "count": len(missing),
            "characters": " ".join(f"{one} (U+{ord(one):04X})" for one in missing[:20]),
        }
        raise DefinitionFaulty(Fault("form-glyphs-missing", Place(file=of), details))


def typefaces(*folders: str) -> "typst.Fonts":
    """Return the install's own typeface and those of the folders; never the machine's."""
    import typst

    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(font_paths()[0].parent), *folders],
    )


def pdf(source: bytes, fonts: "typst.Fonts", inputs: Mapping[str, str]) -> bytes:
    """Return a source typeset as PDF.

    Raises
    ------
    ManyiError
        ``form-not-typeset`` where the typesetter refuses or warns.
    """
    import typst

    try:
        made, warnings = typst.compile_with_warnings(
            source, font_paths=fonts, format="pdf", sys_inputs=dict(inputs)
        )
    except typst.TypstError as error:
        raise ManyiError(Fault("form-not-typeset", details={"message": error.message})) from error
    if warnings or not isinstance(made, bytes):
        message = "; ".join(warning.message for warning in warnings)
        raise ManyiError(Fault("form-not-typeset", details={"message": message}))
    return made
