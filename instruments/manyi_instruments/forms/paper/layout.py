"""A form on paper as plain data for the template ``paper.typ``."""

from collections.abc import Sequence
from dataclasses import asdict

from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.forms.printed import (
    SCHOOL_BOXES,
    SERIAL_BOXES,
    PrintedBlock,
    PrintedPart,
    printed_form,
)
from manyi_instruments.forms.wording import right_to_left

#: Languages written without spaces between words: justified, a little larger, full-width quotation marks.
CJK = ("zh", "ja", "yue")

#: Width in mm the answers of a matrix may take of the 176 between the margins, and limits of a column.
MATRIX_WIDTH = 93.0
MATRIX_WIDTH_OF_TWO = 82.0
COLUMN = (7.2, 17.0)


def paper_layout(
    questionnaire: Questionnaire, languages: Sequence[str], fonts: Sequence[str]
) -> dict[str, object]:
    """Return everything a paper form shows.

    Parameters
    ----------
    questionnaire : Questionnaire
        Reverse keys, scales and expected answers are not shown.
    languages : sequence of str
        One or two of the questionnaire's languages.
    fonts : sequence of str
        Family names in order of preference.

    Returns
    -------
    dict
        Values JSON can hold; the template's names. A wording is a list, one text a language.
    """
    form = printed_form(questionnaire, languages)
    spoken = [_language(language) for language in form.languages]
    return {
        "questionnaire": questionnaire.questionnaire,
        "version": questionnaire.version,
        "languages": spoken,
        **spoken[0],
        "fonts": list(fonts),
        "size": 10.5 if spoken[0]["cjk"] else 10,
        "mark": form.mark,
        "qr": qr_svg(form.mark),
        "title": form.title,
        "introduction": form.introduction,
        "school_boxes": SCHOOL_BOXES,
        "serial_boxes": SERIAL_BOXES,
        "own": form.own,
        "how": form.how,
        "parts": [_part(part, len(spoken)) for part in form.parts],
        "footer": form.footer,
    }


def qr_svg(text: str) -> str:
    """Return a QR code as SVG, one unit a module, without a quiet zone."""
    import segno

    return str(segno.make_qr(text, error="m").svg_inline(border=0, omitsize=True))


def _language(language: str) -> dict[str, object]:
    base, _, script_or_region = language.partition("-")
    return {
        "lang": base,
        "region": script_or_region if len(script_or_region) == 2 else None,
        "rtl": right_to_left(language),
        "cjk": base in CJK,
    }


def _part(part: PrintedPart, languages: int) -> dict[str, object]:
    return {**asdict(part), "blocks": [_block(block, languages) for block in part.blocks]}


def _block(block: PrintedBlock, languages: int) -> dict[str, object]:
    if not block.matrix:
        return asdict(block)
    whole = MATRIX_WIDTH if languages == 1 else MATRIX_WIDTH_OF_TWO
    width = min(max(whole / (len(block.columns) + len(block.missing)), COLUMN[0]), COLUMN[1])
    longest = max(len(word) for answer in block.columns for said in answer.label for word in said.split())
    narrow = width < 14 or longest > 14
    return {**asdict(block), "width": width, "label_size": 7.5 if narrow else 8}
