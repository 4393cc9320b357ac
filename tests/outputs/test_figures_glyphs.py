"""Widths and outlines of letters against the font file and matplotlib; where lines break."""

import numpy as np
import pytest
from fontTools.ttLib import TTFont
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.textpath import TextPath
from matplotlib.transforms import IdentityTransform

from manyi_instruments.fonts import font_paths
from manyi_outputs.figures.glyphs import GETA, Line, fitted, glyph, width
from manyi_outputs.figures.lettering import Lettering, _flat, _outline, _path_data


@pytest.mark.parametrize("bold", [False, True])
def test_advances_are_those_of_the_font_file(bold: bool) -> None:
    with TTFont(font_paths()[bold], lazy=True) as font:
        names, metrics = font.getBestCmap(), font["hmtx"].metrics
        text = "满意度 Satisfaction 0.95 χ² ≥ （%）"
        expected = [metrics[names[ord(character)]][0] for character in text]
    assert [glyph(character, bold).advance for character in text] == pytest.approx(expected, abs=0.01)


def test_outlines_stand_where_matplotlib_sets_them() -> None:
    text = "满意度0.95"
    ours = _outline([Line(text, 0, 0, 100, "black")]).get_extents()
    theirs = TextPath((0, 0), text, 100, prop=FontProperties(fname=str(font_paths()[0]))).get_extents()
    # The sheet counts downwards.
    assert [ours.x0, -ours.y1, ours.x1, -ours.y0] == pytest.approx(
        [theirs.x0, theirs.y0, theirs.x1, theirs.y1], abs=0.6
    )


def area(vertices: np.ndarray, codes: np.ndarray) -> float:
    """Return the area of an outline whose curves matplotlib broke into fine pieces."""
    total = 0.0
    for polygon in Path(vertices, codes).to_polygons(closed_only=True):
        x, y = np.asarray(polygon).T
        total += float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) / 2
    return total


@pytest.mark.parametrize("character", "意&8α")
def test_straight_pieces_keep_the_area_of_a_letter(character: str) -> None:
    found = glyph(character)
    assert area(*_flat(character, False)) == pytest.approx(area(found.vertices, found.codes), rel=0.02)


def test_path_data_ends_every_outline_where_it_began() -> None:
    # The sign 口 is two rectangles: steps from corner to corner, closed each.
    assert _path_data("口", False).count("m") == _path_data("口", False).count("z") == 2


def test_a_character_no_typeface_has_is_as_wide_as_the_printers_sign() -> None:
    assert width("\U00030bab", 10) == width(GETA, 10)


def test_upward_text_takes_its_width_in_height() -> None:
    left, top, right, bottom = Line("满意", 50, 60, 10, "black", along="middle", upward=True).box
    assert (bottom - top, right - left) == pytest.approx((20, 10))


def test_lines_of_a_label_keep_to_the_room() -> None:
    label = fitted("您认为信息技术的使用，对孩子受教育有多重要？" * 20, 130, 7.5, lines=2)
    assert max(width(line, 7.5) for line in label.split("\n")) <= 130


def test_what_is_cut_is_seen_to_be_cut() -> None:
    assert fitted("满意" * 200, 100, 10, lines=2).endswith("…")


def test_latin_text_is_cut_with_dots_on_the_line() -> None:
    assert fitted("satisfaction with the schools of the county", 90, 10, lines=1).endswith("...")


def test_an_apostrophe_ends_no_line() -> None:
    assert "child's" in fitted("Classrooms and special rooms at my child's school meet needs", 150, 7).split()


def test_no_line_begins_with_closing_punctuation() -> None:
    for room in range(30, 160, 5):
        lines = fitted("教师、家长、学生，满意（总体）。认可、公平。", room, 10, lines=9).split("\n")
        assert not any(line[0] in "、，。）" for line in lines)


def test_a_word_longer_than_a_line_is_broken() -> None:
    lines = fitted("x" * 400, 60, 10, lines=3).split("\n")
    assert len(lines) == 3
    assert max(width(line, 10) for line in lines) <= 60


def test_text_in_an_svg_is_escaped() -> None:
    texts = Lettering([Line("<b>&", 0, 0, 8, "black")], IdentityTransform())
    assert "&lt;b&gt;&amp;" in texts.svg(outlines=False)
