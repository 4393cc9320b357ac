"""The typeface the install brings: coverage, name and licence."""

import unicodedata
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

import manyi_instruments.fonts
from manyi_instruments.faults.catalogue import wordings
from manyi_instruments.fonts import FAMILY, font_paths, missing_characters
from manyi_instruments.fonts.subset_noto_cjk import gb2312
from manyi_instruments.questionnaires import bundled_questionnaires

FORMS = Path(__file__).parents[2] / "instruments" / "manyi_instruments" / "forms"

#: Symbols forms, figures and exports use; the subset must have them whatever else it drops.
SYMBOLS = "□○☐✓→┋〖〗−×÷±²³≤≥≠≈αβγδεηχωΔΣΩρσ·…—–“”‘’°℃‰√∑①②⑩●■▲★《》「」【】（），。：；？！"


@pytest.mark.parametrize("name", sorted(bundled_questionnaires()))
def test_every_character_of_a_bundled_questionnaire_has_a_glyph(name: str) -> None:
    assert missing_characters(bundled_questionnaires()[name].read_text(encoding="utf-8")) == ""


def test_the_licence_can_be_printed_with_the_font() -> None:
    licence = Path(manyi_instruments.fonts.__file__).with_name("OFL.txt").read_text(encoding="utf-8")
    assert missing_characters(licence) == ""


def test_the_licence_keeps_copyright_and_reserved_name() -> None:
    licence = Path(manyi_instruments.fonts.__file__).with_name("OFL.txt").read_text(encoding="utf-8")
    assert "Copyright 2014-2021 Adobe" in licence
    assert "Reserved Font Name 'Source'" in licence
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence


def test_symbols_have_glyphs() -> None:
    assert missing_characters(SYMBOLS) == ""


def test_latin_1_has_glyphs() -> None:
    printable = "".join(map(chr, [*range(0x20, 0x7F), *range(0xA0, 0x100)]))
    assert missing_characters(printable) == ""


def test_gb2312_has_glyphs() -> None:
    codes = gb2312()
    # GB 2312-80: 6,763 ideographs and 682 other characters.
    assert sum(unicodedata.name(chr(code), "").startswith("CJK UNIFIED") for code in codes) == 6763
    assert len(codes) == 7445
    assert missing_characters("".join(map(chr, codes))) == ""


def test_general_standard_characters_beyond_gb2312_have_glyphs() -> None:
    # Names of people and places from the third level of 通用规范汉字表, none of them in GB 2312.
    rare = "喆堃犇垚赟玥翀昇晢鄠䴔㙍𫖯𬭎"
    assert not set(map(ord, rare)) & gb2312()
    assert missing_characters(rare) == ""


def test_fault_wordings_have_glyphs() -> None:
    said = "".join(
        entry.what + entry.why + entry.remedy for entries in wordings().values() for entry in entries.values()
    )
    assert missing_characters(said) == ""


def test_a_missing_character_is_named_once() -> None:
    assert missing_characters("a한b한") == "한"


@pytest.mark.parametrize(("path", "style"), list(zip(font_paths(), ("Regular", "Bold"), strict=True)))
def test_family_is_renamed(path: Path, style: str) -> None:
    with TTFont(path) as font:
        assert font["name"].getDebugName(1) == FAMILY
        assert font["name"].getDebugName(2) == style
        assert font["CFF "].cff.topDictIndex[0].FamilyName == FAMILY


@pytest.mark.parametrize("path", font_paths(), ids=lambda path: path.stem)
def test_no_name_of_the_original_presents_the_font(path: Path) -> None:
    with TTFont(path) as font:
        presented = [str(record) for record in font["name"].names if record.nameID in (1, 2, 3, 4, 6, 16, 17)]
    assert not [name for name in presented if "Noto" in name or "Source" in name]


@pytest.mark.parametrize("path", font_paths(), ids=lambda path: path.stem)
def test_a_font_file_stays_below_five_megabytes(path: Path) -> None:
    assert path.stat().st_size < 5_000_000


def test_matplotlib_draws_chinese_without_a_missing_glyph(tmp_path: Path) -> None:
    from matplotlib import font_manager
    from matplotlib.figure import Figure

    for path in font_paths():
        font_manager.fontManager.addfont(path)
    figure = Figure()
    # A glyph that is missing is a warning, and a warning is an error here.
    figure.text(0.1, 0.5, "满意度指数 χ² ≤ −0.5 □", family=FAMILY)
    figure.savefig(tmp_path / "drawn.png")
    assert (tmp_path / "drawn.png").stat().st_size > 1000


def test_every_word_of_the_forms_has_a_glyph() -> None:
    assert missing_characters((FORMS / "wording.toml").read_text(encoding="utf-8")) == ""
