"""The paper form: a PDF to print, typeset with the typeface the install brings."""

import json
import shutil
from collections.abc import Sequence
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.faults import Fault, FileUnreadable, ManyiError, Place
from manyi_instruments.fonts import FAMILY
from manyi_instruments.forms.languages import require_languages
from manyi_instruments.forms.paper.layout import paper_layout
from manyi_instruments.forms.typesetting import pdf, require_glyphs, typefaces


def paper_form(
    questionnaire: Questionnaire,
    language: str,
    *,
    second: str | None = None,
    extra_fonts: Sequence[Path] = (),
) -> bytes:
    """Return the paper form of a questionnaire in one language or two.

    A4; head with the QR code of the definition and boxes for school code and serial number, introduction, how
    to fill in, sections, numbered questions and who answers them, matrices whose headings come again on every
    page, and in the footer the questionnaire's id, version, definition hash and page. The same questionnaire
    gives the same bytes.

    Parameters
    ----------
    questionnaire : Questionnaire
        Any; the form shows no scale names and no keys.
    language : str
        One of its languages.
    second : str, optional
        Another one, that stands below or beside every wording.
    extra_fonts : sequence of Path
        TrueType or OpenType files for scripts that the install's own typeface lacks.

    Returns
    -------
    bytes
        A tagged PDF with all fonts embedded.

    Raises
    ------
    DefinitionFaulty
        If the questionnaire lacks the language, or a character has no glyph and would be an empty box.
    FileUnreadable
        If an extra font cannot be read.
    ManyiError
        If the typesetter refuses or warns.
    """
    languages = (language,) if second is None else (language, second)
    require_languages(questionnaire, languages)
    families, covered = _extra(extra_fonts)
    said = json.dumps(paper_layout(questionnaire, languages, (FAMILY, *families)), ensure_ascii=False)
    require_glyphs(said, languages, questionnaire.questionnaire, covered)
    return _typeset(said, extra_fonts)


def _extra(paths: Sequence[Path]) -> tuple[list[str], set[str]]:
    """Return the families of font files and the characters they have."""
    from fontTools.ttLib import TTFont, TTLibError

    families: list[str] = []
    covered: set[str] = set()
    for path in paths:
        try:
            with TTFont(BytesIO(path.read_bytes()), lazy=True) as font:
                families.append(font["name"].getBestFamilyName())
                covered |= {chr(code) for code in font.getBestCmap()}
        except (OSError, TTLibError) as error:
            raise FileUnreadable(
                Fault("form-font-unreadable", Place(file=str(path)), {"font": path.name})
            ) from error
    return families, covered


def _typeset(said: str, extra_fonts: Sequence[Path]) -> bytes:
    """Return the template filled in as PDF; the machine's own fonts are never used.

    Rows are set closer together where that saves a page: a county prints thousands.
    """
    import typst

    template = files(__package__).joinpath("paper.typ").read_bytes()
    with TemporaryDirectory() as folder:
        # The typesetter takes folders of fonts: only the files that were named stand in this one.
        for path in extra_fonts:
            shutil.copy(path, folder)
        fonts = typefaces(folder)

        def pages(compact: str) -> int:
            inputs = {"form": said, "compact": compact}
            return int(
                typst.query(
                    template,
                    "<pages>",
                    field="value",
                    one=True,
                    font_paths=fonts,
                    sys_inputs=inputs,
                )
            )

        try:
            compact = min(("no", "yes"), key=pages)
        except typst.TypstError as error:
            raise ManyiError(Fault("form-not-typeset", details={"message": error.message})) from error
        return pdf(template, fonts, {"form": said, "compact": compact})
