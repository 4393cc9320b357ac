"""Marks and colours are told apart in grey, too: by lightness, shape, filling, stripes or dashes."""

from itertools import combinations

import pytest
from matplotlib.colors import to_rgb

from manyi_outputs.figures import caterpillar, effects, importance, specification, thresholds, waves
from manyi_outputs.figures.colours import BLUE, GREY, VERMILION
from manyi_outputs.figures.likert import colours
from manyi_outputs.figures.lorenz import LOOKS
from manyi_outputs.figures.sheet import FAINT, Mark


def luminance(color: str) -> float:
    """Return relative luminance (WCAG 2.2)."""
    channels = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color)]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), channels, strict=True))


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours (WCAG 2.2)."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


# The example of WCAG's definition: black on white.
def test_contrast_of_black_and_white() -> None:
    assert contrast("black", "white") == pytest.approx(21)


@pytest.mark.parametrize("answers", range(2, 8))
def test_neighbouring_answers_differ_in_lightness_or_stripes(answers: int) -> None:
    for (one, striped), (other, also) in zip(colours(answers), colours(answers)[1:], strict=False):
        assert striped != also or contrast(one, other) > 1.2


@pytest.mark.parametrize("answers", range(2, 12))
def test_every_answer_has_its_own_colour(answers: int) -> None:
    assert len({color for color, _ in colours(answers)}) == answers


@pytest.mark.parametrize(
    "marks",
    [
        tuple(effects.MARKS.values()),
        (caterpillar._RAW, caterpillar._WITHIN, caterpillar._BEYOND),
        (importance._SURE, importance._UNSURE),
        (specification._APART, specification._NOT),
        (thresholds._MET, thresholds._UNMET, thresholds._MET_FAR),
        waves._LOOKS,
    ],
    ids=["effects", "caterpillar", "importance", "specification", "thresholds", "waves"],
)
def test_marks_of_a_figure_differ_in_shape_or_filling(marks: tuple[Mark, ...]) -> None:
    for one, other in combinations(marks, 2):
        assert (one.shape, one.filled) != (other.shape, other.filled)


def test_lines_of_the_lorenz_curves_differ_in_dashes() -> None:
    assert len({dashes for _, dashes in LOOKS}) == len(LOOKS)


@pytest.mark.parametrize("color", [BLUE, VERMILION, GREY])
def test_marks_stand_out_from_the_paper(color: str) -> None:
    # WCAG 2.2, 1.4.11: graphical objects at least 3 : 1.
    assert contrast(color, "white") >= 3


def test_small_text_stands_out_from_the_paper() -> None:
    assert contrast(FAINT, "white") >= 7
