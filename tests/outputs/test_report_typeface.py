"""The letters inside a page: those of its text, each as the typeface draws it."""

import io
from typing import Any

import pytest
from fontTools.pens.recordingPen import RecordingPen
from fontTools.ttLib import TTFont

from manyi_instruments.fonts import characters, font_paths
from manyi_outputs.report.typeface import letters
from manyi_outputs.wording import languages, wording

#: Every fourteenth of the ten thousand: from all the parts of the typeface, which share their outlines.
SOME = "".join(sorted(characters())[::14])


@pytest.fixture(scope="module")
def typeface() -> TTFont:
    return TTFont(font_paths()[0])


def drawn(font: TTFont, character: str) -> tuple[list[Any], float]:
    """Return the strokes of a character and the room it takes."""
    name = font.getBestCmap()[ord(character)]
    glyph, pen = font.getGlyphSet()[name], RecordingPen()
    glyph.draw(pen)
    return pen.value, glyph.width


def cut(text: str) -> TTFont:
    return TTFont(io.BytesIO(letters([text])))


def test_letters_are_drawn_as_in_the_typeface(typeface: TTFont) -> None:
    font = cut(SOME)
    assert [character for character in SOME if drawn(font, character) != drawn(typeface, character)] == []


@pytest.mark.parametrize("language", languages())
def test_words_are_drawn_as_in_the_typeface(typeface: TTFont, language: str) -> None:
    text = sorted(set("".join(wording(language).entries.values())) - {"\n"})
    font = cut("".join(text))
    assert [character for character in text if drawn(font, character) != drawn(typeface, character)] == []


def test_letters_that_are_not_asked_for_stay_out() -> None:
    assert set(cut("满意").getBestCmap()) == {ord("满"), ord("意")}


def test_a_letter_the_typeface_lacks_is_left_to_the_browser() -> None:
    assert set(cut("满ᠮ").getBestCmap()) == {ord("满")}
